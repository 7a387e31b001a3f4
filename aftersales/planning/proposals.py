"""Reorder proposals: the newest run's lead-time demand against what is in stock now."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aftersales.access import Actor, Permission, require
from aftersales.models import Balance, ForecastLine, ForecastRun, Location, Part, StockPolicy
from aftersales.planning import queries
from aftersales.planning.adopted import in_force
from aftersales.planning.rules.stocking import Proposed, StockLine, propose
from aftersales.purchasing import queries as purchasing
from aftersales.vocabulary import REAL_LOCATIONS, Condition, LocationKind

USABLE = (Condition.NEW, Condition.SECOND_CATEGORY)


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A part, what is in stock of it, and what to order."""

    part: Part
    run_id: int
    on_hand: Decimal
    reserved: Decimal
    on_order: Decimal
    lead_time_months: int
    lead_time_mean: Decimal
    proposed: Proposed


def proposals(
    session: Session,
    actor: Actor,
    *,
    only_to_order: bool = False,
    text: str = "",
    part_ids: Sequence[int] | None = None,
    after: object = None,
    limit: int | None = 50,
) -> list[ProposalView]:
    """Return proposals from the newest run of the actor's organisation, by part number; none without a run.

    :param only_to_order: leave out what need not be ordered.
    :param text: pieces of the part's number or name, in any case.
    :param after: the part id of the last proposal of the page before.
    :param limit: ``None`` for all, for an export.
    """
    require(actor, Permission.FORECAST_READ)
    run = queries.newest_run(session, actor)
    if run is None:
        return []
    last = None if after is None else session.get(Part, queries.number_of(after))
    found = []
    for view in _all(session, actor, run, part_ids):
        if only_to_order and view.proposed.quantity <= 0:
            continue
        if not all(word in f"{view.part.number} {view.part.name}".casefold() for word in text.casefold().split()):
            continue
        if last is not None and (view.part.number, view.part.id) <= (last.number, last.id):
            continue
        found.append(view)
    found.sort(key=lambda view: (view.part.number, view.part.id))
    return found if limit is None else found[:limit]


def of_part(session: Session, actor: Actor, part_id: int) -> ProposalView | None:
    """Return the proposal for one part, if the newest run holds it."""
    found = proposals(session, actor, part_ids=[part_id])
    return found[0] if found else None


def _all(session: Session, actor: Actor, run: ForecastRun, part_ids: Sequence[int] | None) -> list[ProposalView]:
    query = (
        select(Part, ForecastLine.lead_time_periods, ForecastLine.lead_time_mean, ForecastLine.lead_time_quantiles)
        .join(ForecastLine, ForecastLine.part_id == Part.id)
        .where(ForecastLine.run_id == run.id, Part.ended_at.is_(None))
    )
    if part_ids is not None:
        query = query.where(Part.id.in_(part_ids))
    rows = session.execute(query).all()
    stock = stock_of(session, actor)
    nothing = (Decimal(0), Decimal(0))
    policy = in_force(session, actor)[1]
    coming = purchasing.on_order(session, actor)
    names = [f"{probability:g}" for probability in run.settings["quantiles"]]
    wanted = [
        StockLine(
            quantiles={name: quantiles[name] for name in names},
            months=int(months),
            criticality=part.criticality,
            whole_units=part.whole_units,
            minimum=part.minimum_quantity,
            multiple=part.multiple,
            on_hand=stock.get(part.id, nothing)[0],
            reserved=stock.get(part.id, nothing)[1],
            on_order=coming.get(part.id, nothing[0]),
            adopted=_levels(policy.get(part.id)),
        )
        for part, months, mean, quantiles in rows
    ]
    return [
        ProposalView(part, run.id, line.on_hand, line.reserved, line.on_order, line.months, mean, proposed)
        for (part, _, mean, _), line, proposed in zip(rows, wanted, propose(wanted), strict=True)
    ]


def _levels(line: StockPolicy | None) -> tuple[Decimal, Decimal] | None:
    return None if line is None else (line.reorder_point, line.stock)


def stock_of(session: Session, actor: Actor) -> dict[int, tuple[Decimal, Decimal]]:
    """Return what is on hand and reserved, usable, over all places of the organisation but quarantine, by part."""
    query = (
        select(Balance.part_id, func.sum(Balance.on_hand), func.sum(Balance.reserved))
        .join(Location, Location.id == Balance.location_id)
        .where(Location.organization_id == actor.organization, Balance.condition.in_(USABLE))
        .where(Location.kind.in_(REAL_LOCATIONS - {LocationKind.QUARANTINE}))
        .group_by(Balance.part_id)
    )
    return {part: (on_hand, reserved) for part, on_hand, reserved in session.execute(query)}
