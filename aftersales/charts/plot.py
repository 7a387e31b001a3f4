"""Figures for every kind of chart; use them through :func:`aftersales.charts.draw`.

matplotlib takes half a second to import, so it is imported where it is used. No figure is ever global.
"""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from aftersales.charts.axes import INK, WIDTH, frame
from aftersales.charts.bars import plot_bars
from aftersales.charts.curves import plot_curves
from aftersales.charts.lines import plot_fan, plot_steps
from aftersales.charts.specs import Bars, Chart, Curves, Fan, Steps
from aftersales.translate import Translator

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@cache
def _settle() -> None:
    """Set, once for the process, what matplotlib reads only from its global settings."""
    import matplotlib as mpl  # noqa: PLC0415 - matplotlib is heavy

    mpl.rcParams["svg.fonttype"] = "none"
    mpl.rcParams["svg.hashsalt"] = "aftersales"
    mpl.rcParams["pdf.fonttype"] = 42
    mpl.rcParams["font.family"] = "DejaVu Sans"


def _figure(spec: Chart, t: Translator) -> Figure:
    from matplotlib.figure import Figure  # noqa: PLC0415 - matplotlib is heavy

    _settle()
    figure = Figure(figsize=(WIDTH, _height(spec)), layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    frame(axes)
    axes.set_title(spec.title, loc="left", fontsize=10, fontweight="bold", color=INK, parse_math=False)
    match spec:
        case Fan():
            plot_fan(axes, spec, t)
        case Bars():
            plot_bars(axes, spec, t)
        case Steps():
            plot_steps(axes, spec, t)
        case Curves():
            plot_curves(axes, spec, t)
        case _:
            raise TypeError(f"no drawing for a {type(spec).__name__}")
    return figure


def _height(spec: Chart) -> float:
    if isinstance(spec, Bars) and spec.horizontal:
        return max(2.0, min(12.0, 1.1 + 0.28 * len(spec.bars)))
    return 3.4


def svg(spec: Chart, t: Translator) -> bytes:
    """The chart as SVG."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415 - matplotlib is heavy

    output = io.BytesIO()
    FigureCanvasSVG(_figure(spec, t)).print_figure(output, format="svg", metadata={"Date": None, "Creator": None})
    return _described(output.getvalue().decode(), spec, t.language).encode()


def _described(drawn: str, spec: Chart, language: str) -> str:
    start = drawn.index("<svg ")
    end = drawn.index(">", start)
    words = f'<title id="title">{escape(spec.title)}</title>\n<desc id="desc">{escape(spec.description)}</desc>'
    marks = f' role="img" xml:lang="{language}" aria-labelledby="title desc"'
    return f"{drawn[:end]}{marks}>\n{words}{drawn[end + 1 :]}"


def pdf(spec: Chart, t: Translator) -> bytes:
    """The chart as a PDF page of its size."""
    from matplotlib.backends.backend_pdf import FigureCanvasPdf  # noqa: PLC0415 - matplotlib is heavy

    output = io.BytesIO()
    metadata = {"CreationDate": None, "Creator": "Aftersales", "Producer": "Aftersales", "Title": spec.title}
    FigureCanvasPdf(_figure(spec, t)).print_figure(output, format="pdf", metadata=metadata)
    return output.getvalue()


def png(spec: Chart, t: Translator, dpi: int) -> bytes:
    """The chart as pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - matplotlib is heavy

    output = io.BytesIO()
    metadata = {"Software": None, "Title": spec.title}
    FigureCanvasAgg(_figure(spec, t)).print_figure(output, format="png", dpi=dpi, metadata=metadata)
    return output.getvalue()
