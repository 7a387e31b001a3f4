"""The method of Teunter, Syntetos and Babai, which lets the forecast of a dying part fall."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecasting.arrays import Array
from forecasting.methods.base import FlatMethod, keep


@dataclass(frozen=True)
class Tsb(FlatMethod):
    """Probability of demand, updated every period, times demand size, updated when demand occurs.

    With demand y > 0: p ← p + β(1 − p), z ← z + α(y − z); without: p ← p + β(0 − p); forecast p·z.
    The first known period starts p (1 or 0), the first demand starts z. A missing period changes nothing.

    R. H. Teunter, A. A. Syntetos, M. Z. Babai, Intermittent demand: linking forecasting to inventory obsolescence,
    European Journal of Operational Research 214 (2011).

    :param alpha: weight of the newest size.
    :param beta: weight of the newest occurrence.
    """

    alpha: float = 0.1
    beta: float = 0.1
    name: ClassVar[str] = "tsb"

    def __post_init__(self) -> None:
        if not (0 < self.alpha <= 1 and 0 < self.beta <= 1):
            raise ValueError(f"alpha {self.alpha} and beta {self.beta} must be above 0 and at most 1")

    def rates(self, demand: Array, origins: Sequence[int]) -> Array:
        """Rate per period known at each origin, shape (origins, parts)."""
        parts = demand.shape[1]
        size, chance = np.zeros(parts), np.zeros(parts)
        seen, begun = np.zeros(parts, dtype=np.bool_), np.zeros(parts, dtype=np.bool_)
        kept = np.zeros((len(origins), parts))
        for time in range(len(demand) + 1):
            if time in origins:
                keep(kept, origins, time, chance * size)
            if time == len(demand):
                break
            now = demand[time]
            known, hit = ~np.isnan(now), now > 0
            size = np.where(hit, size + np.where(begun, self.alpha, 1.0) * (np.where(hit, now, 0.0) - size), size)
            chance = np.where(known, chance + np.where(seen, self.beta, 1.0) * (hit - chance), chance)
            seen |= known
            begun |= hit
        return kept
