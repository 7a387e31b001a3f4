"""A supply order on paper: what is ordered from whom, at what price, by when and to where."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from reportlab.platypus import Flowable

from aftersales.papers import layout
from aftersales.papers.blocks import Cell, named_values, notice, section, tabled
from aftersales.papers.canonical import Frozen
from aftersales.papers.content import Amount, Heading, PartyLine
from aftersales.translate import N_, Translator

TITLES = {
    "purchase": N_("Purchase order"),
    "production": N_("Production order"),
    "refurbishment": N_("Refurbishment order"),
}


@dataclass(frozen=True, kw_only=True)
class OrderedLine(Frozen):
    """A part ordered. ``due_on`` is the day asked for, ``confirmed_on`` the day promised."""

    number: str
    name: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    amount: Decimal
    due_on: dt.date
    confirmed_on: dt.date | None = None
    tolerance: str = ""


@dataclass(frozen=True, kw_only=True)
class SupplyOrderPaper(Heading):
    """Content of an order; ``is_draft`` while nobody has approved it, ``is_cancelled`` once it does not stand."""

    kind: str
    supplier: PartyLine | None = None
    deliver_to: str = ""
    address: str = ""
    total: Amount
    lines: tuple[OrderedLine, ...] = ()
    is_draft: bool = False
    is_cancelled: bool = False


def render(content: SupplyOrderPaper, t: Translator) -> bytes:
    """The order as PDF bytes."""
    paper = layout.Paper(t(TITLES[content.kind]), content, content.content_hash(), "", t)
    return layout.build(paper, partial(_story, content, t))


def _story(content: SupplyOrderPaper, t: Translator) -> list[Flowable]:
    warning = t("Draft: this is not an order yet") if content.is_draft else ""
    if content.is_cancelled:
        warning = t("Cancelled: do not deliver")
    return [*(notice(warning) if warning else []), *_parties(content, t), *_lines(content, t)]


def _parties(content: SupplyOrderPaper, t: Translator) -> list[Flowable]:
    supplier = content.supplier
    pairs = [
        (t("Supplier"), supplier.name if supplier else t("Own works")),
        (t("Address"), supplier.address if supplier else ""),
        (t("Contact"), supplier.contact if supplier else ""),
        (t("Deliver to"), content.deliver_to),
        (t("Address of delivery"), content.address),
        (t("Total"), t.money(content.total.value, content.total.currency)),
    ]
    return section(t("Order"), named_values(pairs))


def _lines(content: SupplyOrderPaper, t: Translator) -> list[Flowable]:
    currency = content.total.currency
    rows: list[list[Cell]] = [
        [
            str(place),
            line.number,
            line.name,
            t.quantity(line.quantity, line.unit),
            t.money(line.unit_price, currency),
            t.money(line.amount, currency),
            t.date(line.due_on),
            t.date(line.confirmed_on) if line.confirmed_on else "",
            t(line.tolerance) if line.tolerance else "",
        ]
        for place, line in enumerate(content.lines, 1)
    ]
    heads = [t("No."), t("Part"), t("Name"), t("Quantity"), t("Price of one"), t("Amount"), t("Due")]
    heads += [t("Confirmed"), t("May exceed")]
    return tabled(t("Lines"), heads, rows, [8, 24, 40, 18, 22, 24, 22, 22, 22], figures=[3, 4, 5])
