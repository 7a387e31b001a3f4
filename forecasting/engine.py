"""The forecast of a whole catalogue: ``forecast(panel, settings)`` and nothing else needs to be known.

Each part gets the method that did best in a rolling back-test on the pinball loss of its lead-time demand, and demand
as a distribution: by period over the horizon, and summed over the lead time.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from threadpoolctl import ThreadpoolController

from forecasting.arrays import Array, Integers, Words
from forecasting.classify import classify
from forecasting.demand import DemandPanel
from forecasting.distribution import check_probabilities, lot_unit
from forecasting.errors import SettingsError
from forecasting.lead_mixture import GRID, LONGEST, LeadTimes, mixed
from forecasting.lead_time import Lesson, Outcome, Task, learn_periods
from forecasting.lead_time import apply as apply_lead
from forecasting.lead_time import learn as learn_lead
from forecasting.periods import PeriodIndex
from forecasting.pooled.model import FittedPooled
from forecasting.reliability import Reliability
from forecasting.selection import Score

Progress = Callable[[int, int, str], None]
"""Told after each step: steps done, steps in all, what is being done."""

Leads = Integers | LeadTimes
"""Lead time of every part: whole periods, or how long it may take."""

LONGEST_LEAD = LONGEST
STEPS = 1000
"""Steps that progress is told in."""
LEARNING = 0.5
"""Share of the steps for learning, before the forecast of the parts."""


@dataclass(frozen=True, eq=False)
class Settings:
    """What to forecast.

    :param horizon: periods to forecast one by one.
    :param lead_time: whole periods over which demand is summed, for all parts or one per part; or ``LeadTimes``, when
        how long it takes is not sure.
    :param quantiles: probabilities, ascending between 0 and 1.
    :param seed: the same seed and panel give the same forecast.
    :param origin: heading of the first forecast period: nothing dated in it or later is used; default the period
        after the last one of the panel.
    :param back_test: compare with the plain methods at past origins and let them take over where they were clearly
        better; without it every part gets the pooled model and there is no table of scores.
    :raises SettingsError: for anything outside these bounds.
    """

    horizon: int = 12
    lead_time: "int | Integers | LeadTimes" = 3
    quantiles: tuple[float, ...] = (0.5, 0.9, 0.95, 0.99)
    seed: int = 0
    origin: str | None = None
    back_test: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.horizon <= LONGEST_LEAD:
            raise SettingsError(f"the horizon is {self.horizon} periods; it must be 1 to {LONGEST_LEAD}")
        object.__setattr__(self, "quantiles", check_probabilities(self.quantiles))
        if isinstance(self.lead_time, LeadTimes):
            return
        leads = np.asarray(self.lead_time)
        if leads.ndim > 1 or leads.dtype.kind not in "iu":
            raise SettingsError("lead times must be whole periods, one for all parts or one per part")
        if leads.size and not (leads.min() >= 1 and leads.max() <= LONGEST_LEAD):
            raise SettingsError(
                f"a lead time of {leads.min()} to {leads.max()} periods; it must be 1 to {LONGEST_LEAD}"
            )

    @property
    def learned(self) -> tuple[float, ...]:
        """Probabilities to learn: those asked for, and where lead times are mixed those that the mixture is made of."""
        return tuple(sorted({*self.quantiles, *GRID})) if isinstance(self.lead_time, LeadTimes) else self.quantiles


@dataclass(frozen=True, eq=False)
class ForecastResult:
    """The forecast, part by part in the order of the panel.

    :param periods: the forecast periods.
    :param mean: pieces per period, shape (parts, horizon).
    :param quantiles: shape (parts, horizon, probabilities).
    :param probabilities: the probabilities of the quantiles.
    :param lead_time: periods, shape (parts,); the mean, rounded, where the lead time is not sure.
    :param lead_mean: pieces over the lead time, shape (parts,).
    :param lead_quantiles: shape (parts, probabilities).
    :param method: the method chosen, shape (parts,).
    :param demand_class: Syntetos-Boylan class, shape (parts,); ``phase`` the phase of life.
    :param scores: per lead time the table of methods with the all-zero forecast in it; ``reliability`` per lead time
        the promises of the methods chosen, checked in the back-test by demand class.
    :param seconds: time it took.
    """

    part_ids: Words
    periods: PeriodIndex
    mean: Array
    quantiles: Array
    probabilities: tuple[float, ...]
    lead_time: Integers
    lead_mean: Array
    lead_quantiles: Array
    method: Words
    demand_class: Words
    phase: Words
    scores: dict[int, tuple[Score, ...]] = field(default_factory=dict)
    reliability: dict[int, tuple[Reliability, ...]] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Learned:
    """What a catalogue taught: with it any part of it can be forecast, alone or among others, with the same result.

    :param single: the pooled model for single periods; ``lessons`` what was learned by lead time.
    """

    settings: Settings
    single: FittedPooled
    lessons: dict[int, Lesson]


def forecast(panel: DemandPanel, settings: Settings, progress: Progress | None = None) -> ForecastResult:
    """Forecast every part of the panel.

    :param progress: called after each step with steps done, steps in all and a label.
    :raises SettingsError: when lead times are given per part and their number is not that of the parts.
    :raises PanelError: when nothing lies before the origin.
    """
    started = time.perf_counter()
    known, leads = known_before(panel, settings), _leads(settings, len(panel))
    tell = progress or _silent
    learned = learn(known, settings, share_of(tell, 0.0, LEARNING))
    result = apply(learned, known, leads, share_of(tell, LEARNING, 1.0))
    return replace(result, seconds=time.perf_counter() - started)


def learn(known: DemandPanel, settings: Settings, progress: Progress | None = None) -> Learned:
    """Learn from a whole catalogue what ``apply`` needs.

    :param known: from ``known_before``: nothing of the origin or later.
    """
    tell = progress or _silent
    groups = _groups(_leads(settings, len(known)))
    # matrices here are small: threads would wait for each other longer than they work
    with ThreadpoolController().limit(limits=1):
        classes = classify(known)
        tell(0, 1, "learning from the periods")
        single = learn_periods(known, settings.horizon, settings.learned, settings.seed)
        lessons = {}
        for done, (lead, rows) in enumerate(groups.items()):
            part = known if len(rows) == len(known) else known.select(rows)
            asked = (settings.horizon, settings.learned, settings.seed, settings.back_test)
            task = Task(part, known, classes.rows(rows), lead, *asked)
            lessons[lead] = learn_lead(task, share_of(tell, done / len(groups), (done + 1) / len(groups)))
    return Learned(settings, single, lessons)


def apply(learned: Learned, known: DemandPanel, leads: Leads, progress: Progress | None = None) -> ForecastResult:
    """Forecast some parts of the catalogue that was learned from.

    :param known: those parts, over the same periods.
    :param leads: lead time of each of them, periods, shape (parts,), or how long it may take.
    """
    started = time.perf_counter()
    settings, tell = learned.settings, progress or _silent
    outcomes: dict[int, tuple[Integers, Outcome]] = {}
    groups = _groups(leads)
    with ThreadpoolController().limit(limits=1):
        classes = classify(known)
        for done, (lead, rows) in enumerate(groups.items()):
            part = known if len(rows) == len(known) else known.select(rows)
            step = share_of(tell, done / len(groups), (done + 1) / len(groups))
            lesson = learned.lessons[lead]
            outcomes[lead] = rows, apply_lead(lesson, learned.single, part, classes.rows(rows), step)
    if isinstance(leads, LeadTimes):
        whole, lengths = _mixture(outcomes, leads, settings, known), np.rint(leads.mean).astype(np.int64)
    else:
        whole, lengths = _together(list(outcomes.values())), leads
    return ForecastResult(
        part_ids=known.part_ids,
        periods=known.periods.after(settings.horizon),
        mean=whole.mean,
        quantiles=whole.quantiles,
        probabilities=settings.quantiles,
        lead_time=lengths,
        lead_mean=whole.lead_mean,
        lead_quantiles=whole.lead_quantiles,
        method=whole.method,
        demand_class=classes.demand_class,
        phase=classes.phase,
        scores={lead: lesson.scores for lead, lesson in learned.lessons.items()},
        reliability={lead: lesson.tested.reliability for lead, lesson in learned.lessons.items()},
        seconds=time.perf_counter() - started,
    )


def _groups(leads: Leads) -> dict[int, Integers]:
    """Rows of the parts that have, or may have, each lead time."""
    if isinstance(leads, LeadTimes):
        rows = {int(lead): np.flatnonzero(leads.weights[:, at]) for at, lead in enumerate(leads.periods)}
    else:
        rows = {int(lead): np.flatnonzero(leads == lead) for lead in np.unique(leads)}
    return {lead: found.astype(np.int64) for lead, found in rows.items() if len(found)}


def _together(outcomes: list[tuple[Integers, Outcome]]) -> Outcome:
    """One outcome of those of all groups, each part in its place."""
    if len(outcomes) == 1:
        return outcomes[0][1]
    order = np.argsort(np.concatenate([rows for rows, _ in outcomes]))
    return Outcome(
        mean=np.concatenate([outcome.mean for _, outcome in outcomes])[order],
        quantiles=np.concatenate([outcome.quantiles for _, outcome in outcomes])[order],
        lead_mean=np.concatenate([outcome.lead_mean for _, outcome in outcomes])[order],
        lead_quantiles=np.concatenate([outcome.lead_quantiles for _, outcome in outcomes])[order],
        method=np.concatenate([outcome.method for _, outcome in outcomes])[order],
    )


def _mixture(
    outcomes: dict[int, tuple[Integers, Outcome]], leads: LeadTimes, settings: Settings, known: DemandPanel
) -> Outcome:
    """One outcome of those of all lengths the lead time may have; by period, that of the most probable one."""
    probabilities, wanted = settings.learned, settings.quantiles
    columns = [probabilities.index(probability) for probability in wanted]
    parts, likely = len(known), leads.periods[leads.weights.argmax(axis=1)]
    mean, lead_mean = np.zeros((parts, settings.horizon)), np.zeros(parts)
    quantiles = np.zeros((parts, settings.horizon, len(wanted)))
    method = np.full(parts, "", dtype="U32")
    ahead = np.zeros((len(leads.periods), parts, len(probabilities)))
    for at, lead in enumerate(leads.periods.tolist()):
        if lead not in outcomes:
            continue
        rows, outcome = outcomes[lead]
        ahead[at, rows] = outcome.lead_quantiles
        lead_mean[rows] += leads.weights[rows, at] * outcome.lead_mean
        mine = likely[rows] == lead
        mean[rows[mine]], quantiles[rows[mine]] = outcome.mean[mine], outcome.quantiles[mine][..., columns]
        method[rows[mine]] = outcome.method[mine]
    summed = mixed(ahead, probabilities, leads.weights, wanted)
    lot = lot_unit(known.demand)[:, None]
    summed = np.where(lot > 0, np.rint(summed / np.where(lot > 0, lot, 1.0)) * lot, summed)
    return Outcome(mean, quantiles, lead_mean, summed, method)


def _silent(done: int, total: int, label: str) -> None:
    """Progress that nobody looks at."""


def share_of(tell: Progress, start: float, end: float) -> Progress:
    """Progress of a piece of work that is the share from ``start`` to ``end`` of the whole."""
    return lambda done, total, label: tell(round(STEPS * (start + (end - start) * done / max(total, 1))), STEPS, label)


def known_before(panel: DemandPanel, settings: Settings) -> DemandPanel:
    """What lies before the origin; periods between the last one and the origin are missing.

    :raises PanelError: when nothing lies before the origin.
    """
    if not len(panel):
        raise SettingsError("the panel holds no part")
    if settings.origin is None:
        return panel
    position = panel.periods.position(settings.origin)
    if position > panel.periods.count + panel.periods.season:
        raise SettingsError(f"the origin {settings.origin} lies more than a year after the last demand")
    return panel.before(position)


def lead_times(settings: Settings, parts: int) -> Integers:
    """Lead time of every part, where it is sure.

    :raises SettingsError: when they are given per part and their number is not that of the parts, or are not sure.
    """
    leads = _leads(settings, parts)
    if isinstance(leads, LeadTimes):
        raise SettingsError("lead times that are not sure can be forecast from in one piece only")
    return leads


def _leads(settings: Settings, parts: int) -> Leads:
    given = settings.lead_time
    leads = given if isinstance(given, LeadTimes) else np.asarray(given, dtype=np.int64)
    if (isinstance(leads, LeadTimes) or leads.ndim == 1) and len(leads) != parts:
        raise SettingsError(f"{len(leads)} lead times for {parts} parts")
    return leads if isinstance(leads, LeadTimes) else np.array(np.broadcast_to(leads, (parts,)))
