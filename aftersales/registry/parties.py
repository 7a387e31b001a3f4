"""Use-cases of parties: who owns, operates, serves or looks at a machine, from when to when."""

from datetime import datetime

from sqlalchemy import func, select

from aftersales import visibility
from aftersales.access import Permission, expect, require
from aftersales.db import touch
from aftersales.errors import Conflict, Invalid, NotFound, RuleBroken
from aftersales.models import Machine, MachineParty, Organization
from aftersales.registry import entries
from aftersales.registry.lifecycle import move, roles_present
from aftersales.registry.queries.parties import PartyLine, knows_organization
from aftersales.registry.rules import lifecycle
from aftersales.registry.rules import parties as rules
from aftersales.registry.rules.fields import optional_text
from aftersales.translate import N_
from aftersales.vocabulary import MachineState, PartyRole
from aftersales.work import Work

R = PartyRole


def set_party(
    work: Work,
    machine_id: int,
    *,
    role: PartyRole,
    organization_id: int | None = None,
    organization_name: str | None = None,
    at: datetime | None = None,
    expected_version: int | None = None,
) -> MachineParty:
    """Make an organisation a party of a machine; the owner or operator it follows ends at that moment.

    The organisation is one the actor deals with already, or named exactly. The owner of a machine that has one is
    changed by :func:`transfer_ownership`.

    :raises Forbidden: another party decides about this role. :raises NotFound: no such organisation.
    :raises Conflict: it is that party already.
    """
    require(work.actor, Permission.PARTY_MANAGE)
    machine = visibility.machine(work.session, work.actor, machine_id, change=True, lock=True)
    expect(machine.version, expected_version)
    present = roles_present(work, machine.id)
    rules.check_grant(role, visibility.roles_in(work.session, work.actor, machine.id), present)
    if role is R.OWNER and R.OWNER in present:
        raise RuleBroken(N_("This machine has an owner; transfer the ownership instead"), code="has_owner")
    organization = find_organization(work, organization_id, organization_name)
    party = _give(work, machine, role, organization, at or work.now)
    touch(machine)
    work.session.flush()
    return party


def find_organization(work: Work, organization_id: int | None, name: str | None) -> Organization:
    """Return a living organisation by id, when the actor deals with it, or by its exact name.

    :raises NotFound: there is none. :raises Invalid: neither is given.
    """
    if organization_id is None and not (name and name.strip()):
        raise Invalid(N_("Name the organisation"), code="organization_unnamed")
    query = select(Organization).where(Organization.ended_at.is_(None))
    if organization_id is not None:
        query = query.where(Organization.id == organization_id, knows_organization(work.actor))
    else:
        query = query.where(func.lower(Organization.name) == (name or "").strip().lower())
    organization = work.session.scalar(query)
    if organization is None:
        raise NotFound(N_("There is no such organisation; give its exact name"), code="organization_unknown")
    return organization


def _open(work: Work, machine: Machine, role: PartyRole) -> list[MachineParty]:
    query = select(MachineParty).where(
        MachineParty.machine_id == machine.id, MachineParty.role == role, MachineParty.valid_to.is_(None)
    )
    return list(work.session.scalars(query.with_for_update()))


def _give(work: Work, machine: Machine, role: PartyRole, to: Organization, at: datetime) -> MachineParty:
    current = _open(work, machine, role)
    if any(party.organization_id == to.id for party in current):
        raise Conflict(N_("%(name)s is this machine's %(role)s already"), name=to.name, role=role, code="party_exists")
    if role in rules.SINGLE and current:
        rules.check_period(at, current[0].valid_from, work.now)
        current[0].valid_to = at
        work.session.flush()
    rules.check_period(at, None, work.now)
    party = MachineParty(
        machine_id=machine.id, organization_id=to.id, role=role, valid_from=at, granted_by_id=work.actor.user_id
    )
    work.session.add(party)
    work.session.flush()
    return party


