import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from forecasting.errors import SettingsError
from forecasting.production.budget import Category, Lines, compare, roll_up
from tests.forecasting.production.test_netting import rows


def lines(*entries: tuple[int, int, float, float], periods: int = 2) -> Lines:
    category, period, amount, deviation = zip(*entries, strict=True)
    return Lines(
        categories=list(Category),
        periods=periods,
        category=np.array(category),
        period=np.array(period),
        amount=np.array(amount, dtype=np.float64),
        deviation=np.array(deviation, dtype=np.float64),
    )


def test_sums_by_hand() -> None:
    given_lines = lines((0, 0, 100, 30), (0, 0, 50, 40), (0, 1, 10, 0), (4, 1, 200, 20))
    apart, together = roll_up(given_lines, correlation=0.0), roll_up(given_lines, correlation=1.0)
    assert apart.expected[0].tolist() == [150, 10, 160]
    assert apart.expected[4].tolist() == [0, 200, 200]
    assert apart.expected[-1].tolist() == [150, 210, 360]
    assert apart.deviation[0].tolist() == [50, 0, 50]
    assert together.deviation[0].tolist() == [70, 0, 70]
    assert together.deviation[-1, -1] == 90
    assert apart.deviation[-1, -1] == pytest.approx((900 + 1600 + 400) ** 0.5)
    assert apart.band[0, 1].tolist() == [10, 10, 10]
    assert apart.band[0, 0, 2] == pytest.approx(stats.gamma.ppf(0.9, 9, scale=150 / 9))


@given(seed=st.integers(0, 10_000), correlation=st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_totals_are_sums_and_bands_hold_the_median(seed: int, correlation: float) -> None:
    rng = np.random.default_rng(seed)
    count = 30
    budget = roll_up(
        Lines(
            categories=["a", "b", "c"],
            periods=4,
            category=rng.integers(0, 3, count),
            period=rng.integers(0, 4, count),
            amount=rng.uniform(0, 100, count),
            deviation=rng.uniform(0, 50, count),
        ),
        correlation=correlation,
    )
    assert budget.expected[-1, -1] == pytest.approx(budget.expected[:-1, :-1].sum())
    assert budget.expected[-1, :-1] == pytest.approx(budget.expected[:-1, :-1].sum(axis=0))
    assert (np.diff(budget.band, axis=2) >= -1e-9).all()
    assert (budget.band >= 0).all()
    assert (budget.deviation[-1, -1] <= budget.deviation[:-1, :-1].sum() + 1e-9).all()


def test_against_what_was_spent() -> None:
    budget = roll_up(lines((0, 0, 100, 10), (0, 1, 100, 10), (1, 0, 50, 5)), correlation=0.0)
    actual = np.full((8, 2), np.nan)
    actual[0, 0], actual[1, 0] = 104, 80
    found = compare(budget, actual)
    assert found.difference[0, 0] == pytest.approx(4)
    assert found.difference[1, 0] == pytest.approx(30)
    assert found.difference[-1, 0] == pytest.approx(34)
    assert found.difference[0, -1] == pytest.approx(4)
    assert np.isnan(found.difference[0, 1])
    assert found.share[1, 0] == pytest.approx(0.6)
    assert found.inside[0, 0]
    assert not found.inside[1, 0]
    assert not found.inside[0, 1]
    assert not found.inside[0, -1]
    with pytest.raises(SettingsError, match="shape"):
        compare(budget, rows([1, 2]))


def test_refuses_impossible_terms() -> None:
    with pytest.raises(SettingsError, match="amount"):
        lines((0, 0, -1, 0))
    with pytest.raises(SettingsError, match="a period lies outside the 2"):
        lines((0, 2, 1, 0))
    with pytest.raises(SettingsError, match="a category lies outside the 8"):
        lines((8, 0, 1, 0))
    with pytest.raises(SettingsError, match="correlation"):
        roll_up(lines((0, 0, 1, 1)), correlation=1.5)
