"""The cost-availability curve, the point chosen on it, and why each part is kept as it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import numpy as np

from aftersales.errors import Invalid
from aftersales.translate import N_
from aftersales.vocabulary import Criticality
from forecasting.arrays import Array
from forecasting.errors import SettingsError
from forecasting.stock.allocation import Curve, Objective, Policy, allocate
from forecasting.stock.demands import MOST, Demands
from forecasting.stock.rivals import Stockroom

DEFAULT = 0.95
"""Availability that the workbench opens with, where the parts that may be stocked reach it."""
FLOORS: Mapping[Criticality, Decimal] = {
    Criticality.VITAL: Decimal("0.8"),
    Criticality.ESSENTIAL: Decimal("0.6"),
    Criticality.DESIRABLE: Decimal("0"),
}
"""Share of its own requests that a part serves at once at least, by what it means to be without it.

Without them a target over all requests is met with cheap filters alone, and no costly pump is kept at all.
"""
HALVINGS = 24
RIVALS = ("cycle_service",)
"""Rules of thumb whose money is set beside."""


class Why(StrEnum):
    """Why a part is kept as it is proposed, beside what holds today."""

    DECIDED = "decided"
    NO_DEMAND = "no_demand"
    NOT_WORTH = "not_worth"
    MORE = "more"
    LESS = "less"
    SAME = "same"


WORDS = {
    Why.DECIDED: N_("Not to be stocked, by decision; ordered when asked for"),
    Why.NO_DEMAND: N_("No demand is expected; ordered when asked for"),
    Why.NOT_WORTH: N_(
        "Ordered when asked for: keeping one lot would serve %(next)s more requests a year at once for %(money)s, and "
        "elsewhere the money serves more"
    ),
    Why.MORE: N_("More: its last piece serves %(last)s more requests a year at once for %(money)s"),
    Why.LESS: N_(
        "Less: one piece more would serve only %(next)s more requests a year at once for %(money)s; elsewhere the "
        "money serves more"
    ),
    Why.SAME: N_("As today: %(share)s of the requests are served at once"),
}


@dataclass(frozen=True, eq=False)
class Weighed:
    """The chosen point beside what holds today and beside rules of thumb at the same availability.

    :param money: by rule of thumb, money for the same availability; ``None`` where the rule does not reach it.
    :param same: what today's availability costs at best; ``None`` where it lies beyond the curve.
    :param last: more requests a year served at once by the last piece (or lot) kept; ``following``: by one more.
    :param why: a ``Why`` each; arrays of shape (parts,).
    """

    demands: Demands
    batch: Array
    curve: Curve
    chosen: Policy
    today: Policy
    same: Policy | None
    money: dict[str, float | None]
    last: Array
    following: Array
    why: list[Why]

    def waiting(self, policy: Policy) -> float:
        """Requests that wait at any moment."""
        return waiting(policy, self.batch)


def waiting(policy: Policy, batch: Array) -> float:
    """Return the requests that wait at any moment."""
    return float((policy.expected_backorders / batch).sum())


def _as_good(curve: Curve, today: Policy, batch: Array) -> Policy | None:
    """The least money that is as good as today in both: share served at once, and requests waiting."""
    low, high = today.availability, min(float(curve.availability[-1]), MOST)
    if not 0 < low <= high or waiting(curve.for_availability(high), batch) > waiting(today, batch):
        return None
    if waiting(curve.for_availability(low), batch) <= waiting(today, batch):
        return curve.for_availability(low)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        good = waiting(curve.for_availability(middle), batch) <= waiting(today, batch)
        low, high = (low, middle) if good else (middle, high)
    return curve.for_availability(high)


def weigh(
    demands: Demands, today: Array, batch: Array, *, availability: float | None = None, budget: float | None = None
) -> Weighed:
    """Choose the policy with the least money for an availability, or with the most availability for a budget.

    :param today: order-up-to levels that hold today, pieces, shape (parts,).
    :param batch: pieces in a request, shape (parts,).
    :raises Invalid: for an availability or budget that cannot be met, naming the limit.
    """
    curve = allocate(demands, Objective.BACKORDERS)
    chosen = _chosen(curve, availability, budget)
    room = Stockroom(demands)
    here = room.evaluate(today)
    money: dict[str, float | None] = {}
    rules = room.rules()
    for name in RIVALS:
        try:
            money[name] = room.at_availability(rules[name], chosen.availability).investment
        except SettingsError:
            money[name] = None
    yearly = demands.rate * 12
    above = room.evaluate(np.where(chosen.stock > 0, chosen.stock + 1, demands.quantity)).fill_rate
    below = room.evaluate(np.where(chosen.stock > demands.quantity, chosen.stock - 1, 0.0)).fill_rate
    last = np.maximum(chosen.fill_rate - below, 0.0) * yearly
    following = np.maximum(above - chosen.fill_rate, 0.0) * yearly
    return Weighed(
        demands,
        batch,
        curve,
        chosen,
        here,
        _as_good(curve, here, batch),
        money,
        last,
        following,
        _why(demands, chosen.stock, today),
    )


def _chosen(curve: Curve, availability: float | None, budget: float | None) -> Policy:
    if budget is not None:
        least = float(curve.investment[0])
        if not budget >= least:
            raise _refused("budget", N_("The budget must be at least %(least)s"), least=f"{least:.2f}")
        return curve.for_budget(budget)
    most = min(float(curve.availability[-1]), MOST)
    if availability is None:
        usual = min(DEFAULT, most)
        return curve.for_availability(usual) if usual > 0 else curve.at(0)
    if not 0 < availability <= most:
        message = N_("An availability of %(wanted)s %% cannot be reached; %(most)s %% is the most")
        wanted = f"{availability * 100:.4g}"
        raise _refused("availability", message, wanted=wanted, most=f"{int(most * 1e4) / 1e2:g}")
    return curve.for_availability(availability)


def _refused(field: str, message: str, **params: str) -> Invalid:
    return Invalid(message, errors=[{"field": field, "message": message, "params": params}], **params)


def _why(demands: Demands, stock: Array, today: Array) -> list[Why]:
    chosen = np.select(
        [~demands.stocked, demands.mean <= 0, stock <= 0, stock > today, stock < today],
        [Why.DECIDED, Why.NO_DEMAND, Why.NOT_WORTH, Why.MORE, Why.LESS],
        Why.SAME,
    )
    return [Why(str(name)) for name in chosen.tolist()]
