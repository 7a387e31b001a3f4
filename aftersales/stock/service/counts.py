"""Counting. A difference moves stock only once somebody with the permission has approved it."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, expect, require
from aftersales.errors import Conflict, Invalid, RuleBroken
from aftersales.models import Balance, Location, Part, SerialPlace, StockCount, StockMove
from aftersales.stock import rules
from aftersales.stock.service.ledger import Move, book
from aftersales.stock.service.locations import own_location, virtual
from aftersales.translate import N_
from aftersales.vocabulary import Condition, LocationKind, MoveKind
from aftersales.work import Work


def count(
    work: Work,
    *,
    part_id: int,
    location_id: int,
    counted: Decimal | None = None,
    condition: Condition = Condition.NEW,
    serial_numbers: Sequence[str] | None = None,
) -> StockCount:
    """Note what was counted in a place, beside what the books say at this moment.

    :param counted: how many there are; of a part with serial numbers give ``serial_numbers`` instead.
    :raises Conflict: when an earlier count of the same stock waits for its decision.
    """
    require(work.actor, Permission.STOCK_MOVE)
    location = own_location(work, location_id)
    part = visibility.get(work.session, Part, part_id, visibility.sees_part(work.actor))
    found = _found(part, counted, serial_numbers)
    stock = (StockCount.part_id == part.id, StockCount.condition == condition, StockCount.location_id == location.id)
    if work.session.scalar(select(StockCount.id).where(*stock, StockCount.state == "counted")) is not None:
        message = N_("A count of %(number)s at %(place)s waits for its decision")
        raise Conflict(message, code="count_open", number=part.number, place=location.code)
    row = StockCount(
        part_id=part.id,
        condition=condition,
        location_id=location.id,
        expected=_on_hand(work, part.id, condition, location.id),
        counted=found,
        expected_serial_numbers=_serials_here(work, part.id, condition, location.id) if part.serialised else None,
        serial_numbers=None if serial_numbers is None else sorted(set(serial_numbers)),
        counted_at=work.now,
        counted_by_id=work.actor.user_id,
    )
    work.session.add(row)
    work.session.flush()
    return row


def approve_count(work: Work, count_id: int, expected_version: int | None = None) -> StockCount:
    """Accept a count: its difference to the books of that moment is moved, to or from adjustment.

    :raises RuleBroken: when what is missing is reserved or was issued meanwhile.
    """
    require(work.actor, Permission.STOCK_APPROVE)
    row = _open_count(work, count_id, expected_version)
    part, location = work.session.get_one(Part, row.part_id), work.session.get_one(Location, row.location_id)
    moves = _by_serial(work, row, part, location) if part.serialised else _by_number(work, row, part, location)
    _decide(work, row, "approved")
    row.move_id = moves[-1].id if moves else None
    work.session.flush()
    return row


def reject_count(work: Work, count_id: int, expected_version: int | None = None) -> StockCount:
    """Turn a count down: nothing moves, and the stock can be counted again."""
    require(work.actor, Permission.STOCK_APPROVE)
    row = _open_count(work, count_id, expected_version)
    _decide(work, row, "rejected")
    work.session.flush()
    return row


def _found(part: Part, counted: Decimal | None, serial_numbers: Sequence[str] | None) -> Decimal:
    if part.serialised:
        if serial_numbers is None:
            message = N_("Part %(number)s has serial numbers: list those that are there")
            raise Invalid(message, code="serial_missing", errors=[{"field": "serial_numbers"}], number=part.number)
        return Decimal(len(set(serial_numbers)))
    if serial_numbers:
        raise Invalid(N_("Part %(number)s has no serial numbers"), code="serial_unknown", number=part.number)
    if counted is None or counted < 0:
        raise Invalid(N_("Say how many there are, 0 or more"), errors=[{"field": "counted"}])
    if counted > 0:
        rules.check_quantity(rules.PartFacts(part.number, part.whole_units, serialised=False), counted, None)
    return counted


def _on_hand(work: Work, part_id: int, condition: Condition, location_id: int) -> Decimal:
    query = select(Balance.on_hand).where(
        Balance.part_id == part_id, Balance.condition == condition, Balance.location_id == location_id
    )
    return work.session.scalar(query) or Decimal(0)


def _serials_here(work: Work, part_id: int, condition: Condition, location_id: int) -> list[str]:
    query = select(SerialPlace.serial_number).where(
        SerialPlace.part_id == part_id, SerialPlace.location_id == location_id, SerialPlace.condition == condition
    )
    return sorted(work.session.scalars(query))


def _open_count(work: Work, count_id: int, expected_version: int | None) -> StockCount:
    mine = select(Location.id).where(visibility.owns(work.actor, Location.organization_id))
    row = visibility.get(work.session, StockCount, count_id, StockCount.location_id.in_(mine), lock=True)
    expect(row.version, expected_version)
    if row.state != "counted":
        raise RuleBroken(N_("This count was decided already"), code="count_decided")
    return row


def _decide(work: Work, row: StockCount, state: str) -> None:
    row.state, row.decided_at, row.decided_by_id = state, work.now, work.actor.user_id


def _by_number(work: Work, row: StockCount, part: Part, location: Location) -> list[StockMove]:
    difference = row.counted - row.expected
    return [_adjust(work, row, part, location, difference)] if difference else []


def _by_serial(work: Work, row: StockCount, part: Part, location: Location) -> list[StockMove]:
    missing, more = rules.serial_differences(row.expected_serial_numbers or [], row.serial_numbers or [])
    one = Decimal(1)
    gone = [_adjust(work, row, part, location, -one, serial) for serial in missing]
    return gone + [_adjust(work, row, part, location, one, serial) for serial in more]


def _adjust(
    work: Work, row: StockCount, part: Part, location: Location, difference: Decimal, serial: str | None = None
) -> StockMove:
    elsewhere = virtual(work, location.organization_id, LocationKind.ADJUSTMENT)
    move = Move(
        kind=MoveKind.COUNT,
        part=part,
        origin=location if difference < 0 else elsewhere,
        target=elsewhere if difference < 0 else location,
        quantity=abs(difference),
        condition=row.condition,
        to_condition=row.condition,
        serial_number=serial,
        at=work.now,
        document=f"count {row.id}",
    )
    return book(work, move)
