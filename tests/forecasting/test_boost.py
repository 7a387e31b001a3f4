import numpy as np
import pytest

from forecasting import boost
from forecasting.boost import METHOD, BoostError, boosted, learn_boosters, refine, refined
from forecasting.demand import DemandPanel
from forecasting.engine import Settings, forecast, lead_times, learn
from forecasting.pieces import in_pieces
from tests.forecasting import catalogues as kinds

installed = pytest.mark.skipif(not boost.INSTALLED, reason="LightGBM is not installed")
SETTINGS = Settings(horizon=8, lead_time=2, quantiles=(0.5, 0.9))


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boost, "TREES", 20)


def catalogue() -> DemandPanel:
    demand = np.vstack([kinds.gaps(60), kinds.lots(60, 60)])
    demand[3] = 0.0
    demand[4] = np.nan
    return kinds.monthly_panel(demand)


@installed
def test_quantiles_ascend_in_whole_lots_and_the_rest_is_the_engines() -> None:
    panel = catalogue()
    result, plain = boosted(panel, SETTINGS), forecast(panel, SETTINGS)
    assert result.quantiles.shape == (120, 8, 2)
    for quantiles in (result.quantiles, result.lead_quantiles):
        assert (np.diff(quantiles, axis=-1) >= 0).all()
        assert (quantiles >= 0).all()
        assert np.isfinite(quantiles).all()
    silent = panel.volume == 0
    assert silent.sum() >= 2
    assert (result.method[~silent] == METHOD).all()
    np.testing.assert_array_equal(result.lead_quantiles[silent], plain.lead_quantiles[silent])
    np.testing.assert_array_equal(result.mean, plain.mean)
    assert not np.array_equal(result.lead_quantiles, plain.lead_quantiles)
    often = (np.nan_to_num(panel.demand) > 0).sum(axis=1) >= 3
    thousands = np.flatnonzero((np.nan_to_num(panel.demand) % 1000 == 0).all(axis=1) & often)
    assert len(thousands)
    assert (result.quantiles[thousands] % 1000 == 0).all()


@installed
def test_nothing_of_the_origin_or_later_is_used() -> None:
    panel = catalogue()
    later = panel.demand.copy()
    later[:, 50:] = np.nan_to_num(later[:, 50:]) * 9 + 3
    settings = Settings(horizon=3, lead_time=2, quantiles=(0.9,), origin=panel.periods.label(50))
    first = boosted(panel, settings)
    second = boosted(kinds.monthly_panel(later), settings)
    np.testing.assert_array_equal(first.quantiles, second.quantiles)
    np.testing.assert_array_equal(first.lead_quantiles, second.lead_quantiles)


@installed
def test_order_of_parts_and_pieces_are_irrelevant() -> None:
    panel = catalogue()
    whole = boosted(panel, SETTINGS)
    turned = boosted(panel.select(np.arange(120)[::-1].copy()), SETTINGS)
    np.testing.assert_array_equal(turned.quantiles[::-1], whole.quantiles)
    leads = lead_times(SETTINGS, 120)
    boosters = learn_boosters(panel, leads, SETTINGS, lambda *_: None)
    plain = in_pieces(learn(panel, SETTINGS), panel, leads, lambda *_: None, most=50)
    results = list(refined(boosters, panel, plain))
    assert [len(result.part_ids) for result in results] == [50, 50, 20]
    np.testing.assert_array_equal(np.concatenate([result.quantiles for result in results]), whole.quantiles)
    np.testing.assert_array_equal(np.concatenate([result.lead_quantiles for result in results]), whole.lead_quantiles)


@installed
def test_each_lead_time_has_trees_of_its_own() -> None:
    panel = catalogue()
    leads = np.where(np.arange(120) % 2, 1, 6)
    result = boosted(panel, Settings(horizon=1, lead_time=leads, quantiles=(0.9,)))
    short, long = result.lead_quantiles[leads == 1], result.lead_quantiles[leads == 6]
    assert long.sum() > 2 * short.sum() > 0


@installed
def test_with_too_little_to_learn_from_the_engine_stands() -> None:
    panel = kinds.monthly_panel(np.arange(12.0).reshape(3, 4))
    result, plain = boosted(panel, SETTINGS), forecast(panel, SETTINGS)
    np.testing.assert_array_equal(result.quantiles, plain.quantiles)
    assert result.method.tolist() == plain.method.tolist()


@installed
def test_progress_reaches_the_end() -> None:
    told: list[tuple[int, int]] = []
    boosted(catalogue(), SETTINGS, lambda done, of, _: told.append((done, of)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


@installed
def test_a_piece_without_demand_is_left_alone() -> None:
    panel = catalogue()
    boosters = learn_boosters(panel, lead_times(SETTINGS, 120), SETTINGS, lambda *_: None)
    silent = panel.select(np.array([3, 4]))
    plain = forecast(silent, SETTINGS)
    assert refine(boosters, silent, plain) is plain


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boost, "INSTALLED", False)
    with pytest.raises(BoostError, match=r"install aftersales\[boost\]"):
        boosted(catalogue(), SETTINGS)
