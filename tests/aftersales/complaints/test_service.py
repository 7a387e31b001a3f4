"""A fault report from filing to the operator's word, on both databases."""

import io
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import cast

import pytest
from PIL import Image
from sqlalchemy import text

from aftersales.access import STRANGER, Actor
from aftersales.clock import FixedClock
from aftersales.complaints import queries, service
from aftersales.complaints.reporting import QR_REPORTS, Complaint
from aftersales.complaints.rules import CLOSED, SILENCE_DAYS, Step, state_of
from aftersales.errors import Conflict, Forbidden, Invalid, NotFound, RuleBroken, Stale, Throttled
from aftersales.models import FaultEvent, FaultPhoto, FaultReport, Machine, MachineParty, Meter, Reading
from aftersales.vocabulary import Channel, FailureMode, FaultState, MachineState, PartyRole, ReadingKind, Role, Severity
from aftersales.work import Workshop
from tests.world import World, build_world

PUBLIC = "public-M1-0001"
LEAK = Complaint(mode=FailureMode.ELU, stands_still=False, text="Oil under the pump")


@pytest.fixture
def world(workshop: Workshop) -> World:
    return build_world(workshop)


@pytest.fixture
def operator(world: World) -> Actor:
    return world.actor("quarry", Role.OPERATOR)


@pytest.fixture
def dispatcher(world: World) -> Actor:
    return world.actor("partner", Role.DISPATCHER)


def filed(workshop: Workshop, world: World, actor: Actor, *, stands_still: bool = False, machine: str = "M1") -> int:
    with workshop.transaction(actor) as work:
        fault = service.report(
            work,
            machine_id=world.machines[machine],
            mode=FailureMode.ELU,
            stands_still=stands_still,
            text="Oil under the pump",
            contact="Ivo, +385 1 000",
        )
        return fault.id


def state(workshop: Workshop, fault_id: int) -> FaultState:
    """The state of a report, after checking that it is that of its events."""
    with workshop.transaction() as work:
        row = work.session.get_one(FaultReport, fault_id)
        events = work.session.query(FaultEvent).filter_by(fault_id=fault_id).order_by(FaultEvent.sequence).all()
        assert [event.sequence for event in events] == list(range(1, row.last_event + 1))
        assert state_of(Step(event.kind) for event in events) is row.state is events[-1].state_after
        assert (row.closed_at is not None) == (row.state in CLOSED)
        return row.state


def machine_state(workshop: Workshop, world: World) -> MachineState:
    with workshop.transaction() as work:
        return work.session.get_one(Machine, world.machines["M1"]).state


def steps(workshop: Workshop, reader: Actor, fault_id: int) -> list[queries.TimelineStep]:
    with workshop.reading(reader) as work:
        return queries.timeline(work.session, reader, fault_id)


def later(workshop: Workshop, **ahead: int) -> None:
    clock = cast(FixedClock, workshop.clock)
    clock.at += timedelta(**ahead)


def test_a_report_is_seen_by_all_parties(workshop: Workshop, world: World, operator: Actor) -> None:
    fault_id = filed(workshop, world, operator)
    assert state(workshop, fault_id) is FaultState.REPORTED
    for organization in ("quarry", "partner", "maker"):
        reader = world.actor(organization, Role.MANAGER)
        with workshop.reading(reader) as work:
            page = queries.fault_page(work.session, reader, fault_id)
            assert (page.fault.text, page.contact, page.organization) == (
                "Oil under the pump",
                "Ivo, +385 1 000",
                "quarry ltd",
            )
            [line] = queries.faults(work.session, reader)
            assert (line.serial_number, line.model) == ("M1", "Crusher 200")
    assert page.fault.severity is Severity.MEDIUM


def test_a_machine_that_stands_still_is_down(workshop: Workshop, world: World, operator: Actor) -> None:
    fault_id = filed(workshop, world, operator, stands_still=True)
    assert machine_state(workshop, world) is MachineState.DOWN
    with workshop.transaction() as work:
        assert work.session.get_one(FaultReport, fault_id).severity is Severity.HIGH


