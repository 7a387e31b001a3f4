import numpy as np
import pytest
from scipy import stats

from forecasting.engine import Settings, forecast, lead_times
from forecasting.errors import SettingsError
from forecasting.evaluate import cycle_service
from forecasting.lead_mixture import EDGES, GRID, LeadTimes, mixed
from tests.forecasting import catalogues as kinds


def test_a_sure_length_is_the_forecast_of_that_length() -> None:
    panel = kinds.monthly_panel(kinds.intermittent(80))
    sure = LeadTimes(np.array([2, 5]), np.tile([0.0, 1.0], (80, 1)))
    one, two = forecast(panel, Settings(lead_time=sure)), forecast(panel, Settings(lead_time=5))
    np.testing.assert_allclose(one.lead_mean, two.lead_mean)
    assert one.lead_time.tolist() == [5] * 80
    # learned beside more quantiles, which may choose another method for a class, and cut into cells
    assert np.abs(one.lead_quantiles - two.lead_quantiles).sum() < 0.05 * two.lead_quantiles.sum()


def test_the_mixture_of_two_known_distributions() -> None:
    probabilities = tuple(sorted({0.5, 0.9, 0.95, 0.99, *GRID}))
    both = np.array([[stats.gamma(shape).ppf(probabilities)] for shape in (4.0, 16.0)])
    found = mixed(both, probabilities, np.array([[0.7, 0.3]]), (0.5, 0.9, 0.95, 0.99))[0]
    sample = np.random.default_rng(0)
    drawn = np.where(
        sample.uniform(size=400_000) < 0.7, sample.gamma(4.0, size=400_000), sample.gamma(16.0, size=400_000)
    )
    np.testing.assert_allclose(found, np.quantile(drawn, (0.5, 0.9, 0.95, 0.99)), rtol=0.03)


def test_an_unsure_lead_time_keeps_its_promise_where_its_mean_does_not() -> None:
    rng = np.random.default_rng(4)
    demand = rng.poisson(np.exp(rng.normal(1.0, 0.5, (400, 1))), (400, 60)).astype(np.float64)
    panel, taken = kinds.monthly_panel(demand).before(50), rng.choice([1, 8], 400, p=[0.6, 0.4])
    actual = np.array([row[50 : 50 + length].sum() for row, length in zip(demand, taken, strict=True)])
    unsure = LeadTimes(np.array([1, 8]), np.tile([0.6, 0.4], (400, 1)))
    mixture = forecast(panel, Settings(horizon=1, lead_time=unsure, quantiles=(0.5, 0.9, 0.95)))
    mean = forecast(panel, Settings(horizon=1, lead_time=4, quantiles=(0.5, 0.9, 0.95)))
    assert cycle_service(actual, mixture.lead_quantiles[:, 1]) == pytest.approx(0.9, abs=0.035)
    assert cycle_service(actual, mean.lead_quantiles[:, 1]) < 0.75
    either = 0.6 * demand[:, 50].sum() + 0.4 * demand[:, 50:58].sum()
    np.testing.assert_allclose(mixture.lead_mean.sum(), either, rtol=0.05)


def test_quantiles_of_a_mixture_are_whole_and_never_cross() -> None:
    panel = kinds.monthly_panel(kinds.lots(60))
    unsure = LeadTimes.from_moments(np.full(60, 3.0), np.full(60, 1.5))
    result = forecast(panel, Settings(horizon=2, lead_time=unsure))
    assert (np.diff(result.lead_quantiles, axis=1) >= 0).all()
    assert (result.lead_quantiles == np.rint(result.lead_quantiles)).all()
    assert result.quantiles.shape == (60, 2, 4)


def test_moments_become_whole_periods() -> None:
    times = LeadTimes.from_moments(np.array([3.0, 6.0]), np.array([1.0, 0.0]))
    np.testing.assert_allclose(times.mean, [3.0, 6.0], atol=0.1)
    spread = np.sqrt((times.weights[0] * (times.periods - times.mean[0]) ** 2).sum())
    assert spread == pytest.approx(1.0, abs=0.15)
    assert times.weights[1].max() == 1.0
    assert len(LeadTimes.from_moments(np.array([60.0]), np.array([20.0])).periods) <= 12


def test_deliveries_are_drawn_to_those_of_all_parts() -> None:
    steady = [2.0] * 30
    times = LeadTimes.from_deliveries([steady, [1.0, 3.0] * 10, [], [6.0]])
    assert times.weights[0, list(times.periods).index(2)] > 0.9
    assert len(times) == 4
    assert times.mean[2] == pytest.approx(np.mean(steady + [1.0, 3.0] * 10 + [6.0]), abs=0.3)
    assert times.mean[3] == pytest.approx(6.0, abs=0.7)


@pytest.mark.parametrize(
    ("periods", "weights", "match"),
    [
        ([2, 1], [[0.5, 0.5]], "ascending"),
        ([0, 1], [[0.5, 0.5]], "0 to 1 periods"),
        ([1, 2], [[0.5, 0.4]], "add up to 1"),
        ([1, 2], [[1.0]], "shape"),
    ],
)
def test_bad_lead_times_are_refused(periods: list[int], weights: list[list[float]], match: str) -> None:
    with pytest.raises(SettingsError, match=match):
        LeadTimes(np.array(periods), np.array(weights))


def test_bad_moments_and_deliveries_are_refused() -> None:
    with pytest.raises(SettingsError, match="mean above 0"):
        LeadTimes.from_moments(np.array([0.0]), np.array([1.0]))
    with pytest.raises(SettingsError, match="at least one"):
        LeadTimes.from_deliveries([[], []])
    unsure = LeadTimes(np.array([1, 2]), np.array([[0.5, 0.5]]))
    with pytest.raises(SettingsError, match="1 lead times for 3 parts"):
        forecast(kinds.monthly_panel(kinds.intermittent(3)), Settings(lead_time=unsure))
    with pytest.raises(SettingsError, match="one piece"):
        lead_times(Settings(lead_time=unsure), 1)


def test_the_cells_cover_all_probability() -> None:
    assert EDGES[0] == 0
    assert EDGES[-1] == 1
    assert (np.diff(EDGES) > 0).all()
