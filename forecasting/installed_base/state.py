"""What is known of a fleet at an origin: hours, stays, ages, and the numbers of groups and models."""

from dataclasses import dataclass, replace

import numpy as np

from forecasting.arrays import Array, Integers, Words
from forecasting.installed_base.calendar import boundaries
from forecasting.installed_base.chains import stays
from forecasting.installed_base.fleet import Fleet
from forecasting.installed_base.hours import HoursRun, hours_run
from forecasting.installed_base.lives import Cells, Observed, observe
from forecasting.installed_base.rhythm import Rhythm, find_rhythm
from forecasting.periods import Frequency

GOLDEN = (5**0.5 - 1) / 2
"""Multiples of it, less their whole part, fill the unit interval evenly."""


@dataclass(frozen=True, eq=False)
class State:
    """A fleet as known on the first day of a period.

    :param origin: running number of the first period not known.
    :param rhythm: of visits on which components are replaced, where there is one.
    :param group, model: number of the group and model of each machine, into ``groups`` and ``models``.
    """

    fleet: Fleet
    origin: int
    hours: HoursRun
    seen: Observed
    cells: Cells
    groups: Words
    group: Integers
    models: Words
    model: Integers
    rhythm: Rhythm | None

    @property
    def today(self) -> float:
        """First day not known."""
        return float(self.hours.edges[-1])

    def ahead(self, horizon: int) -> tuple[Array, Array]:
        """First days of the coming periods and of the one after, and the days of usual use up to each."""
        edges = boundaries(self.fleet.frequency, self.origin, horizon)
        weight = np.diff(edges)
        if self.fleet.frequency is Frequency.MONTH:
            weight = weight * self.hours.season[(self.origin + np.arange(horizon)) % 12]
        return edges, np.r_[0.0, np.cumsum(weight)]


def state_at(fleet: Fleet, origin: int) -> State:
    """Everything known at an origin."""
    hours = hours_run(fleet, origin)
    groups, group = np.unique(fleet.machines.group, return_inverse=True)
    models, model = np.unique(fleet.machines.model, return_inverse=True)
    today = float(hours.edges[-1])
    found = stays(fleet, today)
    seen, cells = observe(fleet, found, hours, group)
    rhythm = find_rhythm(found, len(fleet.machines), today, float(hours.edges[-1] - hours.edges[-2]))
    if rhythm is not None:
        seen = _between_visits(seen, rhythm, hours)
    return State(fleet, origin, hours, seen, cells, groups, group, models, model, rhythm)


def _between_visits(seen: Observed, rhythm: Rhythm, hours: HoursRun) -> Observed:
    """Ages as visits tell them: what failed since the visit before, and what nobody has looked at since the last.

    The times of failures are spread evenly between visits; half way for all would leave everybody at risk up to there
    and hide a part of the hazard. Components at work have been seen up to the last visit.
    """
    found, pace = seen.stays, hours.whole_pace[seen.stays.machine]
    share = (GOLDEN * (np.floor(found.end) + 31.0 * found.part + np.floor(seen.age))) % 1.0
    unseen = np.maximum(hours.edges[-1] - rhythm.last, 0.0)[found.machine]
    late = np.where(found.running, unseen, share * rhythm.interval) * pace
    late = np.where(seen.failed | seen.planned, np.minimum(late, 0.95 * (seen.age - seen.entry)), late)
    moved = found.running | seen.failed | seen.planned
    return replace(seen, age=np.where(moved, np.maximum(seen.age - late, seen.entry), seen.age))