def test_plausible_hours_become_a_reading(workshop: Workshop, world: World, operator: Actor) -> None:
    with workshop.transaction(operator) as work:
        first = service.report(
            work, machine_id=world.machines["M1"], mode=FailureMode.NOI, stands_still=False, hours=Decimal("1200.5")
        )
        assert first.hours_refused is None
    later(workshop, minutes=10)
    with workshop.transaction(operator) as work:
        second = service.report(
            work, machine_id=world.machines["M1"], mode=FailureMode.NOI, stands_still=False, hours=Decimal(90)
        )
    with workshop.transaction() as work:
        assert work.session.get_one(FaultReport, second.id).hours == Decimal(90)
        assert work.session.get_one(FaultReport, second.id).hours_refused
        assert [reading.display for reading in work.session.query(Reading)] == [Decimal("1200.5")]
        assert work.session.query(Meter).filter_by(machine_id=world.machines["M1"]).one().latest_life == Decimal(
            "1200.5"
        )


@pytest.mark.parametrize("hours", [Decimal(-1), Decimal("1.23456"), Decimal("1E+12")])
def test_impossible_hours_are_refused(workshop: Workshop, world: World, operator: Actor, hours: Decimal) -> None:
    with pytest.raises(Invalid, match="hours"), workshop.transaction(operator) as work:
        service.report(work, machine_id=world.machines["M1"], mode=FailureMode.NOI, stands_still=False, hours=hours)


def test_too_long_words_are_refused_naming_the_field(workshop: Workshop, world: World, operator: Actor) -> None:
    with pytest.raises(Invalid) as refusal, workshop.transaction(operator) as work:
        service.report(
            work, machine_id=world.machines["M1"], mode=FailureMode.NOI, stands_still=False, contact="x" * 201
        )
    assert refusal.value.errors[0]["field"] == "contact"


def test_photos_are_kept_once(workshop: Workshop, world: World, operator: Actor) -> None:
    output = io.BytesIO()
    Image.new("RGB", (8, 8)).save(output, "PNG")
    with workshop.transaction(operator) as work:
        fault_id = service.report(
            work,
            machine_id=world.machines["M1"],
            mode=FailureMode.NOI,
            stands_still=False,
            photos=[output.getvalue(), output.getvalue()],
        ).id
    with workshop.reading(operator) as work:
        [digest] = queries.fault_page(work.session, operator, fault_id).photos
        assert work.files.get(queries.photo(work.session, operator, fault_id, digest)).startswith(b"\xff\xd8")
        with pytest.raises(NotFound):
            queries.photo(work.session, operator, fault_id, "0" * 64)
        outsider = world.actor("mine", Role.ADMIN)
        with pytest.raises(NotFound):
            queries.photo(work.session, outsider, fault_id, digest)


def test_a_bad_photo_files_nothing(workshop: Workshop, world: World, operator: Actor) -> None:
    with pytest.raises(Invalid), workshop.transaction(operator) as work:
        service.report(
            work, machine_id=world.machines["M1"], mode=FailureMode.NOI, stands_still=True, photos=[b"<svg/>"]
        )
    with workshop.transaction() as work:
        assert work.session.query(FaultReport).count() == work.session.query(FaultPhoto).count() == 0
    assert machine_state(workshop, world) is MachineState.IN_OPERATION


def test_the_whole_course(workshop: Workshop, world: World, operator: Actor, dispatcher: Actor) -> None:
    fault_id = filed(workshop, world, operator)
    with workshop.transaction(dispatcher) as work:
        service.receive(work, fault_id, "We call you today")
    with workshop.transaction(dispatcher) as work:
        service.add_event(work, fault_id, Step.PLANNED, text="Tomorrow 8:00")
        service.comment(work, fault_id, "Customer pays late", visible=False)
    with workshop.transaction(dispatcher) as work:
        service.resolve(work, fault_id, "Seal changed")
    assert state(workshop, fault_id) is FaultState.RESOLVED
    with workshop.transaction(operator) as work:
        service.reopen(work, fault_id, "It leaks again")
    assert state(workshop, fault_id) is FaultState.REOPENED
    with workshop.transaction(dispatcher) as work:
        service.resolve(work, fault_id)
    with workshop.transaction(operator) as work:
        service.confirm(work, fault_id, "Dry now")
    assert state(workshop, fault_id) is FaultState.CONFIRMED
    seen = steps(workshop, operator, fault_id)
    assert [step.step for step in seen] == [
        Step.REPORTED,
        Step.RECEIVED,
        Step.PLANNED,
        Step.RESOLVED,
        Step.REOPENED,
        Step.RESOLVED,
        Step.CONFIRMED,
    ]
    assert [(step.organization, step.role, step.person) for step in seen[:2]] == [
        ("quarry ltd", Role.OPERATOR, "quarry operator"),
        ("partner ltd", Role.DISPATCHER, ""),
    ]
    notes = [step for step in steps(workshop, dispatcher, fault_id) if not step.visible_to_operator]
    assert [note.text for note in notes] == ["Customer pays late"]
    assert not [
        step for step in steps(workshop, world.actor("maker", Role.ADMIN), fault_id) if step.text == notes[0].text
    ]


