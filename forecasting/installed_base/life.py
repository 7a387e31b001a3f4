"""How long components live: Weibull by maximum likelihood, mean cumulative function, power-law process.

One likelihood serves both models. A life observed from age a to age t, ended by failure (δ = 1) or not (δ = 0), adds
δ (ln β − β ln η + (β − 1) ln t) − (t^β − a^β) / η^β. The age a is above zero for components seen late (left
truncation), and for the power law, where each gap between failures starts at the age of the failure before.
W. Q. Meeker, L. A. Escobar, Statistical Methods for Reliability Data (1998), chapters 8, 11 and 16.
"""

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Flags, Integers
from forecasting.errors import ForecastError

LEAST_SHAPE, MOST_SHAPE = 0.02, 50.0
STEPS = 80
LAST_STEP = 1e-5
"""A Newton step of ln β this small leaves an error far below rounding of any table: convergence is quadratic."""


@dataclass(frozen=True, eq=False)
class WeibullFit:
    """Weibull lives of many groups, shape (groups,) each; NaN where a group holds no failure.

    :param shape: β. Without any prior a group whose failures all fall on its largest age tends to the upper bound.
    :param scale: η, in the unit of the ages.
    :param log_likelihood: at the maximum, prior not included.
    :param failures: failures observed.
    :param exposure: total time observed.
    :param information: what the lives alone say of ln β: minus the second derivative of the profile log-likelihood.
    """

    shape: Array
    scale: Array
    log_likelihood: Array
    failures: Array
    exposure: Array
    information: Array


@dataclass(frozen=True, eq=False)
class Prior:
    """What is believed of the shape before a group's own lives are seen: ln β is normal.

    Adding −(ln β − mean)²/(2 deviation²) to each group's likelihood shrinks groups with few failures to the pool.

    :param mean: of ln β, for all groups or shape (groups,).
    :param deviation: of ln β, for all groups or shape (groups,).
    """

    mean: "float | Array"
    deviation: "float | Array"

    def __post_init__(self) -> None:
        if not (np.isfinite(self.mean).all() and np.all(np.asarray(self.deviation) > 0)):
            raise ForecastError("the prior needs a finite mean and a deviation above zero")


