"""One work order with all that hangs on it, as far as it concerns the reader."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor
from aftersales.errors import NotFound
from aftersales.models import (
    Certificate,
    ChecklistResult,
    Component,
    ComponentExchange,
    FaultReport,
    Finding,
    Location,
    Machine,
    OrderCorrection,
    Part,
    PartUse,
    Position,
    ProgrammeTask,
    SignOff,
    TimeEntry,
    User,
    WorkOrder,
    WorkOrderFault,
    WorkOrderTask,
)
from aftersales.orders.queries import OrderLine, line_of, lines
from aftersales.orders.rules import hours_between
from aftersales.translate import N_


@dataclass(frozen=True, slots=True)
class TimeLine:
    """A time entry; the person is named to their own organisation only."""

    entry: TimeEntry
    person: str
    hours: Decimal | None


@dataclass(frozen=True, slots=True)
class PartLine:
    """A part on an order. ``price`` is empty for those whom it does not concern."""

    use: PartUse
    number: str
    name: str
    unit: str
    serialised: bool
    place: str
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class ExchangeLine:
    """A component exchange with the names that go with it."""

    exchange: ComponentExchange
    position: str
    position_name: str
    old_serial: str
    new_part: str


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding with the position it is about."""

    finding: Finding
    position: str


@dataclass(frozen=True, slots=True)
class OrderPage:
    """An order with all that its page needs."""

    line: OrderLine
    machine: Machine
    is_own: bool
    faults: tuple[FaultReport, ...]
    tasks: tuple[ProgrammeTask, ...]
    checklist: tuple[ChecklistResult, ...]
    times: tuple[TimeLine, ...]
    parts: tuple[PartLine, ...]
    exchanges: tuple[ExchangeLine, ...]
    findings: tuple[FindingLine, ...]
    sign_offs: tuple[SignOff, ...]
    corrections: tuple[OrderCorrection, ...]
    certificates: tuple[Certificate, ...]

    @property
    def order(self) -> WorkOrder:
        """The order itself."""
        return self.line.order

    @property
    def version(self) -> int:
        """The order's version."""
        return self.order.version

    @property
    def standard_hours(self) -> Decimal:
        """What the tasks take by the programme."""
        return sum((task.standard_hours for task in self.tasks), Decimal(0))


def order_page(session: Session, actor: Actor, order_id: int) -> OrderPage:
    """Return an order with all that hangs on it.

    :raises NotFound: the actor does not see it.
    """
    row = session.execute(lines(actor).where(WorkOrder.id == order_id)).one_or_none()
    if row is None:
        raise NotFound(N_("There is no such object, or it does not concern your organisation"))
    line = line_of(row)
    is_own = actor.is_system or line.order.organization_id == actor.organization_id
    of = line.order.id
    return OrderPage(
        line=line,
        machine=session.get_one(Machine, line.order.machine_id),
        is_own=is_own,
        faults=tuple(session.scalars(_answered(of))),
        tasks=tuple(session.scalars(_tasks(of))),
        checklist=tuple(
            session.scalars(
                select(ChecklistResult).where(ChecklistResult.work_order_id == of).order_by(ChecklistResult.sequence)
            )
        ),
        times=_times(session, of, is_own=is_own),
        parts=_parts(session, of, is_own=is_own),
        exchanges=_exchanges(session, of),
        findings=_findings(session, of),
        sign_offs=_sign_offs(session, actor, of),
        corrections=tuple(
            session.scalars(
                select(OrderCorrection).where(OrderCorrection.work_order_id == of).order_by(OrderCorrection.id)
            )
        ),
        certificates=tuple(
            session.scalars(select(Certificate).where(Certificate.work_order_id == of).order_by(Certificate.id))
        ),
    )


