"""Parties of machines, and which organisations an actor deals with."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session, aliased

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import MachineParty, Organization, Part, Site
from aftersales.vocabulary import PartyRole


@dataclass(frozen=True, slots=True)
class PartyLine:
    """A party with its organisation; ``current`` while it lasts."""

    party: MachineParty
    organization: Organization

    @property
    def current(self) -> bool:
        """Whether it lasts."""
        return self.party.valid_to is None


def knows_organization(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on :class:`Organization` that the actor deals with it.

    It does with its own, with the other present parties of machines whose party it is now, and with the suppliers of
    its parts.
    """
    if actor.is_system:
        return true()
    mine, theirs = aliased(MachineParty), aliased(MachineParty)
    return or_(
        Organization.id == actor.organization_id,
        Organization.id.in_(
            select(theirs.organization_id)
            .join(mine, mine.machine_id == theirs.machine_id)
            .where(mine.organization_id == actor.organization_id, mine.valid_to.is_(None), theirs.valid_to.is_(None))
        ),
        Organization.id.in_(select(Part.supplier_id).where(Part.organization_id == actor.organization_id)),
    )


def organizations(session: Session, actor: Actor) -> list[Organization]:
    """Return the organisations the actor deals with, by name."""
    require(actor, Permission.REGISTRY_READ)
    query = select(Organization).where(knows_organization(actor), Organization.ended_at.is_(None))
    return list(session.scalars(query.order_by(Organization.name).limit(500)))


def parties(session: Session, actor: Actor, machine_id: int) -> list[PartyLine]:
    """Return a machine's parties, present ones first, as far as the actor sees them.

    A present owner, operator or manufacturer sees all; others see the present parties while they are one, and those
    whose time overlapped their own.

    :raises NotFound: the actor does not see the machine.
    """
    require(actor, Permission.REGISTRY_READ)
    machine = visibility.machine(session, actor, machine_id)
    query = (
        select(MachineParty, Organization)
        .join(Organization, Organization.id == MachineParty.organization_id)
        .where(MachineParty.machine_id == machine.id)
        .order_by(MachineParty.valid_to.is_not(None), MachineParty.valid_from.desc(), MachineParty.id)
    )
    roles = visibility.roles_in(session, actor, machine.id)
    if not roles & frozenset(visibility.HISTORY_ROLES):
        mine = aliased(MachineParty)
        query = query.where(
            select(mine.id)
            .where(
                mine.machine_id == machine.id,
                mine.organization_id == actor.organization_id,
                or_(mine.valid_to.is_(None), MachineParty.valid_from < mine.valid_to),
                or_(MachineParty.valid_to.is_(None), mine.valid_from < MachineParty.valid_to),
            )
            .exists()
        )
    return [PartyLine(party, organization) for party, organization in session.execute(query)]


def sites_for(session: Session, machine_id: int) -> list[tuple[Site, Organization]]:
    """Return the sites a machine can stand at: those of its present owner, operator and manufacturer.

    The caller has checked that the actor sees the machine.
    """
    roles = (PartyRole.OWNER, PartyRole.OPERATOR, PartyRole.MANUFACTURER)
    holders = select(MachineParty.organization_id).where(
        MachineParty.machine_id == machine_id, MachineParty.valid_to.is_(None), MachineParty.role.in_(roles)
    )
    rows = session.execute(
        select(Site, Organization)
        .join(Organization, Organization.id == Site.organization_id)
        .where(Site.organization_id.in_(holders), Site.ended_at.is_(None))
        .order_by(Organization.name, Site.name)
    )
    return [(row[0], row[1]) for row in rows]
