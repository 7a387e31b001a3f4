"""Stock ahead: what every part is expected to have at each month's end, within which band, and what asks for a look."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from aftersales.access import Permission, require
from aftersales.models import Alternate, Part, StockMove
from aftersales.planning.queries import number_of
from aftersales.planning.rules import months
from aftersales.planning.supply import position
from aftersales.planning.supply.catalogue import cost_of
from aftersales.planning.supply.position import Standing
from aftersales.purchasing import queries as purchasing
from aftersales.translate import N_, Translator
from aftersales.work import Work
from forecasting.arrays import Array
from forecasting.production.projection import Alert, Alerts, Projection, Watch, alerts, project

LONGEST = 60
RISK = 0.1
"""Probability of running out from which on it is told."""
LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9
WORDS = {
    Alert.RUNS_OUT: N_("Runs out before more can come in %(share)s of cases"),
    Alert.OVERSTOCK: N_("%(excess)s more than all months ahead need in 99 of 100 cases; %(money)s are bound in it"),
    Alert.NO_MOVEMENT: N_("In stock, but has not moved for a year or more"),
    Alert.LATE_ORDER: N_("An order is late"),
    Alert.CHEAPER_SUBSTITUTE: N_("A part that serves as well costs %(saving)s less"),
}


@dataclass(frozen=True, slots=True)
class MonthAhead:
    """Stock at a month's end, below zero owed: expected, and what it lies between in 80 of 100 cases."""

    month: date
    expected: float
    low: float
    high: float
    runs_out: float


@dataclass(frozen=True, slots=True)
class StockAhead:
    """A part's stock ahead.

    :param risk: probability that it runs out before more can come: before the next receipt, or within the lead time
        where an order placed now would come sooner.
    """

    part: Part
    on_hand: float
    next_receipt: date | None
    months: tuple[MonthAhead, ...]
    raised: tuple[Alert, ...]
    risk: float
    excess: float
    bound: float
    saving: float

    @property
    def id(self) -> int:
        """The part's number in the database."""
        return self.part.id

    def said(self, t: Translator) -> list[str]:
        """Say what asks for a look, in the reader's language."""
        currency = self.part.currency
        params = {
            "share": t.percent(self.risk),
            "excess": t.number(round(self.excess)),
            "money": f"{t.number(round(self.bound))} {currency}",
            "saving": f"{t.number(round(self.saving, 2))} {currency}",
        }
        return [t.gettext(WORDS[alert], **params) for alert in self.raised]


def stock_ahead(
    work: Work, *, horizon: int = 12, only_alerts: bool = False, after: object = None, limit: int | None = 50
) -> list[StockAhead]:
    """Return the stock ahead of all parts with a forecast and a cost, by their number in the database.

    Demand spreads in each month as it does over the lead time; what is set aside is certain.

    :param only_alerts: those that ask for a look.
    :raises RuleBroken: ``no_forecast``, ``nothing_to_plan``, ``forecast_too_old``.
    """
    require(work.actor, Permission.PLAN_READ)
    standing = position.read(work, min(horizon, LONGEST))
    mean, certain = _demand(standing)
    ratio = standing.known.variance / np.maximum(standing.known.mean, 1e-300)
    variance = mean * np.maximum(ratio, 1.0)[:, None]
    found = project(
        on_hand=standing.position.on_hand,
        receipts=standing.position.receipts,
        mean=mean,
        variance=variance,
        reserved=certain,
        probabilities=(LOW, MIDDLE, HIGH),
    )
    raised = alerts(found, _watch(work, standing), mean=mean, variance=variance)
    risk = _risk(standing, found)
    raised = replace(raised, raised=raised.raised | {Alert.RUNS_OUT: risk >= RISK}, risk=risk)
    views = [_view(standing, found, raised, row) for row in range(len(standing.parts))]
    last = -1 if after is None else number_of(after)
    kept = sorted(
        (view for view in views if view.id > last and (view.raised or not only_alerts)), key=lambda view: view.id
    )
    return kept if limit is None else kept[:limit]


def _risk(standing: Standing, found: Projection) -> Array:
    """Probability of running out before the next receipt or before an order placed now would come."""
    rows, periods = np.arange(len(standing.parts)), found.expected.shape[1]
    lead = np.clip(standing.position.lead_time, 1, periods)
    return np.asarray(np.where(found.next_receipt < lead, found.before_receipt, found.runs_out[rows, lead - 1]))


def _demand(standing: Standing) -> tuple[Array, Array]:
    """Demand beyond what is set aside, and what is set aside, due in the first month."""
    certain = np.zeros_like(standing.position.demand)
    certain[:, 0] = standing.known.reserved
    return np.maximum(standing.position.demand - certain, 0.0), certain


def _watch(work: Work, standing: Standing) -> Watch:
    row = {part.id: place for place, part in enumerate(standing.parts)}
    now, count = position.today(work), len(row)
    idle, overdue, substitute = np.zeros(count), np.zeros(count), np.full(count, np.nan)
    moved = select(StockMove.part_id, func.max(StockMove.at)).group_by(StockMove.part_id)
    for part, at in work.session.execute(moved.where(StockMove.organization_id == work.actor.organization)):
        if part in row:
            idle[row[part]] = (now - at.date()).days / months.DAYS_IN_MONTH
    for one in purchasing.incoming(work.session, work.actor, now):
        if one.is_late and one.part_id in row:
            overdue[row[one.part_id]] += float(one.quantity)
    for part, cost in _alternates(work, standing.parts):
        substitute[row[part]] = np.fmin(substitute[row[part]], cost)
    return Watch(
        on_hand=standing.position.on_hand, idle=idle, overdue=overdue, price=standing.known.price, substitute=substitute
    )


def _alternates(work: Work, parts: Sequence[Part]) -> list[tuple[int, float]]:
    """Parts with the cost of those of our own catalogue, in the same currency, that serve as well."""
    known = {part.id: part for part in parts}
    other = aliased(Part)
    query = (
        select(Alternate.part_id, other)
        .join(other, other.id == Alternate.alternate_id)
        .where(other.organization_id == work.actor.organization, other.ended_at.is_(None))
    )
    return [
        (part, float(cost_of(instead)))
        for part, instead in work.session.execute(query)
        if part in known and instead.currency == known[part].currency and cost_of(instead) > 0
    ]


def _view(standing: Standing, found: Projection, raised: Alerts, row: int) -> StockAhead:
    periods = found.expected.shape[1]
    following = int(found.next_receipt[row])
    ahead = tuple(
        MonthAhead(
            months.plus(standing.origin, step),
            float(found.expected[row, step]),
            float(found.band[row, step].min()),
            float(found.band[row, step].max()),
            float(found.runs_out[row, step]),
        )
        for step in range(periods)
    )
    return StockAhead(
        part=standing.parts[row],
        on_hand=float(standing.position.on_hand[row]),
        next_receipt=None if following >= periods else months.plus(standing.origin, following),
        months=ahead,
        raised=tuple(alert for alert, flags in raised.raised.items() if flags[row]),
        risk=float(raised.risk[row]),
        excess=float(raised.excess[row]),
        bound=float(raised.bound[row]),
        saving=float(raised.saving[row]),
    )
