"""Fault reports, their timelines and pictures, for the people they concern; and the little that strangers may know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor
from aftersales.certificates.contents import site_line
from aftersales.complaints.rules import CLOSED, OPEN, Step
from aftersales.errors import NotFound
from aftersales.models import FaultEvent, FaultPhoto, FaultReport, Machine, MachineModel, Organization, User, WorkOrder
from aftersales.translate import N_
from aftersales.vocabulary import FailureMode, FaultState, PartyRole, Role

LIMIT = 50
STILL_OPEN = OPEN | {FaultState.RESOLVED}


@dataclass(frozen=True, slots=True)
class FaultLine:
    """A fault report in a list, with the names that go with it."""

    fault: FaultReport
    serial_number: str
    model: str
    organization: str | None


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """A step as the reader may see it. ``person`` is empty for people of other organisations."""

    sequence: int
    step: Step
    state_after: FaultState
    at: datetime
    text: str
    organization: str
    role: Role | None
    person: str
    visible_to_operator: bool
    work_order_id: int | None
    work_order: str


@dataclass(frozen=True, slots=True)
class FaultPage:
    """A fault report with all that its page needs. ``contact`` is empty for those it was not meant for."""

    fault: FaultReport
    machine: Machine
    model: str
    organization: str | None
    contact: str | None
    photos: tuple[str, ...]
    timeline: tuple[TimelineStep, ...]
    duplicates: tuple[int, ...]

    @property
    def version(self) -> int:
        """The report's version."""
        return self.fault.version


@dataclass(frozen=True, slots=True)
class PublicFault:
    """What anyone at the machine may know of an open fault, so that it is not reported twice."""

    mode: FailureMode
    state: FaultState
    stands_still: bool
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class PublicMachine:
    """What anyone who scans a machine's QR code may know."""

    public_id: str
    serial_number: str
    model: str
    manufacturer: str
    reporting_open: bool
    open_faults: tuple[PublicFault, ...]
    time_zone: str


@dataclass(frozen=True, slots=True)
class ReportStatus:
    """What the reporter sees at the address that was given with the report."""

    public_id: str
    serial_number: str
    model: str
    mode: FailureMode
    state: FaultState
    stands_still: bool
    reported_at: datetime
    timeline: tuple[TimelineStep, ...]
    time_zone: str


