"""When planned services fall due over months to come, and when they would have fallen due in months past.

Each task has one interval in days: its hours at the machine's use, or its days, whichever is shorter. A task that a
bigger one includes is not done apart where both fall due about the same time.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Flags

NEAR = 0.2
"""Share of a task's interval within which a bigger one takes its place."""
FEW = 5
"""Times done that the belief in punctual work is worth."""
MOST_TIMES = 600
"""More services of one machine than this within a few years are a typing mistake in the programme."""


@dataclass(frozen=True, slots=True)
class Service:
    """A task of a programme on one machine.

    :param interval: days between two times; 0 = once.
    :param first: day (proleptic ordinal) of its first time in the stretch looked at.
    :param includes: codes of all smaller tasks that this one does too.
    """

    code: str
    interval: float
    first: float
    includes: Collection[str] = ()


def interval_days(every_hours: float | None, every_days: float | None, hours_per_day: float | None) -> float | None:
    """Return the days between two times of a task; ``None`` when nothing tells."""
    found = [float(every_days)] if every_days else []
    if every_hours and hours_per_day:
        found.append(every_hours / hours_per_day)
    return max(min(found), 1.0) if found else None


def times(services: Sequence[Service], begin: float, end: float) -> dict[str, Array]:
    """Return the days each task of one machine is done from ``begin`` up to, not including, ``end``."""
    due = {service.code: _all_times(service, begin, end) for service in services}
    found = {}
    for service in services:
        bigger = [
            due[other.code] for other in services if other.code != service.code and service.code in other.includes
        ]
        mine = due[service.code]
        found[service.code] = mine[~_near(mine, bigger, NEAR * service.interval)] if bigger else mine
    return found


def _all_times(service: Service, begin: float, end: float) -> Array:
    if service.interval <= 0:
        once = np.array([service.first])
        return once[(once >= begin) & (once < end)]
    skipped = max(np.ceil((begin - service.first) / service.interval), 0.0)
    count = max(int(np.ceil((end - service.first) / service.interval - skipped)), 0)
    return np.asarray(service.first + (skipped + np.arange(min(count, MOST_TIMES))) * service.interval)


def _near(mine: Array, others: Sequence[Array], within: float) -> Flags:
    found = np.zeros(len(mine), dtype=np.bool_)
    for other in others:
        if len(other) and len(mine):
            found |= np.abs(mine[:, None] - other[None, :]).min(axis=1) <= within
    return found


def last_in_time(due: float, interval: float, today: float, late: float = 0.0) -> float:
    """Return when a task is done next: as late as usual, soon where that has passed, in its turn where it was given up.

    A task overdue by a whole interval and more was not forgotten once but is not done at all by us; it would only be
    counted twice if it were all made up for today. One that is later than usual is as far from being done as usual.

    :param due: the day it is, or was, due.
    :param late: days after its point that it is usually done.
    """
    expected = due + late
    if expected >= today:
        return expected
    if interval > 0 and today - due >= interval:
        return float(due + np.ceil((today - due) / interval) * interval)
    return today + max(late, 0.0)


def late_share(shares: Sequence[float]) -> float:
    """Return how late a task is done on average as a share of its interval; few times count for little."""
    if not len(shares):
        return 0.0
    return float(np.clip(np.mean(np.clip(shares, -0.5, 1.0)) * len(shares) / (len(shares) + FEW), -0.2, 0.5))


def pieces(quantities: Mapping[int, Sequence[float]], whole: Collection[int]) -> dict[int, float]:
    """Return, per part, the amount that one planned piece stands for: what all its kits have in common.

    Oil comes in litres: kits of 20 and 30 are two and three pieces of ten. A part that also stays in machines as a unit
    (``whole``) is always counted by one.
    """
    found = {}
    for part, amounts in quantities.items():
        thousandths = np.rint(np.asarray(amounts) * 1000).astype(np.int64)
        common = float(np.gcd.reduce(thousandths)) / 1000 if len(thousandths) else 1.0
        found[part] = 1.0 if part in whole or common <= 0 else common
    return found
