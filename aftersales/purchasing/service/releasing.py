"""From what is wanted to draft orders: grouped by who supplies it, in lots that can be ordered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.errors import RuleBroken
from aftersales.models import Location, Part, SupplyOrder
from aftersales.purchasing import rules
from aftersales.purchasing.service.drafting import LineData, create_order, put_line
from aftersales.translate import N_
from aftersales.vocabulary import LocationKind, SupplyKind, SupplyState
from aftersales.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A part somebody wants more of. ``kind`` is how to get it; by the part itself when not given."""

    part_id: int
    quantity: Decimal
    due_on: date | None = None
    kind: SupplyKind | None = None
    plan_reference: str | None = None


def order_parts(
    work: Work, wanted: Sequence[Wanted], *, location_id: int | None = None, plan_reference: str | None = None
) -> list[SupplyOrder]:
    """Put what is wanted on draft orders, one for each supplier, raised to minimum and whole lots.

    A draft to the same supplier, place and plan that is open already takes the lines; else a new one is made.

    :param location_id: where it is to come; the first warehouse of the organisation when not given.
    :param plan_reference: the plan it is released from.
    :returns: the orders that took something, by their id.
    :raises RuleBroken: when a part names no supplier and is not made here.
    """
    require(work.actor, Permission.SUPPLY_ORDER)
    place_id = location_id or first_warehouse(work)
    orders: dict[int, SupplyOrder] = {}
    for one in wanted:
        part = visibility.get(work.session, Part, one.part_id, visibility.sees_part(work.actor))
        kind, supplier_id = source_of(work, part, one.kind)
        quantity = one.quantity
        if kind is not SupplyKind.REFURBISHMENT:
            quantity = rules.lot(quantity, part.minimum_quantity, part.multiple)
        order = _open_draft(work, kind, supplier_id, place_id, part.currency, plan_reference)
        if order is None:
            order = create_order(
                work,
                kind=kind,
                location_id=place_id,
                supplier_id=supplier_id,
                currency=part.currency,
                plan_reference=plan_reference,
            )
        line = LineData(part_id=part.id, quantity=quantity, due_on=one.due_on, plan_reference=one.plan_reference)
        put_line(work, order, line)
        orders[order.id] = order
    return [orders[key] for key in sorted(orders)]


def source_of(work: Work, part: Part, kind: SupplyKind | None) -> tuple[SupplyKind, int | None]:
    """Return how a part is had, and from whom: somebody else's part from its maker, our own as its data say.

    :raises RuleBroken: when it is bought, and names no supplier.
    """
    is_own = part.organization_id == work.actor.organization
    supplier_id = part.supplier_id if is_own else part.organization_id
    if kind is SupplyKind.PRODUCTION or (kind is None and supplier_id is None and part.own):
        return SupplyKind.PRODUCTION, None
    if kind is SupplyKind.REFURBISHMENT:
        return kind, supplier_id
    if supplier_id is None:
        message = N_("Part %(number)s names no supplier: say in the catalogue who supplies it")
        raise RuleBroken(message, code="supplier_missing", number=part.number)
    return SupplyKind.PURCHASE, supplier_id


def first_warehouse(work: Work) -> int:
    """Return the organisation's oldest open warehouse.

    :raises RuleBroken: when there is none.
    """
    query = select(Location.id).where(
        Location.organization_id == work.actor.organization,
        Location.kind == LocationKind.WAREHOUSE,
        Location.ended_at.is_(None),
    )
    found = work.session.scalar(query.order_by(Location.id).limit(1))
    if found is None:
        raise RuleBroken(N_("There is no warehouse to order for; add one first"), code="no_warehouse")
    return found


def _open_draft(
    work: Work, kind: SupplyKind, supplier_id: int | None, place_id: int, currency: str, plan_reference: str | None
) -> SupplyOrder | None:
    query = select(SupplyOrder).where(
        SupplyOrder.organization_id == work.actor.organization,
        SupplyOrder.state == SupplyState.DRAFT,
        SupplyOrder.kind == kind,
        SupplyOrder.supplier_id.is_(None) if supplier_id is None else SupplyOrder.supplier_id == supplier_id,
        SupplyOrder.location_id == place_id,
        SupplyOrder.currency == currency,
        SupplyOrder.plan_reference.is_(None)
        if plan_reference is None
        else SupplyOrder.plan_reference == plan_reference,
    )
    return work.session.scalar(query.order_by(SupplyOrder.id).limit(1).with_for_update())
