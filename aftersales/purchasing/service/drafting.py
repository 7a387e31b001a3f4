"""Drafts: an order and its lines while they can still be changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.certificates.numbering import next_number
from aftersales.db import touch
from aftersales.errors import Invalid, RuleBroken
from aftersales.models import Organization, Part, SupplyOrder, SupplyOrderLine
from aftersales.purchasing import rules
from aftersales.purchasing.queries.partners import suppliers_of
from aftersales.purchasing.service.common import line_of, own_order, step
from aftersales.stock import rules as stock_rules
from aftersales.stock.service.locations import open_location
from aftersales.translate import N_
from aftersales.vocabulary import SupplyKind, SupplyState, Tolerance
from aftersales.work import Work

SERIES: Mapping[SupplyKind, str] = {
    SupplyKind.PURCHASE: "PO",
    SupplyKind.PRODUCTION: "MO",
    SupplyKind.REFURBISHMENT: "RO",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LineData:
    """A part to order. Left out, the price is what the part costs us and the day due is a lead time from today."""

    part_id: int
    quantity: Decimal
    due_on: date | None = None
    unit_price: Decimal | None = None
    tolerance: Tolerance = Tolerance.EXACT
    plan_reference: str | None = None


def create_order(
    work: Work,
    *,
    kind: SupplyKind,
    location_id: int,
    supplier_id: int | None = None,
    lines: Sequence[LineData] = (),
    note: str = "",
    currency: str | None = None,
    plan_reference: str | None = None,
) -> SupplyOrder:
    """Draft an order; it gets its number now, and keeps it when it is cancelled.

    :param supplier_id: whom to buy from or who refurbishes; none for our own production or workshop.
    :param location_id: the place of ours that receives.
    :param currency: what prices are in; that of the first part when not given.
    :param plan_reference: the plan it is released from.
    """
    require(work.actor, Permission.SUPPLY_ORDER)
    place = open_location(work, location_id)
    _check_supplier(work, kind, supplier_id)
    order = SupplyOrder(
        organization_id=place.organization_id,
        number=next_number(work, SERIES[kind], issuer_id=place.organization_id),
        kind=kind,
        supplier_id=supplier_id,
        location_id=place.id,
        currency=currency or _currency(work, place.organization_id, lines),
        note=note,
        plan_reference=plan_reference,
        created_at=work.now,
        created_by_id=work.actor.user_id,
    )
    work.session.add(order)
    work.session.flush()
    step(work, order, SupplyState.DRAFT)
    for line in lines:
        put_line(work, order, line)
    return order


def change_order(
    work: Work, order_id: int, changes: Mapping[str, Any], expected_version: int | None = None
) -> SupplyOrder:
    """Change the place that receives, or the note to the supplier, of a draft."""
    order = _draft(work, order_id, expected_version)
    if unknown := sorted(set(changes) - {"location_id", "note"}):
        raise Invalid(N_("The field %(field)s of an order cannot change"), field=unknown[0])
    if "location_id" in changes:
        order.location_id = open_location(work, changes["location_id"]).id
    order.note = changes.get("note", order.note)
    work.session.flush()
    return order


def add_line(work: Work, order_id: int, data: LineData, expected_version: int | None = None) -> SupplyOrder:
    """Put another part on a draft."""
    order = _draft(work, order_id, expected_version)
    put_line(work, order, data)
    return order


def change_line(
    work: Work, order_id: int, line_id: int, changes: Mapping[str, Any], expected_version: int | None = None
) -> SupplyOrder:
    """Change quantity, price, day due or tolerance of a draft's line."""
    order = _draft(work, order_id, expected_version)
    line = line_of(work, order, line_id)
    if unknown := sorted(set(changes) - {"quantity", "unit_price", "due_on", "tolerance"}):
        raise Invalid(N_("The field %(field)s of an order's line cannot change"), field=unknown[0])
    part = work.session.get_one(Part, line.part_id)
    for field, value in changes.items():
        setattr(line, field, value)
    line.receivable = rules.receivable(line.quantity, line.tolerance, part.multiple, whole_units=part.whole_units)
    _check(order, part, line.quantity, line.unit_price)
    touch(order)
    work.session.flush()
    return order


