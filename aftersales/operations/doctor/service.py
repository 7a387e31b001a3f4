"""Fault reports, work orders and maintenance."""

from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import exists, select

from aftersales.complaints import rules
from aftersales.complaints.rules import Step
from aftersales.errors import RuleBroken
from aftersales.models import (
    ChecklistResult,
    ComponentExchange,
    FaultEvent,
    FaultReport,
    Installation,
    PartUse,
    StockMove,
    TimeEntry,
    WorkOrder,
)
from aftersales.vocabulary import OrderState
from aftersales.work import Work


def faults(work: Work) -> Iterator[str]:
    """Check that a fault's state is what its events lead to."""
    steps: dict[int, list[FaultEvent]] = {}
    query = select(FaultEvent).order_by(FaultEvent.fault_id, FaultEvent.sequence)
    for event in work.session.scalars(query):
        steps.setdefault(event.fault_id, []).append(event)
    for fault_id, state in work.session.execute(select(FaultReport.id, FaultReport.state)):
        history = steps.get(fault_id, [])
        try:
            led_to = rules.state_of(Step(event.kind) for event in history)
        except RuleBroken as error:
            yield f"fault {fault_id}: {error}"
            continue
        if led_to != state or [event.sequence for event in history] != list(range(1, len(history) + 1)):
            yield f"fault {fault_id} is {state}, its events say {led_to}"


def orders(work: Work) -> Iterator[str]:
    """Check that closed orders are complete and booked."""
    closed = select(WorkOrder.id).where(WorkOrder.state == OrderState.CLOSED)
    unfilled = select(ChecklistResult.work_order_id).where(
        ChecklistResult.work_order_id.in_(closed), ChecklistResult.required, ChecklistResult.passed.is_(None)
    )
    for number in work.session.scalars(unfilled.distinct()):
        yield f"closed order {number} lacks a required check"
    running = select(TimeEntry.work_order_id).where(TimeEntry.work_order_id.in_(closed), TimeEntry.ended_at.is_(None))
    for number in work.session.scalars(running.distinct()):
        yield f"closed order {number} has time still running"
    booked = exists().where(StockMove.id == PartUse.move_id, StockMove.work_order_id == PartUse.work_order_id)
    unbooked = select(PartUse.work_order_id).where(PartUse.work_order_id.in_(closed), ~booked)
    for number in work.session.scalars(unbooked.distinct()):
        yield f"closed order {number} used a part without a stock move"


def exchanges(work: Work) -> Iterator[str]:
    """Check that every exchange of a closed order has its installation and removal."""
    closed = select(WorkOrder.id).where(WorkOrder.state == OrderState.CLOSED)
    fitted = exists().where(
        Installation.work_order_id == ComponentExchange.work_order_id,
        Installation.position_id == ComponentExchange.position_id,
        Installation.slot == ComponentExchange.slot,
    )
    removed = exists().where(
        Installation.removal_work_order_id == ComponentExchange.work_order_id,
        Installation.component_id == ComponentExchange.removed_component_id,
    )
    query = select(ComponentExchange.work_order_id).where(ComponentExchange.work_order_id.in_(closed))
    for number in work.session.scalars(query.where(ComponentExchange.fitted_serial_number.is_not(None), ~fitted)):
        yield f"closed order {number}: the fitted component is not installed"
    for number in work.session.scalars(query.where(ComponentExchange.removed_component_id.is_not(None), ~removed)):
        yield f"closed order {number}: the removed component is still recorded as installed"


CHECKS: Mapping[str, Callable[[Work], Iterator[str]]] = {
    "fault reports": faults,
    "work orders": orders,
    "component exchanges": exchanges,
}
