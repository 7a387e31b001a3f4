"""The pooled model of one catalogue and one lead time: a specification, ``fit``, and quantiles for any part."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecasting.arrays import Array, Integers, Words, down
from forecasting.distribution import lots_at
from forecasting.methods.base import windows
from forecasting.pooled.candidates import DEFAULTS, NAMES, candidates
from forecasting.pooled.first_demand import EDGES, FirstDemand, fit_first_demand
from forecasting.pooled.moments import Moments, default_moments, emphasis, fit_moments, weigh
from forecasting.pooled.rows import Rows, Sizes, learn_sizes, make_rows
from forecasting.pooled.season import Season, learn_season
from forecasting.pooled.stack import fit_stack, groups_of

OCCURRENCE_CUTS = (0.12, 0.35, 0.7)
STACK_POWER = 0.5
"""Power of its spread in pieces by which a row counts more in the stack: what is lost is lost in pieces."""
PLAIN = [NAMES.index("plain-mean"), NAMES.index("recent-mean")]
HEAVY = 0.04
"""Share of a catalogue's volume from which a part is told by its own history for one half: a mistake with it costs as
much as with all others, and there is nobody like it to learn from."""
LEAST_ROWS = 60
"""Rows needed to learn anything; with fewer the defaults stand."""
FEW_PARTS = 500
AT_ONCE = 10_000
"""Parts summed together, for the sake of memory."""
NOTHING_KNOWN = FirstDemand(np.zeros(len(EDGES) + 1), np.zeros(0))


@dataclass(frozen=True, eq=False)
class LeadForecast:
    """Mean and quantiles of the demand of windows of one lead time, pieces.

    :param mean: shape (parts, windows).
    :param quantiles: shape (parts, windows, probabilities).
    """

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
        # the windows to learn from must not have shaped the season they are freed of
        view = SeasonalView(training, learn_season(training, self.season), len(training) - self.season)
        sizes = learn_sizes(view.plain)
        heavy = HEAVY * self.lead * float(_volume(demand).sum()) / len(demand)
        origins = self._origins(len(demand), len(chosen))
        if not origins:
            return FittedPooled(self, sizes, view.season, None, {}, 0.0, NOTHING_KNOWN, heavy)
        rows = make_rows(view.plain, lots_at(training, origins), origins, self.lead, self.season, sizes)
        everything, factor = self._targets(view, origins)
        silent = np.delete(np.arange(len(everything)), rows.index)
        first = fit_first_demand(_known(training, origins).ravel()[silent], everything[silent])
        rows = replace(rows, size=rows.size * factor[rows.index])
        rows, actual = _where(rows, everything[rows.index] / rows.size)
        if len(actual) < LEAST_ROWS:
            return FittedPooled(self, sizes, view.season, None, {}, 0.0, first, heavy)
        moments = fit_moments(rows, actual)
        mean, _, _ = moments.apply(rows)
        middle = float(np.median(mean))
        return FittedPooled(
            self, sizes, view.season, moments, self._stacks(rows, actual, moments, middle), middle, first, heavy
        )

    def _stacks(self, rows: Rows, actual: Array, moments: Moments, middle: float) -> dict[float, Array]:
        """Weights of the candidates by group for every probability."""
        mean, chance, variance = moments.apply(rows)
        groups = groups_of(rows.occurrence, mean, OCCURRENCE_CUTS, middle)
        scale = np.sqrt(variance) + 0.1 * mean
        weight = rows.recency * emphasis(scale * rows.size, STACK_POWER)
        scale *= weight.mean() / weight
        return {
            probability: fit_stack(
                candidates(rows, mean, chance, variance, probability), actual, scale, groups, probability, DEFAULTS
            )
            for probability in self.probabilities
        }

    def _origins(self, periods: int, parts: int) -> list[int]:
        """Recent origins with a whole window after them: a month apart, and half as many again for few parts."""
        last = periods - self.lead - self.spread + 1
        first = max(3, min(self.season, periods // 3))
        most = self.most_origins if parts >= FEW_PARTS else self.most_origins * 3 // 2
        apart = max(self.season // 12, 1)
        return list(range(last, first - 1, -apart))[:most][::-1]

    def _targets(self, view: "SeasonalView", origins: Sequence[int]) -> tuple[Array, Array]:
        """Demand of the windows learned from and their seasonal factor, flattened like the rows.

        Each part is asked about another distance, in turn, so that all distances are learned from evenly.
        """
        turn = (np.arange(view.demand.shape[1]) + np.arange(len(origins))[:, None] * 5) % self.spread
        actual, factor = np.zeros(turn.shape), np.ones(turn.shape)
        for step in range(self.spread):
            begun = [origin + step for origin in origins]
            actual = np.where(turn == step, windows(view.demand, begun, self.lead), actual)
            factor = np.where(turn == step, view.factors(begun, self.lead), factor)
        return actual.ravel(), factor.ravel()


class SeasonalView:
    """Demand of some parts as it is and free of season."""

    def __init__(self, demand: Array, season: Season | None, known: int | None = None) -> None:
        """Take the season out.

        :param demand: shape (periods, parts), from the first period of the panel to the origin.
        :param known: periods that the parts' own seasons are taken from; default all.
        """
        self.demand, self.season = demand, season
        self.plain = demand
        if season is not None:
            self.index = season.index(demand[:known])
            self.plain = demand / self.index[season.stretch(range(len(demand)))]

    def factors(self, starts: Sequence[int], length: int) -> Array:
        """Mean index of the windows that begin at these positions, shape (windows, parts)."""
        if self.season is None:
            return np.ones((len(starts), self.demand.shape[1]))
        return np.stack(
            [down(self.index[self.season.stretch(range(start, start + length))]) / length for start in starts]
        )


@dataclass(frozen=True, eq=False)
class FittedPooled:
    """A fitted model; ``moments`` is None when there was too little to learn from and the defaults stand.

    :param heavy: pieces per lead time from which a part is a large share of the catalogue.
    """

    spec: Pooled
    sizes: Sizes
    season: Season | None
    moments: Moments | None
    stacks: dict[float, Array]
    middle: float
    first: FirstDemand
    heavy: float

    def forecast(self, demand: Array, origin: int, *, count: int = 1) -> LeadForecast:
        """Mean and quantiles of the windows that begin at the origin and up to ``count`` − 1 periods later.

        :param demand: shape (periods, parts), from the first period of the panel on; nothing at or after the origin
            is used.
        """
        known, spec = demand[:origin], self.spec
        view = SeasonalView(known, self.season)
        rows = make_rows(view.plain, lots_at(known, [origin]), [origin], spec.lead, spec.season, self.sizes)
        factors = view.factors(range(origin, origin + count), spec.lead)
        silent = np.setdiff1d(np.arange(known.shape[1]), rows.index, assume_unique=True)
        means = np.zeros((known.shape[1], count))
        quantiles = np.zeros((*means.shape, len(spec.probabilities)))
        first, above = self.first.forecast(_known(known[:, silent], [origin])[0], spec.probabilities)
        means[silent], quantiles[silent] = first[:, None], above[:, None, :]
        different = count if self.season is not None else 1
        for step in range(different):
            into = slice(step, None if different == 1 else step + 1)
            mean, above = self._window(replace(rows, size=rows.size * factors[step, rows.index]))
            means[rows.index, into] = mean[:, None]
            quantiles[rows.index, into] = above[:, None, :]
        return LeadForecast(means, quantiles)

    def _window(self, rows: Rows) -> tuple[Array, Array]:
        """Mean and quantiles of one window, pieces."""
        moments = self.moments or default_moments(rows)
        mean, chance, variance = moments.apply(rows)
        groups = groups_of(rows.occurrence, mean, OCCURRENCE_CUTS, self.middle)
        unit = np.where(rows.lot > 0, rows.lot, 1.0)
        result = np.zeros((len(mean), len(self.spec.probabilities)))
        own = np.where(rows.plain[:, 0] * rows.size > self.heavy, 0.5, 0.0)
        for column, probability in enumerate(self.spec.probabilities):
            weights = self.stacks.get(probability, DEFAULTS[None, :])
            weights = weights[np.minimum(groups, len(weights) - 1)]
            some = candidates(rows, mean, chance, variance, probability)
            mixed = weigh(some, weights)
            if own.any():
                mixed = (1 - own) * mixed + own * some[:, PLAIN].mean(axis=1)
            mixed *= rows.size
            result[:, column] = np.where(rows.lot > 0, np.rint(mixed / unit) * unit, mixed)
        mean = (1 - own) * mean + own * rows.plain[:, :2].mean(axis=1)
        return mean * rows.size, np.maximum.accumulate(np.maximum(result, 0.0), axis=1)


def sample(demand: Array, part_ids: Words, most: int, seed: int) -> Integers:
    """Parts to learn from, chosen by their numbers and volumes, whatever their order: half of all, half of the large.

    P. S. Efraimidis, P. G. Spirakis, Weighted random sampling with a reservoir (2006).
    """
    volume = _volume(demand)
    draw = drawn(part_ids, seed)
    order = np.argsort(draw, kind="stable")
    if len(order) <= most:
        return np.asarray(order, dtype=np.int64)
    uniform, rest = order[: most // 2], order[most // 2 :]
    rest = rest[volume[rest] > 0]
    # those left have the larger draws: spread them over 0…1 again
    again = (np.arange(len(order) - most // 2)[volume[order[most // 2 :]] > 0] + 0.5) / (len(order) - most // 2)
    weighted = np.log(again) / np.sqrt(volume[rest])
    heavy = rest[np.argsort(-weighted, kind="stable")[: most - len(uniform)]]
    return np.asarray(np.concatenate([uniform, heavy]), dtype=np.int64)


def _volume(demand: Array) -> Array:
    """Known demand of every part, some parts at a time: a sum of the whole would copy the catalogue."""
    parts = demand.shape[1]
    sums = [np.nansum(demand[:, start : start + AT_ONCE], axis=0) for start in range(0, parts, AT_ONCE)]
    return np.concatenate([np.zeros(0), *sums])


def drawn(part_ids: Words, seed: int) -> Array:
    """A number between 0 and 1 for every part, from its part number and the seed alone.

    The FNV-1a hash of the characters (draft-eastlake-fnv), stirred by the finaliser of MurmurHash3.
    """
    text = np.ascontiguousarray(part_ids)
    width = text.dtype.itemsize // 4
    letters = text.view(np.uint32).reshape(len(text), width).astype(np.uint64) if width else np.zeros((len(text), 0))
    mixed = np.full(len(text), zlib.crc32(str(seed).encode()) + 14695981039346656037 - 2**63, dtype=np.uint64)
    for column in letters.T.astype(np.uint64):
        mixed = np.where(column > 0, (mixed ^ column) * np.uint64(1099511628211), mixed)
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        mixed = (mixed ^ (mixed >> np.uint64(33))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(33)
    return np.asarray((mixed.astype(np.float64) + 0.5) / 2.0**64)


def _where(rows: Rows, actual: Array) -> tuple[Rows, Array]:
    """Rows whose window is known whole."""
    good = ~np.isnan(actual)
    if good.all():
        return rows, actual
    return Rows(**{name: values[good] for name, values in vars(rows).items()}), actual[good]


def _known(demand: Array, origins: Sequence[int]) -> Array:
    """Known periods before each origin, shape (origins, parts)."""
    return np.stack([(~np.isnan(demand[:origin])).sum(axis=0) for origin in origins]).astype(np.float64)
