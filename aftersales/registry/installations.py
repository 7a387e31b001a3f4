"""Use-cases of components: install, remove, record a past stay, scrap."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, expect, require_any
from aftersales.db import touch
from aftersales.errors import Invalid, RuleBroken
from aftersales.models import Component, Installation, Machine, Part, Position
from aftersales.registry import entries
from aftersales.registry.queries.components import fits, holds_component, occupied_slot, sees_component, stays_elsewhere
from aftersales.registry.rules import occupancy
from aftersales.registry.rules.fields import exact, optional_text, text
from aftersales.registry.rules.lifecycle import ENDED, check_serving
from aftersales.translate import N_
from aftersales.usage.queries import life_at
from aftersales.vocabulary import MachineState, MeterKind, RemovalReason
from aftersales.work import Work

P = Permission


@dataclass(frozen=True, slots=True)
class Lives:
    """A machine's life hours and life cycles at a moment."""

    hours: Decimal
    cycles: Decimal


def create_component(
    work: Work,
    *,
    part_id: int,
    serial_number: str,
    batch: str | None = None,
    produced_on: date | None = None,
    hours_brought: Decimal = Decimal(0),
    cycles_brought: Decimal = Decimal(0),
) -> Component:
    """Record a serialised unit of a part, with the life it brings along.

    :raises RuleBroken: this serial number of the part is recorded already.
    """
    require_any(work.actor, P.MACHINE_MANAGE, P.ORDER_WORK, P.STOCK_MOVE)
    part = visibility.get(work.session, Part, part_id, visibility.sees_part(work.actor))
    serial = text(serial_number, "serial_number", 80)
    if _component(work, part.id, serial) is not None:
        raise RuleBroken(
            N_("Serial number %(serial)s of part %(part)s is recorded already"),
            serial=serial,
            part=part.number,
            code="serial_exists",
        )
    if hours_brought < 0 or cycles_brought < 0:
        raise Invalid(N_("The life brought along cannot be below zero"), code="life_brought")
    component = Component(
        organization_id=work.actor.organization_id or part.organization_id,
        part_id=part.id,
        serial_number=serial,
        batch=optional_text(batch, "batch", 80),
        produced_on=produced_on,
        hours_brought=exact(hours_brought, "hours_brought", 3),
        cycles_brought=exact(cycles_brought, "cycles_brought", 3),
        created_at=work.now,
    )
    work.session.add(component)
    work.session.flush()
    return component


def _component(work: Work, part_id: int, serial: str) -> Component | None:
    known = select(Component).where(Component.part_id == part_id, Component.serial_number == serial)
    return work.session.scalar(known.with_for_update())


def install(
    work: Work,
    *,
    machine_id: int,
    position_id: int,
    slot: int = 1,
    part_id: int | None = None,
    serial_number: str | None = None,
    component_id: int | None = None,
    at: datetime | None = None,
    life_hours: Decimal | None = None,
    life_cycles: Decimal | None = None,
    work_order_id: int | None = None,
    expected_version: int | None = None,
) -> Installation:
    """Install a component, named by its id or by part (the position's by default) and serial number.

    A serial number not known yet is recorded as a new component. The machine's life comes from its meters unless given.

    :raises RuleBroken: the part does not fit, the slot is taken (``slot_taken``), the component is elsewhere
        (``installed_elsewhere``), was scrapped, or the machine has left service.
    """
    machine, position = _place(work, machine_id, position_id, expected_version)
    component = _named(work, position, part_id=part_id, serial_number=serial_number, component_id=component_id)
    moment = at or work.now
    occupancy.check_span(moment, None, work.now)
    _check_place(work, machine, position, slot, component, moment, None)
    lives = _lives(work, machine, moment, life_hours, life_cycles)
    stay = Installation(
        component_id=component.id,
        machine_id=machine.id,
        position_id=position.id,
        slot=slot,
        valid_from=moment,
        meter_in=lives.hours,
        cycles_in=lives.cycles,
        work_order_id=work_order_id,
    )
    work.session.add(stay)
    _enter(work, machine, position, slot, component, moment, INSTALLED)
    touch(machine)
    work.session.flush()
    return stay


