"""Plans: pieces are neither lost nor made, every order serves something, runs repeat, approved orders are released."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from aftersales.errors import DomainError, Forbidden, Invalid, NotFound, RuleBroken
from aftersales.models import Part, PlanLine, PlannedOrder, PlanRun, SupplyOrder, SupplyOrderLine
from aftersales.planning.rules import months
from aftersales.planning.supply import plan_queries, plans, policy
from aftersales.purchasing.service.releasing import Wanted, order_parts
from aftersales.vocabulary import OrganizationKind, Role, SupplyKind, SupplyState
from aftersales.work import Workshop
from tests.aftersales.planning.supply.ground import Ground, open_ground
from tests.aftersales.trade_world import colleague


@pytest.fixture
def ground(workshop: Workshop) -> Ground:
    return open_ground(workshop)


def make(ground: Ground, horizon: int = 12) -> int:
    with ground.shop.transaction(ground.planner) as work:
        return plans.run_plan(work, horizon=horizon).id


def lines(session: Session, run: int) -> Iterator[PlanLine]:
    yield from session.scalars(select(PlanLine).where(PlanLine.run_id == run))


def conserved(session: Session, run: int) -> None:
    """What was there, came and was ordered is what was asked for and is left, in every month."""
    for line in lines(session, run):
        stock = line.inputs["on_hand"]
        for step in range(len(line.numbers["gross"])):
            stock += line.inputs["receipts"][step] + line.numbers["ordered"][step] - line.numbers["gross"][step]
            assert stock == pytest.approx(line.numbers["stock"][step], abs=1e-4)
            ahead = step - int(line.inputs["lead_time"])
            if stock < line.inputs["safety"] - 1e-6:
                assert ahead < 0, "an order that would come in time was not planned"


def pegged(session: Session, run: int) -> None:
    """Every piece of every planned order serves a month's demand or stays in stock at the end."""
    for order in session.scalars(select(PlannedOrder).where(PlannedOrder.run_id == run)):
        assert sum(peg["quantity"] for peg in order.pegs) == pytest.approx(float(order.quantity), abs=1e-4)
        line = session.scalars(select(PlanLine).where(PlanLine.run_id == run, PlanLine.part_id == order.part_id)).one()
        assert months.between(order.begins, order.comes) == int(line.inputs["lead_time"])
        assert float(order.quantity) >= line.inputs["minimum"] - 1e-9


def test_a_plan_conserves_pieces_and_pegs_every_order(ground: Ground) -> None:
    with ground.shop.transaction(ground.planner) as work:
        policy.adopt(work, availability=Decimal("0.95"))
    run = make(ground)
    with ground.shop.reading(ground.planner) as work:
        conserved(work.session, run)
        pegged(work.session, run)
        kept = work.session.get_one(PlanRun, run)
        found = plan_queries.planned_orders(work.session, ground.planner, run, limit=None)
        assert len(found) == kept.summary["orders"] > 0
        assert kept.policy_id is not None
        total = sum(float(view.money) for view in found)
        assert total == pytest.approx(sum(map(float, kept.summary["money"])), abs=0.5)


def test_any_lots_and_lead_times_are_planned_so(sqlite_workshop: Workshop) -> None:
    ground = open_ground(sqlite_workshop)

    @settings(max_examples=12)
    @given(st.integers(0, 200), st.integers(1, 40), st.sampled_from(["1", "5", "0.5"]), st.integers(1, 12))
    def planned(lead: int, minimum: int, multiple: str, horizon: int) -> None:
        values = {"lead_time_days": lead, "minimum_quantity": Decimal(minimum), "multiple": Decimal(multiple)}
        with ground.shop.transaction() as work:
            work.session.execute(update(Part).where(Part.id == ground.oil).values(values))
        run = make(ground, horizon)
        with ground.shop.reading(ground.planner) as work:
            conserved(work.session, run)
            pegged(work.session, run)

    planned()


def test_a_plan_can_be_repeated_from_its_record(ground: Ground) -> None:
    run = make(ground)
    with ground.shop.reading(ground.planner) as work:
        again = plans.repeated(work.session, work.session.get_one(PlanRun, run))
        assert again == {line.part_id: line.numbers for line in lines(work.session, run)}


def test_what_is_on_order_is_not_planned_again(ground: Ground) -> None:
    before = make(ground)
    with ground.shop.transaction(ground.planner) as work:
        order_parts(work, [Wanted(part_id=ground.pump, quantity=Decimal(40), due_on=date(2026, 6, 20))])
    after = make(ground)
    with ground.shop.reading(ground.planner) as work:
        session = work.session
        assert plan_queries.planned_orders(session, ground.planner, before, part_id=ground.pump)
        assert not plan_queries.planned_orders(session, ground.planner, after, part_id=ground.pump)
        part = plan_queries.part_plan(session, ground.planner, after, ground.pump)
        assert part.months[0].receipts == 40


