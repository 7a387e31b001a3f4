import numpy as np
import pytest

from forecasting import peers
from forecasting.backtest import BackTestSettings, back_test
from forecasting.peers import Peers
from tests.forecasting import catalogues as kinds

installed = pytest.mark.skipif(not peers.INSTALLED, reason="statsforecast is not installed")


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "INSTALLED", False)
    rivals = Peers(3, (0.9,), 60.0)
    assert rivals.run(kinds.monthly_panel(kinds.lots(5)), [40], lambda *_: None) == {}
    assert rivals.left_out == {"statsforecast": "statsforecast is not installed"}


@installed
def test_its_croston_is_ours() -> None:
    panel = kinds.monthly_panel(kinds.intermittent(12))
    tested = back_test(panel, BackTestSettings(origins=2, peer_seconds=600))
    scores = {score.method: score for score in tested.scores}
    for theirs, ours in (("CrostonClassic", "croston"), ("CrostonSBA", "sba"), ("SES", "ses")):
        for shape in ("normal", "negative binomial"):
            peer, own = scores[f"statsforecast {theirs} + {shape}"], scores[f"{ours} + {shape}"]
            assert peer.wql == pytest.approx(own.wql, rel=0.02)
            assert peer.bias == pytest.approx(own.bias, abs=0.02)


@installed
def test_missing_periods_and_hopeless_series_do_not_stop_it() -> None:
    demand = kinds.gaps(8)
    demand[0], demand[1] = np.nan, 0.0
    demand[2, :50] = np.nan
    rivals = Peers(2, (0.9, 0.99), 600.0)
    tallies = rivals.run(kinds.monthly_panel(demand), [50, 55], lambda *_: None)
    assert rivals.left_out == {}
    for name, tally in tallies.items():
        assert np.isfinite(tally.score(name).bias)


@installed
def test_what_takes_too_long_is_left_out_whole() -> None:
    rivals = Peers(3, (0.9,), 1e-3)
    assert rivals.run(kinds.monthly_panel(kinds.lots(40)), [40], lambda *_: None) == {}
    assert set(rivals.left_out.values()) == {"would not be done within 0.001 seconds for all"}
