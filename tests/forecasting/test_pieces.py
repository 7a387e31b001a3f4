import numpy as np
import pytest

from forecasting.engine import Settings, forecast, lead_times, learn
from forecasting.errors import SettingsError
from forecasting.pieces import in_pieces, pieces
from tests.forecasting import catalogues as kinds


def test_pieces_hold_every_part_once_in_order() -> None:
    assert [piece.tolist() for piece in pieces(5, 2)] == [[0, 1], [2, 3], [4]]
    with pytest.raises(SettingsError, match="at least one"):
        pieces(5, 0)


def test_the_forecast_does_not_depend_on_the_size_of_the_pieces() -> None:
    panel, settings = kinds.monthly_panel(kinds.life_cycle(50)), Settings(lead_time=2)
    whole = forecast(panel, settings)
    told: list[int] = []
    results = list(
        in_pieces(learn(panel, settings), panel, lead_times(settings, 50), lambda done, *_: told.append(done), most=7)
    )
    np.testing.assert_array_equal(np.concatenate([result.quantiles for result in results]), whole.quantiles)
    np.testing.assert_array_equal(np.concatenate([result.lead_mean for result in results]), whole.lead_mean)
    assert told == [0, 7, 14, 21, 28, 35, 42, 49, 50]