def test_only_the_customer_confirms(workshop: Workshop, world: World, operator: Actor, dispatcher: Actor) -> None:
    fault_id = filed(workshop, world, operator)
    with workshop.transaction(dispatcher) as work:
        service.resolve(work, fault_id)
    with pytest.raises(Forbidden), workshop.transaction(dispatcher) as work:
        service.confirm(work, fault_id)
    for organization in ("partner", "maker"):
        with pytest.raises(Forbidden), workshop.transaction(world.actor(organization, Role.ADMIN)) as work:
            service.confirm(work, fault_id)
    with pytest.raises(NotFound), workshop.transaction(world.actor("mine", Role.ADMIN)) as work:
        service.confirm(work, fault_id)
    with pytest.raises(Forbidden), workshop.transaction(operator) as work:
        service.resolve(work, fault_id)


def test_steps_with_their_own_way_are_not_taken_by_hand(
    workshop: Workshop, world: World, operator: Actor, dispatcher: Actor
) -> None:
    fault_id = filed(workshop, world, operator)
    for step in (Step.CONFIRMED, Step.REOPENED, Step.CLOSED_SILENTLY, Step.DUPLICATE, Step.REPORTED):
        with pytest.raises(RuleBroken), workshop.transaction(dispatcher) as work:
            service.add_event(work, fault_id, step, text="x")
    with pytest.raises(RuleBroken, match="future"), workshop.transaction(dispatcher) as work:
        service.add_event(work, fault_id, Step.STARTED, at=work.now + timedelta(hours=1))


def test_every_step_raises_the_version(workshop: Workshop, world: World, operator: Actor, dispatcher: Actor) -> None:
    fault_id = filed(workshop, world, operator)
    with workshop.transaction(dispatcher) as work:
        seen = work.session.get_one(FaultReport, fault_id).version
        service.comment(work, fault_id, "Hello")
    with pytest.raises(Stale), workshop.transaction(dispatcher) as work:
        service.receive(work, fault_id, expected_version=seen)


def test_duplicates(workshop: Workshop, world: World, operator: Actor, dispatcher: Actor) -> None:
    first, second = filed(workshop, world, operator), filed(workshop, world, operator)
    foreign = filed(workshop, world, world.actor("mine", Role.OPERATOR), machine="M2")
    with pytest.raises(RuleBroken), workshop.transaction(dispatcher) as work:
        service.mark_duplicate(work, second, second)
    with pytest.raises(NotFound), workshop.transaction(dispatcher) as work:
        service.mark_duplicate(work, second, foreign)
    with workshop.transaction(dispatcher) as work:
        service.mark_duplicate(work, second, first)
    with pytest.raises(RuleBroken), workshop.transaction(dispatcher) as work:
        service.mark_duplicate(work, first, second)
    assert state(workshop, second) is FaultState.DUPLICATE
    with workshop.reading(operator) as work:
        assert queries.fault_page(work.session, operator, first).duplicates == (second,)
    with workshop.transaction(operator) as work:
        service.reopen(work, second, "No, that is the other pump")
    with workshop.transaction() as work:
        assert work.session.get_one(FaultReport, second).duplicate_of_id is None


def test_rejection_has_a_reason(workshop: Workshop, world: World, operator: Actor, dispatcher: Actor) -> None:
    fault_id = filed(workshop, world, operator)
    with pytest.raises(Invalid), workshop.transaction(dispatcher) as work:
        service.reject(work, fault_id, " ")
    with workshop.transaction(dispatcher) as work:
        service.reject(work, fault_id, "The machine is not ours")
    assert state(workshop, fault_id) is FaultState.REJECTED


