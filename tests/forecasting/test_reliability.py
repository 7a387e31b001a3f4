import numpy as np
import pytest
from scipy import stats

from forecasting.engine import Settings, forecast
from forecasting.reliability import randomised_pit, reliability
from tests.forecasting import catalogues as kinds

TAUS = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)


@pytest.mark.parametrize("mean", [0.3, 2.0, 40.0])
def test_a_right_forecast_keeps_its_promises_whole_pieces_or_not(mean: float) -> None:
    rng = np.random.default_rng(1)
    actual = rng.poisson(mean, (4, 5000)).astype(np.float64)
    said = np.broadcast_to(stats.poisson(mean).ppf(TAUS), (4, 5000, len(TAUS)))
    found = reliability(actual, said, TAUS, (0.9, 0.95, 0.99), np.repeat(["lumpy", "smooth"], 2500))
    assert [one.demand_class for one in found] == ["all", "lumpy", "smooth"]
    assert [one.windows for one in found] == [20_000, 10_000, 10_000]
    for one in found:
        assert one.kept == (True, True, True)
        assert all(low <= high for low, high in zip(one.below, one.covered, strict=True))
        assert sum(one.pit) == pytest.approx(1.0)


def test_the_transform_is_uniform_when_demand_is_fast_and_the_forecast_right() -> None:
    rng = np.random.default_rng(2)
    grid = tuple(np.linspace(0.05, 0.95, 19))
    actual = rng.gamma(5.0, size=40_000)
    values = randomised_pit(actual, np.tile(stats.gamma(5.0).ppf(grid), (40_000, 1)), grid, rng)
    assert stats.kstest(values, "uniform").statistic < 0.012


def test_a_forecast_that_is_too_low_breaks_its_promises() -> None:
    rng = np.random.default_rng(3)
    actual = rng.poisson(4.0, (4, 2000)).astype(np.float64)
    said = np.broadcast_to(stats.poisson(3.0).ppf(TAUS), (4, 2000, len(TAUS)))
    found = reliability(actual, said, TAUS, (0.9, 0.95), np.full(2000, "smooth"))[0]
    assert found.kept == (False, False)
    assert found.pit[-1] > 0.2
    assert found.distance > 0.1


def test_unknown_windows_count_nowhere() -> None:
    actual = np.array([[1.0, np.nan], [np.nan, np.nan]])
    found = reliability(actual, np.full((2, 2, 1), 2.0), (0.9,), (0.9,), np.array(["a", "b"]))
    assert [(one.demand_class, one.windows, one.parts) for one in found] == [("all", 1, 1), ("a", 1, 1)]
    assert np.isnan(randomised_pit(actual, np.full((2, 2, 1), 2.0), (0.9,), np.random.default_rng(0))[0, 1])


def test_a_forecast_says_which_promises_were_kept() -> None:
    result = forecast(kinds.monthly_panel(kinds.intermittent(200)), Settings(horizon=1))
    report = result.reliability[3]
    assert report[0].demand_class == "all"
    assert report[0].promised == result.probabilities
    assert report[0].windows == 200 * 8
    assert report[0].distance < 0.1
    assert {one.demand_class for one in report[1:]} <= set(result.demand_class)
