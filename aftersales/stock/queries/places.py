"""An organisation's places and what they hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import Balance, Location, Part, SerialPlace, User
from aftersales.stock.queries.scope import narrowed
from aftersales.vocabulary import REAL_LOCATIONS, Condition, LocationKind


@dataclass(frozen=True, slots=True)
class LocationView:
    """A place, the place it is in and who keeps it."""

    location: Location
    parent: str | None
    keeper: str | None

    @property
    def version(self) -> int:
        """The version of the row."""
        return self.location.version


@dataclass(frozen=True, slots=True)
class BalanceView:
    """What a place holds of a part in one condition."""

    id: int
    part_id: int
    number: str
    name: str
    unit: str
    condition: Condition
    location_id: int
    location: str
    location_name: str
    on_hand: Decimal
    reserved: Decimal

    @property
    def free(self) -> Decimal:
        """What is on hand and not set aside."""
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class Available:
    """What an organisation has of a part that can be used, over all its places."""

    on_hand: Decimal
    reserved: Decimal

    @property
    def free(self) -> Decimal:
        """What is on hand and not set aside."""
        return self.on_hand - self.reserved


def locations(
    session: Session,
    actor: Actor,
    *,
    kinds: Sequence[LocationKind] = tuple(sorted(REAL_LOCATIONS)),
    with_ended: bool = False,
    after: int | None = None,
    limit: int = 200,
) -> list[LocationView]:
    """Return the actor's organisation's places, by id."""
    require(actor, Permission.STOCK_READ)
    query = _locations(actor).where(Location.kind.in_(kinds)).order_by(Location.id).limit(limit)
    if not with_ended:
        query = query.where(Location.ended_at.is_(None))
    if after is not None:
        query = query.where(Location.id > after)
    return [LocationView(*row) for row in session.execute(query)]


def location(session: Session, actor: Actor, location_id: int) -> LocationView:
    """Return one real place.

    :raises NotFound: when it is none of the actor's organisation.
    """
    require(actor, Permission.STOCK_READ)
    mine = visibility.owns(actor, Location.organization_id)
    visibility.get(session, Location, location_id, mine, Location.kind.in_(REAL_LOCATIONS))
    return LocationView(*session.execute(_locations(actor).where(Location.id == location_id)).one())


def balances(
    session: Session,
    actor: Actor,
    *,
    part_id: int | None = None,
    location_id: int | None = None,
    text: str = "",
    with_empty: bool = False,
    after: int | None = None,
    limit: int = 100,
) -> list[BalanceView]:
    """Return what the actor's organisation has, by part number.

    :param after: the id of the last balance of the page before.
    """
    require(actor, Permission.STOCK_READ)
    query = _balances(actor).order_by(Part.number, Balance.id).limit(limit)
    for condition in narrowed(Balance.part_id, part_id, Balance.location_id, location_id):
        query = query.where(condition)
    for word in text.split():
        query = query.where(
            or_(Part.number.icontains(word, autoescape=True), Part.name.icontains(word, autoescape=True))
        )
    if not with_empty:
        query = query.where(Balance.on_hand > 0)
    if after is not None:
        last = select(Part.number).join(Balance).where(Balance.id == after).scalar_subquery()
        query = query.where(or_(Part.number > last, and_(Part.number == last, Balance.id > after)))
    return [BalanceView(*row) for row in session.execute(query)]


def balance(session: Session, part_id: int, condition: Condition, location_id: int) -> Available:
    """Return what one place holds of a part; for other rooms, which have loaded the place through visibility."""
    query = select(Balance.on_hand, Balance.reserved).where(
        Balance.part_id == part_id, Balance.condition == condition, Balance.location_id == location_id
    )
    row = session.execute(query).one_or_none()
    return Available(row.on_hand, row.reserved) if row else Available(Decimal(0), Decimal(0))


def available(session: Session, actor: Actor, part_ids: Sequence[int]) -> dict[int, Available]:
    """Return what the actor's organisation has of each part: new or second category, quarantine left out."""
    require(actor, Permission.STOCK_READ)
    query = (
        select(Balance.part_id, func.sum(Balance.on_hand), func.sum(Balance.reserved))
        .join(Location, Location.id == Balance.location_id)
        .where(visibility.owns(actor, Location.organization_id), Location.kind != LocationKind.QUARANTINE)
        .where(Balance.condition.in_((Condition.NEW, Condition.SECOND_CATEGORY)), Balance.part_id.in_(part_ids))
        .group_by(Balance.part_id)
    )
    found = {part_id: Available(on_hand, reserved) for part_id, on_hand, reserved in session.execute(query)}
    return {part_id: found.get(part_id, Available(Decimal(0), Decimal(0))) for part_id in part_ids}


def serial_place(session: Session, actor: Actor, part_id: int, serial_number: str) -> SerialPlace | None:
    """Return where a unit is, when it is at a place of the actor's organisation (a virtual one counts)."""
    require(actor, Permission.STOCK_READ)
    ours = select(Location.id).where(visibility.owns(actor, Location.organization_id))
    query = select(SerialPlace).where(
        SerialPlace.part_id == part_id, SerialPlace.serial_number == serial_number, SerialPlace.location_id.in_(ours)
    )
    return session.scalar(query)


def serials(
    session: Session, actor: Actor, *, part_id: int | None = None, location_id: int | None = None, limit: int = 200
) -> list[SerialPlace]:
    """Return the units with serial numbers in the real places of the actor's organisation."""
    require(actor, Permission.STOCK_READ)
    ours = select(Location.id).where(
        visibility.owns(actor, Location.organization_id), Location.kind.in_(REAL_LOCATIONS)
    )
    query = select(SerialPlace).where(SerialPlace.location_id.in_(ours))
    for condition in narrowed(SerialPlace.part_id, part_id, SerialPlace.location_id, location_id):
        query = query.where(condition)
    return list(session.scalars(query.order_by(SerialPlace.part_id, SerialPlace.serial_number).limit(limit)))


def _locations(actor: Actor) -> Select[Location, str | None, str | None]:
    parent, keeper = aliased(Location), aliased(User)
    return (
        select(Location, parent.code, keeper.full_name)
        .outerjoin(parent, parent.id == Location.parent_id)
        .outerjoin(keeper, keeper.id == Location.keeper_id)
        .where(visibility.owns(actor, Location.organization_id))
    )


def _balances(actor: Actor) -> Select[int, int, str, str, str, Condition, int, str, str, Decimal, Decimal]:
    return (
        select(
            Balance.id,
            Part.id,
            Part.number,
            Part.name,
            Part.unit,
            Balance.condition,
            Location.id,
            Location.code,
            Location.name,
            Balance.on_hand,
            Balance.reserved,
        )
        .join(Part, Part.id == Balance.part_id)
        .join(Location, Location.id == Balance.location_id)
        .where(visibility.owns(actor, Location.organization_id))
    )
