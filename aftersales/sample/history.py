"""What happens to the sample fleet: pure simulation, drawn with a seed, day by day.

Working hours differ by operator and season; each component fails by its Weibull life or is replaced at its life limit;
maintenance is done when it is due, sometimes late.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from aftersales.sample.catalogue import (
    MODELS,
    SMALL_FAULTS,
    SMALL_FAULTS_PER_HOUR,
    TASKS,
    SampleModel,
    SamplePosition,
    SampleTask,
    SmallFault,
)
from aftersales.sample.companies import COMPANIES, FLEET_SHARE

YEARS = 4
FIELD_MACHINES = 142
MACHINES_IN_THE_WORKS = 8
SITES = {company.key: len(company.sites) for company in COMPANIES}


@dataclass(frozen=True, slots=True)
class Job:
    """Something done on a machine: a component exchanged after a failure or at its limit, or a due task."""

    at: datetime
    hours: float
    position: SamplePosition | None = None
    slot: int = 1
    failed: bool = False
    task: SampleTask | None = None
    small: SmallFault | None = None
    worked_hours: float = 2.0
    wait_hours: float = 4.0


@dataclass(frozen=True, slots=True)
class SampleMachine:
    """A machine, its place and everything done on it in order of time."""

    serial: str
    model: SampleModel
    operator: str
    site: int
    built_on: date
    commissioned: datetime
    daily: NDArray[np.float64]
    jobs: tuple[Job, ...]
    retired: bool = False
    measured: tuple[float, ...] = field(default=())

    def life(self, at: datetime) -> float:
        """Return the operating hours at a moment, to a tenth."""
        days = (at - self.commissioned).total_seconds() / 86400
        whole = int(np.clip(np.floor(days), 0, len(self.daily)))
        part = self.daily[whole] * (days - whole) if days >= 0 and whole < len(self.daily) else 0.0
        return round(float(self.daily[:whole].sum() + part), 1)


def simulate(today: date, seed: int = 20) -> list[SampleMachine]:
    """Return the machines in the field on a day, oldest first; the same day and seed give the same fleet."""
    rng = np.random.default_rng(seed)
    start = today - timedelta(days=365 * YEARS)
    # A growing base: the density of commissionings rises with time.
    ages = np.sort(np.sqrt(rng.uniform(0.0, 0.995, FIELD_MACHINES) ** 1.3))
    operators, weights = list(FLEET_SHARE), np.array(list(FLEET_SHARE.values()))
    shares = np.array([model.share for model in MODELS])
    machines = []
    for number, age in enumerate(ages):
        model = MODELS[int(rng.choice(len(MODELS), p=shares / shares.sum()))]
        operator = operators[int(rng.choice(len(operators), p=weights / weights.sum()))]
        day = start + timedelta(days=int(age * 365 * YEARS))
        machines.append(_machine(rng, number, model, operator, day, today))
    return machines


def _machine(
    rng: np.random.Generator, number: int, model: SampleModel, operator: str, day: date, today: date
) -> SampleMachine:
    commissioned = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    daily = _working_hours(rng, model, day, today)
    lives = np.concatenate([[0.0], np.cumsum(daily)])
    jobs = [*_exchanges(rng, model, commissioned, lives), *_services(rng, commissioned, lives)]
    jobs = sorted([*jobs, *_small_faults(rng, commissioned, lives)], key=_when)
    return SampleMachine(
        serial=f"{model.code.replace('-', '')}-{2200 + number}",
        model=model,
        operator=operator,
        site=int(rng.integers(SITES[operator])),
        built_on=day - timedelta(days=int(rng.integers(25, 60))),
        commissioned=commissioned,
        daily=daily,
        jobs=tuple(_one_at_a_time(jobs)),
        retired=bool(number < 5),
        measured=tuple(float(rng.normal(typical, spread * 0.5)) for *_, typical, spread in model.test),
    )


def _when(job: Job) -> datetime:
    return job.at


def _one_at_a_time(jobs: list[Job]) -> list[Job]:
    """Leave out what would fall beside another job, a service first of all: nobody works on a machine twice at once."""
    kept: list[Job] = []
    for job in jobs:
        if kept and job.at - kept[-1].at <= timedelta(days=2):
            if job.task is None:
                continue
            kept.pop()
        kept.append(job)
    return kept


def _working_hours(rng: np.random.Generator, model: SampleModel, day: date, today: date) -> NDArray[np.float64]:
    days = max((today - day).days, 1)
    ordinal = np.arange(days) + day.toordinal()
    season = 1 + 0.25 * np.sin(2 * np.pi * (ordinal - 120) / 365.25)
    week = np.where((ordinal - 1) % 7 == 6, 0.1, np.where((ordinal - 1) % 7 == 5, 0.6, 1.15))
    usual = model.hours_per_day * rng.uniform(0.7, 1.2)
    hours: NDArray[np.float64] = np.round(np.clip(usual * season * week * rng.uniform(0.8, 1.2, days), 0, 20), 1)
    return hours


def _moment(commissioned: datetime, lives: NDArray[np.float64], hours: float) -> datetime | None:
    """Return when a machine reaches an age in hours, ``None`` when it has not yet."""
    if hours >= lives[-1] - 1:
        return None
    day = int(np.searchsorted(lives, hours, side="right")) - 1
    within = (hours - lives[day]) / max(lives[day + 1] - lives[day], 0.1)
    return commissioned + timedelta(days=day, minutes=int(min(within, 0.99) * 600))


def _exchanges(
    rng: np.random.Generator, model: SampleModel, commissioned: datetime, lives: NDArray[np.float64]
) -> list[Job]:
    jobs = []
    for position in model.positions:
        for slot in range(1, position.quantity + 1) if position.part else ():
            age = 0.0
            while True:
                life = position.scale * float(rng.weibull(position.shape))
                limit = position.life_limit or np.inf
                age += min(max(life, 40.0), limit)
                at = _moment(commissioned, lives, age)
                if at is None or at < commissioned + timedelta(days=3):
                    break
                failed = life <= limit
                work, wait = float(rng.gamma(4, 1.0) + 1), float(rng.gamma(2, 5) if failed else 0.5)
                jobs.append(Job(at, age, position, slot, failed, worked_hours=work, wait_hours=wait))
    return jobs


def _small_faults(rng: np.random.Generator, commissioned: datetime, lives: NDArray[np.float64]) -> list[Job]:
    weights = np.array([fault.weight for fault in SMALL_FAULTS])
    jobs, age = [], float(rng.exponential(1 / SMALL_FAULTS_PER_HOUR))
    while (at := _moment(commissioned, lives, age)) is not None:
        fault = SMALL_FAULTS[int(rng.choice(len(SMALL_FAULTS), p=weights / weights.sum()))]
        if at > commissioned + timedelta(days=3):
            work, wait = float(rng.gamma(3, 0.5) + 0.4), float(rng.gamma(2, 3))
            jobs.append(Job(at, age, failed=True, small=fault, worked_hours=work, wait_hours=wait))
        age += float(rng.exponential(1 / SMALL_FAULTS_PER_HOUR))
    return jobs


def _services(rng: np.random.Generator, commissioned: datetime, lives: NDArray[np.float64]) -> list[Job]:
    """Do R100 once, then S1000 by hours or days, as S4000 when that is near; now and then too late."""
    jobs: list[Job] = []
    days, small, large, large_day = len(lives) - 1, 0.0, 0.0, 0
    last_day, task = 0, TASKS[0]
    while True:
        interval, longest = float(task.every_hours or 1000), task.every_days or 180
        late = float(rng.choice([rng.uniform(-0.06, 0.08), rng.uniform(0.12, 0.3)], p=[0.93, 0.07]))
        if task is TASKS[2]:
            interval, longest = 1000.0, 180
        by_hours = int(np.searchsorted(lives, small + interval * (1 + late), side="left"))
        day = min(by_hours, last_day + int(longest * (1 + late)))
        if day >= days - 1:
            return jobs
        hours = float(lives[day])
        at = commissioned + timedelta(days=day, hours=1)
        jobs.append(Job(at, hours, task=task, worked_hours=float(task.hours) * float(rng.uniform(0.8, 1.3))))
        small, last_day = hours, day
        if task is TASKS[2]:
            large, large_day = hours, day
        near = hours - large > 2900 or day - large_day > 520
        task = TASKS[2] if near else TASKS[1]
