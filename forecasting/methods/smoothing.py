"""Simple exponential smoothing, with a given weight or the best of a grid for each part."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecasting.arrays import Array
from forecasting.methods.base import FlatMethod, keep


@dataclass(frozen=True)
class Ses(FlatMethod):
    """Level ℓ ← ℓ + α(y − ℓ), started by the first known demand; a missing period changes nothing.

    R. G. Brown, Statistical Forecasting for Inventory Control, 1959.
    With several weights, each part uses at each origin the one with the least sum of squared one-step errors so far.

    :param alphas: one weight, or a grid of them to choose from, each above 0 and at most 1.
    """

    alphas: tuple[float, ...] = (0.1,)
    name: ClassVar[str] = "ses"

    def __post_init__(self) -> None:
        if not self.alphas or not all(0 < alpha <= 1 for alpha in self.alphas):
            raise ValueError(f"alphas {self.alphas}: at least one, each above 0 and at most 1")

    def rates(self, demand: Array, origins: Sequence[int]) -> Array:
        """Rate per period known at each origin, shape (origins, parts)."""
        parts = demand.shape[1]
        weights = np.array(self.alphas)[:, None]
        level = np.zeros((len(self.alphas), parts))
        squares = np.zeros(level.shape)
        seen = np.zeros(parts, dtype=np.bool_)
        kept = np.zeros((len(origins), parts))
        for time in range(len(demand) + 1):
            if time in origins:
                keep(kept, origins, time, level[np.argmin(squares, axis=0), np.arange(parts)])
            if time == len(demand):
                break
            known = ~np.isnan(demand[time])
            error = np.where(known, demand[time] - level, 0.0)
            squares += np.where(seen, np.square(error), 0.0)
            level = level + np.where(seen, weights, 1.0) * error
            seen |= known
        return kept


@dataclass(frozen=True)
class BestSes(Ses):
    """Simple exponential smoothing with the weight chosen per part from a grid."""

    alphas: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 0.4)
    name: ClassVar[str] = "ses-best"
