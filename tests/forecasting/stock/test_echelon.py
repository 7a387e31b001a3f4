from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecasting.arrays import Array
from forecasting.errors import SettingsError
from forecasting.stock.echelon import allocate, by_total, lower_hull, spread
from forecasting.stock.exchange_pool import size_pool
from forecasting.stock.network import Network, depot_backorders, evaluate
from tests.forecasting.data import read
from tests.forecasting.stock.exact import backorders
from tests.forecasting.stock.simulate import served_at_once, two_echelons


def published() -> Network:
    bases = read("Sherbrooke_METRIC.csv")
    columns = [bases[name].to_numpy(np.float64)[None, :] for name in ("bLam", "brT", "Pbr", "transp")]
    return Network(
        price=np.ones(1),
        demand=columns[0],
        repair_time=columns[1],
        repair_share=columns[2],
        transport_time=columns[3],
        depot_repair_time=bases["dTAT"].to_numpy(np.float64)[:1],
    )


def random(seed: int, parts: int, sites: int) -> Network:
    rng = np.random.default_rng(seed)
    demand = np.exp(rng.normal(-2, 1, (parts, 1))) * rng.uniform(0, 1.7, (parts, sites))
    return Network(
        price=np.round(np.exp(rng.normal(4, 1, parts))).astype(np.float64),
        demand=demand,
        repair_share=rng.uniform(0, 0.5, (parts, sites)),
        repair_time=rng.uniform(0.2, 2, (parts, sites)),
        transport_time=rng.uniform(0.1, 1, (parts, sites)),
        depot_repair_time=rng.uniform(1, 6, parts),
    )


def test_published_pipelines() -> None:
    network = published()
    assert network.depot_demand == pytest.approx([92.8])
    owed, _ = depot_backorders(np.full(7, 92.8 * 0.02531), np.arange(7.0))
    assert owed.tolist() == pytest.approx([2.3488, 1.4443, 0.7640, 0.3472, 0.1365, 0.0470, 0.0143], abs=5.1e-5)
    means = [network.pipeline(np.array([float(stock)]))[0][0, 0] for stock in range(7)]
    assert means == pytest.approx([0.7018, 0.5209, 0.3848, 0.3014, 0.2593, 0.2414, 0.2349], abs=5.1e-5)


def test_published_optimum() -> None:
    network = published()
    owed, depot, _ = by_total(network, 10, 10)
    for total, kept, approximate, exact in (
        (3, 3, 1.5072, 1.5072),
        (5, 2, 0.9862, 0.9865),
        (6, 1, 0.6058, 0.6078),
        (7, 2, 0.3610, 0.3615),
        (8, 3, 0.2266, 0.2261),
        (10, 4, 0.1336, 0.1333),
    ):
        assert depot[0, total] == kept
        assert owed[0, total] == pytest.approx(approximate, abs=5.1e-5)
        at_depot = np.array([float(kept)])
        at_sites = spread(network, at_depot, np.array([total - kept]))
        assert evaluate(network, at_depot, at_sites).owed == pytest.approx(approximate, abs=5.1e-5)
        assert backorders(network, at_depot, at_sites).sum() == pytest.approx(exact, abs=5.1e-5)


def test_within_half_a_percent_of_the_exact_backorders() -> None:
    network = random(1, 40, 5)
    policy = allocate(network).for_availability(0.9)
    exact = backorders(network, policy.depot_stock, policy.stock).sum()
    assert policy.owed == pytest.approx(exact, rel=0.005)


def test_the_best_split_of_every_total_is_found() -> None:
    """Against all combinations of one part at three sites."""
    network = random(4, 1, 3)
    owed, depot, _ = by_total(network, 12, 8)
    for total in range(7):
        least = min(
            evaluate(network, np.array([float(kept)]), np.array([sites], dtype=np.float64)).owed
            for kept, *sites in product(range(total + 1), repeat=4)
            if kept + sum(sites) == total
        )
        assert owed[0, total] == pytest.approx(least, abs=1e-9), depot[0, total]


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_more_money_never_means_more_owed(seed: int) -> None:
    dispersion = np.where(np.arange(15) % 2, 1.0 + seed % 5, 1.0)
    network = replace(random(seed, 15, 4), dispersion=dispersion)
    curve = allocate(network)
    assert (np.diff(curve.investment) >= 0).all()
    assert (np.diff(curve.owed) <= 1e-9).all()
    for step in np.linspace(0, len(curve.part), 5).astype(int):
        policy = curve.at(step)
        assert policy.investment == pytest.approx(curve.investment[step])
        assert policy.owed == pytest.approx(curve.owed[step], abs=1e-6)
        assert policy.availability == pytest.approx(curve.availability[step], abs=1e-6)
    assert curve.owed[-1] < 0.01 * curve.owed[0]


@given(values=arrays(np.float64, (3, 7), elements=st.floats(0, 100)))
@settings(max_examples=60, deadline=None)
def test_the_hull_lies_below_all_points_and_is_convex(values: Array) -> None:
    for row, kept in zip(values, lower_hull(values), strict=True):
        at = np.flatnonzero(kept)
        assert at[0] == 0
        assert at[-1] == 6
        assert (np.interp(np.arange(7), at, row[at]) <= row + 1e-9).all()
        assert (np.diff(np.diff(row[at]) / np.diff(at)) > -1e-9).all()