def fit_weibull(
    age: Array,
    failed: Flags,
    *,
    entry: Array | None = None,
    weight: Array | None = None,
    group: Integers | None = None,
    prior: Prior | None = None,
) -> WeibullFit:
    """Fit β and η for every group at once: η in closed form for each β, β by bracketed Newton steps on ln β.

    :param age: age at failure or at the end of observation, above zero, shape (lives,).
    :param failed: True for a failure, False for a life still running (right censoring).
    :param entry: age at which observation began, below ``age``; default 0.
    :param weight: how many such lives; default 1.
    :param group: group number 0 … of each life; default one group. Lives sorted by group are fitted fastest.
    :raises ForecastError: for ages that are not finite and above their entry, naming the row.
    """
    begun = np.zeros(age.shape) if entry is None else np.asarray(entry, dtype=np.float64)
    count = np.ones(age.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    groups: Integers = np.zeros(age.shape, dtype=np.int64) if group is None else np.asarray(group, dtype=np.int64)
    _check_lives(age, begun, count, groups)
    ages, ended = np.asarray(age, dtype=np.float64), np.asarray(failed, dtype=np.bool_)
    return _Lives(ages, ended, begun, None if weight is None else count, groups).fit(prior)


class _Lives:
    """Lives of all groups in order of group, ages divided by the largest of their group so that powers stay in range.

    A late entry is one more term of the same sum, with a negative weight.
    """

    def __init__(self, age: Array, failed: Flags, entry: Array, weight: Array | None, group: Integers) -> None:
        self.groups = int(group.max()) + 1 if len(group) else 0
        late = np.flatnonzero(entry > 0)
        term, owner = np.concatenate([age, entry[late]]), np.concatenate([group, group[late]])
        sign = None if weight is None and not len(late) else np.ones(len(term))
        if sign is not None:
            sign[: len(age)] = 1.0 if weight is None else weight
            sign[len(age) :] = -sign[late]
        if np.any(owner[1:] < owner[:-1]):
            order = np.argsort(owner.astype(np.int32), kind="stable")
            term, owner, sign = term[order], owner[order], None if sign is None else sign[order]
        self.size = np.bincount(owner, minlength=self.groups)
        self.sign = sign
        self.present = np.flatnonzero(self.size)
        starts = (np.cumsum(self.size) - self.size)[self.present]
        self.largest = np.ones(self.groups)
        self.largest[self.present] = np.maximum.reduceat(term, starts) if len(term) else 1.0
        self.log_age = np.log(term) - np.repeat(np.log(self.largest), self.size)
        ended = failed * (1.0 if weight is None else weight)
        self.failures = np.bincount(group, ended, minlength=self.groups).astype(np.float64)
        logs = np.log(age[failed] / self.largest[group[failed]])
        self.log_failed = np.bincount(group[failed], ended[failed] * logs, minlength=self.groups)
        observed = (age - entry) if weight is None else weight * (age - entry)
        self.exposure = np.bincount(group, observed, minlength=self.groups).astype(np.float64)

    def _part(self, wanted: Integers) -> tuple[Array, Array | None, Integers]:
        """Logarithms of age, signs and sizes of some groups only."""
        if len(wanted) == len(self.present):
            return self.log_age, self.sign, self.size[wanted]
        inside = np.zeros(self.groups, dtype=np.bool_)
        inside[wanted] = True
        rows = np.repeat(inside, self.size)
        return self.log_age[rows], None if self.sign is None else self.sign[rows], self.size[wanted]

    def fit(self, prior: Prior | None) -> WeibullFit:
        """Maximise the profile likelihood of every group with a failure; groups leave the sums once they stand."""
        mean = np.broadcast_to(np.float64(0.0) if prior is None else np.asarray(prior.mean), (self.groups,))
        precision = np.zeros(self.groups)
        if prior is not None:
            precision[:] = 1.0 / np.square(prior.deviation)
        low, high = np.full(self.groups, np.log(LEAST_SHAPE)), np.full(self.groups, np.log(MOST_SHAPE))
        point = np.clip(np.where(precision > 0, mean, 0.3), low + 0.1, high - 0.1)
        known = np.full((3, self.groups), np.nan)
        moving = np.flatnonzero(self.failures > 0)
        logs, sign, size = self._part(moving)
        for _ in range(STEPS):
            if not len(moving):
                break
            sums = _power_sums(logs, sign, size, np.exp(point[moving]))
            slope, curve, bare = self._slope(moving, point[moving], sums, mean[moving], precision[moving])
            low[moving] = np.where(slope > 0, point[moving], low[moving])
            high[moving] = np.where(slope > 0, high[moving], point[moving])
            newton = point[moving] - slope / np.where(curve < 0, curve, -np.inf)
            inside = (curve < 0) & (newton > low[moving]) & (newton < high[moving])
            following = np.where(inside, newton, (low[moving] + high[moving]) / 2)
            # the sums follow the last small step exactly enough by their derivatives
            step = following - point[moving]
            done = np.abs(step) < LAST_STEP
            ahead = np.expm1(step) * np.exp(point[moving])
            known[0, moving] = np.log(np.maximum(sums[0] + ahead * (sums[1] + ahead / 2 * sums[2]), 1e-300))
            known[1, moving], known[2, moving] = following, -bare
            point[moving] = following
            if done.sum() * 4 >= len(moving) or done.all():
                moving = moving[~done]
                logs, sign, size = self._part(moving)
        return self._result(known)

    def _slope(
        self, rows: Integers, point: Array, sums: tuple[Array, Array, Array], mean: Array, precision: Array
    ) -> tuple[Array, Array, Array]:
        """First and second derivative of the penalised profile log-likelihood by ln β, and the second without prior."""
        shape, failures = np.exp(point), self.failures[rows]
        total = np.maximum(sums[0], 1e-300)
        ratio = sums[1] / total
        slope = failures / shape + self.log_failed[rows] - failures * ratio
        curve = -failures / shape**2 - failures * (sums[2] / total - ratio**2)
        by_log, bare = slope * shape, curve * shape**2 + slope * shape
        return by_log - (point - mean) * precision, bare - precision, bare

    def _result(self, known: Array) -> WeibullFit:
        log_total, log_shape, information = known
        shape, failures = np.exp(log_shape), np.maximum(self.failures, 1e-300)
        log_scale = (log_total - np.log(failures)) / shape
        unit = np.log(self.largest)
        likelihood = failures * (log_shape - shape * log_scale - unit) + (shape - 1) * self.log_failed - failures
        return WeibullFit(shape, np.exp(log_scale + unit), likelihood, self.failures, self.exposure, information)


def _power_sums(log_age: Array, sign: Array | None, size: Integers, shape: Array) -> tuple[Array, Array, Array]:
    """Σ w t^β and its first two derivatives by β, per group."""
    starts = np.cumsum(size) - size
    power = np.exp(np.repeat(shape, size) * log_age)
    if sign is not None:
        power *= sign
    total = np.add.reduceat(power, starts)
    power *= log_age
    first = np.add.reduceat(power, starts)
    power *= log_age
    return total, first, np.add.reduceat(power, starts)


@dataclass(frozen=True, eq=False)
class CumulativeFunction:
    """Mean number of events per unit up to each age at which one happened."""

    age: Array
    mean: Array

    def at(self, age: float) -> float:
        """The mean number of events up to an age."""
        position = int(np.searchsorted(self.age, age, side="right"))
        return float(self.mean[position - 1]) if position else 0.0


def mean_cumulative_function(events: Array, ends: Array) -> CumulativeFunction:
    """Events at each age over the units still observed then, summed up (Nelson 1995).

    W. Nelson, Confidence limits for recurrence data, Technometrics 37 (1995).

    :param events: ages of all events of all units.
    :param ends: age at the end of observation of every unit, those without events among them.
    :raises ForecastError: when an event lies after the end of all units.
    """
    if not len(ends):
        raise ForecastError("there are no units")
    ages, counts = np.unique(events, return_counts=True)
    ordered = np.sort(ends)
    at_risk = len(ordered) - np.searchsorted(ordered, ages, side="left")
    if len(ages) and at_risk[-1] == 0:
        raise ForecastError(f"an event at age {ages[-1]:g} lies after the end of observation of every unit")
    return CumulativeFunction(ages.astype(np.float64), np.cumsum(counts / np.maximum(at_risk, 1)))


def fit_power_law(
    events: Array, unit: Integers, ends: Array, *, starts: Array | None = None, group: Integers | None = None
) -> WeibullFit:
    """Power-law process: expected failures up to age t are (t/η)^β; β above 1 means the system wears out.

    L. H. Crow, Reliability analysis for complex, repairable systems (1974).

    :param events: ages of all failures.
    :param unit: row in ``ends`` of the unit each failure belongs to.
    :param ends: age at the end of observation of each unit, shape (units,); ``starts`` at its beginning, default 0.
    :param group: group number of each unit; default one group.
    :raises ForecastError: when a failure lies outside the observation of its unit.
    """
    begun = np.zeros(ends.shape) if starts is None else np.asarray(starts, dtype=np.float64)
    groups: Integers = np.zeros(ends.shape, dtype=np.int64) if group is None else group
    outside = (events > ends[unit]) | (events <= begun[unit])
    if outside.any():
        row = int(np.flatnonzero(outside)[0])
        raise ForecastError(f"failure {row} at age {events[row]:g} lies outside the observation of its unit")
    order = np.lexsort((events, unit))
    owner, ages = unit[order], np.asarray(events[order], dtype=np.float64)
    first = np.r_[True, owner[1:] != owner[:-1]] if len(owner) else np.zeros(0, dtype=np.bool_)
    entry = np.where(first, begun[owner], np.r_[0.0, ages[:-1]] if len(ages) else ages)
    newest = begun.copy()
    np.maximum.at(newest, owner, ages)
    running = np.flatnonzero(ends > newest)
    # failures at the same age share one entry: nothing is observed between them, but each one counts
    return _fit_gaps(
        np.r_[ages, ends[running]],
        np.r_[np.ones(len(ages), dtype=np.bool_), np.zeros(len(running), dtype=np.bool_)],
        np.r_[entry, newest[running]],
        np.r_[groups[owner], groups[running]],
    )


def _fit_gaps(age: Array, failed: Flags, entry: Array, group: Integers) -> WeibullFit:
    """The same likelihood for gaps, which may be of length zero."""
    return _Lives(age, failed, entry, None, group).fit(None)


def _check_lives(age: Array, entry: Array, weight: Array, group: Integers) -> None:
    if not age.shape == entry.shape == weight.shape == group.shape:
        raise ForecastError("ages, entries, weights and groups are of different length")
    for wrong, what in (
        (~np.isfinite(age) | (age <= 0), "the age is not finite and above zero"),
        (~np.isfinite(entry) | (entry < 0) | (entry >= age), "the entry age is not between zero and the age"),
        (~np.isfinite(weight) | (weight < 0), "the weight is not finite and at least zero"),
        (group < 0, "the group number is below zero"),
    ):
        if wrong.any():
            raise ForecastError(f"life {int(np.flatnonzero(wrong)[0])}: {what}")
