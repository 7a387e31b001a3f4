"""Demand and exposure of the past, and how well the lives account for the latest of it."""

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Integers
from forecasting.installed_base.calendar import period_of
from forecasting.installed_base.fleet import Reason
from forecasting.installed_base.lives import LifeModel
from forecasting.installed_base.pooling import distinct, total_by
from forecasting.installed_base.state import State
from forecasting.periods import Frequency

SHARED = 300.0
"""Failures the whole catalogue needs to be half believed when it says that lives are too long or too short."""
SHARED_TOLD = 20.0
"""The same where the demand is told apart from the records."""
LEAST_SPREAD, MOST_SPREAD = 0.0005, 0.25
"""Bounds of the true variance of one part's correction round that of the catalogue."""


def year(frequency: Frequency) -> int:
    """Periods of a year."""
    return 12 if frequency is Frequency.MONTH else 52


@dataclass(frozen=True, eq=False)
class Past:
    """Demand by part and period before the origin, shape (parts, periods).

    :param failures: unplanned; :param planned: by plan or habit.
    :param total: both, or what the fleet says was drawn; NaN where that is not known.
    """

    failures: Array
    planned: Array
    total: Array


def past(state: State, since: float = -np.inf) -> Past:
    """Count the replacements of every past period.

    :param since: first day of the records; what was before is not known.
    """
    found, fleet = state.seen.stays, state.fleet
    periods = len(state.hours.edges) - 1
    first = state.origin - periods
    counts = []
    for rows, days in (
        (found.reason == Reason.FAILURE, found.end),
        (found.reason == Reason.PLANNED, found.end),
        (found.extra, found.start),
    ):
        place = period_of(fleet.frequency, days[rows]) - first
        inside = (place >= 0) & (place < periods)
        key = found.part[rows][inside] * periods + place[inside]
        counts.append(np.bincount(key, minlength=len(fleet.parts) * periods).reshape(-1, periods).astype(np.float64))
    failures, planned = counts[0] + counts[2], counts[1]
    total = np.where(state.hours.edges[1:] > since, failures + planned, np.nan)
    if fleet.demand is not None:
        total = np.full(total.shape, np.nan)
        offset = fleet.demand_from - first
        here = np.arange(periods) - offset
        known = (here >= 0) & (here < fleet.demand.shape[1])
        total[:, known] = fleet.demand[:, here[known]]
    return Past(failures, planned, total)


@dataclass(frozen=True, eq=False)
class Recent:
    """The last periods by part, shape (parts,): what happened, what the lives expected, how long components ran.

    :param periods: how many.
    :param failed, planned: replacements of each kind; :param expected, habit: what the lives say of the same hours.
    :param hours: component hours.
    """

    periods: int
    failed: Array
    planned: Array
    expected: Array
    habit: Array
    hours: Array


def recent(state: State, life: LifeModel, counted: Past) -> Recent:
    """Compare the last year with the lives: Σ H(age at the end) − H(age at the start) over all that was at work."""
    periods = min(year(state.fleet.frequency), len(state.hours.edges) - 1)
    since = max(float(state.hours.edges[-1 - periods]), life.since)
    seen, parts = state.seen, len(state.fleet.parts)
    rows = np.flatnonzero(seen.stays.end > since)
    part, machine, cell = seen.stays.part[rows], seen.stays.machine[rows], seen.cell[rows]
    begun = np.maximum(seen.stays.start[rows], since)
    ran = state.hours.at(machine, begun) - state.hours.at(machine, seen.stays.start[rows])
    first = np.minimum(seen.entry[rows] + ran, seen.age[rows])
    speed = life.speed(part, cell, state.model[machine], state.hours.whole_pace[machine])
    old, new = seen.age[rows] * speed, first * speed
    expected = life.cumulative(cell, old) - life.cumulative(cell, new)
    habit = life.habitual(cell, old) - life.habitual(cell, new)
    failed = total_by(part, seen.failed[rows].astype(np.float64), parts)
    planned = counted.planned[:, -periods:].sum(axis=1)
    if state.fleet.demand is not None:
        drawn = counted.total[:, -periods:]
        known = (~np.isnan(drawn)).mean(axis=1)
        told = np.nansum(drawn, axis=1) / np.maximum(known, 1e-9)
        failed = np.where(known >= 0.5, np.maximum(told - planned, 0.0), failed)
    return Recent(
        periods,
        failed,
        planned,
        total_by(part, expected, parts),
        total_by(part, habit, parts),
        total_by(part, seen.age[rows] - first, parts),
    )


def correction(observed: Array, expected: Array, *, told: bool = False) -> tuple[Array, Array]:
    """Factor per part from observed and expected counts, drawn to the catalogue's, that to one; and its variance.

    :param told: the demand was told apart from the records the lives were learned from, which may lack a part of it.
    :returns: factors and relative variances, shape (parts,).
    """
    all_seen, all_expected = float(observed.sum()), float(expected.sum())
    drawn = SHARED_TOLD if told else SHARED
    shared = (all_seen + drawn) / (all_expected + drawn)
    usual = expected * shared
    excess = float(np.sum(np.square(observed - usual) - usual))
    true = float(np.clip(excess / max(float(np.sum(np.square(usual))), 1e-9), LEAST_SPREAD, MOST_SPREAD))
    weight = 1.0 / true
    factor = shared * (observed + weight) / (usual + weight)
    return factor, 1.0 / (usual + weight)


def dispersion(counted: Past, periods: int) -> Array:
    """Variance over mean of each part's demand by period, drawn to the catalogue's; at least one, shape (parts,).

    From differences of successive periods, so that growth of the fleet does not count as chance.

    J. von Neumann et al., The mean square successive difference, Annals of Mathematical Statistics 12 (1941).
    """
    latest = counted.total[:, -periods - 1 :]
    if latest.shape[1] < 5:
        return np.ones(len(latest))
    pair = (latest[:, 1:] + latest[:, :-1]) / 2
    known = ~np.isnan(pair)
    mean = np.where(known, pair, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    square = np.square(np.where(known, np.diff(latest, axis=1), 0.0)).sum(axis=1) / 2 / np.maximum(mean, 1e-9)
    # successive differences share their periods: about two thirds of their number are independent
    freedom = np.where(mean * known.sum(axis=1) >= 3, known.sum(axis=1) * 2.0 / 3.0, 0.0)
    square = np.where(freedom > 0, square * 2.0 / 3.0, 0.0)
    shared = (square.sum() + 20.0) / (freedom.sum() + 20.0)
    return np.asarray(np.maximum((square + 24.0 * shared) / (freedom + 24.0), 1.0))


def first_period(state: State) -> int:
    """Running number of the first period counted."""
    return state.origin - (len(state.hours.edges) - 1)


def population(state: State) -> Integers:
    """Active machines that carry each part, shape (parts,)."""
    found, parts = state.seen.stays, len(state.fleet.parts)
    key = distinct(found.part[found.running] * max(len(state.fleet.machines), 1) + found.machine[found.running])
    return np.bincount(key // max(len(state.fleet.machines), 1), minlength=parts).astype(np.int64)
