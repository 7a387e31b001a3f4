"""Demand by part and month: what was recorded, what was imported, and months in which nobody knows.

Imported demand of a part and month stands for that month: it is a total kept elsewhere, and what was recorded here of
the same month describes the same events. Several imported sources of one month (two stores, say) are added.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor
from aftersales.errors import RuleBroken
from aftersales.models import DemandGap, DemandRecord, Machine, Organization, Part, Position, StockMove
from aftersales.parts import queries as parts
from aftersales.planning import traces
from aftersales.planning.rules import months
from aftersales.planning.rules.counting import Traces, count_once
from aftersales.translate import N_
from aftersales.vocabulary import Role
from forecasting.demand import DemandPanel, carry_over
from forecasting.events import panel_from_records
from forecasting.periods import PeriodIndex

SILENCE = 6
"""Months without any record of any part after which the records, not the demand, are taken to have ended."""
NEVER = date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class PartFacts:
    """What the forecast needs of a part."""

    id: int
    created: date
    ended: date | None
    lead_time_days: int


@dataclass(frozen=True, eq=False)
class History:
    """The demand history of one catalogue up to, not including, ``origin``.

    :param panel: by part id as text and month, before supersession is carried over.
    :param pieces: part, source, pieces in all: where the numbers come from.
    :param records: the needs that were counted: part, at (local time), quantity, source, machine, order.
    :param traces: what they were counted from.
    """

    organization_id: int
    origin: date
    panel: DemandPanel
    pieces: pd.DataFrame
    facts: Mapping[int, PartFacts]
    records: pd.DataFrame
    traces: Traces
    zone: str

    def sources(self, part_id: int) -> dict[str, float]:
        """Return the pieces of a part by source; returns are below zero."""
        mine = self.pieces[self.pieces["part"] == part_id]
        return {str(source): float(pieces) for source, pieces in zip(mine["source"], mine["pieces"], strict=True)}


def planner_of(organization_id: int) -> Actor:
    """Return an actor that sees what the organisation sees; the system itself would see everybody's."""
    return Actor(organization_id=organization_id, role=Role.PLANNER, name="planning")


def read(session: Session, organization_id: int, now: datetime, origin: date | None = None) -> History:
    """Return the demand history of an organisation's catalogue.

    :param origin: first month to forecast, nothing of it or later is read; found by :func:`months.origin_of` else.
    :raises RuleBroken: ``no_history`` when no demand is known at all before the origin.
    """
    actor = planner_of(organization_id)
    zone = session.get_one(Organization, organization_id).time_zone
    current = months.month_of(_local(pd.Series([now]), zone).iloc[0].date())
    end = min(origin or current, current)
    limit = months.begins_at(end, zone)
    found = traces.read(session, actor, limit)
    records, imported = count_once(found), _imported(session, organization_id, end)
    moments = _local(_moments(found, _moves(session, organization_id, limit)), zone)
    first, last = (moments.min().date(), moments.max().date()) if len(moments) else (None, None)
    last_imported = imported["period"].max() if len(imported) else None
    begin = origin or months.origin_of(current, last, last_imported, SILENCE)
    starts = [months.month_of(first)] if first else []
    starts += [imported["period"].min()] if len(imported) else []
    if not starts or min(starts) >= begin or not (len(records) or len(imported)):
        message = N_(
            "There is no demand history before %(month)s yet: no issues, replacements, failures or imported demand"
        )
        raise RuleBroken(message, code="no_history", month=months.label(begin))
    records["at"] = _local(records["at"], zone)
    facts = _facts(session, organization_id)
    panel = panel_from_records(
        records.assign(part_id=records["part"].map(lambda part: str(int(part)))),
        periods=PeriodIndex.between(months.label(min(starts)), months.label(months.plus(begin, -1))),
        part_ids=[str(part) for part in facts],
        outages=[(month, month) for month in _gaps(session, organization_id)],
        known_since=_known_since(facts, found, records, first, _first_machines(session, actor)),
    )
    whole, pieces = _with_imported(panel, imported), _pieces(records, imported, begin)
    return History(organization_id, begin, whole, pieces, facts, records, found, zone)


def carried(session: Session, history: History, on: date) -> DemandPanel:
    """Return the panel with the demand of superseded parts carried to those ordered on a day; ended parts leave it."""
    replaced = parts.successors(session, history.organization_id, on)
    successor = {str(old): str(new.part_id) for old, new in replaced.items()}
    ratio = {str(old): float(new.ratio) for old, new in replaced.items()}
    panel = carry_over(history.panel, successor, ratio)
    ended = {str(part.id) for part in history.facts.values() if part.ended is not None and part.ended <= on}
    rows = [row for row, part in enumerate(panel.part_ids.tolist()) if part not in ended]
    return panel.select(np.array(rows, dtype=np.int64))


def predecessors(session: Session, organization_id: int, on: date) -> dict[int, dict[int, float]]:
    """Return, for each part ordered on a day, the parts whose demand it carries and how many of it stand for one."""
    found: dict[int, dict[int, float]] = {}
    for old, new in parts.successors(session, organization_id, on).items():
        found.setdefault(new.part_id, {})[old] = float(new.ratio)
    return found


def _local(at: "pd.Series[Any]", zone: str) -> "pd.Series[Any]":
    return pd.Series(pd.DatetimeIndex(pd.to_datetime(at, utc=True)).tz_convert(zone), index=at.index)


