"""Reporting a fault: signed in, or by the machine's QR code without signing in."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from aftersales import visibility
from aftersales.access import SYSTEM, Permission, require, require_any
from aftersales.complaints import photos as pictures
from aftersales.complaints.rules import CLOSED, Step, reportable, severity_of
from aftersales.complaints.timeline import changeable, take_step
from aftersales.db import touch
from aftersales.errors import DomainError, Invalid, NotFound, RuleBroken, Throttled
from aftersales.models import FaultPhoto, FaultReport, Machine, MachineParty
from aftersales.registry.lifecycle import change_state
from aftersales.registry.rules.lifecycle import check_serving
from aftersales.translate import N_
from aftersales.usage import service as usage
from aftersales.vocabulary import Channel, FailureMode, MachineState, MeterKind, PartyRole, ReadingKind, Severity
from aftersales.work import Work

QR_REPORTS = 10
QR_WINDOW = timedelta(hours=1)
LENGTHS = {"text": 4000, "contact": 200, "error_code": 80}
RUNNING = frozenset({MachineState.COMMISSIONED, MachineState.IN_OPERATION, MachineState.STANDBY})


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """What the reporter says. ``photos`` are the files as they came."""

    mode: FailureMode
    stands_still: bool
    text: str = ""
    hours: Decimal | None = None
    severity: Severity | None = None
    error_code: str | None = None
    contact: str | None = None
    photos: Sequence[bytes] = ()


def report(
    work: Work,
    *,
    machine_id: int,
    mode: FailureMode,
    stands_still: bool,
    channel: Channel = Channel.PAGE,
    text: str = "",
    hours: Decimal | None = None,
    severity: Severity | None = None,
    error_code: str | None = None,
    contact: str | None = None,
    photos: Sequence[bytes] = (),
    at: datetime | None = None,
) -> FaultReport:
    """File a fault of a machine. A machine that stands still becomes ``down``; plausible hours become a reading.

    :param hours: what the hour meter shows; kept in the report alone when the meter's ledger refuses it.
    :param photos: at most six files, judged by content.
    :param at: when the fault was seen; now by default. A back-dated report leaves the machine's state alone.
    :raises Forbidden: the actor may not report, or is only a guest of the machine.
    :raises NotFound: the actor's organisation is no party of the machine now.
    :raises RuleBroken: the machine is gone, or ``at`` lies in the future. :raises Invalid: for impossible input.
    """
    require(work.actor, Permission.FAULT_REPORT)
    machine = visibility.machine(work.session, work.actor, machine_id, change=True)
    check_serving(visibility.roles_in(work.session, work.actor, machine.id))
    complaint = Complaint(
        mode=mode,
        stands_still=stands_still,
        text=text,
        hours=hours,
        severity=severity,
        error_code=error_code,
        contact=contact,
        photos=photos,
    )
    fault = _file(work, machine, complaint, channel, work.actor.organization_id, at)
    if hours is not None and work.actor.may(Permission.READING_ADD):
        _read_hours(work, fault, hours, ReadingKind.MEASURED)
    if stands_still and at is None and machine.state in RUNNING:
        change_state(work, machine.id, MachineState.DOWN, fault.text[:500])
    return fault


def report_by_qr(work: Work, public_id: str, complaint: Complaint) -> FaultReport:
    """File a fault at the address in a machine's QR code, without signing in.

    The report belongs to the machine's operator. The state of the machine does not change by a stranger's word, and
    hours become an estimated reading at most.

    :raises NotFound: there is no such machine.
    :raises RuleBroken: reporting is switched off for it (``reporting_closed``), or the machine is gone.
    :raises Throttled: ten reports came for the machine within the hour.
    """
    machine = machine_at(work, public_id, lock=True)
    if not machine.reporting_open:
        raise RuleBroken(N_("Reporting by this code is switched off for this machine"), code="reporting_closed")
    recent = select(func.count()).where(
        FaultReport.machine_id == machine.id,
        FaultReport.channel == Channel.QR,
        FaultReport.reported_at > work.now - QR_WINDOW,
    )
    if (work.session.scalar(recent) or 0) >= QR_REPORTS:
        raise Throttled(N_("Many reports came for this machine just now; please call your service instead"))
    fault = _file(work, machine, complaint, Channel.QR, _operator_of(work, machine), None)
    if complaint.hours is not None:
        _read_hours(replace(work, actor=SYSTEM), fault, complaint.hours, ReadingKind.ESTIMATED)
    return fault


def machine_at(work: Work, public_id: str, *, lock: bool = False) -> Machine:
    """Return the machine at the address in its QR code.

    :param lock: lock it, so that reports by QR queue and are counted right.
    :raises NotFound: there is none.
    """
    query = select(Machine).where(Machine.public_id == public_id)
    machine = work.session.scalar(query.with_for_update() if lock else query)
    if machine is None:
        raise NotFound(N_("There is no machine at this address"))
    return machine


def _operator_of(work: Work, machine: Machine) -> int | None:
    for role in (PartyRole.OPERATOR, PartyRole.OWNER, PartyRole.MANUFACTURER):
        query = select(MachineParty.organization_id).where(
            MachineParty.machine_id == machine.id, MachineParty.role == role, MachineParty.valid_to.is_(None)
        )
        if found := work.session.scalar(query):
            return found
    return None


def _file(
    work: Work,
    machine: Machine,
    complaint: Complaint,
    channel: Channel,
    organization_id: int | None,
    at: datetime | None,
) -> FaultReport:
    if not reportable(machine.state):
        message = N_("A machine that is %(state)s has no faults to report")
        raise RuleBroken(message, code="machine_state", state=machine.state)
    _check(complaint)
    redrawn = pictures.checked(complaint.photos)
    moment = at or work.now
    fault = FaultReport(
        public_id=secrets.token_urlsafe(12),
        machine_id=machine.id,
        organization_id=organization_id,
        reporter_id=work.actor.user_id,
        channel=channel,
        mode=complaint.mode,
        severity=complaint.severity or severity_of(stands_still=complaint.stands_still),
        stands_still=complaint.stands_still,
        hours=complaint.hours,
        text=complaint.text.strip(),
        contact=(complaint.contact or "").strip() or None,
        error_code=(complaint.error_code or "").strip() or None,
        last_event=0,
        reported_at=moment,
    )
    work.session.add(fault)
    work.session.flush()
    take_step(work, fault, Step.REPORTED, at=moment)
    _keep_photos(work, fault, redrawn)
    return fault


def _keep_photos(work: Work, fault: FaultReport, redrawn: Sequence[bytes], known: Sequence[str] = ()) -> None:
    for digest in dict.fromkeys(work.keep_file(content, pictures.MEDIA_TYPE) for content in redrawn):
        if digest not in known:
            work.session.add(FaultPhoto(fault_id=fault.id, file_hash=digest, added_at=work.now))
    work.session.flush()


def add_photos(work: Work, fault_id: int, photos: Sequence[bytes]) -> FaultReport:
    """Add photographs to a report that is not closed; all together there are at most six.

    :raises RuleBroken: the report is closed. :raises Invalid: a file is no photograph, or there are too many.
    """
    require_any(work.actor, Permission.FAULT_REPORT, Permission.FAULT_HANDLE)
    fault = changeable(work, fault_id)
    check_serving(visibility.roles_in(work.session, work.actor, fault.machine_id))
    if fault.state in CLOSED:
        raise RuleBroken(N_("The report is closed"), code="fault_closed")
    known = list(work.session.scalars(select(FaultPhoto.file_hash).where(FaultPhoto.fault_id == fault.id)))
    if len(known) + len(photos) > pictures.MOST_PHOTOS:
        message = N_("At most %(limit)s photos can be sent with one report")
        raise Invalid(message, code="too_many_photos", limit=pictures.MOST_PHOTOS)
    _keep_photos(work, fault, pictures.checked(photos), known)
    touch(fault)
    work.session.flush()
    return fault


def _check(complaint: Complaint) -> None:
    for field, limit in LENGTHS.items():
        if len(getattr(complaint, field) or "") > limit:
            message = N_("%(field)s is longer than %(limit)s characters")
            errors = [{"field": field, "message": message, "params": {"field": field, "limit": limit}}]
            raise Invalid(message, code="too_long", errors=errors, field=field, limit=limit)
    hours = complaint.hours
    if hours is not None and not (0 <= hours < Decimal(10) ** 9 and hours == round(hours, 3)):
        message = N_("%(hours)s is not a number of hours")
        raise Invalid(
            message,
            code="hours",
            errors=[{"field": "hours", "message": message, "params": {"hours": hours}}],
            hours=hours,
        )


def _read_hours(work: Work, fault: FaultReport, hours: Decimal, kind: ReadingKind) -> None:
    """Hand the reported hours to the meter's ledger; what it refuses stays in the report alone, with its reason."""
    try:
        usage.record(work, fault.machine_id, MeterKind.HOURS, fault.reported_at, hours, kind)
    except DomainError as refusal:
        fault.hours_refused = refusal.reason
        work.session.flush()
