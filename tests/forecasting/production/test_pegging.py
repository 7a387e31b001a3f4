import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.production.netting import Position, net
from forecasting.production.pegging import NOTHING, OWN, Supply, peg, serves
from forecasting.production.structure import Structure
from tests.forecasting.production.test_netting import random_plan, rows


def test_by_hand() -> None:
    plan = net(
        Position(
            demand=rows([0, 3, 1], [0, 0, 2]),
            on_hand=np.array([1.0, 4.0]),
            receipts=np.zeros((2, 3)),
            lead_time=np.array([1, 1]),
            minimum=np.array([4.0, 0.0]),
        ),
        Structure(names=["pump", "seal"], parent=np.array([0]), component=np.array([1]), per=np.array([2.0])),
    )
    found = peg(plan)
    told = [
        (int(part), Supply(kind).name, int(comes), int(due), int(asker), float(pieces))
        for part, kind, comes, due, asker, pieces in zip(
            found.part, found.supply, found.comes, found.due, found.asker, found.quantity, strict=True
        )
    ]
    assert told == [
        (0, "ON_HAND", -1, 1, OWN, 1),
        (0, "ORDERED", 1, 1, OWN, 2),
        (0, "ORDERED", 1, 2, OWN, 1),
        (0, "ORDERED", 1, 3, NOTHING, 1),
        (1, "ON_HAND", -1, 0, 0, 4),
        (1, "ORDERED", 1, 0, 0, 4),
        (1, "ORDERED", 2, 2, OWN, 2),
    ]
    assert found.of(1).quantity.tolist() == [4, 4, 2]


def test_what_never_comes_is_pegged_to_nothing() -> None:
    plan = net(
        Position(demand=rows([5, 1]), on_hand=np.array([2.0]), receipts=rows([0, 0]), lead_time=np.array([9])),
        Structure(names=["A"]),
    )
    found = peg(plan)
    assert [Supply(kind).name for kind in found.supply] == ["ON_HAND", "NONE", "NONE"]
    assert found.quantity.tolist() == [2, 3, 1]


def test_demand_taken_over_says_from_whom() -> None:
    plan = net(
        Position(
            demand=rows([2, 2], [0, 0]),
            on_hand=np.array([3.0, 9.0]),
            receipts=np.zeros((2, 2)),
            lead_time=np.zeros(2, int),
        ),
        Structure(names=["old", "new"], old=np.array([0]), new=np.array([1])),
    )
    found = peg(plan)
    assert found.of(0).quantity.tolist() == [2, 1]
    served = found.of(1)
    assert (served.asker[0], served.quantity[0], served.due[0]) == (0, 1, 1)


def test_an_order_is_traced_to_the_demand_in_the_end() -> None:
    """Spokes for wheels for machines: three machines in the last period, a lot of ten wheels."""
    plan = net(
        Position(
            demand=rows([0, 0, 1, 2], [0, 0, 0, 0], [0, 0, 0, 0]),
            on_hand=np.zeros(3),
            receipts=np.zeros((3, 4)),
            lead_time=np.array([1, 0, 1]),
            minimum=np.array([3.0, 10.0, 0.0]),
        ),
        Structure(
            names=["machine", "wheel", "spoke"],
            parent=np.array([0, 1]),
            component=np.array([1, 2]),
            per=np.array([2.0, 5.0]),
        ),
    )
    pegs = peg(plan)
    found = serves(plan, pegs, 2, 1)
    assert found == pytest.approx({(0, 2): 10, (0, 3): 20, (1, NOTHING): 20})
    assert not pegs.late.any()


@given(seed=st.integers(0, 100_000))
@settings(max_examples=40, deadline=None)
def test_what_an_order_serves_adds_up_to_the_order(seed: int) -> None:
    plan = random_plan(seed)
    pegs = peg(plan)
    for part, comes in np.argwhere(plan.ordered > 0)[:10].tolist():
        found = serves(plan, pegs, part, comes)
        assert sum(found.values()) == pytest.approx(plan.ordered[part, comes], abs=1e-4)


@given(seed=st.integers(0, 100_000))
@settings(max_examples=120, deadline=None)
def test_every_planned_order_and_every_demand_is_pegged(seed: int) -> None:
    plan = random_plan(seed)
    found = peg(plan)
    parts, periods = plan.gross.shape
    for kind, values in (
        (Supply.ORDERED, plan.ordered),
        (Supply.REFURBISHED, plan.refurbished),
        (Supply.RECEIPT, plan.position.receipts),
    ):
        mine = found.supply == kind
        total = np.zeros((parts, periods))
        np.add.at(total, (found.part[mine], found.comes[mine]), found.quantity[mine])
        assert total == pytest.approx(values, abs=1e-5)
    asked = found.asker != NOTHING
    total = np.zeros((parts, periods))
    np.add.at(total, (found.part[asked], found.due[asked]), found.quantity[asked])
    assert total == pytest.approx(plan.gross - plan.passed, abs=1e-5)
    own = found.asker == OWN
    assert found.quantity[own].sum() <= plan.position.demand.sum() + 1e-6
    left = np.bincount(found.part[~asked], weights=found.quantity[~asked], minlength=parts)
    owed = np.bincount(
        found.part[found.supply == Supply.NONE], weights=found.quantity[found.supply == Supply.NONE], minlength=parts
    )
    assert left - owed == pytest.approx(plan.stock[:, -1], abs=1e-4)
