"""Closing a job end to end, on both databases; and that anything failing leaves everything as it was."""

import io
from collections.abc import Callable
from decimal import Decimal

import pypdf
import pytest
from sqlalchemy import func, select

from aftersales.certificates import service as certificates
from aftersales.complaints import queries as complaints
from aftersales.complaints.rules import Step
from aftersales.errors import Forbidden, NotFound, RuleBroken
from aftersales.models import (
    Certificate,
    Component,
    Coverage,
    FailureRecord,
    FaultReport,
    Installation,
    Machine,
    NumberSeries,
    OrderCorrection,
    PartUse,
    Reading,
    StockMove,
    TaskCompletion,
    WorkOrder,
)
from aftersales.orders import checks, order_page, queries, service
from aftersales.registry import service as registry
from aftersales.stock import queries as stock_queries
from aftersales.stock import service as stock
from aftersales.usage import queries as usage
from aftersales.vocabulary import (
    CertificateKind,
    Condition,
    Detection,
    FailureCause,
    FailureMechanism,
    FailureMode,
    FaultState,
    LocationKind,
    MachineState,
    MeterKind,
    MoveKind,
    OrderKind,
    OrderState,
    RemovalReason,
    Role,
)
from aftersales.work import Work
from tests.aftersales.orders.conftest import Yard

Spoil = Callable[[Work, Yard, int], None]


def repaired(yard: Yard) -> tuple[int, int]:
    """A repair with everything done and noted, ready to be closed: order and fault."""
    fault_id = yard.fault()
    yard.later(hours=1)
    order_id = yard.opened(faults=(fault_id,), tasks=(yard.task,))
    with yard.workshop.transaction(yard.engineer) as work:
        service.start(work, order_id)
    yard.later(hours=2)
    with yard.workshop.transaction(yard.engineer) as work:
        page = order_page.order_page(work.session, yard.engineer, order_id)
        pressure, guards, _ = page.checklist
        service.fill_checklist(
            work,
            order_id,
            [service.CheckEntry(pressure.id, value=Decimal("7.2")), service.CheckEntry(guards.id, passed=True)],
        )
        service.add_part(work, order_id, part_id=yard.world.parts["HP-100"], location_id=yard.van, serial_number="S2")
        service.add_exchange(
            work,
            order_id,
            position_id=yard.world.positions["PUMP"],
            removed_serial_number="S1",
            removal_reason=RemovalReason.FAILURE,
            fate="core",
            core_location_id=yard.shed,
            fitted_serial_number="S2",
        )
        service.add_finding(
            work,
            order_id,
            mode=FailureMode.ELU,
            mechanism=FailureMechanism.MECHANICAL,
            cause=FailureCause.MAINTENANCE,
            detection=Detection.OPERATION,
            text="Shaft seal worn",
            position_id=yard.world.positions["PUMP"],
        )
        service.sign_off(work, order_id, role="engineer", name="Ana Horvat")
        service.sign_off(work, order_id, role="customer", name="Ivo Kamen")
        service.finish(work, order_id, summary="Pump exchanged", meter_hours=Decimal(1010))
    return order_id, fault_id


def close(yard: Yard, order_id: int) -> int:
    with yard.workshop.transaction(yard.engineer) as work:
        return service.close(work, order_id).certificate.id


