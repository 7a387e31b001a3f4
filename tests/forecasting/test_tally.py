import numpy as np
import pytest

from forecasting.evaluate import bias, cycle_service, rmse, weighted_quantile_loss
from forecasting.tally import Tally

TAUS = (0.5, 0.9)


def windows(parts: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    actual = rng.poisson(0.7, (parts, 3)).astype(np.float64)
    actual[0, 1] = np.nan
    mean = rng.gamma(1.0, 0.7, (parts, 3))
    return actual, mean, np.sort(rng.poisson(2.0, (parts, 2)), axis=1).astype(np.float64)


def test_the_figures_are_those_of_the_evaluation() -> None:
    actual, mean, quantiles = windows()
    tally = Tally(TAUS)
    for rows in (slice(0, 13), slice(13, 40)):
        tally.add(actual[rows], mean[rows], quantiles[rows])
    score = tally.score("any")
    known = slice(1, None)
    total, expected = actual[known].sum(axis=1), mean[known].sum(axis=1)
    assert score.windows == 39
    assert score.wql == pytest.approx(weighted_quantile_loss(total, quantiles[known], TAUS))
    assert score.bias == pytest.approx(bias(total, expected))
    assert score.rmse == pytest.approx(rmse(actual[known], mean[known]))
    assert score.rmse_total == pytest.approx(rmse(total, expected))
    assert score.service == pytest.approx([cycle_service(total, quantiles[known, column]) for column in range(2)])
    left = np.maximum(quantiles[known] - total[:, None], 0).sum(axis=0) / total.sum()
    assert score.stock == pytest.approx(left)


def test_a_promise_lies_between_below_and_covered() -> None:
    tally = Tally((0.9,))
    tally.add(np.array([[0.0], [0.0], [1.0], [2.0]]), np.ones((4, 1)), np.ones((4, 1)))
    (row,) = tally.calibration("lumpy")
    assert (row.windows, row.below, row.covered) == (4, 0.5, 0.75)
    assert row.wql == pytest.approx(2 * (0.1 + 0.1 + 0.0 + 0.9) / 3)


def test_without_demand_there_are_no_figures() -> None:
    tally = Tally(TAUS)
    assert np.isnan(tally.score("any").wql)
    tally.add(np.zeros((2, 3)), np.zeros((2, 3)), np.zeros((2, 2)))
    score = tally.score("any")
    assert np.isnan(score.wql)
    assert np.isnan(score.bias)
    assert score.service == (1.0, 1.0)
