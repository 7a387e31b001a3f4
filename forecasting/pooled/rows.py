"""One row per part and origin: what is known of the part then, measured in the part's own size of demand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Integers, down
from forecasting.distribution import inflate
from forecasting.methods.croston import Sba
from forecasting.states import LEVELS, MIDDLE, States, gather

TINY = 1e-12
FADING = 1.5
"""Logarithm of what the newest origin counts beside the oldest."""
PSEUDO_SIZES = 2.0
"""Sizes the catalogue's variation of sizes counts for beside a part's own."""


@dataclass(frozen=True)
class Sizes:
    """How demand sizes differ within and between the parts of a catalogue.

    :param log_median: median over parts of the mean logarithm of size.
    :param shrinkage: demands the catalogue counts for beside a part's own, within over between variance.
    :param cv2: squared variation of sizes within parts.
    """

    log_median: float
    shrinkage: float
    cv2: float


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows with demand before their origin; every figure is per lead time and in units of ``size``, shape (rows,).

    :param index: position of each row among origins x parts, flattened.
    :param size: pieces, the part's own size of a demand.
    :param lot: pieces, 0 = demand is not whole.
    :param rates: features for the mean, shape (rows, features).
    :param chances: features for the probability of any demand, shape (rows, features).
    :param variances: features for the variance, not counting those made from the mean, shape (rows, features).
    :param plain: plain rivals' means, shape (rows, rivals), and ``plain_variance`` of the plain mean.
    :param dispersion: variance over mean of a compound Poisson with the part's sizes.
    :param known: known periods; ``occurrence`` share of periods with demand.
    :param recency: how much the row's origin counts, 1 at the newest: what was true lately is truer now.
    """

    index: Integers
    size: Array
    lot: Array
    rates: Array
    chances: Array
    variances: Array
    plain: Array
    plain_variance: Array
    dispersion: Array
    known: Array
    occurrence: Array
    recency: Array


def learn_sizes(demand: Array) -> Sizes:
    """Measure the sizes of a catalogue.

    :param demand: shape (periods, parts).
    """
    hit = np.nan_to_num(demand) > 0
    hits = hit.sum(axis=0)
    log = np.log(np.where(hit, demand, 1.0))
    mean = log.sum(axis=0) / np.maximum(hits, 1)
    many = hits >= 2
    if not many.any():
        some = hits > 0
        return Sizes(float(np.median(mean[some])) if some.any() else 0.0, 1.0, 0.5)
    within = np.square(np.where(hit, log - mean, 0.0)).sum(axis=0)[many].sum() / (hits[many] - 1).sum()
    between = max(float(np.var(mean[many])) - within * float(np.mean(1.0 / hits[many])), 1e-6)
    pieces = np.where(hit, demand, 0.0)
    average = pieces.sum(axis=0)[many] / hits[many]
    spread = np.square(np.where(hit, demand - pieces.sum(axis=0) / np.maximum(hits, 1), 0.0)).sum(axis=0)[many]
    cv2 = float((spread / np.square(average)).sum() / (hits[many] - 1).sum())
    return Sizes(
        float(np.median(mean[many])), float(np.clip(within / between, 0.02, 3.0)), float(np.clip(cv2, 0.01, 5.0))
    )


def make_rows(demand: Array, lots: Array, origins: Sequence[int], lead: int, season: int, sizes: Sizes) -> Rows:
    """Gather the states and turn them into rows, leaving out parts without demand before the origin.

    :param demand: shape (periods, parts), NaN = missing, free of season.
    :param lots: lot of each part as known at each origin, shape (origins, parts).
    """
    states = gather(demand, origins, lead)
    index = np.flatnonzero(states.hits.ravel() > 0)

    def pick(values: Array) -> Array:
        return values.reshape(*values.shape[:-2], -1)[..., index]

    known, hits = pick(states.known), pick(states.hits)
    size, cv2 = _size(pick(states.log_total) / hits, hits, pick(states.total), pick(states.total_squares), sizes)
    mean = pick(states.total) / known / size
    recent = pick(_recent(demand, origins, season)) / size
    recent = np.where(np.isnan(recent), mean, recent)
    levels = pick(states.levels) / size
    occurrence = pick(states.occurrence)
    own_size = pick(states.total) / hits / size
    sba = pick(Sba().rates(demand, origins)) / size
    fading = occurrence * own_size * np.exp(-pick(states.gap) / np.maximum(3.0 * known / hits, 1.0))
    rates = np.stack([*levels, mean, recent, *(occurrence * own_size), *fading, sba, hits / known], axis=1)
    share = hits / known
    chances = np.stack([1 - (1 - chance) ** lead for chance in (*occurrence, share)], axis=1)
    return Rows(
        index=index,
        size=size,
        lot=pick(lots),
        rates=lead * rates,
        chances=np.column_stack([chances, 1 - np.exp(-lead * levels[MIDDLE])]),
        variances=_variances(states, pick, size, mean, known, lead),
        plain=lead * np.stack([mean, recent, levels[MIDDLE], levels[LEVELS.index(0.2)], sba], axis=1),
        plain_variance=inflate(
            lead * np.maximum(pick(states.total_squares) / known / size**2 - mean**2, 0.0), lead, known
        ),
        dispersion=(1 + cv2) * (1 + lead / np.clip(known, 2.0, 36.0)),
        known=known,
        occurrence=occurrence[0],
        recency=np.exp(FADING * ((index // demand.shape[1] + 1) / len(origins) - 1.0)),
    )


def _size(log_mean: Array, hits: Array, total: Array, squares: Array, sizes: Sizes) -> tuple[Array, Array]:
    """A part's own size shrunk to the catalogue's, and its squared variation of sizes."""
    weight = hits / (hits + sizes.shrinkage)
    size = np.exp(weight * log_mean + (1 - weight) * sizes.log_median)
    mean = total / hits
    spread = np.maximum(squares / np.square(mean) - hits, 0.0)
    return size, (spread + PSEUDO_SIZES * sizes.cv2) / (np.maximum(hits - 1, 0) + PSEUDO_SIZES)


def _recent(demand: Array, origins: Sequence[int], season: int) -> Array:
    """Mean of the known periods of the last year; NaN where none is."""
    rows = []
    for origin in origins:
        last = demand[max(origin - season, 0) : origin]
        count = (~np.isnan(last)).sum(axis=0)
        rows.append(np.where(count > 0, down(np.nan_to_num(last)) / np.maximum(count, 1), np.nan))
    return np.stack(rows)


def _variances(
    states: States, pick: Callable[[Array], Array], size: Array, mean: Array, known: Array, lead: int
) -> Array:
    """Estimates of the variance of lead-time demand from periods, windows and past errors."""
    square = size**2
    overall = np.maximum(pick(states.total_squares) / known / square - mean**2, 0.0)
    means = pick(states.levels)[[1, 3]] / size
    recent = np.maximum(pick(states.squares) / square - np.square(means), 0.0)
    inflated = [inflate(lead * variance, lead, known) for variance in (overall, *recent)]
    window = np.maximum(pick(states.window_square) - np.square(pick(states.window_mean)), 0.0) / square
    error = pick(states.lead_error) / square
    window = np.where(np.isnan(window), inflated[0], inflate(window, lead, known))
    return np.stack([*inflated, window, np.where(np.isnan(error), inflated[0], error)], axis=1)