def test_documented_silence_closes(workshop: Workshop, world: World, operator: Actor, dispatcher: Actor) -> None:
    fault_id, other = filed(workshop, world, operator), filed(workshop, world, operator)
    with workshop.transaction(dispatcher) as work:
        service.resolve(work, fault_id)
        service.resolve(work, other)
    later(workshop, days=SILENCE_DAYS - 1)
    with workshop.transaction(operator) as work:
        service.reopen(work, other, "Still there")
    with workshop.transaction(dispatcher) as work:
        service.resolve(work, other)
    later(workshop, days=1)
    with workshop.transaction() as work:
        assert service.close_after_silence(work) == [fault_id]
    with workshop.transaction() as work:
        assert service.close_after_silence(work) == []
    assert state(workshop, fault_id) is FaultState.CONFIRMED
    assert state(workshop, other) is FaultState.RESOLVED
    assert steps(workshop, operator, fault_id)[-1].step is Step.CLOSED_SILENTLY
    with workshop.transaction(operator) as work:
        service.reopen(work, fault_id, "We were on holiday")


def test_report_by_qr(workshop: Workshop, world: World, operator: Actor, dispatcher: Actor) -> None:
    with workshop.transaction(STRANGER) as work:
        complaint = replace(LEAK, stands_still=True, hours=Decimal(500))
        fault = service.report_by_qr(work, PUBLIC, complaint)
        public_id = fault.public_id
    assert machine_state(workshop, world) is MachineState.IN_OPERATION
    with workshop.reading(operator) as work:
        [line] = queries.faults(work.session, operator)
        assert (line.fault.channel, line.organization, line.fault.reporter_id) == (Channel.QR, "quarry ltd", None)
        assert [reading.kind for reading in work.session.query(Reading)] == [ReadingKind.ESTIMATED]
    with workshop.transaction(dispatcher) as work:
        service.receive(work, fault.id, "On our way")
        service.comment(work, fault.id, "internal", visible=False)
    assert machine_state(workshop, world) is MachineState.DOWN
    with workshop.reading(STRANGER) as work:
        status = queries.report_status(work.session, public_id)
        assert [(step.step, step.text, step.person) for step in status.timeline] == [
            (Step.REPORTED, "", ""),
            (Step.RECEIVED, "On our way", ""),
        ]
        with pytest.raises(NotFound):
            queries.report_status(work.session, "nothing")
        shown = queries.public_machine(work.session, PUBLIC)
        assert [(one.mode, one.state) for one in shown.open_faults] == [(FailureMode.ELU, FaultState.RECEIVED)]
        assert "Oil" not in repr(shown)
        assert "quarry" not in repr(shown)


def test_reporting_switched_off(workshop: Workshop, world: World, operator: Actor) -> None:
    filed(workshop, world, operator)
    with workshop.transaction() as work:
        work.session.get_one(Machine, world.machines["M1"]).reporting_open = False
    with pytest.raises(RuleBroken) as refusal, workshop.transaction(STRANGER) as work:
        service.report_by_qr(work, PUBLIC, LEAK)
    assert refusal.value.reason == "reporting_closed"
    with workshop.reading(STRANGER) as work:
        assert queries.public_machine(work.session, PUBLIC).open_faults == ()
        with pytest.raises(NotFound):
            queries.public_machine(work.session, "public-M9")
    with pytest.raises(NotFound), workshop.transaction(STRANGER) as work:
        service.report_by_qr(work, "public-M9", LEAK)
    assert filed(workshop, world, operator)


def test_reports_by_qr_are_limited_per_machine(workshop: Workshop, world: World, operator: Actor) -> None:
    for _ in range(QR_REPORTS):
        with workshop.transaction(STRANGER) as work:
            service.report_by_qr(work, PUBLIC, LEAK)
    with pytest.raises(Throttled), workshop.transaction(STRANGER) as work:
        service.report_by_qr(work, PUBLIC, LEAK)
    with workshop.transaction(STRANGER) as work:
        service.report_by_qr(work, "public-M2-0001", LEAK)
    assert filed(workshop, world, operator)
    later(workshop, hours=1, seconds=1)
    with workshop.transaction(STRANGER) as work:
        service.report_by_qr(work, PUBLIC, LEAK)


