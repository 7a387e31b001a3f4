"""Croston's method and the Syntetos-Boylan approximation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from forecasting.arrays import Array
from forecasting.methods.base import FlatMethod, keep


@dataclass(frozen=True)
class Croston(FlatMethod):
    """Demand size over demand interval, each smoothed when demand occurs (Croston 1972).

    At a period with demand y, q periods after the last one: z ← z + α(y − z), p ← p + α(q − p); forecast z / p.
    The first demand starts z, the periods up to it start p; before it the forecast is zero.
    A missing period does not lengthen the interval, for nobody knows whether it held demand.

    J. D. Croston, Forecasting and stock control for intermittent demands, Operational Research Quarterly 23 (1972).

    :param alpha: weight of the newest demand, between 0 and 1.
    """

    alpha: float = 0.1
    name: ClassVar[str] = "croston"

    def __post_init__(self) -> None:
        if not 0 < self.alpha <= 1:
            raise ValueError(f"alpha is {self.alpha}; it must be above 0 and at most 1")

    @property
    def factor(self) -> float:
        """What the ratio is multiplied by."""
        return 1.0

    def rates(self, demand: Array, origins: Sequence[int]) -> Array:
        """Rate per period known at each origin, shape (origins, parts)."""
        parts = demand.shape[1]
        size, interval, gap = np.zeros(parts), np.ones(parts), np.ones(parts)
        begun = np.zeros(parts, dtype=np.bool_)
        kept = np.zeros((len(origins), parts))
        for time in range(len(demand) + 1):
            if time in origins:
                keep(kept, origins, time, self.factor * size / interval)
            if time == len(demand):
                break
            now = demand[time]
            hit = now > 0
            weight = np.where(begun, self.alpha, 1.0)
            size = np.where(hit, size + weight * (np.where(hit, now, 0.0) - size), size)
            interval = np.where(hit, interval + weight * (gap - interval), interval)
            gap = np.where(hit, 1.0, np.where(np.isnan(now), gap, gap + 1.0))
            begun |= hit
        return kept


@dataclass(frozen=True)
class Sba(Croston):
    """Croston's ratio times 1 − α/2, which takes out most of its bias (Syntetos & Boylan 2005).

    A. A. Syntetos, J. E. Boylan, The accuracy of intermittent demand estimates,
    International Journal of Forecasting 21 (2005), equation 4.
    """

    name: ClassVar[str] = "sba"

    @property
    def factor(self) -> float:
        """1 − α/2."""
        return 1.0 - self.alpha / 2.0
