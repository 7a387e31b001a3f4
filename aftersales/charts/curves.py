"""Lines over a number: failures over hours, shares that live longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aftersales.charts.axes import BLUE, GREEN, INK, ORANGE, QUIET, VERMILION, label, legend, nothing, numbers, shares
from aftersales.charts.specs import Curves
from aftersales.charts.tables import named
from aftersales.translate import Translator

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = (BLUE, VERMILION, GREEN, ORANGE, INK, QUIET)
STYLES = ("-", "--", "-.", ":")


def plot_curves(axes: Axes, spec: Curves, t: Translator) -> None:
    """Draw the lines, told apart by colour and by stroke."""
    drawn = [line for line in spec.lines if len(line.points) > 1]
    if not drawn:
        nothing(axes, t)
        return
    for number, line in enumerate(drawn):
        across, up = zip(*line.points, strict=True)
        axes.plot(
            across,
            up,
            color=COLOURS[number % len(COLOURS)],
            linestyle=STYLES[number % len(STYLES)],
            linewidth=1.6,
            drawstyle="steps-post" if spec.stepped else "default",
            label=line.name,
        )
    axes.set_ylim(bottom=0.0, top=1.02 if spec.share else None)
    axes.set_xlim(left=0.0)
    numbers(axes.xaxis, t)
    if spec.share:
        shares(axes.yaxis, t)
    else:
        numbers(axes.yaxis, t)
    label(axes, spec.x_label, named(spec.y_label, spec.unit))
    legend(axes)
