from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.errors import SettingsError
from forecasting.stock.allocation import Objective, allocate
from forecasting.stock.demands import Demands, lead_time_demand, order_quantity
from forecasting.stock.levels import Levels, tables
from tests.forecasting.data import read
from tests.forecasting.stock.simulate import served_at_once


def catalogue(seed: int, parts: int) -> Demands:
    rng = np.random.default_rng(seed)
    rate = np.exp(rng.normal(-1.0, 1.2, parts))
    lead = rng.integers(1, 5, parts).astype(np.float64)
    mean, variance = lead_time_demand(rate, rate * (1 + rng.gamma(1.0, 1.5, parts)), lead)
    return Demands(price=np.exp(rng.normal(3, 1.2, parts)).astype(np.float64), rate=rate, mean=mean, variance=variance)


def test_published_marginal_analysis() -> None:
    units = read("Barlow_Proschan.csv")
    rate = units["Lam"].to_numpy(np.float64)
    mean = rate * units["TAT"].to_numpy(np.float64)
    curve = allocate(
        Demands(price=units["C"].to_numpy(np.float64), rate=rate, mean=mean, variance=mean), Objective.BACKORDERS
    )
    for cost, owed in ((400, 5.1194), (650, 4.2547), (850, 3.6226), (1150, 2.7879)):
        place = np.flatnonzero(curve.investment == cost)
        assert curve.owed[place] == pytest.approx([owed], abs=5e-5)
        assert curve.for_budget(cost).owed == pytest.approx(owed, abs=5e-5)
    # the optimum of the whole-number problem may spend a budget of 650 on two cheaper units instead
    assert curve.for_backorders(4.26).investment == 650


def test_every_point_is_the_best_its_money_buys() -> None:
    """Against all combinations of three parts."""
    asked = Demands(
        price=np.array([5.0, 8.0, 3.0]),
        rate=np.array([0.6, 1.1, 0.4]),
        mean=np.array([1.2, 1.1, 1.6]),
        variance=np.array([1.2, 2.5, 4.0]),
    )
    known = {int(found.rows[0]): found for found in _one_by_one(asked)}
    combinations = [
        (
            sum(asked.price[part] * number for part, number in enumerate(kept)),
            sum(asked.rate[part] * known[part].fill_rate[0, number] for part, number in enumerate(kept)) / 2.1,
        )
        for kept in product(range(9), repeat=3)
    ]
    curve = allocate(asked)
    for money, availability in zip(curve.investment, curve.availability, strict=True):
        if money <= 60:
            assert max(reached for cost, reached in combinations if cost <= money + 1e-9) <= availability + 1e-9
    for target in (0.5, 0.8, 0.9):
        least = min(cost for cost, reached in combinations if reached >= target)
        assert least <= curve.for_availability(target).investment <= least + asked.price.max()


def _one_by_one(asked: Demands) -> Iterator[Levels]:
    for part in range(3):
        mean = np.where(np.arange(3) == part, asked.mean, 0.0)
        yield from tables(mean, asked.variance, asked.quantity)


