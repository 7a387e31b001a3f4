"""Past runs scored once the months they spoke of have passed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from aftersales.access import Actor
from aftersales.models import ForecastLine, ForecastRun, ForecastScore
from aftersales.planning import history
from aftersales.planning.history import History
from aftersales.planning.rules import months
from aftersales.planning.rules.scoring import Promise, actuals, judge


@dataclass(frozen=True)
class Scored:
    """A score to keep: the columns of :class:`ForecastScore` save the moment."""

    values: dict[str, Any]


def due(session: Session, actor: Actor, known: History) -> list[Scored]:
    """Return scores of every earlier run of the organisation for which another month has arrived.

    :param known: the demand history up to now.
    """
    query = (
        select(ForecastRun)
        .where(ForecastRun.organization_id == actor.organization, ForecastRun.origin < known.origin)
        .order_by(ForecastRun.id)
    )
    found = []
    for run in session.scalars(query):
        arrived = min(months.between(run.origin, known.origin), run.horizon)
        done = exists().where(ForecastScore.run_id == run.id, ForecastScore.months == arrived)
        if arrived >= 1 and not session.scalar(select(done)):
            found.append(_scored(session, run, known, arrived))
    return found


def _scored(session: Session, run: ForecastRun, known: History, arrived: int) -> Scored:
    query = select(ForecastLine).where(ForecastLine.run_id == run.id).order_by(ForecastLine.id)
    kept = list(session.scalars(query))
    names = [f"{probability:g}" for probability in run.settings["quantiles"]]
    promise = Promise(
        history=np.array([_floats(line.history["demand"]) for line in kept]),
        mean=np.array([_floats(line.mean[:arrived]) for line in kept]),
        quantiles=np.array([[_floats(line.quantiles[name][:arrived]) for name in names] for line in kept]).transpose(
            0, 2, 1
        ),
        probabilities=tuple(run.settings["quantiles"]),
    )
    # Parts superseded since are judged as the run saw them: by what was superseded when it was made.
    panel = history.carried(session, known, run.origin)
    came = actuals(panel, [str(line.part_id) for line in kept], months.label(run.origin), arrived)
    verdicts = [asdict(verdict) for verdict in judge(promise, came)]
    parts = int((~np.isnan(came)).any(axis=1).sum())
    return Scored({"run_id": run.id, "months": arrived, "parts": parts, "verdicts": verdicts})


def _floats(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else float(value) for value in values]
