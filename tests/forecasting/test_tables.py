import numpy as np
from scipy import stats

from forecasting import tables


def test_counted_is_within_one_lot_of_the_exact_quantile() -> None:
    rng = np.random.default_rng(0)
    mean = np.exp(rng.uniform(np.log(0.01), np.log(180), 3000))
    ratio = np.exp(rng.uniform(0.01, 4, 3000))
    for probability in (0.5, 0.9, 0.99):
        exact = stats.nbinom.ppf(probability, mean / (ratio - 1), 1 / ratio)
        near = tables.counted(mean, mean * ratio, probability)
        assert np.mean(np.abs(near - exact) <= np.maximum(1.0, 0.02 * exact)) > 0.995


def test_gamma_is_near_the_exact_quantile() -> None:
    rng = np.random.default_rng(1)
    mean, shape = np.exp(rng.uniform(-3, 10, 3000)), np.exp(rng.uniform(-1, 6, 3000))
    for probability in (0.5, 0.9, 0.99):
        exact = stats.gamma.ppf(probability, shape, scale=mean / shape)
        np.testing.assert_allclose(tables.gamma(mean, mean**2 / shape, probability), exact, rtol=0.02)
    assert tables.gamma(np.zeros(1), np.ones(1), 0.9).tolist() == [0.0]
