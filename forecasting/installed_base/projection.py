"""Expected failures and replacements of every component in every coming period."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Flags, Integers
from forecasting.installed_base.lives import LifeModel
from forecasting.installed_base.renewal import FEW_STEPS, LIVES_AHEAD, MANY_CELLS, STEPS, RenewalTable, renewal_table
from forecasting.installed_base.segments import Segments

CELLS, ROWS = 64, 60_000
"""Cells tabled and components looked up at a time."""
OLDEST = 6.0
"""Ages above so many scales are looked up as this one."""


@dataclass(frozen=True, eq=False)
class Visits:
    """Use of machines whose components are replaced on visits only; their ages are those at the last visit.

    :param days: days of use from the last visit to the last one before each edge, shape (machines, periods + 1).
    :param interval: days between visits.
    """

    days: Array
    interval: float


@dataclass(frozen=True, eq=False)
class Block:
    """Expected pieces of some components, shape (rows, periods); as if no machine retired, and what that loses.

    :param rows: rows of the segments.
    :param again: expected further renewals within the same period per renewal, for the variance.
    """

    rows: Integers
    failures: Array
    habit: Array | None
    lost_failures: Array
    lost_habit: Array | None
    again: Array


def project(
    segments: Segments,
    life: LifeModel,
    days: Array,
    staying: Array,
    habit: Flags,
    *,
    visits: Visits | None = None,
    threads: int = 2,
) -> Iterator[Block]:
    """Expected renewals, block by block in order of cell.

    :param days: days of usual use from the origin to each edge, shape (periods + 1,).
    :param staying: probability that each machine is still there, shape (machines, periods).
    :param visits: where components are replaced on visits only.
    :param habit: cells in which preventive replacement follows a habit and not a plan, shape (cells,).
    """
    order = np.argsort(segments.cell, kind="stable")
    cells = segments.cell[order]
    present = np.unique(cells)
    steps = STEPS if len(present) <= MANY_CELLS else FEW_STEPS
    # cells with a habit need tables of their own
    groups = [present[~habit[present]], present[habit[present]]]
    chunks = [group[first : first + CELLS] for group in groups for first in range(0, len(group), CELLS)]

    ages = oldest(segments, life)

    def work(chunk: Integers) -> list[Block]:
        low, high = np.searchsorted(cells, chunk), np.searchsorted(cells, chunk, side="right")
        rows = np.concatenate([order[a:b] for a, b in zip(low, high, strict=True)])
        local = np.repeat(np.arange(len(chunk)), high - low)
        table = _table(segments, life, ages, chunk, rows, local, days, steps, visits, with_habit=bool(habit[chunk[0]]))
        return [
            _block(segments, table, rows[first : first + ROWS], local[first : first + ROWS], days, staying, visits)
            for first in range(0, len(rows), ROWS)
        ]

    if len(segments) < ROWS:
        for chunk in chunks:
            yield from work(chunk)
        return
    with ThreadPoolExecutor(threads) as pool:
        for blocks in pool.map(work, chunks):
            yield from blocks


def oldest(segments: Segments, life: LifeModel) -> Array:
    """Largest age that is looked up, by cell."""
    found = np.zeros(len(life.scale))
    np.maximum.at(found, segments.cell, segments.age)
    return np.minimum(found, OLDEST * np.minimum(life.scale, life.habit_scale))


def _table(
    segments: Segments,
    life: LifeModel,
    ages: Array,
    chunk: Integers,
    rows: Integers,
    local: Integers,
    days: Array,
    steps: int,
    visits: Visits | None,
    *,
    with_habit: bool,
) -> RenewalTable:
    longest = np.zeros(len(chunk))
    np.maximum.at(longest, local, segments.pace[rows] * np.minimum(days[-1] - segments.begin[rows], days[-1]))
    scale = np.minimum(life.scale[chunk], life.habit_scale[chunk] if with_habit else np.inf)
    if visits is not None:
        # the nodes of use are the visits of the machine that works most
        steps = max(int(np.ceil(float(visits.days.max()) / visits.interval - 1e-6)), 2)
        longest = np.maximum(longest, 1e-9) / max(days[-1], 1e-9) * steps * visits.interval
    longest = np.clip(longest, 1e-6 * scale, LIVES_AHEAD * scale)

    def failure(age: Array) -> Array:
        return life.cumulative(chunk.reshape(-1, *([1] * (age.ndim - 1))), age)

    def habit(age: Array) -> Array:
        return life.habitual(chunk.reshape(-1, *([1] * (age.ndim - 1))), age)

    return renewal_table(
        failure, habit if with_habit else None, ages[chunk], longest, steps=steps, at_visits=visits is not None
    )


def _block(
    segments: Segments,
    table: RenewalTable,
    rows: Integers,
    local: Integers,
    days: Array,
    staying: Array,
    visits: Visits | None,
) -> Block:
    pace, begin, weight = segments.pace[rows], segments.begin[rows], segments.weight[rows]
    until, retire = segments.end[rows], segments.retire[rows]
    machine = segments.machine[rows]
    waits = (machine >= 0) & (begin <= 0) & np.isinf(until) & np.isinf(retire) & (visits is not None)
    row, share = table.start(local, segments.age[rows])

    def counted(values: Array, stop: Array) -> Array:
        if not begin.any() and np.isinf(stop).all():
            use = pace[:, None] * days
        else:
            use = pace[:, None] * (
                np.clip(days[None, :], begin[:, None], np.maximum(stop, begin)[:, None]) - begin[:, None]
            )
        if visits is not None:
            use[waits] = pace[waits, None] * visits.days[machine[waits]]
        return np.asarray(np.diff(table.at(values, row, share, local, use), axis=1) * weight[:, None])

    remains = np.where((machine >= 0)[:, None], staying[np.maximum(machine, 0)], 1.0)

    def of(values: Array) -> tuple[Array, Array]:
        whole = counted(values, until)
        kept = whole if np.isinf(retire).all() else counted(values, np.minimum(until, retire))
        return whole, whole - kept * remains

    failures, lost = of(table.failures)
    habit, lost_habit = (None, None) if table.planned is None else of(table.planned)
    month = pace * float(np.diff(days).mean()) / 2
    again = 2 * table.at(
        table.failures, local * table.failures.shape[1] * table.failures.shape[2], np.zeros(len(rows)), local, month
    )
    return Block(rows, failures, habit, lost, lost_habit, again)
