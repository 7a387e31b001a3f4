"""The life of every part in every group of machines, learned from what was put in and taken out.

A cell is a part in a group. Its Weibull life is fitted to right-censored lives that may have been seen late, its
shape and scale drawn to those of the part's other groups and of the catalogue. Machines worked harder, and other
models, use life up faster or slower per hour (accelerated life); where lives depart from Weibull, as with early
failures, the hazard is corrected by age.
"""

from dataclasses import dataclass, replace

import numpy as np

from forecasting.arrays import Array, Flags, Integers
from forecasting.installed_base.chains import Stays
from forecasting.installed_base.fleet import Fleet, Reason
from forecasting.installed_base.hours import HoursRun
from forecasting.installed_base.life import Prior, WeibullFit, fit_weibull
from forecasting.installed_base.pooling import belief, log_ratio, spread, total_by, within

USUAL_SHAPE = float(np.log(1.6))
"""ln β of parts nothing is known of: between chance failure and wear."""
EARLY = 0.15
"""Age in scales below which failures may be early ones, of faulty parts or fitting, that say nothing of wear."""
EDGES = np.array([0.0, 0.03, 0.08, EARLY, 0.3, 0.5, 0.75, 1.0, 1.3, 1.7, 2.4])
"""Ages in scales at which the correction of the hazard may change."""
SHARED_HAZARD, OWN_HAZARD = 0.5, 0.25
"""Deviation of ln of the correction: of the catalogue from none, and of a part from the catalogue."""
LEVEL = 20.0
"""Ends a part needs for its corrected hazards to be brought half way to them."""
EXCESS, SURE = 1.25, 4.0
"""Early failures over those expected, and standard errors of them, at which lives are fitted to later ages alone."""
DUTY_RANGE = 1.0
"""Paces further than this from the usual one (in logarithms) say no more than this."""
PREVENTIVE = 0.1
"""Share of preventive replacements of a part above which duty and model are left out of its life."""
LATE = 10.0
"""Ends that should have been seen before the first one was, by which records are known to have begun late."""
SHORTEST = 1.0
"""Hours a life is taken to last that was recorded as none at all."""


@dataclass(frozen=True, eq=False)
class Observed:
    """Lives as seen at an origin, one row per stay; ages in hours."""

    stays: Stays
    cell: Integers
    entry: Array
    age: Array

    @property
    def failed(self) -> Flags:
        """True where the stay ended by failure."""
        return np.asarray(self.stays.reason == Reason.FAILURE)

    @property
    def planned(self) -> Flags:
        """True where it ended by plan."""
        return np.asarray(self.stays.reason == Reason.PLANNED)


@dataclass(frozen=True, eq=False)
class Cells:
    """Parts in groups.

    :param part: row of the part; :param group: number of the group; shape (cells,) each.
    :param of: cell of each part and group, −1 where there is none, shape (parts, groups).
    """

    part: Integers
    group: Integers
    of: Integers


@dataclass(frozen=True, eq=False)
class LifeModel:
    """Hazards of all cells.

    :param shape, scale: Weibull of failures by cell. :param failures, exposure: what it was learned from.
    :param factor: correction of the hazard by stretch of age, shape (cells, stretches).
    :param habit_shape, habit_scale: Weibull of preventive replacements where they follow a habit; scale inf = none.
    :param habit_factor: its correction by stretch of age, shape (cells, stretches).
    :param pace: ln of time over time by part and machine duty: exponent by part, shape (parts,).
    :param usual: ln of the usual pace by cell.
    :param model: ln factor of time by part and model, shape (parts, models).
    :param since: first day of the records, where machines are much older; −inf where they begin with the machines.
    """

    cells: Cells
    shape: Array
    scale: Array
    failures: Array
    exposure: Array
    factor: Array
    habit_shape: Array
    habit_scale: Array
    habit_factor: Array
    pace: Array
    usual: Array
    model: Array
    since: float = -np.inf

    def cumulative(self, cell: Integers, age: Array) -> Array:
        """Cumulative hazard of failure at an age; ``cell`` and ``age`` of shapes that go together."""
        return _corrected(self.shape, self.scale, self.factor, cell, age)

    def habitual(self, cell: Integers, age: Array) -> Array:
        """Cumulative hazard of preventive replacement by habit."""
        return _corrected(self.habit_shape, self.habit_scale, self.habit_factor, cell, age)

    def speed(self, part: Integers, cell: Integers, model: Integers, pace: Array) -> Array:
        """Factor by which an hour of a machine counts for more or less life."""
        away = np.clip(np.log(np.maximum(pace, 1e-3)) - self.usual[cell], -DUTY_RANGE, DUTY_RANGE)
        return np.asarray(np.exp(self.pace[part] * away + self.model[part, model]))


