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

SEASON_YEARS = 2
"""Years of use it takes to see a season in it."""


@dataclass(frozen=True, eq=False)
class State:
    """A fleet as known on the first day of a period.

    :param origin: running number of the first period not known.
    :param group, model: number of the group and model of each machine, into ``groups`` and ``models``.
    :param season: use of each calendar month against the year, shape (12,); ones for weeks and short histories.
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
    season: Array

    @property
    def today(self) -> float:
        """First day not known."""
        return float(self.hours.edges[-1])

    def ahead(self, horizon: int) -> tuple[Array, Array]:
        """First days of the coming periods and of the one after, and the days of usual use up to each."""
        edges = boundaries(self.fleet.frequency, self.origin, horizon)
        weight = np.diff(edges)
        if self.fleet.frequency is Frequency.MONTH:
            weight = weight * self.season[(self.origin + np.arange(horizon)) % 12]
        return edges, np.r_[0.0, np.cumsum(weight)]


def state_at(fleet: Fleet, origin: int) -> State:
    """Everything known at an origin."""
    hours = hours_run(fleet, origin)
    groups, group = np.unique(fleet.machines.group, return_inverse=True)
    models, model = np.unique(fleet.machines.model, return_inverse=True)
    seen, cells = observe(fleet, stays(fleet, float(hours.edges[-1])), hours, group)
    season = _season(fleet, hours, origin)
    return State(fleet, origin, hours, seen, cells, groups, group, models, model, season)


def _season(fleet: Fleet, hours: HoursRun, origin: int) -> Array:
    """Hours per machine day of each calendar month over those of its year, drawn to one by how well years agree."""
    result = np.ones(12)
    years = (len(hours.edges) - 1) // 12
    if fleet.frequency is not Frequency.MONTH or years < SEASON_YEARS:
        return result
    years = min(years, 6)
    run = np.diff(hours.total.sum(axis=0))[-12 * years :].reshape(years, 12)
    days = hours.days.sum(axis=0)[-12 * years :].reshape(years, 12)
    if not (days.min() > 0 and run.min() > 0):
        return result
    ratio = run / days / (run.sum(axis=1) / days.sum(axis=1))[:, None]
    mean = ratio.mean(axis=0)
    noise = float(ratio.var(axis=0, ddof=1).mean()) / years
    signal = max(float(mean.var()) - noise, 0.0)
    share = signal / max(signal + noise, 1e-12)
    drawn = 1 + share * (mean - 1)
    # the first of these columns is the calendar month of the origin
    result[(origin + np.arange(12)) % 12] = drawn / drawn.mean()
    return result
