"""Lead times that are not sure: how long deliveries took, and the demand over a time that may be short or long.

The demand of an uncertain lead time is the mixture of the demands of each whole number of periods it may take, weighted
by how probable that is: F(x) = Σ P(L = l) · F_l(x). Nothing is assumed of its shape, so two suppliers (one near, one
overseas) or a distribution with a long tail are as good as any.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from forecasting.arrays import Array, Integers
from forecasting.errors import SettingsError

LONGEST = 240
MOST_LENGTHS = 12
"""Different lengths a lead time may have; more are put together with their neighbours."""
LEAST_SHARE = 0.005
"""Lengths less probable than this are put to the nearest that is more so."""
POOL_DELIVERIES = 4.0
"""Deliveries that those of all other parts count for beside a part's own."""
EDGES = np.concatenate([np.linspace(0.0, 0.9, 37), np.linspace(0.91, 0.99, 9), [0.995, 0.999, 1.0]])
"""Cells of probability a distribution is cut into for the mixture, finer where promises are made."""
GRID = (0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.995)
"""Quantiles learned for the mixture besides those asked for."""


@dataclass(frozen=True, eq=False)
class LeadTimes:
    """How long replenishment may take.

    :param periods: whole periods, ascending, shape (lengths,).
    :param weights: probability of each length, shape (parts, lengths); rows add up to 1.
    :raises SettingsError: for lengths that are not whole, ascending and 1 to 240, or weights that are no probabilities.
    """

    periods: Integers
    weights: Array

    def __post_init__(self) -> None:
        periods, weights = np.asarray(self.periods), np.asarray(self.weights, dtype=np.float64)
        if periods.ndim != 1 or not len(periods) or periods.dtype.kind not in "iu" or (np.diff(periods) <= 0).any():
            raise SettingsError("lengths of lead times must be whole periods in ascending order")
        if not (periods.min() >= 1 and periods.max() <= LONGEST):
            raise SettingsError(f"lead times of {periods.min()} to {periods.max()} periods; 1 to {LONGEST} can be")
        if weights.ndim != 2 or weights.shape[1] != len(periods):
            raise SettingsError(f"weights of shape {weights.shape} for {len(periods)} lengths of lead times")
        if not (np.isfinite(weights).all() and (weights >= 0).all() and np.allclose(weights.sum(axis=1), 1.0)):
            raise SettingsError("the probabilities of a part's lead times must not be below 0 and must add up to 1")
        object.__setattr__(self, "periods", periods.astype(np.int64))
        object.__setattr__(self, "weights", weights)

    def __len__(self) -> int:
        """Parts."""
        return len(self.weights)

    def __getitem__(self, rows: "Integers | slice") -> "LeadTimes":
        """The lead times of the parts at these rows."""
        return LeadTimes(self.periods, self.weights[rows])

    @property
    def mean(self) -> Array:
        """Expected periods, shape (parts,)."""
        return np.asarray((self.weights * self.periods).sum(axis=1))

    @classmethod
    def from_moments(cls, mean: Array, deviation: Array) -> "LeadTimes":
        """Gamma distributed times with these means and standard deviations in periods, rounded to whole ones.

        :raises SettingsError: unless means lie between 0 and 240 and deviations are not below 0 and finite.
        """
        mean, deviation = np.atleast_1d(np.asarray(mean, float)), np.atleast_1d(np.asarray(deviation, float))
        good = (mean > 0) & (mean <= LONGEST) & (deviation >= 0) & np.isfinite(deviation)
        if mean.shape != deviation.shape or mean.ndim != 1 or not good.all():
            raise SettingsError(f"lead times need a mean above 0 and up to {LONGEST} and a deviation not below 0")
        last = int(np.clip(np.ceil((mean + 4 * deviation).max()), 1, LONGEST))
        spread = np.maximum(deviation, 1e-3)[:, None]
        edges = np.arange(1, last) + 0.5
        below = stats.gamma.cdf(edges[None, :], np.square(mean[:, None] / spread), scale=spread**2 / mean[:, None])
        padded = np.hstack([np.zeros((len(mean), 1)), below, np.ones((len(mean), 1))])
        return _thinned(np.arange(1, last + 1, dtype=np.int64), np.diff(padded, axis=1))

    @classmethod
    def from_deliveries(cls, deliveries: Sequence[Sequence[float]]) -> "LeadTimes":
        """From how long past deliveries of each part took, in periods.

        Each part's own deliveries count one each; beside them stand four whose distance from the mean is that of the
        deliveries of all parts, relative to their own mean. A part without any gets the catalogue's.

        :raises SettingsError: when no part has a delivery, or one is not between 0 and 240 periods.
        """
        times = np.array([time for several in deliveries for time in several], dtype=np.float64)
        if not len(times) or not (np.isfinite(times).all() and (times >= 0).all() and times.max() <= LONGEST):
            raise SettingsError(f"deliveries must take 0 to {LONGEST} periods, and there must be at least one")
        owner = np.repeat(np.arange(len(deliveries)), [len(several) for several in deliveries])
        count = np.bincount(owner, minlength=len(deliveries)).astype(np.float64)
        total = np.bincount(owner, times, minlength=len(deliveries))
        mean = np.where(count > 0, total / np.maximum(count, 1), times.mean())
        ratios = np.quantile(times / np.maximum(mean[owner], 1e-9), (np.arange(20) + 0.5) / 20)
        last = int(np.clip(max(np.rint(times.max()), np.rint((mean * ratios.max()).max())), 1, LONGEST))
        weights = np.zeros((len(deliveries), last))
        np.add.at(weights, (owner, _whole(times, last) - 1), 1.0)
        for ratio in ratios:
            np.add.at(weights, (np.arange(len(mean)), _whole(mean * ratio, last) - 1), POOL_DELIVERIES / len(ratios))
        return _thinned(np.arange(1, last + 1, dtype=np.int64), weights / weights.sum(axis=1, keepdims=True))


