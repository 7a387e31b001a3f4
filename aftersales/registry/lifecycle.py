"""Use-cases of a machine's life cycle: changes of state."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import expect, require_any
from aftersales.errors import RuleBroken
from aftersales.models import LifecycleEvent, Machine, MachineParty, Organization, Site
from aftersales.registry.entries import has_passport
from aftersales.registry.rules import lifecycle as rules
from aftersales.registry.rules.fields import optional_text
from aftersales.translate import N_
from aftersales.vocabulary import MachineState, PartyRole
from aftersales.work import Work

COMMISSIONED = "machine.commissioned"


def change_state(
    work: Work,
    machine_id: int,
    to: MachineState,
    reason: str = "",
    at: datetime | None = None,
    expected_version: int | None = None,
) -> LifecycleEvent:
    """Bring a machine into another state; commissioning sets its day and tells the other rooms.

    :param at: when it happened; now by default, never before the machine's last change of state.
    :raises Forbidden: role or party do not permit it.
    :raises RuleBroken: the step is not legal, goes back in time, has a use-case of its own, or ships a machine without
        passport (``no_passport``).
    """
    require_any(work.actor, *rules.permissions(to))
    machine = visibility.machine(work.session, work.actor, machine_id, change=True, lock=True)
    expect(machine.version, expected_version)
    rules.check_bare_change(to)
    check_party(work, machine, to)
    if to is MachineState.SHIPPED and not has_passport(work, machine.id):
        raise RuleBroken(N_("A machine without an issued passport cannot be shipped"), code="no_passport")
    event = move(work, machine, to, reason, at)
    if to is MachineState.COMMISSIONED:
        commission(work, machine, event.at)
    work.session.flush()
    return event


def check_party(work: Work, machine: Machine, to: MachineState) -> None:
    """Let the actor's organisation bring the machine into a state only in the right role.

    :raises Forbidden: it is not that party.
    """
    rules.check_party(to, visibility.roles_in(work.session, work.actor, machine.id), roles_present(work, machine.id))


def roles_present(work: Work, machine_id: int) -> frozenset[PartyRole]:
    """Return the roles that are filled on a machine now."""
    filled = select(MachineParty.role).where(MachineParty.machine_id == machine_id, MachineParty.valid_to.is_(None))
    return frozenset(work.session.scalars(filled))


def last_event(work: Work, machine_id: int) -> LifecycleEvent | None:
    """Return the event that gives a machine its state."""
    events = select(LifecycleEvent).where(LifecycleEvent.machine_id == machine_id)
    return work.session.scalar(events.order_by(LifecycleEvent.sequence.desc()).limit(1))


def move(
    work: Work, machine: Machine, to: MachineState, reason: str, at: datetime | None, *, taken_over: bool = False
) -> LifecycleEvent:
    """Record a legal step of a locked machine and set its state; part of the use-case that permits it.

    :raises RuleBroken: the step is not legal or lies before the last one. :raises Invalid: it lies in the future.
    """
    last = last_event(work, machine.id)
    moment = at or work.now
    rules.check_moment(moment, last.at if last else None, work.now)
    if last is not None and not (taken_over and rules.legal(machine.state, to, reconstructed=True)):
        rules.check_transition(machine.state, to)
    event = LifecycleEvent(
        machine_id=machine.id,
        sequence=last.sequence + 1 if last else 1,
        from_state=machine.state if last else None,
        to_state=to,
        at=moment,
        actor_id=work.actor.user_id,
        reason=optional_text(reason, "reason", 500) or "",
    )
    machine.state = to
    work.session.add(event)
    return event


def commission(work: Work, machine: Machine, at: datetime) -> None:
    """Note the first commissioning's day, by the calendar of the machine's place, and tell the other rooms."""
    if machine.commissioned_on is None:
        machine.commissioned_on = local_day(work, machine, at)
    work.emit(COMMISSIONED, machine_id=machine.id)


def local_day(work: Work, machine: Machine, at: datetime) -> date:
    """Return the calendar day of a moment where the machine stands; without a site, at its manufacturer's."""
    site = work.session.get(Site, machine.site_id) if machine.site_id else None
    zone = site.time_zone if site else work.session.get_one(Organization, machine.manufacturer_id).time_zone
    return at.astimezone(ZoneInfo(zone)).date()