def test_closing_books_everything(yard: Yard) -> None:
    order_id, fault_id = repaired(yard)
    with yard.workshop.reading(yard.dispatcher) as work:
        assert work.session.get_one(Machine, yard.machine).state is MachineState.UNDER_REPAIR
    certificate_id = close(yard, order_id)
    now = yard.workshop.clock.now()
    with yard.workshop.transaction() as work:
        session = work.session
        order = session.get_one(WorkOrder, order_id)
        assert (order.state, order.closed_at) == (OrderState.CLOSED, now)
        moves = {
            (move.kind, move.part_id, move.serial_number, move.quantity)
            for move in session.query(StockMove).filter_by(work_order_id=order_id)
        }
        pump, fltr = yard.world.parts["HP-100"], yard.world.parts["FLT-7"]
        assert moves == {
            (MoveKind.ISSUE, pump, "S2", Decimal(1)),
            (MoveKind.ISSUE, fltr, None, Decimal(2)),
            (MoveKind.RETURN, pump, "S1", Decimal(1)),
        }
        left = stock_queries.balance(session, fltr, Condition.NEW, yard.van)
        assert (left.on_hand, left.reserved) == (Decimal(3), Decimal(0))
        assert stock_queries.balance(session, pump, Condition.CORE, yard.shed).on_hand == 1
        stays = session.execute(
            select(Component.serial_number, Installation.meter_in, Installation.meter_out, Installation.removal_reason)
            .join(Installation, Installation.component_id == Component.id)
            .order_by(Installation.id)
        ).all()
        assert [tuple(stay) for stay in stays] == [
            ("S1", Decimal(0), Decimal(1010), RemovalReason.FAILURE),
            ("S2", Decimal(1010), None, None),
        ]
        assert usage.life_at(session, yard.machine, MeterKind.HOURS, now) == Decimal(1010)
        failure = session.query(FailureRecord).one()
        assert (failure.mode, failure.mechanism, failure.part_id) == (
            FailureMode.ELU,
            FailureMechanism.MECHANICAL,
            pump,
        )
        assert (failure.fault_id, failure.work_order_id, failure.down_hours) == (fault_id, order_id, Decimal(3))
        done = session.query(TaskCompletion).one()
        assert (done.task_code, done.life_hours, done.work_order_id) == ("M1000", Decimal(1010), order_id)
        assert session.get_one(FaultReport, fault_id).state is FaultState.RESOLVED
        assert session.get_one(Machine, yard.machine).state is MachineState.IN_OPERATION
        lines = session.query(Coverage).filter_by(work_order_id=order_id).all()
        assert {(line.line_kind, line.amount) for line in lines} == {
            ("part", Decimal(100)),
            ("part", Decimal(200)),
            ("time", Decimal(120)),
        }
        assert checks.unbooked(session) == checks.misbooked(session) == []
        certificate = session.get_one(Certificate, certificate_id)
        assert (certificate.kind, certificate.number) == (CertificateKind.SERVICE, "SC-2026-00001")
        assert certificate.content["next_due"][0]["at"] == "2000.000"


def test_the_certificate_says_what_was_done(yard: Yard) -> None:
    order_id, _ = repaired(yard)
    certificate_id = close(yard, order_id)
    with yard.workshop.transaction() as work:
        paper = certificates.render(work, certificate_id)
        public_id = work.session.get_one(Certificate, certificate_id).public_id
        assert certificates.check_pdf(work, public_id, paper).stands
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper)).pages)
    for words in (
        "Repair certificate",
        "partner ltd",
        "quarry ltd",
        "Oil under the pump",
        "1,000 h maintenance",
        "Pump exchanged",
        "7.2",
        "HP-100",
        "S1",
        "S2",
        "Shaft seal worn",
        "Ivo Kamen",
        "2,000",
    ):
        assert words in text, words


def test_the_operator_sees_each_step(yard: Yard) -> None:
    order_id, fault_id = repaired(yard)
    close(yard, order_id)
    with yard.workshop.reading(yard.operator) as work:
        steps = complaints.timeline(work.session, yard.operator, fault_id)
        assert [(step.step, step.work_order_id) for step in steps] == [
            (Step.REPORTED, None),
            (Step.PLANNED, order_id),
            (Step.STARTED, order_id),
            (Step.RESOLVED, order_id),
        ]
        assert steps[-1].text == "Pump exchanged"
        page = order_page.order_page(work.session, yard.operator, order_id)
        assert not page.is_own
        assert {line.price for line in page.parts} == {None}
        assert [row.name for row in page.sign_offs] == ["Ana Horvat", "Ivo Kamen"]
        assert {line.person for line in page.times} == {""}


