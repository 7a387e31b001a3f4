"""The goals of the forecast from the installed base, each as measured figure, target, met or not.

Error is Σ|forecast − demand| / Σ demand of the twelve months of every part, on simulated fleets of 2,000 machines and
20 parts over their life cycle, from stated seeds. Rivals see the demand series alone and the best of them counts, the
one with the least error over all fleets of a kind. Run: ``python -m tests.bench.installed_base``.
"""

import warnings
from collections.abc import Callable
from dataclasses import replace
from time import process_time

import numpy as np

from forecasting.arrays import Array
from forecasting.installed_base.binning import binned
from forecasting.installed_base.causal import CausalSettings, forecast_fleet
from forecasting.installed_base.life import fit_weibull
from forecasting.installed_base.lives import EDGES, Cells, LifeModel
from forecasting.installed_base.projection import oldest, project
from forecasting.installed_base.segments import Segments
from forecasting.methods.croston import Sba
from forecasting.methods.tsb import Tsb
from forecasting.periods import PeriodIndex, parse_period
from tests.bench import rivals
from tests.bench.forecast import Goal
from tests.forecasting.data import FOLDER
from tests.forecasting.installed_base.fleets import DIRTY, STAGES, World, label, simulate
from tests.forecasting.installed_base.pdm import FIRST_WEEK, pdm_fleet, weekly

SEEDS = (2026, 2027)
MACHINES, PARTS = 2000, 20
MERGED = replace(DIRTY, merged=True)


def series(history: Array) -> dict[str, Array]:
    """Demand of the coming twelve months by methods that see only the series, shape (parts,) each."""
    demand, end = np.ascontiguousarray(history.T), [history.shape[1]]
    found = {
        "SBA": 12 * Sba().rates(demand, end)[0],
        "TSB": 12 * Tsb().rates(demand, end)[0],
        "mean of 12": demand[-12:].sum(axis=0),
    }
    if not rivals.INSTALLED:
        return found
    from statsforecast import models

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, model in (("Holt", models.Holt()), ("ETS", models.AutoETS(season_length=1))):
            said = [np.sum(model.forecast(y=row.astype(np.float32), h=12)["mean"]) for row in history]
            found[name] = np.maximum(np.array(said, dtype=np.float64), 0.0)
    return found


def life_cycle(name: str, world: World, stages: dict[str, int], most: float, *, told: bool = False) -> Goal:
    """One kind of fleet at several stages of its life.

    :param told: the demand is told apart from the records, as stock issues tell it; otherwise it is what the records
        say, and what was never booked is missing from the truth as well.
    """
    ours: list[float] = []
    theirs: dict[str, list[float]] = {}
    said = []
    for stage, months in stages.items():
        errors, best = [], []
        for seed in SEEDS:
            made = simulate(replace(world, machines=MACHINES, parts=PARTS), months, seed)
            fleet = made.fleet
            past = made.truth[:, : made.origin - (made.origin - months)]
            if told:
                fleet = replace(fleet, demand=past, demand_from=made.origin - months)
            forecast = forecast_fleet(fleet, CausalSettings(label(made.origin), explain=False))
            actual = made.actual().sum(axis=1)
            errors.append(_error(forecast.mean.sum(axis=1), actual))
            rows = {rival: _error(value, actual) for rival, value in series(past).items()}
            best.append(min(rows.values()))
            for rival, value in rows.items():
                theirs.setdefault(rival, []).append(value)
        ours += errors
        said.append(f"{stage} {np.mean(errors):.3f}/{np.mean(best):.3f}")
    name_of, best_of = min(
        ((rival, float(np.mean(values))) for rival, values in theirs.items()), key=lambda row: row[1]
    )
    beside = f"{np.mean(ours):.3f} against {name_of} {best_of:.3f}; by stage, ours/best of each: " + ", ".join(said)
    return Goal(f"installed base, {name}: error to best rival", float(np.mean(ours)) / best_of, most, beside=beside)


def steady() -> Goal:
    """Fleets that stand as they are for a decade: nothing is gained, and nothing may be lost."""
    return life_cycle("steady", World(sold=6, age=200.0), {"15 years": 180}, 1.05)


def _error(said: Array, happened: Array) -> float:
    return float(np.abs(said - happened).sum() / happened.sum())


