"""The published accuracy of simple methods on car parts: 39 months known, 12 held out, blanks read as zero."""

import numpy as np
import pytest

from forecasting.demand_csv import read_wide_csv
from forecasting.evaluate import bias, rmse
from forecasting.methods.base import Method
from forecasting.methods.croston import Croston, Sba
from forecasting.methods.mean import RecentMean, Zero
from forecasting.methods.tsb import Tsb
from tests.forecasting.data import path_of


@pytest.mark.parametrize(
    ("method", "error", "off", "total"),
    [
        (Croston(), 1.207, 0.38, 8.68),
        (Sba(), 1.194, 0.31, 8.42),
        (Tsb(), 1.098, 0.24, 6.27),
        (RecentMean(), 1.084, 0.14, 5.91),
        (Zero(), 1.166, -1.0, 7.84),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_car_parts(method: Method, error: float, off: float, total: float) -> None:
    panel = read_wide_csv(path_of("carparts.csv")).blank_as_zero()
    ahead = method.fit(panel.before(39)).mean(12)
    actual = panel.demand[:, 39:]
    assert rmse(actual, ahead) == pytest.approx(error, abs=6e-4)
    assert bias(actual, ahead) == pytest.approx(off, abs=6e-3)
    assert np.sqrt(np.mean(np.square((ahead - actual).sum(axis=1)))) == pytest.approx(total, abs=6e-3)
