"""Machines, passports, parties and components."""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from aftersales.models import (
    AcceptanceResult,
    Component,
    Installation,
    LifecycleEvent,
    Machine,
    MachineParty,
    Passport,
    Position,
    TestCharacteristic,
)
from aftersales.registry.printing import intact
from aftersales.registry.rules import lifecycle
from aftersales.vocabulary import MachineState, PartyRole
from aftersales.work import Work

WITHOUT_PASSPORT = (MachineState.PLANNED, MachineState.IN_PRODUCTION)


def states(work: Work) -> Iterator[str]:
    """Check that a machine's state is that of its last event, by legal steps in time order."""
    events: dict[int, list[LifecycleEvent]] = {}
    query = select(LifecycleEvent).order_by(LifecycleEvent.machine_id, LifecycleEvent.sequence)
    for event in work.session.scalars(query):
        events.setdefault(event.machine_id, []).append(event)
    taken_over = set(work.session.scalars(select(Passport.machine_id).where(Passport.reconstructed)))
    for machine_id, state in work.session.execute(select(Machine.id, Machine.state)):
        history = events.get(machine_id, [])
        if not history or history[-1].to_state != state:
            yield f"machine {machine_id} is {state}, its last event says otherwise"
        for earlier, later in pairwise(history):
            if later.at < earlier.at or later.from_state != earlier.to_state:
                yield f"machine {machine_id}: event {later.sequence} does not follow the one before"
            elif not lifecycle.legal(earlier.to_state, later.to_state, reconstructed=machine_id in taken_over):
                yield f"machine {machine_id}: {earlier.to_state} to {later.to_state} is not a legal step"


def passports(work: Work) -> Iterator[str]:
    """Check that what left production has a passport, complete and unaltered."""
    query = select(Machine.id, Machine.model_id, Passport).outerjoin(Passport, Passport.machine_id == Machine.id)
    for machine_id, _, passport in work.session.execute(query.where(Machine.state.not_in(WITHOUT_PASSPORT))):
        if passport is None:
            yield f"machine {machine_id} left production without a passport"
    for passport in work.session.scalars(select(Passport)):
        if not intact(passport):
            yield f"passport {passport.number} was altered"
        if not passport.reconstructed:
            yield from _unmeasured(work, passport)


def _unmeasured(work: Work, passport: Passport) -> Iterator[str]:
    results = (
        select(TestCharacteristic.template_id)
        .join(AcceptanceResult, AcceptanceResult.characteristic_id == TestCharacteristic.id)
        .where(AcceptanceResult.machine_id == passport.machine_id, AcceptanceResult.at <= passport.issued_at)
        .order_by(AcceptanceResult.id.desc())
        .limit(1)
    )
    template = work.session.scalar(results)
    if template is None:
        return
    measured = select(AcceptanceResult.characteristic_id).where(
        AcceptanceResult.machine_id == passport.machine_id, AcceptanceResult.passed
    )
    query = select(TestCharacteristic.name).where(
        TestCharacteristic.template_id == template, TestCharacteristic.id.not_in(measured)
    )
    for name in work.session.scalars(query):
        yield f"passport {passport.number} lacks a passing result for {name}"


def parties(work: Work) -> Iterator[str]:
    """Check one manufacturer always, and one owner and operator at most, at any time."""
    manufacturers = (
        select(MachineParty.machine_id)
        .where(MachineParty.role == PartyRole.MANUFACTURER, MachineParty.valid_to.is_(None))
        .group_by(MachineParty.machine_id)
        .having(func.count() == 1)
    )
    for machine_id in work.session.scalars(select(Machine.id).where(Machine.id.not_in(manufacturers))):
        yield f"machine {machine_id} has not exactly one manufacturer"
    one, other = aliased(MachineParty), aliased(MachineParty)
    single = (PartyRole.MANUFACTURER, PartyRole.OWNER, PartyRole.OPERATOR)
    query = select(one.machine_id, one.role).join(
        other,
        and_(
            one.machine_id == other.machine_id,
            one.role == other.role,
            one.id < other.id,
            or_(one.valid_to.is_(None), other.valid_from < one.valid_to),
            or_(other.valid_to.is_(None), one.valid_from < other.valid_to),
        ),
    )
    for machine_id, role in work.session.execute(query.where(one.role.in_(single))):
        yield f"machine {machine_id} has two at once of: {role}"


def installations(work: Work) -> Iterator[str]:
    """Check that a component is in one place at a time, within its position's quantity."""
    one, other = aliased(Installation), aliased(Installation)
    overlap = and_(
        one.id < other.id,
        one.component_id == other.component_id,
        or_(one.valid_to.is_(None), other.valid_from < one.valid_to),
        or_(other.valid_to.is_(None), one.valid_from < other.valid_to),
        or_(one.valid_to.is_(None), one.valid_to > one.valid_from),
        or_(other.valid_to.is_(None), other.valid_to > other.valid_from),
    )
    query = select(Component.serial_number).join(one, one.component_id == Component.id).join(other, overlap)
    for serial in work.session.scalars(query):
        yield f"component {serial} is in two places at once"
    crowded = select(Installation.id).join(Position).where(Installation.slot > Position.quantity)
    for number in work.session.scalars(crowded):
        yield f"installation {number} is beyond its position's quantity"


CHECKS: Mapping[str, Callable[[Work], Iterator[str]]] = {
    "life cycles": states,
    "passports": passports,
    "parties": parties,
    "components": installations,
}
