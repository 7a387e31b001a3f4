import numpy as np

from forecasting.pooled.first_demand import EDGES, FirstDemand, fit_first_demand


def test_chance_and_amounts_follow_the_length_of_silence() -> None:
    known = np.r_[np.full(1000, 2.0), np.full(1000, 60.0)]
    actual = np.r_[np.full(500, 4.0), np.zeros(500), np.full(10, 8.0), np.zeros(990)]
    fit = fit_first_demand(known, actual)
    mean, quantiles = fit.forecast(np.array([2.0, 60.0]), (0.4, 0.9, 0.999))
    assert mean[0] > 20 * mean[1] > 0
    assert quantiles[0].tolist() == [0, 4, 8]
    assert quantiles[1].tolist() == [0, 0, 4]


def test_nothing_known_forecasts_nothing() -> None:
    nothing = FirstDemand(np.zeros(len(EDGES) + 1), np.zeros(0))
    mean, quantiles = nothing.forecast(np.array([5.0]), (0.5, 0.99))
    assert (mean.tolist(), quantiles.tolist()) == ([0.0], [[0.0, 0.0]])
    empty = fit_first_demand(np.zeros(3), np.full(3, np.nan))
    assert empty.forecast(np.array([0.0]), (0.9,))[0].tolist() == [0.0]
