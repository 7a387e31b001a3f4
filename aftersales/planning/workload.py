"""Repairs and working hours to expect month by month, from the same forecast as the parts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor
from aftersales.models import FailureRecord, TimeEntry, WorkOrder
from aftersales.planning.causal import Causal
from aftersales.planning.installed_base.building import Base
from aftersales.vocabulary import OrderKind, OrderState
from forecasting.arrays import Array

LOOKED_BACK = timedelta(days=730)
BELIEF = 5.0
"""Repairs of one part that the mean of all repairs is worth."""
PLAIN_HOURS = 4.0
"""Hours of a repair where none was ever timed."""
SHOWN_PARTS = 20


@dataclass(frozen=True, eq=False)
class Experience:
    """What repairs took lately.

    :param hours: working hours of a repair by part id.
    :param usual: hours of any repair.
    :param others: repairs a month that needed none of the parts that are forecast from machines.
    :param other_hours: hours of one of those.
    :param own_share: share of the closed orders that the organisation did itself.
    """

    hours: dict[int, float]
    usual: float
    others: float
    other_hours: float
    own_share: float


def experience(session: Session, actor: Actor, parts: set[int], until: datetime) -> Experience:
    """Return what repairs took in the two years before a moment, on all machines as the organisation saw them."""
    orders = _orders(session, actor, until)
    if not len(orders):
        return Experience({}, PLAIN_HOURS, 0.0, PLAIN_HOURS, 1.0)
    own_share = float((orders["organization"] == actor.organization).mean())
    repairs = orders[orders["kind"] == OrderKind.REPAIR.value]
    timed = repairs[repairs["hours"] > 0]
    usual = float(timed["hours"].mean()) if len(timed) else PLAIN_HOURS
    failed = _failed(session, actor, until)
    mended = timed.merge(failed[failed["part"].isin(parts)], on="order")
    grouped = mended.groupby("part")["hours"].agg(["sum", "count"])
    # a few repairs say little: the usual time is worth some of them
    hours = (grouped["sum"] + BELIEF * usual) / (grouped["count"] + BELIEF)
    known = set(failed.loc[failed["part"].isin(parts), "order"])
    rest = repairs[~repairs["order"].isin(known)]
    months = max((until - orders["at"].min()) / timedelta(days=1) / 30.4375, 1.0)
    rest_hours = rest.loc[rest["hours"] > 0, "hours"]
    return Experience(
        {int(str(part)): float(value) for part, value in hours.items()},
        usual,
        len(rest) / float(months),
        float(rest_hours.mean()) if len(rest_hours) else usual,
        own_share,
    )


def expected(base: Base, causal: Causal, mean: Array, seen: Experience) -> dict[str, Any]:
    """Return repairs, services and their hours by month, and the parts that cause most of them.

    A repair is a unit needed that no service plans: the forecast less its planned work, of parts whose units are
    followed in machines. Hours vary as the number of repairs does (Poisson).

    :param mean: the forecast as it is kept, shape (parts of the panel, months).
    """
    horizon = mean.shape[1]
    ids = [int(part) for part in base.fleet.parts.tolist()]
    each = np.array([seen.hours.get(part, seen.usual) for part in ids])
    planned = causal.forecast.planned[:, :horizon] * base.unit[:, None]
    by_part = np.maximum(mean[base.rows] - planned, 0.0) * base.followed[:, None]
    hours = (by_part * each[:, None]).sum(axis=0)
    others = np.full(horizon, seen.others)
    spread = np.sqrt((by_part * np.square(each)[:, None]).sum(axis=0) + others * seen.other_hours**2)
    summed = by_part.sum(axis=1)
    most = [at for at in np.argsort(-summed * each, kind="stable")[:SHOWN_PARTS].tolist() if summed[at] > 0]
    services, service_hours = base.services[:horizon], base.service_hours[:horizon]
    return {
        "repairs": _plain(by_part.sum(axis=0)),
        "other_repairs": _plain(others),
        "services": _plain(services),
        "repair_hours": _plain(hours),
        "other_hours": _plain(others * seen.other_hours),
        "service_hours": _plain(service_hours),
        "hours": _plain(hours + others * seen.other_hours + service_hours),
        "hours_deviation": _plain(spread),
        "own_share": round(seen.own_share, 4),
        "parts": [
            {
                "part_id": ids[at],
                "repairs": round(float(summed[at]), 3),
                "hours": round(float(summed[at] * each[at]), 2),
                "hours_each": round(float(each[at]), 2),
            }
            for at in most
        ],
    }


def _orders(session: Session, actor: Actor, until: datetime) -> pd.DataFrame:
    """Closed orders with the hours worked on them."""
    seen = or_(
        WorkOrder.organization_id == actor.organization,
        visibility.sees_dated(actor, WorkOrder.machine_id, WorkOrder.opened_at),
    )
    query = (
        select(WorkOrder.id, WorkOrder.organization_id, WorkOrder.kind, WorkOrder.opened_at)
        .add_columns(TimeEntry.started_at, TimeEntry.ended_at)
        .outerjoin(TimeEntry, (TimeEntry.work_order_id == WorkOrder.id) & (TimeEntry.kind == "work"))
        .where(WorkOrder.state == OrderState.CLOSED, WorkOrder.opened_at >= until - LOOKED_BACK, seen)
        .where(WorkOrder.opened_at < until)
    )
    columns = ["order", "organization", "kind", "at", "started", "ended"]
    rows = pd.DataFrame([tuple(row) for row in session.execute(query)], columns=columns)
    if not len(rows):
        return rows.assign(hours=0.0)
    rows["kind"] = rows["kind"].astype(str)
    worked = pd.to_datetime(rows["ended"], utc=True) - pd.to_datetime(rows["started"], utc=True)
    rows["hours"] = (worked / pd.Timedelta(hours=1)).fillna(0.0).clip(lower=0.0)
    first = rows.groupby("order", as_index=False)[["organization", "kind", "at"]].first()
    return first.merge(rows.groupby("order", as_index=False)[["hours"]].sum(), on="order")


def _failed(session: Session, actor: Actor, until: datetime) -> pd.DataFrame:
    """Which parts failed that each order mended."""
    query = (
        select(FailureRecord.work_order_id, FailureRecord.part_id)
        .where(FailureRecord.work_order_id.is_not(None), FailureRecord.part_id.is_not(None))
        .where(FailureRecord.at >= until - LOOKED_BACK, FailureRecord.at < until)
        .where(visibility.sees_dated(actor, FailureRecord.machine_id, FailureRecord.at))
    )
    rows = [tuple(row) for row in session.execute(query)]
    return pd.DataFrame(rows, columns=["order", "part"]).drop_duplicates()


def _plain(values: Array) -> list[float]:
    return [round(float(value), 4) for value in values]
