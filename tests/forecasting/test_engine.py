"""What the forecast of a catalogue must be, whatever the catalogue."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.arrays import Array
from forecasting.demand import DemandPanel
from forecasting.engine import ForecastResult, Settings, apply, forecast, learn
from forecasting.errors import PanelError, SettingsError
from tests.forecasting import catalogues as kinds

NAN = float("nan")
EVERY_KIND = [kinds.intermittent, kinds.lots, kinds.gaps, kinds.smooth, kinds.life_cycle, kinds.weekly, kinds.seasonal]


def sound(result: ForecastResult) -> None:
    for values in (result.mean, result.quantiles, result.lead_mean, result.lead_quantiles):
        assert np.isfinite(values).all()
        assert (values >= 0).all()
    assert (np.diff(result.quantiles, axis=2) >= 0).all()
    assert (np.diff(result.lead_quantiles, axis=1) >= 0).all()


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_kind_of_catalogue_is_forecast_soundly(kind: "type[object]") -> None:
    demand: Array = kind()  # type: ignore[assignment]
    result = forecast(kinds.monthly_panel(demand), Settings(horizon=3))
    sound(result)
    whole = np.nan_to_num(demand) == np.rint(np.nan_to_num(demand))
    assert whole.all()
    assert (result.lead_quantiles == np.rint(result.lead_quantiles)).all()


@pytest.mark.parametrize(
    "rows",
    [
        [[3.0]],
        [[0.0]],
        [[NAN]],
        [[NAN, NAN, NAN]],
        [[0.0] * 30],
        [[5.0] * 30],
        [[NAN] * 29 + [4.0]],
        [[4.0] + [NAN] * 29],
        [[1e12] * 24, [1.0] * 24],
        [[0.001, 0.0] * 15],
        [[0.0] * 29 + [1e6]],
        [[1.0, NAN] * 15, [0.0] * 30],
        [[2.0, 1.0], [NAN, 1.0]],
    ],
)
@pytest.mark.parametrize("lead", [1, 3, 40])
def test_odd_panels_do_not_break_it(rows: list[list[float]], lead: int) -> None:
    sound(forecast(kinds.monthly_panel(np.array(rows)), Settings(horizon=2, lead_time=lead)))


def test_the_future_changes_nothing_before_it() -> None:
    demand = kinds.intermittent()
    changed = demand.copy()
    changed[:, 40:] = 77
    settings = Settings(origin="2018-05", horizon=4)
    one, two = (forecast(kinds.monthly_panel(each), settings) for each in (demand, changed))
    np.testing.assert_array_equal(one.quantiles, two.quantiles)
    np.testing.assert_array_equal(one.lead_quantiles, two.lead_quantiles)
    assert one.periods.labels()[0] == "2018-05"


def test_the_order_of_parts_is_irrelevant() -> None:
    panel = kinds.monthly_panel(kinds.gaps())
    order = np.random.default_rng(0).permutation(len(panel))
    one, two = forecast(panel, Settings()), forecast(panel.select(order), Settings())
    np.testing.assert_allclose(one.lead_mean[order], two.lead_mean, rtol=1e-6)
    np.testing.assert_allclose(one.lead_quantiles[order], two.lead_quantiles, rtol=1e-6)


def test_whole_number_scaling_scales_the_forecast() -> None:
    demand = kinds.intermittent(seed=9)
    demand[:, :3] = [1, 2, 3]
    one, ten = (forecast(kinds.monthly_panel(factor * demand), Settings()) for factor in (1.0, 10.0))
    np.testing.assert_allclose(ten.lead_mean, 10 * one.lead_mean, rtol=1e-6)
    np.testing.assert_allclose(ten.lead_quantiles, 10 * one.lead_quantiles, rtol=1e-6)


def test_adding_unrelated_parts_changes_little() -> None:
    own, others = kinds.intermittent(300), kinds.lots(100, 48)
    alone = forecast(kinds.monthly_panel(own), Settings())
    beside = forecast(kinds.monthly_panel(np.vstack([own, others])), Settings())
    assert np.abs(beside.lead_mean[:300] - alone.lead_mean).sum() < 0.08 * alone.lead_mean.sum()
    change = np.abs(beside.lead_quantiles[:300] - alone.lead_quantiles).sum(axis=0) / alone.lead_quantiles.sum(axis=0)
    assert (change < 0.15).all()


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(1, 30),
    st.integers(1, 40),
    st.sampled_from([0.0, 0.1, 0.6]),
    st.sampled_from([1.0, 0.37, 5000.0]),
    st.integers(1, 9),
)
def test_any_panel_gives_finite_quantiles_that_never_cross(
    seed: int, parts: int, periods: int, holes: float, unit: float, lead: int
) -> None:
    rng = np.random.default_rng(seed)
    demand = unit * rng.poisson(np.exp(rng.normal(0, 2, (parts, 1))), (parts, periods)) * rng.integers(0, 2, (parts, 1))
    holed = np.asarray(np.where(rng.uniform(size=demand.shape) < holes, np.nan, demand), dtype=np.float64)
    sound(forecast(kinds.monthly_panel(holed), Settings(horizon=3, lead_time=lead)))


def test_the_future_changes_nothing_with_seasons_and_gaps_either() -> None:
    for demand in (kinds.seasonal(120), kinds.gaps(120)):
        changed = demand.copy()
        changed[:, 50:] = np.random.default_rng(1).permuted(changed[:, 50:] * 3 + 1, axis=0)
        asked = Settings(origin="2019-03", horizon=6, lead_time=4)
        one, two = (forecast(kinds.monthly_panel(each), asked) for each in (demand, changed))
        np.testing.assert_array_equal(one.mean, two.mean)
        np.testing.assert_array_equal(one.lead_quantiles, two.lead_quantiles)
        assert one.method.tolist() == two.method.tolist()


def test_missing_is_not_zero() -> None:
    demand = kinds.intermittent()
    demand[:, 30:36] = NAN
    panel = kinds.monthly_panel(demand)
    missing, zero = forecast(panel, Settings()), forecast(panel.blank_as_zero(), Settings())
    assert missing.lead_mean.sum() > 1.02 * zero.lead_mean.sum()


def test_the_same_seed_gives_the_same_forecast() -> None:
    panel = kinds.monthly_panel(kinds.lots())
    one, two = (forecast(panel, Settings(seed=3)) for _ in range(2))
    np.testing.assert_array_equal(one.quantiles, two.quantiles)


def test_lead_times_may_differ_by_part() -> None:
    panel = kinds.monthly_panel(kinds.intermittent(60))
    leads = np.tile(np.array([1, 2, 6], dtype=np.int64), 20)
    mixed = forecast(panel, Settings(lead_time=leads))
    sound(mixed)
    assert mixed.lead_time.tolist() == leads.tolist()
    assert mixed.part_ids.tolist() == panel.part_ids.tolist()
    assert set(mixed.scores) == {1, 2, 6}
    assert mixed.lead_mean[leads == 6].mean() > 3 * mixed.lead_mean[leads == 1].mean()


def test_the_back_test_can_be_left_out() -> None:
    panel = kinds.monthly_panel(kinds.intermittent(60))
    result = forecast(panel, Settings(back_test=False))
    sound(result)
    assert set(result.method) <= {"pooled", "no demand"}
    assert result.scores == {3: ()}


def test_within_the_lead_time_the_periods_add_up_to_it() -> None:
    result = forecast(kinds.monthly_panel(kinds.seasonal()), Settings(lead_time=4, horizon=6))
    np.testing.assert_allclose(result.mean[:, :4].sum(axis=1), result.lead_mean, rtol=1e-9)


def test_progress_is_told_to_the_end() -> None:
    told: list[tuple[int, int, str]] = []
    forecast(kinds.monthly_panel(kinds.lots()), Settings(), lambda *step: told.append(step))
    assert told[-1][0] == told[-1][1]
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)


def test_scores_hold_the_all_zero_forecast() -> None:
    result = forecast(kinds.monthly_panel(kinds.intermittent()), Settings())
    names = [score.method for score in result.scores[3]]
    assert "zero" in names
    assert names[0] != "zero"


def test_weekly_panels() -> None:
    panel = DemandPanel.from_arrays(kinds.weekly(), first_period="2021-W10")
    result = forecast(panel, Settings(horizon=8, lead_time=6))
    sound(result)
    assert result.periods.count == 8


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"horizon": 0}, "horizon"),
        ({"lead_time": 0}, "lead time"),
        ({"lead_time": np.array([1.5, 2.0])}, "whole periods"),
        ({"quantiles": ()}, "quantiles"),
        ({"quantiles": (0.9, 0.5)}, "ascend"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, object], match: str) -> None:
    with pytest.raises(SettingsError, match=match):
        Settings(**settings)  # type: ignore[arg-type]


def test_settings_that_do_not_fit_the_panel() -> None:
    panel = kinds.monthly_panel(kinds.intermittent(3))
    with pytest.raises(SettingsError, match="2 lead times for 3 parts"):
        forecast(panel, Settings(lead_time=np.array([1, 2])))
    with pytest.raises(PanelError, match="no demand lies before"):
        forecast(panel, Settings(origin="2015-01"))
    with pytest.raises(SettingsError, match="more than a year"):
        forecast(panel, Settings(origin="2035-01"))


def test_parts_forecast_apart_get_what_they_get_together() -> None:
    panel = kinds.monthly_panel(np.vstack([kinds.smooth(30), kinds.gaps(120)]))
    leads = np.arange(len(panel)) % 2 * 2 + 2
    settings = Settings(lead_time=leads)
    whole, learned = forecast(panel, settings), learn(panel, settings)
    for rows in (np.arange(0, 40), np.arange(40, 41), np.arange(41, 150)):
        some = apply(learned, panel.select(rows), leads[rows])
        np.testing.assert_array_equal(some.quantiles, whole.quantiles[rows])
        np.testing.assert_array_equal(some.lead_quantiles, whole.lead_quantiles[rows])
        np.testing.assert_array_equal(some.mean, whole.mean[rows])
        np.testing.assert_array_equal(some.method, whole.method[rows])
