"""What is still to come, by part: for reorder proposals, projections and plans."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import SupplyOrder, SupplyOrderLine
from aftersales.purchasing import rules
from aftersales.vocabulary import SupplyKind, SupplyState


@dataclass(frozen=True, slots=True)
class Incoming:
    """What one line still brings, in the part's unit, the day it is expected, and whether that day has passed."""

    line_id: int
    order_id: int
    number: str
    kind: SupplyKind
    state: SupplyState
    supplier_id: int | None
    location_id: int
    part_id: int
    quantity: Decimal
    expected_on: date
    is_late: bool


def outstanding() -> ColumnElement[bool]:
    """Return the condition that something of a line is still to come."""
    return SupplyOrderLine.quantity > SupplyOrderLine.received + SupplyOrderLine.given_up


def incoming(
    session: Session, actor: Actor, today: date, *, part_id: int | None = None, with_drafts: bool = False
) -> list[Incoming]:
    """Return what is still to come to the actor's organisation, by the day it is expected.

    :param with_drafts: count what is drafted too, which may yet change.
    """
    require(actor, Permission.SUPPLY_READ)
    query = (
        select(SupplyOrderLine, SupplyOrder)
        .join(SupplyOrder, SupplyOrder.id == SupplyOrderLine.order_id)
        .where(visibility.owns(actor, SupplyOrder.organization_id), outstanding())
        .where(SupplyOrder.state.in_(rules.OPEN if with_drafts else rules.COMING))
    )
    if part_id is not None:
        query = query.where(SupplyOrderLine.part_id == part_id)
    found = [_incoming(line, order, today) for line, order in session.execute(query)]
    return sorted(found, key=lambda one: (one.expected_on, one.line_id))


def on_order(session: Session, actor: Actor) -> dict[int, Decimal]:
    """Return what is still to come of each part, drafts included: what is drafted need not be proposed again."""
    query = (
        select(SupplyOrderLine.part_id, SupplyOrderLine.quantity, SupplyOrderLine.received, SupplyOrderLine.given_up)
        .join(SupplyOrder, SupplyOrder.id == SupplyOrderLine.order_id)
        .where(SupplyOrder.organization_id == actor.organization, outstanding())
        .where(SupplyOrder.state.in_(rules.OPEN))
    )
    found: dict[int, Decimal] = {}
    for part_id, *amounts in session.execute(query):
        found[part_id] = found.get(part_id, Decimal(0)) + rules.LineFacts(*amounts).open_quantity
    return found


def _incoming(line: SupplyOrderLine, order: SupplyOrder, today: date) -> Incoming:
    expected = rules.expected_on(line.due_on, line.confirmed_on)
    return Incoming(
        line_id=line.id,
        order_id=order.id,
        number=order.number,
        kind=order.kind,
        state=order.state,
        supplier_id=order.supplier_id,
        location_id=order.location_id,
        part_id=line.part_id,
        quantity=line.open_quantity,
        expected_on=expected,
        is_late=rules.is_late(order.state, line.open_quantity, expected, today),
    )
