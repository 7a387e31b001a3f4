"""Time on orders: start, pause, stop; a person is at one job at a time."""

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.complaints.rules import OPEN, Step
from aftersales.complaints.timeline import take_step
from aftersales.errors import Conflict, Forbidden, Invalid, RuleBroken
from aftersales.models import TimeEntry, User, WorkOrder
from aftersales.orders.loading import editable, faults_of, machine_of
from aftersales.orders.rules import Act, check_unit, state_after
from aftersales.registry.lifecycle import change_state
from aftersales.translate import N_
from aftersales.vocabulary import FaultState, MachineState, OrderKind
from aftersales.work import Work

WORK, TRAVEL = "work", "travel"
KINDS = (WORK, TRAVEL)


def start(
    work: Work, order_id: int, *, kind: str = WORK, at: datetime | None = None, expected_version: int | None = None
) -> TimeEntry:
    """Start the actor's clock on an order; at work, the operator sees that it was started.

    A machine that is down becomes ``under repair`` when the work on its repair starts.

    :param kind: ``work`` or ``travel``.
    :param at: when it began; now by default, never in the future.
    :raises Conflict: the actor's clock runs already, here or on another order (named).
    """
    require(work.actor, Permission.ORDER_WORK)
    check_unit(KINDS, kind)
    order = editable(work, order_id, expected_version)
    person = _person(work)
    moment = _moment(work, at)
    _refuse_running(work, person)
    _refuse_overlap(work, person, moment, None)
    order.state = state_after(order.state, Act.START)
    order.finished_at = None
    order.started_at = order.started_at or moment
    entry = TimeEntry(work_order_id=order.id, user_id=person, kind=kind, started_at=moment)
    work.session.add(entry)
    work.session.flush()
    if kind == WORK:
        _tell_started(work, order, moment)
    return entry


def _person(work: Work) -> int:
    if work.actor.user_id is None:
        raise Forbidden(N_("Time belongs to a person; sign in"))
    return work.actor.user_id


def _moment(work: Work, at: datetime | None) -> datetime:
    if at is not None and at > work.now:
        raise RuleBroken(N_("This lies in the future"), code="in_future")
    return at or work.now


def _refuse_running(work: Work, user_id: int) -> None:
    query = (
        select(WorkOrder.number)
        .join(TimeEntry, TimeEntry.work_order_id == WorkOrder.id)
        .where(TimeEntry.user_id == user_id, TimeEntry.ended_at.is_(None))
    )
    if number := work.session.scalar(query):
        message = N_("The clock is running on order %(number)s; stop it there first")
        raise Conflict(message, code="clock_running", number=number)


def _refuse_overlap(work: Work, user_id: int, start_at: datetime, end: datetime | None) -> None:
    within: list[ColumnElement[bool]] = [or_(TimeEntry.ended_at.is_(None), TimeEntry.ended_at > start_at)]
    if end is not None:
        within.append(TimeEntry.started_at < end)
    query = (
        select(WorkOrder.number)
        .join(TimeEntry, TimeEntry.work_order_id == WorkOrder.id)
        .where(TimeEntry.user_id == user_id, *within)
    )
    if number := work.session.scalar(query.limit(1)):
        message = N_("The time overlaps time on order %(number)s; a person is at one job at a time")
        raise Conflict(message, code="time_overlaps", number=number)


def _tell_started(work: Work, order: WorkOrder, at: datetime) -> None:
    for fault in faults_of(work, order):
        if fault.state in OPEN - {FaultState.IN_PROGRESS}:
            take_step(work, fault, Step.STARTED, work_order_id=order.id, at=at)
    machine = machine_of(work, order)
    if order.kind is OrderKind.REPAIR and machine.state is MachineState.DOWN:
        change_state(work, machine.id, MachineState.UNDER_REPAIR, order.number)


