"""Quantiles by gradient-boosted trees (LightGBM): the optional slow mode, and the one place that knows the library.

For every probability an ensemble of trees learns, over the whole catalogue, the quantile of demand in units of the
part's own size of demand from what was known at past origins (``forecasting.boost_rows``): one for single periods, one
for each lead time. Means, classes and parts that never had demand stay with the engine's forecast. Trees learn only
from windows that end before the origin.

G. Ke et al., LightGBM: a highly efficient gradient boosting decision tree, NeurIPS 30 (2017).
"""

import importlib
import importlib.util
from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from forecasting.arrays import Array, Integers
from forecasting.boost_rows import BoostRows, Window, learning_rows, rows_at
from forecasting.demand import DemandPanel
from forecasting.distribution import lot_unit
from forecasting.engine import ForecastResult, Progress, Settings, forecast, known_before, lead_times, share_of
from forecasting.errors import ForecastError
from forecasting.pooled.model import sample

INSTALLED = importlib.util.find_spec("lightgbm") is not None
METHOD = "boosted"
MOST_PARTS = 3_000
"""Parts to learn from, chosen as the pooled model chooses them."""
LEAST_ROWS = 400
"""With fewer rows to learn from the engine's forecast stands."""
MOST_STEP = 5
"""Periods further ahead are forecast like this one."""
TREES = 150
HOW = {
    "objective": "quantile",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.35,
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "lambda_l2": 1.0,
    "max_bin": 63,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}
"""Settings of the trees: few leaves and many rows in each, for most of demand is noise."""


class BoostError(ForecastError):
    """The boosted mode cannot be used."""


@dataclass(frozen=True, eq=False)
class Boosters:
    """Trained trees.

    :param probabilities: of the quantiles.
    :param single: by probability, for single periods; empty where there was too little to learn from.
    :param summed: the same by lead time.
    """

    probabilities: tuple[float, ...]
    season: int
    single: dict[float, Any]
    summed: dict[int, dict[float, Any]]


def boosted(panel: DemandPanel, settings: Settings, progress: Progress | None = None) -> ForecastResult:
    """Forecast every part of the panel as ``engine.forecast`` does, with boosted quantiles.

    :raises BoostError: when LightGBM is not installed.
    """
    tell = progress or (lambda done, total, label: None)
    known, leads = known_before(panel, settings), lead_times(settings, len(panel))
    boosters = learn_boosters(known, leads, settings, share_of(tell, 0.0, 0.7))
    return refine(boosters, known, forecast(panel, settings, share_of(tell, 0.7, 1.0)))


def learn_boosters(known: DemandPanel, leads: Integers, settings: Settings, tell: Progress) -> Boosters:
    """Train the trees on a whole catalogue.

    :param known: from ``engine.known_before``: nothing of the origin or later.
    :param leads: lead time of every part, shape (parts,).
    :raises BoostError: when LightGBM is not installed.
    """
    if not INSTALLED:
        raise BoostError("boosting needs LightGBM, which is not installed: install aftersales[boost]")
    chosen = sample(known.demand.T, known.part_ids, MOST_PARTS, settings.seed)
    demand, season = np.ascontiguousarray(known.demand[chosen].T), known.periods.season
    groups = [int(lead) for lead in np.unique(leads)]
    steps = range(min(settings.horizon, MOST_STEP + 1))
    wanted = [[Window(step, 1) for step in steps], *([Window(0, lead)] for lead in groups)]
    trained = []
    for done, windows in enumerate(wanted):
        share = share_of(tell, done / len(wanted), (done + 1) / len(wanted))
        trained.append(_train(learning_rows(demand, windows, season, settings.seed), settings, share))
    return Boosters(settings.quantiles, season, trained[0], dict(zip(groups, trained[1:], strict=True)))


def _train(rows: BoostRows | None, settings: Settings, tell: Progress) -> dict[float, Any]:
    """Trees for every probability."""
    if rows is None or len(rows.target) < LEAST_ROWS:
        return {}
    library = importlib.import_module("lightgbm")
    data = library.Dataset(rows.features, rows.target, weight=rows.weight, params=HOW, free_raw_data=False)
    found = {}
    for done, probability in enumerate(settings.quantiles):
        tell(done, len(settings.quantiles), f"boosting {probability:g}")
        found[probability] = library.train({**HOW, "alpha": probability, "seed": settings.seed % 2**31}, data, TREES)
    return found


def refine(boosters: Boosters, known: DemandPanel, result: ForecastResult) -> ForecastResult:
    """Put boosted quantiles into the forecast of some parts.

    :param known: those parts before the origin; ``result`` the engine's forecast of them.
    """
    some = np.flatnonzero(known.volume > 0)
    if not len(some) or not (boosters.single or any(boosters.summed.values())):
        return result
    demand = np.ascontiguousarray(known.demand[some].T)
    lots = lot_unit(known.demand[some])
    quantiles, summed = result.quantiles.copy(), result.lead_quantiles.copy()
    for step in range(quantiles.shape[1]):
        if not boosters.single:
            break
        if step <= MOST_STEP:
            said = _said(boosters.single, demand, Window(step, 1), boosters.season, lots)
        quantiles[some, step] = said
    for lead, trees in boosters.summed.items():
        rows = np.flatnonzero(result.lead_time[some] == lead)
        if trees and len(rows):
            window = Window(0, lead)
            summed[some[rows]] = _said(trees, demand[:, rows], window, boosters.season, lots[rows])
    method = result.method.copy()
    method[some] = METHOD
    return replace(result, quantiles=quantiles, lead_quantiles=summed, method=method)


def refined(boosters: Boosters, known: DemandPanel, results: Iterable[ForecastResult]) -> Generator[ForecastResult]:
    """``refine`` piece after piece, as ``pieces.in_pieces`` gives them."""
    start = 0
    for result in results:
        rows = np.arange(start, start + len(result.part_ids), dtype=np.int64)
        start += len(rows)
        yield refine(boosters, known.select(rows), result)


def _said(trees: dict[float, Any], demand: Array, window: Window, season: int, lots: Array) -> Array:
    """Quantiles of one window, pieces, ascending and in whole lots, shape (parts, probabilities)."""
    rows = rows_at(demand, window, season)
    scale = rows.unit * window.length
    columns = [np.maximum(booster.predict(rows.features, num_threads=1), 0.0) * scale for booster in trees.values()]
    unit = np.where(lots > 0, lots, 1.0)[:, None]
    values = np.stack(columns, axis=1)
    return np.maximum.accumulate(np.where(lots[:, None] > 0, np.rint(values / unit) * unit, values), axis=1)
