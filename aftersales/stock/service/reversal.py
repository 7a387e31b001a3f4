"""A move booked back: the counter-entry of a receipt that should not have been."""

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.models import Location, Part, StockMove
from aftersales.stock.service.ledger import Move, book
from aftersales.work import Work


def reverse(work: Work, move_id: int, note: str = "") -> StockMove:
    """Book a move of the actor's organisation back to where it came from, now.

    :raises RuleBroken: when what it brought is no longer there, or is set aside.
    """
    require(work.actor, Permission.STOCK_MOVE)
    mine = visibility.owns(work.actor, StockMove.organization_id)
    was = visibility.get(work.session, StockMove, move_id, mine)
    return book(
        work,
        Move(
            kind=was.kind,
            part=work.session.get_one(Part, was.part_id),
            origin=work.session.get_one(Location, was.to_location_id),
            target=work.session.get_one(Location, was.from_location_id),
            quantity=was.quantity,
            condition=was.to_condition,
            to_condition=was.condition,
            serial_number=was.serial_number,
            unit_cost=was.unit_cost,
            document=f"#{was.id}",
            at=work.now,
            note=note,
        ),
    )
