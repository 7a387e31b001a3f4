"""The stock policy: its workbench, its adoption, and what is decided about single parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.errors import Invalid
from aftersales.models import Location, Organization, Part, PartDecision, StockPolicy, StockPolicySet
from aftersales.parts.service import own_part
from aftersales.planning.rules.stocking import exact
from aftersales.planning.service import code_version
from aftersales.planning.supply import catalogue, criticality
from aftersales.planning.supply.catalogue import Catalogue
from aftersales.planning.supply.rules.choosing import FLOORS, WORDS, Weighed, Why, weigh
from aftersales.translate import N_, Translator
from aftersales.vocabulary import REAL_LOCATIONS, Criticality
from aftersales.work import Work

POINTS = 200
"""Points of the curve that are shown."""
SHOWN = 60
"""Changes that a page shows; the file has all."""


@dataclass(frozen=True, slots=True)
class PartChange:
    """What a policy does to a part: levels today and chosen, money in the difference, and why.

    :param requests: a month.
    """

    part: Part
    requests: float
    today: float
    stock: float
    reorder_point: float
    order_quantity: float
    fill_rate_today: float
    fill_rate: float
    backorders: float
    unit_cost: float
    money: float
    why: Why
    last: float
    following: float

    @property
    def id(self) -> int:
        """The part's number in the database."""
        return self.part.id

    def said(self, t: Translator) -> str:
        """Say why, with the numbers, in the reader's language."""
        params = {
            "last": t.number(round(self.last, 2)),
            "next": t.number(round(self.following, 2)),
            "money": t.money(Decimal(str(round(self._next_cost(), 2))), self.part.currency),
            "share": t.percent(self.fill_rate),
        }
        return t.gettext(WORDS[self.why], **params)

    def _next_cost(self) -> float:
        """Money of the step that is spoken of: a piece, or the first lot."""
        return self.unit_cost * (self.order_quantity if self.why is Why.NOT_WORTH else 1.0)


@dataclass(frozen=True, eq=False)
class Workbench:
    """Everything to choose a policy by."""

    known: Catalogue
    weighed: Weighed
    changes: list[PartChange]

    @property
    def saved(self) -> float | None:
        """Money less that serves as well as today; ``None`` where it cannot be compared."""
        same = self.weighed.same
        return None if same is None else self.weighed.today.investment - same.investment

    def points(self, most: int = POINTS) -> list[tuple[float, float, float]]:
        """Money, availability and pieces owed along the curve."""
        curve = self.weighed.curve
        at = curve.points(most)
        values = (curve.investment[at], curve.availability[at], curve.owed[at])
        return list(zip(*(value.tolist() for value in values), strict=True))


def workbench(
    session: Session,
    actor: Actor,
    *,
    availability: Decimal | None = None,
    budget: Decimal | None = None,
    floors: Mapping[Criticality, Decimal] = FLOORS,
) -> Workbench:
    """Return the curve, the policy for a target and what it changes part by part, most money first.

    :param availability: share of requests that are to be served at once; 0.95 when nothing is said.
    :param budget: money in stock instead.
    :param floors: share of its own requests that each part serves at least, by criticality.
    :raises Invalid: for a target that cannot be met, or two of them.
    :raises RuleBroken: ``no_forecast``, ``nothing_to_plan``.
    """
    require(actor, Permission.PLAN_READ)
    return _workbench(catalogue.read(session, actor), availability, budget, floors)


def _workbench(
    known: Catalogue, availability: Decimal | None, budget: Decimal | None, floors: Mapping[Criticality, Decimal]
) -> Workbench:
    if availability is not None and budget is not None:
        message = N_("Give an availability or a budget, not both")
        raise Invalid(message, errors=[{"field": "budget", "message": message}])
    weighed = weigh(
        known.demands(floors),
        known.today,
        known.batch,
        availability=None if availability is None else float(availability),
        budget=None if budget is None else float(budget),
    )
    changes = sorted(_changes(known, weighed), key=lambda change: (-abs(change.money), change.part.number))
    return Workbench(known, weighed, changes)


def _changes(known: Catalogue, weighed: Weighed) -> list[PartChange]:
    chosen, today = weighed.chosen, weighed.today
    columns = (
        known.requests,
        known.today,
        chosen.stock,
        chosen.reorder_point,
        chosen.order_quantity,
        today.fill_rate,
        chosen.fill_rate,
        chosen.expected_backorders,
        known.price,
        (chosen.stock - known.today) * known.price,
        np.array(weighed.why, dtype=object),
        weighed.last,
        weighed.following,
    )
    return [
        PartChange(part, *values)
        for part, *values in zip(known.parts, *(column.tolist() for column in columns), strict=True)
    ]


