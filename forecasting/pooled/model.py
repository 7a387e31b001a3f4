"""The pooled model of one catalogue and one lead time: a specification, ``fit``, and quantiles for any part."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Integers, Words
from forecasting.methods.base import windows
from forecasting.pooled.candidates import DEFAULTS, candidates
from forecasting.pooled.first_demand import EDGES, FirstDemand, fit_first_demand
from forecasting.pooled.moments import Moments, fit_moments
from forecasting.pooled.rows import Rows, Sizes, learn_sizes, make_rows
from forecasting.pooled.stack import fit_stack, groups_of

OCCURRENCE_CUTS = (0.12, 0.35, 0.7)
LEAST_ROWS = 60
"""Rows needed to learn anything; with fewer the defaults stand."""


@dataclass(frozen=True, eq=False)
class LeadForecast:
    """Mean and quantiles of the demand of one lead time, pieces."""

    mean: Array
    quantiles: Array


@dataclass(frozen=True)
class Pooled:
    """What to fit.

    :param lead: periods over which demand is summed.
    :param probabilities: of the quantiles.
    :param season: periods in a year.
    :param seed: chooses the parts to learn from.
    :param most_parts: parts to learn from at most, half of them at random, half by the root of their volume.
    :param most_origins: recent origins to learn from at most.
    :param spread: the window learned from begins up to this many periods after the origin (for a longer horizon).
    """

    lead: int
    probabilities: tuple[float, ...]
    season: int
    seed: int = 0
    most_parts: int = 3000
    most_origins: int = 16
    spread: int = 1

    def fit(self, demand: Array, part_ids: Words) -> "FittedPooled":
        """Learn from a catalogue.

        :param demand: shape (periods, parts), NaN = missing.
        """
        chosen = sample(demand, part_ids, self.most_parts, self.seed)
        training = np.ascontiguousarray(demand[:, chosen])
        sizes = learn_sizes(training)
        origins = self._origins(len(demand))
        if not origins:
            return FittedPooled(self, sizes, None, {}, 0.0, FirstDemand(np.zeros(len(EDGES) + 1), np.zeros(0)))
        rows = make_rows(training, origins, self.lead, self.season, sizes)
        everything = self._targets(training, origins)
        silent = np.delete(np.arange(len(everything)), rows.index)
        first = fit_first_demand(_known(training, origins).ravel()[silent], everything[silent])
        actual = everything[rows.index] / rows.size
        rows, actual = _where(rows, actual)
        if len(actual) < LEAST_ROWS:
            return FittedPooled(self, sizes, None, {}, 0.0, first)
        moments = fit_moments(rows, actual)
        mean, chance, variance = moments.apply(rows)
        middle = float(np.median(mean))
        groups = groups_of(rows.occurrence, mean, OCCURRENCE_CUTS, middle)
        scale = np.sqrt(variance) + 0.1 * mean
        stacks = {
            probability: fit_stack(
                candidates(rows, mean, chance, variance, probability), actual, scale, groups, probability, DEFAULTS
            )
            for probability in self.probabilities
        }
        return FittedPooled(self, sizes, moments, stacks, middle, first)

    def _origins(self, periods: int) -> list[int]:
        """Recent origins with a whole window after them."""
        last = periods - self.lead - self.spread + 1
        first = max(3, min(self.season, periods // 3), last - self.most_origins + 1)
        return list(range(first, last + 1))

    def _targets(self, demand: Array, origins: Sequence[int]) -> Array:
        """Demand of the windows learned from, flattened like the rows."""
        near = windows(demand, origins, self.lead)
        if self.spread == 1:
            return near.ravel()
        # each part is asked about another distance, in turn, so that all distances are learned from evenly
        result = np.empty_like(near)
        steps = np.arange(demand.shape[1]) + np.arange(len(origins))[:, None] * 5
        for step in range(self.spread):
            shifted = windows(demand, [origin + step for origin in origins], self.lead)
            result = np.where(steps % self.spread == step, shifted, result)
        return result.ravel()


@dataclass(frozen=True, eq=False)
class FittedPooled:
    """A fitted model; ``moments`` is None when there was too little to learn from and the defaults stand."""

    spec: Pooled
    sizes: Sizes
    moments: Moments | None
    stacks: dict[float, Array]
    middle: float
    first: FirstDemand

    def forecast(self, demand: Array, origin: int) -> LeadForecast:
        """Mean and quantiles of the window that begins at the origin, from what lies before it.

        :param demand: shape (periods, parts).
        """
        parts = demand.shape[1]
        spec = self.spec
        rows = make_rows(demand[:origin], [origin], spec.lead, spec.season, self.sizes)
        moments = self.moments or _default_moments(rows)
        mean, chance, variance = moments.apply(rows)
        result = np.zeros((parts, len(spec.probabilities)))
        groups = groups_of(rows.occurrence, mean, OCCURRENCE_CUTS, self.middle)
        for column, probability in enumerate(spec.probabilities):
            weights = self.stacks.get(probability, np.tile(DEFAULTS, (2 * len(OCCURRENCE_CUTS) + 2, 1)))
            weights = weights[np.minimum(groups, len(weights) - 1)]
            mixed = (candidates(rows, mean, chance, variance, probability) * weights).sum(axis=1) * rows.size
            unit = np.where(rows.lot > 0, rows.lot, 1.0)
            result[rows.index, column] = np.where(rows.lot > 0, np.rint(mixed / unit) * unit, mixed)
        means = np.zeros(parts)
        silent = np.setdiff1d(np.arange(parts), rows.index, assume_unique=True)
        known = _known(demand[:, silent], [origin])[0]
        means[silent], result[silent] = self.first.forecast(known, spec.probabilities)
        means[rows.index] = mean * rows.size
        return LeadForecast(means, np.maximum.accumulate(np.maximum(result, 0.0), axis=1))


def sample(demand: Array, part_ids: Words, most: int, seed: int) -> Integers:
    """Parts to learn from, chosen by their numbers and volumes, whatever their order: half of all, half of the large.

    P. S. Efraimidis, P. G. Spirakis, Weighted random sampling with a reservoir (2006).
    """
    volume = np.nansum(demand, axis=0)
    draw = np.array([zlib.crc32(f"{seed}:{part}".encode()) for part in part_ids.tolist()], dtype=np.float64)
    draw = (draw + 0.5) / 2.0**32
    order = np.argsort(draw, kind="stable")
    if len(order) <= most:
        return np.asarray(order, dtype=np.int64)
    uniform, rest = order[: most // 2], order[most // 2 :]
    rest = rest[volume[rest] > 0]
    weighted = np.log(draw[rest] * 0.999 + 5e-4) / np.sqrt(volume[rest])
    heavy = rest[np.argsort(-weighted, kind="stable")[: most - len(uniform)]]
    return np.asarray(np.concatenate([uniform, heavy]), dtype=np.int64)


def _where(rows: Rows, actual: Array) -> tuple[Rows, Array]:
    """Rows whose window is known whole."""
    good = ~np.isnan(actual)
    if good.all():
        return rows, actual
    return Rows(**{name: values[good] for name, values in vars(rows).items()}), actual[good]


def _known(demand: Array, origins: Sequence[int]) -> Array:
    """Known periods before each origin, shape (origins, parts)."""
    return np.stack([(~np.isnan(demand[:origin])).sum(axis=0) for origin in origins]).astype(np.float64)


def _default_moments(rows: Rows) -> Moments:
    """Moments before anything is learned."""
    mean = np.zeros(rows.rates.shape[1])
    mean[[1, 2, 5, 6]] = 0.25
    chance = np.full(rows.chances.shape[1], 1.0 / rows.chances.shape[1])
    return Moments(mean, chance, np.array([0.2, 0.1, 0.0, 0.2, 0.2, 0.3, 0.0]))
