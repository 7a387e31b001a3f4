"""The cost-availability curve, the point chosen on it, and why each part is kept as it is."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from aftersales.errors import Invalid
from aftersales.translate import N_
from forecasting.arrays import Array
from forecasting.errors import SettingsError
from forecasting.stock.allocation import MOST, Curve, Policy, allocate
from forecasting.stock.demands import Demands
from forecasting.stock.rivals import Stockroom

DEFAULT = 0.95
"""Availability that the workbench opens with."""
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
        "Ordered when asked for: keeping one lot would serve %(next)s more pieces a year at once for %(money)s, and "
        "elsewhere the money serves more"
    ),
    Why.MORE: N_("More: its last piece serves %(last)s more pieces a year at once for %(money)s"),
    Why.LESS: N_(
        "Less: one piece more would serve only %(next)s more pieces a year at once for %(money)s; elsewhere the money "
        "serves more"
    ),
    Why.SAME: N_("As today: %(share)s of the pieces asked for are served at once"),
}


@dataclass(frozen=True, eq=False)
class Weighed:
    """The chosen point beside what holds today and beside rules of thumb at the same availability.

    :param money: by rule of thumb, money for the same availability; ``None`` where the rule does not reach it.
    :param same: what today's availability costs at best; ``None`` where it lies beyond the curve.
    :param last: more pieces a year served at once by the last piece (or lot) kept; ``following``: by one more.
    :param why: a ``Why`` each; arrays of shape (parts,).
    """

    demands: Demands
    curve: Curve
    chosen: Policy
    today: Policy
    same: Policy | None
    money: dict[str, float | None]
    last: Array
    following: Array
    why: list[Why]


def weigh(demands: Demands, today: Array, *, availability: float | None = None, budget: float | None = None) -> Weighed:
    """Choose the policy with the least money for an availability, or with the most availability for a budget.

    :param today: order-up-to levels that hold today, pieces, shape (parts,).
    :raises Invalid: for an availability or budget that cannot be met, naming the limit.
    """
    curve = allocate(demands)
    chosen = _chosen(curve, DEFAULT if availability is None and budget is None else availability, budget)
    room = Stockroom(demands)
    here = room.evaluate(today)
    money: dict[str, float | None] = {}
    rules = room.rules()
    for name in RIVALS:
        try:
            money[name] = room.at_availability(rules[name], chosen.availability).investment
        except SettingsError:
            money[name] = None
    reach = min(here.availability, float(curve.availability[-1]), MOST)
    same = curve.for_availability(reach) if 0 < here.availability <= reach else None
    yearly = demands.rate * 12
    above = room.evaluate(np.where(chosen.stock > 0, chosen.stock + 1, demands.quantity)).fill_rate
    below = room.evaluate(np.where(chosen.stock > demands.quantity, chosen.stock - 1, 0.0)).fill_rate
    last = np.maximum(chosen.fill_rate - below, 0.0) * yearly
    following = np.maximum(above - chosen.fill_rate, 0.0) * yearly
    return Weighed(demands, curve, chosen, here, same, money, last, following, _why(demands, chosen.stock, today))


def _chosen(curve: Curve, availability: float | None, budget: float | None) -> Policy:
    if budget is not None:
        least = float(curve.investment[0])
        if not budget >= least:
            raise _refused("budget", N_("The budget must be at least %(least)s"), least=f"{least:.2f}")
        return curve.for_budget(budget)
    most = min(float(curve.availability[-1]), MOST)
    if availability is None or not 0 < availability <= most:
        message = N_("An availability of %(wanted)s %% cannot be reached; %(most)s %% is the most")
        wanted = f"{(availability or 0) * 100:.4g}"
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