def record_stay(
    work: Work,
    *,
    machine_id: int,
    position_id: int,
    slot: int = 1,
    part_id: int | None = None,
    serial_number: str | None = None,
    component_id: int | None = None,
    start: datetime,
    end: datetime,
    reason: RemovalReason,
    life_in: Decimal | None = None,
    life_out: Decimal | None = None,
    cycles_in: Decimal | None = None,
    cycles_out: Decimal | None = None,
) -> Installation:
    """Record a stay that is over, for instance between two that are recorded already.

    :raises RuleBroken: it overlaps another stay of the slot or of the component, naming that one.
    """
    machine, position = _place(work, machine_id, position_id, None)
    component = _named(work, position, part_id=part_id, serial_number=serial_number, component_id=component_id)
    occupancy.check_span(start, end, work.now)
    _check_place(work, machine, position, slot, component, start, end)
    before = _lives(work, machine, start, life_in, cycles_in)
    after = _lives(work, machine, end, life_out, cycles_out)
    _check_lives(before, after)
    stay = Installation(
        component_id=component.id,
        machine_id=machine.id,
        position_id=position.id,
        slot=slot,
        valid_from=start,
        valid_to=end,
        meter_in=before.hours,
        meter_out=after.hours,
        cycles_in=before.cycles,
        cycles_out=after.cycles,
        removal_reason=reason,
    )
    work.session.add(stay)
    _enter(work, machine, position, slot, component, start, INSTALLED)
    _enter(work, machine, position, slot, component, end, REMOVED, reason=reason.value)
    touch(machine)
    work.session.flush()
    return stay


INSTALLED = N_("%(part)s, serial %(serial)s, installed at %(place)s")
REMOVED = N_("%(part)s, serial %(serial)s, removed from %(place)s: %(reason)s")


def remove(
    work: Work,
    *,
    machine_id: int,
    position_id: int,
    slot: int = 1,
    at: datetime | None = None,
    reason: RemovalReason,
    life_hours: Decimal | None = None,
    life_cycles: Decimal | None = None,
    work_order_id: int | None = None,
    expected_version: int | None = None,
) -> Component:
    """Remove the component in a slot; its life grows by what the machine's meter ran while it was in.

    :raises RuleBroken: the slot is empty, the date lies before the installation, or the meter would go back.
    """
    machine, position = _place(work, machine_id, position_id, expected_version, dismantling=True)
    moment = at or work.now
    stay = work.session.scalar(
        select(Installation)
        .where(
            Installation.machine_id == machine.id,
            Installation.position_id == position.id,
            Installation.slot == slot,
            Installation.valid_to.is_(None),
        )
        .with_for_update()
    )
    if stay is None:
        raise RuleBroken(
            N_("There is nothing in slot %(slot)s of position %(position)s"),
            slot=slot,
            position=position.code,
            code="slot_empty",
        )
    occupancy.check_span(stay.valid_from, moment, work.now)
    lives = _lives(work, machine, moment, life_hours, life_cycles)
    _check_lives(Lives(stay.meter_in, stay.cycles_in), lives)
    stay.valid_to, stay.meter_out, stay.cycles_out = moment, lives.hours, lives.cycles
    stay.removal_reason, stay.removal_work_order_id = reason, work_order_id
    component = work.session.get_one(Component, stay.component_id)
    _enter(work, machine, position, slot, component, moment, REMOVED, reason=reason.value)
    touch(machine)
    touch(component)
    work.session.flush()
    return component