def adopt(
    work: Work,
    *,
    availability: Decimal | None = None,
    budget: Decimal | None = None,
    note: str = "",
    location_id: int | None = None,
    floors: Mapping[Criticality, Decimal] = FLOORS,
) -> StockPolicySet:
    """Adopt the policy for a target; reorder proposals and plans follow it from now on.

    :param location_id: the store it is kept at; without one it holds for all places together.
    :raises Invalid: for a target that cannot be met.
    :raises NotFound: for a store that is not the organisation's own.
    """
    require(work.actor, Permission.PLAN_MANAGE)
    session, organization = work.session, work.actor.organization
    session.get_one(Organization, organization, with_for_update=True)
    if location_id is not None:
        own = (Location.organization_id == organization, Location.kind.in_(REAL_LOCATIONS))
        visibility.get(session, Location, location_id, *own)
    bench = _workbench(catalogue.read(session, work.actor), availability, budget, floors)
    newest = select(func.max(StockPolicySet.number)).where(StockPolicySet.organization_id == organization)
    made = StockPolicySet(
        organization_id=organization,
        number=(session.scalar(newest) or 0) + 1,
        forecast_run_id=bench.known.run.id,
        adopted_at=work.now,
        actor_id=work.actor.user_id,
        note=note,
        target=_target(availability, budget) | {name.value: str(share) for name, share in floors.items()},
        summary=summary(bench),
        code_version=code_version(),
    )
    session.add(made)
    session.flush()
    session.execute(insert(StockPolicy), [_row(made.id, location_id, change) for change in bench.changes])
    return made


def _target(availability: Decimal | None, budget: Decimal | None) -> dict[str, Any]:
    if budget is not None:
        return {"budget": str(budget)}
    return {"availability": str(availability if availability is not None else Decimal("0.95"))}


def _row(set_id: int, location_id: int | None, change: PartChange) -> dict[str, Any]:
    return {
        "set_id": set_id,
        "part_id": change.part.id,
        "location_id": location_id,
        "stock": exact(change.stock),
        "reorder_point": exact(change.reorder_point),
        "order_quantity": exact(change.order_quantity),
        "unit_cost": catalogue.cost_of(change.part),
        "fill_rate": Decimal(str(round(change.fill_rate, 6))),
        "expected_backorders": Decimal(str(round(change.backorders, 6))),
    }


def summary(bench: Workbench) -> dict[str, Any]:
    """Return what a policy comes to, beside today's and rules of thumb; kept with it."""
    weighed = bench.weighed
    return {
        "currency": bench.known.currency,
        "parts": len(bench.known.parts),
        "kept": int((weighed.chosen.stock > 0).sum()),
        "left_out": len(bench.known.left_out),
        "investment": _money(weighed.chosen.investment),
        "availability": round(weighed.chosen.availability, 6),
        "waiting": round(weighed.waiting(weighed.chosen), 6),
        "today": {
            "investment": _money(weighed.today.investment),
            "availability": round(weighed.today.availability, 6),
            "waiting": round(weighed.waiting(weighed.today), 6),
        },
        "saved_as_good_as_today": None if bench.saved is None else _money(bench.saved),
        "rules_at_the_same_availability": {
            name: None if value is None else _money(value) for name, value in weighed.money.items()
        },
    }


def _money(value: float) -> str:
    return f"{value:.2f}"


def decide(
    work: Work, part_id: int, *, reason: str, criticality_set: Criticality | None = None, stocked: bool | None = None
) -> PartDecision:
    """Set a part's criticality by hand, or whether it is to be stocked, with the reason.

    :raises NotFound: for a part of somebody else.
    :raises Invalid: when nothing is decided, or no reason is given.
    """
    require(work.actor, Permission.PLAN_MANAGE)
    part = own_part(work, part_id)
    if criticality_set is None and stocked is None:
        message = N_("Say which criticality, or whether to stock it")
        raise Invalid(message, errors=[{"field": "criticality", "message": message}])
    if not reason.strip():
        message = N_("Say why")
        raise Invalid(message, errors=[{"field": "reason", "message": message}])
    proposed = criticality.proposals(work.session, work.actor, [part]).get(part.id)
    row = PartDecision(
        organization_id=work.actor.organization,
        part_id=part.id,
        criticality=criticality_set,
        proposed=proposed.criticality.value if proposed else None,
        stocked=stocked,
        reason=reason.strip(),
        decided_at=work.now,
        actor_id=work.actor.user_id,
    )
    work.session.add(row)
    if criticality_set is not None:
        part.criticality = criticality_set
    work.session.flush()
    return row


def explained(bench: Workbench, t: Translator) -> Mapping[int, str]:
    """Say for every part why it is kept so."""
    return {change.part.id: change.said(t) for change in bench.changes}
