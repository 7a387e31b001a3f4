"""What papers are built of: headings, named values, tables, check tables, signatures."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Paragraph, Spacer, Table, TableStyle

from aftersales.papers import fonts
from aftersales.papers.content import Check, KeyValue, SignatureLine
from aftersales.papers.words import RESULTS, ROLES, UNITS, word
from aftersales.translate import Translator

WIDTH = 174 * mm  # of the text on A4 with margins of 18 mm

INK = HexColor("#1c2429")
QUIET = HexColor("#5b6770")
ACCENT = HexColor("#1f4e6b")
LINE = HexColor("#c9d1d6")
TINT = HexColor("#eef2f4")
GOOD = HexColor("#17653a")
BAD = HexColor("#a3201d")

Cell = str | Flowable


_density: ContextVar[float] = ContextVar("density", default=1.0)


@contextmanager
def density(share: float) -> Iterator[None]:
    """Make blocks smaller for a while, so that a paper that is a little too long fits one page."""
    token = _density.set(share)
    try:
        yield
    finally:
        _density.reset(token)


def gap(millimetres: float) -> Spacer:
    """Room between blocks."""
    return Spacer(0, millimetres * mm * _density.get() ** 2)


def style(name: str) -> ParagraphStyle:
    """A paragraph style by its name, at the density of the moment."""
    return _styles(_density.get())[name]


@cache
def _styles(share: float) -> dict[str, ParagraphStyle]:
    fonts.register()
    made = {style.name: style for style in _full_size()}
    for each in made.values():
        each.fontSize *= share
        each.leading *= share
    return made


def _full_size() -> list[ParagraphStyle]:
    text = ParagraphStyle("text", fontName=fonts.TEXT, fontSize=8.5, leading=11.2, textColor=INK)
    return [
        text,
        ParagraphStyle("title", text, fontName=fonts.BOLD, fontSize=19, leading=23, textColor=ACCENT),
        ParagraphStyle("number", text, fontSize=10, leading=13),
        ParagraphStyle("issuer", text, fontName=fonts.BOLD, fontSize=12, leading=15),
        ParagraphStyle("small", text, fontSize=7, leading=9, textColor=QUIET),
        ParagraphStyle("caption", text, fontSize=6, leading=7.4, textColor=QUIET, alignment=1),
        ParagraphStyle("heading", text, fontName=fonts.BOLD, fontSize=10, leading=13, textColor=ACCENT),
        ParagraphStyle("cell", text, fontSize=8, leading=10),
        ParagraphStyle("figure", text, fontSize=8, leading=10, alignment=TA_RIGHT),
        ParagraphStyle("head", text, fontName=fonts.BOLD, fontSize=7, leading=9, textColor=QUIET),
        ParagraphStyle(
            "head_figure", text, fontName=fonts.BOLD, fontSize=7, leading=9, textColor=QUIET, alignment=TA_RIGHT
        ),
        ParagraphStyle("good", text, fontName=fonts.BOLD, fontSize=8, leading=10, textColor=GOOD),
        ParagraphStyle("bad", text, fontName=fonts.BOLD, fontSize=8, leading=10, textColor=BAD),
        ParagraphStyle("notice", text, fontName=fonts.BOLD, fontSize=8.5, leading=11.5, textColor=BAD),
    ]


def text(words: str, name: str = "text") -> Paragraph:
    """Running text; line breaks are kept, markup is not."""
    markup = escape(fonts.printable(words)).replace("\n", "<br/>")
    return Paragraph(markup, style(name))


def heading(words: str) -> list[Flowable]:
    """A section heading that does not stay alone at the foot of a page."""
    return [CondPageBreak(24 * mm), gap(2.6), text(words, "heading"), gap(0.8)]


def notice(words: str) -> list[Flowable]:
    """A sentence in a frame that nobody overlooks."""
    frame = Table([[text(words, "notice")]], colWidths=[WIDTH])
    frame.setStyle(TableStyle([("BOX", (0, 0), (-1, -1), 1, BAD), ("LEFTPADDING", (0, 0), (-1, -1), 8)]))
    return [gap(2), frame]


def named_values(pairs: Sequence[tuple[str, str]], columns: int = 3) -> list[Flowable]:
    """Named values in columns, the name small above the value; empty values are left out."""
    shown = [(name, value) for name, value in pairs if value]
    if not shown:
        return []
    cells: list[list[Flowable]] = [[text(name, "small"), text(value)] for name, value in shown]
    cells += [[Spacer(0, 0)] for _ in range(-len(cells) % columns)]
    rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    block = Table(rows, colWidths=[WIDTH / columns] * columns, splitInRow=1)
    block.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 6),
                ("TOPPADDING", (0, 0), (-1, -1), 1),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
            ]
        )
    )
    return [block]


def configuration(values: Sequence[KeyValue]) -> list[Flowable]:
    """Named values as their author named them."""
    return named_values([(item.key, item.value) for item in values])


def table(
    heads: Sequence[str], rows: Sequence[Sequence[Cell]], shares: Sequence[float], figures: Sequence[int] = ()
) -> Table:
    """A table whose head is repeated on every page and whose long rows may break.

    :param shares: widths of the columns in relation to each other.
    :param figures: numbers of the columns that are set to the right.
    """
    body = [[_cell(cell, "figure" if at in figures else "cell") for at, cell in enumerate(row)] for row in rows]
    head = [text(words, "head_figure" if at in figures else "head") for at, words in enumerate(heads)]
    made = Table([head, *body], colWidths=_widths([head, *body], shares), repeatRows=1, splitByRow=1, splitInRow=1)
    made.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("BACKGROUND", (0, 0), (-1, 0), TINT),
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
                ("LEFTPADDING", (0, 0), (-1, -1), 3.5),
                ("RIGHTPADDING", (0, 0), (-1, -1), 3.5),
                ("TOPPADDING", (0, 0), (-1, -1), 1.2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 1.8),
            ]
        )
    )
    return made


def _widths(rows: Sequence[Sequence[Flowable]], shares: Sequence[float]) -> list[float]:
    """Widths by share, but wide enough for each column's longest word as far as the others can give way."""
    wanted = [WIDTH * share / sum(shares) for share in shares]
    needed = [min(WIDTH * 0.32, max(_longest_word(row[at]) for row in rows) + 8) for at in range(len(shares))]
    short = sum(max(0.0, need - want) for need, want in zip(needed, wanted, strict=True))
    spare = sum(max(0.0, want - need) for need, want in zip(needed, wanted, strict=True))
    if not short or not spare:
        return wanted
    # What the short columns get is taken from the others' spare room; where that is too little, both share the pain.
    given, taken = min(1.0, spare / short), min(1.0, short / spare)
    return [want + (need - want) * (given if need > want else taken) for need, want in zip(needed, wanted, strict=True)]


