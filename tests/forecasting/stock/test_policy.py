import numpy as np
import pytest

from forecasting.errors import SettingsError
from forecasting.stock.policy import at_service, economic_order_quantity, newsvendor, propose


def test_service_between_the_quantiles_is_rounded_up_to_whole_pieces() -> None:
    quantiles = np.array([[1.0, 4.0, 9.0], [0.5, 1.5, 2.5]])
    result = at_service(quantiles, (0.5, 0.9, 0.99), np.array([0.95, 0.95]))
    assert result.tolist() == [7.0, pytest.approx(1.5 + 5 / 9)]
    assert at_service(quantiles, (0.5, 0.9, 0.99), 0.9).tolist() == [4.0, 1.5]
    assert at_service(quantiles[:, :1], (0.5,), 0.5).tolist() == [1.0, 0.5]
    with pytest.raises(SettingsError, match="service"):
        at_service(quantiles, (0.5, 0.9, 0.99), 0.999)


def test_every_reason_by_hand() -> None:
    proposal = propose(
        np.array([5.0, 5.0, 5.0, 5.0, 0.0, 0.0]),
        on_hand=np.array([9.0, 3.0, 3.0, 4.0, 0.0, 1.0]),
        on_order=np.array([0.0, 1.0, 0.0, 0.0, 0.0, 0.0]),
        reserved=np.array([0.0, 0.0, 0.0, 0.0, 0.0, 3.0]),
        batch=np.array([2.0, 2.0, 2.0, 2.0, 0.0, 0.0]),
        minimum=np.array([0.0, 0.0, 10.0, 0.0, 0.0, 0.0]),
        multiple=np.array([1.0, 1.0, 1.0, 5.0, 1.0, 1.0]),
    )
    assert proposal.quantity.tolist() == [0, 3, 10, 5, 0, 2]
    assert proposal.position.tolist() == [9, 4, 3, 4, 0, -2]
    assert proposal.needed.tolist() == [0, 3, 4, 3, 0, 2]
    assert proposal.reason.tolist() == [
        "enough",
        "below_reorder_point",
        "raised_to_minimum",
        "rounded_to_multiple",
        "no_demand",
        "short_for_reserved",
    ]


def test_order_up_to_with_review_period() -> None:
    proposal = propose(np.array([5.0]), on_hand=np.array([4.0]), order_up_to=np.array([8.0]))
    assert proposal.quantity.tolist() == [4]
    assert propose(np.array([5.0]), on_hand=np.array([5.0]), order_up_to=np.array([5.0])).quantity.tolist() == [0]


def test_the_minimum_is_itself_rounded_to_the_multiple() -> None:
    proposal = propose(np.array([1.0]), on_hand=np.zeros(1), minimum=7.0, multiple=4.0)
    assert proposal.quantity.tolist() == [8]


def test_refuses_impossible_terms() -> None:
    with pytest.raises(SettingsError, match="multiple"):
        propose(np.array([1.0]), on_hand=np.zeros(1), multiple=0.0)
    with pytest.raises(SettingsError, match="minimum"):
        propose(np.array([1.0]), on_hand=np.zeros(1), minimum=-1.0)


def test_economic_order_quantity_published() -> None:
    quantity, cost = economic_order_quantity(np.array(8.0), np.array(0.225), np.array(1300.0))
    assert float(quantity) == pytest.approx(304.04678, abs=5e-6)
    assert float(cost) == pytest.approx(68.410526, abs=5e-7)
    with pytest.raises(SettingsError):
        economic_order_quantity(np.array(8.0), np.array(0.0), np.array(1300.0))


def test_newsvendor_published() -> None:
    level, cost = newsvendor(np.array(0.18), np.array(0.70), np.array(50.0), np.array(8.0))
    assert float(level) == pytest.approx(56.603956, abs=5e-7)
    assert float(cost) == pytest.approx(1.997605, abs=5e-7)
    with pytest.raises(SettingsError):
        newsvendor(np.array(0.18), np.array(0.0), np.array(50.0), np.array(8.0))
