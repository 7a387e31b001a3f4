"""Reading meters: life now and then, how hard machines work, what their meters will show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import MachineParty, Meter
from aftersales.usage import loading
from aftersales.usage.rules import (
    Point,
    Prediction,
    Utilisation,
    decimal,
    life_on,
    micros,
    moment,
    predict_day,
    predict_life,
    rate_of,
    thousandths,
)
from aftersales.usage.rules.utilisation import BLOCK_DAYS, WINDOW_DAYS, PredictedDay
from aftersales.usage.sampling import sampled
from aftersales.vocabulary import MeterKind


@dataclass(frozen=True, slots=True)
class LatestLife:
    """The latest known life of a machine."""

    at: datetime
    life: Decimal
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class MeterView:
    """A meter with the latest value that the actor sees."""

    id: int
    machine_id: int
    kind: MeterKind
    rolls_over_at: Decimal | None
    latest_at: datetime
    latest_display: Decimal
    latest_life: Decimal
    latest_estimated: bool


def meters(session: Session, actor: Actor, machine_id: int) -> list[MeterView]:
    """Return the meters of a machine the actor sees; who is no party any more sees the values of their time.

    :raises NotFound: for a machine that does not concern the actor.
    """
    require(actor, Permission.USAGE_READ)
    visibility.machine(session, actor, machine_id)
    first, last = seen(session, actor, machine_id)
    found = []
    for meter in session.scalars(select(Meter).where(Meter.machine_id == machine_id).order_by(Meter.id)):
        latest = _latest_of(session, meter, last)
        if latest is not None and (first is None or latest.at >= micros(first)):
            found.append(
                MeterView(
                    meter.id,
                    machine_id,
                    meter.kind,
                    meter.rolls_over_at,
                    moment(latest.at),
                    decimal(latest.display),
                    decimal(latest.life),
                    latest.estimated,
                )
            )
    return found


def _latest_of(session: Session, meter: Meter, last: datetime | None) -> Point | None:
    if last is None or meter.latest_at < last:
        display, life = thousandths(meter.latest_display), thousandths(meter.latest_life)
        return Point(micros(meter.latest_at), display, life, meter.latest_estimated)
    points = loading.ledger(session, meter).points()
    return next((point for point in reversed(points) if point.at < micros(last)), None)


def seen(session: Session, actor: Actor, machine_id: int) -> tuple[datetime | None, datetime | None]:
    """Return from when (included) to when (not included) the actor sees a machine's history; ``None``: no limit."""
    if actor.is_system:
        return None, None
    mine = (MachineParty.machine_id == machine_id) & (MachineParty.organization_id == actor.organization_id)
    parties = session.scalars(select(MachineParty).where(mine)).all()
    current = [party for party in parties if party.valid_to is None]
    if any(party.role in visibility.HISTORY_ROLES for party in current):
        return None, None
    first = min((party.valid_from for party in parties), default=None)
    return first, None if current else max((party.valid_to for party in parties if party.valid_to), default=None)


def meter_of(session: Session, machine_id: int, kind: MeterKind) -> Meter | None:
    """Return a machine's meter of a kind; visibility is the caller's matter."""
    return session.scalar(select(Meter).where(Meter.machine_id == machine_id, Meter.kind == kind))


def life_at(session: Session, machine_id: int, kind: MeterKind, at: datetime) -> Decimal | None:
    """Return the life of a machine at a moment; visibility is the caller's matter.

    Between two readings it is on the straight line between them, after the last one that reading's; ``None`` before
    the meter was fitted, or without one.
    """
    meter = meter_of(session, machine_id, kind)
    if meter is None:
        return None
    if at >= meter.latest_at:
        return meter.latest_life
    life = life_on(loading.ledger(session, meter).points(), micros(at))
    return None if life is None else decimal(life)


def latest_life(session: Session, machine_ids: Iterable[int], kind: MeterKind) -> dict[int, LatestLife]:
    """Return the latest life of each machine that has such a meter; visibility is the caller's matter."""
    found: dict[int, LatestLife] = {}
    columns = (Meter.machine_id, Meter.latest_at, Meter.latest_life, Meter.latest_estimated)
    for some in loading.chunks(machine_ids):
        for machine_id, at, life, estimated in session.execute(
            select(*columns).where(Meter.machine_id.in_(some), Meter.kind == kind)
        ):
            found[machine_id] = LatestLife(at, life, estimated)
    return found


def utilisations(
    session: Session, machine_ids: Iterable[int], kind: MeterKind, on: datetime
) -> Mapping[int, Utilisation]:
    """Return the utilisation of each machine over the 12 months before ``on``, in a handful of selects for all.

    Machines observed for less than a day are left out; visibility is the caller's matter.
    """
    meter_of_machine: dict[int, int] = {}
    for some in loading.chunks(machine_ids):
        rows = session.execute(select(Meter.id, Meter.machine_id).where(Meter.machine_id.in_(some), Meter.kind == kind))
        meter_of_machine.update((row[0], row[1]) for row in rows)
    count = WINDOW_DAYS // BLOCK_DAYS + 1
    edges = [on - timedelta(days=BLOCK_DAYS * back) for back in range(count)] + [on - timedelta(days=WINDOW_DAYS)]
    curves = sampled(session, dict.fromkeys(meter_of_machine, kind), edges)
    found = {
        meter_of_machine[meter_id]: rate_of(points, micros(on), hours=kind is MeterKind.HOURS)
        for meter_id, points in curves.items()
    }
    return {machine_id: rate for machine_id, rate in found.items() if rate is not None}


def utilisation(session: Session, machine_id: int, kind: MeterKind, on: datetime) -> Utilisation | None:
    """Return the utilisation of one machine over the 12 months before ``on``; see :func:`utilisations`."""
    return utilisations(session, [machine_id], kind, on).get(machine_id)


def predicted_life(
    session: Session, machine_id: int, kind: MeterKind, on: datetime, use: Utilisation | None
) -> Prediction | None:
    """Return the life to expect at a moment to come; ``None`` without a meter or a known utilisation."""
    latest = latest_life(session, [machine_id], kind).get(machine_id)
    if latest is None or use is None:
        return None
    return predict_life(latest.life, (on - latest.at) / timedelta(days=1), use)


def predicted_date(
    session: Session, machine_id: int, kind: MeterKind, life: Decimal, use: Utilisation | None
) -> PredictedDay | None:
    """Return the day a life value is to be expected; ``None`` when unknown or farther than ten years."""
    latest = latest_life(session, [machine_id], kind).get(machine_id)
    if latest is None or use is None:
        return None
    return predict_day(latest.life, latest.at.date(), life, use)


def history(session: Session, actor: Actor, machine_id: int, kind: MeterKind, most: int = 1500) -> list[Point]:
    """Return a machine's life curve for drawing, as far as the actor sees it, thinned to about ``most`` points.

    :raises NotFound: for a machine that does not concern the actor.
    """
    require(actor, Permission.USAGE_READ)
    visibility.machine(session, actor, machine_id)
    meter = meter_of(session, machine_id, kind)
    first, last = seen(session, actor, machine_id)
    points = [
        point
        for point in (loading.ledger(session, meter).points() if meter else [])
        if (first is None or point.at >= micros(first)) and (last is None or point.at < micros(last))
    ]
    every = max(1, len(points) // most)
    return [point for index, point in enumerate(points) if index % every == 0 or index == len(points) - 1]
