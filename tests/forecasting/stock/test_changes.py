import numpy as np
import pytest

from forecasting.errors import SettingsError
from forecasting.stock.allocation import allocate
from forecasting.stock.changes import changes
from forecasting.stock.demands import Demands
from forecasting.stock.rivals import Stockroom
from tests.forecasting.stock.test_allocation import catalogue


def test_every_reason_by_hand() -> None:
    rate = np.array([2.0, 2.0, 0.0, 2.0, 2.0, 0.1, 1.0])
    asked = Demands(
        price=np.array([1.0, 1.0, 5.0, 1.0, 1.0, 9000.0, 1.0]),
        rate=rate,
        mean=rate * 2,
        variance=rate * 2,
        stocked=np.arange(7) != 6,
    )
    new = allocate(asked).for_availability(0.85)
    kept = new.stock.copy()
    kept[[0, 1, 2, 3, 5, 6]] = [kept[0], 0, 4, 2, 1, 3]
    kept[4] = 60
    found = changes(asked, Stockroom(asked).evaluate(kept), new)
    assert found.reason.tolist() == [
        "same",
        "newly_kept",
        "no_demand",
        "worth_more",
        "more_than_needed",
        "too_dear",
        "not_stocked",
    ]
    assert found.order[0] == 5
    assert found.money[5] == -9000
    assert found.pieces[2] == -4
    assert found.fill_rate[1] > 0 > found.owed[1]


def test_money_adds_up() -> None:
    asked = catalogue(9, 50)
    curve, room = allocate(asked), Stockroom(asked)
    today, new = room.at_availability(room.rules()["cover"], 0.9), curve.for_availability(0.9)
    found = changes(asked, today, new)
    assert found.money.sum() == pytest.approx(new.investment - today.investment)
    with pytest.raises(SettingsError, match="same parts"):
        changes(catalogue(1, 3), today, new)
