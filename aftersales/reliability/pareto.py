"""What fails most: failures by model, component and failure mode."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import FailureRecord, Machine, MachineModel, Part
from aftersales.vocabulary import FailureMode

MOST_BARS = 20


@dataclass(frozen=True, slots=True)
class Count:
    """So many failures of a kind, and the hours machines were out of service for them.

    ``part_id`` and ``mode`` are set where the kind is a part or a mode; an empty name means that it is not known, or
    that the part is of a catalogue the asker does not see.
    """

    name: str
    failures: int
    down_hours: Decimal
    part_id: int | None = None
    mode: FailureMode | None = None


@dataclass(frozen=True, slots=True)
class Pareto:
    """Failures by model, component and mode, most first."""

    models: tuple[Count, ...]
    components: tuple[Count, ...]
    modes: tuple[Count, ...]


def pareto(session: Session, actor: Actor, start: datetime, until: datetime, *, model_id: int | None = None) -> Pareto:
    """Return what failed most in a period on machines whose whole time from ``start`` on the actor sees.

    :param until: end of the period, itself not included.
    :param model_id: only machines of this model.
    """
    require(actor, Permission.REGISTRY_READ)
    names = case((visibility.sees_part(actor), Part.number + " " + Part.name), else_="")
    known = case((visibility.sees_part(actor), Part.id), else_=None)
    by_model = _counted(actor, start, until, model_id).add_columns(MachineModel.name).group_by(MachineModel.name)
    by_part = _counted(actor, start, until, model_id).add_columns(names, known)
    by_part = by_part.outerjoin(Part, Part.id == FailureRecord.part_id).group_by(names, known)
    by_mode = _counted(actor, start, until, model_id).add_columns(FailureRecord.mode).group_by(FailureRecord.mode)
    return Pareto(
        _most(Count(name, count, down or Decimal(0)) for count, down, name in session.execute(by_model)),
        _most(
            Count(name or "", count, down or Decimal(0), part_id=part)
            for count, down, name, part in session.execute(by_part)
        ),
        _most(
            Count(mode.value, count, down or Decimal(0), mode=mode) for count, down, mode in session.execute(by_mode)
        ),
    )


def _counted(actor: Actor, start: datetime, until: datetime, model_id: int | None) -> Select[int, Decimal | None]:
    query = (
        select(func.count(FailureRecord.id), func.sum(FailureRecord.down_hours))
        .join(Machine, Machine.id == FailureRecord.machine_id)
        .join(MachineModel, MachineModel.id == Machine.model_id)
        .where(
            and_(
                FailureRecord.at >= start,
                FailureRecord.at < until,
                visibility.sees_since(actor, Machine.id, start),
                visibility.sees_dated(actor, FailureRecord.machine_id, FailureRecord.at),
            )
        )
    )
    return query if model_id is None else query.where(Machine.model_id == model_id)


def _most(counts: Iterable[Count]) -> tuple[Count, ...]:
    rows = list(counts)
    return tuple(sorted(rows, key=lambda row: (-row.failures, row.name))[:MOST_BARS])
