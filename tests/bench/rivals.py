"""Rival forecasts of whole catalogues: the plain methods of planners, and statsforecast behind one adapter.

statsforecast runs at its own defaults, one process; AutoETS and AutoTheta take 35 s and 5 s an origin on 2,674 parts,
more than all others together, and were never the best on these data: they are left out.
"""

import importlib.util
import warnings
from collections.abc import Callable, Sequence
from time import process_time
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from forecasting.arrays import Array
from forecasting.distribution import Demand
from forecasting.methods.base import FlatMethod
from forecasting.methods.croston import Sba
from forecasting.methods.mean import Mean, RecentMean
from forecasting.methods.smoothing import Ses

INSTALLED = importlib.util.find_spec("statsforecast") is not None
NOT_INSTALLED = "skipped: statsforecast is not installed"
WINDOWS = 2
"""Windows of its conformal intervals."""


def models(horizon: int | None = None) -> dict[str, Any]:
    """The models of statsforecast by name, with conformal intervals for a horizon where one is given."""
    from statsforecast import models as peer
    from statsforecast.utils import ConformalIntervals

    more = {} if horizon is None else {"prediction_intervals": ConformalIntervals(n_windows=WINDOWS, h=horizon)}
    makers: dict[str, Callable[[], Any]] = {
        "Croston": lambda: peer.CrostonClassic(**more),
        "SBA": lambda: peer.CrostonSBA(**more),
        "TSB": lambda: peer.TSB(0.1, 0.1, **more),
        "ADIDA": lambda: peer.ADIDA(**more),
        "IMAPA": lambda: peer.IMAPA(**more),
        "SES .1": lambda: peer.SimpleExponentialSmoothing(0.1, **more),
        "SES optimised": lambda: peer.SimpleExponentialSmoothingOptimized(**more),
        "mean": lambda: peer.HistoricAverage(**more),
        "mean of 12": lambda: peer.WindowAverage(12, **more),
        "naive": lambda: peer.Naive(**more),
    }
    return {name: make() for name, make in makers.items()}


def rates(demand: Array, only: Sequence[str] | None = None) -> dict[str, Array]:
    """Forecast rate per period of every model of statsforecast, shape (parts,) each.

    :param demand: shape (parts, periods), nothing missing.
    :param only: names of the models asked for; default all.
    """
    series = demand.astype(np.float32)
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, model in models().items():
            if only is not None and name not in only:
                continue
            values = [float(model.forecast(y=row, h=1)["mean"][0]) for row in series]
            found[name] = np.maximum(np.array(values, dtype=np.float64), 0.0)
    return found


def intervals(demand: Array, horizon: int, probabilities: Sequence[float]) -> dict[str, Array]:
    """Conformal quantiles of statsforecast by period, shape (parts, horizon, probabilities); .5 is its mean."""
    series = demand.astype(np.float32)
    levels = sorted({_level(probability) for probability in probabilities if probability != 0.5})
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, model in models(horizon).items():
            if name in ("mean", "naive"):
                continue  # bring intervals of their own
            said = [model.forecast(y=row, h=horizon, level=levels) for row in series]
            found[name] = np.maximum(
                np.stack([[_bound(one, probability) for probability in probabilities] for one in said]), 0.0
            ).transpose(0, 2, 1)
    return found


def _bound(said: dict[str, Array], probability: float) -> Array:
    side = "hi" if probability > 0.5 else "lo"
    return said["mean"] if probability == 0.5 else said[f"{side}-{_level(probability)}"]


def _level(probability: float) -> int:
    """Per cent of the interval whose bound has this probability."""
    return round(200 * abs(probability - 0.5))


def normal(mean: Array, variance: Array, probabilities: Sequence[float]) -> Array:
    """Quantiles of a normal distribution, cut off at nothing."""
    spread = np.sqrt(variance)[:, None] * stats.norm.ppf(probabilities)
    return np.asarray(np.maximum(mean[:, None] + spread, 0.0))


def counted(mean: Array, variance: Array, probabilities: Sequence[float], lot: Array | None = None) -> Array:
    """Quantiles of the negative binomial by moments; the Poisson where the variance does not exceed the mean."""
    return Demand(mean, variance, np.ones(len(mean)) if lot is None else lot).quantiles(probabilities)


def plain(demand: Array, lead: int, season: int, probabilities: Sequence[float]) -> dict[str, tuple[Array, Array]]:
    """Mean and quantiles of lead-time demand of the rivals any catalogue has, and of forecasting nothing.

    SBA, SES, mean of a year and mean of all, each with a normal and with a negative binomial whose variance is L times
    that of all known periods (or, the last two rows, of the last year).

    :param demand: shape (parts, periods), NaN = missing.
    """
    turned = np.ascontiguousarray(demand.T)
    whole = (np.nan_to_num(demand) == np.rint(np.nan_to_num(demand))).all(axis=1).astype(np.float64)
    overall, recent = (lead * _variance(part) for part in (demand, demand[:, -season:]))
    methods: dict[str, FlatMethod] = {
        "SBA": Sba(),
        "SES": Ses(),
        "mean of year": RecentMean(window=season),
        "mean": Mean(),
    }
    said = {"all zero": (np.zeros(len(demand)), np.zeros((len(demand), len(probabilities))))}
    for name, method in methods.items():
        mean = lead * method.rates(turned, [len(turned)])[0]
        said[f"{name} + Normal"] = (mean, normal(mean, overall, probabilities))
        said[f"{name} + negative binomial"] = (mean, counted(mean, overall, probabilities, whole))
        if name in ("SES", "mean of year"):
            said[f"{name} + n.b. of the year"] = (mean, counted(mean, recent, probabilities, whole))
    return said


def _variance(demand: Array) -> Array:
    known = ~np.isnan(demand)
    count = np.maximum(known.sum(axis=1), 1)
    mean = np.where(known, demand, 0.0).sum(axis=1) / count
    return np.asarray(np.square(np.where(known, demand - mean[:, None], 0.0)).sum(axis=1) / count)


def seconds(demand: Array, horizon: int, levels: Sequence[int] | None) -> float:
    """Processor seconds statsforecast's SBA takes for a catalogue, as a table in and a table out, in one process.

    :param levels: of conformal intervals; none for the point forecast alone.
    """
    from statsforecast import StatsForecast
    from statsforecast.models import CrostonSBA
    from statsforecast.utils import ConformalIntervals

    parts, periods = demand.shape
    table = pd.DataFrame(
        {
            "unique_id": np.repeat(np.array([f"P{number:07d}" for number in range(parts)]), periods),
            "ds": np.tile(pd.date_range("2015-01-01", periods=periods, freq="MS"), parts),
            "y": demand.ravel(),
        }
    )
    how = None if levels is None else ConformalIntervals(n_windows=WINDOWS, h=horizon)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = StatsForecast([CrostonSBA(prediction_intervals=how)], freq="MS", n_jobs=1)
        more = {} if levels is None else {"level": list(levels)}
        peer.forecast(df=table[: 50 * periods], h=horizon, **more)  # compiled on first use
        started = process_time()
        peer.forecast(df=table, h=horizon, **more)
    return process_time() - started
