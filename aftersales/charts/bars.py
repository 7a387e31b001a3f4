"""Bars, upright, lying, and with the running share of a Pareto chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aftersales.charts.axes import BLUE, INK, QUIET, VERMILION, label, nothing, numbers, shares
from aftersales.charts.specs import Bars
from aftersales.charts.tables import named
from aftersales.translate import Translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST_NAME = 34


def plot_bars(axes: Axes, spec: Bars, t: Translator) -> None:
    """Draw the bars."""
    if not spec.bars:
        nothing(axes, t)
        return
    if spec.horizontal:
        _lying(axes, spec, t)
    else:
        _upright(axes, spec, t)
    for tick in [*axes.get_xticklabels(), *axes.get_yticklabels()]:
        tick.set_parse_math(False)


def _names(spec: Bars) -> list[str]:
    names = [bar.name for bar in spec.ordered()]
    return [name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1].rstrip() + "…" for name in names]


def _lying(axes: Axes, spec: Bars, t: Translator) -> None:
    values = [float(bar.value) for bar in spec.ordered()]
    places = range(len(values))
    axes.grid(visible=False)
    drawn = axes.barh(places, values, color=BLUE, height=0.7)
    axes.set_yticks(places, _names(spec))
    axes.invert_yaxis()
    axes.bar_label(drawn, [t.number(round(value, 2)) for value in values], padding=3, fontsize=7.5, color=INK)
    axes.margins(x=0.1)
    numbers(axes.xaxis, t)
    label(axes, named(spec.y_label, spec.unit), spec.x_label)


def _upright(axes: Axes, spec: Bars, t: Translator) -> None:
    values = [float(bar.value) for bar in spec.ordered()]
    places = range(len(values))
    axes.bar(places, values, color=BLUE, width=0.7)
    names = _names(spec)
    slanted = sum(map(len, names)) > 70
    axes.set_xticks(places, names, rotation=35 if slanted else 0, ha="right" if slanted else "center")
    numbers(axes.yaxis, t)
    label(axes, spec.x_label, named(spec.y_label, spec.unit))
    if spec.pareto:
        _running_share(axes, spec, t)


def _running_share(axes: Axes, spec: Bars, t: Translator) -> None:
    right = axes.twinx()
    right.plot(range(len(spec.bars)), spec.shares(), color=VERMILION, marker="o", markersize=3.5, linewidth=1.5)
    right.set_ylim(0, 1.05)
    right.spines["top"].set_visible(False)
    right.tick_params(colors=QUIET, labelsize=8)
    right.set_ylabel(t("Running share"), fontsize=8, color=VERMILION)
    shares(right.yaxis, t)
