"""Demand from the installed base: ``forecast_fleet(fleet, settings)`` and nothing else needs to be known.

Demand of a part = Σ over machines of the expected renewals of the component, given its own age, the machine's use and
the life of such components, + planned replacements + machines to be sold − retirements; compared with what the last
year demanded, and corrected; where the back-test says that the rate of failure or the part's own history did better,
these take over.

R. Dekker, Ç. Pinçe, R. Zuidwijk, M. N. Jalil, On the use of installed base information for spare parts logistics,
International Journal of Production Economics 143 (2013), review the field.
"""

import time

import numpy as np

from forecasting.arrays import Array, Flags
from forecasting.distribution import Demand
from forecasting.errors import ForecastError
from forecasting.installed_base.calendar import first_day
from forecasting.installed_base.choosing import CAUSAL, METHODS, Outlook, back_test, choose, look_ahead
from forecasting.installed_base.counting import dispersion, first_period, population, year
from forecasting.installed_base.expectation import Rows
from forecasting.installed_base.fleet import Fleet, Progress
from forecasting.installed_base.results import LONGEST, BackTest, CausalForecast, CausalSettings, Explanation, Lives
from forecasting.periods import PeriodIndex, parse_period

__all__ = ["LONGEST", "BackTest", "CausalForecast", "CausalSettings", "Explanation", "Lives", "forecast_fleet"]

USE_UNCERTAIN = 0.03
"""Relative standard deviation of the use to come."""
STEPS = 100