def _longest_word(cell: Flowable) -> float:
    if not isinstance(cell, Paragraph):
        return 0.0
    words = cell.getPlainText().split(" ")  # not at no-break spaces
    return max((fonts.width(word, cell.style.fontName, cell.style.fontSize) for word in words), default=0.0)


def _cell(cell: Cell, name: str) -> Flowable:
    return text(cell, name) if isinstance(cell, str) else cell


def section(words: str, content: Sequence[Flowable]) -> list[Flowable]:
    """A heading with what stands under it; nothing at all when there is nothing."""
    return [*heading(words), *content] if content else []


def tabled(
    words: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    shares: Sequence[float],
    figures: Sequence[int] = (),
) -> list[Flowable]:
    """A section that is a table. Columns that are empty in every row are left out; without rows there is no section."""
    used = [at for at in range(len(heads)) if any(row[at] != "" for row in rows)]
    if not used:
        return []
    return section(
        words,
        [
            table(
                [heads[at] for at in used],
                [[row[at] for at in used] for row in rows],
                [shares[at] for at in used],
                [place for place, at in enumerate(used) if at in figures],
            )
        ],
    )


def unit(code: str, t: Translator) -> str:
    """A unit as people write it."""
    return word(UNITS, code, t)


def limits(check: Check, t: Translator) -> str:
    """The limits of a characteristic, such as *5 – 7* or *≤ 7*."""
    if check.lower is not None and check.upper is not None:
        return f"{t.number(check.lower)} – {t.number(check.upper)}"
    if check.lower is not None:
        return f"≥ {t.number(check.lower)}"
    return f"≤ {t.number(check.upper)}" if check.upper is not None else ""


