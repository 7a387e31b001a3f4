from dataclasses import replace

import numpy as np
import pytest

from forecasting.installed_base import expectation
from forecasting.installed_base.causal import CausalSettings, forecast_fleet
from tests.forecasting.installed_base.fleets import World, label, simulate


def test_components_taken_together_are_expected_to_need_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    made = simulate(World(machines=400, parts=6), 150, 2)
    settings = CausalSettings(label(made.origin), explain=False)
    one = forecast_fleet(made.fleet, settings)
    monkeypatch.setattr(expectation, "worth_binning", lambda *_: True)
    many = forecast_fleet(made.fleet, settings)
    assert one.retirements.sum() > 1
    for name in ("failures", "new_machines", "mean", "variance"):
        assert getattr(many, name) == pytest.approx(getattr(one, name), rel=3e-3), name
    assert many.retirements.sum(axis=0) == pytest.approx(one.retirements.sum(axis=0), rel=0.02)
    assert not len(one.explain.part)


def test_explained_or_not_the_forecast_is_the_same() -> None:
    made = simulate(World(machines=150, parts=4), 60, 2)
    settings = CausalSettings(label(made.origin))
    told, untold = forecast_fleet(made.fleet, settings), forecast_fleet(made.fleet, replace(settings, explain=False))
    assert np.array_equal(told.mean, untold.mean)
