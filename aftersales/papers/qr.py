"""QR codes as vector paths (ISO/IEC 18004)."""

import segno
from reportlab.lib.colors import black
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

QUIET_ZONE = 4  # modules of white round the symbol, as the standard asks


def draw(canvas: Canvas, text: str, x: float, y: float, size: float, *, error: str = "m") -> None:
    """Draw a code, its quiet zone included, into a square.

    :param x: left edge, in points. :param y: lower edge. :param size: side of the square.
    :param error: error correction level, l to h; a label that gets scratched takes q or h.
    """
    rows = [list(row) for row in segno.make_qr(text, error=error, boost_error=False).matrix]
    module = size / (len(rows) + 2 * QUIET_ZONE)
    path = canvas.beginPath()
    for number, row in enumerate(rows):
        bottom = y + size - (QUIET_ZONE + number + 1) * module
        for start, length in _runs(row):
            path.rect(x + (QUIET_ZONE + start) * module, bottom, length * module, module)
    canvas.saveState()
    canvas.setFillColor(black)
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()


def _runs(row: list[int]) -> list[tuple[int, int]]:
    """Dark runs of a row as (start, length)."""
    runs: list[tuple[int, int]] = []
    for column, dark in enumerate(row):
        if not dark:
            continue
        if runs and sum(runs[-1]) == column:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((column, 1))
    return runs


class QrCode(Flowable):
    """A code that stands in the flow of a paper. ``size`` is its side in points."""

    def __init__(self, text: str, size: float) -> None:
        super().__init__()
        self.text = text
        self.width = self.height = size

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: N803 - reportlab's names
        """Room it takes."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw it at the flow's place."""
        draw(self.canv, self.text, 0, 0, self.width)
