"""Which demand each supply serves, and so why each planned order is there.

Of every part the supplies in the order in which they come meet the demands in the order in which they are due: piece
number n supplied serves piece number n asked for. Laid end to end on one line, the overlaps of both are the pegs.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from forecasting.arrays import Array, Flags, Integers
from forecasting.production.netting import Plan

OWN, NOTHING = -1, -2
"""In place of the part that asks: demand of the part itself; nobody, so that the piece stays in stock."""
TINY = 1e-7


class Supply(IntEnum):
    """Where a piece comes from."""

    NONE = -1
    ON_HAND = 0
    RECEIPT = 1
    REFURBISHED = 2
    ORDERED = 3


@dataclass(frozen=True, eq=False)
class Pegs:
    """Who gets what, one row per supply and demand that meet; all arrays have shape (pegs,).

    :param part: row of the part.
    :param supply: a ``Supply``; NONE = not delivered within the plan.
    :param comes: period in which the supply comes, −1 = there at the start (or never, for NONE).
    :param due: period of the demand, the number of periods where nobody asks.
    :param asker: row of the parent whose order or of the superseded part whose demand it serves; ``OWN``, ``NOTHING``.
    :param quantity: pieces.
    """

    part: Integers
    supply: Integers
    comes: Integers
    due: Integers
    asker: Integers
    quantity: Array

    @property
    def late(self) -> Flags:
        """Which come after they are due, or never."""
        return np.asarray((self.comes > self.due) | (self.supply == Supply.NONE))

    def of(self, part: int) -> "Pegs":
        """Only those of one part."""
        at = self.part == part
        return Pegs(*(getattr(self, name)[at] for name in ("part", "supply", "comes", "due", "asker", "quantity")))


@dataclass(frozen=True, eq=False)
class _Events:
    """Supplies or demands: part, period, mark (kind of supply, or who asks) and pieces, sorted by part and period."""

    part: Integers
    period: Integers
    mark: Integers
    quantity: Array


def peg(plan: Plan) -> Pegs:
    """Peg every piece of every supply to a demand or to stock, every piece asked for to a supply or to none."""
    parts, periods = plan.gross.shape
    supplies, demands = _supplies(plan), _demands(plan)
    width = 1 + np.maximum(_total(supplies, parts), _total(demands, parts))
    start = np.concatenate([[0.0], np.cumsum(width)[:-1]])
    given, asked = _line(supplies, start), _line(demands, start)
    ends = np.concatenate([given[0], given[1], asked[0], asked[1]])
    ends.sort()
    wide = np.diff(ends) > TINY
    low, length = ends[:-1][wide], np.diff(ends)[wide]
    middle = low + length / 2
    source, use = _within(given, middle), _within(asked, middle)
    met = (source >= 0) | (use >= 0)
    source, use, length = source[met], use[met], length[met]
    pegs = Pegs(
        np.where(source >= 0, _take(supplies.part, source), _take(demands.part, use)),
        np.where(source >= 0, _take(supplies.mark, source), int(Supply.NONE)),
        np.where(source >= 0, _take(supplies.period, source), -1),
        np.where(use >= 0, _take(demands.period, use), periods),
        np.where(use >= 0, _take(demands.mark, use), NOTHING),
        length,
    )
    return _joined(pegs, source, use)


def _supplies(plan: Plan) -> _Events:
    position = plan.position
    kinds = (
        (Supply.RECEIPT, position.receipts),
        (Supply.REFURBISHED, plan.refurbished),
        (Supply.ORDERED, plan.ordered),
    )
    there = np.flatnonzero(position.on_hand > 0)
    columns = [(there, np.full(len(there), -1), np.full(len(there), int(Supply.ON_HAND)), position.on_hand[there])]
    for kind, values in kinds:
        part, period = np.nonzero(values > 0)
        columns.append((part, period, np.full(len(part), int(kind)), values[part, period]))
    return _sorted(columns)


def _demands(plan: Plan) -> _Events:
    """Demand of the parts themselves, of parents' orders, and of superseded parts; what was passed on is not theirs."""
    structure, passed = plan.structure, plan.passed
    part, period = np.nonzero(plan.position.demand > 0)
    columns = [(part, period, np.full(len(part), OWN), plan.position.demand[part, period])]
    line, period = np.nonzero(plan.begun[structure.parent] > 0)
    parent = structure.parent[line]
    needed = structure.per[line] * plan.begun[parent, period]
    columns.append((structure.component[line], period, parent, needed))
    old, period = np.nonzero(passed[structure.old] > 0)
    source = structure.old[old]
    columns.append((structure.new[old], period, source, passed[source, period]))
    events = _sorted(columns)
    return _without_passed(events, passed) if passed.any() else events