def footprint(yard: Yard) -> dict[str, object]:
    """Everything a closing could leave behind."""
    with yard.workshop.transaction() as work:
        counts: dict[str, object] = {
            kind.__tablename__: work.session.scalar(select(func.count()).select_from(kind))
            for kind in (StockMove, Installation, Reading, FailureRecord, TaskCompletion, Coverage, Certificate)
        }
        counts["numbers"] = {row.name: row.last for row in work.session.query(NumberSeries)}
        counts["machine"] = work.session.get_one(Machine, yard.machine).state
        counts["faults"] = [row.state for row in work.session.query(FaultReport).order_by(FaultReport.id)]
        counts["orders"] = [row.state for row in work.session.query(WorkOrder).order_by(WorkOrder.id)]
        counts["open"] = work.session.scalar(select(func.count()).where(Installation.valid_to.is_(None)))
        return counts


def no_check(work: Work, yard: Yard, order_id: int) -> None:
    page = order_page.order_page(work.session, yard.engineer, order_id)
    service.fill_checklist(work, order_id, [service.CheckEntry(page.checklist[0].id)])


def backward_meter(work: Work, yard: Yard, order_id: int) -> None:
    work.session.get_one(WorkOrder, order_id).meter_hours = Decimal(5)


def stolen_part(work: Work, yard: Yard, order_id: int) -> None:
    other = stock.create_location(work, code="X", name="X", kind=LocationKind.WAREHOUSE)
    for reservation in stock_queries.reservations(work.session, work.actor):
        stock.release(work, reservation.reservation.id)
    stock.transfer(
        work,
        part_id=yard.world.parts["HP-100"],
        from_location_id=yard.van,
        to_location_id=other.id,
        quantity=Decimal(1),
        serial_number="S2",
    )


def pump_gone(work: Work, yard: Yard, order_id: int) -> None:
    registry.remove(work, machine_id=yard.machine, position_id=yard.world.positions["PUMP"], reason=RemovalReason.OTHER)


def running_clock(work: Work, yard: Yard, order_id: int) -> None:
    service.start(work, order_id)


def no_finding(work: Work, yard: Yard, order_id: int) -> None:
    [line] = order_page.order_page(work.session, yard.engineer, order_id).findings
    service.remove_finding(work, order_id, line.finding.id)


def no_serial(work: Work, yard: Yard, order_id: int) -> None:
    page = order_page.order_page(work.session, yard.engineer, order_id)
    use = next(line.use for line in page.parts if line.number == "HP-100")
    service.change_part(work, order_id, use.id, serial_number="")


@pytest.mark.parametrize(
    ("spoil", "fields"),
    [
        (no_check, {"checklist"}),
        (backward_meter, {"meter_hours", "exchanges"}),
        (stolen_part, {"parts"}),
        (pump_gone, {"exchanges"}),
        (running_clock, {"time"}),
        (no_finding, {"findings"}),
        (no_serial, {"parts", "exchanges"}),
    ],
)
def test_anything_missing_rolls_all_back_and_is_named(yard: Yard, spoil: Spoil, fields: set[str]) -> None:
    order_id, _ = repaired(yard)
    spoiler = yard.world.actor("partner", Role.ADMIN)
    with yard.workshop.transaction(spoiler) as work:
        spoil(work, yard, order_id)
    before = footprint(yard)
    with pytest.raises(RuleBroken) as refusal:
        close(yard, order_id)
    assert refusal.value.reason == "order_incomplete"
    named = {str(item["field"]) for item in refusal.value.errors}
    assert named
    assert named <= fields
    assert footprint(yard) == before


def test_a_failure_late_in_closing_rolls_back_what_came_before(yard: Yard) -> None:
    """The certificate comes last: a language there is none of undoes every move before it."""
    order_id, _ = repaired(yard)
    before = footprint(yard)
    with pytest.raises(Exception, match="not a language"), yard.workshop.transaction(yard.engineer) as work:
        service.close(work, order_id, language="xx")
    assert footprint(yard) == before
    close(yard, order_id)


