"""A machine gets its passport once, when everything holds; afterwards only dated entries are added."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pypdf
import pytest
from sqlalchemy import func, select, text

from aftersales.certificates import keys
from aftersales.clock import FixedClock
from aftersales.errors import Conflict, Forbidden, NotFound, RuleBroken, Stale
from aftersales.models import LifecycleEvent, Machine, OutboxEvent, Passport, PassportEntry
from aftersales.papers import signing
from aftersales.registry import queries, service
from aftersales.registry.installations import REMOVED
from aftersales.registry.printing import intact
from aftersales.registry.queries.passports import EntryView
from aftersales.translate import translator
from aftersales.vocabulary import MachineState, RemovalReason
from aftersales.work import Workshop
from tests.aftersales.registry import register
from tests.aftersales.registry.register import START

S = MachineState


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def test_from_plan_to_shipping(workshop: Workshop, clock: FixedClock) -> None:
    world = register.build(workshop)
    with workshop.transaction(world.maker) as work:
        machine = register.in_production(work, world)
        with pytest.raises(RuleBroken, match="without an issued passport"):
            service.change_state(work, machine.id, S.SHIPPED)
        register.measure(work, machine, pressure="11")
        service.install(work, machine_id=machine.id, position_id=world.pump_position, serial_number="P1")
        with pytest.raises(
            RuleBroken, match=r"Pressure failed its acceptance test: 11 bar, limits 7\.5 … 10"
        ) as refused:
            service.issue_passport(work, machine.id)
        assert refused.value.reason == "acceptance_failed"
        register.measure(work, machine, pressure="9.5")
        passport = service.issue_passport(work, machine.id)
        assert passport.number == "MP-2026-00001"
        assert machine.state is S.PASSPORT_ISSUED
        assert intact(passport)
        assert [check["value"] for check in passport.content["acceptance"]] == ["9.500000", "80.000000"]
        assert passport.content["components"][0]["serial_number"] == "P1"
        assert passport.content["configuration"] == [{"key": "AC", "value": "AC"}]
        with pytest.raises(RuleBroken, match="issued once"):
            service.issue_passport(work, machine.id)
        service.change_state(work, machine.id, S.SHIPPED)
    clock.at += timedelta(days=1)
    with workshop.reading(world.maker) as work:
        paper = service.passport_pdf(work, machine.id, "en")
        words = text_of(paper)
        assert "100-001" in words
        assert "MP-2026-00001" in words
        assert "Pressure" in words
        trusted = [keys.current_key(work).certificate]
        assert signing.verify(paper, trusted).genuine
        broken = bytearray(paper)
        broken[len(paper) // 2] ^= 1
        assert not signing.verify(bytes(broken), trusted).genuine


def test_a_machine_without_passport_does_not_ship_even_when_its_state_was_forged(workshop: Workshop) -> None:
    world = register.build(workshop)
    with workshop.transaction(world.maker) as work:
        machine = register.in_production(work, world)
        machine.state = S.PASSPORT_ISSUED
        work.session.flush()
        with pytest.raises(RuleBroken) as refused:
            service.change_state(work, machine.id, S.SHIPPED)
        assert refused.value.reason == "no_passport"


def test_issue_needs_every_result_every_mandatory_position_and_a_valid_configuration(workshop: Workshop) -> None:
    world = register.build(workshop)
    with workshop.transaction(world.maker) as work:
        machine = register.in_production(work, world)
        with pytest.raises(RuleBroken, match="no result for: Pressure, Noise"):
            service.issue_passport(work, machine.id)
        register.measure(work, machine)
        with pytest.raises(RuleBroken, match="mandatory and not filled: 10"):
            service.issue_passport(work, machine.id)
        with pytest.raises(RuleBroken, match="no position 99"):
            service.issue_passport(work, machine.id, empty_positions={"99": "?"})
        machine.configuration = ["ARCTIC"]
        with pytest.raises(RuleBroken, match="ARCTIC requires option AC"):
            service.issue_passport(work, machine.id, empty_positions={"10": "shipped apart"})
        machine.configuration = ["AC"]
        passport = service.issue_passport(work, machine.id, empty_positions={"10": "shipped apart"})
        assert "10: shipped apart" in passport.content["remarks"]


def test_a_newer_template_does_not_touch_machines_already_in_production(workshop: Workshop, clock: FixedClock) -> None:
    world = register.build(workshop)
    with workshop.transaction(world.maker) as work:
        old = register.in_production(work, world, "1")
    clock.at += timedelta(days=1)
    with workshop.transaction(world.maker) as work:
        service.publish_template(work, world.model_id, [service.NewCharacteristic("Vibration", "mm/s")])
        new = register.in_production(work, world, "2")
        assert [one.characteristic.name for one in queries.tested(work.session, old)[1]] == ["Pressure", "Noise"]
        assert [one.characteristic.name for one in queries.tested(work.session, new)[1]] == ["Vibration"]


def test_what_is_issued_does_not_change(workshop: Workshop) -> None:
    world = register.build(workshop)
    with workshop.transaction(world.maker) as work:
        machine = register.with_passport(work, world)
        with pytest.raises(RuleBroken) as refused:
            service.change_machine(work, machine.id, {"configuration": []})
        assert refused.value.reason == "passport_issued"
        with pytest.raises(RuleBroken):
            register.measure(work, machine)
    for statement in ("UPDATE passport SET number = 'X'", "DELETE FROM passport", "DELETE FROM acceptance_result"):
        with pytest.raises(Conflict, match="ledger"), workshop.transaction() as work:
            work.session.execute(text(statement))


def test_later_changes_are_dated_entries(workshop: Workshop, clock: FixedClock) -> None:
    world = register.build(workshop)
    machine_id = register.in_field(workshop, world)
    with workshop.transaction(world.partner) as work:
        service.remove(
            work,
            machine_id=machine_id,
            position_id=world.pump_position,
            reason=RemovalReason.FAILURE,
            at=clock.at - timedelta(hours=2),
        )
        service.install(work, machine_id=machine_id, position_id=world.pump_position, serial_number="P2")
        service.modernise(work, machine_id, configuration=["AC", "ARCTIC"], reason="moves north")
        service.add_entry(work, machine_id, kind="note", text="Painted")
        with pytest.raises(RuleBroken, match="cannot be dated before"):
            service.add_entry(work, machine_id, kind="note", text="Too early", at=START - timedelta(days=1))
    with workshop.reading(world.operator) as work:
        entries = [line.entry for line in queries.entries_of(work.session, world.operator, machine_id)]
        assert [entry.kind for entry in entries] == ["site", "component", "component", "modernisation", "note"]
        assert "P2" in entries[2].text
        words = text_of(service.passport_pdf(work, machine_id, "en"))
        assert "Painted" in words
        assert "moves north" in words
        assert intact(work.session.scalars(select(Passport)).one())


def test_a_machine_taken_over_has_a_reconstructed_passport(workshop: Workshop) -> None:
    world = register.build(workshop)
    with workshop.transaction(world.maker) as work:
        machine = service.create_machine(work, model_id=world.model_id, serial_number="OLD-1")
        with pytest.raises(RuleBroken, match="cannot be taken over as planned"):
            service.reconstruct_passport(work, machine.id, state=S.PLANNED)
        passport = service.reconstruct_passport(
            work, machine.id, commissioned_on=date(2020, 5, 4), note="From the workshop's list"
        )
        assert passport.reconstructed
        assert intact(passport)
        assert machine.state is S.IN_OPERATION
        assert machine.commissioned_on == date(2020, 5, 4)
        events = work.session.scalars(select(OutboxEvent).where(OutboxEvent.event == "machine.commissioned")).all()
        assert [event.payload for event in events] == [{"machine_id": machine.id}]
        service.change_state(work, machine.id, S.DOWN, "bearing")


def test_commissioning_takes_the_day_of_the_machine_place(workshop: Workshop) -> None:
    world = register.build(workshop)
    late = START.replace(hour=22, minute=30)  # half past midnight in Tallinn
    machine_id = register.in_field(workshop, world, at=late)
    with workshop.reading(world.operator) as work:
        machine = work.session.get_one(Machine, machine_id)
        assert machine.commissioned_on == late.date() + timedelta(days=1)


def test_states_follow_one_another_in_time(workshop: Workshop, clock: FixedClock) -> None:
    world = register.build(workshop)
    machine_id = register.in_field(workshop, world)
    with workshop.transaction(world.operator) as work:
        with pytest.raises(RuleBroken) as refused:
            service.change_state(work, machine_id, S.DOWN, at=START - timedelta(minutes=1))
        assert refused.value.reason == "time_goes_back"
        with pytest.raises(Exception, match="future"):
            service.change_state(work, machine_id, S.DOWN, at=clock.at + timedelta(minutes=1))
        service.change_state(work, machine_id, S.DOWN, "stands", at=START + timedelta(days=3))
        for state in (S.WRITTEN_OFF, S.TRANSFERRED, S.PASSPORT_ISSUED):
            with pytest.raises(RuleBroken):
                service.change_state(work, machine_id, state)
        version = work.session.get_one(Machine, machine_id).version
        with pytest.raises(Stale):
            service.change_state(work, machine_id, S.IN_OPERATION, expected_version=version - 1)
    with workshop.transaction(world.partner) as work:
        with pytest.raises(Forbidden):
            service.change_state(work, machine_id, S.DECOMMISSIONED)
        service.change_state(work, machine_id, S.UNDER_REPAIR)
    with workshop.transaction(world.stranger) as work, pytest.raises(NotFound):
        service.change_state(work, machine_id, S.IN_OPERATION)
    with workshop.reading(world.maker) as work:
        machine = work.session.get_one(Machine, machine_id)
        last = work.session.scalars(
            select(LifecycleEvent).where(LifecycleEvent.machine_id == machine_id).order_by(LifecycleEvent.sequence)
        ).all()[-1]
        assert machine.state is last.to_state is S.UNDER_REPAIR


def test_the_end_of_a_machine_leaves_certificates(workshop: Workshop) -> None:
    world = register.build(workshop)
    machine_id = register.in_field(workshop, world)
    with workshop.transaction(world.operator) as work:
        service.change_state(work, machine_id, S.DOWN)
        pump = queries.components(work.session, world.operator, machine_id, work.now)[0].component
        with pytest.raises(RuleBroken):
            service.dispose(work, machine_id, disposal="recycled")
        certificate = service.write_off(
            work,
            machine_id,
            reason="worn_out",
            reason_text="Frame cracked",
            disposal="dismantled",
            hazards={"Oil": "20 l"},
            recovered=[pump.id],
        )
        assert certificate.content["owner"]["name"] == "Kamen"
        assert certificate.content["recovered"][0]["serial_number"] == "pump of 100-001"
        with pytest.raises(RuleBroken, match="left service"):
            service.install(work, machine_id=machine_id, position_id=world.hose_position, serial_number="H1")
        assert (
            service.remove(
                work, machine_id=machine_id, position_id=world.pump_position, reason=RemovalReason.FAILURE
            ).id
            == pump.id
        )
        second = service.dispose(work, machine_id, disposal="recycled", disposal_text="Yard 7")
        assert second.number != certificate.number
        assert work.session.get_one(Machine, machine_id).state is S.DISPOSED
        assert not queries.public_machine(
            work.session, work.session.get_one(Machine, machine_id).public_id
        ).reporting_open


def test_serial_numbers_are_unique_and_numbers_have_no_gaps(workshop: Workshop) -> None:
    world = register.build(workshop)
    with pytest.raises(RuleBroken), workshop.transaction(world.maker) as work:
        machine = register.with_passport(work, world, "A")
        service.change_state(work, machine.id, S.COMMISSIONED)
    with workshop.transaction(world.maker) as work:
        register.with_passport(work, world, "A")
        with pytest.raises(Conflict, match="serial number A"):
            service.create_machine(work, model_id=world.model_id, serial_number="A")
        register.with_passport(work, world, "B")
        numbers = work.session.scalars(select(Passport.number).order_by(Passport.id)).all()
        assert numbers == ["MP-2026-00001", "MP-2026-00002"]
        assert work.session.scalar(select(func.count(Machine.id))) == 2


def test_labels(workshop: Workshop) -> None:
    world = register.build(workshop)
    machine_id = register.in_field(workshop, world)
    with workshop.reading(world.operator) as work:
        assert "100-001" in text_of(service.labels(work, [machine_id], language="en"))
        sheet = service.labels(work, [machine_id] * 12, width_mm=Decimal(60), height_mm=Decimal(30))
        assert text_of(sheet).count("100-001") == 12
    with workshop.reading(world.stranger) as work, pytest.raises(NotFound):
        service.labels(work, [machine_id])


def test_why_a_component_came_out_is_said_in_the_readers_language() -> None:
    params = {"part": "HP-100", "serial": "P1", "place": "PUMP", "reason": "failure"}
    entry = PassportEntry(kind="component", text="", data={"sentence": REMOVED, "params": params})
    t = translator("hr")
    assert EntryView(entry, "").text(t).endswith(f": {t('Failure').lower()}")
    assert "failure" not in EntryView(entry, "").text(t)
