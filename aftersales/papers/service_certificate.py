"""The service certificate: what was done to a machine, by whom, with what result; also for commissioning."""

import datetime as dt
from dataclasses import dataclass
from functools import partial

from reportlab.platypus import Flowable

from aftersales.papers import layout
from aftersales.papers.blocks import Cell, checklist, measured, named_values, section, tabled, text, unit
from aftersales.papers.content import (
    Check,
    DueLine,
    ExchangeLine,
    FindingLine,
    Heading,
    MachineIdentity,
    MeterLine,
    PartLine,
    PartyLine,
    PersonLine,
    WorkLine,
)
from aftersales.papers.machine_block import machine_section, meters
from aftersales.papers.words import (
    CAUSES,
    CERTIFICATES,
    DETECTIONS,
    FAILURE_MODES,
    MECHANISMS,
    REMOVAL_REASONS,
    ROLES,
    word,
)
from aftersales.translate import Translator


@dataclass(frozen=True, kw_only=True)
class ServiceCertificate(Heading):
    """Content of a certificate about work on a machine.

    ``kind`` is the kind of the work order (service, maintenance, repair, inspection, commissioning …); ``answers``
    are the faults and due tasks that the work answers, in words.
    """

    machine: MachineIdentity
    kind: str = "service"
    customer: PartyLine | None = None
    site: str = ""
    work_order: str = ""
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    meters: tuple[MeterLine, ...] = ()
    answers: tuple[str, ...] = ()
    work: tuple[WorkLine, ...] = ()
    people: tuple[PersonLine, ...] = ()
    checks: tuple[Check, ...] = ()
    parts: tuple[PartLine, ...] = ()
    exchanges: tuple[ExchangeLine, ...] = ()
    findings: tuple[FindingLine, ...] = ()
    next_due: tuple[DueLine, ...] = ()


def render(content: ServiceCertificate, t: Translator) -> bytes:
    """The certificate as PDF bytes; on one page where it fits."""
    title = word(CERTIFICATES, content.kind, t)
    caption = t("Scan to check that this certificate is genuine and still stands")
    standard = t(
        "We certify that the work listed here was carried out, and that the values and parts are those that were "
        "recorded."
    )
    paper = layout.Paper(title, content, content.content_hash(), caption, t, standard)
    return layout.build(paper, partial(_story, content, t))


def _story(content: ServiceCertificate, t: Translator) -> list[Flowable]:
    values = [check for check in content.checks if check.is_measured]
    told = [check for check in content.checks if not check.is_measured]
    return [
        *machine_section(content.machine, meters(content.meters, t, content.time_zone), t),
        *_order(content, t),
        *_work(content, t),
        *measured(t("Measured values"), values, t),
        *checklist(t("Checklist"), told, t),
        *_parts(content, t),
        *_exchanges(content, t),
        *_findings(content, t),
        *_people(content, t),
        *_next_due(content, t),
    ]


def _order(content: ServiceCertificate, t: Translator) -> list[Flowable]:
    customer = content.customer
    zone = content.time_zone
    pairs = [
        (t("Customer"), customer.name if customer else ""),
        (t("Address"), customer.address if customer else ""),
        (t("Contact"), customer.contact if customer else ""),
        (t("Site"), content.site),
        (t("Work order"), content.work_order),
        (t("Started"), t.datetime(content.started_at, zone) if content.started_at else ""),
        (t("Finished"), t.datetime(content.finished_at, zone) if content.finished_at else ""),
    ]
    reason = named_values([(t("Reason for the work"), "\n".join(content.answers))], columns=1)
    return section(t("The job"), [*named_values(pairs, columns=4), *reason])


def _work(content: ServiceCertificate, t: Translator) -> list[Flowable]:
    rows: list[list[Cell]] = [[line.code, line.text, line.note] for line in content.work]
    words = t("Work carried out")
    if not rows:
        return section(words, [text(t("None."))])
    return tabled(words, [t("Code"), t("Task"), t("Note")], rows, [26, 96, 50])


def _people(content: ServiceCertificate, t: Translator) -> list[Flowable]:
    rows: list[list[Cell]] = [
        [
            line.name,
            word(ROLES, line.role, t),
            line.qualification,
            t.quantity(line.hours, t("h")) if line.hours is not None else "",
        ]
        for line in content.people
    ]
    heads = [t("Name"), t("Role"), t("Qualification"), t("Hours worked")]
    return tabled(t("Carried out by"), heads, rows, [52, 40, 56, 24], figures=[3])


def _parts(content: ServiceCertificate, t: Translator) -> list[Flowable]:
    rows: list[list[Cell]] = [
        [line.part_number, line.name, t.quantity(line.quantity, unit(line.unit, t)), ", ".join(line.serial_numbers)]
        for line in content.parts
    ]
    heads = [t("Part number"), t("Part"), t("Quantity"), t("Serial numbers")]
    return tabled(t("Parts used"), heads, rows, [34, 66, 22, 50], figures=[2])


def _exchanges(content: ServiceCertificate, t: Translator) -> list[Flowable]:
    rows: list[list[Cell]] = [
        [
            line.position,
            line.name,
            line.part_number,
            line.old_serial,
            line.new_serial,
            t.quantity(line.old_life, unit(line.life_unit, t)) if line.old_life is not None else "",
            word(REMOVAL_REASONS, line.reason, t),
        ]
        for line in content.exchanges
    ]
    heads = [
        t("Position"),
        t("Component"),
        t("Part number"),
        t("Serial taken out"),
        t("Serial put in"),
        t("Life of the old one"),
        t("Reason"),
    ]
    return tabled(t("Components exchanged"), heads, rows, [20, 32, 24, 27, 27, 20, 24], figures=[5])


def _findings(content: ServiceCertificate, t: Translator) -> list[Flowable]:
    rows: list[list[Cell]] = [
        [
            line.text,
            word(FAILURE_MODES, line.mode, t),
            word(MECHANISMS, line.mechanism, t),
            word(CAUSES, line.cause, t),
            word(DETECTIONS, line.detection, t),
            line.recommendation,
        ]
        for line in content.findings
    ]
    heads = [t("Finding"), t("Failure mode"), t("Mechanism"), t("Cause"), t("Detection"), t("Recommendation")]
    return tabled(t("Findings"), heads, rows, [46, 26, 22, 24, 24, 36])


def _next_due(content: ServiceCertificate, t: Translator) -> list[Flowable]:
    rows: list[list[Cell]] = [[line.task, _when(line, t)] for line in content.next_due]
    return tabled(t("Due next"), [t("Task"), t("When")], rows, [92, 80])


def _when(line: DueLine, t: Translator) -> str:
    at = t.quantity(line.at, unit(line.unit, t)) if line.at is not None else ""
    day = t.date(line.on) if line.on else ""
    if at and day:
        return t("%(day)s or at %(value)s, whichever comes first", day=day, value=at)
    return t("at %(value)s", value=at) if at else day
