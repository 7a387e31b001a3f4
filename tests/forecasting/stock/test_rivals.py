import numpy as np
import pytest
from scipy import stats

from forecasting.errors import SettingsError
from forecasting.stock import levels
from forecasting.stock.allocation import allocate
from forecasting.stock.demands import Demands
from forecasting.stock.rivals import Stockroom
from tests.forecasting.stock.test_allocation import catalogue


def test_what_is_kept_is_worth_what_the_curve_says() -> None:
    asked = catalogue(5, 80)
    policy = allocate(asked).for_availability(0.93)
    again = Stockroom(asked).evaluate(policy.stock)
    assert again.availability == pytest.approx(policy.availability)
    assert again.owed == pytest.approx(policy.owed)
    assert again.investment == pytest.approx(policy.investment)
    assert again.reorder_point.tolist() == policy.reorder_point.tolist()


def test_every_rule_reaches_the_availability_and_costs_more() -> None:
    asked = catalogue(6, 400)
    least = allocate(asked).for_availability(0.95).investment
    room = Stockroom(asked)
    for name, rule in room.rules().items():
        policy = room.at_availability(rule, 0.95)
        assert policy.availability >= 0.95, name
        assert policy.investment > least, name
        assert policy.investment > room.at_availability(rule, 0.8).investment, name


def test_the_rules_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Demands(
        price=np.ones(2), rate=np.array([1.0, 2.0]), mean=np.array([3.0, 6.0]), variance=np.array([3.0, 12.0])
    )
    rules = Stockroom(asked).rules()
    assert rules["cycle_service"](0.9).tolist() == [stats.poisson.ppf(0.9, 3), stats.nbinom.ppf(0.9, 6, 0.5)]
    assert rules["z_sigma"](stats.norm.cdf(1)).tolist() == [np.ceil(3 + 3**0.5), np.ceil(6 + 12**0.5)]
    assert rules["cover"](0.5).tolist() == [3, 6]
    assert (rules["fill_rate"](0.9) <= rules["fill_rate"](0.99)).all()
    monkeypatch.setattr(levels, "WIDEST", 4)
    assert Stockroom(asked).rules()["cycle_service"](0.9) == pytest.approx([5, 11], abs=1)


def test_a_rule_that_never_serves_is_refused() -> None:
    asked = catalogue(2, 5)
    room = Stockroom(asked)
    with pytest.raises(SettingsError, match="does not reach"):
        room.at_availability(lambda _: np.zeros(5), 0.5)
