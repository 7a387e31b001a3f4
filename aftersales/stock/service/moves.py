"""Receipts, issues, transfers, returns, scrapping and regrading."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.errors import Invalid, RuleBroken
from aftersales.models import Location, Part, Reservation, StockMove
from aftersales.stock import rules
from aftersales.stock.service.ledger import Move, book
from aftersales.stock.service.locations import open_location, own_location, virtual
from aftersales.translate import N_
from aftersales.vocabulary import Condition, LocationKind, MoveKind
from aftersales.work import Work

ORIGINS = {
    LocationKind.SUPPLIER: MoveKind.RECEIPT,
    LocationKind.PRODUCTION: MoveKind.RECEIPT,
    LocationKind.CUSTOMER: MoveKind.RETURN,
    LocationKind.ADJUSTMENT: MoveKind.OPENING,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLine:
    """One part to issue; see :func:`issue`."""

    part_id: int
    location_id: int
    quantity: Decimal
    condition: Condition = Condition.NEW
    serial_number: str | None = None
    reservation_id: int | None = None
    work_order_id: int | None = None
    note: str = ""


def receive(
    work: Work,
    *,
    part_id: int,
    location_id: int,
    quantity: Decimal,
    condition: Condition = Condition.NEW,
    serial_number: str | None = None,
    origin: LocationKind = LocationKind.SUPPLIER,
    unit_cost: Decimal | None = None,
    document: str | None = None,
    at: datetime | None = None,
    note: str = "",
    source_key: str | None = None,
) -> StockMove:
    """Take stock in from a supplier, our production, a customer, or as opening stock (origin ``adjustment``).

    :param source_key: name of the receipt in the system it comes from; the same one twice is once.
    :raises Conflict: when the unit with this serial number is in a store already.
    """
    require(work.actor, Permission.STOCK_MOVE)
    location = open_location(work, location_id)
    if source_key is not None and (known := _by_source(work, location, source_key)):
        return known
    if origin not in ORIGINS:
        raise Invalid(N_("Stock is not received from '%(origin)s'"), origin=origin.value)
    if unit_cost is not None and unit_cost < 0:
        raise Invalid(N_("The cost must not be negative"), errors=[{"field": "unit_cost"}])
    move = Move(
        kind=ORIGINS[origin],
        part=_part(work, part_id),
        origin=virtual(work, location.organization_id, origin),
        target=location,
        quantity=quantity,
        condition=condition,
        to_condition=condition,
        serial_number=serial_number,
        unit_cost=unit_cost,
        document=document,
        at=at or work.now,
        note=note,
        source_key=source_key,
    )
    return book(work, move)


def issue(
    work: Work,
    *,
    part_id: int,
    location_id: int,
    quantity: Decimal,
    condition: Condition = Condition.NEW,
    serial_number: str | None = None,
    work_order_id: int | None = None,
    reservation_id: int | None = None,
    document: str | None = None,
    at: datetime | None = None,
    note: str = "",
) -> StockMove:
    """Give stock out to a customer's machine.

    :param reservation_id: take as much as it still holds out of this reservation, the rest out of free stock.
    :raises RuleBroken: when less is free, or the stock may not be used (a core, quarantine).
    """
    require(work.actor, Permission.STOCK_MOVE)
    location = own_location(work, location_id)
    rules.check_usable(condition, location.kind, code=location.code)
    held = None if reservation_id is None else held_by(work, reservation_id, part_id, condition, location_id)
    from_reserved = min(quantity, held.open_quantity) if held else Decimal(0)
    move = Move(
        kind=MoveKind.ISSUE,
        part=_part(work, part_id),
        origin=location,
        target=virtual(work, location.organization_id, LocationKind.CUSTOMER),
        quantity=quantity,
        condition=condition,
        to_condition=condition,
        serial_number=serial_number,
        from_reserved=from_reserved,
        work_order_id=work_order_id,
        document=document,
        at=at or work.now,
        note=note,
    )
    row = book(work, move)
    if held:
        draw(work, held, from_reserved)
    return row


def issue_all(work: Work, lines: Sequence[IssueLine], *, at: datetime | None = None) -> list[StockMove]:
    """Issue several parts, touching reservations and balances in one order so that two orders never lock each other.

    :returns: the moves in the order of the lines.
    """
    require(work.actor, Permission.STOCK_MOVE)
    for reservation_id in sorted(line.reservation_id for line in lines if line.reservation_id is not None):
        own_reservation(work, reservation_id)
    done: dict[int, StockMove] = {}
    for place in sorted(range(len(lines)), key=lambda n: _order_of(lines[n])):
        line = lines[place]
        done[place] = issue(
            work,
            part_id=line.part_id,
            location_id=line.location_id,
            quantity=line.quantity,
            condition=line.condition,
            serial_number=line.serial_number,
            work_order_id=line.work_order_id,
            reservation_id=line.reservation_id,
            at=at,
            note=line.note,
        )
    return [done[place] for place in range(len(lines))]


def _order_of(line: IssueLine) -> tuple[int, str, int, str]:
    return line.part_id, line.condition, line.location_id, line.serial_number or ""


def transfer(
    work: Work,
    *,
    part_id: int,
    from_location_id: int,
    to_location_id: int,
    quantity: Decimal,
    condition: Condition = Condition.NEW,
    serial_number: str | None = None,
    at: datetime | None = None,
    note: str = "",
) -> StockMove:
    """Carry free stock from one place of ours to another."""
    require(work.actor, Permission.STOCK_MOVE)
    origin, target = own_location(work, from_location_id), open_location(work, to_location_id)
    if origin.id == target.id:
        raise Invalid(N_("Stock is carried from one place to another, not to where it is"))
    if origin.organization_id != target.organization_id:
        raise Invalid(N_("Both places must belong to one organisation"))
    return _move(
        work, MoveKind.TRANSFER, part_id, origin, target, quantity, condition, condition, serial_number, at, note
    )


def regrade(
    work: Work,
    *,
    part_id: int,
    location_id: int,
    quantity: Decimal,
    condition: Condition,
    to_condition: Condition,
    serial_number: str | None = None,
    at: datetime | None = None,
    note: str = "",
) -> StockMove:
    """Change the condition of free stock, for instance a core that was refurbished to second category."""
    require(work.actor, Permission.STOCK_MOVE)
    location = own_location(work, location_id)
    if condition is to_condition:
        raise Invalid(N_("The stock is in this condition already"))
    kind = MoveKind.REGRADE
    return _move(work, kind, part_id, location, location, quantity, condition, to_condition, serial_number, at, note)


def scrap(
    work: Work,
    *,
    part_id: int,
    location_id: int,
    quantity: Decimal,
    condition: Condition = Condition.NEW,
    serial_number: str | None = None,
    at: datetime | None = None,
    note: str = "",
) -> StockMove:
    """Throw free stock away. The reason goes into the note."""
    require(work.actor, Permission.STOCK_MOVE)
    location = own_location(work, location_id)
    if not note.strip():
        raise Invalid(N_("Say why it is scrapped"), errors=[{"field": "note", "message": "is missing"}])
    target = virtual(work, location.organization_id, LocationKind.SCRAP)
    return _move(
        work, MoveKind.SCRAP, part_id, location, target, quantity, condition, condition, serial_number, at, note
    )


def return_to_supplier(
    work: Work,
    *,
    part_id: int,
    location_id: int,
    quantity: Decimal,
    condition: Condition = Condition.NEW,
    serial_number: str | None = None,
    at: datetime | None = None,
    note: str = "",
) -> StockMove:
    """Send free stock back to its supplier, for instance a faulty unit or a core for refurbishing."""
    require(work.actor, Permission.STOCK_MOVE)
    location = own_location(work, location_id)
    target = virtual(work, location.organization_id, LocationKind.SUPPLIER)
    return _move(
        work, MoveKind.RETURN, part_id, location, target, quantity, condition, condition, serial_number, at, note
    )


def take_back(
    work: Work,
    *,
    part_id: int,
    location_id: int | None,
    quantity: Decimal = Decimal(1),
    condition: Condition = Condition.CORE,
    serial_number: str | None = None,
    work_order_id: int | None = None,
    at: datetime | None = None,
    note: str = "",
) -> StockMove:
    """Take what came off a machine, or what was not used, into a place of ours; without a place it is scrapped."""
    require(work.actor, Permission.STOCK_MOVE)
    location = None if location_id is None else open_location(work, location_id)
    organization = work.actor.organization if location is None else location.organization_id
    move = Move(
        kind=MoveKind.RETURN if location else MoveKind.SCRAP,
        part=_part(work, part_id),
        origin=virtual(work, organization, LocationKind.CUSTOMER),
        target=location or virtual(work, organization, LocationKind.SCRAP),
        quantity=quantity,
        condition=condition,
        to_condition=condition,
        serial_number=serial_number,
        work_order_id=work_order_id,
        unit_cost=None if condition is Condition.NEW else Decimal(0),
        at=at or work.now,
        note=note,
    )
    return book(work, move)


def held_by(work: Work, reservation_id: int, part_id: int, condition: Condition, location_id: int) -> Reservation:
    """Return the reservation, locked, when it is for this part, condition and place.

    :raises RuleBroken: when it is for something else.
    """
    held = own_reservation(work, reservation_id)
    if (held.part_id, held.condition, held.location_id) != (part_id, condition, location_id):
        raise RuleBroken(N_("The reservation is for another part, condition or place"), code="other_reservation")
    return held


def draw(work: Work, held: Reservation, quantity: Decimal) -> None:
    """Lower what a reservation still holds; it is closed when nothing is left."""
    held.open_quantity -= quantity
    if held.open_quantity == 0 and held.closed_at is None:
        held.closed_at = work.now
    work.session.flush()


def own_reservation(work: Work, reservation_id: int) -> Reservation:
    """Return a reservation of the actor's organisation, locked until the transaction ends."""
    mine = select(Location.id).where(visibility.owns(work.actor, Location.organization_id))
    return visibility.get(work.session, Reservation, reservation_id, Reservation.location_id.in_(mine), lock=True)


def _part(work: Work, part_id: int) -> Part:
    return visibility.get(work.session, Part, part_id, visibility.sees_part(work.actor))


def _by_source(work: Work, location: Location, source_key: str) -> StockMove | None:
    query = select(StockMove).where(
        StockMove.organization_id == location.organization_id, StockMove.source_key == source_key
    )
    return work.session.scalar(query)


def _move(
    work: Work,
    kind: MoveKind,
    part_id: int,
    origin: Location,
    target: Location,
    quantity: Decimal,
    condition: Condition,
    to_condition: Condition,
    serial_number: str | None,
    at: datetime | None,
    note: str,
) -> StockMove:
    move = Move(
        kind=kind,
        part=_part(work, part_id),
        origin=origin,
        target=target,
        quantity=quantity,
        condition=condition,
        to_condition=to_condition,
        serial_number=serial_number,
        at=at or work.now,
        note=note,
    )
    return book(work, move)
