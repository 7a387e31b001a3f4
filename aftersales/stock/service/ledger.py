"""The one place that writes stock moves. Balances and serial places follow each move in the same transaction.

Every change of a balance is a guarded UPDATE, so that two who fight for the last part cannot both get it, and balances
are touched in one order (part, condition, location), so that two moves crossing each other cannot lock each other out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, CursorResult, select, type_coerce, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.db import Scaled
from aftersales.errors import Conflict, RuleBroken
from aftersales.models import Balance, Location, Part, SerialPlace, StockMove, WorkOrder
from aftersales.stock import rules
from aftersales.translate import N_
from aftersales.vocabulary import REAL_LOCATIONS, Condition, MoveKind
from aftersales.work import Work

Key = tuple[int, Condition, int]
# The difference of two columns forgets that they are scaled: without the type 3 would be compared with 2000.
FREE = type_coerce(Balance.on_hand - Balance.reserved, Scaled(3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A move about to be booked. ``from_reserved`` of the quantity come out of what was set aside."""

    kind: MoveKind
    part: Part
    origin: Location
    target: Location
    quantity: Decimal
    condition: Condition
    to_condition: Condition
    at: datetime
    serial_number: str | None = None
    from_reserved: Decimal = Decimal(0)
    unit_cost: Decimal | None = None
    work_order_id: int | None = None
    document: str | None = None
    note: str = ""
    source_key: str | None = None


def book(work: Work, move: Move) -> StockMove:
    """Write a move and have balances and serial place follow.

    :raises RuleBroken: ``not_enough_stock`` when the origin does not hold that much that is free.
    :raises Conflict: ``serial_elsewhere`` when the unit is in another place than said.
    """
    facts = rules.PartFacts(move.part.number, move.part.whole_units, move.part.serialised)
    rules.check_quantity(facts, move.quantity, move.serial_number)
    rules.check_moment(move.at, work.now)
    if move.work_order_id is not None:
        visibility.get(work.session, WorkOrder, move.work_order_id, _owns_order(work))
    for key, change in sorted(_changes(move), key=lambda item: item[0]):
        if change > 0:
            _put(work.session, key, change)
        else:
            _take(work.session, move, key)
    row = _row(work, move)
    work.session.add(row)
    work.session.flush()
    if move.serial_number:
        _place_serial(work.session, move, row)
    return row


def _owns_order(work: Work) -> ColumnElement[bool]:
    return visibility.owns(work.actor, WorkOrder.organization_id)


def _changes(move: Move) -> Iterator[tuple[Key, Decimal]]:
    if move.origin.kind in REAL_LOCATIONS:
        yield (move.part.id, move.condition, move.origin.id), -move.quantity
    if move.target.kind in REAL_LOCATIONS:
        yield (move.part.id, move.to_condition, move.target.id), move.quantity


def _row(work: Work, move: Move) -> StockMove:
    is_own = move.part.organization_id == move.target.organization_id
    cost = move.unit_cost if move.unit_cost is not None else (move.part.cost if is_own else Decimal(0))
    return StockMove(
        organization_id=move.target.organization_id,
        kind=move.kind,
        part_id=move.part.id,
        condition=move.condition,
        to_condition=move.to_condition,
        serial_number=move.serial_number,
        quantity=move.quantity,
        from_location_id=move.origin.id,
        to_location_id=move.target.id,
        at=move.at,
        unit_cost=cost,
        currency=move.part.currency,
        work_order_id=move.work_order_id,
        document=move.document,
        note=move.note,
        source_key=move.source_key,
        recorded_at=work.now,
        actor_id=work.actor.user_id,
    )


