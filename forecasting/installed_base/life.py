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


@dataclass(frozen=True, eq=False)
class WeibullFit:
    """Weibull lives of many groups, shape (groups,) each; NaN where a group holds no failure.

    :param shape: β. Without any prior a group whose failures all fall on its largest age tends to the upper bound.
    :param scale: η, in the unit of the ages.
    :param log_likelihood: at the maximum, prior not included.
    :param failures: failures observed.
    :param exposure: total time observed.
    """

    shape: Array
    scale: Array
    log_likelihood: Array
    failures: Array
    exposure: Array


@dataclass(frozen=True)
class Prior:
    """What is believed of the shape before a group's own lives are seen: ln β is normal.

    Adding −(ln β − mean)²/(2 deviation²) to each group's likelihood shrinks groups with few failures to the pool.
    """

    mean: float
    deviation: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.mean) and self.deviation > 0):
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
    :param group: group number 0 … of each life; default one group.
    :raises ForecastError: for ages that are not finite and above their entry, naming the row.
    """
    begun = np.zeros(age.shape) if entry is None else np.asarray(entry, dtype=np.float64)
    count = np.ones(age.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    groups: Integers = np.zeros(age.shape, dtype=np.int64) if group is None else np.asarray(group, dtype=np.int64)
    _check_lives(age, begun, count, groups)
    return _Lives(np.asarray(age, dtype=np.float64), np.asarray(failed, dtype=np.bool_), begun, count, groups).fit(
        prior
    )


class _Lives:
    """Lives of all groups, ages divided by the largest of their group so that powers stay in range."""

    def __init__(self, age: Array, failed: Flags, entry: Array, weight: Array, group: Integers) -> None:
        order = np.argsort(group, kind="stable")
        self.group, self.weight = group[order], weight[order]
        self.groups = int(group.max()) + 1 if len(group) else 0
        self.largest = np.zeros(self.groups)
        np.maximum.at(self.largest, group, age)
        unit = np.where(self.largest > 0, self.largest, 1.0)[self.group]
        self.log_age = np.log(age[order] / unit)
        self.late = np.flatnonzero(entry[order] > 0)
        self.log_entry = np.log(entry[order][self.late] / unit[self.late])
        ended = self.weight * failed[order]
        self.failures = self._sum(ended)
        self.log_failed = self._sum(ended * self.log_age)
        self.exposure = self._sum(weight[order] * (age - entry)[order])

    def _sum(self, values: Array) -> Array:
        return np.bincount(self.group, values, minlength=self.groups).astype(np.float64)

    def _powers(self, shape: Array) -> tuple[Array, Array, Array]:
        """Σ w (t^β − a^β) and its first two derivatives by β, per group."""
        totals = []
        power = self.weight * np.exp(shape[self.group] * self.log_age)
        late = self.weight[self.late] * np.exp(shape[self.group[self.late]] * self.log_entry)
        for order in range(3):
            total = self._sum(power * self.log_age**order)
            total -= np.bincount(self.group[self.late], late * self.log_entry**order, minlength=self.groups)
            totals.append(total)
        return totals[0], totals[1], totals[2]

    def fit(self, prior: Prior | None) -> WeibullFit:
        """Maximise the profile likelihood of every group with a failure."""
        usable = self.failures > 0
        low, high = np.full(self.groups, np.log(LEAST_SHAPE)), np.full(self.groups, np.log(MOST_SHAPE))
        point = np.zeros(self.groups) if prior is None else np.full(self.groups, prior.mean)
        for _ in range(STEPS):
            slope, curve = self._slope(np.exp(point), prior)
            low, high = np.where(slope > 0, point, low), np.where(slope > 0, high, point)
            newton = point - slope / np.where(curve < 0, curve, -np.inf)
            inside = (curve < 0) & (newton > low) & (newton < high)
            following = np.where(inside, newton, (low + high) / 2)
            done = np.abs(following - point) < 1e-12
            point = following
            if (done | ~usable).all():
                break
        shape = np.where(usable, np.exp(point), np.nan)
        return self._result(shape, usable)

    def _slope(self, shape: Array, prior: Prior | None) -> tuple[Array, Array]:
        """Derivatives of the profile log-likelihood by ln β."""
        total, first, second = self._powers(shape)
        total = np.maximum(total, 1e-300)
        ratio = first / total
        slope = self.failures / shape + self.log_failed - self.failures * ratio
        curve = -self.failures / shape**2 - self.failures * (second / total - ratio**2)
        by_log, curve_log = slope * shape, curve * shape**2 + slope * shape
        if prior is not None:
            by_log -= (np.log(shape) - prior.mean) / prior.deviation**2
            curve_log -= 1.0 / prior.deviation**2
        return by_log, curve_log

    def _result(self, shape: Array, usable: Flags) -> WeibullFit:
        known = np.where(usable, shape, 1.0)
        total, _, _ = self._powers(known)
        failures = np.maximum(self.failures, 1e-300)
        log_scale = np.log(np.maximum(total, 1e-300) / failures) / known
        unit = np.log(np.where(self.largest > 0, self.largest, 1.0))
        likelihood = (
            self.failures * (np.log(known) - known * log_scale - unit) + (known - 1) * self.log_failed - self.failures
        )
        scale = np.exp(log_scale + unit)
        return WeibullFit(
            shape, np.where(usable, scale, np.nan), np.where(usable, likelihood, np.nan), self.failures, self.exposure
        )


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
    return _Lives(age, failed, entry, np.ones(len(age)), group).fit(None)


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
