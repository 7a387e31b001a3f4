import numpy as np
import pytest
from scipy import stats

from forecasting.errors import ForecastError
from forecasting.installed_base.life import Prior, fit_power_law, fit_weibull, mean_cumulative_function
from tests.forecasting.data import read


@pytest.mark.parametrize(
    ("name", "age", "event", "failure", "shape", "scale", "likelihood"),
    [
        ("smrd_shockabsorber.csv", "miles", "event", "Failure", 3.16047, 27718.72, -123.9954),
        ("genfan.csv", "hours", "status", 1, 1.05845, 26296.845, -135.1527),
        ("smrd_bearingcage.csv", "hours", "event", "Failed", 2.03532, 11792.18, -76.4369),
    ],
)
def test_published_weibull_fits(
    name: str, age: str, event: str, failure: object, shape: float, scale: float, likelihood: float
) -> None:
    lives = read(name)
    weight = lives["count"].to_numpy(dtype=float) if "count" in lives else None
    fit = fit_weibull(lives[age].to_numpy(dtype=float), (lives[event] == failure).to_numpy(), weight=weight)
    assert fit.shape[0] == pytest.approx(shape, abs=1e-5)
    assert fit.scale[0] == pytest.approx(scale, abs=5e-3)
    assert fit.log_likelihood[0] == pytest.approx(likelihood, abs=1e-4)


def test_published_power_law() -> None:
    engine = read("smrd_halfbeak.csv")
    failures = engine.loc[engine["event"] == "report", "hours"].to_numpy()
    fit = fit_power_law(failures, np.zeros(len(failures), dtype=np.int64), np.array([25.5181]))
    assert fit.failures[0] == 71
    assert fit.shape[0] == pytest.approx(2.7603, abs=5e-5)
    assert fit.scale[0] == pytest.approx(5.4473, abs=5e-5)


def test_published_mean_cumulative_function() -> None:
    seats = read("smrd_valveseat.csv")
    over = seats["event"] == "end"
    mcf = mean_cumulative_function(seats.loc[~over, "days"].to_numpy(float), seats.loc[over, "days"].to_numpy(float))
    published = {61: 0.0244, 139: 0.2195, 265: 0.4146, 479: 0.7835, 640: 1.2435, 653: 1.5427}
    assert {day: round(mcf.at(day), 4) for day in published} == published
    assert mcf.at(1.0) == 0


def test_many_groups_equal_scipy_one_by_one() -> None:
    rng = np.random.default_rng(8)
    group = np.repeat(np.arange(12), 40)
    life = rng.weibull(rng.uniform(0.7, 3.5, 12)[group]) * 10.0 ** rng.uniform(0, 5, 12)[group]
    end = rng.uniform(0.3, 2.0, len(life)) * np.median(life.reshape(12, 40), axis=1)[group]
    age, failed = np.minimum(life, end), life <= end
    fit = fit_weibull(age, failed, group=group)
    for number in range(12):
        mine = group == number
        data = stats.CensoredData(uncensored=age[mine & failed], right=age[mine & ~failed])
        shape, _, scale = stats.weibull_min.fit(data, floc=0)
        assert fit.shape[number] == pytest.approx(shape, rel=1e-3)
        assert fit.scale[number] == pytest.approx(scale, rel=1e-3)


def test_late_entry_is_allowed_for() -> None:
    rng = np.random.default_rng(4)
    life = 1000 * rng.weibull(2.5, 40_000)
    entry = np.where(rng.uniform(size=len(life)) < 0.5, rng.uniform(0, 900, len(life)), 0.0)
    seen = life > entry
    fit = fit_weibull(life[seen], np.ones(seen.sum(), dtype=bool), entry=entry[seen])
    assert fit.shape[0] == pytest.approx(2.5, abs=0.05)
    assert fit.scale[0] == pytest.approx(1000, abs=10)


def test_a_prior_shrinks_small_groups_and_leaves_large_ones() -> None:
    rng = np.random.default_rng(2)
    few, many = 100 * rng.weibull(0.8, 3), 100 * rng.weibull(0.8, 3000)
    age, group = np.r_[few, many], np.r_[np.zeros(3, dtype=int), np.ones(3000, dtype=int)]
    failed = np.ones(len(age), dtype=bool)
    fit = fit_weibull(age, failed, group=group, prior=Prior(np.log(2.0), 0.2))
    alone = fit_weibull(age, failed, group=group)
    assert abs(np.log(fit.shape[0] / 2)) < abs(np.log(alone.shape[0] / 2))
    assert fit.shape[1] == pytest.approx(alone.shape[1], rel=0.02)


def test_groups_without_failures_have_no_fit_but_an_exposure() -> None:
    fit = fit_weibull(np.array([5.0, 7.0, 9.0]), np.array([True, False, False]), group=np.array([0, 0, 2]))
    assert np.isnan(fit.shape).tolist() == [False, True, True]
    assert fit.exposure.tolist() == [12.0, 0.0, 9.0]


@pytest.mark.parametrize(
    ("age", "entry", "match"),
    [(0.0, 0.0, "life 1: the age"), (5.0, 5.0, "life 1: the entry age"), (np.nan, 0.0, "life 1")],
)
def test_impossible_lives_are_named(age: float, entry: float, match: str) -> None:
    with pytest.raises(ForecastError, match=match):
        fit_weibull(np.array([3.0, age]), np.array([True, True]), entry=np.array([0.0, entry]))


def test_failures_outside_the_observation_are_refused() -> None:
    with pytest.raises(ForecastError, match="failure 0 at age 9"):
        fit_power_law(np.array([9.0]), np.array([0]), np.array([5.0]))
    with pytest.raises(ForecastError, match="after the end"):
        mean_cumulative_function(np.array([9.0]), np.array([5.0]))
