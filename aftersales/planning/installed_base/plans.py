"""The fleet plan: machines of each model to be sold or retired by month, as its planners entered it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from aftersales.access import Actor
from aftersales.models import FleetPlanEntry, MachineModel
from aftersales.planning.installed_base.machines import Known, month_number
from aftersales.planning.rules import months
from forecasting.installed_base.fleet import SalesPlan

SALE, RETIREMENT = "sale", "retirement"
KINDS = (SALE, RETIREMENT)


@dataclass(frozen=True, slots=True)
class Planned:
    """Machines of a model to be sold or retired in a month."""

    kind: str
    model_id: int
    model: str
    month: date
    machines: int


def standing(session: Session, actor: Actor, until: datetime | None = None) -> list[Planned]:
    """Return what stands of the fleet plan of the actor's organisation: the newest entry of each model and month.

    :param until: as it stood at this moment; ``None`` for now.
    """
    mine = FleetPlanEntry.organization_id == actor.organization
    newest = select(func.max(FleetPlanEntry.id)).where(mine)
    if until is not None:
        newest = newest.where(FleetPlanEntry.entered_at <= until)
    newest = newest.group_by(FleetPlanEntry.kind, FleetPlanEntry.model_id, FleetPlanEntry.month)
    query = (
        select(FleetPlanEntry, MachineModel.code)
        .join(MachineModel, MachineModel.id == FleetPlanEntry.model_id)
        .where(FleetPlanEntry.id.in_(newest), FleetPlanEntry.machines > 0)
        .order_by(FleetPlanEntry.month, MachineModel.code, FleetPlanEntry.kind)
    )
    return [Planned(row.kind, row.model_id, code, row.month, row.machines) for row, code in session.execute(query)]


def sales(plan: Sequence[Planned]) -> SalesPlan:
    """Return the machines to be sold as the forecast takes them; those of past months serve its back-test."""
    rows = [one for one in plan if one.kind == SALE]
    return SalesPlan(
        model=np.array([one.model for one in rows], dtype=np.str_),
        period=np.array([month_number(one.month) for one in rows], dtype=np.int64),
        machines=np.array([float(one.machines) for one in rows], dtype=np.float64),
    )


def retirements(plan: Sequence[Planned], known: Sequence[Known], origin: date) -> dict[int, float]:
    """Return the day each machine is planned to retire: of a model the longest at work goes first, in mid-month."""
    waiting: dict[int, list[Known]] = {}
    for one in sorted(known, key=lambda one: (one.commissioned, one.id)):
        if one.left is None:
            waiting.setdefault(one.model_id, []).append(one)
    found: dict[int, float] = {}
    for row in plan:
        if row.kind == RETIREMENT and row.month >= origin:
            leaving = waiting.get(row.model_id, [])[: row.machines]
            waiting[row.model_id] = waiting.get(row.model_id, [])[row.machines :]
            day = float(row.month.toordinal()) + months.DAYS_IN_MONTH / 2
            found |= {one.id: day for one in leaving}
    return found
