"""Components through random histories: one place at a time, own life exact, back-dated stays and the guards."""

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aftersales.clock import FixedClock
from aftersales.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, RuleBroken
from aftersales.models import Component, Installation, Part, Supersession
from aftersales.registry import queries, service
from aftersales.usage import service as usage
from aftersales.vocabulary import LifeUnit, MeterKind, PartyRole, RemovalReason
from aftersales.work import Workshop
from tests.aftersales.registry import register
from tests.aftersales.registry.register import START, Register

FAILED = RemovalReason.FAILURE
HORIZON = 200


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


@dataclass
class Told:
    """What the test believes: per component its stays as (machine, slot, from, to) in hours."""

    stays: dict[str, list[tuple[int, int, int, int | None]]] = field(default_factory=dict)

    def free(self, serial: str, machine: int, slot: int, start: int, end: int | None) -> bool:
        last = HORIZON * 2 if end is None else end
        for other, stays in self.stays.items():
            for at_machine, at_slot, begin, upto in stays:
                finish = HORIZON * 2 if upto is None else upto
                clash = begin < last and start < finish and begin < finish
                if clash and start < last and (other == serial or (at_machine, at_slot) == (machine, slot)):
                    return False
        return True

    def life(self, serial: str, at: int, rates: dict[int, Decimal]) -> Decimal:
        return sum(
            (
                rates[machine] * (min(at, HORIZON if upto is None else upto) - begin)
                for machine, _, begin, upto in self.stays.get(serial, [])
                if begin < at
            ),
            Decimal(0),
        )


def play(workshop: Workshop, world: Register, machines: dict[int, Decimal], steps: Sequence[tuple[int, ...]]) -> None:
    """Apply random installs, removals and past stays; each must succeed exactly when the model says so."""
    told = Told()
    for action, which, place, begin, length in steps:
        serial, machine, slot = f"C{which}", list(machines)[place % 2], place // 2 % 2 + 1
        end = begin + length
        with workshop.transaction(world.partner, FixedClock(hour(HORIZON))) as work:
            try:
                if action == 0:
                    expected = told.free(serial, machine, slot, begin, None)
                    service.install(
                        work,
                        machine_id=machine,
                        position_id=world.hose_position,
                        slot=slot,
                        serial_number=serial,
                        at=hour(begin),
                    )
                    told.stays.setdefault(serial, []).append((machine, slot, begin, None))
                elif action == 1:
                    running = next(
                        (
                            (other, stay)
                            for other, stays in told.stays.items()
                            for stay in stays
                            if stay[0] == machine and stay[1] == slot and stay[3] is None
                        ),
                        None,
                    )
                    expected = running is not None and running[1][2] <= end
                    service.remove(
                        work,
                        machine_id=machine,
                        position_id=world.hose_position,
                        slot=slot,
                        at=hour(end),
                        reason=FAILED,
                    )
                    assert running is not None
                    other, stay = running
                    told.stays[other].remove(stay)
                    told.stays[other].append((machine, slot, stay[2], end))
                else:
                    expected = told.free(serial, machine, slot, begin, end)
                    service.record_stay(
                        work,
                        machine_id=machine,
                        position_id=world.hose_position,
                        slot=slot,
                        serial_number=serial,
                        start=hour(begin),
                        end=hour(end),
                        reason=FAILED,
                    )
                    told.stays.setdefault(serial, []).append((machine, slot, begin, end))
                assert expected
            except (RuleBroken, Invalid):
                assert not expected
    for at in (HORIZON, HORIZON // 2, 3):
        check_lives(workshop, world, told, at, machines)


def check_lives(workshop: Workshop, world: Register, told: Told, at: int, rates: dict[int, Decimal]) -> None:
    with workshop.reading(world.partner) as work:
        for serial in told.stays:
            rows = queries.list_components(work.session, world.partner, search=serial)
            component = next(component for component, _ in rows if component.serial_number == serial)
            life = queries.component_life(work.session, component, hour(at))
            assert life.hours == told.life(serial, at, rates), (serial, at)


steps_of_a_history = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(0, 3), st.integers(0, 3), st.integers(1, HORIZON - 60), st.integers(0, 59)
    ),
    min_size=4,
    max_size=25,
)


def field_with_meters(workshop: Workshop, world: Register) -> dict[int, Decimal]:
    """Two machines in the field whose meters run steadily, one life hour in one hour and in two."""
    rates = {
        register.in_field(workshop, world, serial="101"): Decimal(1),
        register.in_field(workshop, world, serial="102"): Decimal("0.5"),
    }
    with workshop.transaction(world.partner, FixedClock(hour(HORIZON))) as work:
        for machine, rate in rates.items():
            usage.fit_meter(work, machine, MeterKind.HOURS, START)
            usage.record(work, machine, MeterKind.HOURS, hour(HORIZON), rate * HORIZON)
    return rates


