"""Rivals from statsforecast, when it is installed: the one place that knows it.

Its point forecasts at its own defaults, part by part, with the same distributions round them as the simple rivals.
Blank periods are left out of a series, for it knows no missing demand.
"""

import importlib.util
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np

from forecasting.around import SHAPES, around, known_variance
from forecasting.arrays import Array
from forecasting.demand import DemandPanel
from forecasting.distribution import lots_at
from forecasting.engine import Progress
from forecasting.tally import Tally

INSTALLED = importlib.util.find_spec("statsforecast") is not None
NOT_INSTALLED = "statsforecast is not installed"
TRIED = 25
"""Series timed before a model is begun."""
LOOK = 500
"""Series between two looks at the clock."""
REFUSALS = (ArithmeticError, AssertionError, LookupError, RuntimeError, TypeError, ValueError)
"""What its models have been seen to refuse short or constant series with, or may."""


class OutOfTime(Exception):
    """A model took longer than it was given."""


@dataclass
class Peers:
    """The models of statsforecast on one catalogue.

    :param lead: periods over which demand is summed.
    :param probabilities: of the quantiles.
    :param seconds: time for all models together; a model that does not fit is left out.
    :param left_out: filled by ``run``: name of the model and the reason.
    """

    lead: int
    probabilities: tuple[float, ...]
    seconds: float
    left_out: dict[str, str] = field(default_factory=dict)

    def run(self, panel: DemandPanel, origins: Sequence[int], tell: Progress) -> dict[str, Tally]:
        """A tally per model and distribution, over all parts and origins."""
        if self.seconds <= 0 or not INSTALLED:
            self.left_out["statsforecast"] = NOT_INSTALLED if not INSTALLED else "no time was given to it"
            return {}
        end = time.monotonic() + self.seconds
        tallies: dict[str, Tally] = {}
        try:
            models = _models(panel.periods.season)
        except ImportError as error:
            self.left_out["statsforecast"] = f"it is installed but cannot be used: {error}"
            return {}
        for done, (name, make) in enumerate(models.items()):
            tell(done, len(models), f"statsforecast {name}")
            try:
                tallies |= self._model(name, make(), panel, origins, end)
            except OutOfTime:
                self.left_out[f"statsforecast {name}"] = f"would not be done within {self.seconds:g} seconds for all"
        return tallies

    def _model(self, name: str, model: Any, panel: DemandPanel, origins: Sequence[int], end: float) -> dict[str, Tally]:
        """Both distributions round one model.

        :param end: when to be done, of ``time.monotonic``.
        :raises OutOfTime: when it will not be.
        """
        _in_time(model, panel.demand, self.lead, len(origins), end)
        lots = lots_at(np.ascontiguousarray(panel.demand.T), origins)
        tallies = {shape: Tally(self.probabilities) for shape in SHAPES}
        for row, origin in enumerate(origins):
            known = panel.demand[:, :origin]
            mean = _forecasts(model, known, self.lead, end)
            variance = self.lead * known_variance(known)
            actual = panel.demand[:, origin : origin + self.lead]
            for shape, quantiles in around(mean.sum(axis=1), variance, lots[row], self.probabilities).items():
                tallies[shape].add(actual, mean, quantiles)
        return {f"statsforecast {name} + {shape}": tally for shape, tally in tallies.items()}


def _models(season: int) -> dict[str, Callable[[], Any]]:
    """What to make each model with, the quick ones first."""
    from statsforecast import models  # noqa: PLC0415

    return {
        "CrostonClassic": models.CrostonClassic,
        "CrostonSBA": models.CrostonSBA,
        "TSB": lambda: models.TSB(0.1, 0.1),
        "ADIDA": models.ADIDA,
        "IMAPA": models.IMAPA,
        "SES": lambda: models.SimpleExponentialSmoothing(0.1),
        "SESOptimized": models.SimpleExponentialSmoothingOptimized,
        "CrostonOptimized": models.CrostonOptimized,
        "AutoTheta": lambda: models.AutoTheta(season_length=season),
        "AutoETS": lambda: models.AutoETS(season_length=season),
    }


def _in_time(model: Any, demand: Array, lead: int, origins: int, end: float) -> None:
    """Refuse a model whose first series foretell that it will not be done.

    :raises OutOfTime: then.
    """
    spread = np.unique(np.linspace(0, len(demand) - 1, TRIED).astype(np.int64))
    _forecasts(model, demand[spread[:1]], lead, end)  # compiled on first use
    started = time.monotonic()
    _forecasts(model, demand[spread], lead, end)
    expected = (time.monotonic() - started) / len(spread) * len(demand) * origins
    if time.monotonic() + expected > end:
        raise OutOfTime


def _forecasts(model: Any, demand: Array, lead: int, end: float) -> Array:
    """Point forecasts by period, shape (parts, lead).

    :raises OutOfTime: when the end has come.
    """
    result = np.zeros((len(demand), lead))
    series: Iterator[tuple[int, Array]] = ((row, known[~np.isnan(known)]) for row, known in enumerate(demand))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        while batch := list(islice(series, LOOK)):
            if time.monotonic() > end:
                raise OutOfTime
            for row, known in batch:
                result[row] = _one(model, known, lead)
    return np.maximum(result, 0.0)


def _one(model: Any, known: Array, lead: int) -> Array:
    """The forecast of one series; its mean where the model says nothing, as of series it finds too short."""
    if not known.any():
        return np.zeros(lead)
    try:
        said = np.asarray(model.forecast(y=known.astype(np.float32), h=lead)["mean"], dtype=np.float64)
    except REFUSALS:
        said = np.full(lead, np.nan)
    return said if np.isfinite(said).all() else np.full(lead, known.mean())
