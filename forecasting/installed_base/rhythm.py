"""Fleets whose components are replaced on visits that come round at a fixed interval.

Where nearly all replacements of a machine lie one interval apart, whatever failed in between waits for the visit: the
expected renewals of a coming period are those of the visits that fall into it.
"""

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array
from forecasting.installed_base.chains import Stays
from forecasting.installed_base.fleet import Reason
from forecasting.installed_base.pooling import distinct

LEAST_GAPS = 200
"""Gaps between visits it takes to see an interval."""
REGULAR = 0.6
"""Share of the gaps that must be of one length, to a day."""
SHORTEST = 5.0
"""Days below which visits are daily work and no rhythm."""
DAYS = 10_000_000
NEAR = (0.8, 1.3)
"""Intervals between these shares of a period may be the calendar of the records and not of the visits."""


@dataclass(frozen=True, eq=False)
class Rhythm:
    """Visits of a fleet.

    :param interval: days between two visits.
    :param last: day of the last visit of each machine before the origin, shape (machines,).
    """

    interval: float
    last: Array

    def visited(self, edges: Array, days: Array) -> Array:
        """Days of use from the last visit to the last one before each edge, shape (machines, edges).

        :param edges: first days of the forecast periods and of the one after; :param days: of usual use up to each.
        """
        since = edges[0] - self.last
        number = np.ceil((edges[None, :] - self.last[:, None]) / self.interval - 1e-9) - 1
        at = self.last[:, None] + np.maximum(number, 0.0) * self.interval
        ahead = np.interp(at, edges, days) + since[:, None]
        return np.asarray(np.where(number > 0, ahead, 0.0))


def find_rhythm(found: Stays, machines: int, today: float, period: float) -> Rhythm | None:
    """The rhythm of a fleet, where it has one.

    :param period: length of a forecast period in days.
    """
    ended = (found.reason == Reason.FAILURE) | (found.reason == Reason.PLANNED)
    visits = distinct(found.machine[ended] * DAYS + found.end[ended].astype(np.int64))
    if len(visits) < 2:
        return None
    machine, day = visits // DAYS, (visits % DAYS).astype(np.float64)
    gaps = np.diff(day)[machine[1:] == machine[:-1]]
    if len(gaps) < LEAST_GAPS:
        return None
    length, count = np.unique(gaps, return_counts=True)
    usual = float(length[np.argmax(count)])
    regular = np.abs(gaps - usual) <= 1.0
    if usual < SHORTEST or regular.mean() < REGULAR or NEAR[0] * period < usual < NEAR[1] * period:
        return None
    interval = float(np.median(gaps[regular]))
    last = np.full(machines, -np.inf)
    np.maximum.at(last, machine, day)
    last = np.where(np.isfinite(last), last, today - interval)
    # visits at which nothing was replaced went by unseen
    last += np.maximum(np.ceil((today - last) / interval - 1e-9) - 1, 0.0) * interval
    return Rhythm(interval, last)
