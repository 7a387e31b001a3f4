"""Classes proposed for parts: vital, essential, desirable by what it means to be without; A, B, C by value.

Classes are inputs to targets and weights, not a substitute for optimisation.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from forecasting.arrays import Array, Flags, Words
from forecasting.errors import SettingsError
from forecasting.stock.demands import check

VITAL_DAYS, DESIRABLE_DAYS = 3.0, 0.25
"""Days a machine is expected to stand for want of one piece: from here on vital, below here desirable."""
WEIGHTS = {"vital": 4.0, "essential": 2.0, "desirable": 1.0}
"""How much a piece asked for counts beside others when money is short."""


class Ground(StrEnum):
    """Why a class is proposed; the numbers stand beside it."""

    SAFETY = "safety"
    STANDS_LONG = "stands_long"
    STANDS_SHORTLY = "stands_shortly"
    SELDOM_STANDS = "seldom_stands"
    SUBSTITUTE = "substitute"


@dataclass(frozen=True, eq=False)
class Criticality:
    """What is proposed, part by part.

    :param proposed: ``vital``, ``essential`` or ``desirable``.
    :param ground: a ``Ground`` each.
    :param standing: days a machine is expected to stand for want of one piece.
    """

    proposed: Words
    ground: Words
    standing: Array


def criticality(
    *, stops: Array, wait: Array, safety: "Flags | None" = None, substitute: "Flags | None" = None
) -> Criticality:
    """Propose what it means to be without each part (VED analysis) from what its failures did and how long it takes.

    :param stops: share of the part's failures that left a machine standing, 0 … 1, shape (parts,).
    :param wait: days until a piece comes when none is in stock.
    :param safety: the part keeps people safe: vital in any case.
    :param substitute: another part serves as well: one class lower.
    :raises SettingsError: for shares outside 0 … 1 or negative days.
    """
    check("the share of failures that stop a machine", stops)
    check("the wait", wait)
    if (stops > 1).any():
        raise SettingsError("the share of failures that stop a machine is at most 1")
    safe = np.zeros(len(stops), dtype=np.bool_) if safety is None else safety
    other = np.zeros(len(stops), dtype=np.bool_) if substitute is None else substitute
    standing = stops * wait
    rank = np.where(standing >= VITAL_DAYS, 2, np.where(standing >= DESIRABLE_DAYS, 1, 0))
    lowered = other & (rank > 0) & ~safe
    names = np.array(["desirable", "essential", "vital"])
    ground = np.select(
        [safe, lowered, rank == 2, rank == 1],
        [Ground.SAFETY, Ground.SUBSTITUTE, Ground.STANDS_LONG, Ground.STANDS_SHORTLY],
        Ground.SELDOM_STANDS,
    )
    return Criticality(names[np.where(safe, 2, rank - lowered)], ground.astype(np.str_), standing)


def value_class(value: Array, shares: tuple[float, float] = (0.8, 0.95)) -> Words:
    """Value class of each part: A those that make the first 80 % of all value, B up to 95 %, C the rest.

    H. F. Dickie, ABC inventory analysis shoots for dollars, Factory Management and Maintenance 109 (1951).

    :param value: money asked for per period, ≥ 0, shape (parts,).
    """
    check("the value", value)
    order = np.argsort(-value, kind="stable")
    before = (np.cumsum(value[order]) - value[order]) / max(float(value.sum()), 1e-300)
    result = np.empty(len(value), dtype="<U1")
    sorted_class = np.where(before < shares[0], "A", np.where(before < shares[1], "B", "C"))
    result[order] = np.where(value[order] <= 0, "C", sorted_class)
    return result
