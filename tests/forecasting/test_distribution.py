import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from forecasting.distribution import Demand, check_probabilities, inflate, lot_unit
from forecasting.errors import SettingsError
from forecasting.evaluate import pit_distance

TAUS = (0.1, 0.5, 0.9, 0.95, 0.99)


def one(mean: float, variance: float, lot: float = 1.0) -> Demand:
    return Demand(np.array([mean]), np.array([variance]), np.array([lot]))


def test_negative_binomial_by_moments() -> None:
    expected = stats.nbinom.ppf(TAUS, 4.0 / 3.0, 0.4)
    np.testing.assert_array_equal(one(2.0, 5.0).quantiles(TAUS)[0], expected)


def test_poisson_where_the_variance_does_not_exceed_the_mean() -> None:
    np.testing.assert_array_equal(one(2.0, 1.0).quantiles(TAUS)[0], stats.poisson.ppf(TAUS, 2.0))


def test_gamma_where_demand_is_not_whole() -> None:
    expected = stats.gamma.ppf(TAUS, 0.8, scale=2.5)
    np.testing.assert_allclose(one(2.0, 5.0, lot=0.0).quantiles(TAUS)[0], expected)


def test_quantiles_come_in_lots() -> None:
    quantiles = one(200.0, 5e4, lot=25.0).quantiles(TAUS)[0]
    assert (quantiles % 25 == 0).all()
    np.testing.assert_array_equal(quantiles, 25 * one(8.0, 80.0).quantiles(TAUS)[0])


def test_large_means_are_whole_and_near_the_exact_quantile() -> None:
    quantiles = one(1000.0, 90_000.0).quantiles(TAUS)[0]
    assert (quantiles == np.rint(quantiles)).all()
    exact = stats.nbinom.ppf(TAUS, 1000.0**2 / 89_000, 1000 / 90_000)
    np.testing.assert_allclose(quantiles, exact, rtol=0.01)


def test_no_demand_is_no_demand() -> None:
    assert one(0.0, 0.0).quantiles(TAUS).tolist() == [[0.0] * 5]
    assert one(0.0, 3.0).quantiles(TAUS).tolist() == [[0.0] * 5]


@settings(max_examples=60, deadline=None)
@given(st.floats(1e-9, 1e12), st.floats(1e-9, 1e15), st.sampled_from([0.0, 1.0, 4.0, 5000.0]))
def test_quantiles_never_cross_and_are_finite(mean: float, variance: float, lot: float) -> None:
    quantiles = one(mean, variance, lot).quantiles(TAUS)[0]
    assert np.isfinite(quantiles).all()
    assert (np.diff(quantiles) >= 0).all()


@pytest.mark.parametrize(("mean", "variance", "lot"), [(0.3, 0.9, 1.0), (40.0, 900.0, 5.0), (2.0, 5.0, 0.0)])
def test_pit_is_uniform_when_the_distribution_is_right(mean: float, variance: float, lot: float) -> None:
    rng = np.random.default_rng(3)
    many = 20_000
    if lot:
        lots, spread = mean / lot, variance / lot**2
        actual = lot * rng.negative_binomial(lots**2 / (spread - lots), lots / spread, many)
    else:
        actual = rng.gamma(mean**2 / variance, variance / mean, many)
    demand = Demand(np.full(many, mean), np.full(many, variance), np.full(many, lot))
    assert pit_distance(demand.pit(actual.astype(np.float64), rng)) < 0.01
    wrong = Demand(np.full(many, mean), np.full(many, variance / 3), np.full(many, lot))
    assert pit_distance(wrong.pit(actual.astype(np.float64), rng)) > 0.02


def test_lot_is_the_greatest_common_divisor_of_enough_demands() -> None:
    demand = np.array([[0, 10, 25, np.nan, 5], [3, 0, 6, 0, 0], [0.5, 1, 1, 1, 1], [0, 0, 0, 0, 0], [7, 5, 3, 2, 0]])
    assert lot_unit(demand).tolist() == [5, 1, 0, 1, 1]


def test_few_periods_inflate_the_variance() -> None:
    known = np.array([0.0, 2.0, 36.0, 500.0])
    np.testing.assert_allclose(inflate(np.ones(4), 3, known), [2.5, 2.5, 1 + 3 / 36, 1 + 3 / 36])


def test_refuses_bad_numbers() -> None:
    for wrong in [(), (0.0, 0.5), (0.5, 1.0), (0.9, 0.5), (0.5, 0.5)]:
        with pytest.raises(SettingsError):
            check_probabilities(wrong)
    with pytest.raises(SettingsError, match="finite"):
        one(np.nan, 1.0)
    with pytest.raises(SettingsError, match="length"):
        Demand(np.ones(2), np.ones(1), np.ones(2))
