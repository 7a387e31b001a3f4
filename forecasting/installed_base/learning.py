"""Learning the lives of all cells of a fleet: wear, duty, model, early failures, habits, and where records begin."""

from dataclasses import replace

import numpy as np

from forecasting.arrays import Array, Flags, Integers
from forecasting.installed_base.fitting import padded, worn
from forecasting.installed_base.fleet import Fleet, Reason
from forecasting.installed_base.hours import HoursRun
from forecasting.installed_base.life import Prior, fit_weibull
from forecasting.installed_base.lives import DUTY_RANGE, EDGES, Cells, LifeModel, Observed
from forecasting.installed_base.pooling import log_ratio, spread, total_by

SHARED_HAZARD, OWN_HAZARD = 0.5, 0.25
"""Deviation of ln of the correction: of the catalogue from none, and of a part from the catalogue."""
LEVEL = 20.0
"""Ends a part needs for its corrected hazards to be brought half way to them."""
PREVENTIVE = 0.1
"""Share of preventive replacements of a part above which duty and model are left out of its life."""
LATE = 10.0
"""Ends that should have been seen before the first one was, by which records are known to have begun late."""


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
    shape, scale, failures, _ = worn(age[lived], seen.failed[lived], entry[lived], seen.cell[lived], cells)
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
    fit = padded(
        fit_weibull(age[lived], seen.planned[lived], entry=entry[lived], group=cell, prior=Prior(np.log(4.0), 1.0)),
        count,
    )
    known = np.isfinite(fit.shape)
    shape[known], scale[known] = fit.shape[known], fit.scale[known]
    return shape, scale