def test_approved_orders_are_released_with_the_plan_they_came_from(ground: Ground) -> None:
    run = make(ground)
    with ground.shop.reading(ground.planner) as work:
        first, second, *_ = plan_queries.planned_orders(work.session, ground.planner, run)
    with ground.shop.transaction(ground.planner) as work:
        changed = plans.change_order(work, first.id, quantity=Decimal(7), reason="campaign")
        assert (changed.action, changed.quantity, changed.comes) == ("changed", Decimal(7), first.comes)
        assert len(plans.approve(work, run, [first.id, second.id])) == 2
        assert plans.approve(work, run, [first.id]) == []
    with ground.shop.transaction(ground.planner) as work:
        orders = plans.release(work, run)
        assert {order.state for order in orders} == {SupplyState.DRAFT}
        assert {order.plan_reference for order in orders} == {str(run)}
        references = work.session.scalars(
            select(SupplyOrderLine.plan_reference).where(SupplyOrderLine.order_id.in_([order.id for order in orders]))
        )
        assert set(references) == {f"{run}/{first.id}", f"{run}/{second.id}"}
    with ground.shop.reading(ground.planner) as work:
        again = plan_queries.planned_order(work.session, ground.planner, first.id)
        assert (again.state, again.quantity) == ("released", Decimal(7))
        assert again.supply_order in set(work.session.scalars(select(SupplyOrder.number)))
    for call in (
        lambda work: plans.release(work, run),
        lambda work: plans.change_order(work, first.id, quantity=Decimal(1), reason="late"),
    ):
        with ground.shop.transaction(ground.planner) as work, pytest.raises(RuleBroken):
            call(work)


def test_a_dropped_order_is_not_approved_or_released(ground: Ground) -> None:
    run = make(ground)
    with ground.shop.transaction(ground.planner) as work:
        (first, *_) = plan_queries.planned_orders(work.session, ground.planner, run)
        plans.change_order(work, first.id, quantity=Decimal(0), reason="part ends")
        assert plans.approve(work, run, [first.id]) == []
        with pytest.raises(RuleBroken):
            plans.release(work, run)
        assert plan_queries.planned_order(work.session, ground.planner, first.id).state == "dropped"


def test_a_bought_part_is_a_purchase(ground: Ground) -> None:
    supplier = ground.field.store.world.supplier.organization
    with ground.shop.transaction() as work:
        work.session.execute(update(Part).where(Part.id == ground.pump).values(supplier_id=supplier, own=False))
    run = make(ground)
    with ground.shop.reading(ground.planner) as work:
        kinds = {
            view.part.id: view.order.kind for view in plan_queries.planned_orders(work.session, ground.planner, run)
        }
    assert kinds[ground.pump] is SupplyKind.PURCHASE
    assert set(kinds.values()) <= {SupplyKind.PURCHASE, SupplyKind.PRODUCTION}


def test_bad_requests_change_nothing(ground: Ground) -> None:
    run = make(ground)
    with ground.shop.reading(ground.planner) as work:
        (first, *_) = plan_queries.planned_orders(work.session, ground.planner, run)
    for call in (
        lambda work: plans.run_plan(work, horizon=0),
        lambda work: plans.change_order(work, first.id, reason=" "),
        lambda work: plans.approve(work, run, []),
        lambda work: plans.approve(work, run + 1, [first.id]),
    ):
        with ground.shop.transaction(ground.planner) as work, pytest.raises((Invalid, NotFound)):
            call(work)
    with ground.shop.reading(ground.planner) as work:
        assert plan_queries.planned_order(work.session, ground.planner, first.id).state == "planned"


def test_only_planners_of_the_house(ground: Ground) -> None:
    run = make(ground)
    other = ground.field.store.world.operator
    with ground.shop.transaction() as work:
        store = colleague(work, ground.planner.organization, OrganizationKind.MANUFACTURER, Role.STOREKEEPER)
        (first, *_) = plan_queries.planned_orders(work.session, ground.planner, run)
    for actor, refusal in ((other, NotFound), (store, Forbidden)):
        for call in (
            lambda work: plan_queries.plan(work.session, work.actor, run),
            lambda work: plan_queries.planned_orders(work.session, work.actor, run),
            lambda work: plan_queries.planned_order(work.session, work.actor, first.id),
            lambda work: plan_queries.part_plan(work.session, work.actor, run, ground.pump),
            lambda work: plans.change_order(work, first.id, quantity=Decimal(1), reason="mine"),
            lambda work: plans.approve(work, run, [first.id]),
            lambda work: plans.release(work, run),
        ):
            with ground.shop.transaction(actor) as work, pytest.raises(DomainError) as found:
                call(work)
            assert isinstance(found.value, refusal)
