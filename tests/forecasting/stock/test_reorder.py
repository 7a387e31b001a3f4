import numpy as np
import pytest
from scipy import stats
from stockpyl.rq import r_q_poisson_exact
from stockpyl.ss import s_s_discrete_exact

from forecasting.errors import SettingsError
from forecasting.stock.reorder import reorder_point_and_quantity, review_policy, shelf_life_limit


def best(
    h: float, p: float, k: float, rate: float, lead: float, variance: float = 0.0, most: float = np.inf
) -> list[float]:
    found = reorder_point_and_quantity(
        holding_cost=np.array([h]),
        stockout_cost=np.array([p]),
        fixed_cost=np.array([k]),
        rate=np.array([rate]),
        mean=np.array([rate * lead]),
        variance=np.array([variance]),
        most=most,
    )
    return [float(found.reorder_point[0]), float(found.quantity[0]), float(found.cost[0])]


def test_published_reorder_point_and_quantity() -> None:
    assert best(20, 150, 100, 1.5, 2) == [3, 5, pytest.approx(107.92358, abs=5e-6)]


@pytest.mark.parametrize("case", [(1.0, 30.0, 8.0, 0.4, 3.0), (5.0, 9.0, 200.0, 6.0, 1.0), (2.0, 1.0, 40.0, 3.0, 0.5)])
def test_reorder_points_are_those_of_the_oracle(case: tuple[float, float, float, float, float]) -> None:
    holding, stockout, fixed, rate, lead = case
    theirs = r_q_poisson_exact(holding, stockout, fixed, rate, lead)
    assert best(*case)[2] == pytest.approx(theirs[2])


def test_overdispersed_demand_costs_more_and_shelf_life_caps_the_position() -> None:
    plain, wide = best(2, 40, 60, 2, 3), best(2, 40, 60, 2, 3, variance=30)
    assert wide[2] > plain[2]
    assert wide[0] > plain[0]
    short = best(2, 40, 60, 2, 3, most=9)
    assert short[0] + short[1] <= 9
    assert short[2] > plain[2]


def test_published_review_policy() -> None:
    demand = stats.poisson.pmf(np.arange(60), 6)
    low, high, cost = review_policy(holding_cost=1, stockout_cost=4, fixed_cost=5, demand=demand / demand.sum())
    assert (low, high) == (4, 10)
    assert cost == pytest.approx(8.0341116, abs=5e-8)


@pytest.mark.parametrize("mean", [0.8, 3.0, 11.0])
def test_review_policies_are_those_of_the_oracle(mean: float) -> None:
    demand = stats.poisson.pmf(np.arange(80), mean)
    theirs = s_s_discrete_exact(1.5, 9, 14, True, mean)
    mine = review_policy(holding_cost=1.5, stockout_cost=9, fixed_cost=14, demand=demand / demand.sum())
    assert mine[2] == pytest.approx(theirs[2], rel=1e-6)


def test_a_lead_time_raises_both_levels() -> None:
    one, three = (stats.poisson.pmf(np.arange(90), mean) for mean in (4, 12))
    low = review_policy(holding_cost=1, stockout_cost=9, fixed_cost=20, demand=one / one.sum())
    late = review_policy(
        holding_cost=1, stockout_cost=9, fixed_cost=20, demand=one / one.sum(), lead_demand=three / three.sum()
    )
    assert late[0] > low[0]
    assert late[1] > low[1]


def test_shelf_life_limits_by_hand() -> None:
    mean, variance = np.array([2.0, 2.0, 2.0, 0.01]), np.array([2.0, 8.0, 2.0, 0.01])
    limit = shelf_life_limit(mean, variance, np.array([6.0, 6.0, np.inf, 1.0]), 0.05)
    for column, chances in ((0, stats.poisson(12)), (1, stats.nbinom(12 * 12 / 36, 12 / 48))):
        assert chances.cdf(limit[column] - 1) <= 0.05 < chances.cdf(limit[column])
    assert limit[2] == np.inf
    assert limit[3] == 1


def test_refuses_impossible_terms() -> None:
    with pytest.raises(SettingsError, match="holding cost"):
        best(0, 1, 1, 1, 1)
    with pytest.raises(SettingsError, match="count in packs"):
        best(1e-9, 1, 1, 100, 1)
    with pytest.raises(SettingsError, match="at least one piece"):
        best(1, 1, 1, 1, 1, most=0)
    with pytest.raises(SettingsError, match="sum to 1"):
        review_policy(holding_cost=1, stockout_cost=1, fixed_cost=1, demand=np.array([0.5, 0.4]))
    with pytest.raises(SettingsError, match="no demand"):
        review_policy(holding_cost=1, stockout_cost=1, fixed_cost=1, demand=np.array([1.0]))
    with pytest.raises(SettingsError, match="shelf life"):
        shelf_life_limit(np.ones(1), np.ones(1), np.zeros(1))
    with pytest.raises(SettingsError, match="risk"):
        shelf_life_limit(np.ones(1), np.ones(1), np.ones(1), 1.0)