@pytest.fixture
def fresh(sqlite_template: Path, tmp_path: Path) -> Iterator[Callable[[], Workshop]]:
    """Makes a database per example: hypothesis runs many within one test."""
    from tests.conftest import settings_for

    made: list[Workshop] = []
    number = iter(range(10**6))

    def make() -> Workshop:
        folder = tmp_path / str(next(number))
        folder.mkdir()
        shutil.copyfile(sqlite_template, folder / "a.db")
        made.append(Workshop(settings_for(folder / "var", f"sqlite:///{folder / 'a.db'}"), FixedClock(START)))
        return made[-1]

    yield make
    for shop in made:
        shop.engine.dispose()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps_of_a_history)
def test_random_histories(fresh: Callable[[], Workshop], steps: list[tuple[int, ...]]) -> None:
    shop = fresh()
    world = register.build(shop)
    play(shop, world, field_with_meters(shop, world), steps)


def test_a_long_history_on_each_database(workshop: Workshop) -> None:
    world = register.build(workshop)
    dice = random.Random(20260601)
    steps = [
        (dice.randrange(3), dice.randrange(4), dice.randrange(4), dice.randint(1, HORIZON - 60), dice.randrange(60))
        for _ in range(60)
    ]
    play(workshop, world, field_with_meters(workshop, world), steps)


def stay(world: Register, machine: int, component: int, start: int, end: int | None, slot: int = 1) -> Installation:
    return Installation(
        component_id=component,
        machine_id=machine,
        position_id=world.hose_position,
        slot=slot,
        valid_from=hour(start),
        valid_to=None if end is None else hour(end),
        meter_in=Decimal(0),
        removal_reason=None if end is None else FAILED,
        meter_out=None if end is None else Decimal(0),
    )


def spare(workshop: Workshop, world: Register, serial: str) -> int:
    with workshop.transaction(world.maker) as work:
        return service.create_component(work, part_id=world.hose_part, serial_number=serial).id


@pytest.mark.parametrize(
    ("start", "end", "refused"),
    [(0, 5, False), (0, 10, False), (5, 11, True), (12, 15, True), (20, 30, False), (0, None, True), (20, None, False)],
)
def test_the_database_itself_refuses_overlaps(workshop: Workshop, start: int, end: int | None, refused: bool) -> None:
    """Without the rules: a stay from hour 10 to 20 is there; another in its slot, and of the component elsewhere."""
    world = register.build(workshop)
    one, two = (register.in_field(workshop, world, serial=serial) for serial in "AB")
    first, second = (spare(workshop, world, serial) for serial in ("X", "Y"))
    with workshop.transaction() as work:
        work.session.add(stay(world, one, first, 10, 20))
    for machine, component in ((one, second), (two, first)):
        try:
            with workshop.transaction() as work:
                work.session.add(stay(world, machine, component, start, end))
            assert not refused
        except Conflict:
            assert refused


def test_the_database_itself_keeps_to_the_positions_quantity_and_model(workshop: Workshop) -> None:
    world = register.build(workshop)
    machine = register.in_field(workshop, world)
    component = spare(workshop, world, "X")
    with pytest.raises(Conflict, match="installation_within_position"), workshop.transaction() as work:
        work.session.add(stay(world, machine, component, 1, None, slot=3))
    with workshop.transaction(world.maker) as work:
        other = service.create_model(work, code="DR-200", name="Big")
        place = service.add_position(work, other.id, code="1", name="Place")
    with pytest.raises(Conflict), workshop.transaction() as work:
        row = stay(world, machine, component, 1, None)
        row.position_id = place.id
        work.session.add(row)


def test_a_move_carries_the_life_along(workshop: Workshop) -> None:
    world = register.build(workshop)
    rates = field_with_meters(workshop, world)
    one, other = rates
    with workshop.transaction(world.partner, FixedClock(hour(HORIZON))) as work:
        used = service.create_component(work, part_id=world.pump_part, serial_number="U", hours_brought=Decimal(500))
        service.remove(work, machine_id=one, position_id=world.pump_position, reason=FAILED, at=hour(1))
        service.remove(work, machine_id=other, position_id=world.pump_position, reason=FAILED, at=hour(1))
        service.install(work, machine_id=one, position_id=world.pump_position, component_id=used.id, at=hour(10))
        service.remove(work, machine_id=one, position_id=world.pump_position, reason=FAILED, at=hour(20))
        service.install(work, machine_id=other, position_id=world.pump_position, component_id=used.id, at=hour(30))
        installed = queries.components(work.session, world.partner, other, hour(40))
        assert [one.component.serial_number for one in installed] == ["U"]
        assert installed[0].life.hours == 500 + 10 + Decimal("0.5") * 10
        assert installed[0].limit is not None
        assert installed[0].limit.unit is LifeUnit.HOURS
        assert installed[0].limit.remaining == 1000 - 515
        history = queries.component_history(work.session, world.partner, used.id)
        assert [line.machine.id for line in history] == [one, other]