def pause(
    work: Work, order_id: int, reason: str, at: datetime | None = None, expected_version: int | None = None
) -> WorkOrder:
    """Stop the actor's clock for a while; the operator sees why when nobody else is at work on the order.

    :raises Invalid: without a reason.
    """
    said = reason.strip()
    if not 1 <= len(said) <= 200:
        raise Invalid(N_("Say why, in at most %(limit)s characters"), code="reason", limit=200)
    order = _stopped(work, order_id, said, at, None, expected_version)
    if not running(work, order.id):
        order.state = state_after(order.state, Act.PAUSE)
        for fault in faults_of(work, order):
            if fault.state is FaultState.IN_PROGRESS:
                take_step(work, fault, Step.PAUSED, text=said, work_order_id=order.id)
    work.session.flush()
    return order


def stop(
    work: Work,
    order_id: int,
    *,
    at: datetime | None = None,
    user_id: int | None = None,
    expected_version: int | None = None,
) -> WorkOrder:
    """Stop the actor's clock on an order.

    :param user_id: whose clock; another person's only for those who plan orders.
    :raises RuleBroken: it is not running, or ``at`` lies before its start.
    """
    order = _stopped(work, order_id, "", at, user_id, expected_version)
    work.session.flush()
    return order


def _stopped(
    work: Work, order_id: int, reason: str, at: datetime | None, user_id: int | None, expected_version: int | None
) -> WorkOrder:
    require(work.actor, Permission.ORDER_WORK)
    order = editable(work, order_id, expected_version)
    person = user_id or _person(work)
    if person != work.actor.user_id:
        require(work.actor, Permission.ORDER_PLAN)
    state_after(order.state, Act.STOP)
    entry = work.session.scalar(
        select(TimeEntry).where(
            TimeEntry.work_order_id == order.id, TimeEntry.user_id == person, TimeEntry.ended_at.is_(None)
        )
    )
    if entry is None:
        raise RuleBroken(N_("The clock is not running on this order"), code="clock_not_running")
    end(work, entry, at, reason)
    return order


def end(work: Work, entry: TimeEntry, at: datetime | None = None, reason: str = "") -> None:
    """End a time entry; part of the use-case that permits it."""
    moment = _moment(work, at)
    if moment < entry.started_at:
        raise RuleBroken(N_("The clock was started later than that"), code="before_start")
    entry.ended_at, entry.stop_reason = moment, reason
    work.session.flush()


def running(work: Work, order_id: int) -> list[str]:
    """Return the names of those whose clock is running on an order."""
    query = (
        select(User.full_name)
        .join(TimeEntry, TimeEntry.user_id == User.id)
        .where(TimeEntry.work_order_id == order_id, TimeEntry.ended_at.is_(None))
        .order_by(User.full_name)
    )
    return list(work.session.scalars(query))


def add_time(
    work: Work,
    order_id: int,
    *,
    started_at: datetime,
    ended_at: datetime,
    kind: str = WORK,
    user_id: int | None = None,
    expected_version: int | None = None,
) -> TimeEntry:
    """Enter time that is over, for instance worked without a network.

    :param user_id: whose time; another person's only for those who plan orders.
    :raises Conflict: it overlaps other time of the person.
    """
    require(work.actor, Permission.ORDER_WORK)
    check_unit(KINDS, kind)
    order = editable(work, order_id, expected_version)
    person = user_id or _person(work)
    if person != work.actor.user_id:
        require(work.actor, Permission.ORDER_PLAN)
        visibility.get(work.session, User, person, visibility.owns(work.actor, User.organization_id))
    if not started_at < _moment(work, ended_at):
        raise Invalid(N_("Time ends after it begins"), code="time_order")
    _refuse_overlap(work, person, started_at, ended_at)
    entry = TimeEntry(
        work_order_id=order.id, user_id=person, kind=kind, started_at=started_at, ended_at=ended_at, stop_reason=""
    )
    order.state = state_after(order.state, Act.START)
    order.started_at = min(filter(None, (order.started_at, started_at)))
    work.session.add(entry)
    work.session.flush()
    if kind == WORK:
        _tell_started(work, order, max(started_at, order.opened_at))
    return entry