def scrap(work: Work, component_id: int, at: datetime | None = None, expected_version: int | None = None) -> Component:
    """Take a component out of use for good.

    :raises RuleBroken: it is installed. :raises NotFound: it is neither the actor's nor of a machine of its now.
    """
    require_any(work.actor, P.MACHINE_MANAGE, P.ORDER_WORK, P.STOCK_MOVE)
    seen, held = sees_component(work.actor), holds_component(work.actor)
    component = visibility.get(work.session, Component, component_id, seen, held, lock=True)
    expect(component.version, expected_version)
    running = select(Installation.id).where(Installation.component_id == component.id, Installation.valid_to.is_(None))
    if work.session.scalar(running):
        raise RuleBroken(N_("The component is still installed; remove it first"), code="installed")
    if component.scrapped_at is None:
        component.scrapped_at = at or work.now
    work.session.flush()
    return component


def _place(
    work: Work, machine_id: int, position_id: int, expected_version: int | None, *, dismantling: bool = False
) -> tuple[Machine, Position]:
    require_any(work.actor, P.MACHINE_MANAGE, P.ORDER_WORK)
    machine = visibility.machine(work.session, work.actor, machine_id, change=True, lock=True)
    check_serving(visibility.roles_in(work.session, work.actor, machine.id))
    expect(machine.version, expected_version)
    if machine.state in (ENDED - {MachineState.WRITTEN_OFF} if dismantling else ENDED):
        raise RuleBroken(N_("This machine has left service for good"), code="machine_ended")
    return machine, visibility.get(work.session, Position, position_id, Position.model_id == machine.model_id)


def _named(
    work: Work, position: Position, *, part_id: int | None, serial_number: str | None, component_id: int | None
) -> Component:
    if component_id is not None:
        component = visibility.get(work.session, Component, component_id, sees_component(work.actor), lock=True)
    else:
        part = part_id or position.part_id
        if part is None or serial_number is None:
            raise Invalid(N_("Name the component by its id, or by part and serial number"), code="component_unnamed")
        seen = visibility.get(work.session, Part, part, visibility.sees_part(work.actor))
        known = _component(work, seen.id, text(serial_number, "serial_number", 80))
        component = known or create_component(work, part_id=seen.id, serial_number=serial_number)
    if component.scrapped_at is not None:
        raise RuleBroken(
            N_("Component %(serial)s was scrapped"), serial=component.serial_number, code="component_scrapped"
        )
    return component


def _check_place(
    work: Work,
    machine: Machine,
    position: Position,
    slot: int,
    component: Component,
    start: datetime,
    end: datetime | None,
) -> None:
    if not fits(work.session, position.part_id, component.part_id):
        part = work.session.get_one(Part, component.part_id)
        raise RuleBroken(
            N_("Part %(part)s does not belong in position %(position)s, nor replaces the part that does"),
            part=part.number,
            position=position.code,
            code="part_does_not_fit",
        )
    occupancy.check_slot(slot, position.quantity, position.code)
    occupancy.check_free(
        occupied_slot(work.session, machine.id, position.id, slot),
        stays_elsewhere(work.session, work.actor, component.id),
        start,
        end,
    )


def _lives(work: Work, machine: Machine, at: datetime, hours: Decimal | None, cycles: Decimal | None) -> Lives:
    known = [
        exact(given, "life", 3)
        if given is not None
        else (life_at(work.session, machine.id, kind, at) or Decimal(0)).quantize(Decimal("0.001"))
        for given, kind in ((hours, MeterKind.HOURS), (cycles, MeterKind.CYCLES))
    ]
    if min(known) < 0:
        raise Invalid(N_("A meter value cannot be below zero"), code="life_negative")
    return Lives(known[0], known[1])


def _check_lives(before: Lives, after: Lives) -> None:
    occupancy.check_meter(before.hours, after.hours, "h")
    occupancy.check_meter(before.cycles, after.cycles, "cycles")


def _enter(
    work: Work,
    machine: Machine,
    position: Position,
    slot: int,
    component: Component,
    at: datetime,
    sentence: str,
    **params: str,
) -> None:
    part = work.session.get_one(Part, component.part_id)
    place = position.code if position.quantity == 1 else f"{position.code}/{slot}"
    entries.enter(
        work,
        machine,
        entries.COMPONENT,
        at,
        sentence,
        part=f"{part.number} {part.name}",
        serial=component.serial_number,
        place=place,
        **params,
    )
