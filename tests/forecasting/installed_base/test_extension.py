import numpy as np
import pytest

from forecasting.errors import ForecastError, SettingsError
from forecasting.installed_base.extension import Components, cost_of_failures, price


def components(**changed: list[float]) -> Components:
    columns = {
        "age": [0.0, 2000.0, 5000.0],
        "shape": [1.0, 2.5, 3.0],
        "scale": [4000.0, 6000.0, 7000.0],
        "cost": [100.0, 1000.0, 2500.0],
        "deviation": [0.0, 0.0, 0.0],
    }
    return Components(**{name: np.array(values) for name, values in {**columns, **changed}.items()})


def test_chance_failures_cost_their_rate_times_the_hours() -> None:
    random = components(shape=[1.0, 1.0, 1.0])
    cost = cost_of_failures(random, begin=100, end=465, hours_per_day=8)
    hours = 365 * 8
    assert cost.failures == pytest.approx(hours / random.scale, rel=1e-4)
    assert cost.mean == pytest.approx(float((hours / random.scale * random.cost).sum()), rel=1e-4)
    variance = float((hours / random.scale * random.cost**2).sum())
    assert cost.deviation == pytest.approx(variance**0.5, rel=0.03)
    assert cost.mean == pytest.approx(float(cost.cost.sum()))


def test_the_draws_agree_with_the_renewal_function() -> None:
    one = components()
    exact = cost_of_failures(one, begin=200, end=900, hours_per_day=10, draws=40_000)
    again = cost_of_failures(one, begin=200, end=900, hours_per_day=10, draws=40_000, seed=9)
    assert exact.mean == again.mean
    assert exact.quantiles == pytest.approx(again.quantiles, rel=0.05)
    assert (np.diff(exact.quantiles) >= 0).all()


def test_an_older_component_costs_more_when_it_wears_out() -> None:
    young = cost_of_failures(components(), begin=0, end=200, hours_per_day=8)
    old = cost_of_failures(components(age=[0.0, 5000.0, 5000.0]), begin=0, end=200, hours_per_day=8)
    assert old.mean > young.mean


def test_uncertain_lives_widen_the_cost() -> None:
    sure = cost_of_failures(components(), begin=0, end=365, hours_per_day=8)
    unsure = cost_of_failures(components(deviation=[0.5, 0.5, 0.5]), begin=0, end=365, hours_per_day=8)
    assert unsure.deviation > sure.deviation


def test_no_days_and_no_components_cost_nothing() -> None:
    assert cost_of_failures(components(), begin=30, end=30, hours_per_day=8).mean == 0
    none = Components(*(np.zeros(0) for _ in range(5)))
    assert cost_of_failures(none, begin=0, end=365, hours_per_day=8).quantiles.tolist() == [0, 0, 0, 0]


def test_the_price_adds_up_and_many_share_the_risk() -> None:
    cost = cost_of_failures(components(), begin=0, end=365, hours_per_day=8)
    alone = price(cost, margin=0.2, risk=0.9)
    many = price(cost, margin=0.2, risk=0.9, pool=25)
    assert alone.price == pytest.approx(alone.expected + alone.risk + alone.margin)
    assert alone.margin == pytest.approx(0.2 * alone.price)
    assert many.risk == pytest.approx(alone.risk / 5)
    assert cost.mean / 0.8 <= many.price < alone.price


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"age": [0.0, -1.0, 0.0]}, "component 1: age"),
        ({"cost": [0.0, 1.0, np.nan]}, "component 2: cost"),
        ({"scale": [0.0, 1.0, 1.0]}, "component 0: scale"),
        ({"age": [0.0]}, "different length"),
    ],
)
def test_impossible_components_are_named(changed: dict[str, list[float]], match: str) -> None:
    with pytest.raises(ForecastError, match=match):
        components(**changed)


def test_impossible_terms_are_refused() -> None:
    cost = cost_of_failures(components(), begin=0, end=365, hours_per_day=8)
    with pytest.raises(ForecastError, match="end not before"):
        cost_of_failures(components(), begin=10, end=5, hours_per_day=8)
    with pytest.raises(SettingsError, match="margin"):
        price(cost, margin=1.0, risk=0.9)
    with pytest.raises(SettingsError, match="risk"):
        price(cost, margin=0.1, risk=0.7)
    with pytest.raises(SettingsError, match="one extension"):
        price(cost, margin=0.1, risk=0.9, pool=0)