def _whole(times: Array, last: int) -> Integers:
    return np.clip(np.rint(times), 1, last).astype(np.int64)


def _thinned(periods: Integers, weights: Array) -> LeadTimes:
    """The same with few lengths: the improbable ones put to their nearest neighbours that stay."""
    overall = weights.mean(axis=0)
    probable = np.flatnonzero((weights >= LEAST_SHARE).any(axis=0))
    if len(probable) > MOST_LENGTHS:
        # evenly over the probability of the catalogue, always with the longest
        ranks = np.cumsum(overall[probable]) / overall[probable].sum()
        wanted = np.linspace(0, 1, MOST_LENGTHS)
        probable = np.unique(np.append(probable[np.searchsorted(ranks, wanted * ranks[-1] - 1e-12)], probable[-1]))
    nearest = np.abs(periods[:, None] - periods[probable][None, :]).argmin(axis=1)
    kept = np.zeros((len(weights), len(probable)))
    np.add.at(kept.T, nearest, weights.T)
    kept[kept < LEAST_SHARE] = 0.0
    return LeadTimes(periods[probable], kept / kept.sum(axis=1, keepdims=True))


def mixed(quantiles: Array, probabilities: Sequence[float], weights: Array, wanted: Sequence[float]) -> Array:
    """Quantiles of the mixture, shape (parts, wanted), ascending.

    :param quantiles: of the demand over each length, shape (lengths, parts, probabilities); NaN where not needed.
    :param probabilities: those of the quantiles, ascending.
    :param weights: probability of each length, shape (parts, lengths).
    """
    known = np.asarray(probabilities)
    middle, mass = (EDGES[1:] + EDGES[:-1]) / 2, np.diff(EDGES)
    lengths, parts = quantiles.shape[:2]
    points = np.stack([_between(np.nan_to_num(each), known, middle) for each in quantiles], axis=1)
    share = weights[:, :, None] * mass
    points, share = points.reshape(parts, -1), np.broadcast_to(share, (parts, lengths, len(mass))).reshape(parts, -1)
    order = np.argsort(points, axis=1, kind="stable")
    points, reached = np.take_along_axis(points, order, 1), np.cumsum(np.take_along_axis(share, order, 1), axis=1)
    place = np.stack([(reached < probability - 1e-9).sum(axis=1) for probability in wanted], axis=1)
    return np.asarray(np.take_along_axis(points, np.minimum(place, points.shape[1] - 1), axis=1))


def _between(quantiles: Array, known: Array, wanted: Array) -> Array:
    """Quantiles at other probabilities, linear between those known and, above the last, in −log(1 − p)."""
    scale = -np.log1p(-known), -np.log1p(-wanted)
    right = np.clip(np.searchsorted(known, wanted), 1, max(len(known) - 1, 1))
    if len(known) == 1:
        return np.repeat(quantiles, len(wanted), axis=1)
    left = right - 1
    part = (scale[1] - scale[0][left]) / (scale[0][right] - scale[0][left])
    result = quantiles[:, left] * (1 - part) + quantiles[:, right] * part
    # below the first known quantile lies as good as nothing that matters to a promise
    return np.asarray(np.maximum(np.where(wanted < known[0], quantiles[:, :1] * wanted / known[0], result), 0.0))
