"""Opening, planning, time, parts, checklist and signatures of work orders, on both databases."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from PIL import Image

from aftersales.complaints import queries as complaints
from aftersales.complaints import service as complaint_service
from aftersales.complaints.rules import Step
from aftersales.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, RuleBroken, Stale
from aftersales.models import FaultReport, Machine, TimeEntry, WorkOrder
from aftersales.orders import order_page, queries, service
from aftersales.stock import queries as stock
from aftersales.stock import service as stock_service
from aftersales.vocabulary import (
    Condition,
    Detection,
    FailureCause,
    FailureMechanism,
    FailureMode,
    FaultState,
    LocationKind,
    MachineState,
    OrderKind,
    OrderState,
    RemovalReason,
    Role,
)
from tests.aftersales.orders.conftest import Yard


def state(yard: Yard, order_id: int) -> OrderState:
    with yard.workshop.transaction() as work:
        return work.session.get_one(WorkOrder, order_id).state


def png(size: tuple[int, int] = (300, 100), kind: str = "PNG") -> bytes:
    output = io.BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", size).save(output, kind)
    return output.getvalue()


def reserved(yard: Yard, part: str) -> Decimal:
    with yard.workshop.transaction() as work:
        return stock.balance(work.session, yard.world.parts[part], Condition.NEW, yard.van).reserved


def test_opening_freezes_the_checklist_and_sets_the_kit_aside(yard: Yard) -> None:
    order_id = yard.opened(OrderKind.MAINTENANCE, tasks=(yard.task,))
    with yard.workshop.reading(yard.engineer) as work:
        page = order_page.order_page(work.session, yard.engineer, order_id)
        assert (page.order.number, page.order.state, page.order.title) == (
            "SO-2026-00001",
            OrderState.DRAFT,
            "1,000 h maintenance",
        )
        assert [(line.sequence, line.text, line.measured, line.required) for line in page.checklist] == [
            (1, "Working pressure", True, True),
            (2, "Guards in place", False, True),
            (3, "Paint", False, False),
        ]
        [part] = page.parts
        assert (part.number, part.place, part.use.quantity, part.price) == ("FLT-7", "VAN1", Decimal(2), Decimal(100))
        assert page.standard_hours == Decimal("2.5")
    assert reserved(yard, "FLT-7") == 2


def test_a_kit_that_is_short_is_named(yard: Yard) -> None:
    yard.opened(OrderKind.MAINTENANCE, tasks=(yard.task,))
    yard.opened(OrderKind.MAINTENANCE, tasks=(yard.task,))
    with yard.workshop.transaction(yard.dispatcher) as work:
        third = service.open_order(
            work, kind=OrderKind.MAINTENANCE, machine_id=yard.machine, task_ids=[yard.task], kit_location_id=yard.van
        )
        assert third.short == [("FLT-7", Decimal(2))]
    assert reserved(yard, "FLT-7") == 4


def test_cancelling_frees_the_kit_and_the_faults_wait_again(yard: Yard) -> None:
    fault_id = yard.fault()
    order_id = yard.opened(faults=(fault_id,), tasks=(yard.task,))
    with yard.workshop.transaction(yard.engineer) as work:
        service.start(work, order_id)
    with pytest.raises(RuleBroken, match="clock"), yard.workshop.transaction(yard.dispatcher) as work:
        service.cancel(work, order_id, "Customer sold it")
    with yard.workshop.transaction(yard.engineer) as work:
        service.stop(work, order_id)
    with pytest.raises(Invalid), yard.workshop.transaction(yard.dispatcher) as work:
        service.cancel(work, order_id, " ")
    with yard.workshop.transaction(yard.dispatcher) as work:
        service.cancel(work, order_id, "Wrong machine")
    assert reserved(yard, "FLT-7") == 0
    assert state(yard, order_id) is OrderState.CANCELLED
    with yard.workshop.reading(yard.operator) as work:
        page = complaints.fault_page(work.session, yard.operator, fault_id)
        assert page.fault.state is FaultState.RECEIVED
        assert (page.timeline[-1].step, page.timeline[-1].text) == (Step.ORDER_CANCELLED, "Wrong machine")


def test_what_an_order_cannot_be_opened_for(yard: Yard) -> None:
    fault_id = yard.fault()
    with yard.workshop.transaction(yard.world.actor("mine", Role.OPERATOR)) as work:
        foreign = complaint_service.report(
            work, machine_id=yard.world.machines["M2"], mode=FailureMode.NOI, stands_still=False
        ).id
    with pytest.raises(NotFound):
        yard.opened(faults=(foreign,))
    with yard.workshop.transaction(yard.dispatcher) as work:
        complaint_service.reject(work, fault_id, "Not a fault")
    with pytest.raises(RuleBroken, match="needs no work order"):
        yard.opened(faults=(fault_id,))
    with pytest.raises(NotFound):
        yard.opened(tasks=(999,))
    with pytest.raises(NotFound), yard.workshop.transaction(yard.dispatcher) as work:
        service.open_order(work, kind=OrderKind.REPAIR, machine_id=yard.world.machines["M2"])
    with pytest.raises(Forbidden), yard.workshop.transaction(yard.world.actor("quarry", Role.OPERATOR)) as work:
        service.open_order(work, kind=OrderKind.REPAIR, machine_id=yard.machine)
    with pytest.raises(Invalid), yard.workshop.transaction(yard.dispatcher) as work:
        service.open_order(work, kind=OrderKind.REPAIR, machine_id=yard.machine, hourly_rate=Decimal(-1))
    with yard.workshop.transaction() as work:
        assert work.session.query(WorkOrder).count() == 0


def test_planning_tells_the_operator_and_warns_of_overlaps(yard: Yard) -> None:
    fault_id = yard.fault()
    first, second = yard.opened(faults=(fault_id,)), yard.opened(OrderKind.INSPECTION)
    morning = yard.workshop.clock.now() + timedelta(hours=20)
    with yard.workshop.transaction(yard.dispatcher) as work:
        planned = service.plan(
            work,
            first,
            assignee_id=yard.engineer.user_id,
            planned_from=morning,
            planned_to=morning + timedelta(hours=4),
        )
        assert (planned.order.state, planned.overlaps) == (OrderState.PLANNED, ())
    with yard.workshop.transaction(yard.dispatcher) as work:
        clash = service.plan(
            work,
            second,
            assignee_id=yard.engineer.user_id,
            planned_from=morning + timedelta(hours=3),
            planned_to=morning + timedelta(hours=6),
        )
        assert [overlap.number for overlap in clash.overlaps] == ["SO-2026-00001"]
    with yard.workshop.reading(yard.operator) as work:
        last = complaints.timeline(work.session, yard.operator, fault_id)[-1]
        assert (last.step, last.text) == (Step.PLANNED, "2026-06-02 08:00 – 12:00 (UTC)")
        lines = queries.orders(work.session, yard.operator)
        assert {line.assignee for line in lines} == {""}
    with yard.workshop.reading(yard.dispatcher) as work:
        columns = queries.board(work.session, yard.dispatcher)
        assert [line.assignee for line in columns[OrderState.PLANNED]] == ["partner technician"] * 2
        mine = queries.due_today(work.session, yard.engineer, morning, morning + timedelta(hours=1))
        assert [line.order.id for line in mine] == [first]


def test_who_can_be_assigned(yard: Yard) -> None:
    order_id = yard.opened()
    for name, role, error in (("partner", Role.STOREKEEPER, RuleBroken), ("quarry", Role.TECHNICIAN, NotFound)):
        with pytest.raises(error), yard.workshop.transaction(yard.dispatcher) as work:
            service.plan(work, order_id, assignee_id=yard.world.users[name, role], planned_from=None, planned_to=None)
    with pytest.raises(Forbidden), yard.workshop.transaction(yard.engineer) as work:
        service.plan(work, order_id, assignee_id=None, planned_from=None, planned_to=None)
    with yard.workshop.reading(yard.dispatcher) as work:
        names = [user.full_name for user in queries.engineers(work.session, yard.dispatcher)]
        assert names == ["partner admin", "partner dispatcher", "partner technician"]


def test_a_person_is_at_one_job_at_a_time(yard: Yard) -> None:
    first, second = yard.opened(), yard.opened(OrderKind.INSPECTION)
    with yard.workshop.transaction(yard.engineer) as work:
        service.start(work, first, kind="travel")
    with pytest.raises(Conflict, match="SO-2026-00001"), yard.workshop.transaction(yard.engineer) as work:
        service.start(work, second)
    yard.later(hours=1)
    with yard.workshop.transaction(yard.engineer) as work:
        service.stop(work, first)
        service.start(work, second)
    with yard.workshop.reading(yard.engineer) as work:
        running = queries.clock(work.session, yard.engineer)
        assert running is not None
        assert running[1] == "SO-2026-00002"
    with pytest.raises(Conflict, match="overlaps"), yard.workshop.transaction(yard.engineer) as work:
        now = yard.workshop.clock.now()
        service.add_time(work, second, started_at=now - timedelta(minutes=90), ended_at=now - timedelta(minutes=30))
    with yard.workshop.transaction(yard.engineer) as work:
        now = yard.workshop.clock.now()
        service.add_time(work, second, started_at=now - timedelta(hours=3), ended_at=now - timedelta(hours=2))
    with pytest.raises(Invalid), yard.workshop.transaction(yard.engineer) as work:
        service.stop(work, second)
        service.start(work, second, kind="sleep")


def test_pausing_has_a_reason_the_operator_reads(yard: Yard) -> None:
    fault_id = yard.fault()
    order_id = yard.opened(faults=(fault_id,))
    with yard.workshop.transaction(yard.engineer) as work:
        service.start(work, order_id)
        assert work.session.get_one(Machine, yard.machine).state is MachineState.UNDER_REPAIR
    with yard.workshop.transaction(yard.dispatcher) as work:
        service.start(work, order_id)
    with pytest.raises(Invalid), yard.workshop.transaction(yard.engineer) as work:
        service.pause(work, order_id, "")
    with yard.workshop.transaction(yard.engineer) as work:
        service.pause(work, order_id, "Lunch")
    assert state(yard, order_id) is OrderState.IN_PROGRESS
    with yard.workshop.transaction(yard.dispatcher) as work:
        service.pause(work, order_id, "Waiting for a seal")
    assert state(yard, order_id) is OrderState.PAUSED
    with yard.workshop.reading(yard.operator) as work:
        texts = [(step.step, step.text) for step in complaints.timeline(work.session, yard.operator, fault_id)]
        assert texts[-1] == (Step.PAUSED, "Waiting for a seal")
        assert (Step.PAUSED, "Lunch") not in texts
    with yard.workshop.transaction(yard.engineer) as work:
        service.start(work, order_id)
        assert work.session.get_one(FaultReport, fault_id).state is FaultState.IN_PROGRESS
    assert state(yard, order_id) is OrderState.IN_PROGRESS


def test_a_planner_stops_a_forgotten_clock(yard: Yard) -> None:
    order_id = yard.opened()
    with yard.workshop.transaction(yard.dispatcher) as work:
        service.start(work, order_id)
    with pytest.raises(Forbidden), yard.workshop.transaction(yard.engineer) as work:
        service.stop(work, order_id, user_id=yard.dispatcher.user_id)
    with yard.workshop.transaction(yard.engineer) as work:
        service.start(work, order_id)
    yard.later(hours=9)
    with yard.workshop.transaction(yard.dispatcher) as work:
        ended = work.now - timedelta(hours=1)
        service.stop(work, order_id, user_id=yard.engineer.user_id, at=ended)
    with yard.workshop.transaction() as work:
        entries = work.session.query(TimeEntry).filter_by(user_id=yard.engineer.user_id).all()
        assert [entry.ended_at for entry in entries] == [ended]
    with pytest.raises(RuleBroken, match="not running"), yard.workshop.transaction(yard.engineer) as work:
        service.stop(work, order_id)


def test_finishing_stops_ones_own_clock_and_work_can_go_on(yard: Yard) -> None:
    order_id = yard.opened()
    with pytest.raises(RuleBroken), yard.workshop.transaction(yard.engineer) as work:
        service.finish(work, order_id)
    with yard.workshop.transaction(yard.engineer) as work:
        service.start(work, order_id)
    with yard.workshop.transaction(yard.engineer) as work:
        service.finish(work, order_id, summary="Done", meter_hours=Decimal(1000))
    assert state(yard, order_id) is OrderState.DONE
    with yard.workshop.transaction(yard.engineer) as work:
        assert queries.clock(work.session, yard.engineer) is None
        service.start(work, order_id)
    assert state(yard, order_id) is OrderState.IN_PROGRESS


def test_checks_are_judged_by_their_limits(yard: Yard) -> None:
    order_id = yard.opened(OrderKind.MAINTENANCE, tasks=(yard.task,))
    with yard.workshop.transaction(yard.engineer) as work:
        pressure, guards, paint = order_page.order_page(work.session, yard.engineer, order_id).checklist
        service.fill_checklist(
            work,
            order_id,
            [
                service.CheckEntry(pressure.id, value=Decimal("8.1"), passed=True, note="Gauge new"),
                service.CheckEntry(guards.id, passed=True),
                service.CheckEntry(paint.id, note="Not looked at"),
            ],
        )
        assert (pressure.passed, guards.passed, paint.passed) == (False, True, None)
        assert pressure.filled_by_id == yard.engineer.user_id
    for entry in (
        service.CheckEntry(guards.id, value=Decimal(1)),
        service.CheckEntry(pressure.id, value=Decimal("1.1234567")),
        service.CheckEntry(guards.id, passed=True, note="x" * 501),
    ):
        with pytest.raises(Invalid) as refusal, yard.workshop.transaction(yard.engineer) as work:
            service.fill_checklist(work, order_id, [entry])
        assert refusal.value.errors[0]["row"] in {1, 2}
    with pytest.raises(NotFound), yard.workshop.transaction(yard.engineer) as work:
        service.fill_checklist(work, order_id, [service.CheckEntry(9999, passed=True)])


def test_parts_on_an_order(yard: Yard) -> None:
    order_id = yard.opened()
    filters, pump = yard.world.parts["FLT-7"], yard.world.parts["HP-100"]
    with yard.workshop.transaction(yard.engineer) as work:
        use = service.add_part(work, order_id, part_id=filters, location_id=yard.van, quantity=Decimal(3))
    assert reserved(yard, "FLT-7") == 3
    with yard.workshop.transaction(yard.engineer) as work:
        service.change_part(work, order_id, use.id, quantity=Decimal(1))
    assert reserved(yard, "FLT-7") == 1
    with yard.workshop.transaction(yard.engineer) as work:
        service.remove_part(work, order_id, use.id)
    assert reserved(yard, "FLT-7") == 0
    with yard.workshop.transaction(yard.engineer) as work:
        scarce = service.add_part(work, order_id, part_id=filters, location_id=yard.shed, quantity=Decimal(9))
        assert scarce.reservation_id is None
    refused: list[tuple[dict[str, object], type[DomainError]]] = [
        ({"part_id": pump, "quantity": Decimal(2)}, RuleBroken),
        ({"part_id": filters, "quantity": Decimal("0.5")}, DomainError),
        ({"part_id": filters, "quantity": Decimal(-1)}, DomainError),
        ({"part_id": filters, "serial_number": "X"}, RuleBroken),
        ({"part_id": filters, "unit_price": Decimal(-1)}, Invalid),
        ({"part_id": 999}, NotFound),
        ({"part_id": filters, "location_id": 999}, NotFound),
    ]
    for given, error in refused:
        with pytest.raises(error), yard.workshop.transaction(yard.engineer) as work:
            service.add_part(work, order_id, **{"location_id": yard.van, **given})  # type: ignore[arg-type]  # as given


def test_a_place_of_another_organisation_is_not_found(yard: Yard) -> None:
    order_id = yard.opened()
    with yard.workshop.transaction(yard.world.actor("maker", Role.ADMIN)) as work:
        foreign = stock_service.create_location(work, code="MAIN", name="Main", kind=LocationKind.WAREHOUSE).id
    with pytest.raises(NotFound), yard.workshop.transaction(yard.engineer) as work:
        service.add_part(work, order_id, part_id=yard.world.parts["FLT-7"], location_id=foreign)


def test_exchanges_are_held_against_the_register(yard: Yard) -> None:
    order_id = yard.opened()
    pump, bearing = yard.world.positions["PUMP"], yard.world.positions["BEARING"]
    refused: list[tuple[dict[str, object], str]] = [
        ({"position_id": pump, "removed_serial_number": "S9"}, "S1 at position PUMP, not S9"),
        ({"position_id": bearing, "removal_reason": RemovalReason.FAILURE}, "Nothing is recorded"),
        ({"position_id": pump, "slot": 2, "fitted_serial_number": "S2"}, "slots 1 to 1"),
        ({"position_id": pump}, "taken out"),
        ({"position_id": pump, "fitted_serial_number": "S2", "fate": "eaten"}, "fate"),
    ]
    for given, words in refused:
        with pytest.raises(DomainError, match=words), yard.workshop.transaction(yard.engineer) as work:
            service.add_exchange(work, order_id, **given)  # type: ignore[arg-type]  # as given
    with yard.workshop.transaction(yard.engineer) as work:
        one = service.add_exchange(work, order_id, position_id=bearing, slot=2, fitted_serial_number="B1")
        assert one.removed_component_id is None
    with pytest.raises(RuleBroken, match="noted already"), yard.workshop.transaction(yard.engineer) as work:
        service.add_exchange(work, order_id, position_id=bearing, slot=2, fitted_serial_number="B2")
    with yard.workshop.transaction(yard.engineer) as work:
        service.remove_exchange(work, order_id, one.id)


def test_findings_explain_the_orders_own_faults(yard: Yard) -> None:
    fault_id, other = yard.fault(), yard.fault(stands_still=False)
    order_id = yard.opened(faults=(fault_id,))
    coded = {
        "mode": FailureMode.ELU,
        "mechanism": FailureMechanism.MECHANICAL,
        "cause": FailureCause.OPERATION,
        "detection": Detection.OPERATION,
    }
    with yard.workshop.transaction(yard.engineer) as work:
        finding = service.add_finding(work, order_id, **coded)  # type: ignore[arg-type]  # the four codes
        assert finding.fault_id == fault_id
    with pytest.raises(RuleBroken), yard.workshop.transaction(yard.engineer) as work:
        service.add_finding(work, order_id, fault_id=other, **coded)  # type: ignore[arg-type]  # the four codes
    with pytest.raises(NotFound), yard.workshop.transaction(yard.engineer) as work:
        service.add_finding(work, order_id, position_id=999, **coded)  # type: ignore[arg-type]  # the four codes


def test_signatures(yard: Yard) -> None:
    order_id = yard.opened()
    with yard.workshop.transaction(yard.engineer) as work:
        typed = service.sign_off(work, order_id, role="customer", name="  Ivo   Kamen ")
        drawn = service.sign_off(work, order_id, role="engineer", name="Ana", signature_png=png())
        assert (typed.name, typed.signature_hash) == ("Ivo Kamen", None)
    with yard.workshop.reading(yard.operator) as work:
        digest = order_page.signature(work.session, yard.operator, order_id, drawn.id)
        assert work.files.get(digest).startswith(b"\x89PNG")
        with pytest.raises(NotFound):
            order_page.signature(work.session, yard.operator, order_id, typed.id)
        with pytest.raises(NotFound):
            order_page.signature(work.session, yard.world.actor("mine", Role.ADMIN), order_id, drawn.id)
    for role, name, content in (
        ("boss", "Ana", None),
        ("customer", " ", None),
        ("customer", "Ivo", b"<svg/>"),
        ("customer", "Ivo", png(kind="JPEG")),
        ("customer", "Ivo", png((4000, 4000))),
        ("customer", "Ivo", png() + b"\0" * 1024 * 1024),
        ("customer", "Ivo", png()[:60]),
    ):
        with pytest.raises(Invalid), yard.workshop.transaction(yard.engineer) as work:
            service.sign_off(work, order_id, role=role, name=name, signature_png=content)


def test_each_change_raises_the_orders_version(yard: Yard) -> None:
    order_id = yard.opened()
    with yard.workshop.transaction(yard.engineer) as work:
        seen = work.session.get_one(WorkOrder, order_id).version
        service.add_part(work, order_id, part_id=yard.world.parts["FLT-7"], location_id=yard.van)
    with pytest.raises(Stale), yard.workshop.transaction(yard.dispatcher) as work:
        service.describe(work, order_id, title="New", expected_version=seen)
    with yard.workshop.transaction(yard.dispatcher) as work:
        service.describe(work, order_id, title="New", expected_version=seen + 1)
    with pytest.raises(Invalid), yard.workshop.transaction(yard.dispatcher) as work:
        service.describe(work, order_id, title="")


def test_lists_go_on_by_key(yard: Yard) -> None:
    ids = [yard.opened() for _ in range(4)]
    with yard.workshop.reading(yard.dispatcher) as work:
        first = [line.order.id for line in queries.orders(work.session, yard.dispatcher, limit=3)]
        rest = [
            line.order.id
            for line in queries.orders(
                work.session, yard.dispatcher, after=first[-1], states=[OrderState.DRAFT], own_only=True
            )
        ]
        assert first + rest == ids[::-1]
        assert queries.orders(work.session, yard.dispatcher, assignee_id=yard.engineer.user_id) == []
        assert len(queries.orders(work.session, yard.operator, machine_id=yard.machine)) == 4
        assert queries.open_count(work.session, yard.dispatcher) == 4
        assert queries.open_count(work.session, yard.operator) == 0
