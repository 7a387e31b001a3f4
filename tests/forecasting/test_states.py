import numpy as np
import pytest

from forecasting.states import LEVELS, gather

NAN = float("nan")


def test_states_by_hand() -> None:
    demand = np.array([[2.0, NAN, 0.0, 4.0]]).T
    states = gather(demand, [0, 2, 4], 2)
    assert states.known[:, 0].tolist() == [0, 1, 3]
    assert states.hits[:, 0].tolist() == [0, 1, 2]
    assert states.total[:, 0].tolist() == [0, 2, 6]
    assert states.gap[:, 0].tolist() == [0, 0, 0]
    middle = LEVELS.index(0.1)
    # weights .9³, 0, .9, 1 on 2, –, 0, 4
    assert states.levels[middle, 2, 0] == pytest.approx((2 * 0.729 + 4) / (0.729 + 0.9 + 1))
    assert states.levels[middle, 1, 0] == pytest.approx(2.0)
    assert states.window_mean[2, 0] == 4.0
    assert np.isnan(states.window_mean[1, 0])
    # the only whole window, 0 + 4, was preceded by the level 2: error 4 − 2·2
    assert states.lead_error[2, 0] == 0.0


def test_states_use_nothing_at_or_after_the_origin() -> None:
    rng = np.random.default_rng(0)
    demand = rng.poisson(1.0, (20, 5)).astype(float)
    changed = demand.copy()
    changed[12:] = 50
    one, two = gather(demand, [6, 12], 3), gather(changed, [6, 12], 3)
    for name in vars(one):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