def _without_passed(events: _Events, passed: Array) -> _Events:
    """Take what a superseded part handed on out of its demands of the same period, the last ones first."""
    left = passed.copy()
    quantity = events.quantity.copy()
    for row in np.flatnonzero(passed[events.part, events.period] > 0)[::-1].tolist():
        part, period = events.part[row], events.period[row]
        taken = min(left[part, period], quantity[row])
        quantity[row] -= taken
        left[part, period] -= taken
    kept = quantity > TINY
    return _Events(events.part[kept], events.period[kept], events.mark[kept], quantity[kept])


def _sorted(columns: list[tuple[Integers, Integers, Integers, Array]]) -> _Events:
    part, period, mark = (
        np.concatenate([column[number] for column in columns]).astype(np.int64) for number in range(3)
    )
    order = np.lexsort((mark, period, part))
    quantity = np.concatenate([column[3] for column in columns])[order]
    return _Events(part[order], period[order], mark[order], quantity)


def _total(events: _Events, parts: int) -> Array:
    return np.asarray(np.bincount(events.part, weights=events.quantity, minlength=parts), dtype=np.float64)


def _line(events: _Events, start: Array) -> tuple[Array, Array]:
    """Where each event begins and ends on the line, that of part p from ``start[p]`` on."""
    total = np.cumsum(events.quantity)
    first = np.searchsorted(events.part, events.part)
    before = np.concatenate([[0.0], total])
    low = start[events.part] + before[:-1] - before[first]
    return low, low + events.quantity


def _within(line: tuple[Array, Array], point: Array) -> Integers:
    """Number of the event a point lies in, −1 for none."""
    if not len(line[0]):
        return np.full(len(point), -1)
    at = np.searchsorted(line[0], point, side="right") - 1
    inside = (at >= 0) & (point < line[1][np.maximum(at, 0)])
    return np.where(inside, at, -1).astype(np.int64)


def _take(values: Integers, at: Integers) -> Integers:
    return values[np.maximum(at, 0)] if len(values) else np.full(len(at), -1)


def _joined(pegs: Pegs, source: Integers, use: Integers) -> Pegs:
    """Pieces of one supply for one demand in one row."""
    if not len(source):
        return pegs
    new = np.concatenate([[True], (np.diff(source) != 0) | (np.diff(use) != 0) | (np.diff(pegs.part) != 0)])
    first = np.flatnonzero(new)
    return Pegs(
        pegs.part[first],
        pegs.supply[first],
        pegs.comes[first],
        pegs.due[first],
        pegs.asker[first],
        np.add.reduceat(pegs.quantity, first),
    )


def serves(plan: Plan, pegs: Pegs, part: int, comes: int) -> dict[tuple[int, int], float]:
    """Whose demand a planned order serves in the end, up through the orders of the parts it goes into.

    :param part: row of the part. ``comes``: period in which the order comes.
    :returns: pieces of this order by part and period of the demand; what stays in stock under (part, ``NOTHING``).
    """
    return _upward(plan, pegs, part, (pegs.supply == Supply.ORDERED) & (pegs.comes == comes))


def _upward(plan: Plan, pegs: Pegs, part: int, supply: Flags) -> dict[tuple[int, int], float]:
    """Demand behind those pegs of a part."""
    found: dict[tuple[int, int], float] = {}
    for row in np.flatnonzero((pegs.part == part) & supply).tolist():
        asker, due, pieces = int(pegs.asker[row]), int(pegs.due[row]), float(pegs.quantity[row])
        if asker in (OWN, NOTHING):
            key = (part, due) if asker == OWN else (part, NOTHING)
            found[key] = found.get(key, 0.0) + pieces
            continue
        if plan.passed[asker].any() and not plan.begun[asker].any():
            found[asker, due] = found.get((asker, due), 0.0) + pieces
            continue
        ready = due + int(plan.position.lead_time[asker])
        above = _upward(plan, pegs, asker, (pegs.supply == Supply.ORDERED) & (pegs.comes == ready))
        total = sum(above.values()) or 1.0
        for key, amount in above.items():
            found[key] = found.get(key, 0.0) + pieces * amount / total
    return found
