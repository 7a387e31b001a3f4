"""Receipts: what came is booked into stock and on the order's line in one transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.db import touch
from aftersales.errors import Invalid, RuleBroken
from aftersales.models import Part, StockMove, SupplyOrder, SupplyOrderLine, SupplyReceipt
from aftersales.purchasing import rules
from aftersales.purchasing.service.common import facts_of, line_of, lines_of, own_order, step
from aftersales.stock import service as stock
from aftersales.translate import N_
from aftersales.vocabulary import Condition, LocationKind, SupplyKind
from aftersales.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What came of a line; of a part with serial numbers these instead of a quantity."""

    line_id: int
    quantity: Decimal | None = None
    serial_numbers: tuple[str, ...] = ()


def receive(
    work: Work,
    order_id: int,
    delivered: Sequence[Delivered],
    *,
    delivery_note: str = "",
    at: datetime | None = None,
    location_id: int | None = None,
    expected_version: int | None = None,
) -> SupplyOrder:
    """Receive what came. Refurbished parts come back as second category; our own workshop turns our cores into them.

    :param at: when it came; now when not given.
    :param location_id: another place of ours than the order says.
    :raises RuleBroken: ``over_receipt`` when more came than ordered and the line's tolerance allows.
    """
    require(work.actor, Permission.SUPPLY_RECEIVE)
    order = own_order(work, order_id, expected_version)
    if order.state not in rules.UNDERWAY or order.sent_at is None:
        message = N_("Order %(number)s is '%(state)s': nothing can be received for it")
        raise RuleBroken(message, code="not_underway", number=order.number, state=order.state)
    moment = at or work.now
    if moment < order.sent_at:
        message = N_("It cannot have come before the order was sent")
        raise Invalid(message, errors=[{"field": "at", "message": message}])
    if not delivered:
        raise Invalid(N_("Say what came"), code="nothing_delivered")
    found = [(line_of(work, order, one.line_id), one) for one in delivered]
    for line, one in sorted(found, key=lambda pair: (pair[0].part_id, pair[0].id)):
        _receive_line(work, order, line, one, moment, delivery_note, location_id or order.location_id)
    _follow(work, order)
    return order


def take_back(work: Work, receipt_id: int, *, note: str = "") -> SupplyOrder:
    """Take a receipt back that should not have been: its stock move is booked back, its line opens again.

    :raises RuleBroken: when it was taken back already, or the stock is no longer there or is set aside.
    """
    require(work.actor, Permission.SUPPLY_RECEIVE)
    mine = select(SupplyOrderLine.id).join(SupplyOrder, SupplyOrder.id == SupplyOrderLine.order_id)
    mine = mine.where(visibility.owns(work.actor, SupplyOrder.organization_id))
    was = visibility.get(work.session, SupplyReceipt, receipt_id, SupplyReceipt.line_id.in_(mine))
    line = work.session.get_one(SupplyOrderLine, was.line_id)
    order = own_order(work, line.order_id)
    work.session.refresh(line)
    known = select(SupplyReceipt.id).where(SupplyReceipt.reverses_id == was.id)
    if was.reverses_id is not None or work.session.scalar(known) is not None:
        raise RuleBroken(N_("This receipt was taken back already"), code="taken_back")
    move = stock.reverse(work, was.move_id, note)
    _write(work, line, move, -was.quantity, work.now, was.delivery_note, was.id)
    _follow(work, order)
    return order


def _receive_line(
    work: Work,
    order: SupplyOrder,
    line: SupplyOrderLine,
    one: Delivered,
    at: datetime,
    delivery_note: str,
    location_id: int,
) -> None:
    part = work.session.get_one(Part, line.part_id)
    pieces = list(_pieces(part, one))
    total = sum((quantity for quantity, _ in pieces), Decimal(0))
    most = max(line.received, line.receivable - line.given_up)
    rules.check_receipt(part.number, total, received=line.received, most=most)
    for quantity, serial in pieces:
        move = _book(work, order, line, quantity, serial, at, delivery_note, location_id)
        _write(work, line, move, quantity, at, delivery_note)


def _pieces(part: Part, one: Delivered) -> Iterator[tuple[Decimal, str | None]]:
    """What is booked one by one: every unit with its serial number, or the quantity whole."""
    if not part.serialised:
        if one.quantity is None or one.serial_numbers:
            field = "serial_numbers" if one.serial_numbers else "quantity"
            message = N_("Say how many of %(number)s came; it has no serial numbers")
            raise Invalid(message, code="quantity_missing", errors=[{"field": field}], number=part.number)
        yield one.quantity, None
        return
    serials = [serial.strip() for serial in one.serial_numbers if serial.strip()]
    if not serials or len(set(serials)) < len(serials) or one.quantity not in (None, len(serials)):
        message = N_("Part %(number)s has serial numbers: list each unit that came, once")
        raise Invalid(message, code="serial_missing", errors=[{"field": "serial_numbers"}], number=part.number)
    for serial in serials:
        yield Decimal(1), serial


def _book(
    work: Work,
    order: SupplyOrder,
    line: SupplyOrderLine,
    quantity: Decimal,
    serial: str | None,
    at: datetime,
    delivery_note: str,
    location_id: int,
) -> StockMove:
    if order.kind is SupplyKind.REFURBISHMENT and order.supplier_id is None:
        return stock.regrade(
            work,
            part_id=line.part_id,
            location_id=location_id,
            quantity=quantity,
            condition=Condition.CORE,
            to_condition=Condition.SECOND_CATEGORY,
            serial_number=serial,
            at=at,
            note=order.number,
        )
    return stock.receive(
        work,
        part_id=line.part_id,
        location_id=location_id,
        quantity=quantity,
        condition=Condition.SECOND_CATEGORY if order.kind is SupplyKind.REFURBISHMENT else Condition.NEW,
        serial_number=serial,
        origin=LocationKind.PRODUCTION if order.supplier_id is None else LocationKind.SUPPLIER,
        unit_cost=line.unit_price,
        document=order.number,
        at=at,
        note=delivery_note,
    )


def _write(
    work: Work,
    line: SupplyOrderLine,
    move: StockMove,
    quantity: Decimal,
    at: datetime,
    delivery_note: str,
    reverses_id: int | None = None,
) -> None:
    line.received += quantity
    work.session.add(
        SupplyReceipt(
            line_id=line.id,
            move_id=move.id,
            quantity=quantity,
            at=at,
            delivery_note=delivery_note,
            reverses_id=reverses_id,
            recorded_at=work.now,
            actor_id=work.actor.user_id,
        )
    )
    work.session.flush()


def _follow(work: Work, order: SupplyOrder) -> None:
    """Have the order's state follow from what came."""
    state = rules.state_after([facts_of(line) for line in lines_of(work, order)])
    if state is order.state:
        touch(order)
        work.session.flush()
    else:
        step(work, order, state)
