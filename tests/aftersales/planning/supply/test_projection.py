"""Stock ahead: what is there less what is asked for plus what comes, within its band, and what asks for a look."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import update

from aftersales.errors import Forbidden
from aftersales.models import Part
from aftersales.parts import service as parts
from aftersales.planning.supply.projection import StockAhead, stock_ahead
from aftersales.purchasing.service.releasing import Wanted, order_parts
from aftersales.translate import translator
from aftersales.vocabulary import OrganizationKind, Role
from aftersales.work import Workshop
from forecasting.production.projection import Alert
from tests.aftersales.planning.supply.ground import Ground, open_ground
from tests.aftersales.trade_world import colleague


@pytest.fixture
def ground(workshop: Workshop) -> Ground:
    return open_ground(workshop)


def ahead(ground: Ground) -> dict[int, StockAhead]:
    with ground.shop.reading(ground.planner) as work:
        return {view.id: view for view in stock_ahead(work, limit=None)}


def test_stock_falls_by_what_is_expected_and_rises_by_what_comes(ground: Ground) -> None:
    before = ahead(ground)[ground.bolt]
    assert before.months[0].expected < before.on_hand
    assert all(month.low <= month.expected + 1 and month.expected <= month.high + 1 for month in before.months)
    assert [month.runs_out for month in before.months] == sorted(month.runs_out for month in before.months)
    with ground.shop.transaction(ground.planner) as work:
        order_parts(work, [Wanted(part_id=ground.bolt, quantity=Decimal(50), due_on=date(2026, 8, 3))])
    after = ahead(ground)[ground.bolt]
    assert after.next_receipt == date(2026, 8, 1)
    assert after.months[1].expected == pytest.approx(before.months[1].expected)
    assert after.months[2].expected == pytest.approx(before.months[2].expected + 50)


def test_what_runs_out_and_what_costs_less_elsewhere_is_told(ground: Ground) -> None:
    with ground.shop.transaction(ground.planner) as work:
        parts.add_alternate(work, ground.pump, ground.bolt)
    pump, oil = ahead(ground)[ground.pump], ahead(ground)[ground.oil]
    assert {Alert.RUNS_OUT, Alert.CHEAPER_SUBSTITUTE} <= set(pump.raised)
    assert Alert.CHEAPER_SUBSTITUTE not in oil.raised
    assert all("%(" not in said for said in pump.said(translator("en")))
    with ground.shop.reading(ground.planner) as work:
        told = stock_ahead(work, only_alerts=True, limit=1)
        more = stock_ahead(work, only_alerts=True, after=told[0].id, limit=None)
    assert told[0].id not in {view.id for view in more}
    assert all(view.raised for view in [*told, *more])


def test_an_order_that_comes_in_time_takes_the_risk_away(ground: Ground) -> None:
    assert ahead(ground)[ground.pump].risk > 0.1
    with ground.shop.transaction(ground.planner) as work:
        order_parts(work, [Wanted(part_id=ground.pump, quantity=Decimal(40), due_on=date(2026, 6, 3))])
    pump = ahead(ground)[ground.pump]
    assert pump.risk == 0
    assert Alert.RUNS_OUT not in pump.raised


def test_too_much_is_told_with_the_money_in_it(ground: Ground) -> None:
    with ground.shop.transaction() as work:
        work.session.execute(update(Part).where(Part.id == ground.bolt).values(cost=Decimal(2)))
    ground.field.receive(ground.bolt, 5000, ground.shop.clock.now())
    bolt = ahead(ground)[ground.bolt]
    assert Alert.OVERSTOCK in bolt.raised
    assert bolt.bound == pytest.approx(2 * bolt.excess)


def test_only_planners_see_it(ground: Ground) -> None:
    with ground.shop.transaction() as work:
        store = colleague(work, ground.planner.organization, OrganizationKind.MANUFACTURER, Role.STOREKEEPER)
    with ground.shop.reading(store) as work, pytest.raises(Forbidden):
        stock_ahead(work)
