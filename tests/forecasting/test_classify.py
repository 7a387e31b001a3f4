import numpy as np
import pytest

from forecasting.classify import classify
from forecasting.demand import DemandPanel

NAN = float("nan")


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ([5, 6, 5, 4, 5, 6, 5, 5], "smooth"),
        ([1, 0, 1, 0, 1, 0, 1, 0], "intermittent"),
        ([1, 20, 1, 1, 30, 1, 2, 25], "erratic"),
        ([0, 1, 0, 0, 30, 0, 0, 2], "lumpy"),
        ([0] * 8, "no demand"),
        ([NAN, NAN, NAN, 1, 0, 1, 2, 1], "new"),
        ([NAN] * 8, "new"),
    ],
)
def test_syntetos_boylan_classes(series: list[float], expected: str) -> None:
    assert classify(DemandPanel.from_arrays([series], first_period="2020-01")).demand_class.tolist() == [expected]


def test_missing_periods_do_not_lengthen_the_interval() -> None:
    panel = DemandPanel.from_arrays([[1, NAN, 1, NAN, 1, 1, 1, 1], [1, 0, 1, 0, 1, 1, 1, 1]], first_period="2020-01")
    assert classify(panel).interval.tolist() == [1.0, 8 / 6]


def test_phases_of_life() -> None:
    launch = np.r_[np.full(40, NAN), np.full(8, 3.0)]
    dead = np.r_[np.full(12, 3.0), np.zeros(36)]
    falling = np.r_[np.full(36, 3.0), [3, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]]
    panel = DemandPanel.from_arrays(np.vstack([launch, dead, falling, np.full(48, 3.0)]), first_period="2020-01")
    assert classify(panel).phase.tolist() == ["launch", "dead", "run-down", "mature"]