def end_party(
    work: Work, machine_id: int, party_id: int, at: datetime | None = None, expected_version: int | None = None
) -> MachineParty:
    """End a party's time: what the owner or operator shared is revoked; a service partner or guest may also leave.

    :raises Forbidden: another party decides about this role. :raises RuleBroken: it has ended, or begins after ``at``.
    """
    require(work.actor, Permission.PARTY_MANAGE)
    machine = visibility.machine(work.session, work.actor, machine_id, change=True, lock=True)
    expect(machine.version, expected_version)
    party = visibility.get(work.session, MachineParty, party_id, MachineParty.machine_id == machine.id, lock=True)
    leaving = party.role in rules.SHARED and party.organization_id == work.actor.organization_id
    if not leaving:
        mine = visibility.roles_in(work.session, work.actor, machine.id)
        rules.check_grant(party.role, mine, roles_present(work, machine.id))
    if party.valid_to is not None:
        raise RuleBroken(N_("This party's time has ended already"), code="party_ended")
    if party.role is R.OWNER:
        raise RuleBroken(N_("Ownership does not just end; transfer it"), code="has_owner")
    moment = at or work.now
    rules.check_period(moment, party.valid_from, work.now)
    party.valid_to = moment
    touch(machine)
    work.session.flush()
    return party


def transfer_ownership(
    work: Work,
    machine_id: int,
    *,
    organization_id: int | None = None,
    organization_name: str | None = None,
    at: datetime | None = None,
    reason: str = "",
    keeps_running: bool = False,
    keep_partners: bool = False,
    expected_version: int | None = None,
) -> MachineParty:
    """Give a machine to a new owner; the old one keeps seeing its own time and nothing after it.

    An old owner that operated the machine hands that over too. What the old owner shared (service partners, guests)
    ends unless ``keep_partners``. The machine becomes *transferred* unless it ``keeps_running`` or was never shipped.

    :raises Forbidden: the actor's organisation is not the owner. :raises Conflict: it is the owner already.
    """
    require(work.actor, Permission.PARTY_MANAGE)
    machine = visibility.machine(work.session, work.actor, machine_id, change=True, lock=True)
    expect(machine.version, expected_version)
    present = roles_present(work, machine.id)
    rules.check_grant(R.OWNER, visibility.roles_in(work.session, work.actor, machine.id), present)
    if machine.state in lifecycle.ENDED:
        raise RuleBroken(N_("This machine has left service for good"), code="machine_ended")
    new = find_organization(work, organization_id, organization_name)
    moment = at or work.now
    old = next(iter(_open(work, machine, R.OWNER)), None)
    party = _give(work, machine, R.OWNER, new, moment)
    if old is not None:
        _hand_over(work, machine, old, new, moment, keep_partners=keep_partners)
    before = work.session.get_one(Organization, old.organization_id).name if old else "-"
    stated = optional_text(reason, "reason", 500) or "-"
    sentence = N_("Ownership transferred from %(before)s to %(after)s: %(reason)s")
    entries.enter(work, machine, entries.TRANSFER, moment, sentence, before=before, after=new.name, reason=stated)
    if old is not None and not keeps_running and MachineState.TRANSFERRED in lifecycle.TRANSITIONS[machine.state]:
        move(work, machine, MachineState.TRANSFERRED, reason, moment)
    machine.site_id = None if old is not None and not keeps_running else machine.site_id
    touch(machine)
    work.session.flush()
    return party


def _hand_over(
    work: Work, machine: Machine, old: MachineParty, new: Organization, at: datetime, *, keep_partners: bool
) -> None:
    operating = [party for party in _open(work, machine, R.OPERATOR) if party.organization_id == old.organization_id]
    if operating:
        _give(work, machine, R.OPERATOR, new, at)
    shared = [] if keep_partners else [*_open(work, machine, R.SERVICE_PARTNER), *_open(work, machine, R.GUEST)]
    for party in shared:
        rules.check_period(at, party.valid_from, work.now)
        party.valid_to = at


def party_line(work: Work, party: MachineParty) -> PartyLine:
    """Return a party with its organisation, as the answer to what made or ended it."""
    return PartyLine(party, work.session.get_one(Organization, party.organization_id))
