"""Which rows an organisation's user sees. The one place that says so; every query goes through it.

A party of a machine sees what is dated in its period; the current owner, operator and manufacturer also see the
machine's earlier technical history. Foreign and missing rows are not told apart: both are :class:`NotFound`.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from aftersales.access import Actor
from aftersales.db import Base
from aftersales.errors import NotFound
from aftersales.models import (
    Component,
    Installation,
    Machine,
    MachineParty,
    Part,
    Position,
    Programme,
    ProgrammeTask,
    SupplyOrder,
    TaskKitLine,
)
from aftersales.translate import N_
from aftersales.vocabulary import PartyRole

Row = TypeVar("Row", bound=Base)
IdColumn = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
HISTORY_ROLES = (PartyRole.OWNER, PartyRole.OPERATOR, PartyRole.MANUFACTURER)


def _party(actor: Actor, machine_id: ColumnElement[Any] | IdColumn) -> tuple[Any, ColumnElement[bool]]:
    party = aliased(MachineParty)
    return party, and_(party.machine_id == machine_id, party.organization_id == actor.organization_id)


def _is_there(party: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return that such a party exists for the row asked about, however deep within a query the condition stands.

    Without this only the next query outwards would be meant, and one within another would ask about any row at all.
    """
    return exists().where(*conditions).correlate_except(party)


def sees_machine(actor: Actor, machine_id: IdColumn) -> ColumnElement[bool]:
    """Return the condition that the actor's organisation is or was a party of the machine."""
    if actor.is_system:
        return true()
    if actor.organization_id is None:
        return false()
    party, mine = _party(actor, machine_id)
    return _is_there(party, mine)


def holds_machine(actor: Actor, machine_id: IdColumn) -> ColumnElement[bool]:
    """Return the condition that the actor's organisation is a party of the machine now; changes need it."""
    if actor.is_system:
        return true()
    if actor.organization_id is None:
        return false()
    party, mine = _party(actor, machine_id)
    return _is_there(party, mine, party.valid_to.is_(None))


def sees_dated(actor: Actor, machine_id: IdColumn, at: InstrumentedAttribute[datetime]) -> ColumnElement[bool]:
    """Return the condition that the actor sees a row of a machine's history dated ``at``."""
    if actor.is_system:
        return true()
    if actor.organization_id is None:
        return false()
    party, mine = _party(actor, machine_id)
    during = and_(party.valid_from <= at, or_(party.valid_to.is_(None), at < party.valid_to))
    now_close = and_(party.valid_to.is_(None), party.role.in_(HISTORY_ROLES))
    return _is_there(party, mine, or_(during, now_close))


def sees_since(actor: Actor, machine_id: IdColumn, start: datetime) -> ColumnElement[bool]:
    """Return the condition that the actor sees all of a machine's history from ``start`` until now."""
    if actor.is_system:
        return true()
    if actor.organization_id is None:
        return false()
    party, mine = _party(actor, machine_id)
    whole = or_(party.valid_from <= start, party.role.in_(HISTORY_ROLES))
    return _is_there(party, mine, party.valid_to.is_(None), whole)


def was_party(actor: Actor, machine_id: IdColumn, at: InstrumentedAttribute[datetime]) -> ColumnElement[bool]:
    """Return the condition that the actor's organisation was a party of the machine at ``at``.

    Narrower than :func:`sees_dated`: for what names people or prices, which an earlier owner's successor does not see.
    """
    if actor.is_system:
        return true()
    if actor.organization_id is None:
        return false()
    party, mine = _party(actor, machine_id)
    return _is_there(party, mine, party.valid_from <= at, or_(party.valid_to.is_(None), at < party.valid_to))


def owns(actor: Actor, organization_id: IdColumn) -> ColumnElement[bool]:
    """Return the condition that a row belongs to the actor's organisation."""
    return true() if actor.is_system else organization_id == actor.organization_id


def sees_model(actor: Actor, model_id: IdColumn, manufacturer_id: IdColumn) -> ColumnElement[bool]:
    """Return the condition that the actor makes a model or is a party of a machine of it."""
    if actor.is_system:
        return true()
    machine = aliased(Machine)
    party, mine = _party(actor, machine.id)
    return or_(
        manufacturer_id == actor.organization_id,
        exists()
        .where(machine.model_id == model_id, party.machine_id == machine.id, mine)
        .correlate_except(machine, party),
    )


