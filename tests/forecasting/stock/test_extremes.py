"""Whatever numbers a file may hold, the answer is finite and keeps its promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.stock.allocation import allocate
from forecasting.stock.demands import Demands
from forecasting.stock.echelon import allocate as allocate_network
from forecasting.stock.network import Network

SIZES = st.floats(-9, 9).map(lambda power: 10.0**power)


@pytest.mark.parametrize("mean", [490.0, 505.0, 530.0, 900.0, 20_000.0])
def test_where_counting_ends_nothing_jumps(mean: float) -> None:
    one = np.array([mean])
    policy = allocate(Demands(price=np.ones(1), rate=one, mean=one, variance=one)).for_availability(0.95)
    assert policy.stock[0] == pytest.approx(mean + 1.68 * mean**0.5, abs=2 + mean**0.5 / 20)


@given(parts=st.lists(st.tuples(SIZES, SIZES, SIZES, st.integers(1, 10_000)), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
@pytest.mark.filterwarnings("error")
def test_any_mean_variance_price_and_lot(parts: list[tuple[float, float, float, int]]) -> None:
    mean, ratio, price, lot = (np.array(column, dtype=np.float64) for column in zip(*parts, strict=True))
    asked = Demands(price=price, rate=mean, mean=mean, variance=mean * ratio, quantity=lot)
    curve = allocate(asked)
    for values in (curve.investment, curve.availability, curve.owed):
        assert np.isfinite(values).all()
    assert (np.diff(curve.availability) >= -1e-9).all()
    policy = curve.for_availability(0.9)
    assert policy.availability >= 0.9 - 1e-9
    assert np.isfinite(policy.stock).all()
    assert (policy.expected_backorders >= 0).all()


@given(
    rows=st.lists(
        st.tuples(st.floats(-8, 1.5), st.floats(-6, 1), st.floats(-6, 1), st.floats(0, 1), st.floats(-6, 6)),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=60, deadline=None)
@pytest.mark.filterwarnings("error")
def test_any_network(rows: list[tuple[float, float, float, float, float]]) -> None:
    demand, times, depot, share, price = (np.array(column, dtype=np.float64) for column in zip(*rows, strict=True))
    spread = np.array([[1.0, 0.3, 0.0]])
    network = Network(
        price=10**price,
        demand=10 ** demand[:, None] * spread,
        repair_share=share[:, None] * np.ones((1, 3)),
        repair_time=10 ** times[:, None] * np.ones((1, 3)),
        transport_time=10 ** times[:, None] * spread,
        depot_repair_time=10**depot,
    )
    curve = allocate_network(network)
    assert np.isfinite(curve.owed).all()
    assert (np.diff(curve.owed) <= 1e-9).all()
    policy = curve.at(len(curve.part))
    assert policy.owed == pytest.approx(curve.owed[-1], abs=1e-6)
    assert (policy.stock >= 0).all()
