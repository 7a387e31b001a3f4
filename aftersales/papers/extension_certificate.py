"""The certificate of a warranty extension: for which machine, how long, for which costs, on what terms."""

import datetime as dt
from dataclasses import dataclass
from functools import partial

from reportlab.platypus import Flowable

from aftersales.papers import layout
from aftersales.papers.blocks import Cell, named_values, section, tabled
from aftersales.papers.content import Amount, Clause, Heading, MachineIdentity, MeterLine, PartyLine, ScopeLine
from aftersales.papers.machine_block import machine_section, meters
from aftersales.papers.words import COST_CLASSES, word
from aftersales.translate import Translator


@dataclass(frozen=True, kw_only=True)
class ExtensionCertificate(Heading):
    """Content of an extension. It runs from ``starts_on`` up to and with ``ends_on``."""

    machine: MachineIdentity
    starts_on: dt.date
    ends_on: dt.date
    customer: PartyLine | None = None
    policy: str = ""
    offer: str = ""
    accepted_at: dt.datetime | None = None
    accepted_by: str = ""
    warranty_ended_on: dt.date | None = None
    price: Amount | None = None
    meters: tuple[MeterLine, ...] = ()
    scope: tuple[ScopeLine, ...] = ()
    clauses: tuple[Clause, ...] = ()
    conditions: tuple[Clause, ...] = ()


def render(content: ExtensionCertificate, t: Translator) -> bytes:
    """The certificate as PDF bytes."""
    title = t("Warranty extension certificate")
    caption = t("Scan to check that this certificate is genuine and still stands")
    standard = t("The warranty of the machine named here is extended for the period and the costs stated.")
    paper = layout.Paper(title, content, content.content_hash(), caption, t, standard)
    return layout.build(paper, partial(_story, content, t))


def _story(content: ExtensionCertificate, t: Translator) -> list[Flowable]:
    return [
        *machine_section(content.machine, meters(content.meters, t, content.time_zone), t),
        *_agreement(content, t),
        *_scope(content, t),
        *_clauses(t("Conditions"), content.conditions, t),
        *_clauses(t("Clauses"), content.clauses, t),
    ]


def _agreement(content: ExtensionCertificate, t: Translator) -> list[Flowable]:
    customer, price, before = content.customer, content.price, content.warranty_ended_on
    accepted = t.datetime(content.accepted_at, content.time_zone) if content.accepted_at else ""
    pairs = [
        (t("Extension from"), t.date(content.starts_on)),
        (t("Extension until"), t.date(content.ends_on)),
        (t("Warranty before it ended on"), t.date(before) if before else ""),
        (t("Customer"), customer.name if customer else ""),
        (t("Address"), customer.address if customer else ""),
        (t("Contact"), customer.contact if customer else ""),
        (t("Warranty terms"), content.policy),
        (t("Offer"), content.offer),
        (t("Accepted"), accepted),
        (t("Accepted by"), content.accepted_by),
        (t("Price"), t.money(price.value, price.currency) if price else ""),
    ]
    return section(t("Extension"), named_values(pairs, columns=4))


def _scope(content: ExtensionCertificate, t: Translator) -> list[Flowable]:
    rows: list[list[Cell]] = [
        [
            word(COST_CLASSES, line.cost_class, t),
            t.number(line.months) if line.months is not None else "",
            t.quantity(line.hours, t("h")) if line.hours is not None else "",
            t.date(line.ends_on) if line.ends_on else "",
            line.note,
        ]
        for line in content.scope
    ]
    heads = [t("Costs covered"), t("Months"), t("Up to meter hours"), t("Until"), t("Note")]
    return tabled(t("What is covered"), heads, rows, [36, 20, 32, 28, 56], figures=[1, 2])


def _clauses(words: str, clauses: tuple[Clause, ...], t: Translator) -> list[Flowable]:
    rows: list[list[Cell]] = [[clause.number, clause.text] for clause in clauses]
    return tabled(words, [t("No."), t("Words of the clause")], rows, [16, 156])
