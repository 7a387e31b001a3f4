"""Frame, colours, and axes that speak the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from aftersales.translate import Translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

WIDTH = 7.2  # inches; a page column and the text width of A4

# Okabe and Ito's colours, told apart by people who do not see red and green as others do.
BLUE = "#0072b2"
VERMILION = "#d55e00"
ORANGE = "#e69f00"
GREEN = "#009e73"
INK = "#1c2429"
QUIET = "#5b6770"
GRID = "#dde3e6"

MOST_TICKS = 8
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)


def frame(axes: Axes) -> None:
    """A quiet frame: grid lines behind the data, no box."""
    axes.set_axisbelow(True)
    axes.grid(visible=True, axis="y", color=GRID, linewidth=0.8)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(QUIET)
    axes.tick_params(colors=QUIET, labelsize=8)


def label(axes: Axes, x: str, y: str) -> None:
    """Names of the axes."""
    axes.set_xlabel(x, fontsize=8, color=QUIET, parse_math=False)
    axes.set_ylabel(y, fontsize=8, color=QUIET, parse_math=False)


def numbers(axis: Axis, t: Translator) -> None:
    """Write the ticks of an axis as the language writes numbers."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator  # noqa: PLC0415 - matplotlib is heavy

    axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: t.number(round(value, 6))))


def shares(axis: Axis, t: Translator) -> None:
    """Write the ticks of an axis as percentages."""
    from matplotlib.ticker import FuncFormatter  # noqa: PLC0415 - matplotlib is heavy

    axis.set_major_formatter(FuncFormatter(lambda value, _: t.percent(value)))


def days(axes: Axes, first: dt.date, last: dt.date, t: Translator) -> None:
    """Put at most eight dates on the x axis: days on short spans, else the first days of months."""
    span = (last - first).days
    if span <= 70:
        step = max(1, -(-(span + 1) // MOST_TICKS))
        ticks = [first + dt.timedelta(days=number) for number in range(0, span + 1, step)]
        words = [t.date(day, style="short") for day in ticks]
    else:
        ticks = month_ticks(first, last)
        words = [str(day.year) if _yearly(ticks) else t.month(day) for day in ticks]
    axes.set_xticks([place(day) for day in ticks], words)


def place(moment: dt.date) -> float:
    """Where a day or a moment stands on the x axis: days since 1970."""
    if isinstance(moment, dt.datetime):
        return moment.timestamp() / 86400
    return float(moment.toordinal() - dt.date(1970, 1, 1).toordinal())


def month_ticks(first: dt.date, last: dt.date) -> list[dt.date]:
    """First days of months between two days, in even steps, at most eight."""
    start, end = _months(first) + (first.day > 1), _months(last)
    for step in _MONTH_STEPS:
        months = [month for month in range(start, end + 1) if month % step == 0]
        if len(months) <= MOST_TICKS:
            break
    return [dt.date(month // 12, month % 12 + 1, 1) for month in months]


def _months(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


def _yearly(ticks: Sequence[dt.date]) -> bool:
    return len(ticks) > 1 and all(day.month == 1 for day in ticks)


def nothing(axes: Axes, t: Translator) -> None:
    """Say that there is nothing to draw."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.text(0.5, 0.5, t("No data yet"), transform=axes.transAxes, ha="center", va="center", color=QUIET, fontsize=10)


def legend(axes: Axes) -> None:
    """What is what, below the drawing where it hides nothing."""
    handles, words = axes.get_legend_handles_labels()
    figure = axes.get_figure(root=True)
    if figure is None:
        return
    made = figure.legend(
        handles,
        words,
        loc="outside lower center",
        ncols=min(6, len(words)),
        fontsize=7.5,
        frameon=False,
        labelcolor=INK,
    )
    for label_text in made.get_texts():
        label_text.set_parse_math(False)