def _sign_offs(session: Session, actor: Actor, order_id: int) -> tuple[SignOff, ...]:
    """Return who signed: names of people, so only for the order's organisation and those who were there."""
    query = (
        select(SignOff)
        .join(WorkOrder, WorkOrder.id == SignOff.work_order_id)
        .where(WorkOrder.id == order_id, were_there(actor))
        .order_by(SignOff.id)
    )
    return tuple(session.scalars(query))


def were_there(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on :class:`WorkOrder` that the actor did it, or was a party of the machine at the time."""
    return or_(
        visibility.owns(actor, WorkOrder.organization_id),
        visibility.was_party(actor, WorkOrder.machine_id, WorkOrder.opened_at),
    )


def _answered(order_id: int) -> Select[FaultReport]:
    return (
        select(FaultReport)
        .join(WorkOrderFault, WorkOrderFault.fault_id == FaultReport.id)
        .where(WorkOrderFault.work_order_id == order_id)
        .order_by(FaultReport.id)
    )


def _tasks(order_id: int) -> Select[ProgrammeTask]:
    return (
        select(ProgrammeTask)
        .join(WorkOrderTask, WorkOrderTask.task_id == ProgrammeTask.id)
        .where(WorkOrderTask.work_order_id == order_id)
        .order_by(ProgrammeTask.code)
    )


def _times(session: Session, order_id: int, *, is_own: bool) -> tuple[TimeLine, ...]:
    query = (
        select(TimeEntry, User.full_name)
        .join(User, User.id == TimeEntry.user_id)
        .where(TimeEntry.work_order_id == order_id)
        .order_by(TimeEntry.started_at, TimeEntry.id)
    )
    return tuple(
        TimeLine(
            entry, name if is_own else "", hours_between(entry.started_at, entry.ended_at) if entry.ended_at else None
        )
        for entry, name in session.execute(query)
    )


def _parts(session: Session, order_id: int, *, is_own: bool) -> tuple[PartLine, ...]:
    query = (
        select(PartUse, Part.number, Part.name, Part.unit, Part.serialised, Location.code)
        .join(Part, Part.id == PartUse.part_id)
        .join(Location, Location.id == PartUse.location_id)
        .where(PartUse.work_order_id == order_id)
        .order_by(PartUse.id)
    )
    return tuple(
        PartLine(use, number, name, unit, serialised, place if is_own else "", use.unit_price if is_own else None)
        for use, number, name, unit, serialised, place in session.execute(query)
    )


def _exchanges(session: Session, order_id: int) -> tuple[ExchangeLine, ...]:
    query = (
        select(ComponentExchange, Position.code, Position.name, Component.serial_number, Part.number)
        .join(Position, Position.id == ComponentExchange.position_id)
        .outerjoin(Component, Component.id == ComponentExchange.removed_component_id)
        .outerjoin(Part, Part.id == ComponentExchange.fitted_part_id)
        .where(ComponentExchange.work_order_id == order_id)
        .order_by(ComponentExchange.id)
    )
    return tuple(
        ExchangeLine(one, code, name, old or "", part or "") for one, code, name, old, part in session.execute(query)
    )


def _findings(session: Session, order_id: int) -> tuple[FindingLine, ...]:
    query = (
        select(Finding, Position.code)
        .outerjoin(Position, Position.id == Finding.position_id)
        .where(Finding.work_order_id == order_id)
        .order_by(Finding.id)
    )
    return tuple(FindingLine(finding, code or "") for finding, code in session.execute(query))


def signature(session: Session, actor: Actor, order_id: int, sign_off_id: int) -> str:
    """Return the hash of a drawn signature; for the order's own organisation and those who were there.

    :raises NotFound: otherwise.
    """
    row = visibility.get(session, WorkOrder, order_id, were_there(actor))
    sign_off = visibility.get(session, SignOff, sign_off_id, SignOff.work_order_id == row.id)
    if sign_off.signature_hash is None:
        raise NotFound(N_("Nothing was drawn here; the name was typed"))
    return sign_off.signature_hash
