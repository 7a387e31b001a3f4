"""How many units an exchange pool needs: a customer gets one at once, the worn one comes back repaired."""

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array
from forecasting.errors import SettingsError
from forecasting.stock.demands import MOST, check, lead_time_demand
from forecasting.stock.levels import tables


@dataclass(frozen=True, eq=False)
class Pool:
    """The pool of each part, shape (parts,).

    :param size: units that circulate, on the shelf or in repair.
    :param fill_rate: share of exchanges served at once. ``waiting``: customers waiting at any moment.
    :param on_shelf: units on the shelf on average. ``replaced``: units to buy per period for those not repairable.
    """

    size: Array
    fill_rate: Array
    waiting: Array
    on_shelf: Array
    replaced: Array


def size_pool(
    *,
    rate: Array,
    variance: Array,
    turnaround: Array,
    target: "float | Array",
    turnaround_deviation: "Array | float" = 0.0,
    lost: "Array | float" = 0.0,
    purchase_time: "Array | float" = 0.0,
) -> Pool:
    """The least pool that serves the wanted share of exchanges at once.

    The pool is a base stock whose lead time is the turnaround of a worn unit; a unit lost (scrapped, not sent in) is
    replaced by a new one after the purchase time. C. C. Sherbrooke, Optimal Inventory Modeling of Systems, chapter 2.

    :param rate: exchanges per period, shape (parts,); ``variance``: of a period.
    :param turnaround: periods from handing out a unit to having the worn one repaired on the shelf.
    :param target: share of exchanges, 0 < target ≤ .9999, one or one per part.
    :param turnaround_deviation: standard deviation of the turnaround, periods.
    :param lost: share of worn units that are not repaired, 0 … 1.
    :param purchase_time: periods until a bought unit is there.
    :raises SettingsError: for numbers outside these bounds.
    """
    wanted = np.broadcast_to(np.asarray(target, dtype=np.float64), rate.shape)
    share = np.broadcast_to(np.asarray(lost, dtype=np.float64), rate.shape)
    check("the share lost", share)
    check("purchase time", np.asarray(purchase_time, dtype=np.float64))
    if not ((wanted > 0) & (wanted <= MOST)).all():
        raise SettingsError(f"a share of exchanges served at once lies above 0 and is at most {MOST}")
    if (share > 1).any():
        raise SettingsError("the share lost is at most 1")
    lead = (1 - share) * turnaround + share * purchase_time
    between = share * (1 - share) * np.square(turnaround - purchase_time)
    deviation = np.sqrt((1 - share) * np.square(turnaround_deviation) + between)
    mean, spread = lead_time_demand(rate, variance, lead, lead_time_deviation=deviation)
    size, fill, waiting = np.zeros(len(rate)), np.ones(len(rate)), np.zeros(len(rate))
    for levels in tables(mean, spread, np.ones(len(rate))):
        rows = levels.rows
        at = (levels.fill_rate < wanted[rows, None]).sum(axis=1)
        at = np.minimum(at, levels.stock.shape[1] - 1)
        place = np.arange(len(rows)), at
        size[rows], fill[rows], waiting[rows] = levels.stock[place], levels.fill_rate[place], levels.backorders[place]
    return Pool(size, fill, waiting, size - mean + waiting, rate * share)
