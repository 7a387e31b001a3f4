"""Lines over time: history with a forecast fan, and steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from aftersales.charts.axes import BLUE, INK, VERMILION, days, label, legend, nothing, numbers, place
from aftersales.charts.specs import Fan, FanPoint, Steps
from aftersales.charts.tables import named
from aftersales.translate import Translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _places(moments: Sequence[dt.date]) -> list[float]:
    return [place(moment) for moment in moments]


def plot_fan(axes: Axes, spec: Fan, t: Translator) -> None:
    """Draw history and forecast; a period of which nothing is known leaves a gap in the line."""
    shown = [point.day for point in spec.history] + [point.day for point in spec.forecast]
    if not shown:
        nothing(axes, t)
        return
    if spec.history:
        values = [float("nan") if point.value is None else float(point.value) for point in spec.history]
        past = _places([point.day for point in spec.history])
        axes.plot(past, values, color=INK, linewidth=1.4, marker="o", markersize=2.5, label=t("History"))
    if spec.forecast:
        _bands(axes, spec.forecast, t)
        ahead = _places([point.day for point in spec.forecast])
        means = [float(point.mean) for point in spec.forecast]
        axes.plot(ahead, means, color=VERMILION, linewidth=1.8, linestyle="--", label=t("Forecast"))
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]) if _negative(spec) else 0.0)
    days(axes, min(shown), max(shown), t)
    numbers(axes.yaxis, t)
    label(axes, spec.x_label, named(spec.y_label, spec.unit))
    legend(axes)


def _negative(spec: Fan) -> bool:
    values = [point.value for point in spec.history if point.value is not None]
    return any(value < 0 for value in (*values, *(point.mean for point in spec.forecast)))


def _bands(axes: Axes, points: Sequence[FanPoint], t: Translator) -> None:
    """Fill between neighbouring quantiles, the darker the nearer to the middle."""
    levels = sorted({level for point in points for level, _ in point.quantiles})
    complete = [point for point in points if len(dict(point.quantiles)) == len(levels)]
    places = _places([point.day for point in complete])
    for low, high in pairwise(levels):
        distance = abs((low + high) / 2 - 0.5) * 2
        axes.fill_between(
            places,
            [float(dict(point.quantiles)[low]) for point in complete],
            [float(dict(point.quantiles)[high]) for point in complete],
            color=BLUE,
            alpha=round(0.45 - 0.35 * distance, 3),
            linewidth=0,
            label=t("%(low)s to %(high)s", low=_share(low, t), high=_share(high, t)),
        )


def _share(level: float, t: Translator) -> str:
    return t.percent(level, 1 if round(level * 1000) % 10 else 0)


def plot_steps(axes: Axes, spec: Steps, t: Translator) -> None:
    """Draw the steps and a mark for each reading, hollow when it is an estimate."""
    readings = sorted(spec.readings, key=lambda reading: reading.at)
    if not readings:
        nothing(axes, t)
        return
    places = _places([reading.at for reading in readings])
    values = [float(reading.value) for reading in readings]
    axes.step(places, values, where="post", color=BLUE, linewidth=1.5)
    for estimated, words, fill in ((False, t("Measured"), BLUE), (True, t("Estimated"), "white")):
        chosen = [at for at, reading in enumerate(readings) if reading.estimated is estimated]
        if chosen:
            axes.plot(
                [places[at] for at in chosen],
                [values[at] for at in chosen],
                linestyle="none",
                marker="o",
                markersize=4,
                markerfacecolor=fill,
                markeredgecolor=BLUE,
                label=words,
            )
    days(axes, readings[0].at.date(), readings[-1].at.date(), t)
    numbers(axes.yaxis, t)
    label(axes, spec.x_label, named(spec.y_label, spec.unit))
    legend(axes)
