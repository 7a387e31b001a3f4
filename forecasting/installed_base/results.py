"""What a forecast from the installed base is asked for, and what it says."""

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Integers, Words
from forecasting.distribution import check_probabilities
from forecasting.errors import SettingsError
from forecasting.periods import PeriodIndex

LONGEST = 240


@dataclass(frozen=True, eq=False)
class CausalSettings:
    """What to forecast.

    :param origin: label of the first forecast period, such as ``2025-01``; nothing dated in it or later is used save
        plans (planned replacements, sales plan, known retirements).
    :param horizon: periods.
    :param quantiles: probabilities, ascending between 0 and 1.
    :param seed: kept for methods that draw; the same seed and fleet give the same forecast.
    :param explain: keep what every machine and position contributes; off, a very large fleet needs less memory.
    :param least_population: machines carrying a part that it takes to trust its lives beyond all doubt.
    :param least_exposure: operating hours observed that it takes.
    :raises SettingsError: for anything outside these bounds.
    """

    origin: str
    horizon: int = 12
    quantiles: tuple[float, ...] = (0.5, 0.9, 0.95, 0.99)
    seed: int = 0
    explain: bool = True
    least_population: int = 30
    least_exposure: float = 1000.0

    def __post_init__(self) -> None:
        if not 1 <= self.horizon <= LONGEST:
            raise SettingsError(f"the horizon is {self.horizon} periods; it must be 1 to {LONGEST}")
        object.__setattr__(self, "quantiles", check_probabilities(self.quantiles))


@dataclass(frozen=True, eq=False)
class Lives:
    """How long the components of each part live in each group, one row per part and group observed.

    :param part: row of the part.
    :param group: the group of machines.
    :param shape: Weibull β, shrunk to the part and the catalogue; above 1 the part wears out.
    :param scale: Weibull η in hours: 63 % fail before it.
    :param failures: failures observed before the origin.
    :param exposure: component hours observed.
    """

    part: Integers
    group: Words
    shape: Array
    scale: Array
    failures: Array
    exposure: Array


@dataclass(frozen=True, eq=False)
class Explanation:
    """What the mean consists of, by part and machine; for every part and period the rows add up to the mean.

    :param part: row of the part, ascending.
    :param machine: row of the machine; −1 for machines still to be sold and for what belongs to no machine.
    :param label: the machine's id, ``new:MODEL`` for machines still to be sold, empty for what belongs to no machine.
    :param age: hours of the oldest such component in the machine at the origin; NaN where there is none.
    :param use: expected hours per day of the machine; NaN where there is none.
    :param expected: pieces, shape (rows, periods).
    """

    part: Integers
    machine: Integers
    label: Words
    age: Array
    use: Array
    expected: Array

    def of(self, part: int) -> "Explanation":
        """The rows of one part."""
        rows = slice(int(np.searchsorted(self.part, part)), int(np.searchsorted(self.part, part, side="right")))
        return Explanation(
            self.part[rows], self.machine[rows], self.label[rows], self.age[rows], self.use[rows], self.expected[rows]
        )


@dataclass(frozen=True, eq=False)
class BackTest:
    """What each method would have said of the last periods, with nothing of them known but the plans.

    :param periods: how many periods were held out; 0 = too little history to try.
    :param actual: pieces demanded in them, shape (parts,).
    :param forecast: pieces by method, shape (parts, methods).
    :param methods: names of the methods, shape (methods,).
    """

    periods: int
    actual: Array
    forecast: Array
    methods: tuple[str, ...]

    def error(self) -> Array:
        """Weighted absolute error of the whole catalogue by method: Σ|forecast − actual| / Σ actual."""
        total = float(self.actual.sum())
        missed = np.abs(self.forecast - self.actual[:, None]).sum(axis=0)
        return np.asarray(missed / total if total else np.full(missed.shape, np.nan))


@dataclass(frozen=True, eq=False)
class CausalForecast:
    """The forecast, part by part in the order of ``Fleet.parts``.

    For every part and period: planned + failures + new_machines − retirements + correction = mean.

    :param part_ids: shape (parts,).
    :param periods: the forecast periods.
    :param mean: expected pieces, shape (parts, periods).
    :param variance: pieces squared, of each period by itself.
    :param level_deviation: relative standard deviation of the whole level, shape (parts,), contained in ``variance``;
        over several periods the demand has the variance Σ(variance − (d·mean)²) + (d·Σ mean)².
    :param probabilities: the probabilities of the quantiles.
    :param quantiles: shape (parts, periods, probabilities).
    :param planned: preventive replacements, by plan or by habit.
    :param failures: failures of the machines in the field, as if none retired.
    :param new_machines: demand of machines still to be sold.
    :param retirements: what is not needed because machines retire, at least zero.
    :param correction: what the comparison with the demand of the past adds or takes away.
    :param method: ``causal``, ``rate x base`` or ``series``, shape (parts,).
    :param lives: the life of components by part and group.
    :param explain: by machine; empty when the settings said so.
    :param backtest: the comparison that chose the methods.
    :param population: active machines carrying each part at the origin, shape (parts,).
    :param history: pieces demanded by period before the origin as counted, shape (parts, past periods).
    :param history_from: running number of the first column of ``history``.
    :param notes: what was left out or assumed, in words.
    :param seconds: time taken.
    """

    part_ids: Words
    periods: PeriodIndex
    mean: Array
    variance: Array
    level_deviation: Array
    probabilities: tuple[float, ...]
    quantiles: Array
    planned: Array
    failures: Array
    new_machines: Array
    retirements: Array
    correction: Array
    method: Words
    lives: Lives
    explain: Explanation
    backtest: BackTest
    population: Integers
    history: Array
    history_from: int
    notes: tuple[str, ...]
    seconds: float
