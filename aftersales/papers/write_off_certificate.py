"""The write-off certificate: a machine or a component leaves service for good, why, and where it goes."""

import datetime as dt
from dataclasses import dataclass
from functools import partial

from reportlab.platypus import Flowable

from aftersales.papers import layout
from aftersales.papers.blocks import Cell, configuration, measured, named_values, section, tabled, text
from aftersales.papers.content import (
    Amount,
    Check,
    ComponentLine,
    FindingLine,
    Heading,
    KeyValue,
    MachineIdentity,
    MeterLine,
    PartyLine,
)
from aftersales.papers.machine_block import components, machine_section, meters
from aftersales.papers.words import CAUSES, DISPOSALS, FAILURE_MODES, MECHANISMS, WRITE_OFF_REASONS, word
from aftersales.translate import Translator


@dataclass(frozen=True, kw_only=True)
class WriteOffCertificate(Heading):
    """Content of a write-off. With ``component`` only that component of the machine is written off.

    ``recovered`` are components kept for use elsewhere, ``hazards`` what has to be disposed of with care.
    """

    machine: MachineIdentity
    component: ComponentLine | None = None
    owner: PartyLine | None = None
    site: str = ""
    meters: tuple[MeterLine, ...] = ()
    reason: str = ""
    reason_text: str = ""
    decided_by: str = ""
    decided_on: dt.date | None = None
    effective_on: dt.date | None = None
    in_service_since: dt.date | None = None
    repair_estimate: Amount | None = None
    residual_value: Amount | None = None
    findings: tuple[FindingLine, ...] = ()
    checks: tuple[Check, ...] = ()
    disposal: str = ""
    disposal_text: str = ""
    hazards: tuple[KeyValue, ...] = ()
    recovered: tuple[ComponentLine, ...] = ()


def render(content: WriteOffCertificate, t: Translator) -> bytes:
    """The certificate as PDF bytes."""
    title = t("Write-off certificate")
    caption = t("Scan to check that this certificate is genuine and still stands")
    standard = t("What is named here is withdrawn from service for good and must not be put to use again.")
    paper = layout.Paper(title, content, content.content_hash(), caption, t, standard)
    return layout.build(paper, partial(_story, content, t))


def _story(content: WriteOffCertificate, t: Translator) -> list[Flowable]:
    subject = components(t("Component written off"), [content.component], t) if content.component else []
    return [
        *machine_section(content.machine, meters(content.meters, t, content.time_zone), t),
        *subject,
        *_decision(content, t),
        *_findings(content, t),
        *measured(t("Measured values"), content.checks, t),
        *_disposal(content, t),
        *components(t("Components kept for use elsewhere"), content.recovered, t),
    ]


def _money(amount: Amount | None, t: Translator) -> str:
    return t.money(amount.value, amount.currency) if amount else ""


def _day(day: dt.date | None, t: Translator) -> str:
    return t.date(day) if day else ""


def _decision(content: WriteOffCertificate, t: Translator) -> list[Flowable]:
    owner = content.owner
    pairs = [
        (t("Owner"), owner.name if owner else ""),
        (t("Address"), owner.address if owner else ""),
        (t("Site"), content.site),
        (t("Reason"), word(WRITE_OFF_REASONS, content.reason, t)),
        (t("In service since"), _day(content.in_service_since, t)),
        (t("Written off on"), _day(content.effective_on, t)),
        (t("Decided by"), content.decided_by),
        (t("Decided on"), _day(content.decided_on, t)),
        (t("Estimated cost of repair"), _money(content.repair_estimate, t)),
        (t("Residual value"), _money(content.residual_value, t)),
    ]
    more = [text(content.reason_text)] if content.reason_text else []
    return section(t("Decision"), [*named_values(pairs, columns=4), *more])


def _findings(content: WriteOffCertificate, t: Translator) -> list[Flowable]:
    rows: list[list[Cell]] = [
        [
            line.text,
            word(FAILURE_MODES, line.mode, t),
            word(MECHANISMS, line.mechanism, t),
            word(CAUSES, line.cause, t),
            line.recommendation,
        ]
        for line in content.findings
    ]
    heads = [t("Finding"), t("Failure mode"), t("Mechanism"), t("Cause"), t("Recommendation")]
    return tabled(t("Condition found"), heads, rows, [60, 28, 24, 26, 36])


def _disposal(content: WriteOffCertificate, t: Translator) -> list[Flowable]:
    facts = named_values([(t("What happens to it"), word(DISPOSALS, content.disposal, t))], columns=1)
    more = [text(content.disposal_text)] if content.disposal_text else []
    return [
        *section(t("Disposal"), [*facts, *more]),
        *section(t("To be disposed of with care"), configuration(content.hazards)),
    ]
