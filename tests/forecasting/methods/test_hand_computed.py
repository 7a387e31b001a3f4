"""Small cases worked out by hand, and what no method may do."""

import numpy as np
import pytest

from forecasting.demand import DemandPanel
from forecasting.errors import SettingsError
from forecasting.methods.aggregate import Adida, Imapa
from forecasting.methods.base import Method
from forecasting.methods.croston import Croston, Sba
from forecasting.methods.holt_winters import HoltWinters
from forecasting.methods.mean import Mean, Naive, RecentMean, SeasonalMean, Zero
from forecasting.methods.smoothing import BestSes, Ses
from forecasting.methods.tsb import Tsb

NAN = float("nan")
FLAT: list[Method] = [
    Zero(),
    Naive(),
    Mean(),
    RecentMean(),
    Croston(),
    Sba(),
    Tsb(),
    Ses(),
    BestSes(),
    Adida(),
    Imapa(),
]


def panel(*rows: list[float]) -> DemandPanel:
    return DemandPanel.from_arrays(list(rows), first_period="2020-01")


def rate(method: Method, series: list[float]) -> float:
    return float(method.fit(panel(series)).mean(1)[0, 0])


def test_croston_by_hand() -> None:
    # first demand 3 after 2 periods: z 3, p 2; then 5 after 3: z 3 + .2·2 = 3.4, p 2 + .2·1 = 2.2
    assert rate(Croston(alpha=0.2), [0, 3, 0, 0, 5]) == pytest.approx(3.4 / 2.2)
    assert rate(Sba(alpha=0.2), [0, 3, 0, 0, 5]) == pytest.approx(0.9 * 3.4 / 2.2)
    assert rate(Croston(), [0, 0, 0]) == 0


def test_croston_does_not_count_missing_periods() -> None:
    assert rate(Croston(alpha=0.2), [0, 3, NAN, 0, NAN, 0, 5]) == pytest.approx(3.4 / 2.2)


def test_tsb_by_hand() -> None:
    # p: 0, .3, .21, .147, .4029 with beta .3; z: 3, then 3 + .2·2 = 3.4
    assert rate(Tsb(alpha=0.2, beta=0.3), [0, 3, 0, 0, 5]) == pytest.approx(0.4029 * 3.4)
    assert rate(Tsb(alpha=0.2, beta=0.3), [0, 3, 0, NAN, 0, 5]) == pytest.approx(0.4029 * 3.4)


def test_tsb_falls_to_nothing_when_demand_ends() -> None:
    assert rate(Tsb(), [4.0] * 12 + [0.0] * 60) < 0.01


def test_ses_by_hand() -> None:
    # 4 → 4 + .5·(2 − 4) = 3 → 3 + .5·(5 − 3) = 4
    assert rate(Ses(alphas=(0.5,)), [4, 2, 5]) == 4
    assert rate(Ses(alphas=(0.5,)), [NAN, 4, NAN, 2, 5]) == 4
    assert Ses(alphas=(0.5,)).fit(panel([4, 2, 5])).one_step_variance.tolist() == [(4 + 4) / 2]


def test_best_ses_takes_the_weight_with_the_least_squares() -> None:
    steps = [1.0] * 10 + [9.0] * 10
    assert rate(BestSes(alphas=(0.01, 0.9)), steps) == pytest.approx(9.0, abs=1e-6)


def test_means_and_naive() -> None:
    assert rate(Mean(), [1, NAN, 3]) == 2
    assert rate(RecentMean(window=2), [9, 1, NAN, 3]) == 3
    assert rate(RecentMean(window=1), [9, 1, NAN]) == 5
    assert rate(Naive(), [9, 1, NAN]) == 1
    assert rate(Zero(), [9, 1, 3]) == 0


def test_seasonal_mean_is_shrunk_to_the_overall_mean() -> None:
    fitted = SeasonalMean(season=2, shrinkage=2.0).fit(panel([1, 3, 1, 3]))
    np.testing.assert_allclose(fitted.mean(3), [[(2 * 1 + 2 * 2) / 4, (2 * 3 + 2 * 2) / 4, 1.5]])


