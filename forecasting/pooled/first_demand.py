"""Parts without any demand so far: what other parts did after as long a silence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import Array

EDGES = np.array([1, 3, 6, 12, 24, 48, 96])
"""Known periods at which a silence counts as longer."""
MOST_MEDIANS = 10.0
"""First demands above so many times the median count as that much: a few parts that go by the thousand say nothing
about parts of which nothing is known."""
POOL_ROWS = 20.0
"""Silences of any length that count beside those of a like length."""


@dataclass(frozen=True, eq=False)
class FirstDemand:
    """Chance of any demand in the coming window by length of silence, and how much it was when there was some.

    :param chance: shape (lengths,).
    :param amounts: windows with demand after a silence, ascending, pieces.
    """

    chance: Array
    amounts: Array

    def forecast(self, known: Array, probabilities: Sequence[float]) -> tuple[Array, Array]:
        """Mean, shape (parts,), and quantiles, shape (parts, probabilities), for parts silent for so many periods."""
        quantiles = np.zeros((len(known), len(probabilities)))
        if not len(self.amounts):
            return np.zeros(len(known)), quantiles
        chance = self.chance[np.searchsorted(EDGES, known, side="right")]
        for column, probability in enumerate(probabilities):
            rank = (probability - (1 - chance)) / np.maximum(chance, 1e-12)
            place = np.clip(np.ceil(rank * len(self.amounts)) - 1, 0, len(self.amounts) - 1).astype(np.int64)
            quantiles[:, column] = np.where(rank > 0, self.amounts[place], 0.0)
        return chance * self.amounts.mean(), quantiles


def fit_first_demand(known: Array, actual: Array) -> FirstDemand:
    """Learn from silences of the past.

    :param known: known periods before the origin, none of them with demand, shape (rows,).
    :param actual: demand of the window that followed, NaN = unknown.
    """
    good = ~np.isnan(actual)
    length = np.searchsorted(EDGES, known[good], side="right")
    some = actual[good] > 0
    rows = np.bincount(length, minlength=len(EDGES) + 1).astype(np.float64)
    hits = np.bincount(length, some, minlength=len(EDGES) + 1)
    overall = hits.sum() / max(rows.sum(), 1.0)
    chance = (hits + POOL_ROWS * overall) / (rows + POOL_ROWS)
    amounts = np.sort(actual[good][some])
    if len(amounts):
        amounts = np.minimum(amounts, MOST_MEDIANS * np.median(amounts))
    return FirstDemand(np.asarray(chance), amounts)
