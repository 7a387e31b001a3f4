"""Fleets that no simulation would think of: any of them is forecast, finite, explained and within reason."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.arrays import Array, Integers
from forecasting.installed_base.causal import CausalSettings, forecast_fleet
from forecasting.installed_base.fleet import Fleet, Installations, Machines, PlannedReplacements, SalesPlan, Usage
from forecasting.periods import Frequency

TODAY = 738_156.0
"""2022-01-01."""


@st.composite
def fleets(draw: st.DrawFn) -> Fleet:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    machines, parts = draw(st.integers(1, 12)), draw(st.integers(1, 4))
    rows, uses = draw(st.integers(1, 60)), draw(st.integers(0, 60))
    begun = TODAY - rng.uniform(1, 3000, machines)
    begun[0] = TODAY - 2000
    retired = np.where(rng.uniform(size=machines) < 0.3, begun + rng.uniform(0, 3000, machines), np.nan)
    machine = np.r_[0, rng.integers(0, machines, rows - 1)]
    installed = np.floor(begun[machine] + rng.choice([-50, 0, 100, 1000], rows) * rng.uniform(0, 2, rows))
    installed[0] = TODAY - 1500
    running = rng.uniform(size=rows) < 0.4
    removed = np.where(running, np.nan, installed + np.floor(rng.choice([0, 10, 400], rows) * rng.uniform(0, 2, rows)))
    reason = np.where(running, 0, rng.integers(1, 4, rows))
    key = np.unique(np.column_stack([rng.integers(0, machines, uses), rng.integers(24_230, 24_280, uses)]), axis=0)
    plans, sold = draw(st.integers(0, 5)), draw(st.integers(0, 3))
    due = TODAY + rng.uniform(-500, 500, plans)
    return Fleet(
        np.array([f"P{number}" for number in range(parts)]),
        Machines(
            np.array([f"S{number}" for number in range(machines)]),
            np.array([f"M{number % 2}" for number in range(machines)]),
            np.array([f"G{number % 3}" for number in range(machines)]),
            begun,
            retired,
        ),
        Installations(
            machine.astype(np.int64), rng.integers(0, parts, rows), rng.integers(0, 2, rows), installed, removed,
            reason.astype(np.int64), np.where(rng.uniform(size=rows) < 0.1, rng.uniform(0, 1e6, rows), 0.0),
        ),
        Usage(key[:, 0].astype(np.int64), key[:, 1].astype(np.int64), rng.choice([0.0, 1.0, 300.0, 3000.0], len(key))),
        PlannedReplacements(_some(rng, machines, plans), _some(rng, parts, plans), due),
        SalesPlan(np.array(["M0", "M1", "M7"])[:sold], 24_264 + _some(rng, 9, sold), rng.uniform(0, 50, sold)),
        Frequency.MONTH,
    )  # fmt: skip


def _some(rng: np.random.Generator, below: int, count: int) -> Integers:
    return rng.integers(0, below, count)


def _adds_up(parts: Array, mean: Array) -> None:
    assert parts == pytest.approx(mean, rel=1e-9, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(fleet=fleets())
def test_any_fleet_is_forecast_finite_and_explained(fleet: Fleet) -> None:
    said = forecast_fleet(fleet, CausalSettings("2022-01", horizon=9))
    for values in (said.mean, said.variance, said.quantiles, said.lives.shape, said.lives.scale, said.retirements):
        assert np.isfinite(values).all()
        assert (values >= -1e-12).all()
    assert (np.diff(said.quantiles, axis=2) >= 0).all()
    _adds_up(said.planned + said.failures + said.new_machines - said.retirements + said.correction, said.mean)
    by_part = np.zeros(said.mean.shape)
    np.add.at(by_part, said.explain.part, said.explain.expected)
    _adds_up(by_part, said.mean)
    # an hour of work does not fail a component a thousand times
    assert said.mean.sum() < 1000 * (len(fleet.installations) + fleet.sales.machines.sum() + len(fleet.planned))