def _put(session: Session, key: Key, quantity: Decimal) -> None:
    part_id, condition, location_id = key
    values = {
        "part_id": part_id,
        "condition": condition,
        "location_id": location_id,
        "on_hand": quantity,
        "reserved": Decimal(0),
    }
    keys = ["part_id", "condition", "location_id"]
    if session.get_bind().dialect.name == "postgresql":
        there = postgresql.insert(Balance).values(values)
        session.execute(
            there.on_conflict_do_update(index_elements=keys, set_={"on_hand": Balance.on_hand + there.excluded.on_hand})
        )
    else:
        here = sqlite.insert(Balance).values(values)
        session.execute(
            here.on_conflict_do_update(index_elements=keys, set_={"on_hand": Balance.on_hand + here.excluded.on_hand})
        )


def _take(session: Session, move: Move, key: Key) -> None:
    taken = session.execute(
        update(Balance)
        .where(*_at(key), move.quantity - move.from_reserved <= FREE, Balance.reserved >= move.from_reserved)
        .values(on_hand=Balance.on_hand - move.quantity, reserved=Balance.reserved - move.from_reserved)
        .execution_options(synchronize_session=False)
    )
    if touched(taken) != 1:
        raise not_enough(session, move.part, move.origin, key, move.quantity - move.from_reserved)


def _at(key: Key) -> tuple[ColumnElement[bool], ...]:
    part_id, condition, location_id = key
    return Balance.part_id == part_id, Balance.condition == condition, Balance.location_id == location_id


def touched(result: object) -> int:
    """Return how many rows an UPDATE changed."""
    assert isinstance(result, CursorResult)
    return int(result.rowcount)


def set_aside(session: Session, part: Part, location: Location, condition: Condition, quantity: Decimal) -> None:
    """Reserve a quantity that is free; a negative one gives it back.

    :raises RuleBroken: ``not_enough_stock`` when less is free.
    """
    key = (part.id, condition, location.id)
    done = session.execute(
        update(Balance)
        .where(*_at(key), quantity <= FREE, Balance.reserved + quantity >= 0)
        .values(reserved=Balance.reserved + quantity)
        .execution_options(synchronize_session=False)
    )
    if touched(done) != 1:
        raise not_enough(session, part, location, key, quantity)


def not_enough(session: Session, part: Part, location: Location, key: Key, wanted: Decimal) -> RuleBroken:
    """Return the refusal that says how much is free where."""
    free = session.scalar(select(FREE).where(*_at(key))) or Decimal(0)
    message = N_("%(place)s has %(free)s %(unit)s of %(number)s (%(condition)s) free, not %(wanted)s")
    return RuleBroken(
        message,
        code="not_enough_stock",
        place=location.code,
        free=_plain(free),
        unit=part.unit,
        number=part.number,
        condition=key[1].value,
        wanted=_plain(wanted),
    )


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize():f}"


def _place_serial(session: Session, move: Move, row: StockMove) -> None:
    assert move.serial_number
    place = session.scalar(
        select(SerialPlace)
        .where(SerialPlace.part_id == move.part.id, SerialPlace.serial_number == move.serial_number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if place is None:
        if move.origin.kind in REAL_LOCATIONS:
            raise _elsewhere(move)
        place = SerialPlace(part_id=move.part.id, serial_number=move.serial_number)
        session.add(place)
    elif not _is_where_said(session, move, place):
        raise _elsewhere(move)
    place.location_id, place.condition, place.move_id = move.target.id, move.to_condition, row.id
    session.flush()


def _is_where_said(session: Session, move: Move, place: SerialPlace) -> bool:
    if move.origin.kind in REAL_LOCATIONS:
        return place.location_id == move.origin.id and place.condition == move.condition
    now = session.get_one(Location, place.location_id)
    return rules.may_enter(now.kind, move.origin.kind, is_own_place=now.organization_id == move.target.organization_id)


def _elsewhere(move: Move) -> Conflict:
    message = N_("Unit %(serial)s of part %(number)s is not at %(place)s: a serial number is in one place only")
    place = move.origin.code.lstrip("~")
    return Conflict(message, code="serial_elsewhere", serial=move.serial_number, number=move.part.number, place=place)