def test_adida_by_hand() -> None:
    # demand every second period: buckets of 2 from the end hold 4, 2, 6, the oldest half bucket is left out
    series = [9.0, 0, 6, 0, 2, 0, 4]
    assert rate(Adida(alpha=0.5), series) == pytest.approx((4 * 1 + 2 * 0.5 + 6 * 0.25) / 1.75 / 2)


def test_imapa_is_the_mean_over_bucket_lengths() -> None:
    series = [9.0, 0, 6, 0, 2, 0, 4]
    weights = 0.5 ** np.arange(7)
    single = float((np.array(series)[::-1] * weights).sum() / weights.sum())
    assert rate(Imapa(alpha=0.5), series) == pytest.approx((single + rate(Adida(alpha=0.5), series)) / 2)


def test_holt_winters_follows_a_season_and_never_falls_below_zero() -> None:
    year = np.array([2.0, 2, 3, 5, 9, 14, 18, 14, 9, 5, 3, 2])
    rng = np.random.default_rng(1)
    series = np.maximum(np.tile(year, 5) + rng.normal(0, 0.5, 60), 0)
    fitted = HoltWinters().fit(DemandPanel.from_arrays(series[None, :], first_period="2020-01"))
    np.testing.assert_allclose(fitted.mean(12)[0], year, atol=1.5)
    falling = np.linspace(60, 0, 60)[None, :]
    assert HoltWinters().fit(DemandPanel.from_arrays(falling, first_period="2020-01")).mean(24).min() >= 0


def test_holt_winters_leaves_short_and_patchy_parts_to_the_seasonal_mean() -> None:
    short = panel([1.0, NAN, 4.0, 2.0])
    np.testing.assert_allclose(HoltWinters().fit(short).mean(3), SeasonalMean().fit(short).mean(3))


@pytest.mark.parametrize("method", FLAT, ids=lambda method: method.name)
@pytest.mark.parametrize("series", [[NAN, NAN], [0.0, 0.0], [5.0], [NAN, 2.0], [1e12, 0, 1e12]])
def test_nothing_breaks_a_method(method: Method, series: list[float]) -> None:
    ahead = method.fit(panel(series)).mean(3)
    assert ahead.shape == (1, 3)
    assert np.isfinite(ahead).all()
    assert (ahead >= 0).all()


@pytest.mark.parametrize("method", FLAT, ids=lambda method: method.name)
def test_no_method_looks_ahead_scales_wrongly_or_mixes_parts(method: Method) -> None:
    rng = np.random.default_rng(5)
    demand = np.where(rng.uniform(size=(30, 8)) < 0.1, NAN, rng.poisson(0.7, (30, 8)).astype(float))
    origins = [4, 11, 30]
    known = method.means(demand, origins, 2)
    changed = demand.copy()
    changed[11:] = 99
    np.testing.assert_array_equal(method.means(changed, origins, 2)[:2], known[:2])
    np.testing.assert_allclose(method.means(7 * demand, origins, 2), 7 * known)
    np.testing.assert_array_equal(method.means(demand[:, ::-1], origins, 2), known[:, ::-1])


def test_bad_parameters_are_refused() -> None:
    for wrong in (0.0, 1.1, -1.0):
        with pytest.raises(ValueError, match="above 0"):
            Croston(alpha=wrong)
        with pytest.raises(ValueError, match="above 0"):
            Tsb(beta=wrong)
        with pytest.raises(ValueError, match="above 0"):
            Ses(alphas=(wrong,))
        with pytest.raises(ValueError, match="above 0"):
            Adida(alpha=wrong)
    with pytest.raises(ValueError, match="window"):
        RecentMean(window=0)
    with pytest.raises(SettingsError):
        SeasonalMean(season=1)
    with pytest.raises(SettingsError):
        HoltWinters(horizon=0)
