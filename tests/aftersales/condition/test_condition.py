"""A machine's condition now and on any past day."""

from datetime import timedelta
from decimal import Decimal

import pytest

from aftersales.clock import FixedClock
from aftersales.complaints import service as complaints
from aftersales.condition.queries import condition
from aftersales.condition.rules import Facts, health
from aftersales.errors import NotFound
from aftersales.registry import service
from aftersales.usage import service as usage
from aftersales.vocabulary import Channel, FailureMode, Health, MachineState, MeterKind, RemovalReason
from aftersales.work import Workshop
from tests.aftersales.registry import register
from tests.aftersales.registry.register import START

S = MachineState


def day(number: int) -> FixedClock:
    return FixedClock(START + timedelta(days=number))


def test_the_condition_of_any_day(workshop: Workshop, clock: FixedClock) -> None:
    world = register.build(workshop)
    machine = register.in_field(workshop, world)
    with workshop.transaction(world.operator, day(0)) as work:
        usage.fit_meter(work, machine, MeterKind.HOURS, START)
    for at, hours in ((50, 900), (100, 1200)):
        with workshop.transaction(world.operator, day(at)) as work:
            usage.record(work, machine, MeterKind.HOURS, work.now, Decimal(hours))
    with workshop.transaction(world.operator, day(60)) as work:
        fault = complaints.report(
            work, machine_id=machine, channel=Channel.PAGE, mode=FailureMode.VIB, stands_still=True, text="shakes"
        )
    with workshop.transaction(world.partner, day(101)) as work:
        service.remove(work, machine_id=machine, position_id=world.pump_position, reason=RemovalReason.FAILURE)
        service.install(work, machine_id=machine, position_id=world.pump_position, serial_number="new pump")
        service.change_state(work, machine, S.IN_OPERATION)
    clock.at = day(140).at
    with workshop.reading(world.operator) as work:
        early, broken, worn, mended = (
            condition(work.session, world.operator, machine, day(at).at) for at in (10, 61, 100, 102)
        )
    assert (early.state, early.hours, early.health) == (S.IN_OPERATION, Decimal(180), Health.GOOD)
    assert not early.open_faults
    assert (broken.state, broken.state_since) == (S.DOWN, day(60).at)
    assert [one.fault.id for one in broken.open_faults] == [fault.id]
    assert broken.health is Health.CRITICAL
    assert worn.limited[0].limit is not None
    assert worn.limited[0].limit.remaining == -200
    assert mended.limited[0].component.serial_number == "new pump"
    assert mended.limited[0].life.hours == 0
    assert mended.state is S.IN_OPERATION
    assert mended.warranty is not None
    assert not mended.warranty.is_running
    with workshop.reading(world.stranger) as work, pytest.raises(NotFound):
        condition(work.session, world.stranger, machine, work.now)


def test_a_former_owner_gets_the_end_of_its_time(workshop: Workshop) -> None:
    world = register.build(workshop)
    machine = register.in_field(workshop, world)
    with workshop.transaction(world.operator, day(30)) as work:
        service.transfer_ownership(work, machine, organization_name="Pijesak", keeps_running=True)
    with workshop.transaction(world.stranger, day(40)) as work:
        service.change_state(work, machine, S.DOWN)
    with workshop.reading(world.operator) as work:
        seen = condition(work.session, world.operator, machine, day(100).at)
    assert (seen.at, seen.state) == (day(30).at, S.IN_OPERATION)


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, Health.GOOD),
        ({"due_tasks": 1}, Health.ATTENTION),
        ({"open_faults": 1}, Health.ATTENTION),
        ({"limits": [Decimal("0.95")]}, Health.ATTENTION),
        ({"limits": [Decimal(1)]}, Health.CRITICAL),
        ({"open_faults": 1, "standing_faults": 1}, Health.CRITICAL),
        ({"state": S.UNDER_REPAIR}, Health.CRITICAL),
        ({"state": S.DECOMMISSIONED, "open_faults": 3}, Health.OUT_OF_SERVICE),
    ],
)
def test_what_the_facts_come_to(changes: dict[str, object], verdict: Health) -> None:
    facts: dict[str, object] = {
        "state": S.IN_OPERATION,
        "open_faults": 0,
        "standing_faults": 0,
        "overdue_tasks": 0,
        "due_tasks": 0,
        "limits": [],
    }
    assert health(Facts(**{**facts, **changes})) is verdict  # type: ignore[arg-type] # by name, on purpose
