"""What came, beside what the newest forecast before it had expected, part by part and month by month."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from aftersales.access import Actor
from aftersales.models import ForecastLine, ForecastOutcome, ForecastRun, Part
from aftersales.planning import history
from aftersales.planning.history import History
from aftersales.planning.rules import months
from aftersales.planning.rules.explaining import share_of
from aftersales.planning.rules.scoring import actuals
from aftersales.planning.rules.tracking import Signals, track
from aftersales.work import Work
from forecasting.demand import DemandPanel

AGAIN = 3
"""Months looked at again with every run, for bookings that came late."""
LOOKED_BACK = 24
MOST_NEEDS = 30
"""Needs kept one by one for a part and month; there may be more of them."""
CHUNK = 200


@dataclass(frozen=True)
class Tracked:
    """Trigg's signal and alarm of each part that has outcomes."""

    parts: Mapping[int, tuple[float, str]]

    def of(self, part: int) -> tuple[Decimal | None, str | None]:
        """Return the signal, rounded, and the alarm of a part."""
        signal, alarm = self.parts.get(part, (np.nan, ""))
        return (Decimal(str(round(signal, 6))) if np.isfinite(signal) else None), alarm or None


def due(session: Session, actor: Actor, known: History) -> list[dict[str, Any]]:
    """Return the outcomes to keep: of months passed since the last one kept, and of the last months again.

    :param known: the demand history up to now.
    """
    first = _first_month(session, actor, known.origin)
    wanted = [months.plus(first, step) for step in range(months.between(first, known.origin))]
    standing = _standing(session, actor, wanted)
    needs = _needs(session, known, set(standing))
    found = []
    for run in {run.id: run for run in standing.values()}.values():
        panel = history.carried(session, known, run.origin)
        mine = sorted(month for month, its in standing.items() if its.id == run.id)
        found += _of_run(session, run, panel, mine, needs)
    return found


def _first_month(session: Session, actor: Actor, origin: date) -> date:
    query = select(func.max(ForecastOutcome.month)).join(Part, Part.id == ForecastOutcome.part_id)
    last = session.scalar(query.where(Part.organization_id == actor.organization))
    again, earliest = months.plus(origin, -AGAIN), months.plus(origin, -LOOKED_BACK)
    return earliest if last is None else max(earliest, min(again, months.plus(last, 1)))


def _standing(session: Session, actor: Actor, wanted: Sequence[date]) -> dict[date, ForecastRun]:
    """The run that stood for each month: the one that begins last before it."""
    if not wanted:
        return {}
    query = (
        select(ForecastRun)
        .where(ForecastRun.organization_id == actor.organization, ForecastRun.origin <= wanted[-1])
        .order_by(ForecastRun.origin.desc(), ForecastRun.id.desc())
    )
    runs, found = list(session.scalars(query)), dict[date, ForecastRun]()
    for month in wanted:
        fitting = (run for run in runs if run.origin <= month < months.plus(run.origin, run.horizon))
        run = next(fitting, None)
        if run is not None:
            found[month] = run
    return found


def _of_run(
    session: Session, run: ForecastRun, panel: DemandPanel, mine: Sequence[date], needs: "Needs"
) -> list[dict[str, Any]]:
    kept = list(session.scalars(select(ForecastLine).where(ForecastLine.run_id == run.id).order_by(ForecastLine.id)))
    names = [str(line.part_id) for line in kept]
    found = []
    for month in mine:
        step = months.between(run.origin, month)
        came = actuals(panel, names, months.label(months.plus(month, -1)), 2)
        for line, (before, actual) in zip(kept, came.tolist(), strict=True):
            if np.isfinite(actual):
                found.append(_row(run, line, month, step, actual, before, needs))
    return found


def _row(
    run: ForecastRun, line: ForecastLine, month: date, step: int, actual: float, before: float, needs: "Needs"
) -> dict[str, Any]:
    pieces = share_of(line.explanation, line.mean)
    parts = [line.part_id, *line.history.get("carried_from", [])]
    came = [need for part in parts for need in needs.get((part, month), ())]
    return {
        "part_id": line.part_id,
        "month": month,
        "run_id": run.id,
        "expected": _exact(line.mean[step], 6),
        "upper": _exact(line.quantiles["0.95"][step], 6),
        "last": _exact(before, 6) if np.isfinite(before) else None,
        "actual": _exact(actual, 3),
        "explanation": {name: values[step] for name, values in pieces.items()},
        "came": sorted(came, key=lambda need: str(need["at"]))[:MOST_NEEDS],
    }


def _exact(value: float, places: int) -> Decimal:
    return Decimal(str(round(float(value), places) + 0.0))


Needs = Mapping[tuple[int, date], list[dict[str, Any]]]


def _needs(session: Session, known: History, wanted: set[date]) -> Needs:
    """The needs of some months one by one, by part and month; those of imported totals are not known one by one."""
    found: dict[tuple[int, date], list[dict[str, Any]]] = defaultdict(list)
    records = known.records
    for part, at, quantity, source, machine, order in zip(
        *(records[name] for name in ("part", "at", "quantity", "source", "machine", "order")), strict=True
    ):
        month = months.month_of(at.date())
        if month in wanted:
            found[int(part), month].append(
                {
                    "at": at.isoformat(),
                    "quantity": float(quantity),
                    "source": source,
                    "machine_id": None if pd.isna(machine) else int(machine),
                    "order_id": None if pd.isna(order) else int(order),
                }
            )
    return found


def keep(work: Work, rows: Sequence[dict[str, Any]]) -> None:
    """Keep outcomes; one that is kept already follows the bookings that came since."""
    dialect = postgresql if work.session.get_bind().dialect.name == "postgresql" else sqlite
    for start in range(0, len(rows), CHUNK):
        statement = dialect.insert(ForecastOutcome).values(list(rows[start : start + CHUNK]))
        changed = {name: statement.excluded[name] for name in rows[0] if name not in {"part_id", "month"}}
        work.session.execute(statement.on_conflict_do_update(index_elements=["part_id", "month"], set_=changed))


def tracked(session: Session, actor: Actor, origin: date) -> Tracked:
    """Return Trigg's signal of every part over the outcomes of the last two years."""
    first = months.plus(origin, -LOOKED_BACK)
    query = (
        select(ForecastOutcome.part_id, ForecastOutcome.month)
        .add_columns(ForecastOutcome.actual, ForecastOutcome.expected, ForecastOutcome.upper)
        .join(Part, Part.id == ForecastOutcome.part_id)
        .where(Part.organization_id == actor.organization, ForecastOutcome.month >= first)
        .where(ForecastOutcome.month < origin)
    )
    rows = session.execute(query).all()
    parts = sorted({row[0] for row in rows})
    place = {part: column for column, part in enumerate(parts)}
    values = np.full((3, LOOKED_BACK, len(parts)), np.nan)
    for part, month, *numbers in rows:
        values[:, months.between(first, month), place[part]] = [float(number) for number in numbers]
    found: Signals = track(values[0], values[1], values[2])
    return Tracked({part: (float(found.signal[at]), str(found.alarm[at])) for part, at in place.items()})
