import numpy as np
import pytest
from scipy import stats

from forecasting.errors import SettingsError
from forecasting.production.projection import Alert, Watch, alerts, project
from tests.forecasting.production.test_netting import rows


def test_the_band_is_what_happens() -> None:
    mean, variance = rows([2, 3, 1, 2]), rows([4, 9, 2, 5])
    found = project(
        on_hand=np.array([9.0]), receipts=rows([0, 0, 5, 0]), mean=mean, variance=variance, reserved=rows([0, 1, 0, 0])
    )
    assert found.expected.tolist() == [[7, 3, 7, 5]]
    rng = np.random.default_rng(3)
    total, spread = np.cumsum(mean[0]), np.cumsum(variance[0])
    there = np.array([9, 8, 13, 13])
    for period in range(4):
        size, chance = total[period] ** 2 / (spread[period] - total[period]), total[period] / spread[period]
        stock = there[period] - rng.negative_binomial(size, chance, 200_000)
        assert found.runs_out[0, period] == pytest.approx((stock < 0).mean(), abs=0.005)
        for column, share in enumerate((0.1, 0.5, 0.9)):
            assert (stock <= found.band[0, period, column]).mean() >= share - 0.005
            assert (stock < found.band[0, period, column]).mean() <= share + 0.005
    assert found.next_receipt.tolist() == [2]
    assert found.before_receipt == pytest.approx(1 - stats.nbinom(25 / 8, 5 / 13).cdf(8))


def test_receipts_now_never_and_reserved_beyond_stock() -> None:
    found = project(
        on_hand=np.array([0.0, 4.0, 1.0]),
        receipts=rows([9, 0], [0, 0], [0, 0]),
        mean=np.ones((3, 2)),
        variance=np.ones((3, 2)),
        reserved=rows([0, 0], [0, 0], [2, 0]),
    )
    assert found.next_receipt.tolist() == [0, 2, 2]
    assert found.before_receipt.tolist() == pytest.approx([0, 1 - stats.poisson(2).cdf(4), 1])
    assert (np.diff(found.band, axis=2) >= 0).all()


def test_alerts_by_hand() -> None:
    mean = np.array([[3.0, 3.0], [0.1, 0.1], [0.0, 0.0], [1.0, 1.0]])
    on_hand = np.array([2.0, 40.0, 5.0, 6.0])
    ahead = project(on_hand=on_hand, receipts=np.zeros((4, 2)), mean=mean, variance=mean)
    watch = Watch(
        on_hand=on_hand,
        idle=np.array([0.0, 3.0, 30.0, 1.0]),
        overdue=np.array([0.0, 0.0, 0.0, 2.0]),
        price=np.array([10.0, 10.0, 10.0, 10.0]),
        substitute=np.array([np.nan, 9.9, 12.0, 7.0]),
    )
    found = alerts(ahead, watch, mean=mean, variance=mean)
    told = {alert.value: flags.tolist() for alert, flags in found.raised.items()}
    assert told == {
        "runs_out": [True, False, False, False],
        "overstock": [False, True, True, False],
        "no_movement": [False, False, True, False],
        "late_order": [False, False, False, True],
        "cheaper_substitute": [False, False, False, True],
    }
    assert set(found.raised) == set(Alert)
    assert found.excess[1] == 40 - stats.poisson(0.2).ppf(0.99)
    assert found.bound[1] == found.excess[1] * 10
    assert found.saving.tolist() == pytest.approx([0, 0.1, 0, 3])


def test_refuses_impossible_terms() -> None:
    one = np.ones((1, 2))
    with pytest.raises(SettingsError, match="stock"):
        project(on_hand=-np.ones(1), receipts=one, mean=one, variance=one)
    with pytest.raises(SettingsError, match="receipts is of shape"):
        project(on_hand=np.ones(1), receipts=np.ones((1, 3)), mean=one, variance=one)
