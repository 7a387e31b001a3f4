"""The ledger of moves as its organisation reads it."""

from dataclasses import dataclass

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import Location, Part, StockMove, User, WorkOrder
from aftersales.vocabulary import LocationKind


@dataclass(frozen=True, slots=True)
class MoveView:
    """A move with the names a reader needs."""

    move: StockMove
    number: str
    name: str
    unit: str
    origin: str
    origin_kind: LocationKind
    target: str
    target_kind: LocationKind
    order: str | None
    actor: str | None


def moves(
    session: Session,
    actor: Actor,
    *,
    part_id: int | None = None,
    location_id: int | None = None,
    work_order_id: int | None = None,
    serial_number: str | None = None,
    after: int | None = None,
    limit: int = 50,
) -> list[MoveView]:
    """Return the ledger of the actor's organisation, newest first; ``after`` is the last id of the page before."""
    require(actor, Permission.STOCK_READ)
    query = _moves(actor).order_by(StockMove.id.desc()).limit(limit)
    if part_id is not None:
        query = query.where(StockMove.part_id == part_id)
    if location_id is not None:
        query = query.where(or_(StockMove.from_location_id == location_id, StockMove.to_location_id == location_id))
    if work_order_id is not None:
        query = query.where(StockMove.work_order_id == work_order_id)
    if serial_number is not None:
        query = query.where(StockMove.serial_number == serial_number)
    if after is not None:
        query = query.where(StockMove.id < after)
    return [MoveView(*row) for row in session.execute(query)]


def move(session: Session, actor: Actor, move_id: int) -> MoveView:
    """Return one move.

    :raises NotFound: when it is none of the actor's organisation.
    """
    require(actor, Permission.STOCK_READ)
    visibility.get(session, StockMove, move_id, visibility.owns(actor, StockMove.organization_id))
    return MoveView(*session.execute(_moves(actor).where(StockMove.id == move_id)).one())


def _moves(
    actor: Actor,
) -> Select[StockMove, str, str, str, str, LocationKind, str, LocationKind, str | None, str | None]:
    origin, target = aliased(Location), aliased(Location)
    return (
        select(
            StockMove,
            Part.number,
            Part.name,
            Part.unit,
            origin.code,
            origin.kind,
            target.code,
            target.kind,
            WorkOrder.number,
            User.full_name,
        )
        .join(Part, Part.id == StockMove.part_id)
        .join(origin, origin.id == StockMove.from_location_id)
        .join(target, target.id == StockMove.to_location_id)
        .outerjoin(WorkOrder, WorkOrder.id == StockMove.work_order_id)
        .outerjoin(User, User.id == StockMove.actor_id)
        .where(visibility.owns(actor, StockMove.organization_id))
    )
