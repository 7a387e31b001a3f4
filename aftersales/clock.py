"""The only module that reads the wall clock."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; handed in wherever time matters."""

    def now(self) -> datetime:
        """Return the present moment, in UTC with zone."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present moment, in UTC with zone."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands where it is set: for the sample fleet, back-dated imports and tests."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the moment it is set to."""
        return self.at
