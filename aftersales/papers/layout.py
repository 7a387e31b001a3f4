"""The page that all papers share: letterhead, title, QR, running head, and a foot with page, number and hash."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    KeepTogether,
    NextPageTemplate,
    PageTemplate,
    Table,
    TableStyle,
)

from aftersales.papers import fonts
from aftersales.papers.blocks import ACCENT, LINE, QUIET, WIDTH, density, gap, heading, signatures, text
from aftersales.papers.content import Heading
from aftersales.papers.qr import QrCode
from aftersales.translate import Translator

MARGIN = 18 * mm
FOOT = 17 * mm
QR_SIZE = 30 * mm
_PAGE_WIDTH, _PAGE_HEIGHT = A4


@dataclass(frozen=True)
class Paper:
    """What stands on every page of one paper.

    ``digest`` is the hash of its content, ``caption`` stands below the QR, ``standard`` is the statement that is
    printed when the content brings none of its own.
    """

    title: str
    heading: Heading
    digest: str
    caption: str
    t: Translator
    standard: str = ""


class _CountedCanvas(Canvas):
    """A canvas that knows how many pages there are when it writes their feet."""

    paper: Paper

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """Keep the page until their number is known."""
        self._kept.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined] # reportlab's stubs leave it out

    def save(self) -> None:
        """Write the pages with their feet."""
        for number, page in enumerate(self._kept, start=1):
            self.__dict__.update(page)
            _foot(self, self.paper, number, len(self._kept))
            super().showPage()
        super().save()


def _foot(canvas: Canvas, paper: Paper, number: int, pages: int) -> None:
    canvas.saveState()
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, FOOT - 4 * mm, _PAGE_WIDTH - MARGIN, FOOT - 4 * mm)
    canvas.setFillColor(QUIET)
    place = paper.t("Page %(number)s of %(pages)s", number=number, pages=pages)
    canvas.setFont(fonts.TEXT, 7)
    canvas.drawRightString(_PAGE_WIDTH - MARGIN, FOOT - 8 * mm, place)
    name, size = fonts.fitted(f"{paper.title}  ·  {paper.heading.number}", fonts.TEXT, 7, WIDTH - 30 * mm)
    canvas.setFont(fonts.TEXT, size)
    canvas.drawString(MARGIN, FOOT - 8 * mm, name)
    canvas.setFont(fonts.MONO, 5.5)
    canvas.drawString(MARGIN, FOOT - 11 * mm, f"SHA-256 {paper.digest}")
    canvas.restoreState()


def _running_head(canvas: Canvas, paper: Paper) -> None:
    canvas.saveState()
    canvas.setFillColor(QUIET)
    line, size = fonts.fitted(fonts.printable(paper.heading.issuer.name), fonts.TEXT, 7.5, WIDTH * 0.6)
    canvas.setFont(fonts.TEXT, size)
    canvas.drawString(MARGIN, _PAGE_HEIGHT - 13 * mm, line)
    line, size = fonts.fitted(f"{paper.title}  ·  {paper.heading.number}", fonts.BOLD, 7.5, WIDTH * 0.38)
    canvas.setFont(fonts.BOLD, size)
    canvas.drawRightString(_PAGE_WIDTH - MARGIN, _PAGE_HEIGHT - 13 * mm, line)
    canvas.setStrokeColor(ACCENT)
    canvas.line(MARGIN, _PAGE_HEIGHT - 15 * mm, _PAGE_WIDTH - MARGIN, _PAGE_HEIGHT - 15 * mm)
    canvas.restoreState()


def letterhead(paper: Paper) -> list[Flowable]:
    """Issuer, title, number and date, with the QR at the right."""
    t, top = paper.t, paper.heading
    issuer = [top.issuer.name, *top.issuer.address, top.issuer.registration, top.issuer.contact]
    left: list[Flowable] = [text(issuer[0], "issuer")]
    left += [text(line, "small") for line in issuer[1:] if line]
    left += [gap(3.5), text(paper.title, "title"), gap(1)]
    left += [text(f"{t('No.')} {top.number}  ·  {t.date(t.local_day(top.issued_at, top.time_zone))}", "number")]
    right: list[Flowable] = []
    if top.verify_url:
        right = [QrCode(top.verify_url, QR_SIZE), text(paper.caption, "caption")]
    side = 38 * mm
    head = Table([[left, right]], colWidths=[WIDTH - side, side])
    head.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("ALIGN", (1, 0), (1, 0), "CENTER"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
                ("LINEBELOW", (0, 0), (-1, -1), 1.2, ACCENT),
            ]
        )
    )
    return [head, gap(1)]


def closing(paper: Paper) -> list[Flowable]:
    """Statement, remarks and signatures, which end every paper."""
    top = paper.heading
    parts: list[Flowable] = []
    if top.remarks:
        parts += [*heading(paper.t("Remarks")), text(top.remarks)]
    statement = top.statement or paper.standard
    end = [gap(3.5), text(statement)] if statement else []
    end += signatures(top.signatures, paper.t, top.time_zone)
    return [*parts, KeepTogether(end)] if end else parts


DENSITIES = (0.93, 0.86)  # 7.3 points is the smallest that running text gets


def build(paper: Paper, story: Callable[[], Sequence[Flowable]]) -> bytes:
    """Lay the paper out on A4, smaller if that saves a second page; the same content gives the same bytes.

    :param story: makes what stands between the letterhead and the statement.
    """
    whole, pages = _laid_out(paper, story)
    if pages == 2:
        for share in DENSITIES:
            with density(share):
                dense, pages = _laid_out(paper, story)
            if pages == 1:
                return dense
    return whole


def _laid_out(paper: Paper, story: Callable[[], Sequence[Flowable]]) -> tuple[bytes, int]:
    fonts.register()
    output = io.BytesIO()
    document = BaseDocTemplate(
        output,
        pagesize=A4,
        invariant=1,
        title=f"{paper.title} {paper.heading.number}",
        author=paper.heading.issuer.name,
        subject=f"SHA-256 {paper.digest}",
        creator="Aftersales",
        producer="Aftersales",
        lang=paper.t.language,
    )
    first = Frame(MARGIN, FOOT, WIDTH, _PAGE_HEIGHT - FOOT - 14 * mm, 0, 0, 0, 0, id="first")
    later = Frame(MARGIN, FOOT, WIDTH, _PAGE_HEIGHT - FOOT - 19 * mm, 0, 0, 0, 0, id="later")

    def head(page: Canvas, _document: BaseDocTemplate) -> None:
        _running_head(page, paper)

    document.addPageTemplates([PageTemplate("first", [first]), PageTemplate("later", [later], onPage=head)])

    def canvas(*args: Any, **kwargs: Any) -> Canvas:
        made = _CountedCanvas(*args, **kwargs)
        made.paper = paper
        return made

    document.build([NextPageTemplate("later"), *letterhead(paper), *story(), *closing(paper)], canvasmaker=canvas)
    return output.getvalue(), document.page
