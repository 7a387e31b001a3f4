"""The machines an organisation has or had to do with, and the hours they worked month by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor
from aftersales.models import LifecycleEvent, Machine, MachineModel, MachineParty, Meter
from aftersales.planning.rules import months
from aftersales.usage import sampling
from aftersales.usage.rules import Point, micros
from aftersales.vocabulary import MachineState, MeterKind
from forecasting.arrays import Array
from forecasting.installed_base.fleet import Machines, Usage

OUT = (MachineState.DECOMMISSIONED, MachineState.WRITTEN_OFF, MachineState.DISPOSED)
LEAST_SHARE = 0.25
MONTHLY, YEARS = 30, 8
"""Months back from the origin with an edge each, and years back beyond which nothing is read."""
EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Known:
    """A machine: its number, model and days of life; ``left`` when it retired or ceased to concern us."""

    id: int
    serial_number: str
    model_id: int
    model: str
    commissioned: date
    left: float | None


@dataclass(frozen=True, eq=False)
class Work:
    """What the machines worked before the origin.

    :param usage: hours by machine and month.
    :param life: hours of each machine at the origin, NaN = not known, shape (machines,).
    :param per_day: hours a day over the last twelve months known, NaN = not known.
    """

    usage: Usage
    life: Array
    per_day: Array


def ordinal(at: datetime) -> float:
    """Return a moment as a proleptic day with its time as a fraction."""
    return at.timestamp() / 86400 + EPOCH_DAY


def month_number(month: date) -> int:
    """Return a month's running number as the forecast counts them."""
    return month.year * 12 + month.month - 1


def read(session: Session, actor: Actor, until: datetime) -> list[Known]:
    """Return the machines put to work before a moment that the actor's organisation sees, by number."""
    query = (
        select(Machine.id, Machine.serial_number, Machine.model_id, MachineModel.code, Machine.commissioned_on)
        .join(MachineModel, MachineModel.id == Machine.model_id)
        .where(Machine.commissioned_on.is_not(None), Machine.commissioned_on < until.date())
        .where(visibility.sees_machine(actor, Machine.id))
        .order_by(Machine.id)
    )
    rows = session.execute(query).all()
    retired, ended = _retired(session, actor, until), _parted(session, actor)
    found = []
    for machine, serial, model_id, model, commissioned in rows:
        ends = [ordinal(at) for at in (retired.get(machine), ended.get(machine)) if at is not None and at < until]
        assert commissioned is not None
        left = max(min(ends), float(commissioned.toordinal())) if ends else None
        found.append(Known(machine, serial, model_id, model, commissioned, left))
    return found


def _retired(session: Session, actor: Actor, until: datetime) -> dict[int, datetime]:
    """When each machine that is out of use went out of it."""
    last = (
        select(LifecycleEvent.machine_id, func.max(LifecycleEvent.sequence).label("sequence"))
        .where(LifecycleEvent.at < until, LifecycleEvent.to_state.not_in(OUT))
        .group_by(LifecycleEvent.machine_id)
        .subquery()
    )
    query = (
        select(LifecycleEvent.machine_id, func.min(LifecycleEvent.at))
        .join(last, last.c.machine_id == LifecycleEvent.machine_id)
        .where(LifecycleEvent.sequence > last.c.sequence, LifecycleEvent.to_state.in_(OUT), LifecycleEvent.at < until)
        .where(visibility.sees_machine(actor, LifecycleEvent.machine_id))
        .group_by(LifecycleEvent.machine_id)
    )
    return {machine: at for machine, at in session.execute(query) if at is not None}


def _parted(session: Session, actor: Actor) -> dict[int, datetime]:
    """When the organisation ceased to be a party of each machine that it is none of any more."""
    mine = MachineParty.organization_id == actor.organization
    held = select(MachineParty.machine_id).where(mine, MachineParty.valid_to.is_(None))
    query = (
        select(MachineParty.machine_id, func.max(MachineParty.valid_to))
        .where(mine, MachineParty.machine_id.not_in(held))
        .group_by(MachineParty.machine_id)
    )
    return {machine: at for machine, at in session.execute(query) if at is not None}


