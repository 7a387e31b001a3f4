"""Where every part stands for a plan: stock, demand to come, open orders, lead times, lots and what is to be left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import select

from aftersales.errors import RuleBroken
from aftersales.models import ForecastLine, Organization, Part
from aftersales.planning.rules import months
from aftersales.planning.supply import catalogue
from aftersales.planning.supply.catalogue import Catalogue
from aftersales.purchasing import queries as purchasing
from aftersales.translate import N_
from aftersales.work import Work
from forecasting.arrays import Array
from forecasting.production.netting import Position, planning_lead_time

SURE = 0.9
"""Share of deliveries that are there in time with the lead time planned with, where past deliveries are known."""


@dataclass(frozen=True, eq=False)
class Standing:
    """The parts of a plan in the order of its rows, the month it begins in, and the position of all."""

    known: Catalogue
    parts: Sequence[Part]
    origin: date
    position: Position


def today(work: Work) -> date:
    """Return the calendar day where the actor's organisation is."""
    zone = work.session.get_one(Organization, work.actor.organization).time_zone
    return work.now.astimezone(ZoneInfo(zone)).date()


def read(work: Work, count: int) -> Standing:
    """Return where every part stands.

    What is set aside is part of the demand expected in the first month, and counts where it is more. An order that is
    late counts in the first month.

    :param count: months to plan, at most those of the forecast from now on.
    :raises RuleBroken: ``no_forecast``, ``nothing_to_plan``, ``forecast_too_old``.
    """
    known = catalogue.read(work.session, work.actor)
    now = today(work)
    origin = max(known.run.origin, months.month_of(now))
    skipped = months.between(known.run.origin, origin)
    count = min(count, known.run.horizon - skipped)
    if count < 1:
        raise RuleBroken(N_("The newest forecast has run out; make a new one"), code="forecast_too_old")
    query = select(ForecastLine.part_id, ForecastLine.mean).where(ForecastLine.run_id == known.run.id)
    means = {row.part_id: row.mean for row in work.session.execute(query)}
    demand = np.array([means[part.id][skipped : skipped + count] for part in known.parts], dtype=np.float64)
    demand[:, 0] = np.maximum(demand[:, 0], known.reserved)
    position = Position(
        demand=demand,
        on_hand=known.on_hand,
        receipts=_receipts(work, known.parts, origin, count, now),
        lead_time=_lead_times(work, known.parts),
        safety=_safety(known),
        minimum=_column(known.parts, "minimum_quantity"),
        multiple=_column(known.parts, "multiple"),
    )
    return Standing(known, known.parts, origin, position)


def _column(parts: Sequence[Part], name: str) -> Array:
    return np.array([float(getattr(part, name)) for part in parts], dtype=np.float64)


def _receipts(work: Work, parts: Sequence[Part], origin: date, count: int, now: date) -> Array:
    row = {part.id: place for place, part in enumerate(parts)}
    receipts = np.zeros((len(parts), count))
    for one in purchasing.incoming(work.session, work.actor, now, with_drafts=True):
        period = max(months.between(origin, months.month_of(one.expected_on)), 0)
        if one.part_id in row and period < count:
            receipts[row[one.part_id], period] += float(one.quantity)
    return receipts


def _lead_times(work: Work, parts: Sequence[Part]) -> "np.ndarray[tuple[int, ...], np.dtype[np.int64]]":
    """Whole months: what nine of ten past deliveries kept, else what the catalogue says."""
    mean = np.array([ceil(part.lead_time_days / months.DAYS_IN_MONTH) for part in parts], dtype=np.float64)
    deviation = np.zeros(len(parts))
    row = {part.id: place for place, part in enumerate(parts)}
    for view in purchasing.lead_times(work.session, work.actor, part_ids=list(row)):
        if view.lead_time.count > 1:
            mean[row[view.part_id]] = view.lead_time.mean / months.DAYS_IN_MONTH
            deviation[row[view.part_id]] = view.lead_time.deviation / months.DAYS_IN_MONTH
    return planning_lead_time(mean, deviation, SURE)


def _safety(known: Catalogue) -> Array:
    """Stock that should be left: what the order point of the policy in force holds beyond lead-time demand."""
    kept = (known.today > 0) & known.stocked
    return np.asarray(np.where(kept, np.maximum(np.ceil(known.point + 1 - known.mean - 1e-9), 0.0), 0.0))
