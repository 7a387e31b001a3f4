import numpy as np
import pytest

from forecasting.errors import SettingsError
from forecasting.stock.classes import criticality, value_class


def test_criticality_by_hand() -> None:
    found = criticality(
        stops=np.array([1.0, 0.5, 0.02, 0.0, 0.9, 0.9]),
        wait=np.array([10.0, 2.0, 5.0, 30.0, 10.0, 0.5]),
        safety=np.array([False, False, False, True, False, False]),
        substitute=np.array([False, False, True, True, True, False]),
    )
    assert found.proposed.tolist() == ["vital", "essential", "desirable", "vital", "essential", "essential"]
    assert found.ground.tolist() == [
        "stands_long",
        "stands_shortly",
        "seldom_stands",
        "safety",
        "substitute",
        "stands_shortly",
    ]
    assert found.standing.tolist() == pytest.approx([10, 1, 0.1, 0, 9, 0.45])


def test_value_classes_by_hand() -> None:
    assert value_class(np.array([10.0, 70.0, 0.0, 15.0, 5.0])).tolist() == ["B", "A", "C", "A", "C"]
    assert value_class(np.zeros(2)).tolist() == ["C", "C"]


def test_refuses_what_is_no_share_and_no_wait() -> None:
    with pytest.raises(SettingsError, match="at most 1"):
        criticality(stops=np.array([1.5]), wait=np.ones(1))
    with pytest.raises(SettingsError, match="wait"):
        criticality(stops=np.ones(1), wait=-np.ones(1))
    with pytest.raises(SettingsError, match="value"):
        value_class(np.array([-1.0]))