def table(known: Sequence[Known], retirements: dict[int, float]) -> Machines:
    """Return the machines as the forecast takes them, those of one model as a group.

    :param retirements: days on which machines still at work are planned to retire.
    """
    left = [retirements.get(one.id) if one.left is None else one.left for one in known]
    models = np.array([one.model for one in known], dtype=np.str_)
    return Machines(
        id=np.array([str(one.id) for one in known], dtype=np.str_),
        model=models,
        group=models,
        commissioned=np.array([float(one.commissioned.toordinal()) for one in known]),
        retired=np.array([np.nan if day is None else day for day in left], dtype=np.float64),
    )


def work(session: Session, actor: Actor, known: Sequence[Known], origin: date, zone: str) -> Work:
    """Return the hours each machine worked in each month before the origin, as far as its hour meter tells.

    The life curve is taken at the beginning of each of the last months and of every quarter before, with straight lines
    between; what was worked before the first display was fitted is spread evenly from the day of commissioning on.
    """
    rows = {one.id: row for row, one in enumerate(known)}
    query = select(Meter.id, Meter.machine_id).where(Meter.kind == MeterKind.HOURS)
    found = session.execute(query.where(visibility.sees_machine(actor, Meter.machine_id)))
    meters = {meter: rows[machine] for meter, machine in found if machine in rows}
    first = _first_month(known, origin)
    back = [*range(MONTHLY), *range(MONTHLY, months.between(first, origin) + 1, 3)]
    moments = sorted(months.begins_at(months.plus(origin, -step), zone).astimezone(UTC) for step in back)
    curves = sampling.sampled(session, dict.fromkeys(meters, MeterKind.HOURS), moments)
    starts = [months.plus(first, step) for step in range(months.between(first, origin) + 1)]
    grid = np.array([micros(months.begins_at(month, zone)) for month in starts], dtype=np.float64)
    worked = np.full((len(known), len(grid) - 1), np.nan)
    life = np.full(len(known), np.nan)
    for meter, points in curves.items():
        seen = [point for point in points if point.at <= grid[-1]]
        if seen:
            row = meters[meter]
            worked[row], life[row] = _along(known[row], seen, grid)
    owner, month = np.nonzero(np.isfinite(worked))
    usage = Usage(owner, month_number(first) + month, worked[owner, month])
    return Work(usage, life, _per_day(worked, np.diff(grid)))


def _first_month(known: Sequence[Known], origin: date) -> date:
    begun = min((months.month_of(one.commissioned) for one in known), default=origin)
    return max(begun, months.plus(origin, -12 * YEARS))


def _along(one: Known, points: Sequence[Point], grid: Array) -> tuple[Array, float]:
    """Hours within each month of the grid, NaN where the curve does not tell, and the life at its end."""
    at, life = [float(point.at) for point in points], [point.life / 1000 for point in points]
    begun = float(micros(datetime.combine(one.commissioned, datetime.min.time(), UTC)))
    if begun < at[0]:
        at, life = [begun, *at], [0.0, *life]
    gain = np.maximum(np.diff(np.interp(grid, at, life)), 0.0)
    known_part = np.minimum(grid[1:], at[-1]) - np.maximum(grid[:-1], at[0])
    covered = np.clip(known_part / np.diff(grid), 0.0, 1.0)
    # a few days of a month say little of the whole month
    hours = np.where(covered >= LEAST_SHARE, gain / np.maximum(covered, LEAST_SHARE), np.nan)
    return hours, float(life[-1])


def _per_day(worked: Array, widths: Array) -> Array:
    """Mean hours a day over the last twelve months that are known of each machine."""
    days = widths / 86_400e6
    counted = np.isfinite(worked)
    newest = np.cumsum(counted[:, ::-1], axis=1)[:, ::-1] <= 12
    taken = counted & newest
    total = np.where(taken, worked, 0.0).sum(axis=1)
    span = np.where(taken, days, 0.0).sum(axis=1)
    return np.asarray(np.where(span > 0, total / np.maximum(span, 1e-9), np.nan))
