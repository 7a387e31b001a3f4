"""The QR nameplate label of a machine: single at its real size, or sheets of A4 for many."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from aftersales.errors import Invalid
from aftersales.papers import fonts, qr
from aftersales.papers.blocks import INK, LINE, QUIET
from aftersales.papers.canonical import Frozen
from aftersales.papers.content import KeyValue
from aftersales.translate import N_, Translator

SHEET_MARGIN = 5 * mm  # two labels of 100 mm fit beside each other
GAP = 0.0
SMALLEST = (40, 20)  # mm; below that a phone does not read the code from an arm's length


@dataclass(frozen=True, kw_only=True)
class Label(Frozen):
    """Content of a label. ``url`` is the machine's permanent address; sizes are in millimetres.

    ``extra`` holds further named values (power, voltage, mass), of which as many are printed as there is room for.
    """

    url: str
    serial_number: str
    model: str
    manufacturer: str = ""
    designation: str = ""
    year_of_construction: int | None = None
    marks: tuple[str, ...] = ()
    extra: tuple[KeyValue, ...] = ()
    width_mm: Decimal = Decimal(100)
    height_mm: Decimal = Decimal(50)


def single(content: Label, t: Translator) -> bytes:
    """One label on a page of its own size, for a label printer.

    :raises Invalid: it is too small to be read, or larger than A4.
    """
    width, height = _size(content)
    output = io.BytesIO()
    canvas = _canvas(output, (width, height), content.serial_number, t)
    _draw(canvas, content, t, 0, 0)
    canvas.showPage()
    canvas.save()
    return output.getvalue()


def sheet(contents: Sequence[Label], t: Translator) -> bytes:
    """Labels in rows on A4, with thin lines to cut along; all take the room of the largest.

    :raises Invalid: there is none, or one is too small to be read or larger than the sheet.
    """
    if not contents:
        raise Invalid(N_("There is no label to print."), code="no_labels")
    sizes = [_size(content) for content in contents]
    cell = (max(width for width, _ in sizes), max(height for _, height in sizes))
    places = _places(cell)
    output = io.BytesIO()
    canvas = _canvas(output, A4, t("Labels"), t)
    for number, content in enumerate(contents):
        place = number % len(places)
        if number and not place:
            canvas.showPage()
        x, y = places[place]
        _draw(canvas, content, t, x, y)
        canvas.setStrokeColor(LINE)
        canvas.setLineWidth(0.3)
        canvas.setDash(2, 2)
        canvas.rect(x, y, *sizes[number])
        canvas.setDash()
    canvas.showPage()
    canvas.save()
    return output.getvalue()


def _canvas(output: io.BytesIO, size: tuple[float, float], title: str, t: Translator) -> Canvas:
    fonts.register()
    canvas = Canvas(output, pagesize=size, invariant=1, lang=t.language)
    canvas.setTitle(title)
    canvas.setCreator("Aftersales")
    canvas.setProducer("Aftersales")
    return canvas


def _size(content: Label) -> tuple[float, float]:
    width, height = content.width_mm, content.height_mm
    if width < SMALLEST[0] or height < SMALLEST[1] or width > 200 or height > 287:
        message = N_("A label is 40 x 20 mm to 200 x 287 mm, not %(width)s x %(height)s mm.")
        raise Invalid(message, code="label_size", width=width, height=height)
    return float(width) * mm, float(height) * mm


def _places(cell: tuple[float, float]) -> list[tuple[float, float]]:
    """Lower left corners on A4, row by row from the top, the whole block in the middle."""
    width, height = cell
    columns = max(1, int((A4[0] - 2 * SHEET_MARGIN + GAP + 0.01) // (width + GAP)))
    rows = max(1, int((A4[1] - 2 * SHEET_MARGIN + GAP + 0.01) // (height + GAP)))
    left = (A4[0] - columns * width - (columns - 1) * GAP) / 2
    top = A4[1] - SHEET_MARGIN
    return [
        (left + column * (width + GAP), top - height - row * (height + GAP))
        for row in range(rows)
        for column in range(columns)
    ]


def _draw(canvas: Canvas, content: Label, t: Translator, x: float, y: float) -> None:
    width, height = _size(content)
    pad = min(width, height) * 0.05
    caption_height = height * 0.14
    side = min(height - 2 * pad - caption_height, width * 0.46)
    bottom = y + pad + caption_height + (height - 2 * pad - caption_height - side) / 2
    qr.draw(canvas, content.url, x + pad, bottom, side, error="q")
    _caption(canvas, (t("Report a fault"), t("See the documents")), (x + pad, y + pad, side, caption_height))
    left = x + pad * 2 + side
    _words(canvas, content, t, (left, y + pad, x + width - pad - left, height - 2 * pad))


def _caption(canvas: Canvas, lines: Sequence[str], box: tuple[float, float, float, float]) -> None:
    x, y, room, height = box
    size = height * 0.4
    canvas.setFillColor(QUIET)
    for number, line in enumerate(lines):
        shown, fits = fonts.fitted(line, fonts.TEXT, size, room, smallest=2.5)
        canvas.setFont(fonts.TEXT, fits)
        canvas.drawCentredString(x + room / 2, y + height - (number + 0.85) * size * 1.15, shown)


def _words(canvas: Canvas, content: Label, t: Translator, box: tuple[float, float, float, float]) -> None:
    x, y, room, height = box
    year = content.year_of_construction
    marks_height = height * 0.17 if content.marks else 0.0
    lines: list[tuple[str, str, float]] = [("", content.manufacturer, 0.75)] if content.manufacturer else []
    lines.append(("", content.designation or content.model, 1.25))
    if content.designation:
        lines.append((t("Model"), content.model, 1.0))
    lines.append((t("Serial number"), content.serial_number, 1.25))
    if year:
        lines.append((t("Year of construction"), str(year), 1.0))
    lines += [(item.key, item.value, 1.0) for item in content.extra]
    step = min((height - marks_height) / (sum(_share(line) for line in lines) + 0.2), height * 0.105)
    step = max(step, height * 0.07)
    top = y + height
    for line in lines:
        top -= _share(line) * step
        if top < y + marks_height - 0.1:
            break
        _line(canvas, line, (x, top, room), step)
    if content.marks:
        marks, size = fonts.fitted("   ".join(content.marks), fonts.BOLD, marks_height * 0.85, room)
        canvas.setFont(fonts.BOLD, size)
        canvas.setFillColor(INK)
        canvas.drawString(x, y + marks_height * 0.15, marks)


def _share(line: tuple[str, str, float]) -> float:
    name, _, weight = line
    return weight * 1.25 + (0.75 if name else 0)


def _line(canvas: Canvas, line: tuple[str, str, float], place: tuple[float, float, float], step: float) -> None:
    name, value, weight = line
    x, base, room = place
    bold = weight > 1
    shown, size = fonts.fitted(fonts.printable(value), fonts.BOLD if bold else fonts.TEXT, step * weight, room)
    canvas.setFillColor(INK)
    canvas.setFont(fonts.BOLD if bold else fonts.TEXT, size)
    canvas.drawString(x, base + step * 0.25, shown)
    if name:
        small, size = fonts.fitted(fonts.printable(name), fonts.TEXT, step * 0.58, room, smallest=2.5)
        canvas.setFillColor(QUIET)
        canvas.setFont(fonts.TEXT, size)
        canvas.drawString(x, base + step * (0.35 + weight), small)
