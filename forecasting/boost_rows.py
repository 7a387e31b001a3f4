"""What the boosted trees learn from: a row per part, origin and window, amounts in the part's own size of demand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecasting.arrays import Array
from forecasting.methods.base import windows
from forecasting.states import gather

ORIGINS = 18
"""Recent origins to learn from for each window."""
LEAST_KNOWN = 4
"""Periods known before an origin."""
MOST_ROWS = 100_000
RECENT = (3, 6, 12)
"""Last periods whose mean is told."""
SOFT = 0.2
"""Deviation, in sizes of demand, added to a part's own: nobody is weighed by next to nothing."""


@dataclass(frozen=True)
class Window:
    """Demand of ``length`` periods that begin ``step`` periods after the origin."""

    step: int
    length: int


@dataclass(frozen=True, eq=False)
class BoostRows:
    """Rows of several windows.

    :param features: shape (rows, features), NaN = unknown.
    :param unit: size of a demand of the part, pieces, shape (rows,).
    :param target: demand of the window by period in units; NaN = unknown or ahead.
    :param weight: one over the part's deviation in units.
    """

    features: Array
    unit: Array
    target: Array
    weight: Array


def learning_rows(demand: Array, wanted: Sequence[Window], season: int, seed: int) -> BoostRows | None:
    """Rows of windows that ended within the history; None when there is none.

    :param demand: shape (periods, parts), NaN = missing.
    :param season: periods in a year.
    """
    found = []
    for window in wanted:
        last = len(demand) - window.step - window.length
        first = max(last - ORIGINS + 1, LEAST_KNOWN)
        if last >= first:
            found.append(_rows(demand, range(first, last + 1), window, season))
    if not found:
        return None
    rows = _joined(found)
    good = np.flatnonzero(np.isfinite(rows.target))
    if len(good) > MOST_ROWS:
        good = np.sort(np.random.default_rng(seed).choice(good, MOST_ROWS, replace=False))
    return _picked(rows, good)


def rows_at(demand: Array, window: Window, season: int) -> BoostRows:
    """A row for every part, all with demand, at the end of the history; the targets lie ahead."""
    return _rows(demand, [len(demand)], window, season, all_parts=True)


def _rows(demand: Array, origins: Sequence[int], window: Window, season: int, *, all_parts: bool = False) -> BoostRows:
    """Rows of one window from several origins; parts without demand yet are left out unless all are wanted."""
    states = gather(demand, origins, 1)
    known, hits = np.maximum(states.known, 1.0), np.maximum(states.hits, 1.0)
    mean, size = states.total / known, states.total / hits
    unit = np.where(states.hits > 0, size, 1.0)
    deviation = np.sqrt(np.maximum(states.total_squares / known - np.square(mean), 0.0))
    amounts = [
        *states.levels,
        *np.sqrt(states.squares),
        mean,
        deviation,
        np.sqrt(np.maximum(states.total_squares / hits - np.square(size), 0.0)),
        *(_recent(demand, origins, length) for length in RECENT),
        *_last(demand, origins),
        _years_before(demand, origins, window, season),
    ]
    counts = [*states.occurrence, states.hits / known, states.gap, states.gap * states.hits / known, known]
    common = [np.log(unit), np.full(mean.shape, window.step)]
    features = np.stack([*(amount / unit for amount in amounts), *counts, *common], axis=-1)
    actual = windows(demand, [origin + window.step for origin in origins], window.length) / window.length
    rows = BoostRows(
        features.reshape(-1, features.shape[-1]),
        unit.ravel(),
        (actual / unit).ravel(),
        (1.0 / (deviation / unit + SOFT)).ravel(),
    )
    return rows if all_parts else _picked(rows, np.flatnonzero(states.hits.ravel() > 0))


def _recent(demand: Array, origins: Sequence[int], length: int) -> Array:
    """Mean of the known among the last periods, shape (origins, parts); NaN where none is."""
    return np.stack([_mean(demand[max(origin - length, 0) : origin]) for origin in origins])


def _last(demand: Array, origins: Sequence[int]) -> list[Array]:
    """The last three periods one by one."""
    nothing = np.full(demand.shape[1], np.nan)
    return [
        np.stack([demand[origin - back] if origin >= back else nothing for origin in origins]) for back in (1, 2, 3)
    ]


def _years_before(demand: Array, origins: Sequence[int], window: Window, season: int) -> Array:
    """Mean demand by period of the same window in the years before; NaN where none is known whole."""
    found = []
    for origin in origins:
        begin = origin + window.step
        starts = [start for start in range(begin - season, -1, -season) if start + window.length <= origin]
        past = windows(demand[:origin], starts, window.length) if starts else np.full((1, demand.shape[1]), np.nan)
        found.append(_mean(past) / window.length)
    return np.stack(found)


def _mean(demand: Array) -> Array:
    """Mean by column of what is known; NaN where nothing is."""
    count = (~np.isnan(demand)).sum(axis=0)
    return np.where(count > 0, np.nansum(demand, axis=0) / np.maximum(count, 1), np.nan)


def _joined(parts: Sequence[BoostRows]) -> BoostRows:
    return BoostRows(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])})


def _picked(rows: BoostRows, which: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]") -> BoostRows:
    return replace(rows, **{name: values[which] for name, values in vars(rows).items()})
