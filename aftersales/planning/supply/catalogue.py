"""What stock is planned from: the newest forecast, the parts, what is decided about them and what is in stock."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from aftersales.access import Actor
from aftersales.errors import RuleBroken
from aftersales.models import ForecastLine, ForecastRun, Part, PartDecision, StockPolicy, StockPolicySet
from aftersales.planning import proposals, queries
from aftersales.planning.adopted import in_force
from aftersales.planning.rules.stocking import SERVICE
from aftersales.planning.supply.rules.spread import requests, variance_of
from aftersales.translate import N_
from aftersales.vocabulary import Criticality
from forecasting.arrays import Array
from forecasting.stock.classes import WEIGHTS
from forecasting.stock.demands import Demands, order_quantity
from forecasting.stock.policy import at_service


class LeftOut(StrEnum):
    """Why a part is not weighed against the others."""

    NO_PRICE = "no_price"
    OTHER_CURRENCY = "other_currency"
    NOT_FORECAST = "not_forecast"


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The parts weighed against one another; all arrays have shape (parts,), money in ``currency``, time in months.

    :param months: lead time. ``mean`` and ``variance``: of lead-time demand, pieces.
    :param rate: pieces a month. ``requests``: the same, pieces asked for together counted once.
    :param price: what a piece costs us.
    :param stocked: False where it was decided not to keep the part.
    :param today: order-up-to level that the rule in force amounts to. ``point``: its reorder point, −1 = not kept.
    :param left_out: parts that cannot be weighed, and why.
    """

    run: ForecastRun
    parts: Sequence[Part]
    currency: str
    months: Array
    mean: Array
    variance: Array
    rate: Array
    requests: Array
    price: Array
    stocked: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]"
    on_hand: Array
    reserved: Array
    today: Array
    point: Array
    left_out: Sequence[tuple[Part, LeftOut]]
    in_force: StockPolicySet | None

    def demands(self, floors: Mapping[Criticality, Decimal]) -> Demands:
        """Return the same as the allocation wants it: requests are counted, those for vital parts more than others.

        :param floors: fill rate that every part asked for at least once a year has at least, by its criticality.
        """
        return Demands(
            price=self.price,
            rate=self.requests,
            mean=self.mean,
            variance=self.variance,
            quantity=self.quantity,
            weight=np.array([WEIGHTS[part.criticality.value] for part in self.parts]) / self.batch,
            stocked=self.stocked,
            floor=np.where(self.requests * 12 >= 1, [float(floors[part.criticality]) for part in self.parts], 0.0),
        )

    @property
    def batch(self) -> Array:
        """Pieces in a request."""
        return np.where(self.requests > 0, self.rate / np.maximum(self.requests, 1e-300), 1.0)

    @property
    def quantity(self) -> Array:
        """Least order in whole pieces."""
        return _lots(self.parts)


