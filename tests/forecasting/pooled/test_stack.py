import numpy as np
import pytest

from forecasting.pooled.moments import ridge_nnls
from forecasting.pooled.stack import GLOBAL_ROWS, fit_stack, quantile_regression


def test_finds_the_quantile_of_plenty_of_data() -> None:
    rng = np.random.default_rng(0)
    scale = rng.uniform(1, 5, 12_000)
    target = scale * rng.exponential(size=12_000)
    features = np.column_stack([scale, rng.uniform(0, 1, 12_000)])
    weights = quantile_regression(features, target, 0.9, np.array([1.0, 0.5]), 5.0)
    assert weights[0] == pytest.approx(np.log(10), rel=0.1)
    assert np.mean(target <= features @ weights) == pytest.approx(0.9, abs=0.01)


def test_keeps_the_defaults_with_next_to_no_data() -> None:
    weights = quantile_regression(np.ones((2, 2)), np.array([50.0, 50.0]), 0.5, np.array([0.4, 0.6]), 1e6)
    np.testing.assert_allclose(weights, [0.4, 0.6], atol=0.01)


def test_weights_are_never_negative_and_small_groups_follow_all() -> None:
    rng = np.random.default_rng(1)
    features = rng.uniform(size=(2000, 3))
    target = 2 * features[:, 0] - features[:, 1]
    groups = np.where(np.arange(2000) < 20, 1, 0)
    weights = fit_stack(features, target, np.ones(2000), groups, 0.5, np.full(3, 1 / 3))
    assert (weights >= 0).all()
    np.testing.assert_array_equal(
        weights[1], quantile_regression(features, target, 0.5, np.full(3, 1 / 3), GLOBAL_ROWS)
    )


def test_ridge_nnls_agrees_with_least_squares_on_plenty_of_data() -> None:
    rng = np.random.default_rng(2)
    features = rng.uniform(size=(50_000, 3))
    truth = np.array([1.5, 0.0, 0.7])
    found = ridge_nnls(features, features @ truth, np.ones(50_000), np.full(3, 1.0))
    np.testing.assert_allclose(found, truth, atol=0.02)
