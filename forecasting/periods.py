"""The calendar of a demand panel: a run of months, ISO weeks or numbered weeks without gaps."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from forecasting.errors import PanelError

LONGEST = 5_000
"""More periods than this in one panel is a typing mistake in a heading, not a history."""


class Frequency(StrEnum):
    """How long one period is, and how it is written."""

    MONTH = "month"
    WEEK = "week"
    RUNNING_WEEK = "running week"


_MONTH = re.compile(r"(\d{4})-(\d{2})")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_RUNNING = re.compile(r"W(\d{1,6})")


def parse_period(text: str) -> tuple[Frequency, int]:
    """Read ``2019-01``, ``2024-W07`` or ``W001`` as a frequency and a running number of that frequency.

    :raises PanelError: for anything else, such as a thirteenth month or a week 53 the year does not have.
    """
    if (found := _MONTH.fullmatch(text)) and int(found[1]) and 1 <= int(found[2]) <= 12:
        return Frequency.MONTH, int(found[1]) * 12 + int(found[2]) - 1
    if found := _WEEK.fullmatch(text):
        try:
            monday = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        except ValueError as error:
            raise PanelError(f"{text!r} is not a week of the ISO calendar", column=text) from error
        return Frequency.WEEK, monday.toordinal() // 7
    if found := _RUNNING.fullmatch(text):
        return Frequency.RUNNING_WEEK, int(found[1])
    raise PanelError(
        f"{text!r} is not a period; write months as 2019-01, ISO weeks as 2024-W07 or numbered weeks as W001",
        column=text,
    )


@dataclass(frozen=True)
class PeriodIndex:
    """A run of periods: ``count`` of them from running number ``first`` on, none left out.

    :param width: digits in the labels of numbered weeks.
    """

    frequency: Frequency
    first: int
    count: int
    width: int = 3

    def __post_init__(self) -> None:
        if not 1 <= self.count <= LONGEST:
            raise PanelError(f"the columns span {self.count} periods; between 1 and {LONGEST} can be read")
        if self.first < 0:
            raise PanelError("the first period lies before the calendar begins")

    @classmethod
    def between(cls, first: str, last: str) -> "PeriodIndex":
        """All periods from one label to another, both included.

        :raises PanelError: when they are of different frequency or in the wrong order.
        """
        (kind, start), (other, end) = parse_period(first), parse_period(last)
        if kind != other:
            raise PanelError(f"{first!r} is a {kind}, {last!r} is a {other}: one frequency only", column=last)
        if end < start:
            raise PanelError(f"{last!r} lies before {first!r}", column=last)
        return cls(kind, start, end - start + 1, len(first) - 1 if kind is Frequency.RUNNING_WEEK else 3)

    @property
    def season(self) -> int:
        """Periods in a year."""
        return 12 if self.frequency is Frequency.MONTH else 52

    def label(self, position: int) -> str:
        """The heading of the period at a position, which may lie outside the run."""
        number = self.first + position
        if self.frequency is Frequency.MONTH:
            return f"{number // 12:04d}-{number % 12 + 1:02d}"
        if self.frequency is Frequency.WEEK:
            year, week, _ = date.fromordinal(number * 7 + 1).isocalendar()
            return f"{year:04d}-W{week:02d}"
        return f"W{number:0{self.width}d}"

    def labels(self) -> list[str]:
        """The headings of all periods, oldest first."""
        return [self.label(position) for position in range(self.count)]

    def position(self, label: str) -> int:
        """Where a label lies: 0 is the first period, ``count`` the one after the last; may lie outside.

        :raises PanelError: when the label is of another frequency.
        """
        kind, number = parse_period(label)
        if kind != self.frequency:
            raise PanelError(f"{label!r} is a {kind}, but the demand is by {self.frequency}")
        return number - self.first

    def after(self, count: int) -> "PeriodIndex":
        """The run of ``count`` periods that follows this one."""
        return PeriodIndex(self.frequency, self.first + self.count, count, self.width)

    def until(self, count: int) -> "PeriodIndex":
        """The first ``count`` periods."""
        return PeriodIndex(self.frequency, self.first, count, self.width)
