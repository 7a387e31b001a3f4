import numpy as np
import pytest

from forecasting.pooled.season import learn_season
from tests.forecasting import catalogues as kinds


def test_no_season_is_found_where_there_is_none() -> None:
    found = [learn_season(kinds.intermittent(seed=seed).T, 12) for seed in range(20, 26)]
    depth = [0.0 if season is None else float(np.ptp(season.index(kinds.intermittent().T))) for season in found]
    assert np.median(depth) < 0.3


def test_the_season_of_a_catalogue_is_found_and_put_in_its_place() -> None:
    demand = kinds.seasonal(400).T
    season = learn_season(demand, 12)
    assert season is not None
    index = season.index(demand).mean(axis=1)
    assert index.mean() == pytest.approx(1.0)
    assert 5 <= int(index.argmax()) <= 7
    assert index.max() / index.min() > 3
    shifted = learn_season(demand[5:], 12)
    assert shifted is not None
    assert 0 <= int(shifted.index(demand[5:]).mean(axis=1).argmax()) <= 2


def test_growth_is_not_taken_for_a_season() -> None:
    rng = np.random.default_rng(1)
    rate = np.exp(0.03 * np.arange(60))[:, None] * rng.uniform(2, 20, 50)
    season = learn_season(rng.poisson(rate).astype(float), 12)
    if season is not None:
        assert np.ptp(season.common) < 0.1


def test_less_than_three_years_say_nothing() -> None:
    assert learn_season(kinds.seasonal(periods=35).T, 12) is None
    assert learn_season(kinds.seasonal().T, 7) is None


def test_weeks_have_an_index_by_four_weeks() -> None:
    demand = kinds.seasonal(periods=60).T
    weekly = np.repeat(demand, 52 // 12 + 1, axis=0)[:208]
    season = learn_season(weekly, 52)
    if season is not None:
        assert season.common.shape == (13,)
        assert season.stretch(range(52)).max() == 12
