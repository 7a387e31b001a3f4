"""What a chart shows. Words (titles, names of bars) come in the reader's language; numbers and dates as values."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

Number = int | float | Decimal


@dataclass(frozen=True, kw_only=True)
class Chart:
    """What every chart has. ``description`` says in a sentence what there is to see, for those who do not see it."""

    title: str
    description: str = ""
    x_label: str = ""
    y_label: str = ""
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Value:
    """What was in the period that begins on a day; ``None`` where nothing is known."""

    day: dt.date
    value: Number | None


@dataclass(frozen=True, kw_only=True)
class FanPoint:
    """A forecast for the period that begins on a day; ``quantiles`` are (level between 0 and 1, value) pairs."""

    day: dt.date
    mean: Number
    quantiles: tuple[tuple[float, Number], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Fan(Chart):
    """A line of what was, and a forecast that widens like a fan. All points carry the same quantile levels."""

    history: tuple[Value, ...] = ()
    forecast: tuple[FanPoint, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A named value."""

    name: str
    value: Number


@dataclass(frozen=True, kw_only=True)
class Bars(Chart):
    """Bars in the order given. ``pareto`` sorts them and adds the running share; ``horizontal`` suits long names."""

    bars: tuple[Bar, ...] = ()
    horizontal: bool = False
    pareto: bool = False

    def ordered(self) -> tuple[Bar, ...]:
        """The bars as they are shown: the largest first in a Pareto chart."""
        return tuple(sorted(self.bars, key=lambda bar: -float(bar.value))) if self.pareto else self.bars

    def shares(self) -> list[float]:
        """Running share of the whole after each shown bar, between 0 and 1."""
        whole = sum(float(bar.value) for bar in self.bars)
        running, shares = 0.0, []
        for bar in self.ordered():
            running += float(bar.value)
            shares.append(running / whole if whole else 0.0)
        return shares


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A value that holds from a moment on. An ``estimated`` one is drawn hollow."""

    at: dt.datetime
    value: Number
    estimated: bool = False


@dataclass(frozen=True, kw_only=True)
class Steps(Chart):
    """A value that stays until the next reading, such as a meter. ``time_zone`` is an IANA name, for the table."""

    readings: tuple[Reading, ...] = ()
    time_zone: str = "UTC"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A named line through points (x, y) in order of x."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class Curves(Chart):
    """Lines over a number such as operating hours.

    ``stepped`` ones stay until the next point; with ``share`` y lies between 0 and 1 and is shown in per cent.
    """

    lines: tuple[Line, ...] = ()
    stepped: bool = False
    share: bool = False
