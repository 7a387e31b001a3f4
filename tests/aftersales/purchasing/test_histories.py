"""Random deliveries and takings back: what was received is what the receipts and the stock say, whatever happens."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from aftersales.access import SYSTEM
from aftersales.errors import RuleBroken
from aftersales.models import Balance, SupplyOrder, SupplyOrderLine, SupplyReceipt
from aftersales.operations.doctor import stock as stock_checks
from aftersales.operations.doctor import supply as checks
from aftersales.purchasing import service
from aftersales.purchasing.service import Delivered
from aftersales.vocabulary import SupplyState, Tolerance
from aftersales.work import Workshop
from tests.aftersales.purchasing.market import Market, open_market, sent

ACTS = st.lists(st.one_of(st.integers(1, 15), st.integers(-6, -1)), min_size=1, max_size=12)


def play(workshop: Workshop, market: Market, order_id: int, acts: list[int]) -> int:
    """Receive (above zero) or take the so-many-th receipt back (below), as far as it is let; return what is here."""
    here, mine = 0, []
    for act in acts:
        with workshop.transaction(market.keeper) as work:
            line = work.session.scalars(select(SupplyOrderLine).where(SupplyOrderLine.order_id == order_id)).one()
            line_id, most = line.id, int(line.receivable)
        reason = ""
        try:
            with workshop.transaction(market.keeper) as work:
                if act > 0:
                    service.receive(work, order_id, [Delivered(line_id=line_id, quantity=Decimal(act))])
                    last = work.session.scalars(select(SupplyReceipt).order_by(SupplyReceipt.id.desc()).limit(1)).one()
                    mine.append((last.id, act))
                    here += act
                elif mine:
                    receipt_id, quantity = mine.pop(-act % len(mine))
                    service.take_back(work, receipt_id)
                    here -= quantity
        except RuleBroken as refused:
            reason = refused.reason
        assert reason in {"", "not_underway", "over_receipt"}
        assert reason != "not_underway" or here >= 20
        assert reason != "over_receipt" or here + act > most
    return here


@pytest.fixture
def market(sqlite_workshop: Workshop) -> Market:
    return open_market(sqlite_workshop)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS, tolerance=st.sampled_from(Tolerance))
def test_received_is_the_sum_of_receipts_and_of_moves(
    sqlite_workshop: Workshop, market: Market, acts: list[int], tolerance: Tolerance
) -> None:
    with sqlite_workshop.reading(SYSTEM) as work:
        before = sum(work.session.scalars(select(Balance.on_hand).where(Balance.part_id == market.seal)), Decimal(0))
    order_id = sent(sqlite_workshop, market, tolerance=tolerance)
    here = play(sqlite_workshop, market, order_id, acts)
    with sqlite_workshop.reading(SYSTEM) as work:
        after = sum(work.session.scalars(select(Balance.on_hand).where(Balance.part_id == market.seal)), Decimal(0))
        assert after - before == here
        state = work.session.get_one(SupplyOrder, order_id).state
        assert state is (
            SupplyState.RECEIVED if here >= 20 else SupplyState.PART_RECEIVED if here else SupplyState.SENT
        )
        for check in (*checks.CHECKS.values(), stock_checks.balances):
            assert list(check(work)) == []
