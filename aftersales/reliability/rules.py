"""Reliability figures from counts and operating hours (ISO 14224, annex C)."""

from dataclasses import dataclass
from decimal import Decimal


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
