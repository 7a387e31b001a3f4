"""Supply orders from draft to receipt, by those who may, against stock as it is booked."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from aftersales.access import SYSTEM
from aftersales.clock import FixedClock
from aftersales.errors import Conflict, Forbidden, Invalid, NotFound, RuleBroken, Stale
from aftersales.models import StockMove, SupplyReceipt
from aftersales.operations.doctor import supply as checks
from aftersales.purchasing import queries, service
from aftersales.purchasing.service import Delivered, LineData, Promise, Wanted
from aftersales.stock import queries as stock
from aftersales.stock import service as stock_service
from aftersales.vocabulary import Condition, LocationKind, SupplyKind, SupplyState, Tolerance
from aftersales.work import Work, Workshop
from tests.aftersales.purchasing.market import Market, drafted, open_market, sent


@pytest.fixture
def market(workshop: Workshop) -> Market:
    return open_market(workshop)


def line_of(work: Work, order_id: int, number: int = 0) -> queries.LineView:
    return queries.order(work.session, work.actor, order_id, work.now.date()).lines[number]


def on_hand(work: Work, part_id: int, condition: Condition = Condition.NEW) -> Decimal:
    rows = stock.balances(work.session, work.actor, part_id=part_id)
    return sum((row.on_hand for row in rows if row.condition is condition), Decimal(0))


def is_sound(workshop: Workshop) -> bool:
    with workshop.reading(SYSTEM) as work:
        return not [problem for check in checks.CHECKS.values() for problem in check(work)]


def test_from_draft_to_received(workshop: Workshop, market: Market, clock: FixedClock) -> None:
    order_id = sent(workshop, market)
    with workshop.transaction(market.keeper) as work:
        line = line_of(work, order_id).line
        assert (line.unit_price, line.due_on) == (Decimal("1.25"), work.now.date() + timedelta(days=20))
    clock.at += timedelta(days=12)
    with workshop.transaction(market.keeper) as work:
        service.receive(work, order_id, [Delivered(line_id=line.id, quantity=Decimal(15))], delivery_note="DN 7")
    with workshop.reading(market.planner) as work:
        view = queries.order(work.session, work.actor, order_id, work.now.date())
        assert (view.order.state, view.lines[0].open_quantity) == (SupplyState.PART_RECEIVED, Decimal(5))
        assert on_hand(work, market.seal) == 15
        assert queries.on_order(work.session, work.actor) == {market.seal: Decimal(5)}
        move = work.session.scalars(select(StockMove)).one()
        assert (move.document, move.unit_cost, move.note) == (view.order.number, Decimal("1.25"), "DN 7")
    with workshop.transaction(market.keeper) as work:
        service.receive(work, order_id, [Delivered(line_id=line.id, quantity=Decimal(5))])
    with workshop.reading(market.planner) as work:
        view = queries.order(work.session, work.actor, order_id, work.now.date())
        assert view.order.state is SupplyState.RECEIVED
        assert [step.event.to_state.value for step in view.events] == [
            "draft",
            "approved",
            "sent",
            "part_received",
            "received",
        ]
        assert queries.on_order(work.session, work.actor) == {}
    assert is_sound(workshop)


def test_numbers_have_no_gaps_and_a_failed_order_leaves_none(workshop: Workshop, market: Market) -> None:
    with workshop.transaction(market.planner) as work:
        first = drafted(work, market).number
    with pytest.raises(Invalid, match="in lots of 10"), workshop.transaction(market.planner) as work:
        drafted(work, market, 15)
    with workshop.transaction(market.planner) as work:
        second = drafted(work, market).number
    assert (first, second) == ("PO-2026-00001", "PO-2026-00002")


@pytest.mark.parametrize(
    ("tolerance", "most"),
    [(Tolerance.EXACT, 20), (Tolerance.FIVE_PERCENT, 21), (Tolerance.TEN_PERCENT, 22), (Tolerance.FULL_PACK, 30)],
)
def test_no_more_comes_than_the_tolerance_allows(
    workshop: Workshop, market: Market, tolerance: Tolerance, most: int
) -> None:
    order_id = sent(workshop, market, tolerance=tolerance)
    with workshop.reading(market.keeper) as work:
        line_id = line_of(work, order_id).line.id
    with pytest.raises(RuleBroken) as refused, workshop.transaction(market.keeper) as work:
        service.receive(work, order_id, [Delivered(line_id=line_id, quantity=Decimal(most + 1))])
    assert refused.value.reason == "over_receipt"
    with workshop.transaction(market.keeper) as work:
        assert on_hand(work, market.seal) == 0
        service.receive(work, order_id, [Delivered(line_id=line_id, quantity=Decimal(most))])
    assert is_sound(workshop)


def test_the_database_itself_refuses_more(workshop: Workshop, market: Market) -> None:
    sent(workshop, market)
    with pytest.raises(Conflict), workshop.transaction() as work:
        work.session.execute(text("UPDATE supply_order_line SET received = receivable + 1000"))


def test_units_with_serial_numbers_come_one_by_one(workshop: Workshop, market: Market) -> None:
    supplier = market.store.world.supplier.organization
    with workshop.transaction(market.store.actor) as work:
        order = service.create_order(
            work,
            kind=SupplyKind.PURCHASE,
            supplier_id=supplier,
            location_id=market.store.main,
            lines=[LineData(part_id=market.valve, quantity=Decimal(2))],
        )
        service.approve(work, order.id)
        service.send(work, order.id)
        line_id = line_of(work, order.id).line.id
    with pytest.raises(Invalid, match="list each unit"), workshop.transaction(market.keeper) as work:
        service.receive(work, order.id, [Delivered(line_id=line_id, quantity=Decimal(2))])
    with workshop.transaction(market.keeper) as work:
        service.receive(work, order.id, [Delivered(line_id=line_id, serial_numbers=("V1", "V2"))])
    with workshop.reading(market.keeper) as work:
        assert [receipt.serial_number for receipt in line_of(work, order.id).receipts] == ["V1", "V2"]
        assert len(stock.serials(work.session, work.actor, part_id=market.valve)) == 2
    assert is_sound(workshop)


def test_our_own_workshop_turns_cores_into_second_category(workshop: Workshop, market: Market) -> None:
    with workshop.transaction(market.store.actor) as work:
        stock_service.take_back(work, part_id=market.valve, location_id=market.store.main, serial_number="V9")
        order = service.create_order(
            work,
            kind=SupplyKind.REFURBISHMENT,
            location_id=market.store.main,
            lines=[LineData(part_id=market.valve, quantity=Decimal(1))],
        )
        service.approve(work, order.id)
        service.send(work, order.id)
        line_id = line_of(work, order.id).line.id
        service.receive(work, order.id, [Delivered(line_id=line_id, serial_numbers=("V9",))])
        assert on_hand(work, market.valve, Condition.CORE) == 0
        assert on_hand(work, market.valve, Condition.SECOND_CATEGORY) == 1
        assert order.number.startswith("RO-")
    with pytest.raises(RuleBroken, match="cannot be repaired"), workshop.transaction(market.planner) as work:
        line = LineData(part_id=market.seal, quantity=Decimal(10))
        service.create_order(work, kind=SupplyKind.REFURBISHMENT, location_id=market.store.main, lines=[line])
    assert is_sound(workshop)


def test_a_receipt_taken_back_opens_its_line_again(workshop: Workshop, market: Market) -> None:
    order_id = sent(workshop, market)
    with workshop.transaction(market.keeper) as work:
        line_id = line_of(work, order_id).line.id
        service.receive(work, order_id, [Delivered(line_id=line_id, quantity=Decimal(20))])
        receipt_id = work.session.scalars(select(SupplyReceipt.id)).one()
        order = service.take_back(work, receipt_id, note="wrong box")
        assert (order.state, order.closed_at) == (SupplyState.SENT, None)
        assert on_hand(work, market.seal) == 0
    with pytest.raises(RuleBroken, match="already"), workshop.transaction(market.keeper) as work:
        service.take_back(work, receipt_id)
    with workshop.reading(market.planner) as work:
        assert queries.lead_times(work.session, work.actor) == []
    assert is_sound(workshop)


def test_the_rest_is_given_up_and_stays_away(workshop: Workshop, market: Market) -> None:
    order_id = sent(workshop, market)
    with pytest.raises(RuleBroken, match="came in part"), workshop.transaction(market.planner) as work:
        service.give_up_rest(work, order_id, reason="discontinued")
    with workshop.transaction(market.keeper) as work:
        line_id = line_of(work, order_id).line.id
        service.receive(work, order_id, [Delivered(line_id=line_id, quantity=Decimal(12))])
    with pytest.raises(RuleBroken, match="cannot become"), workshop.transaction(market.planner) as work:
        service.cancel(work, order_id, reason="late")
    with workshop.transaction(market.planner) as work:
        assert service.give_up_rest(work, order_id, reason="discontinued").state is SupplyState.RECEIVED
        assert queries.on_order(work.session, work.actor) == {}
    with pytest.raises(RuleBroken, match="nothing can be received"), workshop.transaction(market.keeper) as work:
        service.receive(work, order_id, [Delivered(line_id=line_id, quantity=Decimal(1))])
    assert is_sound(workshop)


def test_drafts_change_and_what_is_approved_does_not(workshop: Workshop, market: Market) -> None:
    with workshop.transaction(market.planner) as work:
        order = drafted(work, market)
        line_id = line_of(work, order.id).line.id
        service.change_line(work, order.id, line_id, {"quantity": Decimal(40), "tolerance": Tolerance.FULL_PACK})
        assert line_of(work, order.id).line.receivable == 50
        service.add_line(work, order.id, LineData(part_id=market.valve, quantity=Decimal(1)))
        service.remove_line(work, order.id, line_of(work, order.id, 1).line.id)
        service.change_order(work, order.id, {"note": "Ring before you come"}, order.version)
    with workshop.transaction(market.manager) as work:
        service.approve(work, order.id)
    with pytest.raises(RuleBroken, match="only a draft"), workshop.transaction(market.planner) as work:
        service.change_line(work, order.id, line_id, {"quantity": Decimal(10)})
    with workshop.transaction(market.planner) as work:
        service.back_to_draft(work, order.id)
        service.change_line(work, order.id, line_id, {"quantity": Decimal(10)})
    with pytest.raises(RuleBroken, match="cannot become"), workshop.transaction(market.planner) as work:
        service.send(work, order.id)
    assert is_sound(workshop)


def test_everybody_does_what_is_theirs(workshop: Workshop, market: Market) -> None:
    with pytest.raises(Forbidden), workshop.transaction(market.keeper) as work:
        drafted(work, market)
    with workshop.transaction(market.planner) as work:
        order_id = drafted(work, market).id
    with pytest.raises(Forbidden), workshop.transaction(market.planner) as work:
        service.approve(work, order_id)
    order_id = sent(workshop, market)
    with pytest.raises(Forbidden), workshop.transaction(market.planner) as work:
        service.receive(work, order_id, [])
    with pytest.raises(Stale), workshop.transaction(market.manager) as work:
        service.cancel(work, order_id, reason="no", expected_version=1)


def test_a_supplier_sees_what_was_sent_to_it_and_promises_days(workshop: Workshop, market: Market) -> None:
    with workshop.transaction(market.planner) as work:
        hidden = drafted(work, market).id
    order_id = sent(workshop, market)
    with workshop.transaction(market.supplier) as work:
        today = work.now.date()
        seen = queries.orders(work.session, work.actor, today)
        assert [row.order.id for row in seen] == [order_id]
        with pytest.raises(NotFound):
            queries.order(work.session, work.actor, hidden, today)
        view = queries.order(work.session, work.actor, order_id, today)
        assert [step.event.to_state.value for step in view.events] == ["sent"]
        assert [step.actor for step in view.events] == [None]
        day = today + timedelta(days=9)
        service.confirm(work, order_id, [Promise(view.lines[0].line.id, day)], view.version)
    with workshop.reading(market.planner) as work:
        assert line_of(work, order_id).expected_on == day
    for act in (service.send, service.approve):
        with pytest.raises((NotFound, Forbidden)), workshop.transaction(market.supplier) as work:
            act(work, order_id)
    with pytest.raises(NotFound), workshop.transaction(market.store.world.stranger) as work:
        service.confirm(work, order_id, [Promise(view.lines[0].line.id, day)])


def test_wanted_parts_go_to_one_draft_for_each_supplier_in_lots(workshop: Workshop, market: Market) -> None:
    with workshop.transaction(market.planner) as work:
        wanted = [
            Wanted(part_id=market.seal, quantity=Decimal(3)),
            Wanted(part_id=market.plate, quantity=Decimal(4)),
            Wanted(part_id=market.valve, quantity=Decimal(1)),
        ]
        bought, made = service.order_parts(work, wanted)
        assert (bought.kind, made.kind) == (SupplyKind.PURCHASE, SupplyKind.PRODUCTION)
        lines = queries.order(work.session, work.actor, bought.id, work.now.date()).lines
        assert [(line.number, int(line.line.quantity)) for line in lines] == [("SEAL", 10), ("VALVE", 1)]
        again = service.order_parts(work, [Wanted(part_id=market.seal, quantity=Decimal(11))])
        assert [order.id for order in again] == [bought.id]
        planned = service.order_parts(work, wanted[:1], plan_reference="plan 7")
        assert planned[0].id != bought.id
        assert queries.on_order(work.session, work.actor)[market.seal] == 40


def test_a_partner_buys_the_makers_part_from_the_maker(workshop: Workshop, market: Market) -> None:
    partner = market.store.world.partner
    with workshop.transaction(partner) as work:
        place = stock_service.create_location(work, code="P", name="P", kind=LocationKind.WAREHOUSE).id
        (order,) = service.order_parts(work, [Wanted(part_id=market.plate, quantity=Decimal(2))], location_id=place)
        assert (order.kind, order.supplier_id) == (SupplyKind.PURCHASE, market.store.world.maker.organization)


def test_late_orders_are_told_and_past_deliveries_are_remembered(
    workshop: Workshop, market: Market, clock: FixedClock
) -> None:
    first, second = sent(workshop, market), sent(workshop, market)
    began = clock.at
    for order_id, days in ((first, 18), (second, 40)):
        clock.at = began + timedelta(days=days)
        with workshop.transaction(market.keeper) as work:
            late = [row.order.id for row in queries.orders(work.session, work.actor, work.now.date(), late_only=True)]
            assert late == ([] if days < 20 else [second])
            line_id = line_of(work, order_id).line.id
            service.receive(work, order_id, [Delivered(line_id=line_id, quantity=Decimal(20))])
    with workshop.reading(market.planner) as work:
        (view,) = queries.lead_times(work.session, work.actor, part_ids=[market.seal])
        assert (view.lead_time.count, view.lead_time.mean) == (2, 29.0)
        assert dict(view.lead_time.months) == {1: 0.5, 2: 0.5}
        assert queries.orders(work.session, work.actor, work.now.date(), late_only=True) == []
