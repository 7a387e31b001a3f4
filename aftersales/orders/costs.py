"""What a job costs, line by line, for the decision on who pays."""

from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import select

from aftersales.models import Finding, TimeEntry, WorkOrder
from aftersales.orders.facts import part_uses
from aftersales.orders.rules import hours_between
from aftersales.orders.timekeeping import TRAVEL
from aftersales.vocabulary import CostClass
from aftersales.warranty.rules import Line
from aftersales.work import Work

CENT = Decimal("0.01")


def lines_of(work: Work, order: WorkOrder) -> list[Line]:
    """Return the parts, the time and the travel of an order as lines of cost."""
    causes = set(work.session.scalars(select(Finding.cause).where(Finding.work_order_id == order.id)))
    cause = causes.pop().value if len(causes) == 1 else None
    return [*_parts(work, order, cause), *_time(work, order, cause), *_travel(order, cause)]


def _money(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _parts(work: Work, order: WorkOrder, cause: str | None) -> list[Line]:
    return [
        Line(
            kind="part",
            id=use.id,
            cost_class=CostClass.PARTS,
            amount=_money(use.unit_price * use.quantity),
            currency=order.currency,
            part_id=use.part_id,
            cause=cause,
        )
        for use in part_uses(work, order)
    ]


def _time(work: Work, order: WorkOrder, cause: str | None) -> list[Line]:
    entries = select(TimeEntry).where(TimeEntry.work_order_id == order.id, TimeEntry.ended_at.is_not(None))
    return [
        Line(
            kind="time",
            id=entry.id,
            cost_class=CostClass.TRAVEL if entry.kind == TRAVEL else CostClass.LABOUR,
            amount=_money(hours_between(entry.started_at, entry.ended_at or entry.started_at) * order.hourly_rate),
            currency=order.currency,
            cause=cause,
        )
        for entry in work.session.scalars(entries.order_by(TimeEntry.id))
    ]


def _travel(order: WorkOrder, cause: str | None) -> list[Line]:
    if not order.travel_cost:
        return []
    amount, currency = _money(order.travel_cost), order.currency
    return [
        Line(kind="travel", id=order.id, cost_class=CostClass.TRAVEL, amount=amount, currency=currency, cause=cause)
    ]
