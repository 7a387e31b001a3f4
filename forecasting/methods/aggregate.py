"""Forecasts from demand summed over buckets of several periods: ADIDA, and its mean over several bucket sizes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecasting.arrays import Array, Integers
from forecasting.methods.base import FlatMethod


@dataclass(frozen=True)
class Adida(FlatMethod):
    """Sum demand over buckets as long as the mean demand interval, smooth the sums, divide again.

    K. Nikolopoulos, A. A. Syntetos, J. E. Boylan, F. Petropoulos, V. Assimakopoulos, An aggregate-disaggregate
    intermittent demand approach (ADIDA) to forecasting, Journal of the Operational Research Society 62 (2011).

    Buckets end at the origin; an incomplete oldest bucket is left out unless it is the only one. A bucket with missing
    periods stands for the mean of its known ones. Smoothing: Σ w(1−w)^k s_k / Σ w(1−w)^k, newest bucket k = 0.

    :param alpha: weight w of the newest bucket.
    :param longest: longest bucket in periods.
    """

    alpha: float = 0.2
    longest: int = 24
    name: ClassVar[str] = "adida"

    def __post_init__(self) -> None:
        if not 0 < self.alpha <= 1 or self.longest < 1:
            raise ValueError(f"alpha {self.alpha} must be above 0 and at most 1, longest {self.longest} at least 1")

    def rates(self, demand: Array, origins: Sequence[int]) -> Array:
        """Rate per period known at each origin, shape (origins, parts)."""
        total, count, hits = _sums(demand)
        kept = np.zeros((len(origins), demand.shape[1]))
        for row, origin in enumerate(origins):
            bucket = self._buckets(count[origin], hits[origin])
            for size in np.unique(bucket):
                parts = np.flatnonzero(bucket == size)
                kept[row, parts] = _smoothed(total, count, origin, int(size), self.alpha, parts)
        return kept

    def _buckets(self, count: Array, hits: Array) -> Integers:
        """Bucket length of each part: the mean interval between its demands, rounded."""
        interval = np.rint(count / np.maximum(hits, 1.0))
        return np.clip(interval, 1, self.longest).astype(np.int64)


@dataclass(frozen=True)
class Imapa(Adida):
    """Mean of the ADIDA forecasts for every bucket length from one to the mean demand interval.

    F. Petropoulos, N. Kourentzes, Forecast combinations for intermittent demand,
    Journal of the Operational Research Society 66 (2015).
    """

    name: ClassVar[str] = "imapa"

    def rates(self, demand: Array, origins: Sequence[int]) -> Array:
        """Rate per period known at each origin, shape (origins, parts)."""
        total, count, hits = _sums(demand)
        kept = np.zeros((len(origins), demand.shape[1]))
        for row, origin in enumerate(origins):
            bucket = self._buckets(count[origin], hits[origin])
            for size in range(1, int(bucket.max(initial=0)) + 1):
                parts = np.flatnonzero(bucket >= size)
                kept[row, parts] += _smoothed(total, count, origin, size, self.alpha, parts)
            kept[row] /= bucket
        return kept


def _sums(demand: Array) -> tuple[Array, Array, Array]:
    """Running sums of demand, known periods and periods with demand, each starting with a row of zeros."""
    known = ~np.isnan(demand)
    empty = np.zeros((1, demand.shape[1]))
    rows = (np.where(known, demand, 0.0), known.astype(np.float64), (demand > 0).astype(np.float64))
    total, count, hits = (np.vstack([empty, np.cumsum(row, axis=0)]) for row in rows)
    return total, count, hits


def _smoothed(total: Array, count: Array, origin: int, size: int, alpha: float, parts: Integers) -> Array:
    """Smoothed demand per period of these parts from buckets of one length that end at the origin."""
    ends = np.arange(origin, size - 1, -size)
    if not len(ends):
        return np.asarray(total[origin, parts] / np.maximum(count[origin, parts], 1.0))
    columns = parts[None, :]
    known = count[ends[:, None], columns] - count[ends[:, None] - size, columns]
    pieces = total[ends[:, None], columns] - total[ends[:, None] - size, columns]
    weight = np.where(known > 0, ((1 - alpha) ** np.arange(len(ends)))[:, None], 0.0)
    rate = pieces / np.maximum(known, 1.0)
    sums = weight.sum(axis=0)
    overall = total[origin, parts] / np.maximum(count[origin, parts], 1.0)
    return np.asarray(np.where(sums > 0, (weight * rate).sum(axis=0) / np.maximum(sums, 1e-12), overall))
