"""Stock ahead with its band, and what a planner should look at: shortage, overstock, late orders and more."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from forecasting.arrays import Array, Flags, Integers
from forecasting.distribution import check_probabilities
from forecasting.errors import SettingsError
from forecasting.stock import counted
from forecasting.stock.demands import check


class Alert(StrEnum):
    """What is amiss with a part; the numbers stand beside it."""

    RUNS_OUT = "runs_out"
    OVERSTOCK = "overstock"
    NO_MOVEMENT = "no_movement"
    LATE_ORDER = "late_order"
    CHEAPER_SUBSTITUTE = "cheaper_substitute"


@dataclass(frozen=True, eq=False)
class Projection:
    """Stock at the end of each period, below zero = owed; shape (parts, periods) unless said otherwise.

    :param expected: mean. ``band``: quantiles of stock, shape (parts, periods, probabilities), ascending.
    :param runs_out: probability that demand up to the end of the period exceeds all that has come.
    :param before_receipt: probability that stock runs out before the next receipt (or the end), shape (parts,).
    :param next_receipt: its period, or the number of periods where none comes, shape (parts,).
    """

    expected: Array
    band: Array
    runs_out: Array
    before_receipt: Array
    next_receipt: Integers


def project(
    *,
    on_hand: Array,
    receipts: Array,
    mean: Array,
    variance: Array,
    reserved: "Array | None" = None,
    probabilities: Sequence[float] = (0.1, 0.5, 0.9),
) -> Projection:
    """Project stock from forecast, reservations and orders.

    Demand from now to each period is negative binomial with the sum of means and variances (Poisson at least); a
    reservation is demand that is certain. Receipts count at the start of their period.

    :param on_hand: pieces, shape (parts,).
    :param receipts: of open and planned orders, shape (parts, periods).
    :param mean: of demand in each period beyond reservations, shape (parts, periods); ``variance`` alike.
    :param reserved: pieces set aside, by the period they are needed, shape (parts, periods).
    :param probabilities: of the band, ascending.
    :raises SettingsError: for negative or infinite numbers or unequal shapes.
    """
    wanted = check_probabilities(probabilities)
    certain = np.zeros(mean.shape) if reserved is None else reserved
    for name, values in (
        ("stock", on_hand),
        ("receipts", receipts),
        ("mean", mean),
        ("variance", variance),
        ("reserved", certain),
    ):
        check(name, values)
        if values.shape not in (mean.shape, mean.shape[:1]):
            raise SettingsError(f"{name} is of shape {values.shape}, not {mean.shape}")
    total, spread = np.cumsum(mean, axis=1), np.maximum(np.cumsum(variance, axis=1), np.cumsum(mean, axis=1))
    there = on_hand[:, None] + np.cumsum(receipts, axis=1) - np.cumsum(certain, axis=1)
    band = np.stack([there - counted.least(total, spread, 1 - share) for share in wanted], axis=2)
    out = _exceeds(total, spread, there)
    periods = mean.shape[1]
    come = receipts > 0
    following = np.where(come.any(axis=1), come.argmax(axis=1), periods)
    last = np.maximum(following - 1, 0)
    rows = np.arange(len(mean))
    without = on_hand - np.cumsum(certain, axis=1)[rows, last]
    before = np.where(following > 0, _exceeds(total[rows, last], spread[rows, last], without), 0.0)
    return Projection(there - total, band, out, before, following.astype(np.int64))


def _exceeds(mean: Array, variance: Array, level: Array) -> Array:
    """Probability that demand is above a level; certain where the level is below zero."""
    above = 1 - counted.at_most(mean, variance, np.floor(np.maximum(level, 0.0)))
    return np.asarray(np.where(level < 0, 1.0, above))


@dataclass(frozen=True, eq=False, kw_only=True)
class Watch:
    """What is looked at besides the projection; shape (parts,).

    :param idle: periods since the last movement. ``overdue``: pieces of orders whose date has passed.
    :param price: money per piece. ``substitute``: of the cheapest part that serves as well; NaN = none.
    """

    on_hand: Array
    idle: Array
    overdue: Array
    price: Array
    substitute: Array


@dataclass(frozen=True, eq=False)
class Alerts:
    """Which parts ask for attention; shape (parts,) each.

    :param raised: by alert, yes or no.
    :param risk: probability of a shortage before the next receipt.
    :param excess: pieces beyond what all periods need in 99 of 100 cases; ``bound``: money in them.
    :param saving: money per piece that the substitute spares, 0 without one.
    """

    raised: dict[Alert, Flags]
    risk: Array
    excess: Array
    bound: Array
    saving: Array


def alerts(
    projection: Projection,
    watch: Watch,
    *,
    mean: Array,
    variance: Array,
    risk: float = 0.1,
    idle: float = 12.0,
    cheaper: float = 0.05,
) -> Alerts:
    """Raise what a planner should look at.

    :param mean: of demand in each period, shape (parts, periods); ``variance`` alike.
    :param risk: probability of a shortage from which on it is told.
    :param idle: periods without any movement from which on a part with stock is told.
    :param cheaper: share of the price from which on a cheaper substitute is told.
    """
    total = mean.sum(axis=1)
    spread = np.maximum(variance.sum(axis=1), total)
    excess = np.maximum(watch.on_hand - counted.least(total, spread, 0.99), 0.0)
    saving = np.maximum(np.nan_to_num(watch.price - watch.substitute, nan=0.0), 0.0)
    raised: dict[Alert, Flags] = {
        Alert.RUNS_OUT: projection.before_receipt >= risk,
        Alert.OVERSTOCK: excess >= 1,
        Alert.NO_MOVEMENT: (watch.idle >= idle) & (watch.on_hand > 0),
        Alert.LATE_ORDER: watch.overdue > 0,
        Alert.CHEAPER_SUBSTITUTE: (saving > 0) & (saving >= cheaper * watch.price),
    }
    return Alerts(raised, projection.before_receipt, excess, excess * watch.price, saving)