def judged(passed: bool | None, t: Translator) -> Cell:
    """Passed or failed, told by a sign and a word, not by colour alone."""
    if passed is None:
        return ""
    sign, words, name = ("✓", t("Passed"), "good") if passed else ("✗", t("Failed"), "bad")
    return text(f"{sign} {words}".replace(" ", "\u00a0"), name)


def measured(words: str, checks: Sequence[Check], t: Translator) -> list[Flowable]:
    """A section of measured values against their limits."""
    heads = [t("Characteristic"), t("Measured"), t("Unit"), t("Limits"), t("Result"), t("By"), t("Note")]
    rows: list[list[Cell]] = [
        [
            check.characteristic,
            t.number(check.value) if check.value is not None else word(RESULTS, check.result, t),
            unit(check.unit, t),
            limits(check, t),
            judged(check.passed, t),
            check.by,
            check.note,
        ]
        for check in checks
    ]
    return tabled(words, heads, rows, [40, 17, 12, 20, 20, 26, 28], figures=[1])


def checklist(words: str, checks: Sequence[Check], t: Translator) -> list[Flowable]:
    """A section of checks told in words; two beside each other as long as there is nothing more to say of them."""
    rows: list[list[Cell]] = [[check.characteristic, _told(check, t), check.by, check.note] for check in checks]
    if any(check.by or check.note for check in checks) or len(rows) < 6:
        return tabled(words, [t("Check"), t("Result"), t("By"), t("Note")], rows, [60, 30, 22, 40])
    half = (len(rows) + 1) // 2
    blank: list[Cell] = ["", ""]
    right = [*(row[:2] for row in rows[half:]), blank][:half]
    pairs = [[*left[:2], *other] for left, other in zip(rows[:half], right, strict=True)]
    heads = [t("Check"), t("Result")] * 2
    return section(words, [table(heads, pairs, [50, 26, 50, 26])])


def _told(check: Check, t: Translator) -> Cell:
    words = word(RESULTS, check.result, t)
    if check.passed is None:
        return words
    if not words:
        return judged(check.passed, t)
    return text(f"✓ {words}", "good") if check.passed else text(f"✗ {words}", "bad")


def signatures(lines: Sequence[SignatureLine], t: Translator, time_zone: str) -> list[Flowable]:
    """Boxes to sign in, at most three beside each other."""
    if not lines:
        return []
    columns = min(3, len(lines))
    boxes: list[Flowable] = [_signature(line, t, time_zone, WIDTH / columns - 5 * mm) for line in lines]
    boxes += [Spacer(0, 0)] * (-len(boxes) % columns)
    rows = [boxes[start : start + columns] for start in range(0, len(boxes), columns)]
    block = Table(rows, colWidths=[WIDTH / columns] * columns)
    block.setStyle(TableStyle([("LEFTPADDING", (0, 0), (-1, -1), 0), ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return [gap(4), block]


def _signature(line: SignatureLine, t: Translator, time_zone: str, room: float) -> Table:
    signed = t("Signed in the system on %(at)s", at=t.datetime(line.signed_at, time_zone)) if line.signed_at else ""
    who = [text(words, "cell") for words in (line.name, line.organization) if words]
    rows: list[list[object]] = [[text(word(ROLES, line.role, t), "head")], [text(signed, "small")], [who or ""]]
    box = Table(rows, colWidths=[room], rowHeights=[None, 10 * mm * _density.get(), None])
    box.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 1), (0, 1), 0.6, INK),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("VALIGN", (0, 1), (0, 1), "BOTTOM"),
                ("TOPPADDING", (0, 2), (0, 2), 2),
            ]
        )
    )
    return box