def sees(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on :class:`FaultReport` that the actor sees it.

    Its own organisation's reports, those dated within its time with the machine, and every open one of a machine it is
    a party of now: who comes to mend has to see what is broken.
    """
    open_now = and_(FaultReport.state.in_(STILL_OPEN), visibility.holds_machine(actor, FaultReport.machine_id))
    return or_(visibility.sees_dated(actor, FaultReport.machine_id, FaultReport.reported_at), open_now)


def faults(
    session: Session,
    actor: Actor,
    *,
    machine_id: int | None = None,
    states: Sequence[FaultState] = (),
    after: int | None = None,
    limit: int = LIMIT,
) -> list[FaultLine]:
    """List fault reports, newest first.

    :param after: the id of the last one of the page before.
    """
    query = (
        select(FaultReport, Machine.serial_number, MachineModel.name, Organization.name)
        .join(Machine, Machine.id == FaultReport.machine_id)
        .join(MachineModel, MachineModel.id == Machine.model_id)
        .outerjoin(Organization, Organization.id == FaultReport.organization_id)
        .where(sees(actor))
        .order_by(FaultReport.id.desc())
        .limit(limit)
    )
    if machine_id is not None:
        query = query.where(FaultReport.machine_id == machine_id)
    if states:
        query = query.where(FaultReport.state.in_(states))
    if after is not None:
        query = query.where(FaultReport.id < after)
    return [FaultLine(*row) for row in session.execute(query)]


def fault(session: Session, actor: Actor, fault_id: int) -> FaultReport:
    """Return a fault report that the actor sees.

    :raises NotFound: otherwise.
    """
    return visibility.get(session, FaultReport, fault_id, sees(actor))


def fault_page(session: Session, actor: Actor, fault_id: int) -> FaultPage:
    """Return a fault report with its machine, pictures and timeline.

    :raises NotFound: the actor does not see it.
    """
    row = fault(session, actor, fault_id)
    machine = session.get_one(Machine, row.machine_id)
    home = session.get(Organization, row.organization_id) if row.organization_id else None
    photos = select(FaultPhoto.file_hash).where(FaultPhoto.fault_id == row.id).order_by(FaultPhoto.id)
    duplicates = select(FaultReport.id).where(FaultReport.duplicate_of_id == row.id).order_by(FaultReport.id)
    return FaultPage(
        fault=row,
        machine=machine,
        model=session.get_one(MachineModel, machine.model_id).name,
        organization=home.name if home else None,
        contact=contact(session, actor, row),
        photos=tuple(session.scalars(photos)),
        timeline=tuple(timeline(session, actor, row.id)),
        duplicates=tuple(session.scalars(duplicates)),
    )


def contact(session: Session, actor: Actor, row: FaultReport) -> str | None:
    """Return whom to call about a report; nothing for organisations that came to the machine after it was closed."""
    meant = or_(
        visibility.was_party(actor, FaultReport.machine_id, FaultReport.reported_at), FaultReport.state.in_(STILL_OPEN)
    )
    return session.scalar(select(FaultReport.contact).where(FaultReport.id == row.id, meant))


def timeline(session: Session, actor: Actor, fault_id: int) -> list[TimelineStep]:
    """Return the steps of a report in order: all that the operator sees, and the actor's own organisation's notes."""
    fault(session, actor, fault_id)
    own = FaultEvent.organization_id == actor.organization_id
    seen = FaultEvent.visible_to_operator if not actor.is_system else FaultEvent.id.is_not(None)
    return _steps(session, or_(seen, own), fault_id, actor.organization_id)


def _steps(
    session: Session, seen: ColumnElement[bool], fault_id: int, organization_id: int | None
) -> list[TimelineStep]:
    query = (
        select(FaultEvent, Organization.name, User.role, User.full_name, WorkOrder.number)
        .outerjoin(Organization, Organization.id == FaultEvent.organization_id)
        .outerjoin(User, User.id == FaultEvent.actor_id)
        .outerjoin(WorkOrder, WorkOrder.id == FaultEvent.work_order_id)
        .where(FaultEvent.fault_id == fault_id, seen)
        .order_by(FaultEvent.sequence)
    )
    return [
        TimelineStep(
            sequence=event.sequence,
            step=Step(event.kind),
            state_after=event.state_after,
            at=event.at,
            text=event.text,
            organization=home or "",
            role=role,
            person=(name or "") if organization_id and event.organization_id == organization_id else "",
            visible_to_operator=event.visible_to_operator,
            work_order_id=event.work_order_id,
            work_order=number or "",
        )
        for event, home, role, name, number in session.execute(query)
    ]


def photo(session: Session, actor: Actor, fault_id: int, digest: str) -> str:
    """Return the hash of a report's picture when the actor sees the report.

    :raises NotFound: otherwise.
    """
    row = fault(session, actor, fault_id)
    query = select(FaultPhoto.file_hash).where(FaultPhoto.fault_id == row.id, FaultPhoto.file_hash == digest)
    found = session.scalar(query)
    if found is None:
        raise NotFound(N_("This report has no such photo"))
    return found


def open_count(session: Session, actor: Actor, limit: int = 1000) -> int:
    """Return how many open reports the actor sees, counted up to ``limit``."""
    some = select(FaultReport.id).where(sees(actor), FaultReport.state.in_(STILL_OPEN)).limit(limit).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def public_machine(session: Session, public_id: str) -> PublicMachine:
    """Return what the page at a machine's QR code shows to anyone.

    Name, type and maker are on its plate anyway. Open faults are told without words, pictures, names or places, so that
    nobody reports them twice; with reporting switched off, nothing of them is told.

    :raises NotFound: there is no such machine.
    """
    query = (
        select(Machine, MachineModel.name, Organization.name)
        .join(MachineModel, MachineModel.id == Machine.model_id)
        .join(Organization, Organization.id == Machine.manufacturer_id)
        .where(Machine.public_id == public_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(N_("There is no machine at this address"))
    machine, model, manufacturer = found
    return PublicMachine(
        public_id=machine.public_id,
        serial_number=machine.serial_number,
        model=model,
        manufacturer=manufacturer,
        reporting_open=machine.reporting_open,
        open_faults=_public_faults(session, machine.id) if machine.reporting_open else (),
        time_zone=site_line(session, machine)[1],
    )


def _public_faults(session: Session, machine_id: int) -> tuple[PublicFault, ...]:
    query = (
        select(FaultReport)
        .where(FaultReport.machine_id == machine_id, FaultReport.state.in_(STILL_OPEN))
        .order_by(FaultReport.id.desc())
        .limit(10)
    )
    return tuple(PublicFault(row.mode, row.state, row.stands_still, row.reported_at) for row in session.scalars(query))


def report_status(session: Session, public_id: str) -> ReportStatus:
    """Return a report's course at the address that its reporter was given: the operator's steps, no person's name.

    :raises NotFound: there is no such report.
    """
    query = (
        select(FaultReport, Machine, MachineModel.name)
        .join(Machine, Machine.id == FaultReport.machine_id)
        .join(MachineModel, MachineModel.id == Machine.model_id)
        .where(FaultReport.public_id == public_id)
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound(N_("There is no report at this address"))
    row, machine, model = found
    return ReportStatus(
        public_id=row.public_id,
        serial_number=machine.serial_number,
        model=model,
        mode=row.mode,
        state=row.state,
        stands_still=row.stands_still,
        reported_at=row.reported_at,
        timeline=tuple(_steps(session, FaultEvent.visible_to_operator.is_(True), row.id, None)),
        time_zone=site_line(session, machine)[1],
    )


def may_confirm(session: Session, actor: Actor, row: FaultReport) -> bool:
    """Tell whether the actor's organisation is the one to confirm or to reopen a report."""
    roles = visibility.roles_in(session, actor, row.machine_id)
    return bool(roles & {PartyRole.OPERATOR, PartyRole.OWNER}) and row.state in CLOSED | {FaultState.RESOLVED}