def forecast_fleet(fleet: Fleet, settings: CausalSettings, progress: Progress | None = None) -> CausalForecast:
    """Forecast the demand for every part of a fleet from its machines.

    :param progress: called after each step.
    :raises ForecastError: when the fleet holds nothing to forecast from before the origin.
    """
    started = time.perf_counter()
    told = _Told(progress)
    kind, origin = parse_period(settings.origin)
    if kind is not fleet.frequency:
        raise ForecastError(f"the origin {settings.origin!r} is a {kind}, but the fleet is told by {fleet.frequency}")
    if not len(fleet.parts):
        raise ForecastError("there are no parts")
    begun = fleet.machines.commissioned[fleet.installations.machine]
    today = first_day(kind, origin)
    if not ((fleet.installations.installed < today) & (begun < today)).any():
        raise ForecastError(f"nothing was installed before {settings.origin}: there is nothing to forecast from")
    told(0, "lives")
    look = look_ahead(
        fleet,
        origin,
        settings.horizon,
        explain=settings.explain,
        progress=lambda done, total, label: told(10 + 50 * done // max(total, 1), label),
    )
    told(60, "back-test")
    test = back_test(fleet, origin, settings, look.past)
    told(90, "distribution")
    carried = population(look.state)
    exposure = np.bincount(look.life.cells.part, look.life.exposure, len(fleet.parts))
    trusted = (carried >= settings.least_population) & (exposure >= settings.least_exposure)
    method = choose(test, trusted)
    forecast = _assembled(fleet, settings, look, test, method, origin)
    told(STEPS, "done")
    object.__setattr__(forecast, "seconds", time.perf_counter() - started)
    return forecast


class _Told:
    """Progress in hundredths."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress

    def __call__(self, done: int, label: str) -> None:
        if self.progress is not None:
            self.progress(done, STEPS, label)


def _assembled(
    fleet: Fleet,
    settings: CausalSettings,
    look: Outlook,
    test: BackTest,
    method: "np.typing.NDArray[np.str_]",
    origin: int,
) -> CausalForecast:
    expected = look.expected
    rows = np.arange(len(fleet.parts))
    number = np.array([METHODS.index(name) for name in method.tolist()], dtype=np.int64)
    mean = np.maximum(look.forecasts[number, rows], 0.0)
    causal = method == CAUSAL
    planned = expected.scheduled + expected.habit
    new = expected.new + expected.new_habit
    retirements = expected.lost_failures + expected.lost_habit + expected.lost_scheduled
    scheduled = expected.scheduled - expected.lost_scheduled
    # what is planned is not uncertain in level
    open_share = 1.0 - scheduled.sum(axis=1) / np.maximum(mean.sum(axis=1), 1e-12)
    level = np.sqrt(look.level[number, rows] + USE_UNCERTAIN**2) * np.clip(open_share, 0.0, 1.0)
    certain, variance = _variance(look, mean, level, causal)
    chances = settings.quantiles
    periods = PeriodIndex(fleet.frequency, origin, settings.horizon)
    return CausalForecast(
        part_ids=fleet.parts,
        periods=periods,
        mean=mean,
        variance=variance,
        level_deviation=level,
        probabilities=chances,
        quantiles=_quantiles(mean, variance, certain, chances),
        planned=planned,
        failures=expected.failures,
        new_machines=new,
        retirements=retirements,
        correction=mean - (planned + expected.failures + new - retirements),
        method=method,
        lives=_lives(look),
        explain=_explanation(look, mean),
        backtest=test,
        population=population(look.state),
        history=look.past.total,
        history_from=first_period(look.state),
        notes=_notes(fleet, look),
        seconds=0.0,
    )


def _variance(look: Outlook, mean: Array, level: Array, causal: Flags) -> tuple[Array, Array]:
    """Pieces that are as good as certain, and the variance of all."""
    expected = look.expected
    scheduled = expected.scheduled - expected.lost_scheduled
    free = np.maximum(mean - scheduled, 0.0)
    spread = np.maximum(dispersion(look.past, 2 * year(look.state.fleet.frequency)), 1.0)[:, None]
    # a component fails or does not: a binomial count, with the renewals of what has just been renewed
    inside = np.where(causal[:, None], np.maximum(expected.again - expected.square, -0.8 * free), 0.0)
    chance = np.where(expected.scheduled > 0, scheduled / np.maximum(expected.scheduled, 1e-12), 1.0)
    kept = np.clip(chance, 0.0, 1.0)
    variance = (free + inside) * spread + np.square(level[:, None] * mean) + scheduled * (1 - kept) + 0.02 * scheduled
    return np.floor(scheduled * 0.8), np.maximum(variance, 0.0)


def _quantiles(mean: Array, variance: Array, certain: Array, chances: tuple[float, ...]) -> Array:
    free = np.maximum(mean - certain, 0.0).ravel()
    demand = Demand(free, variance.ravel(), np.ones(len(free)))
    return demand.quantiles(chances).reshape(*mean.shape, len(chances)) + certain[:, :, None]


def _lives(look: Outlook) -> Lives:
    cells, life = look.life.cells, look.life
    return Lives(cells.part, look.state.groups[cells.group], life.shape, life.scale, life.failures, life.exposure)


def _explanation(look: Outlook, mean: Array) -> Explanation:
    """Rows by machine, brought to the mean: causal parts by their correction, the others in proportion."""
    rows = look.expected.rows
    if rows is None:
        none, nothing = np.zeros(0, dtype=np.int64), np.zeros(0)
        return Explanation(none, none, np.zeros(0, dtype=np.str_), nothing, nothing, np.zeros((0, mean.shape[1])))
    free = rows.failures * look.factor[rows.part, None] + rows.habit * look.habit_factor[rows.part, None]
    total, scheduled = np.zeros(mean.shape), np.zeros(mean.shape)
    np.add.at(total, rows.part, free)
    np.add.at(scheduled, rows.part, rows.scheduled)
    wanted = mean - scheduled
    ratio = np.where((total > 0) & (wanted > 0), wanted / np.where(total > 0, total, 1.0), 0.0)
    expected = free * ratio[rows.part] + rows.scheduled
    said = np.zeros(mean.shape)
    np.add.at(said, rows.part, expected)
    left = mean - said
    rest = np.flatnonzero((np.abs(left) > 1e-9 * np.maximum(mean, 1e-3)).any(axis=1))
    part = np.r_[rows.part, rest]
    machine, age = np.r_[rows.machine, np.full(len(rest), -1)], np.r_[rows.age, np.full(len(rest), np.nan)]
    label, use = _labels(look, rows)
    order = np.argsort(part, kind="stable")
    return Explanation(
        part[order],
        np.maximum(machine, -1)[order],
        np.r_[label, np.full(len(rest), "")][order],
        age[order],
        np.r_[use, np.full(len(rest), np.nan)][order],
        np.vstack([expected, left[rest]])[order],
    )


def _labels(look: Outlook, rows: Rows) -> "tuple[np.typing.NDArray[np.str_], Array]":
    known = rows.machine >= 0
    at = np.maximum(rows.machine, 0)
    model = np.maximum(-1 - rows.machine, 0)
    label = np.where(
        known,
        look.state.fleet.machines.id[at],
        np.char.add("new:", look.state.models[np.minimum(model, len(look.state.models) - 1)]),
    )
    return label, np.where(known, look.state.hours.expected[at], np.nan)


def _notes(fleet: Fleet, look: Outlook) -> tuple[str, ...]:
    notes = [
        f"sales plan: model {name!r} has no machine in the field, nothing is known of its parts"
        for name in look.expected.unknown
    ]
    if not len(fleet.usage):
        notes.append("no hours are recorded: every machine is taken to run around the clock")
    ahead = fleet.machines.commissioned >= look.state.today
    if ahead.any():
        notes.append(f"{int(ahead.sum())} machines commissioned at the origin or later are not used")
    return tuple(notes)
