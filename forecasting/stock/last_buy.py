"""The last chance to buy a part: how many for all the years it will still be asked for, and the risk of each quantity.

What is asked for until the end is negative binomial with the sum of the means and of the variances of the periods, and
the error of the forecast on top, which is common to all periods. Cost of Q pieces beside the stock s at hand:
cQ + Σ_t h E[(s + Q − D_t)⁺] + p E[(D_T − s − Q)⁺] − v E[(s + Q − D_T)⁺], D_t = demand of periods 1 … t.
R. H. Teunter, L. Fortuin, End-of-life service, International Journal of Production Economics 59 (1999).
"""

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array
from forecasting.errors import SettingsError
from forecasting.stock import counted
from forecasting.stock.demands import check

POINTS = 400
"""Quantities on the risk curve, at most."""


@dataclass(frozen=True, eq=False, kw_only=True)
class LastBuy:
    """What every quantity risks and costs; arrays over quantities, ascending, shape (quantities,).

    :param quantity: pieces bought now.
    :param runs_out: probability that not all demand is met. ``short``: pieces expected to be missing.
    :param left: pieces expected to be left at the end.
    :param cost: expected money: purchase, holding, shortage, less what is left is worth.
    :param best: place of the cheapest quantity.
    :param runs_out_by: probability that the cheapest quantity is used up by the end of each period, shape (periods,).
    """

    quantity: Array
    runs_out: Array
    short: Array
    left: Array
    cost: Array
    best: int
    runs_out_by: Array

    def for_risk(self, risk: float) -> int:
        """Place of the least quantity that runs out in at most so many of 100 cases.

        :raises SettingsError: unless the risk lies between 0 and 1, or when no quantity on the curve keeps it.
        """
        if not 0 < risk < 1:
            raise SettingsError(f"a risk of {risk:g} does not lie between 0 and 1")
        if self.runs_out[-1] > risk:
            raise SettingsError(f"a risk of {risk:g} is below the {self.runs_out[-1]:.2g} of the largest quantity")
        return int(np.argmax(self.runs_out <= risk))


def last_buy(
    *,
    mean: Array,
    variance: Array,
    price: float,
    shortage_cost: float,
    on_hand: float = 0.0,
    holding_cost: float = 0.0,
    worth_at_end: float = 0.0,
    error: float = 0.0,
) -> LastBuy:
    """The risk curve of a last-time buy and its cheapest quantity.

    :param mean: pieces expected in each period until the end, shape (periods,); ``variance`` of each period.
    :param price: c, money per piece now.
    :param shortage_cost: p, money per piece that cannot be delivered (redesign, other source, machine scrapped).
    :param on_hand: s, pieces there now.
    :param holding_cost: h, money per piece and period.
    :param worth_at_end: v, money per piece left, below the price; negative where disposal costs.
    :param error: standard error of the whole forecast as a share of it, such as 0.2.
    :raises SettingsError: for numbers outside these bounds.
    """
    check("mean", mean)
    check("variance", variance)
    terms = (("price", price), ("stock on hand", on_hand), ("holding cost", holding_cost), ("error", error))
    for name, value in terms:
        check(name, np.array(value))
    if not shortage_cost > price:
        raise SettingsError("the cost of a piece short must be above the price, else nothing is worth buying")
    if not worth_at_end < price:
        raise SettingsError(
            "a piece left at the end must be worth less than the price, else any number is worth buying"
        )
    if not len(mean) or mean.shape != variance.shape:
        raise SettingsError("mean and variance must be given for the same periods, at least one")
    total = np.cumsum(mean)
    spread = np.maximum(np.cumsum(variance) + np.square(error * total), total)
    most = float(counted.least(total[-1:], spread[-1:], 0.9999)[0])
    quantity = _quantities(max(most - on_hand, 0.0))
    cost, short, left = _cost(
        quantity + on_hand, total, spread, price * quantity, holding_cost, shortage_cost, worth_at_end
    )
    best = int(np.argmin(cost))
    level = np.full(len(total), quantity[best] + on_hand)
    last = np.full(len(quantity), total[-1]), np.full(len(quantity), spread[-1])
    return LastBuy(
        quantity=quantity,
        runs_out=1 - counted.at_most(*last, np.floor(quantity + on_hand)),
        short=short,
        left=left,
        cost=cost,
        best=best,
        runs_out_by=1 - counted.at_most(total, spread, np.floor(level)),
    )


def _quantities(most: float) -> Array:
    """Whole pieces from 0 to the most that can make sense, all of them or evenly spread."""
    return np.unique(np.rint(np.linspace(0.0, most, int(min(most, POINTS)) + 1)))


def _cost(
    level: Array, total: Array, spread: Array, purchase: Array, holding: float, shortage: float, worth: float
) -> tuple[Array, Array, Array]:
    """Expected cost, pieces short and pieces left for every stock at the start."""
    shape = (len(level), len(total))
    mean, variance, start = (np.broadcast_to(values, shape) for values in (total, spread, level[:, None]))
    missing = counted.beyond(mean, variance, start)
    there = start - mean + missing
    cost = purchase + holding * there.sum(axis=1) + shortage * missing[:, -1] - worth * there[:, -1]
    return cost, missing[:, -1], there[:, -1]