def _corrected(shape: Array, scale: Array, factor: Array, cell: Integers, age: Array) -> Array:
    """Cumulative hazard of Weibull lives whose hazard is corrected by stretch of age."""
    x = age / scale[cell]
    stretch = np.searchsorted(EDGES, x, side="right") - 1
    at = np.power(EDGES[None, :], shape[:, None])
    step = np.diff(at, axis=1) * factor[:, :-1]
    base = np.hstack([np.zeros((len(step), 1)), np.cumsum(step, axis=1)])
    return np.asarray(base[cell, stretch] + factor[cell, stretch] * (np.power(x, shape[cell]) - at[cell, stretch]))


def observe(fleet: Fleet, found: Stays, hours: HoursRun, group: Integers) -> tuple[Observed, Cells]:
    """Ages of all stays, and the cells they belong to.

    :param group: number of the group of each machine.
    """
    groups = int(group.max()) + 1 if len(group) else 1
    key = found.part * groups + group[found.machine]
    wanted, cell = np.unique(key, return_inverse=True)
    of: Integers = np.full(len(fleet.parts) * groups, -1, dtype=np.int64)
    of[wanted] = np.arange(len(wanted))
    run = hours.at(found.machine, found.end) - hours.at(found.machine, found.start)
    ended = found.reason != Reason.RUNNING
    age = found.initial + np.maximum(run, np.where(ended, SHORTEST, 0.0))
    cells = Cells(wanted // groups, wanted % groups, of.reshape(len(fleet.parts), groups))
    return Observed(found, cell.astype(np.int64), found.initial, age), cells


def learn(fleet: Fleet, seen: Observed, cells: Cells, hours: HoursRun, model: Integers) -> LifeModel:
    """Fit the lives of all cells.

    :param model: number of the model of each machine.
    """
    count, stays, parts = len(cells.part), seen.stays, len(fleet.parts)
    pace = np.log(np.maximum(hours.whole_pace, 1e-3))
    usual = _mean_by(pace[stays.machine], seen.cell, count)
    no_model = np.zeros((parts, int(model.max()) + 1))
    # wear must be described before duty is: machines worked hard are those whose components have grown old
    plain = _fitted(seen, cells, seen.age, seen.entry, np.zeros(parts), usual, no_model)
    since, entry = _begun(plain, seen, hours)
    if since > -np.inf:
        seen = replace(seen, entry=entry)
        plain = _fitted(seen, cells, seen.age, seen.entry, np.zeros(parts), usual, no_model)
    duty, by_model = _covariates(plain, seen, pace, model, parts)
    # where preventive work renews more than a little, hours must count the same for failure and for the plan
    ends = total_by(stays.part, (seen.failed | seen.planned).astype(np.float64), parts)
    often = total_by(stays.part, seen.planned.astype(np.float64), parts) > PREVENTIVE * ends
    duty, by_model = np.where(often, 0.0, duty), np.where(often[:, None], 0.0, by_model)
    speed = np.exp(
        duty[stays.part] * np.clip(pace[stays.machine] - usual[seen.cell], -DUTY_RANGE, DUTY_RANGE)
        + by_model[stays.part, model[stays.machine]]
    )
    return replace(_fitted(seen, cells, seen.age * speed, seen.entry * speed, duty, usual, by_model), since=since)


def _begun(plain: LifeModel, seen: Observed, hours: HoursRun) -> tuple[float, Array]:
    """First day of the records, and the ages from which lives were seen.

    Nothing can have been seen to end before the first end on record. By then the hazards of all components sum up to
    one on average; where they sum up to far more, the records began late, and who had been there was seen from then on.
    """
    found = seen.stays
    ended = found.reason != Reason.RUNNING
    if not ended.any():
        return -np.inf, seen.entry
    first = float(found.end[ended].min())
    early = np.flatnonzero(found.start < first)
    run = hours.at(found.machine[early], np.minimum(found.end[early], first))
    run -= hours.at(found.machine[early], found.start[early])
    reached = np.minimum(seen.stays.initial[early] + run, seen.age[early])
    cell, entry = seen.cell[early], seen.entry[early]
    unseen = plain.cumulative(cell, reached) - plain.cumulative(cell, entry)
    unseen += plain.habitual(cell, reached) - plain.habitual(cell, entry)
    if float(unseen.sum()) < LATE:
        return -np.inf, seen.entry
    late = seen.entry.copy()
    late[early] = reached
    return first, late


def _fitted(
    seen: Observed, cells: Cells, age: Array, entry: Array, duty: Array, usual: Array, model: Array
) -> LifeModel:
    """The life model of lives whose ages already count for what they are worth."""
    count = len(cells.part)
    lived = age > entry
    shape, scale, failures, _ = _worn(age[lived], seen.failed[lived], entry[lived], seen.cell[lived], cells)
    exposure = total_by(seen.cell, seen.age - seen.entry, count)
    bare = LifeModel(
        cells=cells,
        shape=shape,
        scale=scale,
        failures=failures,
        exposure=exposure,
        factor=np.ones((count, len(EDGES))),
        habit_shape=np.ones(count),
        habit_scale=np.full(count, np.inf),
        habit_factor=np.ones((count, len(EDGES))),
        pace=duty,
        usual=usual,
        model=model,
    )
    habit_shape, habit_scale = _habits(seen, age, entry, cells)
    factor = _by_age(shape, scale, seen, seen.failed, cells, age, entry)
    by_habit = _by_age(habit_shape, habit_scale, seen, seen.planned, cells, age, entry)
    return replace(bare, factor=factor, habit_shape=habit_shape, habit_scale=habit_scale, habit_factor=by_habit)


def _mean_by(values: Array, group: Integers, count: int) -> Array:
    number = np.maximum(np.bincount(group, minlength=count), 1)
    return np.asarray(np.bincount(group, values, minlength=count) / number)


def _shrunk(age: Array, failed: Flags, entry: Array, cell: Integers, cells: Cells) -> tuple[Array, Array, Array, Array]:
    """Shape, scale, failures and exposure of all cells, each drawn to its part and the catalogue."""
    count = len(cells.part)
    order = np.argsort(cell, kind="stable")
    age, failed, entry, cell = age[order], failed[order], entry[order], cell[order]
    free = _padded(fit_weibull(age, failed, entry=entry, group=cell, prior=Prior(USUAL_SHAPE, 0.8)), count)
    x = np.log(free.shape)
    # the weak prior is taken out again, so that pooling sees what the lives alone say
    information = np.where(free.failures >= 3, np.maximum(free.information, 0.0), 0.0)
    bare = x + np.where(information > 0, (x - USUAL_SHAPE) / 0.64 / np.maximum(information, 1e-9), 0.0)
    inside = within(bare, information, cells.part, 0.08, 0.35)
    mean, between = spread(bare, information, 0.15, 0.5)
    middle = USUAL_SHAPE if np.isnan(mean) else mean
    if np.isfinite(information).sum() and (information > 0).sum() < 6:
        middle, between = (middle + USUAL_SHAPE) / 2, max(between, 0.4)
    prior = Prior(*belief(bare, information, cells.part, inside=inside, between=between, mean=middle))
    fit = _padded(fit_weibull(age, failed, entry=entry, group=cell, prior=_first(prior, cell)), count)
    shape = np.where(np.isnan(fit.shape), np.exp(np.asarray(prior.mean)), fit.shape)
    scale = _scales(shape, fit, age, entry, cell, cells)
    return shape, scale, fit.failures, fit.exposure


def _worn(age: Array, failed: Flags, entry: Array, cell: Integers, cells: Cells) -> tuple[Array, Array, Array, Array]:
    """The same, from later ages alone where the catalogue shows more early failures than wear explains."""
    whole = _shrunk(age, failed, entry, cell, cells)
    begin = np.maximum(entry, EARLY * whole[1][cell])
    late = np.flatnonzero(age > begin)
    if not failed[late].any():
        return whole
    worn = _shrunk(age[late], failed[late], begin[late], cell[late], cells)
    shape, scale = worn[0][cell], worn[1][cell]
    first = np.minimum(age, EARLY * scale)
    expected = float(np.sum(np.maximum(np.power(first / scale, shape) - np.power(entry / scale, shape), 0.0)))
    early = float(np.sum(failed & (age <= EARLY * scale)))
    if early < EXCESS * expected or early - expected < SURE * np.sqrt(expected + 1.0):
        return whole
    return worn[0], worn[1], whole[2], whole[3]


def _first(prior: Prior, cell: Integers) -> Prior:
    """The belief of the cells that hold lives (the last cells may hold none)."""
    count = int(cell.max()) + 1 if len(cell) else 0
    return Prior(np.asarray(prior.mean)[:count], np.asarray(prior.deviation)[:count])


def _padded(fit: WeibullFit, count: int) -> WeibullFit:
    """Results for ``count`` groups, the last of which may have had no lives."""
    more = count - len(fit.shape)
    if not more:
        return fit
    unknown, none = np.full(more, np.nan), np.zeros(more)
    return WeibullFit(
        np.r_[fit.shape, unknown],
        np.r_[fit.scale, unknown],
        np.r_[fit.log_likelihood, unknown],
        np.r_[fit.failures, none],
        np.r_[fit.exposure, none],
        np.r_[fit.information, unknown],
    )


def _scales(shape: Array, fit: WeibullFit, age: Array, entry: Array, cell: Integers, cells: Cells) -> Array:
    """Scales of all cells: ln of the rate λ = η^−β maximises d θ − e^θ T − (θ − θ0)² / 2v."""
    count = len(shape)
    unit = np.maximum(np.bincount(cell, age, count) / np.maximum(np.bincount(cell, minlength=count), 1), 1.0)
    power = np.power(age / unit[cell], shape[cell]) - np.power(entry / unit[cell], shape[cell])
    total = np.bincount(cell, power, count)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.log(unit) - np.log(fit.failures / total) / shape
    information = np.where(fit.failures > 0, fit.failures * np.square(shape), 0.0)
    inside = within(own, information, cells.part, 0.08, 0.8)
    mean, between = spread(own, information, 0.4, 1.5)
    if np.isnan(mean):
        # nothing has ever failed: as if half a failure were about to
        mean = float(np.log(max(fit.exposure.sum(), 1.0) / 0.5))
    centre, deviation = belief(own, information, cells.part, inside=inside, between=between, mean=mean)
    theta = np.where(fit.failures > 0, -shape * (own - np.log(unit)), -shape * (centre - np.log(unit)))
    wanted, precision = -shape * (centre - np.log(unit)), 1.0 / np.square(shape * deviation)
    for _ in range(60):
        rate = np.exp(np.minimum(theta, 500.0)) * total
        slope = fit.failures - rate - (theta - wanted) * precision
        theta = theta + np.clip(slope / (rate + precision), -1.0, 1.0)
    return np.asarray(np.exp(np.log(unit) - theta / shape))


def _covariates(plain: LifeModel, seen: Observed, pace: Array, model: Integers, parts: int) -> tuple[Array, Array]:
    """How much faster life is used up at another pace, and in another model; both drawn to no effect."""
    stays = seen.stays
    expected = plain.cumulative(seen.cell, seen.age) - plain.cumulative(seen.cell, seen.entry)
    away = np.clip(pace[stays.machine] - plain.usual[seen.cell], -DUTY_RANGE, DUTY_RANGE)
    failed = seen.failed.astype(np.float64)
    slope = np.bincount(stays.part, (failed - expected) * away, parts)
    curve = np.bincount(stays.part, expected * away * away, parts).astype(np.float64)
    shape = _mean_by(plain.shape[seen.cell], stays.part, parts)
    shape = np.where(shape > 0, shape, 1.0)
    # hazards are proportional with exponent γ; in time that is γ / β
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, deviation = spread(slope / curve, curve, 0.02, 0.5)
    centre = 0.0 if np.isnan(mean) else mean
    duty = np.clip((slope + centre / deviation**2) / (curve + 1.0 / deviation**2), -0.8, 0.8) / shape
    models = int(model.max()) + 1
    key = stays.part * models + model[stays.machine]
    adjusted = expected * np.exp(duty[stays.part] * shape[stays.part] * away)
    count = np.bincount(key, failed, parts * models)
    usual = np.bincount(key, adjusted, parts * models)
    level = np.bincount(stays.part, failed, parts) / np.maximum(np.bincount(stays.part, adjusted, parts), 1e-9)
    usual = usual * np.repeat(np.where(level > 0, level, 1.0), models)
    # the variance of true differences between models, by moments of what Poisson counts do not explain
    excess = float(np.sum(np.square(count - usual) - usual))
    between = np.clip(excess / max(float(np.sum(np.square(usual))), 1e-9), 0.003, 1.0)
    ratio = np.log((count + 1.0 / between) / (usual + 1.0 / between))
    return duty, ratio.reshape(parts, models) / shape[:, None]


def _by_age(shape: Array, scale: Array, seen: Observed, ended: Flags, cells: Cells, age: Array, entry: Array) -> Array:
    """Ends over expected ends by stretch of age: of the part, drawn to the catalogue, drawn to one."""
    part = seen.stays.part
    parts = int(part.max()) + 1 if len(part) else 0
    x, begun, power = age / scale[seen.cell], entry / scale[seen.cell], shape[seen.cell]
    stretch = np.searchsorted(EDGES, x, side="right") - 1
    observed = np.bincount(part * len(EDGES) + stretch, ended, parts * len(EDGES)).reshape(parts, -1)
    expected = np.zeros(observed.shape)
    for number, low in enumerate(EDGES):
        high = EDGES[number + 1] if number + 1 < len(EDGES) else np.inf
        rows = np.flatnonzero((x > low) & (begun < high))
        top, bottom = np.minimum(x[rows], high), np.maximum(begun[rows], low)
        hazard = np.power(top, power[rows]) - np.power(bottom, power[rows])
        expected[:, number] = np.bincount(part[rows], hazard, parts)
    shared = log_ratio(observed.sum(axis=0), expected.sum(axis=0), 0.0, SHARED_HAZARD)
    own = np.exp(log_ratio(observed.astype(np.float64), expected, shared, OWN_HAZARD))
    # drawing to one by stretches must not change the whole
    level = (observed.sum(axis=1) + LEVEL) / ((own * expected).sum(axis=1) + LEVEL)
    own *= level[:, None]
    return np.asarray(own[cells.part])


def _habits(seen: Observed, age: Array, entry: Array, cells: Cells) -> tuple[Array, Array]:
    """Weibull of preventive replacements; scale infinite where there have been too few to call it a habit."""
    count = len(cells.part)
    shape, scale = np.ones(count), np.full(count, np.inf)
    lived = np.flatnonzero(age > entry)
    if not seen.planned.any():
        return shape, scale
    cell = seen.cell[lived]
    fit = _padded(
        fit_weibull(age[lived], seen.planned[lived], entry=entry[lived], group=cell, prior=Prior(np.log(4.0), 1.0)),
        count,
    )
    known = np.isfinite(fit.shape)
    shape[known], scale[known] = fit.shape[known], fit.scale[known]
    return shape, scale
