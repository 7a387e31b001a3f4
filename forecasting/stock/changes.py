"""What a new stock policy changes against today's, part by part, and why."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from forecasting.arrays import Array, Integers, Words
from forecasting.errors import SettingsError
from forecasting.stock.allocation import Policy
from forecasting.stock.demands import Demands, check


class Change(StrEnum):
    """Why the stock of a part changes; the numbers stand beside it."""

    SAME = "same"
    NO_DEMAND = "no_demand"
    NOT_STOCKED = "not_stocked"
    NEWLY_KEPT = "newly_kept"
    WORTH_MORE = "worth_more"
    TOO_DEAR = "too_dear"
    MORE_THAN_NEEDED = "more_than_needed"


@dataclass(frozen=True, eq=False)
class Changes:
    """Part by part, shape (parts,).

    :param pieces: more (or fewer, below zero) than today. ``money``: the same in money.
    :param fill_rate: gained or lost. ``owed``: pieces owed more or fewer.
    :param reason: a ``Change`` each.
    :param order: parts, those with most money in their change first.
    """

    pieces: Array
    money: Array
    fill_rate: Array
    owed: Array
    reason: Words
    order: Integers


def changes(demands: Demands, today: Policy, new: Policy, *, ample: float = 0.99) -> Changes:
    """Say what changes from today's stock to the new one.

    :param today: what today's stock gives (``rivals.Stockroom.evaluate``).
    :param ample: fill rate above which today's stock of a part is more than it needs.
    :raises SettingsError: when the policies are not of the same parts.
    """
    check("the ample fill rate", np.array(ample))
    if not len(today.stock) == len(new.stock) == len(demands.price):
        raise SettingsError("the policies are not of the same parts")
    pieces = new.stock - today.stock
    reason = np.select(
        [
            np.abs(pieces) < 0.5,
            demands.rate <= 0,
            ~demands.stocked,
            (pieces > 0) & (today.stock < 0.5),
            pieces > 0,
            today.fill_rate >= ample,
        ],
        [
            Change.SAME,
            Change.NO_DEMAND,
            Change.NOT_STOCKED,
            Change.NEWLY_KEPT,
            Change.WORTH_MORE,
            Change.MORE_THAN_NEEDED,
        ],
        Change.TOO_DEAR,
    )
    money = pieces * demands.price
    return Changes(
        pieces,
        money,
        new.fill_rate - today.fill_rate,
        new.expected_backorders - today.expected_backorders,
        reason.astype(np.str_),
        np.argsort(-np.abs(money), kind="stable"),
    )
