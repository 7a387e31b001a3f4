"""What is known of a fleet at an origin: hours, stays, ages, and the numbers of groups and models."""

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Integers, Words
from forecasting.installed_base.calendar import boundaries
from forecasting.installed_base.chains import stays
from forecasting.installed_base.fleet import Fleet
from forecasting.installed_base.hours import HoursRun, hours_run
from forecasting.installed_base.lives import Cells, Observed, observe
from forecasting.periods import Frequency


@dataclass(frozen=True, eq=False)
class State:
    """A fleet as known on the first day of a period.

    :param origin: running number of the first period not known.
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
    seen, cells = observe(fleet, stays(fleet, float(hours.edges[-1])), hours, group)
    return State(fleet, origin, hours, seen, cells, groups, group, models, model)
