"""Judging many new readings at once: the plain case, each newer than all there is, as whole-array sums.

What is not plain (late, estimated, rejected, the same moment twice) is left to :class:`Ledger`, meter by meter.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aftersales.usage.rules.life import TOLERANCE
from aftersales.usage.rules.scale import HOUR

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Latest:
    """Where each meter of a batch stands: one element per meter.

    ``at`` in µs, ``display``, ``life`` and ``rolls_over_at`` (0: never) in thousandths; ``hours``: it counts hours;
    ``plain``: its latest value is measured, so that a newer one need only be held against it.
    """

    at: Ints
    display: Ints
    life: Ints
    rolls_over_at: Ints
    hours: Flags
    plain: Flags


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings handed in: one element per row; ``meter`` indexes :class:`Latest`."""

    meter: Ints
    at: Ints
    display: Ints
    estimated: Flags


@dataclass(frozen=True, slots=True)
class Appended:
    """What the whole-array sums settled.

    ``accepted``: per row; ``settled``: per meter, whether all its rows are; ``last``: per meter the row that is its
    latest now (-1: none); ``life``: per meter the life then.
    """

    accepted: Flags
    settled: Flags
    last: Ints
    life: Ints


def append(latest: Latest, batch: Batch, now: int) -> Appended:
    """Accept the rows of every meter all of whose rows follow its latest value in good order.

    :param now: rows later than this moment (µs) are not settled here.
    """
    order = np.lexsort((batch.at, batch.meter))
    meter, at, display = batch.meter[order], batch.at[order], batch.display[order]
    begins = np.ones(len(order), dtype=np.bool_)
    begins[1:] = meter[1:] != meter[:-1]
    before_at = np.where(begins, latest.at[meter], np.roll(at, 1))
    before = np.where(begins, latest.display[meter], np.roll(display, 1))
    elapsed, gain, held = at - before_at, display - before, latest.rolls_over_at[meter]
    rolled = (gain < 0) & (2 * (gain + held) < held)
    gain = np.where(rolled, gain + held, gain)
    in_time = ~latest.hours[meter] | (gain <= elapsed * 1000 // HOUR + TOLERANCE)
    good = (elapsed > 0) & (gain >= 0) & in_time & (at <= now) & ~batch.estimated[order]
    good &= (held == 0) | (display < held)
    count = len(latest.at)
    settled = latest.plain & (np.bincount(meter[~good], minlength=count) == 0)
    accepted = np.zeros(len(order), dtype=np.bool_)
    accepted[order] = settled[meter]
    ends = np.roll(begins, -1)
    last = np.full(count, -1, dtype=np.int64)
    last[meter[ends]] = order[ends]
    gained = np.zeros(count, dtype=np.int64)
    np.add.at(gained, meter, gain)
    return Appended(accepted, settled & (last >= 0), np.where(settled, last, -1), latest.life + gained)