@pytest.mark.parametrize("dispersion", [1.0, 3.0])
@pytest.mark.parametrize(("depot", "kept"), [(0, [3, 7]), (2, [2, 4]), (6, [2, 4])])
def test_what_is_said_is_what_happens(dispersion: float, depot: int, kept: list[int]) -> None:
    """Played through failure by failure, one by one and in batches."""
    one = np.ones((1, 2))
    network = Network(
        price=np.ones(1),
        demand=np.array([[0.4, 1.0]]),
        repair_share=0.25 * one,
        repair_time=0.8 * one,
        transport_time=0.4 * one,
        depot_repair_time=np.array([3.0]),
        dispersion=np.array([dispersion]),
    )
    said = evaluate(network, np.array([float(depot)]), np.array([kept], dtype=np.float64))
    served, owed = two_echelons(
        np.random.default_rng(5),
        demand=[0.4, 1.0],
        dispersion=dispersion,
        repair_share=0.25,
        repair_time=0.8,
        transport_time=0.4,
        depot_repair_time=3.0,
        depot_stock=depot,
        stock=kept,
        periods=300_000,
    )
    assert said.fill_rate[0] == pytest.approx(served, abs=0.015)
    assert said.expected_backorders[0] == pytest.approx(owed, abs=0.03, rel=0.05)


def test_batches_need_more_stock_for_the_same_service() -> None:
    network = random(3, 20, 4)
    batches = replace(network, dispersion=np.full(20, 2.5))
    single, many = allocate(network).for_availability(0.9), allocate(batches).for_availability(0.9)
    assert many.investment > single.investment
    assert many.availability >= 0.9 - 1e-9
    with pytest.raises(SettingsError, match="at least 1"):
        replace(network, dispersion=np.full(20, 0.5))


@pytest.mark.parametrize("demand", [0.001, 3.0, 11.0, 40.0])
def test_slow_and_fast_parts(demand: float) -> None:
    """Of fast ones only every so manieth stock of the depot is tried; the curve still falls to nothing owed."""
    one = np.ones((1, 4))
    network = Network(
        price=np.ones(1),
        demand=demand * one,
        repair_share=0.1 * one,
        repair_time=one,
        transport_time=0.5 * one,
        depot_repair_time=np.array([2.0]),
    )
    curve = allocate(network)
    assert np.isfinite(curve.owed).all()
    assert curve.owed[-1] < 0.001 * curve.owed[0]
    policy = curve.for_availability(0.95)
    assert policy.availability >= 0.95 - 1e-9
    # nearly what the whole pipeline needs with its spread, and no more
    pipeline = network.pipeline(np.zeros(1))[0].sum()
    assert policy.investment <= pipeline + 4 * np.sqrt(pipeline) + 8


def test_targets() -> None:
    curve = allocate(random(2, 10, 3))
    assert curve.for_backorders(1.0).owed <= 1.0
    assert curve.for_availability(0.95).availability >= 0.95 - 1e-9
    assert curve.for_budget(1000).investment <= 1000
    assert curve.for_budget(0).investment == 0
    assert len(curve.points(20)) <= 22
    with pytest.raises(SettingsError, match="owed"):
        curve.for_backorders(-1)
    with pytest.raises(SettingsError, match="cannot be promised"):
        curve.for_availability(1.0)
    for budget in (-5, float("nan")):
        with pytest.raises(SettingsError, match="below zero"):
            curve.for_budget(budget)


def test_refuses_what_no_network_is_like() -> None:
    one = np.ones((1, 2))
    with pytest.raises(SettingsError, match="at most 1"):
        Network(
            price=np.ones(1),
            demand=one,
            repair_share=2 * one,
            repair_time=one,
            transport_time=one,
            depot_repair_time=np.ones(1),
        )
    with pytest.raises(SettingsError, match="under way to site 1"):
        Network(
            price=np.ones(1),
            demand=999 * one,
            repair_share=one,
            repair_time=one,
            transport_time=one,
            depot_repair_time=np.ones(1),
        )
    with pytest.raises(SettingsError, match="repair_time holds"):
        Network(
            price=np.ones(1),
            demand=one,
            repair_share=one,
            repair_time=np.ones((1, 3)),
            transport_time=one,
            depot_repair_time=np.ones(1),
        )


def test_nobody_needs_the_part() -> None:
    none = np.zeros((2, 3))
    curve = allocate(
        Network(
            price=np.ones(2),
            demand=none,
            repair_share=none,
            repair_time=none,
            transport_time=none,
            depot_repair_time=np.ones(2),
        )
    )
    assert curve.owed[-1] == 0


def test_a_pool_serves_what_it_promises() -> None:
    pool = size_pool(
        rate=np.array([2.0, 0.3]), variance=np.array([2.0, 0.6]), turnaround=np.array([1.5, 3.0]), target=0.95
    )
    for part, (mean, variance, lead) in enumerate(((2.0, 2.0, 1.5), (0.3, 0.6, 3.0))):
        played = served_at_once(
            np.random.default_rng(1),
            mean=mean,
            variance=variance,
            lead_time=lead,
            stock=int(pool.size[part]),
            quantity=1,
            periods=60_000,
        )
        assert played[1] / played[0] == pytest.approx(pool.fill_rate[part], abs=0.006)
        assert pool.fill_rate[part] >= 0.95
    assert (pool.on_shelf > 0).all()


def test_lost_units_are_bought_and_need_a_larger_pool() -> None:
    rate = np.array([2.0])
    repaired = size_pool(rate=rate, variance=rate, turnaround=np.ones(1), target=0.95)
    lossy = size_pool(rate=rate, variance=rate, turnaround=np.ones(1), target=0.95, lost=0.2, purchase_time=6.0)
    assert repaired.replaced == 0
    assert lossy.replaced == pytest.approx(0.4)
    assert lossy.size > repaired.size
    for wrong in ({"target": 1.0}, {"target": 0.9, "lost": 1.5}):
        with pytest.raises(SettingsError):
            size_pool(rate=rate, variance=rate, turnaround=np.ones(1), **wrong)
