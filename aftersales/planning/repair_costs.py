"""What one failure of a component costs: the part, the hours of its repair and the way there."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from aftersales.models import Machine, WorkOrder
from aftersales.planning.workload import Experience, experience
from aftersales.registry.queries.components import InstalledComponent
from aftersales.vocabulary import CostClass, OrderKind, OrderState
from aftersales.work import Work

CENT = Decimal("0.01")


def costs_of(work: Work, known: Sequence[InstalledComponent], classes: set[CostClass], currency: str) -> list[Decimal]:
    """Return what one failure of each component costs: part, labour and travel, as far as these classes are covered."""
    seen = experience(work.session, work.actor, {one.part.id for one in known}, work.now)
    rate, travel = _rates(work.session, work.actor.organization, currency, work.now)
    return [_cost(one, seen, classes, rate, travel, currency) for one in known]


def _cost(
    one: InstalledComponent, seen: Experience, classes: set[CostClass], rate: Decimal, travel: Decimal, currency: str
) -> Decimal:
    total = Decimal(0)
    if CostClass.PARTS in classes and one.part.currency == currency:
        total += one.part.cost or one.part.price
    if CostClass.LABOUR in classes:
        total += rate * Decimal(f"{seen.hours.get(one.part.id, seen.usual):.2f}")
    if CostClass.TRAVEL in classes:
        total += travel
    return total.quantize(CENT, ROUND_HALF_UP)


def _rates(session: Session, organization: int, currency: str, now: datetime) -> tuple[Decimal, Decimal]:
    """Hourly rate and travel of a repair lately: of one's own orders, else of all orders on one's own machines."""
    query = (
        select(func.sum(WorkOrder.hourly_rate), func.sum(WorkOrder.travel_cost), func.count())
        .join(Machine, Machine.id == WorkOrder.machine_id)
        .where(WorkOrder.state == OrderState.CLOSED, WorkOrder.kind == OrderKind.REPAIR)
        .where(WorkOrder.currency == currency, WorkOrder.opened_at < now)
        .where(or_(WorkOrder.organization_id == organization, Machine.manufacturer_id == organization))
    )
    for narrowed in (query.where(WorkOrder.organization_id == organization), query):
        rates, travels, count = session.execute(narrowed).one()
        if count and rates is not None and travels is not None:
            return (rates / count).quantize(CENT), (travels / count).quantize(CENT)
    return Decimal(0), Decimal(0)
