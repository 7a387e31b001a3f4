"""The fonts of all papers: DejaVu Sans, which covers Latin, Cyrillic and Armenian, embedded as subsets."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from reportlab.lib.fonts import addMapping
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont

TEXT = "PaperSans"
BOLD = "PaperSans-Bold"
MONO = "PaperMono"

_FILES = {TEXT: "DejaVuSans.ttf", BOLD: "DejaVuSans-Bold.ttf", MONO: "DejaVuSansMono.ttf"}


@cache
def register() -> None:
    """Make the fonts known to reportlab, once per process."""
    folder = _folder()
    for name, file in _FILES.items():
        registerFont(TTFont(name, folder / file))
    for bold in (0, 1):
        for italic in (0, 1):
            addMapping(TEXT, bold, italic, BOLD if bold else TEXT)


def _folder() -> Path:
    # Found without importing matplotlib, which would take longer than drawing the paper.
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise RuntimeError("matplotlib, whose package holds the fonts, is not installed")
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"


def width(text: str, font: str, size: float) -> float:
    """How wide a text is, in points."""
    register()
    return float(stringWidth(text, font, size))


def fitted(text: str, font: str, size: float, room: float, smallest: float = 4.5) -> tuple[str, float]:
    """The text and the size at which it fits on one line; at the smallest size it is cut with an ellipsis.

    :param size: the size wanted, in points.
    :param room: the width there is, in points.
    """
    wide = width(text, font, size)
    if wide <= room:
        return text, size
    fits = max(smallest, size * room / wide)
    while text and width(text, font, fits) > room + 0.01:
        text = text.removesuffix("…")[:-1].rstrip() + "…"
        if text == "…":
            break
    return text, fits


def printable(text: str) -> str:
    """The text without what the fonts do not have: the dram sign is written as its code."""
    return text.replace("֏", "AMD")
