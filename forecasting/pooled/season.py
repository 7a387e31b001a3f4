"""The season of a catalogue and of its parts, taken out before learning and put back into the forecast.

Each part's index by season of the year is its demand there over the demand its yearly level leads to expect, drawn to
the index of the whole catalogue; how strongly, and whether there is a season at all, is decided on the last year, which
the indices tried have not seen.
"""

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array, Integers, down

BINS = {12: 12, 52: 13}
"""Stretches of the year that have an index of their own: months, or four weeks each."""
STRENGTHS = (0.0, 0.5, 1.0)
"""Powers of the catalogue's index that are tried; 0 is no common season."""
PULLS = (1e9, 60.0, 20.0, 6.0, 2.0)
"""Demands that the catalogue's index counts for beside a part's own, as tried."""
WORTH = 0.005
"""Share of the squared error a season must save."""
LEAST, MOST = 0.1, 8.0


@dataclass(frozen=True, eq=False)
class Season:
    """The season learned from a catalogue.

    :param length: periods in a year; ``bins`` stretches with an index of their own.
    :param common: index of the catalogue by stretch, mean 1.
    :param pull: demands the common index counts for beside a part's own.
    """

    length: int
    common: Array
    pull: float

    def index(self, demand: Array) -> Array:
        """Index of every part by stretch of the year, shape (bins, parts), mean 1.

        :param demand: shape (periods, parts), from the first period of the panel on.
        """
        if len(demand) < 2 * self.length:
            return np.repeat(self.common[:, None], demand.shape[1], axis=1)
        pieces, expected = _by_stretch(demand, self.length, len(self.common))
        return _drawn(pieces, expected, self.common, self.pull)

    def stretch(self, time: "Integers | range") -> Integers:
        """Number of the stretch each period lies in, counted from the first period of the panel."""
        return np.asarray(time, dtype=np.int64) % self.length * len(self.common) // self.length


def learn_season(demand: Array, length: int) -> Season | None:
    """The season that would have helped in the last year; None when there is none or less than three years are known.

    :param demand: shape (periods, parts), NaN = missing.
    """
    bins = BINS.get(length)
    if bins is None or len(demand) < 3 * length:
        return None
    scale = _scale(demand)
    start = len(demand) % length
    # the last year is cut off at a whole number of years from the end, so the stretches keep their place
    pieces, expected = _by_stretch(demand[:-length] / scale, length, bins)
    later, level = _by_stretch(demand[start:][-length:] / scale, length, bins, shift=len(demand) - length)
    weight = 1.0 / (level + 0.1 * level**2 + 0.25)
    best, chosen = float((weight * np.square(later - level)).sum()) * (1 - WORTH), None
    common = _common(pieces, expected)
    for strength in STRENGTHS:
        shape = common**strength / np.mean(common**strength)
        for pull in PULLS:
            guess = level * _drawn(pieces, expected, shape, pull)
            loss = float((weight * np.square(later - guess)).sum())
            if loss < best:
                best, chosen = loss, (strength, pull)
    if chosen is None:
        return None
    pieces, expected = _by_stretch(demand / scale, length, bins)
    common = _common(pieces, expected) ** chosen[0]
    return Season(length, common / common.mean(), chosen[1])


def _scale(demand: Array) -> Array:
    """Mean size of a demand of each part; 1 without demand."""
    hits = (np.nan_to_num(demand) > 0).sum(axis=0)
    return np.where(hits > 0, np.nansum(demand, axis=0) / np.maximum(hits, 1), 1.0)


def _by_stretch(demand: Array, length: int, bins: int, *, shift: int = 0) -> tuple[Array, Array]:
    """Demand, and demand expected from the yearly level and its drift, by stretch of the year, shape (bins, parts).

    :param shift: position of the first row in the panel.
    """
    years = len(demand) // length
    start = len(demand) - years * length
    blocks = demand[start:].reshape(years, length, -1)
    known = ~np.isnan(blocks)
    pieces = np.where(known, blocks, 0.0)
    count = known.sum(axis=1)
    level = pieces.sum(axis=1) / np.maximum(count, 1)
    drift = np.gradient(level, axis=0) if years > 1 else np.zeros_like(level)
    place = (np.arange(length) - (length - 1) / 2) / length
    expected = np.maximum(level[:, None] + drift[:, None] * place[:, None], 0.1 * level[:, None]) * known
    # the drift must not change what a year amounts to
    expected *= (pieces.sum(axis=1) / np.maximum(expected.sum(axis=1), 1e-12))[:, None]
    stretch = (shift + start + np.arange(length)) % length * bins // length
    result = np.zeros((2, bins, demand.shape[1]))
    for row, values in enumerate((pieces.sum(axis=0), expected.sum(axis=0))):
        np.add.at(result[row], stretch, values)
    return result[0], result[1]


def _common(pieces: Array, expected: Array) -> Array:
    """Index of the catalogue."""
    total = expected.sum(axis=1)
    index = np.clip((pieces.sum(axis=1) + 1.0) / (total + 1.0), LEAST, MOST)
    return np.asarray(index / index.mean())


def _drawn(pieces: Array, expected: Array, common: Array, pull: float) -> Array:
    """Each part's index drawn to the common one, mean 1."""
    index = (pieces + pull * common[:, None]) / (expected + pull)
    index = np.clip(index, LEAST, MOST)
    return np.asarray(index / (down(index) / len(index)))