def remove_line(work: Work, order_id: int, line_id: int, expected_version: int | None = None) -> SupplyOrder:
    """Take a line off a draft."""
    order = _draft(work, order_id, expected_version)
    work.session.delete(line_of(work, order, line_id))
    touch(order)
    work.session.flush()
    return order


def put_line(work: Work, order: SupplyOrder, data: LineData) -> SupplyOrderLine:
    """Write a line of an order that is still a draft.

    :raises Invalid: when the quantity is no lot of the part, or the price is below zero.
    :raises RuleBroken: when the part cannot be had this way.
    """
    part = visibility.get(work.session, Part, data.part_id, visibility.sees_part(work.actor))
    price = data.unit_price if data.unit_price is not None else _price(order, part)
    _check(order, part, data.quantity, price)
    last = select(func.max(SupplyOrderLine.sequence)).where(SupplyOrderLine.order_id == order.id)
    line = SupplyOrderLine(
        order_id=order.id,
        sequence=(work.session.scalar(last) or 0) + 1,
        part_id=part.id,
        quantity=data.quantity,
        unit_price=price,
        due_on=data.due_on or work.now.date() + timedelta(days=part.lead_time_days),
        tolerance=data.tolerance,
        receivable=rules.receivable(data.quantity, data.tolerance, part.multiple, whole_units=part.whole_units),
        plan_reference=data.plan_reference,
    )
    work.session.add(line)
    touch(order)
    work.session.flush()
    return line


def _draft(work: Work, order_id: int, expected_version: int | None) -> SupplyOrder:
    require(work.actor, Permission.SUPPLY_ORDER)
    order = own_order(work, order_id, expected_version)
    rules.check_draft(order.number, order.state)
    return order


def _check_supplier(work: Work, kind: SupplyKind, supplier_id: int | None) -> None:
    if kind is SupplyKind.PRODUCTION and supplier_id is not None:
        errors = [{"field": "supplier_id", "message": N_("must be empty")}]
        raise Invalid(N_("Our own production has no supplier"), code="production_has_none", errors=errors)
    if kind is SupplyKind.PURCHASE and supplier_id is None:
        errors = [{"field": "supplier_id", "message": N_("is missing")}]
        raise Invalid(N_("Say whom to buy from"), code="supplier_missing", errors=errors)
    if supplier_id is not None:
        known = Organization.id.in_(suppliers_of(work.actor))
        visibility.get(work.session, Organization, supplier_id, known, Organization.ended_at.is_(None))


def _currency(work: Work, organization_id: int, lines: Sequence[LineData]) -> str:
    if not lines:
        return work.session.get_one(Organization, organization_id).currency
    return visibility.get(work.session, Part, lines[0].part_id, visibility.sees_part(work.actor)).currency


def _price(order: SupplyOrder, part: Part) -> Decimal:
    """What a part costs us: our own by its cost, somebody else's by its list price, our own work by nothing more."""
    if part.organization_id == order.organization_id:
        return part.cost
    return part.price if order.supplier_id == part.organization_id else Decimal(0)


def _check(order: SupplyOrder, part: Part, quantity: Decimal, price: Decimal) -> None:
    facts = stock_rules.PartFacts(part.number, part.whole_units, serialised=False)
    stock_rules.check_quantity(facts, quantity, None)
    if price < 0:
        errors = [{"field": "unit_price", "message": N_("must not be negative")}]
        raise Invalid(N_("The price must not be negative"), errors=errors)
    if part.currency != order.currency:
        message = N_("%(number)s is priced in %(part)s, the order in %(order)s; make an order of its own")
        raise RuleBroken(message, code="other_currency", number=part.number, part=part.currency, order=order.currency)
    if part.ended_at is not None:
        raise RuleBroken(N_("Part %(number)s is out of use"), code="part_ended", number=part.number)
    if order.kind is SupplyKind.REFURBISHMENT:
        if not part.repairable:
            message = N_("Part %(number)s cannot be repaired, so it cannot be refurbished")
            raise RuleBroken(message, code="not_repairable", number=part.number)
        return
    if order.kind is SupplyKind.PRODUCTION and part.organization_id != order.organization_id:
        message = N_("Part %(number)s is not of your own catalogue and cannot be made")
        raise RuleBroken(message, code="not_own_part", number=part.number)
    rules.check_lot(part.number, quantity, part.minimum_quantity, part.multiple)
