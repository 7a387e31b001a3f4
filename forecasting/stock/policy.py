"""When to order and how much, from lead-time demand and what is in stock."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

from forecasting.arrays import Array, Words
from forecasting.distribution import check_probabilities
from forecasting.errors import SettingsError


class Reason(StrEnum):
    """Why an order is proposed or not; the numbers stand beside it in the proposal."""

    ENOUGH = "enough"
    NO_DEMAND = "no_demand"
    BELOW_REORDER_POINT = "below_reorder_point"
    RAISED_TO_MINIMUM = "raised_to_minimum"
    ROUNDED_TO_MULTIPLE = "rounded_to_multiple"
    SHORT_FOR_RESERVED = "short_for_reserved"


@dataclass(frozen=True, eq=False)
class Proposal:
    """What to order now, part by part, and the numbers it follows from, all in pieces.

    :param quantity: to order now.
    :param reorder_point: stock position at or below which an order is due.
    :param order_up_to: position the order aims at, before minimum and multiple.
    :param position: on hand + on order − reserved.
    :param needed: order-up-to less position, before minimum and multiple; 0 when no order is due.
    :param reason: a ``Reason`` each.
    """

    quantity: Array
    reorder_point: Array
    order_up_to: Array
    position: Array
    needed: Array
    reason: Words


def at_service(quantiles: Array, probabilities: Sequence[float], target: "float | Array") -> Array:
    """Lead-time demand covered with the wanted cycle service: interpolated between quantiles, rounded up.

    :param quantiles: shape (parts, probabilities).
    :param target: probability of no shortage in a lead time, one or one per part.
    :raises SettingsError: when a target lies outside the probabilities at hand.
    """
    known = check_probabilities(probabilities)
    wanted = np.broadcast_to(np.asarray(target, dtype=np.float64), (len(quantiles),))
    if len(wanted) and not (known[0] - 1e-12 <= wanted.min() and wanted.max() <= known[-1] + 1e-12):
        raise SettingsError(
            f"a service of {wanted.min():g} to {wanted.max():g} is asked for, "
            f"the forecast holds {known[0]:g} to {known[-1]:g}"
        )
    if len(known) == 1:
        return quantiles[:, 0].copy()
    upper = np.clip(np.searchsorted(np.array(known), wanted - 1e-12), 1, len(known) - 1)
    grid, rows = np.array(known), np.arange(len(quantiles))
    share = np.clip((wanted - grid[upper - 1]) / (grid[upper] - grid[upper - 1]), 0.0, 1.0)
    low, high = quantiles[rows, upper - 1], quantiles[rows, upper]
    between = low + share * (high - low)
    whole = (low == np.rint(low)) & (high == np.rint(high))
    return np.asarray(np.where(whole, np.ceil(between - 1e-9), between))


def propose(
    reorder_point: Array,
    *,
    on_hand: Array,
    on_order: "Array | float" = 0.0,
    reserved: "Array | float" = 0.0,
    order_up_to: "Array | None" = None,
    batch: "Array | float" = 0.0,
    minimum: "Array | float" = 0.0,
    multiple: "Array | float" = 1.0,
) -> Proposal:
    """Order what is missing to the order-up-to level when the stock position is at or below the reorder point.

    Without periodic review the level is the reorder point plus ``batch`` (such as the economic order quantity). With a
    review every R periods, pass the quantile of demand over L + R periods as ``order_up_to``. A part whose reorder
    point is zero is ordered only when reservations exceed what is there. All arrays have shape (parts,).

    :param reorder_point: lead-time demand at the wanted service (``at_service``).
    :param minimum: least quantity the supplier accepts.
    :param multiple: pack size; quantities are whole multiples of it.
    :raises SettingsError: for negative numbers or a multiple that is not above zero.
    """
    shape = reorder_point.shape
    held, coming, bound, lot, least, pack = (
        np.broadcast_to(np.asarray(value, dtype=np.float64), shape)
        for value in (on_hand, on_order, reserved, batch, minimum, multiple)
    )
    _check(reorder_point, coming, bound, lot, least, pack)
    level = np.maximum(reorder_point + lot if order_up_to is None else order_up_to, reorder_point)
    position = held + coming - bound
    short = position < 0
    due = short | ((position <= reorder_point) & (reorder_point > 0) & (level > position))
    needed = np.where(due, np.maximum(level - position, 0.0), 0.0)
    raised = np.where(needed > 0, np.maximum(needed, least), 0.0)
    quantity = np.ceil(raised / pack - 1e-9) * pack
    reason = np.select(
        [short, needed <= 0, raised > needed, quantity > raised + 1e-9],
        [
            Reason.SHORT_FOR_RESERVED,
            np.where(reorder_point > 0, Reason.ENOUGH, Reason.NO_DEMAND),
            Reason.RAISED_TO_MINIMUM,
            Reason.ROUNDED_TO_MULTIPLE,
        ],
        Reason.BELOW_REORDER_POINT,
    )
    return Proposal(quantity, reorder_point, level, position, needed, reason.astype(np.str_))


def _check(reorder_point: Array, coming: Array, bound: Array, lot: Array, least: Array, pack: Array) -> None:
    for name, values in (
        ("reorder point", reorder_point),
        ("on order", coming),
        ("reserved", bound),
        ("batch", lot),
        ("minimum", least),
    ):
        if not (np.isfinite(values).all() and (values >= 0).all()):
            raise SettingsError(f"{name} must be finite and not below zero")
    if not (np.isfinite(pack).all() and (pack > 0).all()):
        raise SettingsError("the multiple must be above zero")


def economic_order_quantity(fixed_cost: Array, holding_cost: Array, demand: Array) -> tuple[Array, Array]:
    """Q = √(2KD/h) and its cost √(2KDh) per unit of time (Harris 1913).

    :param fixed_cost: K, money per order.
    :param holding_cost: h, money per piece and unit of time, above zero.
    :param demand: D, pieces per unit of time.
    """
    if not (np.asarray(holding_cost) > 0).all():
        raise SettingsError("the holding cost must be above zero")
    return np.sqrt(2 * fixed_cost * demand / holding_cost), np.sqrt(2 * fixed_cost * demand * holding_cost)


def newsvendor(holding_cost: Array, stockout_cost: Array, mean: Array, deviation: Array) -> tuple[Array, Array]:
    """Stock for one period of normal demand and its expected cost.

    S = μ + z σ with Φ(z) = p/(p + h); cost (h + p) φ(z) σ.
    Arrow, Harris & Marschak 1951; L. V. Snyder, Z.-J. M. Shen, Fundamentals of Supply Chain Theory, section 4.3.

    :param holding_cost: h, money per piece left over.
    :param stockout_cost: p, money per piece short.
    """
    if not ((np.asarray(holding_cost) > 0).all() and (np.asarray(stockout_cost) > 0).all()):
        raise SettingsError("holding and stockout cost must be above zero")
    z = stats.norm.ppf(stockout_cost / (stockout_cost + holding_cost))
    return mean + z * deviation, (holding_cost + stockout_cost) * stats.norm.pdf(z) * deviation