def test_two_lacks_are_named_at_once(yard: Yard) -> None:
    order_id, _ = repaired(yard)
    with yard.workshop.transaction(yard.engineer) as work:
        no_check(work, yard, order_id)
        no_finding(work, yard, order_id)
    with pytest.raises(RuleBroken) as refusal:
        close(yard, order_id)
    assert [item["field"] for item in refusal.value.errors] == ["checklist", "findings"]


def test_closed_changes_only_by_a_dated_correction(yard: Yard) -> None:
    order_id, _ = repaired(yard)
    close(yard, order_id)
    changes: list[Callable[[Work], object]] = [
        lambda work: service.close(work, order_id),
        lambda work: service.start(work, order_id),
        lambda work: service.cancel(work, order_id, "x"),
        lambda work: service.sign_off(work, order_id, role="customer", name="x"),
        lambda work: service.fill_checklist(work, order_id, []),
        lambda work: service.add_part(work, order_id, part_id=yard.world.parts["FLT-7"], location_id=yard.van),
        lambda work: service.finish(work, order_id),
        lambda work: service.plan(work, order_id, assignee_id=None, planned_from=None, planned_to=None),
    ]
    before = footprint(yard)
    for change in changes:
        with pytest.raises(RuleBroken) as refusal, yard.workshop.transaction(yard.dispatcher) as work:
            change(work)
        assert refusal.value.reason == "order_closed"
    assert footprint(yard) == before
    with yard.workshop.transaction(yard.engineer) as work:
        service.correct(work, order_id, "Two filters, not one")
    with yard.workshop.transaction() as work:
        assert [row.text for row in work.session.query(OrderCorrection)] == ["Two filters, not one"]


def test_an_open_order_is_changed_not_corrected(yard: Yard) -> None:
    order_id = yard.opened()
    with pytest.raises(RuleBroken), yard.workshop.transaction(yard.engineer) as work:
        service.correct(work, order_id, "x")


def test_another_fault_keeps_the_machine_standing(yard: Yard) -> None:
    order_id, _ = repaired(yard)
    yard.fault(stands_still=True)
    close(yard, order_id)
    with yard.workshop.transaction() as work:
        assert work.session.get_one(Machine, yard.machine).state is MachineState.UNDER_REPAIR


def test_scrap_leaves_the_register_too(yard: Yard) -> None:
    order_id = yard.opened(OrderKind.MODERNISATION)
    with yard.workshop.transaction(yard.engineer) as work:
        service.start(work, order_id)
        service.add_exchange(
            work, order_id, position_id=yard.world.positions["PUMP"], removal_reason=RemovalReason.UPGRADE, fate="scrap"
        )
        service.finish(work, order_id)
    close(yard, order_id)
    with yard.workshop.transaction() as work:
        component = work.session.query(Component).filter_by(serial_number="S1").one()
        assert component.scrapped_at is not None
        assert work.session.query(StockMove).filter_by(work_order_id=order_id).one().kind is MoveKind.SCRAP


def test_foreign_orders_are_not_found(yard: Yard) -> None:
    order_id, _ = repaired(yard)
    for name in ("mine", "maker", "quarry"):
        outsider = yard.world.actor(name, Role.ADMIN)
        with pytest.raises(NotFound), yard.workshop.transaction(outsider) as work:
            service.close(work, order_id)
    outsider = yard.world.actor("mine", Role.ADMIN)
    with yard.workshop.reading(outsider) as work:
        assert queries.orders(work.session, outsider) == []
        with pytest.raises(NotFound):
            order_page.order_page(work.session, outsider, order_id)
        with pytest.raises(NotFound):
            queries.order(work.session, outsider, order_id)
    with pytest.raises(Forbidden), yard.workshop.transaction(yard.world.actor("partner", Role.OPERATOR)) as work:
        service.close(work, order_id)


def test_prices_and_uses_are_frozen_with_their_moves(yard: Yard) -> None:
    order_id, _ = repaired(yard)
    close(yard, order_id)
    with yard.workshop.transaction() as work:
        uses = work.session.query(PartUse).filter_by(work_order_id=order_id).all()
        assert all(use.move_id for use in uses)
