"""Very many components as few: those of one life, of like age and pace, are expected together.

A component between two nodes of age and two of pace is shared out between the four, in proportion. The nodes of age are
those of the renewal table, which is linear between them, so nothing is lost there; between nodes of pace a few tenths
of a per mille are. A machine that leaves with probability q counts as 1 − q of one that stays and q of one that leaves
when machines of this fleet do.
"""

import numpy as np

from forecasting.arrays import Array, Flags, Integers
from forecasting.installed_base.renewal import AGES
from forecasting.installed_base.segments import Segments, joined, picked

PACES = 24
BLOCK = 200_000
"""Rows shared out at a time, so that what is needed between stays close by."""


def binned(segments: Segments, oldest: Array, stay: Array) -> tuple[Segments, Array]:
    """Fewer segments that are expected to need the same.

    :param oldest: largest age of the renewal table of each cell, shape (cells,).
    :param stay: probability that each machine is still there, shape (machines, periods).
    :returns: segments, some of them of the two machines added, and ``stay`` with rows for these.
    """
    plain = (segments.begin <= 0) & np.isinf(segments.end) & np.isinf(segments.retire) & (segments.machine >= 0)
    leaving = 1.0 - stay[:, -1]
    typical = 1.0 - stay[leaving > 0].mean(axis=0) if (leaving > 0).any() else np.zeros(stay.shape[1])
    last = max(float(typical[-1]), 1e-12)
    more = np.vstack([stay, np.ones(stay.shape[1]), 1.0 - typical / last])
    some = _shared_out(segments, np.flatnonzero(plain), oldest, leaving, len(stay))
    return joined(some, picked(segments, np.flatnonzero(~plain))), more


def _shared_out(segments: Segments, rows: Integers, oldest: Array, leaving: Array, machines: int) -> Segments:
    count = len(oldest)
    low, high = np.full(count, np.inf), np.zeros(count)
    np.minimum.at(low, segments.cell[rows], segments.pace[rows])
    np.maximum.at(high, segments.cell[rows], segments.pace[rows])
    low = np.where(np.isfinite(low), np.maximum(low, 1e-9), 1e-9)
    width = np.maximum(np.log(np.maximum(high, low) / low), 1e-9) / (PACES - 1)
    size = count * AGES * PACES
    staying, going = np.zeros(size), np.zeros(size)
    raw, number = np.zeros(count), np.zeros(count)
    gone = bool((leaving > 0).any())
    for first in range(0, len(rows), BLOCK):
        block = rows[first : first + BLOCK]
        cell, pace, weight = segments.cell[block], segments.pace[block], segments.weight[block]
        part = leaving[segments.machine[block]] if gone else None
        below, share = _ages(segments.age[block], oldest[cell])
        step, between = _paces(pace, low[cell], width[cell])
        at = (cell * AGES + below) * PACES + step
        _add(raw, cell, weight * segments.raw[block])
        _add(number, cell, weight)
        for corner, amount in (
            (0, weight * (1 - share) * (1 - between)),
            (1, weight * (1 - share) * between),
            (PACES, weight * share * (1 - between)),
            (PACES + 1, weight * share * between),
        ):
            place = at + corner
            _add(staying, place, amount if part is None else amount * (1 - part))
            if part is not None:
                _add(going, place, amount * part)
    part_of: Integers = np.zeros(count, dtype=np.int64)
    part_of[segments.cell[rows]] = segments.part[rows]
    return _nodes(staying, going, raw / np.maximum(number, 1e-300), part_of, oldest, low, width, machines)


def _ages(age: Array, oldest: Array) -> tuple[Integers, Array]:
    reached = np.minimum(age / np.maximum(oldest, 1e-300), 1.0)
    below = np.minimum((np.sqrt(reached) * (AGES - 1)).astype(np.int64), AGES - 2)
    low = np.square(below / (AGES - 1))
    return below, (reached - low) / (np.square((below + 1) / (AGES - 1)) - low)


def _paces(pace: Array, low: Array, width: Array) -> tuple[Integers, Array]:
    place = np.log(np.maximum(pace, low) / low) / width
    step = np.minimum(place.astype(np.int64), PACES - 2)
    return step, np.clip(np.expm1((place - step) * width) / np.expm1(width), 0.0, 1.0)


def _add(sums: Array, place: Integers, amount: Array) -> None:
    """Σ by place; the places of a block lie close together."""
    first = int(place.min())
    found = np.bincount(place - first, amount)
    sums[first : first + len(found)] += found


def _nodes(
    staying: Array, going: Array, raw: Array, part: Integers, oldest: Array, low: Array, width: Array, machines: int
) -> Segments:
    """One component at every node that got something, for those who stay and those who leave.

    :param raw: mean operating hours per day of each cell.
    """
    blocks = []
    for number, sums in ((machines, staying), (machines + 1, going)):
        used = np.flatnonzero(sums > 0)
        cell, rest = used // (AGES * PACES), used % (AGES * PACES)
        nothing, never = np.zeros(len(used)), np.full(len(used), np.inf)
        blocks.append(
            Segments(
                part=part[cell],
                cell=cell,
                machine=np.full(len(used), number),
                age=oldest[cell] * np.square((rest // PACES) / (AGES - 1)),
                pace=low[cell] * np.exp((rest % PACES) * width[cell]),
                raw=raw[cell],
                begin=nothing,
                end=never,
                retire=never,
                weight=sums[used],
            )
        )
    return joined(*blocks)


def worth_binning(segments: Segments, present: Flags) -> bool:
    """Whether components outnumber the nodes they would be shared out to."""
    return len(segments) > 4 * int(present.sum()) * AGES * PACES
