"""Stock policy: the curve, what a target costs and changes, adoption that proposals follow, decisions with a reason."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from aftersales.access import Actor
from aftersales.errors import DomainError, Forbidden, Invalid, NotFound, RuleBroken
from aftersales.models import AuditEntry, Part, StockPolicy
from aftersales.planning.proposals import of_part
from aftersales.planning.supply import catalogue, policy, queries
from aftersales.planning.supply.catalogue import LeftOut
from aftersales.planning.supply.rules.choosing import Why
from aftersales.translate import translator
from aftersales.vocabulary import Criticality, OrganizationKind, Role
from aftersales.work import Workshop
from tests.aftersales.planning.field import on, open_field
from tests.aftersales.planning.supply.ground import Ground, open_ground
from tests.aftersales.trade_world import colleague
from tests.forecasting.stock.simulate import served_at_once


@pytest.fixture
def ground(workshop: Workshop) -> Ground:
    return open_ground(workshop)


def bench(ground: Ground, **target: Any) -> policy.Workbench:
    with ground.shop.reading(ground.planner) as work:
        return policy.workbench(work.session, ground.planner, **target)


def adopt(ground: Ground, availability: str = "0.9") -> int:
    with ground.shop.transaction(ground.planner) as work:
        return policy.adopt(work, availability=Decimal(availability), note="as discussed").id


def test_more_money_never_serves_less(ground: Ground) -> None:
    points = bench(ground).points()
    money, share, _ = (np.array(column) for column in zip(*points, strict=True))
    assert len(points) > 5
    assert (np.diff(money) >= 0).all()
    assert (np.diff(share) >= -1e-12).all()
    least = float(money[0])
    served = [
        bench(ground, budget=Decimal(str(round(least + more, 2)))).weighed.chosen.availability
        for more in (1, 300, 3000, 9000)
    ]
    assert served == sorted(served)


def test_a_target_is_met_and_every_part_kept_has_its_floor(ground: Ground) -> None:
    found = bench(ground, availability=Decimal("0.97"))
    chosen = found.weighed.chosen
    assert chosen.availability >= 0.97
    pump = next(change for change in found.changes if change.part.id == ground.pump)
    assert pump.fill_rate >= 0.8
    assert sum(change.stock * change.unit_cost for change in found.changes) == pytest.approx(chosen.investment)
    for change in found.changes:
        assert "%(" not in change.said(translator("en"))


def test_the_promise_holds_when_played_through(ground: Ground) -> None:
    found = bench(ground, availability=Decimal("0.9"))
    known, rng = found.known, np.random.default_rng(4)
    for row, change in enumerate({each.part.id: each for each in found.changes}[part.id] for part in known.parts):
        asked, served = served_at_once(
            rng,
            mean=float(known.mean[row] / known.months[row]),
            variance=float(known.variance[row] / known.months[row]),
            lead_time=float(known.months[row]),
            stock=int(change.stock),
            quantity=int(change.order_quantity),
            periods=60_000,
        )
        assert served / asked == pytest.approx(change.fill_rate, abs=0.02), change.part.number


@pytest.mark.parametrize(
    "target",
    [
        {"availability": Decimal(1)},
        {"availability": Decimal(0)},
        {"budget": Decimal(0)},
        {"budget": Decimal(10), "availability": Decimal("0.9")},
    ],
)
def test_what_cannot_be_promised_is_refused(ground: Ground, target: dict[str, Decimal]) -> None:
    with pytest.raises(Invalid) as refusal:
        bench(ground, **target)
    assert refusal.value.errors[0]["field"] in target


def test_without_a_forecast_or_prices_it_says_so(workshop: Workshop) -> None:
    field = open_field(workshop)
    with workshop.reading(field.maker) as work, pytest.raises(RuleBroken) as refusal:
        policy.workbench(work.session, field.maker)
    assert refusal.value.reason == "no_forecast"


def test_parts_without_a_price_or_in_another_currency_are_named(ground: Ground) -> None:
    with ground.shop.transaction() as work:
        work.session.execute(update(Part).where(Part.id == ground.bolt).values(cost=Decimal(0), price=Decimal(0)))
        work.session.execute(update(Part).where(Part.id == ground.oil).values(currency="USD"))
    with ground.shop.reading(ground.planner) as work:
        known = catalogue.read(work.session, ground.planner)
    left_out = {part.id: why for part, why in known.left_out}
    both = {left_out.get(ground.bolt), left_out.get(ground.oil), left_out.get(ground.pump)}
    assert LeftOut.NO_PRICE in both
    assert LeftOut.OTHER_CURRENCY in both
    assert len(known.parts) == 1


def test_proposals_follow_the_policy_in_force(ground: Ground) -> None:
    with ground.shop.reading(ground.planner) as work:
        before = of_part(work.session, ground.planner, ground.pump)
    adopted = adopt(ground)
    with ground.shop.reading(ground.planner) as work:
        after = of_part(work.session, ground.planner, ground.pump)
        line = work.session.scalars(
            select(StockPolicy).where(StockPolicy.set_id == adopted, StockPolicy.part_id == ground.pump)
        ).one()
    assert before is not None
    assert after is not None
    assert (before.proposed.by_policy, after.proposed.by_policy) == (False, True)
    assert after.proposed.reorder_point == line.reorder_point
    assert after.proposed.quantity == line.stock
    assert "stock policy in force" in after.proposed.words % after.proposed.params


def test_a_position_at_the_reorder_point_orders_and_one_above_does_not(ground: Ground) -> None:
    adopt(ground)
    with ground.shop.reading(ground.planner) as work:
        found = of_part(work.session, ground.planner, ground.pump)
    assert found is not None
    point, level = int(found.proposed.reorder_point), int(found.proposed.quantity)
    for held, wanted in ((point, level - point), (point + 1, 0)):
        with ground.shop.transaction() as work:
            work.session.execute(update(Part).where(Part.id == ground.pump).values(serialised=False))
        missing = held - _held(ground)
        if missing:
            ground.field.receive(ground.pump, missing, on(2026, 5, 30))
        with ground.shop.reading(ground.planner) as work:
            again = of_part(work.session, ground.planner, ground.pump)
        assert again is not None
        assert int(again.proposed.quantity) == wanted


def _held(ground: Ground) -> int:
    with ground.shop.reading(ground.planner) as work:
        found = of_part(work.session, ground.planner, ground.pump)
        assert found is not None
        return int(found.on_hand)


def test_policies_are_numbered_dated_and_never_change(ground: Ground) -> None:
    first, second = adopt(ground), adopt(ground, "0.97")
    with ground.shop.reading(ground.planner) as work:
        session = work.session
        found = queries.policies(session, ground.planner)
        assert [(view.policy.number, view.in_force) for view in found] == [(2, True), (1, False)]
        assert found[0].policy.summary["availability"] >= 0.97
        assert found[0].policy.target["availability"] == "0.97"
        assert {view.line.set_id for view in queries.policy_lines(session, ground.planner, first)} == {first}
        assert len(queries.policy_lines(session, ground.planner, second)) == 3
        actions = session.scalars(select(AuditEntry.object_type).where(AuditEntry.object_type == "stock_policy_set"))
        assert len(actions.all()) == 2
    for change in (update(StockPolicy).values(stock=Decimal(0)), delete(StockPolicy)):
        with Session(ground.shop.engine) as session, pytest.raises(IntegrityError):
            session.execute(change)


def test_a_part_not_to_be_stocked_is_left_to_be_ordered_when_asked_for(ground: Ground) -> None:
    with ground.shop.transaction(ground.planner) as work:
        policy.decide(work, ground.pump, stocked=False, reason="comes within two days")
    pump = next(change for change in bench(ground).changes if change.part.id == ground.pump)
    assert (pump.stock, pump.why) == (0, Why.DECIDED)
    with ground.shop.transaction(ground.planner) as work:
        policy.decide(work, ground.pump, stocked=True, reason="no longer")
    assert next(change for change in bench(ground).changes if change.part.id == ground.pump).stock > 0


def test_criticality_is_proposed_with_its_ground_and_set_by_hand_with_a_reason(ground: Ground) -> None:
    with ground.shop.reading(ground.planner) as work:
        pump = queries.part(work.session, ground.planner, ground.pump)
    assert pump.proposal is not None
    assert pump.proposal.criticality is Criticality.DESIRABLE
    assert "4" in pump.proposal.said(translator("en"))
    assert pump.differs
    with ground.shop.transaction(ground.planner) as work, pytest.raises(Invalid):
        policy.decide(work, ground.pump, criticality_set=Criticality.VITAL, reason="  ")
    with ground.shop.transaction(ground.planner) as work, pytest.raises(Invalid):
        policy.decide(work, ground.pump, reason="nothing decided")
    with ground.shop.transaction(ground.planner) as work:
        policy.decide(work, ground.pump, criticality_set=Criticality.ESSENTIAL, reason="no other pump on site")
    with ground.shop.reading(ground.planner) as work:
        pump = queries.part(work.session, ground.planner, ground.pump)
        (kept,) = queries.decisions(work.session, ground.planner, ground.pump)
    assert pump.part.criticality is Criticality.ESSENTIAL
    assert not pump.differs
    assert (kept.decision.reason, kept.decision.proposed) == ("no other pump on site", "desirable")


@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.PLANNER, True), (Role.MANAGER, True), (Role.ADMIN, True), (Role.STOREKEEPER, False), (Role.QUALITY, False)],
)
def test_only_planners_and_managers_see_it(ground: Ground, role: Role, may: bool) -> None:
    with ground.shop.transaction() as work:
        person = colleague(work, ground.planner.organization, OrganizationKind.MANUFACTURER, role)
    with ground.shop.reading(person) as work:
        if may:
            assert policy.workbench(work.session, person).changes
        else:
            with pytest.raises(Forbidden):
                policy.workbench(work.session, person)


def test_nobody_else_sees_or_decides(ground: Ground) -> None:
    adopted = adopt(ground)
    other = ground.field.store.world.operator
    with ground.shop.transaction(other) as work:
        for call in (
            lambda: policy.workbench(work.session, other),
            lambda: queries.policy(work.session, other, adopted),
            lambda: queries.policy_lines(work.session, other, adopted),
            lambda: queries.decisions(work.session, other, ground.pump),
            lambda: policy.decide(work, ground.pump, stocked=False, reason="mine"),
        ):
            with pytest.raises((NotFound, RuleBroken)):
                call()
        assert queries.policies(work.session, other) == []
        assert queries.parts(work.session, other) == []


def test_a_store_of_somebody_else_is_not_found(ground: Ground) -> None:
    def adopt_at(location: int, actor: Actor) -> None:
        with ground.shop.transaction(actor) as work:
            policy.adopt(work, location_id=location)

    with pytest.raises(DomainError):
        adopt_at(2**40, ground.planner)
    adopt_at(ground.field.store.main, ground.planner)
    with ground.shop.reading(ground.planner) as work:
        (newest,) = queries.policies(work.session, ground.planner)
        places = {view.location for view in queries.policy_lines(work.session, ground.planner, newest.id)}
    assert places == {"MAIN"}
