"""Parts to be used on an order: proposed from kits, added by hand, set aside in a store or a van."""

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.errors import Invalid, RuleBroken
from aftersales.models import Balance, Location, Part, PartUse, Reservation, WorkOrder
from aftersales.orders.loading import editable
from aftersales.stock import service as stock
from aftersales.stock.rules import PartFacts, check_quantity
from aftersales.translate import N_
from aftersales.vocabulary import REAL_LOCATIONS, Condition, LocationKind
from aftersales.work import Work

HELD_PLACES = REAL_LOCATIONS - {LocationKind.QUARANTINE}


def propose(
    work: Work, order: WorkOrder, part_id: int, quantity: Decimal, location_id: int | None
) -> list[tuple[str, Decimal]]:
    """Put a part on an order and set it aside as far as there is stock; return what is short: part number, quantity."""
    part = work.session.get_one(Part, part_id)
    place = location_id or _best_place(work, order, part_id)
    if place is None:
        return [(part.number, quantity)]
    each = Decimal(1) if part.serialised else quantity
    short = Decimal(0)
    for _ in range(int(quantity) if part.serialised else 1):
        held = _set_aside(work, order, part, place, each, Condition.NEW)
        short += 0 if held else each
        _add(work, order, part, place, each, Condition.NEW, held)
    return [(part.number, short)] if short else []


def as_short(work: Work, wanted: Mapping[int, Decimal]) -> list[tuple[str, Decimal]]:
    """Return a kit as parts that are all short: for those who may not set stock aside."""
    return [(work.session.get_one(Part, part_id).number, quantity) for part_id, quantity in wanted.items()]


def _best_place(work: Work, order: WorkOrder, part_id: int) -> int | None:
    """Return the place of ours with most of a part free, the assignee's van first; any store when nobody has it."""
    places = select(Location).where(
        visibility.owns(work.actor, Location.organization_id),
        Location.kind.in_(HELD_PLACES),
        Location.ended_at.is_(None),
    )
    free = {
        row.location_id: row.on_hand - row.reserved
        for row in work.session.scalars(
            select(Balance).where(Balance.part_id == part_id, Balance.condition == Condition.NEW)
        )
    }
    ranked = sorted(
        work.session.scalars(places),
        key=lambda one: (
            free.get(one.id, Decimal(0)) > 0 and order.assignee_id is not None and one.keeper_id == order.assignee_id,
            free.get(one.id, Decimal(0)),
            one.kind is LocationKind.WAREHOUSE,
            -one.id,
        ),
    )
    return ranked[-1].id if ranked else None


def _set_aside(
    work: Work, order: WorkOrder, part: Part, location_id: int, quantity: Decimal, condition: Condition
) -> Reservation | None:
    try:
        return stock.reserve(
            work,
            part_id=part.id,
            location_id=location_id,
            quantity=quantity,
            condition=condition,
            work_order_id=order.id,
            note=order.number,
        )
    except RuleBroken as refusal:
        if refusal.reason != "not_enough_stock":
            raise
        return None


def _add(
    work: Work,
    order: WorkOrder,
    part: Part,
    location_id: int,
    quantity: Decimal,
    condition: Condition,
    held: Reservation | None,
    serial_number: str | None = None,
    unit_price: Decimal | None = None,
) -> PartUse:
    listed = part.price if part.currency == order.currency else Decimal(0)
    use = PartUse(
        work_order_id=order.id,
        part_id=part.id,
        condition=condition,
        location_id=location_id,
        serial_number=serial_number,
        quantity=quantity,
        unit_price=listed if unit_price is None else unit_price,
        reservation_id=held.id if held else None,
    )
    work.session.add(use)
    work.session.flush()
    return use


