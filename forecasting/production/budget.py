"""What the plan costs by period and category, with the band it may fall into, and how it compares with what was spent.

The same arithmetic serves the revenue expected by segment: categories are names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special

from forecasting.arrays import Array, Flags, Integers
from forecasting.distribution import check_probabilities
from forecasting.errors import SettingsError
from forecasting.stock.demands import check


class Category(StrEnum):
    """What after-sales money is spent on."""

    PRODUCTION = "production"
    PURCHASE = "purchase"
    REFURBISHMENT = "refurbishment"
    LOGISTICS = "logistics"
    WARRANTY = "warranty"
    REPAIR = "repair"
    MODERNISATION = "modernisation"
    TRAINING = "training"


@dataclass(frozen=True, eq=False, kw_only=True)
class Lines:
    """Single amounts; all arrays have shape (lines,).

    :param category: place in ``categories``. ``period``: 0 … periods − 1.
    :param amount: money expected, ≥ 0. ``deviation``: its standard deviation.
    :raises SettingsError: for negative or infinite money, or a period or category that does not exist.
    """

    categories: Sequence[str]
    periods: int
    category: Integers
    period: Integers
    amount: Array
    deviation: Array

    def __post_init__(self) -> None:
        check("the amount", self.amount)
        check("the deviation", self.deviation)
        if not len(self.category) == len(self.period) == len(self.amount) == len(self.deviation):
            raise SettingsError("category, period, amount and deviation are of unequal length")
        for name, places, count in (
            ("category", self.category, len(self.categories)),
            ("period", self.period, self.periods),
        ):
            if len(places) and not (places.min() >= 0 and places.max() < count):
                raise SettingsError(f"a {name} lies outside the {count} there are")


@dataclass(frozen=True, eq=False)
class Budget:
    """Money by category (rows) and period (columns), the last row and column being totals.

    :param expected: shape (categories + 1, periods + 1). ``deviation`` alike.
    :param band: quantiles, shape (categories + 1, periods + 1, probabilities), ascending.
    """

    categories: Sequence[str]
    expected: Array
    deviation: Array
    band: Array


@dataclass(frozen=True, eq=False)
class Comparison:
    """Plan against actual, shape (categories + 1, periods + 1), totals last; NaN where nothing is known yet.

    :param difference: actual less expected. ``share``: of the expected, NaN where nothing was expected.
    :param inside: the actual lies within the outer quantiles of the band.
    """

    difference: Array
    share: Array
    inside: Flags


def roll_up(lines: Lines, *, correlation: float = 0.1, probabilities: Sequence[float] = (0.1, 0.5, 0.9)) -> Budget:
    """Add up all lines.

    Variance of a sum = (1 − ρ) Σσ² + ρ (Σσ)²: what moves all lines alike (the base grows faster, prices rise) does not
    average out. Sums are taken as gamma, which is never below zero.

    :param correlation: ρ between any two lines, 0 … 1; 0 = lines vary apart, 1 = all together.
    :param probabilities: of the band, ascending.
    :raises SettingsError: for a correlation or probabilities outside 0 … 1.
    """
    wanted = check_probabilities(probabilities)
    if not 0 <= correlation <= 1:
        raise SettingsError(f"a correlation of {correlation:g} does not lie between 0 and 1")
    expected = _table(lines, lines.amount)
    alone = _table(lines, np.square(lines.deviation))
    together = np.square(_table(lines, lines.deviation))
    variance = (1 - correlation) * alone + correlation * together
    return Budget(tuple(lines.categories), expected, np.sqrt(variance), _quantiles(expected, variance, wanted))


def _table(lines: Lines, values: Array) -> Array:
    """Sums by category and period with totals."""
    shape = (len(lines.categories), lines.periods)
    result = np.zeros((shape[0] + 1, shape[1] + 1))
    cells = np.bincount(lines.category * lines.periods + lines.period, weights=values, minlength=shape[0] * shape[1])
    result[:-1, :-1] = cells.reshape(shape)
    result[-1, :-1] = result[:-1, :-1].sum(axis=0)
    result[:, -1] = result[:, :-1].sum(axis=1)
    return result


def _quantiles(mean: Array, variance: Array, probabilities: Sequence[float]) -> Array:
    varies = (mean > 0) & (variance > np.square(mean) * 1e-12)
    shape = np.where(varies, np.square(mean) / np.where(varies, variance, 1.0), 1.0)
    found = [np.where(varies, special.gammaincinv(shape, share) * mean / shape, mean) for share in probabilities]
    return np.stack(found, axis=2)


def compare(budget: Budget, actual: Array) -> Comparison:
    """Set what was spent beside the budget.

    Totals compare only the periods that are known, with what was expected of those.

    :param actual: money, shape (categories, periods); NaN = not known yet.
    :raises SettingsError: for another shape.
    """
    cells = budget.expected[:-1, :-1]
    if actual.shape != cells.shape:
        raise SettingsError(f"actual money is of shape {actual.shape}, not {cells.shape}")
    known = np.where(np.isnan(actual), np.nan, cells)
    spent, planned = (_with_totals(values) for values in (actual, known))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(planned > 0, (spent - planned) / planned, np.nan)
    # a total of which a part is not known yet cannot lie within the band of the whole
    whole = np.isclose(planned, budget.expected)
    inside = (spent >= budget.band[:, :, 0] - 1e-9) & (spent <= budget.band[:, :, -1] + 1e-9)
    return Comparison(spent - planned, share, inside & whole)


def _with_totals(values: Array) -> Array:
    """Totals of what is known; NaN where nothing is."""
    result = np.full((values.shape[0] + 1, values.shape[1] + 1), np.nan)
    result[:-1, :-1] = values
    known = ~np.isnan(values)
    result[-1, :-1] = np.where(known.any(axis=0), np.nansum(values, axis=0), np.nan)
    result[:-1, -1] = np.where(known.any(axis=1), np.nansum(values, axis=1), np.nan)
    result[-1, -1] = np.nansum(values) if known.any() else np.nan
    return result
