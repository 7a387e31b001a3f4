"""Stock set aside for a job until it is issued or released."""

from decimal import Decimal

from aftersales import visibility
from aftersales.access import Permission, expect, require
from aftersales.errors import RuleBroken
from aftersales.models import Location, Part, Reservation, WorkOrder
from aftersales.stock import rules
from aftersales.stock.service.ledger import set_aside
from aftersales.stock.service.locations import own_location
from aftersales.stock.service.moves import draw, own_reservation
from aftersales.translate import N_
from aftersales.vocabulary import Condition
from aftersales.work import Work


def reserve(
    work: Work,
    *,
    part_id: int,
    location_id: int,
    quantity: Decimal,
    condition: Condition = Condition.NEW,
    work_order_id: int | None = None,
    note: str = "",
) -> Reservation:
    """Set free stock aside, usually for a work order.

    :raises RuleBroken: ``not_enough_stock`` when less is free.
    """
    require(work.actor, Permission.STOCK_MOVE)
    location = own_location(work, location_id)
    part = visibility.get(work.session, Part, part_id, visibility.sees_part(work.actor))
    rules.check_usable(condition, location.kind, code=location.code)
    # A reservation is of so many units; which serial numbers they are is said when they are issued.
    rules.check_quantity(rules.PartFacts(part.number, part.whole_units, serialised=False), quantity, None)
    if work_order_id is not None:
        visibility.get(work.session, WorkOrder, work_order_id, visibility.owns(work.actor, WorkOrder.organization_id))
    set_aside(work.session, part, location, condition, quantity)
    held = Reservation(
        part_id=part.id,
        condition=condition,
        location_id=location.id,
        quantity=quantity,
        open_quantity=quantity,
        work_order_id=work_order_id,
        note=note,
        created_at=work.now,
        actor_id=work.actor.user_id,
    )
    work.session.add(held)
    work.session.flush()
    return held


def release(
    work: Work, reservation_id: int, quantity: Decimal | None = None, expected_version: int | None = None
) -> Reservation:
    """Give reserved stock free again: all that is still open, or part of it.

    :raises RuleBroken: when the reservation holds less than that, or nothing any more.
    """
    require(work.actor, Permission.STOCK_MOVE)
    held = own_reservation(work, reservation_id)
    expect(held.version, expected_version)
    back = held.open_quantity if quantity is None else quantity
    if not 0 < back <= held.open_quantity:
        message = N_("The reservation holds %(open)s, not %(quantity)s")
        raise RuleBroken(message, code="reservation_holds_less", open=held.open_quantity, quantity=back)
    part, location = work.session.get_one(Part, held.part_id), work.session.get_one(Location, held.location_id)
    rules.check_quantity(rules.PartFacts(part.number, part.whole_units, serialised=False), back, None)
    set_aside(work.session, part, location, held.condition, -back)
    draw(work, held, back)
    return held
