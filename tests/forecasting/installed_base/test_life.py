import warnings

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


@pytest.mark.parametrize("seed", range(6))
def test_random_lives_equal_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape, scale, count = rng.uniform(0.6, 4.0), 10.0 ** rng.uniform(0, 5), int(rng.integers(15, 200))
    life = scale * rng.weibull(shape, count)
    end = scale * rng.uniform(0.4, 1.6, count)
    failed = life <= end
    failed[0] = True
    age = np.where(failed, life, end)
    data = stats.CensoredData(uncensored=age[failed], right=age[~failed])
    known_shape, _, known_scale = stats.weibull_min.fit(data, floc=0)
    fit = fit_weibull(age, failed)
    assert fit.shape[0] == pytest.approx(known_shape, rel=1e-3)
    assert fit.scale[0] == pytest.approx(known_scale, rel=1e-3)
    dense = stats.weibull_min(fit.shape[0], scale=fit.scale[0])
    likelihood = float(dense.logpdf(age[failed]).sum() + dense.logsf(age[~failed]).sum())
    assert fit.log_likelihood[0] == pytest.approx(likelihood, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_random_lives_seen_late_equal_surpyval(seed: int) -> None:
    surpyval = pytest.importorskip("surpyval")
    rng = np.random.default_rng(seed)
    shape, scale = rng.uniform(1.0, 3.5), 1000.0
    life, entry = scale * rng.weibull(shape, 400), scale * rng.uniform(0, 0.8, 400) * (rng.uniform(size=400) < 0.5)
    seen = life > entry
    life, entry = life[seen], entry[seen]
    end = entry + scale * rng.uniform(0.3, 1.5, len(life))
    age, failed = np.minimum(life, end), life <= end
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        known = surpyval.Weibull.fit(x=age, c=(~failed).astype(int), tl=entry)
    fit = fit_weibull(age, failed, entry=entry)
    assert fit.shape[0] == pytest.approx(known.beta, rel=2e-3)
    assert fit.scale[0] == pytest.approx(known.alpha, rel=2e-3)


def test_each_group_may_have_a_belief_of_its_own() -> None:
    rng = np.random.default_rng(5)
    age, group = 100 * rng.weibull(2.0, 8), np.repeat([0, 1], 4)
    failed = np.ones(8, dtype=bool)
    prior = Prior(np.log([1.0, 4.0]), np.array([0.01, 0.01]))
    assert fit_weibull(age, failed, group=group, prior=prior).shape == pytest.approx([1.0, 4.0], rel=0.02)


def test_information_is_the_curvature_of_the_likelihood() -> None:
    rng = np.random.default_rng(6)
    age, failed = 100 * rng.weibull(2.0, 50), np.ones(50, dtype=bool)
    fit = fit_weibull(age, failed)

    def profile(log_shape: float) -> float:
        shape = np.exp(log_shape)
        scale = np.mean(age**shape) ** (1 / shape)
        return float(stats.weibull_min(shape, scale=scale).logpdf(age).sum())

    top, step = float(np.log(fit.shape[0])), 1e-3
    bent = -(profile(top + step) - 2 * profile(top) + profile(top - step)) / step**2
    assert fit.information[0] == pytest.approx(bent, rel=1e-3)
