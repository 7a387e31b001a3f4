import numpy as np

from forecasting.installed_base.causal import CausalSettings, forecast_fleet
from forecasting.installed_base.learning import LATE, learn
from forecasting.installed_base.state import state_at
from forecasting.periods import PeriodIndex, parse_period
from tests.forecasting.installed_base.fleets import World, simulate
from tests.forecasting.installed_base.pdm import FIRST_WEEK, pdm_fleet, weekly

FIRST = parse_period(FIRST_WEEK)[1]


def test_weekly_replacements_of_the_public_fleet() -> None:
    fleet, ahead = pdm_fleet(), 4
    counts = weekly(fleet, FIRST, 53)
    ours = mean = total = 0.0
    for origin in range(36, 49):
        actual = counts[:, origin : origin + ahead]
        settings = CausalSettings(PeriodIndex(fleet.frequency, FIRST + origin, 1).label(0), horizon=ahead)
        ours += float(np.abs(forecast_fleet(fleet, settings).mean - actual).sum())
        mean += float(np.abs(counts[:, :origin].mean(axis=1)[:, None] - actual).sum())
        total += float(actual.sum())
    assert 0.22 < mean / total < 0.24
    assert ours / total < 0.165


def test_its_records_begin_late_and_its_visits_have_a_rhythm() -> None:
    fleet = pdm_fleet()
    state = state_at(fleet, FIRST + 40)
    assert state.rhythm is not None
    assert state.rhythm.interval == 15
    life = learn(fleet, state.seen, state.cells, state.hours, state.model)
    assert np.floor(life.since) == np.datetime64("2020-01-01", "D").astype(int) + 719_163


def test_records_from_the_start_are_not_taken_for_late_ones_and_failures_have_no_rhythm() -> None:
    for seed in range(5):
        made = simulate(World(machines=300, parts=8), 60, seed)
        state = state_at(made.fleet, made.origin)
        life = learn(made.fleet, state.seen, state.cells, state.hours, state.model)
        assert life.since == -np.inf, LATE
        assert state.rhythm is None