def _facts(session: Session, organization_id: int) -> dict[int, PartFacts]:
    query = (
        select(Part.id, Part.created_at, Part.ended_at, Part.lead_time_days)
        .where(Part.organization_id == organization_id)
        .order_by(Part.id)
    )
    rows = session.execute(query).all()
    return {
        part: PartFacts(part, created.date(), ended.date() if ended else None, lead)
        for part, created, ended, lead in rows
    }


def _moves(session: Session, organization_id: int, until: datetime) -> list[datetime]:
    """The first and last move of any kind in the organisation's stores: from the first on its ledger is kept."""
    query = select(func.min(StockMove.at), func.max(StockMove.at)).where(
        StockMove.organization_id == organization_id, StockMove.at < until
    )
    return [moment for moment in session.execute(query).one() if moment is not None]


def _moments(found: Traces, moves: list[datetime]) -> "pd.Series[Any]":
    """When anything was recorded. That a unit is in a machine tells nothing: it may have been put there long before."""
    removed = pd.to_datetime(found.stays["until"].dropna(), utc=True)
    frames = [each for each in (found.issues["at"], removed, found.failures["at"]) if len(each)]
    frames += [pd.to_datetime(pd.Series(moves), utc=True)] if moves else []
    return pd.concat(frames) if frames else pd.Series([], dtype="datetime64[us, UTC]")


def _known_since(
    facts: Mapping[int, PartFacts],
    found: Traces,
    records: pd.DataFrame,
    first: date | None,
    first_machines: list[tuple[int, date]],
) -> dict[str, str]:
    """The month from which each part could be demanded: its first trace, the first machine it is in, or its creation.

    Never before the organisation's records begin.

    :param first: the day the records begin; without one nothing but imported demand is known.
    """
    since = {part.id: months.month_of(part.created) for part in facts.values()}
    own = found.stays[found.stays["own"].astype(bool)]
    for frame in (records, own):
        for part, at in zip(frame["part"], frame["at"], strict=True):
            since[int(part)] = min(since[int(part)], months.month_of(at.date()))
    for part, day in first_machines:
        since[part] = min(since[part], months.month_of(day))
    floor = months.month_of(first) if first else NEVER
    return {str(part): months.label(max(month, floor)) for part, month in since.items()}


def _first_machines(session: Session, actor: Actor) -> list[tuple[int, date]]:
    """Each part of ours and the day the first machine of a model with a position for it was commissioned."""
    query = (
        select(Part.id, func.min(Machine.commissioned_on))
        .join(Position, Position.part_id == Part.id)
        .join(Machine, Machine.model_id == Position.model_id)
        .where(Part.organization_id == actor.organization, Machine.commissioned_on.is_not(None))
        .where(visibility.sees_machine(actor, Machine.id))
        .group_by(Part.id)
    )
    return [(part, day) for part, day in session.execute(query) if day is not None]


def _gaps(session: Session, organization_id: int) -> list[str]:
    query = select(DemandGap.period).where(DemandGap.organization_id == organization_id).order_by(DemandGap.period)
    return [months.label(month) for month in session.scalars(query)]


def _imported(session: Session, organization_id: int, before: date) -> pd.DataFrame:
    query = (
        select(DemandRecord.part_id, DemandRecord.period, DemandRecord.quantity, DemandRecord.source)
        .join(Part, Part.id == DemandRecord.part_id)
        .where(Part.organization_id == organization_id, DemandRecord.period < before)
        .order_by(DemandRecord.id)
    )
    rows = [
        (part, months.month_of(period), quantity, source) for part, period, quantity, source in session.execute(query)
    ]
    frame = pd.DataFrame(rows, columns=["part", "period", "quantity", "source"])
    frame["quantity"] = frame["quantity"].astype(float)
    return frame


def _with_imported(panel: DemandPanel, imported: pd.DataFrame) -> DemandPanel:
    """The panel with imported months in place of recorded ones; a month a source does not know is missing."""
    if not len(imported):
        return panel
    demand = panel.demand.copy()
    rows = {part: row for row, part in enumerate(panel.part_ids.tolist())}
    total: dict[tuple[int, date], float] = {}
    for part, month, quantity in zip(imported["part"], imported["period"], imported["quantity"], strict=True):
        total[part, month] = total.get((part, month), 0.0) + float(quantity)
    for (part, month), quantity in total.items():
        column = panel.periods.position(months.label(month))
        if 0 <= column < panel.periods.count:
            demand[rows[str(part)], column] = max(quantity, 0.0) if np.isfinite(quantity) else np.nan
    return DemandPanel(panel.part_ids, panel.periods, demand, returns=panel.returns)


def _pieces(records: pd.DataFrame, imported: pd.DataFrame, before: date) -> pd.DataFrame:
    """Pieces by part and source, each month counted from where the panel took it."""
    taken = set(zip(imported["part"], imported["period"], strict=True))
    mine = records.assign(period=[months.month_of(at.date()) for at in records["at"]])
    keep = [
        (part, period) not in taken and period < before
        for part, period in zip(mine["part"], mine["period"], strict=True)
    ]
    frames = [mine[["part", "source", "quantity"]][np.array(keep, dtype=np.bool_)]] if len(mine) else []
    if len(imported):
        frames.append(
            imported[["part", "source", "quantity"]].assign(source="imported: " + imported["source"].astype(str))
        )
    if not frames:
        return pd.DataFrame({"part": [], "source": [], "pieces": []})
    together = pd.concat(frames).rename(columns={"quantity": "pieces"})
    summed: pd.DataFrame = together.groupby(["part", "source"], as_index=False)[["pieces"]].sum()
    return summed