def test_foreign_machines_and_reports_are_not_found(workshop: Workshop, world: World, operator: Actor) -> None:
    fault_id = filed(workshop, world, operator)
    outsider = world.actor("mine", Role.ADMIN)
    with pytest.raises(NotFound):
        filed(workshop, world, outsider)
    with workshop.reading(outsider) as work:
        assert queries.faults(work.session, outsider) == []
        for read in (queries.fault_page, queries.timeline, queries.fault):
            with pytest.raises(NotFound):
                read(work.session, outsider, fault_id)
    for change in (service.receive, service.resolve, service.confirm):
        with pytest.raises(NotFound), workshop.transaction(outsider) as work:
            change(work, fault_id)
    with pytest.raises(NotFound), workshop.transaction(outsider) as work:
        service.comment(work, fault_id, "x")
    with pytest.raises(Forbidden), workshop.transaction(STRANGER) as work:
        service.report(work, machine_id=world.machines["M1"], mode=FailureMode.NOI, stands_still=False)


def test_a_guest_only_looks(workshop: Workshop, world: World, operator: Actor) -> None:
    fault_id = filed(workshop, world, operator)
    with workshop.transaction() as work:
        work.session.add(
            MachineParty(
                machine_id=world.machines["M1"],
                organization_id=world.organizations["supplier"],
                role=PartyRole.GUEST,
                valid_from=work.now - timedelta(days=1),
            )
        )
    guest = world.actor("supplier", Role.ADMIN)
    with workshop.reading(guest) as work:
        assert queries.fault(work.session, guest, fault_id)
    for change in (service.receive, service.resolve):
        with pytest.raises(Forbidden), workshop.transaction(guest) as work:
            change(work, fault_id)
    with pytest.raises(Forbidden):
        filed(workshop, world, guest)


def test_a_new_partner_sees_what_is_open_and_not_what_is_past(
    workshop: Workshop, world: World, operator: Actor, dispatcher: Actor
) -> None:
    past, current = filed(workshop, world, operator), filed(workshop, world, operator)
    with workshop.transaction(dispatcher) as work:
        service.reject(work, past, "Not a fault")
    later(workshop, days=30)
    with workshop.transaction() as work:
        work.session.add(
            MachineParty(
                machine_id=world.machines["M1"],
                organization_id=world.organizations["supplier"],
                role=PartyRole.SERVICE_PARTNER,
                valid_from=work.now - timedelta(days=1),
            )
        )
    newcomer = world.actor("supplier", Role.DISPATCHER)
    with workshop.reading(newcomer) as work:
        assert [line.fault.id for line in queries.faults(work.session, newcomer)] == [current]
        assert queries.fault_page(work.session, newcomer, current).contact
        with pytest.raises(NotFound):
            queries.fault_page(work.session, newcomer, past)


def test_lists_go_on_by_key_and_filter(workshop: Workshop, world: World, operator: Actor, dispatcher: Actor) -> None:
    ids = [filed(workshop, world, operator) for _ in range(5)]
    with workshop.transaction(dispatcher) as work:
        service.receive(work, ids[0])
    with workshop.reading(operator) as work:
        first = [line.fault.id for line in queries.faults(work.session, operator, limit=3)]
        rest = [line.fault.id for line in queries.faults(work.session, operator, after=first[-1], limit=3)]
        assert first + rest == ids[::-1]
        received = queries.faults(work.session, operator, states=[FaultState.RECEIVED], machine_id=world.machines["M1"])
        assert [line.fault.id for line in received] == ids[:1]
        assert queries.open_count(work.session, operator) == 5


@pytest.mark.parametrize("statement", ["UPDATE fault_event SET text = 'x'", "DELETE FROM fault_event"])
def test_nobody_edits_the_timeline(workshop: Workshop, world: World, operator: Actor, statement: str) -> None:
    filed(workshop, world, operator)
    with pytest.raises(Conflict, match="ledger"), workshop.transaction() as work:
        work.session.execute(text(statement))
