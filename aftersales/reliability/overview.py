"""The reliability of a fleet at a glance: figures by model and machine, what fails most, and how long it lives."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from aftersales.access import Actor, Permission, require
from aftersales.models import Machine
from aftersales.reliability import queries
from aftersales.reliability.lives import ComponentLives, Cumulative, cumulative, lives
from aftersales.reliability.pareto import Pareto, pareto
from aftersales.reliability.queries import MachineFigures
from aftersales.reliability.rules import Figures, together

DAYS_IN_MONTH = 30.4375
WORST = 15


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """The reliability of the machines of a model in a period."""

    model: str
    machines: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class Overview:
    """What is known of the reliability of the machines that the asker sees."""

    start: datetime
    until: datetime
    all: Figures
    machines: int
    models: tuple[ModelFigures, ...]
    worst: tuple[MachineFigures, ...]
    pareto: Pareto
    cumulative: tuple[Cumulative, ...]
    lives: tuple[ComponentLives, ...]


def overview(
    session: Session, actor: Actor, now: datetime, *, months: int = 12, model_id: int | None = None
) -> Overview:
    """Return the reliability of machines over the last months; lives and cumulative failures over all their time.

    :param model_id: only machines of this model.
    """
    require(actor, Permission.REGISTRY_READ)
    start = now - timedelta(days=months * DAYS_IN_MONTH)
    rows = queries.by_machine(session, actor, start, now)
    if model_id is not None:
        query = select(Machine.id).where(Machine.model_id == model_id)
        mine = set(session.scalars(query))
        rows = [row for row in rows if row.machine_id in mine]
    worst = sorted(rows, key=lambda row: (-row.figures.failures, -row.figures.down_hours, row.serial_number))
    return Overview(
        start,
        now,
        together([row.figures for row in rows]),
        len(rows),
        tuple(_by_model(rows)),
        tuple(row for row in worst[:WORST] if row.figures.failures),
        pareto(session, actor, start, now, model_id=model_id),
        tuple(cumulative(session, actor, now, model_id=model_id)),
        tuple(lives(session, actor, now, model_id=model_id)),
    )


def _by_model(rows: Iterable[MachineFigures]) -> Iterable[ModelFigures]:
    found: dict[str, list[Figures]] = {}
    for row in rows:
        found.setdefault(row.model, []).append(row.figures)
    for model in sorted(found):
        yield ModelFigures(model, len(found[model]), together(found[model]))
