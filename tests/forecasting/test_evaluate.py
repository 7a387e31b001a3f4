import numpy as np
import pytest

from forecasting.evaluate import bias, cycle_service, pinball, pit_distance, rmse, scaled_error, weighted_quantile_loss

NAN = float("nan")


def test_pinball_by_hand() -> None:
    assert pinball(np.array([10.0, 10.0]), np.array([8.0, 13.0]), 0.9).tolist() == pytest.approx([1.8, 0.3])


def test_wql_by_hand_leaves_out_missing() -> None:
    actual = np.array([10.0, NAN, 0.0])
    quantiles = np.array([[8.0, 12.0], [1.0, 1.0], [1.0, 2.0]])
    # tau .5: (1 + .5)·2/10 = .3; tau .9: (.2 + .2)·2/10 = .08
    assert weighted_quantile_loss(actual, quantiles, (0.5, 0.9)) == pytest.approx(0.19)
    assert np.isnan(weighted_quantile_loss(np.zeros(1), np.zeros((1, 1)), (0.5,)))


def test_service_bias_and_rmse() -> None:
    actual, mean = np.array([1.0, 3.0, NAN]), np.array([2.0, 3.0, 9.0])
    assert cycle_service(actual, np.array([1.0, 2.0, 2.0])) == 0.5
    assert bias(actual, mean) == pytest.approx(0.25)
    assert rmse(actual, mean) == pytest.approx(np.sqrt(0.5))


def test_scaled_error_stands_beside_the_all_zero_forecast() -> None:
    score = scaled_error(
        np.array([[0.0, 2.0, 0.0], [1.0, 1.0, 1.0]]), np.array([[0.0, 1.0], [5.0, 5.0]]), np.full((2, 2), 0.5)
    )
    assert (score.forecast, score.all_zero) == (0.25, 0.25)


def test_pit_distance() -> None:
    assert pit_distance(np.linspace(0.0005, 0.9995, 1000)) == pytest.approx(0.0)
    assert pit_distance(np.full(100, 0.5)) == pytest.approx(0.9)
