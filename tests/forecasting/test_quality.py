"""How good the forecast is, measured on public data and simulated catalogues against plain rivals."""

import numpy as np
from scipy import stats

from forecasting.arrays import Array
from forecasting.demand import DemandPanel
from forecasting.demand_csv import read_wide_csv
from forecasting.distribution import Demand, inflate, lot_unit
from forecasting.engine import Settings, forecast
from forecasting.evaluate import bias, cycle_service, weighted_quantile_loss
from tests.forecasting import catalogues as kinds
from tests.forecasting.data import path_of

TAUS = (0.9, 0.95, 0.99)
LEAD = 3


def normal_round_the_mean(demand: Array, lead: int) -> Array:
    """Plain rival: mean and variance of all known periods, normal demand."""
    mean, deviation = np.nanmean(demand, axis=1), np.nanstd(demand, axis=1)
    return np.asarray(np.maximum(lead * mean[:, None] + np.sqrt(lead) * deviation[:, None] * stats.norm.ppf(TAUS), 0))


def counted_round_the_mean(demand: Array, lead: int) -> Array:
    """Plain rival: mean and variance of all known periods, negative binomial demand in lots."""
    mean, variance = np.nanmean(demand, axis=1), np.nanvar(demand, axis=1)
    known = (~np.isnan(demand)).sum(axis=1).astype(np.float64)
    return Demand(lead * mean, inflate(lead * variance, lead, known), lot_unit(demand)).quantiles(TAUS)


def test_car_parts_lead_time_demand_beats_nothing_and_the_normal_mean() -> None:
    panel = read_wide_csv(path_of("carparts.csv")).blank_as_zero()
    actual, ours, plain, means = [], [], [], []
    for origin in (39, 42, 45, 48):
        result = forecast(panel.before(origin), Settings(horizon=1, lead_time=LEAD, quantiles=TAUS))
        ours.append(result.lead_quantiles)
        means.append(result.lead_mean)
        plain.append(normal_round_the_mean(panel.demand[:, :origin], LEAD))
        actual.append(panel.demand[:, origin : origin + LEAD].sum(axis=1))
    truth = np.stack(actual)
    score = weighted_quantile_loss(truth, np.stack(ours), TAUS)
    assert score < 0.44
    assert score < 0.8 * weighted_quantile_loss(truth, np.stack(plain), TAUS)
    assert score < 0.5 * weighted_quantile_loss(truth, np.zeros((*truth.shape, 3)), TAUS)
    assert abs(bias(truth, np.stack(means))) < 0.10
    for column, (target, slack) in enumerate(zip(TAUS, (0.045, 0.03, 0.01), strict=True)):
        assert abs(cycle_service(truth, np.stack(ours)[..., column]) - target) < slack


def wql_by_origin(panel: DemandPanel, lead: int, origins: list[int]) -> tuple[float, float]:
    """Score of the forecast and of the negative binomial round the mean."""
    actual, ours, plain = [], [], []
    for origin in origins:
        known = panel.before(origin)
        ours.append(forecast(known, Settings(horizon=1, lead_time=lead, quantiles=TAUS)).lead_quantiles)
        plain.append(counted_round_the_mean(known.demand, lead))
        actual.append(panel.demand[:, origin : origin + lead].sum(axis=1))
    truth = np.stack(actual)
    return weighted_quantile_loss(truth, np.stack(ours), TAUS), weighted_quantile_loss(truth, np.stack(plain), TAUS)


def test_steady_catalogues_lose_nothing_to_the_plain_mean() -> None:
    ratios = []
    for demand in (kinds.intermittent(300), kinds.lots(300), kinds.lots(150, seed=31), kinds.weekly(300)):
        panel = kinds.monthly_panel(demand)
        last = panel.periods.count
        ours, plain = wql_by_origin(panel, LEAD, [last - 9, last - 6, last - 3])
        ratios.append(ours / plain)
    # on twelve windows that overlap chance alone moves one catalogue by some per cent
    assert max(ratios) < 1.05
    assert np.mean(ratios) < 1.015


def test_changing_catalogues_gain_on_the_plain_mean() -> None:
    for demand in (kinds.life_cycle(300), kinds.seasonal(200)):
        panel = kinds.monthly_panel(demand)
        last = panel.periods.count
        ours, plain = wql_by_origin(panel, LEAD, [last - 9, last - 6, last - 3])
        assert ours < 0.97 * plain
