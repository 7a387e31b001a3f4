"""Forecasts and proposals as CSV and XLSX: plain numbers, words that no spreadsheet takes for a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.orm import Session

from aftersales.access import Actor
from aftersales.formats.workbooks import write_xlsx
from aftersales.models import ForecastLine, ForecastRun, Part
from aftersales.planning import queries
from aftersales.planning.proposals import proposals
from aftersales.planning.rules import months
from aftersales.translate import Translator

RISKY = ("=", "+", "-", "@", "\t", "\r")
EVERYTHING = 1_000_000


def safe(text: str) -> str:
    """Return a cell's text, with an apostrophe before what a spreadsheet would carry out (CWE-1236)."""
    return f"'{text}" if text.startswith(RISKY) else text


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table to give away."""

    head: Sequence[str]
    rows: Sequence[Sequence[object]]

    def csv(self) -> str:
        """As CSV: cells that a spreadsheet would carry out are escaped."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(self.head)
        for row in self.rows:
            writer.writerow([_cell(value) for value in row])
        return text.getvalue()

    def xlsx(self, name: str) -> bytes:
        """As an XLSX workbook with one sheet: numbers are numbers, texts are texts and never formulas."""
        return write_xlsx(name, self.head, self.rows)


def forecast_sheet(session: Session, actor: Actor, run_id: int) -> Sheet:
    """Return a run part by part and month by month: part, class, method, month, mean and quantiles.

    :raises NotFound: when the run is none of the actor's organisation.
    """
    run = queries.run(session, actor, run_id).run
    names = [f"{probability:g}" for probability in run.settings["quantiles"]]
    head = ["part_number", "part_name", "class", "method", "month", "mean", *(f"q{name}" for name in names)]
    views = queries.lines(session, actor, run_id, limit=EVERYTHING)
    return Sheet(head, [row for view in views for row in _months(run, view.line, view.part, names)])


def proposals_sheet(
    session: Session, actor: Actor, t: Translator, *, only_to_order: bool = False, text: str = ""
) -> Sheet:
    """Return the reorder proposals of the newest run, the reason in the asker's language."""
    head = ["part_number", "part_name", "unit", "criticality", "service", "lead_time_months", "lead_time_mean"]
    head += ["on_hand", "reserved", "on_order", "reorder_point", "order_quantity", "reason"]
    found = proposals(session, actor, only_to_order=only_to_order, text=text, limit=None)
    rows = [
        [
            view.part.number,
            view.part.name,
            view.part.unit,
            view.part.criticality.value,
            Decimal(str(view.proposed.service)),
            view.lead_time_months,
            view.lead_time_mean,
            view.on_hand,
            view.reserved,
            view.on_order,
            view.proposed.reorder_point,
            view.proposed.quantity,
            t.gettext(view.proposed.words, **view.proposed.params),
        ]
        for view in found
    ]
    return Sheet(head, rows)


def _months(run: ForecastRun, line: ForecastLine, part: Part, names: Sequence[str]) -> Iterable[list[object]]:
    for step, mean in enumerate(line.mean):
        month = months.label(months.plus(run.origin, step))
        quantiles = [line.quantiles[name][step] for name in names]
        yield [part.number, part.name, line.demand_class, line.method, month, mean, *quantiles]


def _cell(value: object) -> str:
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
