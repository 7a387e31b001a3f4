import numpy as np
import pytest

from forecasting.backtest import OWN, BackTestSettings, back_test
from forecasting.engine import Settings, forecast
from forecasting.errors import PanelError, SettingsError
from forecasting.evaluate import weighted_quantile_loss
from forecasting.methods.mean import Mean
from tests.forecasting import catalogues as kinds

QUICK = {"origins": 3, "peer_seconds": 0.0}


def test_the_product_is_refitted_at_every_origin() -> None:
    panel = kinds.monthly_panel(kinds.intermittent(60))
    tested = back_test(panel, BackTestSettings(lead_time=2, origins=3, quantiles=(0.9, 0.99), peer_seconds=0))
    origins = [44, 45, 46]
    assert tested.origins == tuple(panel.periods.label(origin) for origin in origins)
    how = Settings(horizon=2, lead_time=2, quantiles=(0.9, 0.99))
    said = np.stack([forecast(panel.before(origin), how).lead_quantiles for origin in origins])
    actual = np.stack([panel.demand[:, origin : origin + 2].sum(axis=1) for origin in origins])
    own = next(score for score in tested.scores if score.method == OWN)
    assert own.wql == pytest.approx(weighted_quantile_loss(actual, said, (0.9, 0.99)), rel=1e-12)
    assert own.windows == 180
    checked = {row.demand_class for row in tested.calibration}
    assert sum(row.windows for row in tested.calibration if row.probability == 0.9) == 180
    assert len(tested.calibration) == 2 * len(checked)


def test_the_rivals_are_there_and_the_zero_forecast_among_them() -> None:
    panel = kinds.monthly_panel(kinds.intermittent(60))
    tested = back_test(panel, BackTestSettings(**QUICK))  # type: ignore[arg-type]
    scores = {score.method: score for score in tested.scores}
    for name in ("croston", "sba", "tsb", "ses", "adida", "imapa", "mean", "mean of 12"):
        assert {f"{name} + normal", f"{name} + negative binomial"} <= scores.keys()
    actual = np.stack([panel.demand[:, origin : origin + 3].sum(axis=1) for origin in (43, 44, 45)])
    zero = scores["zero"]
    assert zero.bias == -1
    assert zero.stock == (0, 0, 0)
    assert zero.service == pytest.approx([float((actual == 0).mean())] * 3)
    mean = np.stack([3 * Mean().rates(panel.demand.T, [origin])[0] for origin in (43, 44, 45)])
    assert scores["mean + normal"].bias == pytest.approx(mean.sum() / actual.sum() - 1)
    assert [score.wql for score in tested.scores] == sorted(score.wql for score in tested.scores)
    assert tested.best_rival is not None
    assert tested.best_rival.method not in (OWN, "zero")
    assert tested.left_out == {"statsforecast": "no time was given to it"} or "not installed" in str(tested.left_out)


def test_nothing_of_the_origin_or_later_is_used() -> None:
    demand = kinds.lots(40)
    changed = demand.copy()
    changed[:, 40:] *= 7
    settings = BackTestSettings(**QUICK, origin="2018-05")  # type: ignore[arg-type]
    first = back_test(kinds.monthly_panel(demand), settings)
    assert first.scores == back_test(kinds.monthly_panel(changed), settings).scores
    assert first.scores == back_test(kinds.monthly_panel(demand[:, :40]), settings).scores


def test_windows_with_blanks_are_left_out_and_progress_reaches_the_end() -> None:
    told: list[tuple[int, int]] = []
    panel = kinds.monthly_panel(kinds.gaps(80))
    tested = back_test(panel, BackTestSettings(**QUICK), lambda done, of, _: told.append((done, of)))  # type: ignore[arg-type]
    windows = {score.windows for score in tested.scores}
    assert len(windows) == 1
    assert 0 < windows.pop() < 240
    assert told[-1][0] == told[-1][1]


def test_few_periods_are_refused_with_the_number_needed() -> None:
    with pytest.raises(PanelError, match="6 periods are too few to back-test a lead time of 3: at least 7 are needed"):
        back_test(kinds.monthly_panel(np.ones((2, 6))), BackTestSettings(**QUICK))  # type: ignore[arg-type]
    tested = back_test(kinds.monthly_panel(np.ones((2, 7))), BackTestSettings(**QUICK))  # type: ignore[arg-type]
    assert len(tested.origins) == 1


@pytest.mark.parametrize("wrong", [{"lead_time": 0}, {"origins": 0}, {"origins": 1000}, {"quantiles": (0.9, 1.5)}])
def test_settings_are_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        BackTestSettings(**wrong)  # type: ignore[arg-type]
