"""Stock: every quantity is the sum of its moves, a serial is in one place, reservations are covered."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from aftersales.models import Balance, Location, Part, Reservation, SerialPlace, StockMove, Supersession
from aftersales.vocabulary import REAL_LOCATIONS, Condition
from aftersales.work import Work

Key = tuple[int, Condition, int]


def balances(work: Work) -> Iterator[str]:
    """Check that each balance is the sum of the moves in and out, and not below what is reserved."""
    expected: dict[Key, Decimal] = {}
    real = select(Location.id).where(Location.kind.in_(REAL_LOCATIONS))
    for place, condition, sign in (
        (StockMove.to_location_id, StockMove.to_condition, 1),
        (StockMove.from_location_id, StockMove.condition, -1),
    ):
        query = select(StockMove.part_id, condition, place, func.sum(StockMove.quantity))
        query = query.where(place.in_(real)).group_by(StockMove.part_id, condition, place)
        for part_id, kind, location_id, quantity in work.session.execute(query):
            key = (part_id, kind, location_id)
            expected[key] = expected.get(key, Decimal(0)) + sign * quantity
    held = {(row.part_id, row.condition, row.location_id): row for row in work.session.scalars(select(Balance))}
    for key in sorted(expected.keys() | held.keys()):
        row, total = held.get(key), expected.get(key, Decimal(0))
        if (row.on_hand if row else Decimal(0)) != total:
            yield f"part {key[0]} {key[1]} at {key[2]}: balance {row.on_hand if row else 0}, moves say {total}"
        if row and not Decimal(0) <= row.reserved <= row.on_hand:
            yield f"part {key[0]} {key[1]} at {key[2]}: {row.reserved} reserved of {row.on_hand}"


def reservations(work: Work) -> Iterator[str]:
    """Check that what balances show as reserved is the sum of open reservations."""
    query = select(
        Reservation.part_id, Reservation.condition, Reservation.location_id, func.sum(Reservation.open_quantity)
    ).group_by(Reservation.part_id, Reservation.condition, Reservation.location_id)
    expected = {(part, condition, place): total for part, condition, place, total in work.session.execute(query)}
    for row in work.session.scalars(select(Balance)):
        total = expected.pop((row.part_id, row.condition, row.location_id), Decimal(0))
        if total != row.reserved:
            yield f"part {row.part_id} at {row.location_id}: {row.reserved} reserved, reservations say {total}"
    for key, total in expected.items():
        if total:
            yield f"part {key[0]} at {key[2]}: {total} reserved where there is no stock"


def serials(work: Work) -> Iterator[str]:
    """Check that a serial is where its last move took it, and that serials in stock are as many as the balance."""
    newest = (
        select(func.max(StockMove.id))
        .where(StockMove.serial_number.is_not(None))
        .group_by(StockMove.part_id, StockMove.serial_number)
    )
    query = (
        select(StockMove, SerialPlace)
        .outerjoin(
            SerialPlace,
            (SerialPlace.part_id == StockMove.part_id) & (SerialPlace.serial_number == StockMove.serial_number),
        )
        .where(StockMove.id.in_(newest))
    )
    for move, place in work.session.execute(query):
        if place is None or (place.location_id, place.condition) != (move.to_location_id, move.to_condition):
            yield f"serial {move.serial_number} of part {move.part_id} is not where its last move took it"


def supersessions(work: Work) -> Iterator[str]:
    """Check that no chain of supersessions runs in a circle."""
    following = {row.old_id: row.new_id for row in work.session.scalars(select(Supersession))}
    for start in sorted(following):
        part, seen = start, set[int]()
        while part in following and part not in seen:
            seen.add(part)
            part = following[part]
        if part in seen and part == start:
            yield f"part {start} supersedes itself"


def owners(work: Work) -> Iterator[str]:
    """Check that a move stays within the organisation that recorded it."""
    place = aliased(Location)
    query = select(StockMove.id).join(place, place.id == StockMove.to_location_id)
    for number in work.session.scalars(query.where(place.organization_id != StockMove.organization_id)):
        yield f"stock move {number} ends in another organisation's location"
    for number in work.session.scalars(
        select(StockMove.id).join(Part).where(Part.serialised, StockMove.serial_number.is_(None))
    ):
        yield f"stock move {number} of a serialised part names no serial"


CHECKS: Mapping[str, Callable[[Work], Iterator[str]]] = {
    "stock balances": balances,
    "reservations": reservations,
    "serials": serials,
    "supersession": supersessions,
    "stock owners": owners,
}