def add_part(
    work: Work,
    order_id: int,
    *,
    part_id: int,
    location_id: int,
    quantity: Decimal = Decimal(1),
    condition: Condition = Condition.NEW,
    serial_number: str | None = None,
    unit_price: Decimal | None = None,
    expected_version: int | None = None,
) -> PartUse:
    """Put a part on an order, to be issued from a store or van of ours when the order is closed.

    It is set aside as far as there is stock; a serial number may be said later.

    :param unit_price: the catalogue's price by default, when its currency is the order's.
    :raises NotFound: the part or the place does not concern the actor's organisation.
    """
    require(work.actor, Permission.ORDER_WORK)
    order = editable(work, order_id, expected_version)
    part = visibility.get(work.session, Part, part_id, visibility.sees_part(work.actor))
    place = own_place(work, location_id)
    serial = (serial_number or "").strip() or None
    _check(part, quantity, serial, unit_price)
    held = None
    if work.actor.may(Permission.STOCK_MOVE) and condition in {Condition.NEW, Condition.SECOND_CATEGORY}:
        held = _set_aside(work, order, part, place.id, quantity, condition)
    return _add(work, order, part, place.id, quantity, condition, held, serial, unit_price)


def own_place(work: Work, location_id: int) -> Location:
    """Return a real place of the actor's organisation.

    :raises NotFound: otherwise.
    """
    mine = visibility.owns(work.actor, Location.organization_id)
    return visibility.get(
        work.session, Location, location_id, mine, Location.kind.in_(REAL_LOCATIONS), Location.ended_at.is_(None)
    )


def _check(part: Part, quantity: Decimal, serial_number: str | None, unit_price: Decimal | None) -> None:
    # A serial number may still be missing here; closing asks for it.
    check_quantity(PartFacts(part.number, part.whole_units, serialised=False), quantity, None)
    if part.serialised and quantity != 1:
        message = N_("Part %(part)s has serial numbers: put it on the order one by one")
        raise RuleBroken(message, code="one_by_one", part=part.number)
    if serial_number is not None and not part.serialised:
        raise RuleBroken(N_("Part %(part)s has no serial numbers"), code="not_serialised", part=part.number)
    if serial_number is not None and len(serial_number) > 80:
        raise Invalid(N_("A serial number has at most %(limit)s characters"), code="too_long", limit=80)
    if unit_price is not None and unit_price < 0:
        raise Invalid(N_("Prices are not below zero"), code="price_negative")


def use_of(work: Work, order: WorkOrder, use_id: int) -> PartUse:
    """Return a part use of an order.

    :raises NotFound: the order has no such line.
    """
    return visibility.get(work.session, PartUse, use_id, PartUse.work_order_id == order.id)


def change_part(
    work: Work,
    order_id: int,
    use_id: int,
    *,
    serial_number: str | None = None,
    quantity: Decimal | None = None,
    location_id: int | None = None,
    expected_version: int | None = None,
) -> PartUse:
    """Say the serial number, the true quantity or the place of a part on an order; what is not said stays."""
    require(work.actor, Permission.ORDER_WORK)
    order = editable(work, order_id, expected_version)
    use = use_of(work, order, use_id)
    part = work.session.get_one(Part, use.part_id)
    place = own_place(work, location_id).id if location_id is not None else use.location_id
    amount = use.quantity if quantity is None else quantity
    serial = use.serial_number if serial_number is None else serial_number.strip() or None
    _check(part, amount, serial, None)
    if (place, amount) != (use.location_id, use.quantity):
        _free(work, use)
        held = None
        if work.actor.may(Permission.STOCK_MOVE):
            held = _set_aside(work, order, part, place, amount, use.condition)
        use.reservation_id = held.id if held else None
    use.location_id, use.quantity, use.serial_number = place, amount, serial
    work.session.flush()
    return use


def remove_part(work: Work, order_id: int, use_id: int, expected_version: int | None = None) -> WorkOrder:
    """Take a part off an order that was not used; what was set aside is free again."""
    require(work.actor, Permission.ORDER_WORK)
    order = editable(work, order_id, expected_version)
    use = use_of(work, order, use_id)
    _free(work, use)
    work.session.delete(use)
    work.session.flush()
    return order


def _free(work: Work, use: PartUse) -> None:
    held = work.session.get(Reservation, use.reservation_id) if use.reservation_id else None
    if held is not None and held.open_quantity > 0:
        stock.release(work, held.id)
