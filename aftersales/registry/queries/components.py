"""Components: where they are and were, and the life each has used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import Alternate, Component, Installation, Machine, MachineParty, Part, Position, Supersession
from aftersales.registry.queries.cursor import number_after
from aftersales.registry.rules.component_life import LimitedLife, Stay, age_days, own_life, running
from aftersales.registry.rules.occupancy import Occupied
from aftersales.usage.queries import life_at
from aftersales.vocabulary import LifeUnit, MeterKind

LONGEST_CHAIN = 50


def sees_stay(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on :class:`Installation` that it fell, in part, into the actor's time with the machine.

    The present owner, operator and manufacturer see every stay.
    """
    if actor.is_system:
        return true()
    party = aliased(MachineParty)
    overlaps = and_(
        or_(Installation.valid_to.is_(None), party.valid_from < Installation.valid_to),
        or_(party.valid_to.is_(None), Installation.valid_from < party.valid_to),
    )
    close = and_(party.valid_to.is_(None), party.role.in_(visibility.HISTORY_ROLES))
    mine = and_(party.machine_id == Installation.machine_id, party.organization_id == actor.organization_id)
    return exists().where(mine, or_(overlaps, close)).correlate_except(party)


def sees_component(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on :class:`Component` that the actor recorded it or saw it in a machine of its time."""
    if actor.is_system:
        return true()
    return or_(
        Component.organization_id == actor.organization_id,
        exists().where(Installation.component_id == Component.id, sees_stay(actor)),
    )


def holds_component(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on a component that the actor recorded it or is now a party of a machine it was in."""
    if actor.is_system:
        return true()
    held = visibility.holds_machine(actor, Installation.machine_id)
    return or_(
        Component.organization_id == actor.organization_id,
        exists().where(Installation.component_id == Component.id, held),
    )


def seen_until(session: Session, actor: Actor, machine_id: int, at: datetime) -> datetime:
    """Return the last moment up to ``at`` that the actor's organisation was a party of a machine."""
    if visibility.roles_in(session, actor, machine_id):
        return at
    ends = session.scalar(
        select(func.max(MachineParty.valid_to)).where(
            MachineParty.machine_id == machine_id, MachineParty.organization_id == actor.organization_id
        )
    )
    return min(at, ends) if ends else at


def fits(session: Session, wanted: int | None, offered: int) -> bool:
    """Tell whether a part may go where another is wanted: the same, its alternate, or one that superseded it.

    An empty place takes any part; a supersession both ways also lets the old part stand in for the new.
    """
    if wanted is None or wanted == offered:
        return True
    if session.get(Alternate, (wanted, offered)) is not None:
        return True
    reached, frontier = {wanted}, {wanted}
    for _ in range(LONGEST_CHAIN):
        forward = select(Supersession.new_id).where(Supersession.old_id.in_(frontier))
        back = select(Supersession.old_id).where(Supersession.new_id.in_(frontier), Supersession.both_ways)
        frontier = (set(session.scalars(forward)) | set(session.scalars(back))) - reached
        if not frontier or offered in frontier:
            return offered in frontier
        reached |= frontier
    return False


def occupied_slot(session: Session, machine_id: int, position_id: int, slot: int) -> list[Occupied]:
    """Return every stay in a slot of a machine, for the rules."""
    rows = session.execute(
        select(Installation.valid_from, Installation.valid_to, Component.serial_number)
        .join(Component, Component.id == Installation.component_id)
        .where(
            Installation.machine_id == machine_id, Installation.position_id == position_id, Installation.slot == slot
        )
    )
    return [Occupied(start, end, serial) for start, end, serial in rows]


def stays_elsewhere(session: Session, actor: Actor, component_id: int) -> list[Occupied]:
    """Return every stay of a component, for the rules; a machine the actor does not see is not named."""
    rows = session.execute(
        select(
            Installation.valid_from,
            Installation.valid_to,
            Machine.serial_number,
            visibility.sees_machine(actor, Machine.id),
        )
        .join(Machine, Machine.id == Installation.machine_id)
        .where(Installation.component_id == component_id)
    )
    return [Occupied(start, end, serial if seen else "…") for start, end, serial, seen in rows]


@dataclass(frozen=True, slots=True)
class ComponentLife:
    """A component's own life at a moment: hours, cycles, and days since it was made or first installed."""

    at: datetime
    hours: Decimal
    cycles: Decimal
    days: int

    def in_unit(self, unit: LifeUnit) -> Decimal:
        """Return the life in a unit."""
        return {LifeUnit.HOURS: self.hours, LifeUnit.CYCLES: self.cycles, LifeUnit.DAYS: Decimal(self.days)}[unit]


@dataclass(frozen=True, slots=True)
class InstalledComponent:
    """A component in its place at a moment, with its own life and, where the position has one, its limit."""

    installation: Installation
    component: Component
    part: Part
    position: Position
    life: ComponentLife
    limit: LimitedLife | None

    @property
    def place(self) -> str:
        """The position's code, with the slot where it holds several."""
        return self.position.code if self.position.quantity == 1 else f"{self.position.code}/{self.installation.slot}"


def components(session: Session, actor: Actor, machine_id: int, at: datetime) -> list[InstalledComponent]:
    """Return what is installed in a machine at a moment, with lives, in the order of the positions.

    A past party gets it as of the end of its time at the latest.

    :raises NotFound: the actor does not see the machine.
    """
    require(actor, Permission.REGISTRY_READ)
    machine = visibility.machine(session, actor, machine_id)
    at = seen_until(session, actor, machine.id, at)
    rows = session.execute(
        select(Installation, Component, Part, Position)
        .join(Component, Component.id == Installation.component_id)
        .join(Part, Part.id == Component.part_id)
        .join(Position, Position.id == Installation.position_id)
        .where(
            Installation.machine_id == machine.id,
            Installation.valid_from <= at,
            or_(Installation.valid_to.is_(None), Installation.valid_to > at),
            sees_stay(actor),
        )
        .order_by(Position.code, Installation.slot)
    ).all()
    stays = stays_of(session, [component.id for _, component, _, _ in rows])
    machine_lives = {kind: life_at(session, machine.id, kind, at) for kind in (MeterKind.HOURS, MeterKind.CYCLES)}
    return [
        _installed(installation, component, part, position, stays[component.id], machine_lives, at)
        for installation, component, part, position in rows
    ]


def _installed(
    installation: Installation,
    component: Component,
    part: Part,
    position: Position,
    stays: Sequence[Installation],
    machine_lives: Mapping[MeterKind, Decimal | None],
    at: datetime,
) -> InstalledComponent:
    life = _life(component, stays, at, machine_lives)
    limit = None
    if position.life_limit is not None and position.life_unit is not None:
        limit = LimitedLife(position.life_unit, position.life_limit, life.in_unit(position.life_unit))
    return InstalledComponent(installation, component, part, position, life, limit)


def stays_of(session: Session, component_ids: Sequence[int]) -> dict[int, list[Installation]]:
    """Return the stays of components, oldest first, in one query."""
    found: dict[int, list[Installation]] = {identity: [] for identity in component_ids}
    if not found:
        return found
    for stay in session.scalars(
        select(Installation).where(Installation.component_id.in_(found)).order_by(Installation.valid_from)
    ):
        found[stay.component_id].append(stay)
    return found


def component_life(session: Session, component: Component, at: datetime) -> ComponentLife:
    """Return a component's own life at a moment, wherever it is then; the caller has checked that the actor sees it."""
    stays = stays_of(session, [component.id])[component.id]
    here = next((s for s in stays if s.valid_from <= at and (s.valid_to is None or at < s.valid_to)), None)
    lives = {
        kind: life_at(session, here.machine_id, kind, at) if here else None
        for kind in (MeterKind.HOURS, MeterKind.CYCLES)
    }
    return _life(component, stays, at, lives)


def _life(
    component: Component, stays: Sequence[Installation], at: datetime, machine_lives: Mapping[MeterKind, Decimal | None]
) -> ComponentLife:
    hours = [Stay(s.valid_from, s.valid_to, s.meter_in, s.meter_out) for s in stays]
    cycles = [Stay(s.valid_from, s.valid_to, s.cycles_in, s.cycles_out) for s in stays]
    inside = running(hours, at) is not None
    return ComponentLife(
        at=at,
        hours=own_life(component.hours_brought, hours, at, machine_lives[MeterKind.HOURS] if inside else None),
        cycles=own_life(component.cycles_brought, cycles, at, machine_lives[MeterKind.CYCLES] if inside else None),
        days=age_days(component.produced_on, hours, at.date()),
    )


@dataclass(frozen=True, slots=True)
class StayLine:
    """A stay of a component, with what the actor may know of the machine."""

    installation: Installation
    position: Position
    machine: Machine
    component: Component
    part: Part


def component(session: Session, actor: Actor, component_id: int, *, lock: bool = False) -> Component:
    """Return a component the actor sees.

    :raises NotFound: otherwise.
    """
    require(actor, Permission.REGISTRY_READ)
    return visibility.get(session, Component, component_id, sees_component(actor), lock=lock)


@dataclass(frozen=True, slots=True)
class ComponentCard:
    """A component with its part and, when asked for, its own life."""

    component: Component
    part: Part
    life: ComponentLife | None = None


def component_card(session: Session, actor: Actor, component_id: int, at: datetime) -> ComponentCard:
    """Return a component with its own life at a moment; for a former party as of the end of its time.

    :raises NotFound: the actor does not see it.
    """
    row = component(session, actor, component_id)
    where = select(Installation.machine_id).where(Installation.component_id == row.id, Installation.valid_from <= at)
    last = session.scalar(where.order_by(Installation.valid_from.desc()).limit(1))
    owner = actor.is_system or row.organization_id == actor.organization_id
    moment = at if last is None or owner else seen_until(session, actor, last, at)
    return ComponentCard(row, session.get_one(Part, row.part_id), component_life(session, row, moment))


def component_history(session: Session, actor: Actor, component_id: int) -> list[StayLine]:
    """Return where a component was, oldest first, as far as the actor sees the machines in their time."""
    require(actor, Permission.REGISTRY_READ)
    return _stays(session, actor, Installation.component_id == component_id)


def machine_history(session: Session, actor: Actor, machine_id: int) -> list[StayLine]:
    """Return every stay in a machine that the actor sees, oldest first."""
    require(actor, Permission.REGISTRY_READ)
    return _stays(session, actor, Installation.machine_id == machine_id)


def _stays(session: Session, actor: Actor, condition: ColumnElement[bool]) -> list[StayLine]:
    rows = session.execute(
        select(Installation, Position, Machine, Component, Part)
        .join(Position, Position.id == Installation.position_id)
        .join(Machine, Machine.id == Installation.machine_id)
        .join(Component, Component.id == Installation.component_id)
        .join(Part, Part.id == Component.part_id)
        .where(condition, sees_stay(actor))
        .order_by(Installation.valid_from, Installation.id)
    )
    return [StayLine(*row) for row in rows]


def list_components(
    session: Session,
    actor: Actor,
    *,
    search: str = "",
    machine_id: int | None = None,
    after: object = None,
    limit: int = 50,
) -> list[tuple[Component, Part]]:
    """Return components the actor sees by id, of a serial number or part number that begins with ``search``."""
    require(actor, Permission.REGISTRY_READ)
    query = select(Component, Part).join(Part, Part.id == Component.part_id).where(sees_component(actor))
    if search:
        query = query.where(
            or_(
                Component.serial_number.startswith(search, autoescape=True),
                Part.number.startswith(search, autoescape=True),
            )
        )
    if machine_id is not None:
        query = query.where(
            exists().where(
                and_(
                    Installation.component_id == Component.id,
                    Installation.machine_id == machine_id,
                    Installation.valid_to.is_(None),
                )
            )
        )
    if after is not None:
        query = query.where(Component.id > number_after(after))
    return [(row[0], row[1]) for row in session.execute(query.order_by(Component.id).limit(limit))]
