"""Three methods side by side, and which of them each part gets.

Causal: components, their ages and lives, corrected by what the last year showed. Rate x base: failures of the last
year per component hour, times the hours to come. Series: the part's own demand, whatever the fleet does.
"""

from dataclasses import dataclass, replace

import numpy as np

from forecasting.arrays import Array, Flags, Words
from forecasting.installed_base.calendar import period_of
from forecasting.installed_base.counting import Past, Recent, correction, past, recent, year
from forecasting.installed_base.expectation import Expectation, expect
from forecasting.installed_base.fleet import Fleet, PlannedReplacements, Progress, Reason, SalesPlan
from forecasting.installed_base.learning import learn
from forecasting.installed_base.lives import LifeModel
from forecasting.installed_base.pooling import total_by
from forecasting.installed_base.results import BackTest, CausalSettings
from forecasting.installed_base.state import State, state_at
from forecasting.methods.croston import Sba
from forecasting.methods.tsb import Tsb

CAUSAL, RATE, SERIES = "causal", "rate x base", "series"
METHODS = (CAUSAL, RATE, SERIES)
LEAST_HELD = 3
"""Periods it takes to back-test."""
CLEARLY = 2.0
"""Logarithm of the likelihood ratio by which another method must have been better."""
HEADSTART = 1.0
"""What a part with too small a population or exposure gives the rate of failure ahead of its lives."""
VAGUE = 0.12
"""Relative error any forecast of a year's demand is granted when methods are compared."""


@dataclass(frozen=True, eq=False)
class Outlook:
    """What all methods say from one origin.

    :param forecasts: pieces, shape (methods, parts, periods).
    :param factor, habit_factor: correction of failures and of habitual replacements, shape (parts,).
    :param level: relative variance of the level by method, shape (methods, parts).
    :param habit: parts whose preventive replacement follows a habit.
    """

    state: State
    life: LifeModel
    past: Past
    recent: Recent
    expected: Expectation
    forecasts: Array
    factor: Array
    habit_factor: Array
    level: Array
    habit: Flags


def look_ahead(
    fleet: Fleet,
    origin: int,
    horizon: int,
    *,
    explain: bool = False,
    foreseen: bool = False,
    progress: Progress | None = None,
) -> Outlook:
    """Learn everything up to an origin and forecast by every method."""
    state = state_at(fleet, origin)
    life = learn(fleet, state.seen, state.cells, state.hours, state.model)
    habit = _habit(state)
    life = replace(life, habit_scale=np.where(habit[life.cells.part], life.habit_scale, np.inf))
    counted = past(state, life.since)
    near = recent(state, life, counted)
    expected = expect(state, life, horizon, habit, explain=explain, foreseen=foreseen, progress=progress)
    factor, uncertain = correction(near.failed, near.expected, told=fleet.demand is not None)
    habit_factor, _ = correction(np.where(habit, near.planned, 0.0), near.habit)
    scheduled = expected.scheduled - expected.lost_scheduled
    causal = (
        factor[:, None] * (expected.failures + expected.new - expected.lost_failures)
        + habit_factor[:, None] * (expected.habit + expected.new_habit - expected.lost_habit)
        + scheduled
    )
    drawn = near.failed + np.where(habit, near.planned, 0.0)
    rate = np.where(near.hours > 0, drawn / np.maximum(near.hours, 1e-9), 0.0)
    by_rate = rate[:, None] * expected.hours + scheduled
    series = np.repeat(_series(counted, near.periods)[:, None], horizon, axis=1)
    # a life learned from few failures is extrapolated to ages they have not reached
    learned = 1.5 / (total_by(life.cells.part, life.failures, len(fleet.parts)) + 2.0)
    level = np.stack([uncertain + learned, 1.0 / (drawn + 1.0), 1.0 / (drawn + 1.0)])
    return Outlook(
        state, life, counted, near, expected, np.stack([causal, by_rate, series]), factor, habit_factor, level, habit
    )


def _habit(state: State) -> Flags:
    """Parts that are replaced preventively though no plan says when."""
    fleet = state.fleet
    parts = len(fleet.parts)
    planned = np.zeros(parts, dtype=np.bool_)
    planned[fleet.planned.part[fleet.planned.due >= state.today]] = True
    done = np.bincount(state.seen.stays.part[state.seen.planned], minlength=parts)
    return np.asarray(~planned & (done >= 5))


def _series(counted: Past, periods: int) -> Array:
    """Demand per period from the part's own history: mean of the last year, SBA and TSB in equal parts."""
    history = np.ascontiguousarray(counted.total.T)
    with np.errstate(invalid="ignore"):
        latest = history[-periods:]
        known = (~np.isnan(latest)).sum(axis=0)
        mean = np.nansum(latest, axis=0) / np.maximum(known, 1)
    end = [len(history)]
    return np.asarray((mean + Sba().rates(history, end)[0] + Tsb().rates(history, end)[0]) / 3)


def back_test(fleet: Fleet, origin: int, settings: CausalSettings, counted: Past) -> BackTest:
    """Forecast the last periods from before them, machines sold, retired and planned work being known.

    :param counted: demand up to the origin.
    """
    parts = len(fleet.parts)
    held = min(settings.horizon, year(fleet.frequency), counted.total.shape[1] // 3)
    if held < LEAST_HELD:
        return BackTest(0, np.zeros(parts), np.zeros((parts, len(METHODS))), METHODS)
    known = _hindsight(fleet, origin, origin - held)
    look = look_ahead(known, origin - held, held, foreseen=True)
    happened = counted.total[:, -held:]
    told = ~np.isnan(happened)
    actual = np.nansum(happened, axis=1)
    forecast = np.where(told[None], look.forecasts, 0.0).sum(axis=2).T
    return BackTest(held, actual, forecast, METHODS)


def _hindsight(fleet: Fleet, origin: int, before: int) -> Fleet:
    """The fleet with the plans that turned out true: machines sold and preventive work done in the held-out periods."""
    machines, rows = fleet.machines, fleet.installations
    told = np.flatnonzero(np.isfinite(machines.commissioned))
    period = period_of(fleet.frequency, machines.commissioned[told])
    sold = told[(period >= before) & (period < origin)]
    sales = SalesPlan(machines.model[sold], period_of(fleet.frequency, machines.commissioned[sold]), np.ones(len(sold)))
    plan = fleet.planned
    by_plan = np.zeros(len(fleet.parts), dtype=np.bool_)
    by_plan[plan.part] = True
    done = np.flatnonzero((rows.reason == Reason.PLANNED) & by_plan[rows.part])
    return replace(
        fleet, sales=sales, planned=PlannedReplacements(rows.machine[done], rows.part[done], rows.removed[done])
    )


def choose(test: BackTest, trusted: Flags) -> Words:
    """Causal, unless the back-test clearly says otherwise; parts hardly observed give the rate a head start.

    :param trusted: parts of sufficient population and exposure.
    """
    parts = len(trusted)
    head = np.zeros((parts, len(METHODS)))
    head[:, 1] = np.where(trusted, -CLEARLY, HEADSTART)
    head[:, 2] = -CLEARLY
    if test.periods:
        mean = np.maximum(test.forecast, 0.05)
        variance = 1.5 * mean + np.square(VAGUE * mean)
        head += -np.square(test.actual[:, None] - mean) / (2 * variance) - np.log(variance) / 2
    return np.asarray(np.array(METHODS)[np.argmax(head, axis=1)], dtype=np.str_)
