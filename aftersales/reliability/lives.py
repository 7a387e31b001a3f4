"""How long components live, and how failures of machines add up over their hours."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import Component, FailureRecord, Installation, Machine, MachineModel, Meter, Part
from aftersales.reliability.rules import LifeFit, fit_of, thinned
from aftersales.usage import loading
from aftersales.usage.rules import Point, life, micros
from aftersales.vocabulary import MeterKind, RemovalReason
from forecasting.installed_base.life import fit_weibull, mean_cumulative_function

EVER = datetime(1970, 1, 1, tzinfo=UTC)
LEAST_HOURS = 0.01
MOST_PARTS = 30
MOST_POINTS = 120
Life = tuple[float, float, bool]
"""Age when observation began and when it ended, hours, and whether it ended by failure."""


@dataclass(frozen=True, slots=True)
class ComponentLives:
    """How a part lives in machines: units seen and the Weibull life fitted to them."""

    part_id: int
    part_number: str
    part_name: str
    units: int
    fit: LifeFit


@dataclass(frozen=True, slots=True)
class Cumulative:
    """Mean number of failures of a machine of a model up to each age in operating hours, at a few points."""

    model: str
    machines: int
    failures: int
    points: tuple[tuple[float, float], ...]


def lives(session: Session, actor: Actor, until: datetime, *, model_id: int | None = None) -> list[ComponentLives]:
    """Return the lives of the parts that failed, those with most failures first.

    Only machines whose whole history the actor sees count: of others the beginnings of lives would be missing.

    :param until: what was removed later is still running then.
    """
    require(actor, Permission.REGISTRY_READ)
    query = (
        select(Installation, Component.part_id, Component.hours_brought, Part.number, Part.name)
        .join(Component, Component.id == Installation.component_id)
        .join(Part, Part.id == Component.part_id)
        .join(Machine, Machine.id == Installation.machine_id)
        .where(*_whole(actor, model_id), visibility.sees_part(actor), Installation.valid_from < until)
        .order_by(Installation.component_id, Installation.valid_from)
    )
    rows = session.execute(query).all()
    now = _hours_now(session, _whole(actor, model_id), until)
    found: dict[int, list[Life]] = defaultdict(list)
    names: dict[int, tuple[str, str]] = {}
    units: dict[int, set[int]] = defaultdict(set)
    age: dict[int, float] = {}
    for stay, part, brought, number, name in rows:
        begun = age.get(stay.component_id, float(brought))
        out = stay.valid_to is not None and stay.valid_to < until
        end = stay.meter_out if out else now.get(stay.machine_id)
        worked = max(float(end) - float(stay.meter_in), 0.0) if end is not None else 0.0
        age[stay.component_id] = begun + worked
        names[part] = (number, name)
        units[part].add(stay.component_id)
        if worked >= LEAST_HOURS:
            failed = out and stay.removal_reason is RemovalReason.FAILURE
            found[part].append((begun, begun + worked, failed))
    fits = _fitted(found)
    ordered = sorted(fits, key=lambda part: (-fits[part].failures, names[part]))[:MOST_PARTS]
    return [ComponentLives(part, *names[part], len(units[part]), fits[part]) for part in ordered]


def cumulative(session: Session, actor: Actor, until: datetime, *, model_id: int | None = None) -> list[Cumulative]:
    """Return the mean cumulative function of failures by model (Nelson, Recurrent Events Data Analysis, 2003)."""
    require(actor, Permission.REGISTRY_READ)
    query = (
        select(Machine.id, MachineModel.name, Meter.id)
        .join(MachineModel, MachineModel.id == Machine.model_id)
        .join(Meter, Meter.machine_id == Machine.id)
        .where(*_whole(actor, model_id), Meter.kind == MeterKind.HOURS)
        .order_by(Machine.id)
    )
    machines = session.execute(query).all()
    curves = _curves(session, [meter for _, _, meter in machines])
    ends: dict[str, list[float]] = defaultdict(list)
    events: dict[str, list[float]] = defaultdict(list)
    failed = _failed(session, actor, {machine for machine, _, _ in machines}, until)
    for machine, model, meter in machines:
        points = curves.get(meter, ())
        end = life.life_on(points, micros(until)) if points else None
        if end is None or end <= 0:
            continue
        ends[model].append(end / 1000)
        ages = [life.life_on(points, micros(at)) for at in failed.get(machine, ())]
        events[model] += [min(age, end) / 1000 for age in ages if age is not None]
    return [_function(model, ends[model], events[model]) for model in sorted(ends)]


def _whole(actor: Actor, model_id: int | None) -> list[ColumnElement[bool]]:
    conditions = [visibility.sees_since(actor, Machine.id, EVER)]
    return conditions if model_id is None else [*conditions, Machine.model_id == model_id]


def _hours_now(session: Session, whole: Sequence[ColumnElement[bool]], until: datetime) -> dict[int, float]:
    query = select(Meter.id, Meter.machine_id).join(Machine, Machine.id == Meter.machine_id)
    rows = session.execute(query.where(Meter.kind == MeterKind.HOURS, *whole))
    owners = {row.id: row.machine_id for row in rows}
    found = {}
    for meter, points in _curves(session, list(owners)).items():
        value = life.life_on(points, micros(until)) if points else None
        if value is not None:
            found[owners[meter]] = value / 1000
    return found


def _curves(session: Session, meters: Sequence[int]) -> Mapping[int, Sequence[Point]]:
    ledgers = loading.ledgers(session, dict.fromkeys(meters, MeterKind.HOURS))
    return {meter: life.curve(one.hours, one.segments, one.readings) for meter, one in ledgers.items()}


def _failed(session: Session, actor: Actor, machines: set[int], until: datetime) -> dict[int, list[datetime]]:
    query = select(FailureRecord.machine_id, FailureRecord.at).where(
        FailureRecord.at < until, visibility.sees_dated(actor, FailureRecord.machine_id, FailureRecord.at)
    )
    found: dict[int, list[datetime]] = defaultdict(list)
    for machine, at in session.execute(query):
        if machine in machines:
            found[machine].append(at)
    return found


def _fitted(found: Mapping[int, Sequence[Life]]) -> dict[int, LifeFit]:
    """Fit all parts at once; those without a failure have no life to tell."""
    parts = [part for part, rows in found.items() if any(failed for _, _, failed in rows)]
    if not parts:
        return {}
    group = np.concatenate([np.full(len(found[part]), at, dtype=np.int64) for at, part in enumerate(parts)])
    rows = np.array([row for part in parts for row in found[part]], dtype=np.float64)
    fit = fit_weibull(rows[:, 1], rows[:, 2] > 0, entry=rows[:, 0], group=group)
    return {
        part: fit_of(float(fit.shape[at]), float(fit.scale[at]), int(fit.failures[at]), float(fit.exposure[at]))
        for at, part in enumerate(parts)
    }


def _function(model: str, ends: Sequence[float], events: Sequence[float]) -> Cumulative:
    found = mean_cumulative_function(np.array(sorted(events)), np.array(ends))
    points = [(0.0, 0.0), *zip(found.age.tolist(), found.mean.tolist(), strict=True)]
    return Cumulative(model, len(ends), len(events), tuple(thinned(points, MOST_POINTS)))
