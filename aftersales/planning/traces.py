"""What the database holds of an organisation's parts in the field: stock issues, stays in machines, failures.

Read set-wise and as a user of that organisation would see it: its own moves, and what happened on machines it is a
party of, whoever did the work. Nothing of other organisations' machines or stock comes in.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from aftersales import visibility
from aftersales.access import Actor
from aftersales.models import Component, FailureRecord, Installation, Location, Part, StockMove, WorkOrder
from aftersales.planning.rules.counting import Traces
from aftersales.vocabulary import Condition, LocationKind, MoveKind, OrderState

USABLE = (Condition.NEW, Condition.SECOND_CATEGORY)
STAY = (
    *("part", "owner", "component", "serial", "machine", "position", "slot", "at", "until", "reason", "order"),
    *("meter_in", "meter_out", "brought"),
)


def read(session: Session, actor: Actor, until: datetime) -> Traces:
    """Return what was recorded of the actor's organisation's parts before a moment.

    :param actor: an actor of the organisation, never the system: what it sees is counted.
    """
    stays = _frame(session, _stays(actor, until), STAY)
    issues = _frame(session, _issues(actor, until), ("part", "at", "quantity", "kind", "order", "machine", "serial"))
    failures = _frame(session, _failures(actor, until), ("part", "at", "machine", "order", "state"))
    pieces = issues["quantity"].astype(float)
    issues["quantity"] = pieces.where(issues["kind"] == MoveKind.ISSUE, -pieces)
    stays["own"] = stays["owner"] == actor.organization
    failures["closed"] = failures["state"] == OrderState.CLOSED
    return Traces(issues, stays, failures)


def _issues(actor: Actor, until: datetime) -> Select[*tuple[Any, ...]]:
    """Issues to customers, and unused parts that came back from them."""
    origin, target = aliased(Location), aliased(Location)
    out = and_(StockMove.kind == MoveKind.ISSUE, target.kind == LocationKind.CUSTOMER)
    back = and_(
        StockMove.kind == MoveKind.RETURN, origin.kind == LocationKind.CUSTOMER, StockMove.condition.in_(USABLE)
    )
    on_seen_machine = and_(
        WorkOrder.machine_id.is_not(None), visibility.sees_dated(actor, WorkOrder.machine_id, StockMove.at)
    )
    return (
        select(
            StockMove.part_id,
            StockMove.at,
            StockMove.quantity,
            StockMove.kind,
            StockMove.work_order_id,
            WorkOrder.machine_id,
            StockMove.serial_number,
        )
        .join(Part, Part.id == StockMove.part_id)
        .join(origin, origin.id == StockMove.from_location_id)
        .join(target, target.id == StockMove.to_location_id)
        .outerjoin(WorkOrder, WorkOrder.id == StockMove.work_order_id)
        .where(Part.organization_id == actor.organization, StockMove.at < until, or_(out, back))
        .where(or_(StockMove.organization_id == actor.organization, on_seen_machine))
        .order_by(StockMove.id)
    )


def _stays(actor: Actor, until: datetime) -> Select[*tuple[Any, ...]]:
    """Stays of all components in the positions where a part of ours was ever put in."""
    ours = (
        select(Installation.position_id)
        .join(Component, Component.id == Installation.component_id)
        .join(Part, Part.id == Component.part_id)
        .where(Part.organization_id == actor.organization)
    )
    return (
        select(
            Component.part_id,
            Part.organization_id,
            Component.id,
            Component.serial_number,
            Installation.machine_id,
            Installation.position_id,
            Installation.slot,
            Installation.valid_from,
            Installation.valid_to,
            Installation.removal_reason,
            Installation.work_order_id,
            Installation.meter_in,
            Installation.meter_out,
            Component.hours_brought,
        )
        .join(Component, Component.id == Installation.component_id)
        .join(Part, Part.id == Component.part_id)
        .where(Installation.valid_from < until, Installation.position_id.in_(ours))
        .where(visibility.sees_dated(actor, Installation.machine_id, Installation.valid_from))
        .order_by(Installation.id)
    )


def _failures(actor: Actor, until: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(
            FailureRecord.part_id,
            FailureRecord.at,
            FailureRecord.machine_id,
            FailureRecord.work_order_id,
            WorkOrder.state,
        )
        .join(Part, Part.id == FailureRecord.part_id)
        .outerjoin(WorkOrder, WorkOrder.id == FailureRecord.work_order_id)
        .where(Part.organization_id == actor.organization, FailureRecord.at < until)
        .where(visibility.sees_dated(actor, FailureRecord.machine_id, FailureRecord.at))
        .order_by(FailureRecord.id)
    )


def _frame(session: Session, query: Select[*tuple[Any, ...]], columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame([tuple(row) for row in session.execute(query)], columns=list(columns))
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    return frame
