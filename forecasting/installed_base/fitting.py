"""Weibull lives of cells, each drawn to those of its part and of the catalogue; early failures told apart from wear."""

import numpy as np

from forecasting.arrays import Array, Flags, Integers
from forecasting.installed_base.life import Prior, WeibullFit, fit_weibull
from forecasting.installed_base.lives import EARLY, Cells
from forecasting.installed_base.pooling import belief, spread, within

USUAL_SHAPE = float(np.log(1.6))
"""ln β of parts nothing is known of: between chance failure and wear."""
EXCESS, SURE = 1.25, 4.0
"""Early failures over those expected, and standard errors of them, at which lives are fitted to later ages alone."""


def shrunk(age: Array, failed: Flags, entry: Array, cell: Integers, cells: Cells) -> tuple[Array, Array, Array, Array]:
    """Shape, scale, failures and exposure of all cells, each drawn to its part and the catalogue."""
    count = len(cells.part)
    order = np.argsort(cell, kind="stable")
    age, failed, entry, cell = age[order], failed[order], entry[order], cell[order]
    free = padded(fit_weibull(age, failed, entry=entry, group=cell, prior=Prior(USUAL_SHAPE, 0.8)), count)
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
    fit = padded(fit_weibull(age, failed, entry=entry, group=cell, prior=_first(prior, cell)), count)
    shape = np.where(np.isnan(fit.shape), np.exp(np.asarray(prior.mean)), fit.shape)
    scale = _scales(shape, fit, age, entry, cell, cells)
    return shape, scale, fit.failures, fit.exposure


def worn(age: Array, failed: Flags, entry: Array, cell: Integers, cells: Cells) -> tuple[Array, Array, Array, Array]:
    """The same, from later ages alone where the catalogue shows more early failures than wear explains."""
    whole = shrunk(age, failed, entry, cell, cells)
    begin = np.maximum(entry, EARLY * whole[1][cell])
    late = np.flatnonzero(age > begin)
    if not failed[late].any():
        return whole
    worn = shrunk(age[late], failed[late], begin[late], cell[late], cells)
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


def padded(fit: WeibullFit, count: int) -> WeibullFit:
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
