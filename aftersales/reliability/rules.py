"""Reliability figures from counts and operating hours (ISO 14224, annex C), and what a Weibull life says."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import exp, log

FEW = 3
"""Failures below which a shape says little."""
EARLY, WEARS = 0.8, 1.3


@dataclass(frozen=True, slots=True)
class Figures:
    """Failures within a period and the hours worked in it; ``mtbf`` is ``None`` while there are no failures."""

    failures: int
    operating_hours: Decimal
    down_hours: Decimal

    @property
    def mtbf(self) -> Decimal | None:
        """Mean operating time between failures, hours (ISO 14224 C.4)."""
        return self.operating_hours / self.failures if self.failures else None

    @property
    def mttr(self) -> Decimal | None:
        """Mean time to restoration, hours."""
        return self.down_hours / self.failures if self.failures else None


def together(parts: "list[Figures]") -> Figures:
    """Return the figures of several machines or models taken as one."""
    return Figures(
        sum(part.failures for part in parts),
        sum((part.operating_hours for part in parts), Decimal(0)),
        sum((part.down_hours for part in parts), Decimal(0)),
    )


@dataclass(frozen=True, slots=True)
class LifeFit:
    """A Weibull life: shape, scale in hours (63 of 100 fail before it) and the hours before which 10 of 100 fail.

    ``pattern`` is ``early``, ``chance``, ``wear`` or, with few failures, ``unknown``.
    """

    shape: float
    scale: float
    failures: int
    exposure: float
    b10: float
    pattern: str

    def surviving(self, hours: float) -> float:
        """Return the share that lives longer than so many hours."""
        return exp(-((hours / self.scale) ** self.shape))


def fit_of(shape: float, scale: float, failures: int, exposure: float) -> LifeFit:
    """Return what a fitted life says: B10 = η (−ln 0.9)^(1/β) (Meeker and Escobar 1998, section 4.8)."""
    b10 = scale * (-log(0.9)) ** (1 / shape)
    pattern = "early" if shape < EARLY else "wear" if shape > WEARS else "chance"
    pattern = "unknown" if failures < FEW else pattern
    return LifeFit(shape, scale, failures, exposure, b10, pattern)


def thinned(points: Sequence[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """Return at most so many of the points, evenly chosen, the first and the last among them."""
    if len(points) <= most:
        return list(points)
    step = (len(points) - 1) / (most - 1)
    return [points[round(number * step)] for number in range(most)]
