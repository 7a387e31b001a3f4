from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from forecasting.errors import SettingsError
from forecasting.stock import counted
from forecasting.stock.last_buy import last_buy


@given(mean=st.floats(0.01, 300), ratio=st.floats(1, 20), level=st.integers(0, 400))
@settings(max_examples=60, deadline=None)
def test_closed_forms_are_those_of_scipy(mean: float, ratio: float, level: int) -> None:
    variance = mean * ratio
    known = stats.nbinom(mean * mean / (variance - mean), mean / variance) if ratio > 1.0001 else stats.poisson(mean)
    one = np.array([mean]), np.array([variance])
    assert counted.at_most(*one, np.array([float(level)]))[0] == pytest.approx(known.cdf(level), abs=1e-7)
    pieces = np.arange(level + 1)
    assert counted.beyond(*one, np.array([float(level)]))[0] == pytest.approx(
        mean - level + float((level - pieces) @ known.pmf(pieces)), abs=1e-5
    )
    assert counted.least(*one, 0.95)[0] == pytest.approx(known.ppf(0.95), abs=1e-9)


def test_without_holding_the_best_is_the_newsvendors() -> None:
    mean, variance = np.full(8, 3.0), np.full(8, 6.0)
    found = last_buy(mean=mean, variance=variance, price=10, shortage_cost=60, worth_at_end=2)
    assert found.quantity[found.best] == stats.nbinom(24, 0.5).ppf(50 / 58)
    assert found.runs_out[found.best] == pytest.approx(stats.nbinom(24, 0.5).sf(found.quantity[found.best]))


def test_the_curve_is_what_happens() -> None:
    mean, variance = np.array([6.0, 4.0, 2.0, 1.0]), np.array([9.0, 8.0, 3.0, 2.0])
    found = last_buy(
        mean=mean, variance=variance, price=5, shortage_cost=40, on_hand=3, holding_cost=0.4, worth_at_end=-1
    )
    rng = np.random.default_rng(2)
    total, spread = np.cumsum(mean), np.cumsum(variance)
    demand = np.stack(
        [rng.negative_binomial(m * m / (v - m), m / v, 200_000) for m, v in zip(total, spread, strict=True)]
    )
    for place in (0, found.best, len(found.quantity) - 1):
        start = found.quantity[place] + 3
        left = np.maximum(start - demand, 0).mean(axis=1)
        short = np.maximum(demand[-1] - start, 0).mean()
        assert found.left[place] == pytest.approx(left[-1], abs=0.05)
        assert found.short[place] == pytest.approx(short, abs=0.05)
        cost = 5 * found.quantity[place] + 0.4 * left.sum() + 40 * short + left[-1]
        assert found.cost[place] == pytest.approx(cost, abs=2)
    assert found.runs_out_by[-1] == pytest.approx(found.runs_out[found.best])
    assert (np.diff(found.runs_out_by) >= 0).all()


def test_more_bought_is_less_risk_and_an_uncertain_forecast_more() -> None:
    mean = np.full(10, 5.0)
    plain = last_buy(mean=mean, variance=mean * 2, price=10, shortage_cost=90)
    unsure = last_buy(mean=mean, variance=mean * 2, price=10, shortage_cost=90, error=0.4)
    assert (np.diff(plain.runs_out) <= 0).all()
    assert (np.diff(plain.left) >= 0).all()
    assert unsure.quantity[unsure.best] > plain.quantity[plain.best]
    assert unsure.quantity[unsure.for_risk(0.05)] > plain.quantity[plain.for_risk(0.05)]
    dear = last_buy(mean=mean, variance=mean * 2, price=10, shortage_cost=90, holding_cost=2)
    assert dear.quantity[dear.best] < plain.quantity[plain.best]


def test_enough_is_there_already() -> None:
    found = last_buy(mean=np.array([0.5]), variance=np.array([0.5]), price=1, shortage_cost=2, on_hand=50)
    assert found.quantity.tolist() == [0]
    assert found.runs_out[0] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"shortage_cost": 5.0}, "short must be above"),
        ({"worth_at_end": 10.0}, "worth less"),
        ({"price": -1.0}, "price"),
        ({"mean": np.zeros(0), "variance": np.zeros(0)}, "at least one"),
    ],
)
def test_refuses_impossible_terms(wrong: dict[str, Any], message: str) -> None:
    terms: dict[str, Any] = {"mean": np.ones(2), "variance": np.ones(2), "price": 10.0, "shortage_cost": 50.0} | wrong
    with pytest.raises(SettingsError, match=message):
        last_buy(**terms)
    with pytest.raises(SettingsError, match="risk"):
        last_buy(mean=np.ones(2), variance=np.ones(2), price=1.0, shortage_cost=5.0).for_risk(0)
