"""One drawing of a chart, in the form that a page or a paper takes."""

from dataclasses import dataclass

from aftersales.charts import plot, tables
from aftersales.charts.specs import Chart
from aftersales.translate import Translator


@dataclass(frozen=True)
class Drawing:
    """A chart that can be shown. The same chart gives the same bytes."""

    spec: Chart
    t: Translator

    def svg(self) -> bytes:
        """For pages: text stays text, title and description are in it for screen readers."""
        return plot.svg(self.spec, self.t)

    def pdf(self) -> bytes:
        """For papers, as one vector page."""
        return plot.pdf(self.spec, self.t)

    def png(self, dpi: int = 200) -> bytes:
        """For papers and mails, as pixels."""
        return plot.png(self.spec, self.t, dpi)

    def rows(self) -> list[tuple[str, ...]]:
        """The table beside the chart, its head first."""
        return tables.rows(self.spec, self.t)


def draw(spec: Chart, t: Translator) -> Drawing:
    """A drawing of the chart, its numbers and dates written as the language does."""
    return Drawing(spec, t)
