"""What waits: stock set aside, and counts to be decided."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import Location, Part, Reservation, StockCount, User, WorkOrder
from aftersales.stock.queries.scope import mine, narrowed


@dataclass(frozen=True, slots=True)
class ReservationView:
    """A reservation with the names a reader needs."""

    reservation: Reservation
    number: str
    name: str
    unit: str
    location: str
    order: str | None

    @property
    def version(self) -> int:
        """The version of the row."""
        return self.reservation.version


@dataclass(frozen=True, slots=True)
class CountView:
    """A count with the names a reader needs."""

    count: StockCount
    number: str
    name: str
    unit: str
    location: str
    counted_by: str | None

    @property
    def difference(self) -> Decimal:
        """What was counted more (or, below zero, less) than the books said."""
        return self.count.counted - self.count.expected

    @property
    def version(self) -> int:
        """The version of the row."""
        return self.count.version


def reservations(
    session: Session,
    actor: Actor,
    *,
    part_id: int | None = None,
    location_id: int | None = None,
    work_order_id: int | None = None,
    open_only: bool = True,
    after: int | None = None,
    limit: int = 100,
) -> list[ReservationView]:
    """Return what is set aside, newest first."""
    require(actor, Permission.STOCK_READ)
    query = _reservations(actor).order_by(Reservation.id.desc()).limit(limit)
    for condition in narrowed(Reservation.part_id, part_id, Reservation.location_id, location_id):
        query = query.where(condition)
    if work_order_id is not None:
        query = query.where(Reservation.work_order_id == work_order_id)
    if open_only:
        query = query.where(Reservation.closed_at.is_(None))
    if after is not None:
        query = query.where(Reservation.id < after)
    return [ReservationView(*row) for row in session.execute(query)]


def reservation(session: Session, actor: Actor, reservation_id: int) -> ReservationView:
    """Return one reservation.

    :raises NotFound: when it is none of the actor's organisation.
    """
    require(actor, Permission.STOCK_READ)
    visibility.get(session, Reservation, reservation_id, Reservation.location_id.in_(mine(actor)))
    return ReservationView(*session.execute(_reservations(actor).where(Reservation.id == reservation_id)).one())


def counts(
    session: Session,
    actor: Actor,
    *,
    state: str | None = None,
    location_id: int | None = None,
    after: int | None = None,
    limit: int = 100,
) -> list[CountView]:
    """Return counts, newest first; state is counted (waiting), approved or rejected."""
    require(actor, Permission.STOCK_READ)
    query = _counts(actor).order_by(StockCount.id.desc()).limit(limit)
    if state is not None:
        query = query.where(StockCount.state == state)
    if location_id is not None:
        query = query.where(StockCount.location_id == location_id)
    if after is not None:
        query = query.where(StockCount.id < after)
    return [CountView(*row) for row in session.execute(query)]


def count(session: Session, actor: Actor, count_id: int) -> CountView:
    """Return one count.

    :raises NotFound: when it is none of the actor's organisation.
    """
    require(actor, Permission.STOCK_READ)
    visibility.get(session, StockCount, count_id, StockCount.location_id.in_(mine(actor)))
    return CountView(*session.execute(_counts(actor).where(StockCount.id == count_id)).one())


def _reservations(actor: Actor) -> Select[Reservation, str, str, str, str, str | None]:
    return (
        select(Reservation, Part.number, Part.name, Part.unit, Location.code, WorkOrder.number)
        .join(Part, Part.id == Reservation.part_id)
        .join(Location, Location.id == Reservation.location_id)
        .outerjoin(WorkOrder, WorkOrder.id == Reservation.work_order_id)
        .where(visibility.owns(actor, Location.organization_id))
    )


def _counts(actor: Actor) -> Select[StockCount, str, str, str, str, str | None]:
    return (
        select(StockCount, Part.number, Part.name, Part.unit, Location.code, User.full_name)
        .join(Part, Part.id == StockCount.part_id)
        .join(Location, Location.id == StockCount.location_id)
        .outerjoin(User, User.id == StockCount.counted_by_id)
        .where(visibility.owns(actor, Location.organization_id))
    )