def sees_part(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on :class:`Part` that the actor sees it.

    Its owner and its supplier do. A manufacturer shares its whole catalogue with those who service its machines now;
    every party of a machine sees the parts its model has a position for, its maintenance needs, or that are or were
    installed in it.
    """
    if actor.is_system:
        return true()
    if actor.organization_id is None:
        return false()
    return or_(
        Part.organization_id == actor.organization_id,
        Part.supplier_id == actor.organization_id,
        Part.organization_id.in_(_makers_of_serviced(actor)),
        Part.id.in_(_parts_of_positions(actor)),
        Part.id.in_(_parts_of_installations(actor)),
        Part.id.in_(_parts_of_kits(actor)),
    )


def sees_supply_order(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on :class:`SupplyOrder` that the actor sees it: its owner, and its supplier once sent."""
    if actor.is_system:
        return true()
    if actor.organization_id is None:
        return false()
    return or_(
        SupplyOrder.organization_id == actor.organization_id,
        and_(SupplyOrder.supplier_id == actor.organization_id, SupplyOrder.sent_at.is_not(None)),
    )


def _makers_of_serviced(actor: Actor) -> Select[int]:
    return (
        select(Machine.manufacturer_id)
        .join(MachineParty, MachineParty.machine_id == Machine.id)
        .where(
            MachineParty.organization_id == actor.organization_id,
            MachineParty.role == PartyRole.SERVICE_PARTNER,
            MachineParty.valid_to.is_(None),
        )
    )


def _parts_of_positions(actor: Actor) -> Select[int | None]:
    return (
        select(Position.part_id)
        .join(Machine, Machine.model_id == Position.model_id)
        .join(MachineParty, MachineParty.machine_id == Machine.id)
        .where(MachineParty.organization_id == actor.organization_id, Position.part_id.is_not(None))
    )


def _parts_of_installations(actor: Actor) -> Select[int]:
    return (
        select(Component.part_id)
        .join(Installation, Installation.component_id == Component.id)
        .join(MachineParty, MachineParty.machine_id == Installation.machine_id)
        .where(MachineParty.organization_id == actor.organization_id)
    )


def _parts_of_kits(actor: Actor) -> Select[int]:
    return (
        select(TaskKitLine.part_id)
        .join(ProgrammeTask, ProgrammeTask.id == TaskKitLine.task_id)
        .join(Programme, Programme.id == ProgrammeTask.programme_id)
        .join(Machine, Machine.model_id == Programme.model_id)
        .join(MachineParty, MachineParty.machine_id == Machine.id)
        .where(MachineParty.organization_id == actor.organization_id, Programme.published_at.is_not(None))
    )


def get(session: Session, model: type[Row], identity: int, *conditions: ColumnElement[bool], lock: bool = False) -> Row:
    """Return the row with this primary key when the conditions let the actor see it.

    :param lock: lock the row until the transaction ends (a no-op on SQLite, where writers queue anyway).
    :raises NotFound: otherwise.
    """
    key = model.__mapper__.primary_key[0]
    query = select(model).where(key == identity, *conditions)
    row = session.scalar(query.with_for_update(of=model) if lock else query)
    if row is None:
        raise NotFound(N_("There is no such object, or it does not concern your organisation"))
    return row


def machine(session: Session, actor: Actor, machine_id: int, *, change: bool = False, lock: bool = False) -> Machine:
    """Return a machine the actor sees; with ``change`` only while its organisation is a party now.

    :raises NotFound: otherwise.
    """
    condition = holds_machine(actor, Machine.id) if change else sees_machine(actor, Machine.id)
    return get(session, Machine, machine_id, condition, lock=lock)


def machines(session: Session, actor: Actor, ids: Collection[int]) -> None:
    """Let a change of many machines pass.

    :raises NotFound: when the actor's organisation is no party of one of them now.
    """
    known: set[int] = set()
    wanted = sorted(ids)
    for start in range(0, len(wanted), 500):
        query = select(Machine.id).where(Machine.id.in_(wanted[start : start + 500]), holds_machine(actor, Machine.id))
        known.update(session.scalars(query))
    if known != set(ids):
        raise NotFound(N_("There is no such object, or it does not concern your organisation"))


def roles_in(session: Session, actor: Actor, machine_id: int) -> frozenset[PartyRole]:
    """Return what the actor's organisation is to a machine now."""
    query = select(MachineParty.role).where(
        MachineParty.machine_id == machine_id,
        MachineParty.organization_id == actor.organization_id,
        MachineParty.valid_to.is_(None),
    )
    return frozenset(PartyRole) if actor.is_system else frozenset(session.scalars(query))