def pdm() -> list[Goal]:
    """Weekly replacements by component of the public fleet, four weeks ahead from 13 origins."""
    if not (FOLDER / "PdM_maint.csv").exists():
        print(f"skipped: PdM_maint.csv is not in {FOLDER}")
        return []
    fleet, ahead = pdm_fleet(), 4
    first = parse_period(FIRST_WEEK)[1]
    counts = weekly(fleet, first, 53)
    missed: dict[str, float] = {}
    total = 0.0
    for origin in range(36, 49):
        actual, past = counts[:, origin : origin + ahead], np.ascontiguousarray(counts[:, :origin].T)
        settings = CausalSettings(PeriodIndex(fleet.frequency, first + origin, 1).label(0), horizon=ahead)
        said = {
            "ours": forecast_fleet(fleet, settings).mean,
            "mean": past.mean(axis=0)[:, None],
            "SBA": Sba().rates(past, [origin]).T,
            "TSB": Tsb().rates(past, [origin]).T,
        }
        total += actual.sum()
        for name, value in said.items():
            missed[name] = missed.get(name, 0.0) + float(np.abs(value - actual).sum())
    errors = {name: value / total for name, value in missed.items()}
    beside = ", ".join(f"{name} {errors[name]:.3f}" for name in ("mean", "SBA", "TSB"))
    return [Goal("installed base, public fleet by week: error", errors["ours"], 0.157, beside=beside)]


def seconds(work: Callable[[], object], times: int = 3) -> float:
    """The least of some times, of the processor and not of the clock: others share the machine."""
    found = []
    for _ in range(times):
        begun = process_time()
        work()
        found.append(process_time() - begun)
    return min(found)


def lives() -> Goal:
    """A million lives in 50,000 groups, half of them censored."""
    rng = np.random.default_rng(SEEDS[0])
    group = np.repeat(np.arange(50_000), 20)
    life = 1e4 * rng.weibull(rng.uniform(0.8, 3.5, 50_000)[group])
    end = rng.uniform(2e3, 2e4, len(group))
    took = seconds(lambda: fit_weibull(np.minimum(life, end), life <= end, group=group))
    return Goal("50,000 Weibull groups of 20 lives: seconds", took, 0.5)


def renewals(machines: int = 100_000, parts: int = 50, horizon: int = 12) -> list[Goal]:
    """Expected renewals of five million components by month, and how far that is from looking each up by itself."""
    rng = np.random.default_rng(SEEDS[0])
    number = np.arange(parts)
    shape, scale = rng.uniform(1.0, 4.0, parts), np.exp(rng.normal(np.log(9000), 0.7, parts))
    none, never = np.zeros(parts), np.full(parts, np.inf)
    life = LifeModel(
        Cells(number, 0 * number, number[:, None]), shape, scale, none, none, np.ones((parts, len(EDGES))),
        np.ones(parts), never, np.ones((parts, len(EDGES))), none, none, none[:, None],
    )  # fmt: skip
    part, machine = np.repeat(number, machines), np.tile(np.arange(machines), parts)
    pace = np.tile(np.exp(rng.normal(np.log(5.5), 0.35, machines)), parts)
    age = rng.uniform(0, 1.2, len(part)) * scale[part]
    ever, zero = np.full(len(part), np.inf), np.zeros(len(part))
    segments = Segments(part, part, machine, age, pace, pace, zero, ever, ever, np.ones(len(part)))
    days, stay = np.linspace(0, 365, horizon + 1), np.ones((machines, horizon))
    habit = np.zeros(parts, dtype=np.bool_)

    def total(rows: Segments, remains: Array) -> Array:
        sums = np.zeros((parts, horizon))
        for block in project(rows, life, days, remains, habit):
            np.add.at(sums, rows.part[block.rows], block.failures)
        return sums

    quick = total(*binned(segments, oldest(segments, life), stay))
    exact = total(segments, stay)
    took = seconds(lambda: total(*binned(segments, oldest(segments, life), stay)))
    name = f"{machines:,} machines x {parts} parts x {horizon} months"
    return [
        Goal(f"{name}: seconds", took, 1.0),
        Goal(f"{name}: worst part and month off, %", 100 * float(np.abs(quick / exact - 1).max()), 0.13),
    ]


def main() -> None:
    """Print every goal."""
    print("forecast from the installed base")
    print(life_cycle("clean", World(), STAGES, 0.5))
    print(life_cycle("dirty, components missing", DIRTY, STAGES, 2 / 3))
    print(life_cycle("dirty, demand told", MERGED, STAGES, 2 / 3, told=True))
    print(steady())
    for goal in (*pdm(), lives(), *renewals()):
        print(goal)


if __name__ == "__main__":
    main()