def read(session: Session, actor: Actor) -> Catalogue:
    """Return what stock is planned from.

    :raises RuleBroken: ``no_forecast`` before the first forecast, ``nothing_to_plan`` when no part has a price.
    """
    run = queries.newest_run(session, actor)
    if run is None:
        raise RuleBroken(N_("There is no forecast yet; stock is planned from one"), code="no_forecast")
    query = (
        select(Part, ForecastLine.lead_time_periods, ForecastLine.lead_time_mean, ForecastLine.lead_time_quantiles)
        .join(ForecastLine, ForecastLine.part_id == Part.id)
        .where(ForecastLine.run_id == run.id, Part.ended_at.is_(None), Part.organization_id == actor.organization)
        .order_by(Part.number, Part.id)
    )
    rows = [tuple(row) for row in session.execute(query)]
    currency, kept, left_out = _weighed([row[0] for row in rows])
    if not kept:
        raise RuleBroken(N_("No part with a forecast has a cost or price to plan with"), code="nothing_to_plan")
    rows = [rows[place] for place in kept]
    left_out += [(part, LeftOut.NOT_FORECAST) for part in _not_forecast(session, actor, run.id)]
    names = [f"{probability:g}" for probability in run.settings["quantiles"]]
    quantiles = np.array([[known[name] for name in names] for *_, known in rows], dtype=np.float64)
    mean = np.array([float(row[2]) for row in rows])
    months = np.array([float(row[1]) for row in rows])
    variance = variance_of(mean, quantiles, run.settings["quantiles"])
    parts = [row[0] for row in rows]
    stock = proposals.stock_of(session, actor)
    held = np.array([[float(value) for value in stock.get(part.id, (0, 0))] for part in parts])
    decided = decisions(session, actor)
    policy, lines = in_force(session, actor)
    point, today = _today(parts, quantiles, run.settings["quantiles"], lines)
    return Catalogue(
        run=run,
        parts=parts,
        currency=currency,
        months=months,
        mean=mean,
        variance=variance,
        rate=mean / months,
        requests=requests(mean, variance) / months,
        price=np.array([float(cost_of(part)) for part in parts]),
        stocked=np.array([decided.get(part.id, True) for part in parts], dtype=np.bool_),
        on_hand=held[:, 0],
        reserved=held[:, 1],
        today=today,
        point=point,
        left_out=left_out,
        in_force=policy,
    )


def cost_of(part: Part) -> Decimal:
    """Return what a piece costs us; its price where that is not known."""
    return part.cost or part.price


def decisions(session: Session, actor: Actor) -> dict[int, bool]:
    """Return, for the parts where it was decided, whether they are to be stocked."""
    query = select(PartDecision.part_id, PartDecision.stocked).where(PartDecision.stocked.is_not(None))
    query = query.where(PartDecision.organization_id == actor.organization).order_by(PartDecision.id)
    return {row.part_id: bool(row.stocked) for row in session.execute(query)}


def _not_forecast(session: Session, actor: Actor, run_id: int) -> list[Part]:
    known = select(ForecastLine.part_id).where(ForecastLine.run_id == run_id)
    query = select(Part).where(Part.organization_id == actor.organization, Part.ended_at.is_(None))
    return list(session.scalars(query.where(Part.id.not_in(known)).order_by(Part.number)))


def _weighed(parts: Sequence[Part]) -> tuple[str, list[int], list[tuple[Part, LeftOut]]]:
    """The commonest currency, the rows of parts priced in it, and the others."""
    counted = Counter(part.currency for part in parts if cost_of(part) > 0)
    currency = min(counted, key=lambda name: (-counted[name], name)) if counted else ""
    kept, left_out = [], []
    for place, part in enumerate(parts):
        if cost_of(part) <= 0:
            left_out.append((part, LeftOut.NO_PRICE))
        elif part.currency != currency:
            left_out.append((part, LeftOut.OTHER_CURRENCY))
        else:
            kept.append(place)
    return currency, kept, left_out


def _lots(parts: Sequence[Part]) -> Array:
    least, pack = (
        np.array([float(getattr(part, name)) for part in parts], dtype=np.float64)
        for name in ("minimum_quantity", "multiple")
    )
    return order_quantity(least, pack)


def _today(
    parts: Sequence[Part], quantiles: Array, probabilities: Sequence[float], lines: Mapping[int, StockPolicy]
) -> tuple[Array, Array]:
    """Reorder point and order-up-to level by the policy in force, else by the service of the criticality.

    The rule of thumb orders once the position is below its point, at least a lot: that is a level of point − 1 + lot.
    """
    wanted = np.array([SERVICE[part.criticality] for part in parts])
    point = np.ceil(at_service(quantiles, probabilities, wanted) - 1e-9)
    stock = np.where(point > 0, point - 1 + _lots(parts), 0.0)
    below = np.where(point > 0, point - 1, -1.0)
    for place, part in enumerate(parts):
        if (line := lines.get(part.id)) is not None:
            stock[place], below[place] = float(line.stock), float(line.reorder_point)
    return below, stock
