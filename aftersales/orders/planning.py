"""Planning an order: when, and by whom; windows that overlap are allowed and warned of."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import ROLE_PERMISSIONS, Permission, require
from aftersales.certificates.contents import site_line
from aftersales.complaints.rules import OPEN, Step
from aftersales.complaints.timeline import take_step
from aftersales.errors import Invalid, RuleBroken
from aftersales.models import Machine, User, WorkOrder
from aftersales.orders.loading import editable, faults_of, machine_of
from aftersales.orders.rules import ENDED, Act, check_window, state_after
from aftersales.translate import N_
from aftersales.work import Work


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another order of the same person at the same time."""

    order_id: int
    number: str
    planned_from: datetime
    planned_to: datetime


@dataclass(frozen=True)
class Planned:
    """A planned order with what overlaps it."""

    order: WorkOrder
    overlaps: tuple[Overlap, ...]


def plan(
    work: Work,
    order_id: int,
    *,
    assignee_id: int | None,
    planned_from: datetime | None,
    planned_to: datetime | None,
    expected_version: int | None = None,
) -> Planned:
    """Say who does an order and when; the operator sees the window in the timeline of his faults.

    :raises NotFound: the person is none of the actor's organisation.
    :raises RuleBroken: the person's role does not do work on orders, or has left.
    :raises Invalid: the window is not one.
    """
    require(work.actor, Permission.ORDER_PLAN)
    order = editable(work, order_id, expected_version)
    check_window(planned_from, planned_to)
    order.state = state_after(order.state, Act.PLAN)
    if assignee_id is not None:
        _check_person(work, assignee_id)
    moved = (planned_from, planned_to) != (order.planned_from, order.planned_to)
    order.assignee_id, order.planned_from, order.planned_to = assignee_id, planned_from, planned_to
    work.session.flush()
    if moved and planned_from and planned_to:
        _tell_operator(work, order, planned_from, planned_to)
    return Planned(order, tuple(overlaps_of(work, order)))


def _check_person(work: Work, user_id: int) -> None:
    person = visibility.get(work.session, User, user_id, visibility.owns(work.actor, User.organization_id))
    if person.ended_at is not None or Permission.ORDER_WORK not in ROLE_PERMISSIONS[person.role]:
        raise RuleBroken(N_("This person does no work on orders"), code="not_an_engineer")


def _tell_operator(work: Work, order: WorkOrder, start: datetime, end: datetime) -> None:
    zone = site_line(work.session, machine_of(work, order))[1]
    here = ZoneInfo(zone)
    first, last = start.astimezone(here), end.astimezone(here)
    until = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M}"
    for fault in faults_of(work, order):
        if fault.state in OPEN:
            words = f"{first:%Y-%m-%d %H:%M} – {until} ({zone})"
            take_step(work, fault, Step.PLANNED, text=words, work_order_id=order.id)


def overlaps_of(work: Work, order: WorkOrder) -> list[Overlap]:
    """Return the assignee's other orders whose windows overlap an order's."""
    if order.assignee_id is None or order.planned_from is None or order.planned_to is None:
        return []
    query = (
        select(WorkOrder.id, WorkOrder.number, WorkOrder.planned_from, WorkOrder.planned_to)
        .join(Machine, Machine.id == WorkOrder.machine_id)
        .where(
            WorkOrder.assignee_id == order.assignee_id,
            WorkOrder.id != order.id,
            WorkOrder.state.not_in(ENDED),
            WorkOrder.planned_from < order.planned_to,
            WorkOrder.planned_to > order.planned_from,
        )
        .order_by(WorkOrder.planned_from, WorkOrder.id)
        .limit(20)
    )
    return [
        Overlap(other, number, start, end)
        for other, number, start, end in work.session.execute(query)
        if start is not None and end is not None
    ]


def describe(work: Work, order_id: int, *, title: str, expected_version: int | None = None) -> WorkOrder:
    """Change an order's title.

    :raises Invalid: it is empty or longer than 300 characters.
    """
    require(work.actor, Permission.ORDER_PLAN)
    order = editable(work, order_id, expected_version)
    said = " ".join(title.split())
    if not 1 <= len(said) <= 300:
        raise Invalid(N_("A title has 1 to %(limit)s characters"), code="title", limit=300)
    order.title = said
    work.session.flush()
    return order
