import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from stockpyl.loss_functions import negative_binomial_loss, poisson_loss

from forecasting.stock import levels
from forecasting.stock.levels import backorders_and_fill, probabilities, tables
from tests.forecasting.stock.simulate import served_at_once


def test_probabilities_are_those_of_scipy() -> None:
    mean, variance = np.array([0.3, 4.0, 150.0, 2.0]), np.array([0.3, 9.0, 400.0, 80.0])
    chance = probabilities(mean, variance, 300)
    assert np.allclose(chance[0], stats.poisson.pmf(np.arange(300), 0.3))
    for row in (1, 2, 3):
        size = mean[row] ** 2 / (variance[row] - mean[row])
        assert np.allclose(chance[row], stats.nbinom.pmf(np.arange(300), size, mean[row] / variance[row]), atol=1e-12)


def test_backorders_are_those_of_the_oracle() -> None:
    waiting, _ = backorders_and_fill(np.array([3.2, 6.0]), np.array([3.2, 10.0]), 30)
    for stock in (0, 1, 4, 12):
        assert waiting[0, stock] == pytest.approx(poisson_loss(stock, 3.2)[0], abs=1e-9)
        # of r failures with probability p: here size 9 and p = .6
        assert waiting[1, stock] == pytest.approx(negative_binomial_loss(stock, 9, 0.6)[0], abs=1e-9)


def test_poisson_fill_is_the_ready_rate() -> None:
    _, fill = backorders_and_fill(np.array([2.5]), np.array([2.5]), 12)
    assert np.allclose(fill[0, 1:], stats.poisson.cdf(np.arange(11), 2.5))


@given(mean=st.floats(1e-3, 60), ratio=st.floats(1.0, 30), quantity=st.integers(1, 40))
@settings(max_examples=80, deadline=None)
def test_more_stock_never_serves_less(mean: float, ratio: float, quantity: int) -> None:
    (found,) = tables(np.array([mean]), np.array([mean * ratio]), np.array([float(quantity)]))
    assert (np.diff(found.stock[0]) > 0).all()
    assert (np.diff(found.fill_rate[0]) >= -1e-12).all()
    assert (np.diff(found.backorders[0]) <= 1e-9).all()
    assert found.stock[0, 0] == found.fill_rate[0, 0] == 0
    assert found.backorders[0, 0] == pytest.approx(mean)
    assert found.fill_rate[0, -1] > 1 - 5e-5


@pytest.mark.parametrize(
    ("mean", "ratio", "lead", "stock", "quantity"),
    [
        (0.4, 1.0, 3.0, 2, 1),
        (1.5, 4.0, 2.0, 9, 1),
        (0.2, 6.0, 4.0, 6, 4),
        (3.0, 1.0, 1.5, 12, 7),
        (0.05, 2.0, 6.0, 5, 5),
    ],
)
def test_the_fill_rate_is_what_happens(mean: float, ratio: float, lead: float, stock: int, quantity: int) -> None:
    (found,) = tables(np.array([mean * lead]), np.array([mean * lead * ratio]), np.array([float(quantity)]))
    promised = found.fill_rate[0, np.flatnonzero(found.stock[0] == stock)[0]]
    asked, served = served_at_once(
        np.random.default_rng(3),
        mean=mean,
        variance=mean * ratio,
        lead_time=lead,
        stock=stock,
        quantity=quantity,
        periods=int(150_000 / mean),
    )
    assert served / asked == pytest.approx(promised, abs=0.01)


@pytest.mark.parametrize("quantity", [1.0, 25.0])
def test_large_parts_by_the_gamma_agree_with_counting(monkeypatch: pytest.MonkeyPatch, quantity: float) -> None:
    mean, variance, lot = np.array([180.0]), np.array([1500.0]), np.array([quantity])
    (counted,) = tables(mean, variance, lot)
    monkeypatch.setattr(levels, "WIDEST", 64)
    (smooth,) = tables(mean, variance, lot)
    for number in (60, 120, 180):
        stock = smooth.stock[0, number]
        place = np.flatnonzero(counted.stock[0] == stock)[0]
        assert smooth.fill_rate[0, number] == pytest.approx(counted.fill_rate[0, place], abs=0.01)
        assert smooth.backorders[0, number] == pytest.approx(counted.backorders[0, place], abs=0.5)
