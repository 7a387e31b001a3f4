"""Work orders for lists, the board and their page, as far as they concern the reader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from aftersales import visibility
from aftersales.access import ROLE_PERMISSIONS, Actor, Permission
from aftersales.models import Machine, MachineModel, Organization, Site, TimeEntry, User, WorkOrder
from aftersales.orders.rules import ENDED
from aftersales.vocabulary import OrderState

LIMIT = 50


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order in a list. ``assignee`` is empty for people of other organisations."""

    order: WorkOrder
    organization: str
    serial_number: str
    model: str
    site: str
    time_zone: str
    assignee: str


def sees(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on :class:`WorkOrder` that the actor sees it: its own, and those of its machines' time."""
    return or_(
        visibility.owns(actor, WorkOrder.organization_id),
        visibility.sees_dated(actor, WorkOrder.machine_id, WorkOrder.opened_at),
        and_(WorkOrder.state.not_in(ENDED), visibility.holds_machine(actor, WorkOrder.machine_id)),
    )


def lines(actor: Actor) -> Select[WorkOrder, str, str, str, str, str, str]:
    """Return the query of order lines that the actor sees; :func:`line_of` makes a line of each row."""
    assignee = aliased(User)
    return (
        select(
            WorkOrder,
            Organization.name,
            Machine.serial_number,
            MachineModel.name,
            Site.name,
            Site.time_zone,
            assignee.full_name,
        )
        .join(Organization, Organization.id == WorkOrder.organization_id)
        .join(Machine, Machine.id == WorkOrder.machine_id)
        .join(MachineModel, MachineModel.id == Machine.model_id)
        .outerjoin(Site, Site.id == Machine.site_id)
        .outerjoin(
            assignee, and_(assignee.id == WorkOrder.assignee_id, visibility.owns(actor, assignee.organization_id))
        )
        .where(sees(actor))
    )


def line_of(row: Sequence[object]) -> OrderLine:
    """Make a line of a row of :func:`lines`."""
    order, organization, serial, model, site, zone, assignee = row
    assert isinstance(order, WorkOrder)
    return OrderLine(
        order, str(organization), str(serial), str(model), str(site or ""), str(zone or "UTC"), str(assignee or "")
    )


def orders(
    session: Session,
    actor: Actor,
    *,
    states: Sequence[OrderState] = (),
    machine_id: int | None = None,
    assignee_id: int | None = None,
    own_only: bool = False,
    after: int | None = None,
    limit: int = LIMIT,
) -> list[OrderLine]:
    """List work orders, newest first.

    :param after: the id of the last one of the page before.
    """
    query = lines(actor).order_by(WorkOrder.id.desc()).limit(limit)
    if states:
        query = query.where(WorkOrder.state.in_(states))
    if machine_id is not None:
        query = query.where(WorkOrder.machine_id == machine_id)
    if assignee_id is not None:
        query = query.where(WorkOrder.assignee_id == assignee_id)
    if own_only:
        query = query.where(visibility.owns(actor, WorkOrder.organization_id))
    if after is not None:
        query = query.where(WorkOrder.id < after)
    return [line_of(row) for row in session.execute(query)]


def board(session: Session, actor: Actor, limit: int = 200) -> dict[OrderState, list[OrderLine]]:
    """Return the own organisation's orders that are not ended, by state, soonest planned first."""
    query = (
        lines(actor)
        .where(visibility.owns(actor, WorkOrder.organization_id), WorkOrder.state.not_in(ENDED))
        .order_by(WorkOrder.planned_from.is_(None), WorkOrder.planned_from, WorkOrder.id)
        .limit(limit)
    )
    columns: dict[OrderState, list[OrderLine]] = {state: [] for state in OrderState if state not in ENDED}
    for row in session.execute(query):
        line = line_of(row)
        columns[line.order.state].append(line)
    return columns


def clock(session: Session, actor: Actor) -> tuple[TimeEntry, str] | None:
    """Return the actor's running time entry and its order's number."""
    query = (
        select(TimeEntry, WorkOrder.number)
        .join(WorkOrder, WorkOrder.id == TimeEntry.work_order_id)
        .where(TimeEntry.user_id == actor.user_id, TimeEntry.ended_at.is_(None))
    )
    row = session.execute(query).one_or_none()
    return (row[0], row[1]) if row else None


def order(session: Session, actor: Actor, order_id: int) -> WorkOrder:
    """Return an order the actor sees.

    :raises NotFound: otherwise.
    """
    return visibility.get(session, WorkOrder, order_id, sees(actor))


def engineers(session: Session, actor: Actor) -> list[User]:
    """Return the people of the actor's organisation who do work on orders, by name."""
    roles = [role for role, granted in ROLE_PERMISSIONS.items() if Permission.ORDER_WORK in granted]
    query = select(User).where(
        visibility.owns(actor, User.organization_id), User.ended_at.is_(None), User.role.in_(roles)
    )
    return list(session.scalars(query.order_by(User.full_name, User.id)))


def open_count(session: Session, actor: Actor, limit: int = 1000) -> int:
    """Return how many of the own organisation's orders are not ended, counted up to ``limit``."""
    some = (
        select(WorkOrder.id)
        .where(visibility.owns(actor, WorkOrder.organization_id), WorkOrder.state.not_in(ENDED))
        .limit(limit)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(some)) or 0


def due_today(session: Session, actor: Actor, start: datetime, end: datetime) -> list[OrderLine]:
    """Return the actor's own orders planned to begin in a stretch of time."""
    query = lines(actor).where(
        WorkOrder.assignee_id == actor.user_id, WorkOrder.planned_from >= start, WorkOrder.planned_from < end
    )
    return [line_of(row) for row in session.execute(query.order_by(WorkOrder.planned_from))]
