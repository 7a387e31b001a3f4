import numpy as np

from forecasting.pooled.model import Pooled, sample
from tests.forecasting import catalogues as kinds

TAUS = (0.5, 0.9, 0.99)


def names(count: int) -> "np.ndarray[tuple[int], np.dtype[np.str_]]":
    return np.array([f"P{number}" for number in range(count)])


def test_the_sample_depends_on_part_numbers_and_volume_only() -> None:
    demand = kinds.intermittent(500).T
    order = np.random.default_rng(1).permutation(500)
    one = sample(demand, names(500), 100, 0)
    two = sample(demand[:, order], names(500)[order], 100, 0)
    assert len(set(one.tolist())) == 100
    assert names(500)[one].tolist() == names(500)[order][two].tolist()
    assert one.tolist() != sample(demand, names(500), 100, 1).tolist()
    volume = demand.sum(axis=0)
    assert volume[one[50:]].mean() > 1.3 * volume.mean()


def test_unrelated_parts_change_little() -> None:
    own, other = kinds.intermittent(300), kinds.smooth(60, periods=48)
    alone = Pooled(3, TAUS, 12).fit(own.T, names(300)).forecast(own.T, 48)
    both = np.vstack([own, other]).T
    together = Pooled(3, TAUS, 12).fit(both, names(360)).forecast(both, 48)
    change = np.abs(together.mean[:300] - alone.mean).sum() / alone.mean.sum()
    assert change < 0.1


def test_a_past_origin_uses_nothing_later() -> None:
    demand = kinds.seasonal(100).T
    changed = demand.copy()
    changed[45:] = 1000
    fitted = Pooled(3, TAUS, 12).fit(demand[:40], names(100))
    one, two = fitted.forecast(demand, 45, count=4), fitted.forecast(changed, 45, count=4)
    np.testing.assert_array_equal(one.quantiles, two.quantiles)


def test_the_season_shows_in_the_forecast() -> None:
    demand = kinds.seasonal(300).T
    ahead = Pooled(1, TAUS, 12).fit(demand, names(300)).forecast(demand, 60, count=12)
    total = ahead.mean.sum(axis=0)
    assert total[6] > 3 * total[0]


def test_too_little_to_learn_from_leaves_the_defaults() -> None:
    demand = np.array([[1.0, 0.0, 2.0, 1.0]]).T
    fitted = Pooled(3, TAUS, 12).fit(demand, names(1))
    assert fitted.moments is None
    ahead = fitted.forecast(demand, 4)
    assert 1 < ahead.mean[0, 0] < 6
    assert ahead.quantiles[0, 0, 2] >= 3
