import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.arrays import Array
from forecasting.errors import ForecastError
from forecasting.installed_base.renewal import Hazard, expected_renewals, renewal_table


def test_published_renewals() -> None:
    found = expected_renewals(2.5, 1.0, np.array([0.0, 0.6, 1.2]), 3.0)
    assert found == pytest.approx([2.9728, 3.4791, 3.7034], abs=5e-5)


def test_chance_failures_renew_evenly_at_any_age() -> None:
    assert expected_renewals(1.0, 50.0, np.array([0.0, 10.0, 900.0]), 20.0) == pytest.approx(0.4, rel=1e-5)


@given(shape=st.floats(0.7, 5.0), age=st.floats(0.0, 3.0), use=st.floats(0.05, 4.0))
def test_renewals_grow_with_use_and_do_not_depend_on_the_unit(shape: float, age: float, use: float) -> None:
    found = expected_renewals(shape, 1.0, age, np.array([use / 2, use]))
    assert 0 <= found[0] <= found[1] + 1e-12
    assert expected_renewals(shape, 4000.0, 4000 * age, 4000 * use) == pytest.approx(found[1], rel=1e-3)


def test_simulated_lives_renew_as_often() -> None:
    rng = np.random.default_rng(3)
    count, reached = 40_000, 0.8**3.0
    at = np.power(reached + rng.standard_exponential(count), 1 / 3.0) - 0.8
    renewed = np.zeros(count)
    while (at < 2.2).any():
        renewed += at < 2.2
        at = np.where(at < 2.2, at + rng.weibull(3.0, count), np.inf)
    assert expected_renewals(3.0, 1.0, 0.8, 2.2) == pytest.approx(renewed.mean(), abs=4 * renewed.std() / count**0.5)


def test_the_table_agrees_with_the_exact_function() -> None:
    shapes = np.array([0.8, 1.0, 2.5, 4.0])

    def hazard(age: Array) -> Array:
        return np.asarray(np.power(age, shapes.reshape(-1, *[1] * (age.ndim - 1))))

    table = renewal_table(hazard, None, np.full(4, 2.0), np.full(4, 3.0))
    rng = np.random.default_rng(1)
    cell, age, use = rng.integers(0, 4, 300), rng.uniform(0, 2, 300), rng.uniform(0.1, 3, (300, 1))
    row, share = table.start(cell, age)
    found = table.at(table.failures, row, share, cell, use)[:, 0]
    exact = np.array(
        [float(expected_renewals(float(shapes[c]), 1.0, a, u)) for c, a, u in zip(cell, age, use[:, 0], strict=True)]
    )
    assert np.abs(found - exact).max() < 0.01
    assert found.sum() == pytest.approx(exact.sum(), rel=1e-3)


def test_failures_and_habitual_replacements_share_the_renewals() -> None:
    def one(shape: float, scale: float) -> Hazard:
        return lambda age: np.asarray(np.power(age / scale, shape))

    age, use = np.array([1.5]), np.array([4.0])
    both = renewal_table(one(2.0, 1.0), one(2.0, 2.0), age, use)
    assert both.planned is not None
    # with equal shapes each renewal is by habit with the same chance: (1/2)² to 1
    assert both.planned[0, 0, -1] / both.failures[0, 0, -1] == pytest.approx(0.25, rel=1e-6)
    joined = renewal_table(one(2.0, (1 + 0.25) ** -0.5), None, age, use)
    assert both.failures + both.planned == pytest.approx(joined.failures, abs=1e-9)


@pytest.mark.parametrize(("shape", "age", "use"), [(0.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, -1.0)])
def test_impossible_renewals_are_refused(shape: float, age: float, use: float) -> None:
    with pytest.raises(ForecastError):
        expected_renewals(shape, 1.0, age, use)
