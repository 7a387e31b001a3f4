"""Failures against hours worked, by machine and by model."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aftersales.access import Actor, Permission, require
from aftersales.models import FailureRecord, Machine, MachineModel, Meter
from aftersales.reliability.rules import Figures
from aftersales.usage import loading
from aftersales.usage.rules import life
from aftersales.usage.rules.scale import micros
from aftersales.visibility import sees_dated, sees_since
from aftersales.vocabulary import MeterKind


@dataclass(frozen=True, slots=True)
class MachineFigures:
    """The reliability of one machine in a period."""

    machine_id: int
    serial_number: str
    model: str
    figures: Figures


def by_machine(session: Session, actor: Actor, start: datetime, until: datetime) -> list[MachineFigures]:
    """Return the figures of every machine with an hour meter whose whole time from ``start`` on the actor sees.

    Operating hours are the growth of the hour meter's life within the period, up to the last reading: what was worked
    since is not guessed.

    :param until: end of the period, itself not included.
    """
    require(actor, Permission.REGISTRY_READ)
    query = (
        select(Machine.id, Machine.serial_number, MachineModel.name, Meter.id)
        .join(MachineModel, MachineModel.id == Machine.model_id)
        .join(Meter, Meter.machine_id == Machine.id)
        .where(Meter.kind == MeterKind.HOURS, sees_since(actor, Machine.id, start))
        .order_by(Machine.id)
    )
    machines = session.execute(query).all()
    worked = _worked(session, [row[3] for row in machines], start, until)
    failed = _failed(session, actor, start, until)
    return [
        MachineFigures(machine_id, serial, model, Figures(count, worked.get(meter_id, Decimal(0)), down))
        for machine_id, serial, model, meter_id in machines
        for count, down in [failed.get(machine_id, (0, Decimal(0)))]
    ]


def _worked(session: Session, meter_ids: list[int], start: datetime, until: datetime) -> dict[int, Decimal]:
    ledgers = loading.ledgers(session, dict.fromkeys(meter_ids, MeterKind.HOURS))
    worked = {}
    for meter_id, ledger in ledgers.items():
        points = life.curve(ledger.hours, ledger.segments, ledger.readings)
        if points and points[0].at < micros(until):
            before = life.life_on(points, max(micros(start), points[0].at))
            after = life.life_on(points, micros(until))
            worked[meter_id] = Decimal((after or 0) - (before or 0)).scaleb(-3)
    return worked


def _failed(session: Session, actor: Actor, start: datetime, until: datetime) -> dict[int, tuple[int, Decimal]]:
    query = (
        select(FailureRecord.machine_id, func.count(), func.sum(FailureRecord.down_hours))
        .where(
            FailureRecord.at >= start,
            FailureRecord.at < until,
            sees_dated(actor, FailureRecord.machine_id, FailureRecord.at),
        )
        .group_by(FailureRecord.machine_id)
    )
    return {machine_id: (count, down or Decimal(0)) for machine_id, count, down in session.execute(query)}