@given(seed=st.integers(0, 10_000), lots=st.booleans(), objective=st.sampled_from(Objective))
@settings(max_examples=40, deadline=None)
def test_more_money_never_means_less_availability(seed: int, lots: bool, objective: Objective) -> None:
    rng = np.random.default_rng(seed)
    parts = 12
    mean = np.where(rng.uniform(size=parts) < 0.7, np.exp(rng.normal(0, 1.5, parts)), 0.0)
    asked = Demands(
        price=np.round(rng.uniform(0, 50, parts)),
        rate=mean / 2,
        mean=mean,
        variance=mean * rng.uniform(1, 8, parts),
        quantity=np.asarray(rng.integers(1, 20, parts), dtype=np.float64) if lots else np.ones(parts),
        weight=rng.uniform(1, 4, parts),
        least=np.asarray(rng.integers(0, 3, parts), dtype=np.float64),
        stocked=rng.uniform(size=parts) > 0.2,
        floor=np.where(rng.uniform(size=parts) < 0.3, 0.6, 0.0),
    )
    curve = allocate(asked, objective)
    assert (np.diff(curve.investment) >= 0).all()
    assert (np.diff(curve.availability) >= -1e-12).all()
    assert (np.diff(curve.weighted) >= -1e-12).all()
    assert (np.diff(curve.owed) <= 1e-9).all()
    if objective is Objective.FILL_RATE:
        reached = [curve.for_budget(curve.investment[0] + money).weighted for money in np.linspace(0, 900, 40)]
        assert (np.diff(reached) >= -1e-9).all()
    for step in (0, len(curve.part) // 2, len(curve.part)):
        policy = curve.at(step)
        assert policy.investment == pytest.approx(curve.investment[step])
        assert policy.availability == pytest.approx(curve.availability[step])
        assert policy.owed == pytest.approx(curve.owed[step])
        assert (policy.stock >= asked.least).all()
        assert (policy.stock == asked.least)[~asked.stocked].all()
        assert (policy.fill_rate >= asked.floor)[asked.stocked].all()


@given(seed=st.integers(0, 1000), target=st.floats(0.05, 0.999))
@settings(max_examples=25, deadline=None)
def test_the_target_is_met_and_one_piece_less_would_not_do(seed: int, target: float) -> None:
    curve = allocate(catalogue(seed, 30))
    policy = curve.for_availability(target)
    assert policy.availability >= target - 1e-12
    assert policy.investment <= curve.investment[np.argmax(curve.availability >= target)] + 1e-9
    assert curve.for_budget(policy.investment).availability <= 1


@given(seed=st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_a_higher_promise_never_costs_less(seed: int) -> None:
    curve = allocate(catalogue(seed, 6))
    money = [curve.for_availability(target).investment for target in np.linspace(0.05, 0.995, 60)]
    assert (np.diff(money) >= -1e-9).all()


def test_the_promise_holds_when_played_through() -> None:
    asked = catalogue(8, 60)
    lead = np.where(asked.rate > 0, asked.mean / asked.rate, 1.0)
    policy = allocate(asked).for_availability(0.95)
    rng = np.random.default_rng(12)
    counts = [
        served_at_once(
            rng,
            mean=float(asked.rate[part]),
            variance=float(asked.variance[part] / lead[part]),
            lead_time=float(lead[part]),
            stock=int(policy.stock[part]),
            quantity=1,
            periods=20_000,
        )
        for part in range(60)
    ]
    wanted, served = np.sum(counts, axis=0)
    assert served / wanted == pytest.approx(policy.availability, abs=0.004)
    assert policy.availability >= 0.95


def test_criticality_moves_pieces_to_vital_parts() -> None:
    plain = catalogue(3, 200)
    vital = np.arange(200) < 100
    weighted = Demands(
        price=plain.price, rate=plain.rate, mean=plain.mean, variance=plain.variance, weight=np.where(vital, 4.0, 1.0)
    )
    before, after = (allocate(asked).for_availability(0.9) for asked in (plain, weighted))
    share = plain.rate[vital] / plain.rate[vital].sum()
    assert after.fill_rate[vital] @ share > before.fill_rate[vital] @ share + 0.01
    assert after.availability >= 0.9
    assert before.investment <= after.investment


def test_lots_minima_and_reorder_points() -> None:
    assert order_quantity(np.array([0.0, 5.0, 7.0, 1.0]), np.array([1.0, 4.0, 2.5, 1.0])).tolist() == [1, 8, 8, 1]
    asked = Demands(
        price=np.ones(3),
        rate=np.array([1.0, 1.0, 0.0]),
        mean=np.array([2.0, 2.0, 0.0]),
        variance=np.array([3.0, 3.0, 0.0]),
        quantity=np.array([1.0, 12.0, 1.0]),
    )
    curve = allocate(asked)
    nothing, policy = curve.at(0), curve.for_availability(0.97)
    assert nothing.reorder_point.tolist() == [-1, -1, -1]
    assert nothing.expected_backorders.tolist() == pytest.approx([2, 2, 0])
    assert (policy.stock - policy.reorder_point)[:2].tolist() == [1, 12]
    assert policy.stock[2] == 0
    with pytest.raises(SettingsError, match="multiple"):
        order_quantity(np.ones(1), np.zeros(1))


def test_uncertain_forecasts_and_lead_times_widen_the_demand() -> None:
    mean, variance = np.array([4.0]), np.array([6.0])
    plain = lead_time_demand(mean, variance, np.array([3.0]))
    assert [float(value[0]) for value in plain] == [12, 18]
    wide = lead_time_demand(mean, variance, np.array([3.0]), lead_time_deviation=0.5, mean_error=1.0)
    assert [float(value[0]) for value in wide] == [12, pytest.approx(18 + 17 * 0.25 + 9)]


def test_refuses_what_cannot_be_promised() -> None:
    asked = catalogue(1, 5)
    curve = allocate(asked)
    for target in (1.0, 0.0, -1.0, float("nan"), 1.5):
        with pytest.raises(SettingsError, match="availability"):
            curve.for_availability(target)
    with pytest.raises(SettingsError, match="budget"):
        curve.for_budget(-1)
    with pytest.raises(SettingsError, match="owed"):
        curve.for_backorders(-0.1)
    unstocked = Demands(
        price=asked.price, rate=asked.rate, mean=asked.mean, variance=asked.variance, stocked=np.arange(5) > 2
    )
    with pytest.raises(SettingsError, match="is the most"):
        allocate(unstocked).for_availability(0.99)
    with pytest.raises(SettingsError, match="price"):
        Demands(price=-asked.price, rate=asked.rate, mean=asked.mean, variance=asked.variance)
    with pytest.raises(SettingsError, match="rate"):
        Demands(price=asked.price, rate=asked.rate[:2], mean=asked.mean, variance=asked.variance)


def test_nothing_is_asked_for() -> None:
    zero = np.zeros(2)
    policy = allocate(Demands(price=np.ones(2), rate=zero, mean=zero, variance=zero)).for_availability(0.9)
    assert policy.investment == 0
    assert policy.availability == 1


def test_large_and_small_parts_together() -> None:
    asked = Demands(
        price=np.array([1.0, 1.0, 1.0]),
        rate=np.array([5000.0, 1.0, 0.001]),
        mean=np.array([15000.0, 3.0, 0.003]),
        variance=np.array([90000.0, 3.0, 0.003]),
    )
    policy = allocate(asked).for_availability(0.98)
    assert policy.availability >= 0.98
    assert 15000 < policy.stock[0] < 17000
    assert allocate(asked).points(50)[0] == 0
    assert len(allocate(asked).points(50)) <= 52