def test_refusals_name_what_is_in_the_way(workshop: Workshop) -> None:
    world = register.build(workshop)
    rates = field_with_meters(workshop, world)
    one, other = rates

    def put(machine: int, serial: str, at: int, **more: object) -> None:
        with workshop.transaction(world.partner, FixedClock(hour(HORIZON))) as work:
            service.install(
                work,
                machine_id=machine,
                position_id=world.hose_position,
                serial_number=serial,
                at=hour(at),
                **more,  # type: ignore[arg-type] # only slot and life_hours come here
            )

    put(one, "A", 50)
    with pytest.raises(RuleBroken, match="taken by A from 2026-01-07T10") as refused:
        put(one, "B", 20)
    assert refused.value.reason == "slot_taken"
    with pytest.raises(RuleBroken, match="installed in 101 from") as refused:
        put(other, "A", 60)
    assert refused.value.reason == "installed_elsewhere"
    with pytest.raises(RuleBroken, match="holds 2"):
        put(one, "B", 20, slot=3)
    with pytest.raises(Invalid, match="future"):
        put(one, "B", HORIZON + 1, slot=2)
    with workshop.transaction(world.partner, FixedClock(hour(HORIZON))) as work:
        with pytest.raises(RuleBroken, match="cannot be 5"):
            service.remove(work, machine_id=one, position_id=world.hose_position, reason=FAILED, life_hours=Decimal(5))
        with pytest.raises(Invalid, match="before the installation"):
            service.remove(work, machine_id=one, position_id=world.hose_position, reason=FAILED, at=hour(49))
        with pytest.raises(RuleBroken, match="nothing in slot 2"):
            service.remove(work, machine_id=one, position_id=world.hose_position, slot=2, reason=FAILED)
        with pytest.raises(RuleBroken, match="does not belong"):
            service.install(
                work, machine_id=other, position_id=world.hose_position, part_id=world.pump_part, serial_number="P"
            )


def test_a_successor_fits_and_its_forerunner_does_not_unless_both_ways(workshop: Workshop) -> None:
    world = register.build(workshop)
    machine = register.in_field(workshop, world)
    with workshop.transaction(world.maker) as work:
        parts = [
            Part(
                organization_id=world.maker.organization, number=number, name=number, created_at=START, supplier_id=None
            )
            for number in ("H-8", "H-9", "H-6")
        ]
        work.session.add_all(parts)
        work.session.flush()
        eight, nine, six = (part.id for part in parts)
        for old, new in ((world.hose_part, eight), (eight, nine), (six, world.hose_part)):
            work.session.add(Supersession(old_id=old, new_id=new, valid_from=START.date()))
        work.session.flush()
        service.install(work, machine_id=machine, position_id=world.hose_position, part_id=nine, serial_number="1")
        with pytest.raises(RuleBroken, match="does not belong"):
            service.install(
                work, machine_id=machine, position_id=world.hose_position, slot=2, part_id=six, serial_number="1"
            )


def test_foreign_components_and_machines_do_not_exist(workshop: Workshop) -> None:
    world = register.build(workshop)
    machine = register.in_field(workshop, world)
    component = spare(workshop, world, "X")
    with workshop.transaction(world.stranger) as work:
        for call in (
            lambda: service.install(
                work, machine_id=machine, position_id=world.hose_position, part_id=world.hose_part, serial_number="S"
            ),
            lambda: service.remove(work, machine_id=machine, position_id=world.pump_position, reason=FAILED),
            lambda: service.scrap(work, component),
            lambda: queries.component(work.session, world.stranger, component),
            lambda: queries.components(work.session, world.stranger, machine, work.now),
        ):
            with pytest.raises(NotFound):
                call()
        assert queries.list_components(work.session, world.stranger) == []


def test_a_guest_looks_and_does_not_touch(workshop: Workshop) -> None:
    world = register.build(workshop)
    machine = register.in_field(workshop, world)
    with workshop.transaction(world.operator) as work:
        service.set_party(work, machine, role=PartyRole.GUEST, organization_name="pijesak")
    with workshop.transaction(world.stranger, FixedClock(START + timedelta(days=400))) as work:
        assert len(queries.components(work.session, world.stranger, machine, work.now)) == 1
        with pytest.raises(Forbidden):
            service.remove(work, machine_id=machine, position_id=world.pump_position, reason=FAILED)


def test_scrapped_components_stay_out(workshop: Workshop) -> None:
    world = register.build(workshop)
    machine = register.in_field(workshop, world)
    with workshop.transaction(world.partner) as work:
        pump = queries.components(work.session, world.partner, machine, work.now)[0].component
        with pytest.raises(RuleBroken, match="still installed"):
            service.scrap(work, pump.id)
        service.remove(work, machine_id=machine, position_id=world.pump_position, reason=FAILED)
        service.scrap(work, pump.id)
        with pytest.raises(DomainError) as refused:
            service.install(work, machine_id=machine, position_id=world.pump_position, component_id=pump.id)
        assert refused.value.reason == "component_scrapped"
        assert work.session.get_one(Component, pump.id).scrapped_at is not None
