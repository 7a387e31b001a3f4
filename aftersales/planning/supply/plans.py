"""Plan runs: netted and pegged, kept with all they came from, then approved, changed and released as orders."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from aftersales.access import Actor, Permission, require
from aftersales.errors import Invalid, NotFound, RuleBroken
from aftersales.models import Part, PlanLine, PlannedOrder, PlannedOrderStep, PlanRun, SupplyOrder
from aftersales.planning.rules import months
from aftersales.planning.rules.stocking import exact
from aftersales.planning.service import code_version
from aftersales.planning.supply import catalogue, position
from aftersales.planning.supply.position import Standing
from aftersales.purchasing.service.releasing import Wanted, order_parts
from aftersales.translate import N_
from aftersales.vocabulary import SupplyKind
from aftersales.work import Work
from forecasting.errors import SettingsError
from forecasting.production.netting import Plan, Position, net
from forecasting.production.pegging import OWN, Supply, peg
from forecasting.production.structure import Structure

MOST_MONTHS = 60
INPUTS = ("demand", "on_hand", "receipts", "lead_time", "safety", "minimum", "multiple")
NUMBERS = ("gross", "ordered", "begun", "stock")
MOST_ORDERS = 500
"""Planned orders released in one go, at most."""


def run_plan(work: Work, *, horizon: int = 12) -> PlanRun:
    """Plan what to order in each month so that the expected demand is met and the policy's stock is left.

    :param horizon: months, at most those that the newest forecast still holds.
    :raises Invalid: for a horizon outside 1 … 60.
    :raises RuleBroken: ``no_forecast``, ``nothing_to_plan``, ``forecast_too_old``, ``cannot_plan``.
    """
    require(work.actor, Permission.PLAN_MANAGE)
    if not 1 <= horizon <= MOST_MONTHS:
        message = N_("Not between %(low)s and %(high)s")
        errors = [{"field": "horizon", "message": message, "params": {"low": 1, "high": MOST_MONTHS}}]
        raise Invalid(message, errors=errors, low=1, high=MOST_MONTHS)
    standing = position.read(work, horizon)
    try:
        plan = net(standing.position, Structure(names=[part.number for part in standing.parts]))
    except SettingsError as error:
        raise RuleBroken(N_("No plan can be made: %(problem)s"), code="cannot_plan", problem=str(error)) from error
    return _keep(work, standing, plan)


def _keep(work: Work, standing: Standing, plan: Plan) -> PlanRun:
    in_force = standing.known.in_force
    run = PlanRun(
        organization_id=work.actor.organization,
        forecast_run_id=standing.known.run.id,
        policy_id=None if in_force is None else in_force.id,
        created_at=work.now,
        origin=standing.origin,
        months=plan.gross.shape[1],
        summary=_summary(standing, plan),
        code_version=code_version(),
        actor_id=work.actor.user_id,
    )
    work.session.add(run)
    work.session.flush()
    work.session.execute(
        insert(PlanLine), [_line(run.id, part.id, plan, row) for row, part in enumerate(standing.parts)]
    )
    orders = _orders(run, standing, plan)
    if orders:
        work.session.execute(insert(PlannedOrder), orders)
    return run


def _summary(standing: Standing, plan: Plan) -> dict[str, Any]:
    cost = standing.known.price
    return {
        "currency": standing.known.currency,
        "parts": len(standing.parts),
        "orders": int((plan.ordered > 0).sum()),
        "money": [f"{value:.2f}" for value in (cost @ plan.ordered).tolist()],
        "open_orders": [f"{value:.2f}" for value in (cost @ plan.position.receipts).tolist()],
        "stock": [f"{value:.2f}" for value in (cost @ np.maximum(plan.stock, 0.0)).tolist()],
        "short": int((plan.owed[:, -1] > 1e-6).sum()),
        "owed_at_some_time": int((plan.owed > 1e-6).any(axis=1).sum()),
        "left_out": len(standing.known.left_out),
    }


def _line(run_id: int, part_id: int, plan: Plan, row: int) -> dict[str, Any]:
    inputs = {name: np.asarray(getattr(plan.position, name))[row].tolist() for name in INPUTS}
    numbers = {name: np.round(getattr(plan, name)[row], 6).tolist() for name in NUMBERS}
    return {"run_id": run_id, "part_id": part_id, "inputs": inputs, "numbers": numbers}


def _orders(run: PlanRun, standing: Standing, plan: Plan) -> list[dict[str, Any]]:
    pegs = peg(plan)
    served: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for row in np.flatnonzero(pegs.supply == int(Supply.ORDERED)).tolist():
        due = int(pegs.due[row])
        month = months.label(months.plus(run.origin, due)) if pegs.asker[row] == OWN else None
        one = {"month": month, "quantity": round(float(pegs.quantity[row]), 6)}
        served.setdefault((int(pegs.part[row]), int(pegs.comes[row])), []).append(one)
    found = []
    for row, period in zip(*(places.tolist() for places in np.nonzero(plan.ordered)), strict=True):
        part = standing.parts[row]
        begins = period - int(plan.position.lead_time[row])
        found.append(
            {
                "run_id": run.id,
                "part_id": part.id,
                "kind": kind_of(part),
                "begins": months.plus(run.origin, begins),
                "comes": months.plus(run.origin, period),
                "quantity": exact(plan.ordered[row, period]),
                "unit_cost": catalogue.cost_of(part),
                "currency": part.currency,
                "pegs": served.get((row, period), []),
            }
        )
    return found


def kind_of(part: Part) -> SupplyKind:
    """Return how more of a part is had: made here when it is our own and nobody supplies it, else bought."""
    return SupplyKind.PRODUCTION if part.own and part.supplier_id is None else SupplyKind.PURCHASE


def repeated(session: Session, run: PlanRun) -> dict[int, dict[str, Any]]:
    """Net a plan again from its record and return its numbers by part: the same as were kept."""
    lines = list(session.scalars(select(PlanLine).where(PlanLine.run_id == run.id).order_by(PlanLine.id)))
    values: dict[str, Any] = {name: np.array([line.inputs[name] for line in lines]) for name in INPUTS}
    values["lead_time"] = values["lead_time"].astype(np.int64)
    plan = net(Position(**values), Structure(names=[str(line.part_id) for line in lines]))
    return {line.part_id: _line(run.id, line.part_id, plan, row)["numbers"] for row, line in enumerate(lines)}


def change_order(
    work: Work, planned_order_id: int, *, reason: str, quantity: Decimal | None = None, comes: date | None = None
) -> PlannedOrderStep:
    """Change a planned order's quantity or month, or drop it with a quantity of 0, with the reason.

    :raises NotFound: for an order of somebody else's plan.
    :raises RuleBroken: ``released`` when it is an order already.
    """
    require(work.actor, Permission.PLAN_MANAGE)
    row, newest = _order(work, planned_order_id)
    if not reason.strip():
        raise Invalid(N_("Say why"), errors=[{"field": "reason", "message": N_("Say why")}])
    before = row if newest is None else newest
    drops = quantity == 0
    return _step(
        work,
        row,
        "dropped" if drops else "changed",
        quantity=before.quantity if drops or quantity is None else quantity,
        comes=before.comes if comes is None else months.month_of(comes),
        reason=reason.strip(),
    )


def approve(work: Work, run_id: int, planned_order_ids: Sequence[int]) -> list[PlannedOrderStep]:
    """Approve planned orders of a plan; those approved or released already stay as they are, dropped ones dropped.

    :raises NotFound: for a plan of somebody else, or an order of another plan.
    """
    require(work.actor, Permission.PLAN_MANAGE)
    found = []
    for number in _chosen(planned_order_ids):
        row, newest = _order(work, number, released_too=True)
        if row.run_id != run_id:
            raise NotFound(N_("There is no such object, or it does not concern your organisation"))
        if newest is None or newest.action == "changed":
            before = row if newest is None else newest
            found.append(_step(work, row, "approved", quantity=before.quantity, comes=before.comes))
    return found


def release(work: Work, run_id: int) -> list[SupplyOrder]:
    """Turn all approved orders of a plan into draft supply orders, which name the plan they came from.

    :raises NotFound: for a plan of somebody else.
    :raises RuleBroken: ``nothing_approved``; ``supplier_missing`` when a part is bought and names no supplier.
    """
    require(work.actor, Permission.PLAN_MANAGE)
    require(work.actor, Permission.SUPPLY_ORDER)
    run = own_run(work.session, work.actor, run_id)
    steps = newest_steps(work.session, run.id)
    query = select(PlannedOrder).where(PlannedOrder.run_id == run.id).order_by(PlannedOrder.comes, PlannedOrder.id)
    approved = [
        (row, steps[row.id])
        for row in work.session.scalars(query)
        if row.id in steps and steps[row.id].action == "approved"
    ]
    if not approved:
        raise RuleBroken(N_("No planned order is approved and not yet released"), code="nothing_approved")
    made: dict[int, SupplyOrder] = {}
    for row, step in approved[:MOST_ORDERS]:
        wanted = Wanted(
            part_id=row.part_id,
            quantity=step.quantity,
            due_on=max(step.comes, position.today(work)),
            kind=row.kind,
            plan_reference=f"{run.id}/{row.id}",
        )
        (order,) = order_parts(work, [wanted], plan_reference=f"{run.id}")
        made[order.id] = order
        _step(work, row, "released", quantity=step.quantity, comes=step.comes, supply_order_id=order.id)
    return [made[key] for key in sorted(made)]


def own_run(session: Session, actor: Actor, run_id: int) -> PlanRun:
    """Return a plan of the actor's organisation.

    :raises NotFound: when it is none.
    """
    query = select(PlanRun).where(PlanRun.id == run_id, PlanRun.organization_id == actor.organization)
    found = session.scalar(query)
    if found is None:
        raise NotFound(N_("There is no such object, or it does not concern your organisation"))
    return found


def newest_steps(session: Session, run_id: int) -> dict[int, PlannedOrderStep]:
    """Return the newest step of each planned order of a plan that has one."""
    query = (
        select(PlannedOrderStep)
        .join(PlannedOrder, PlannedOrder.id == PlannedOrderStep.planned_order_id)
        .where(PlannedOrder.run_id == run_id)
        .order_by(PlannedOrderStep.id)
    )
    return {step.planned_order_id: step for step in session.scalars(query)}


def _order(
    work: Work, planned_order_id: int, *, released_too: bool = False
) -> tuple[PlannedOrder, PlannedOrderStep | None]:
    query = (
        select(PlannedOrder)
        .join(PlanRun, PlanRun.id == PlannedOrder.run_id)
        .where(PlannedOrder.id == planned_order_id, PlanRun.organization_id == work.actor.organization)
        .with_for_update(of=PlannedOrder)
    )
    row = work.session.scalar(query)
    if row is None:
        raise NotFound(N_("There is no such object, or it does not concern your organisation"))
    steps = select(PlannedOrderStep).where(PlannedOrderStep.planned_order_id == row.id)
    newest = work.session.scalar(steps.order_by(PlannedOrderStep.id.desc()).limit(1))
    if newest is not None and newest.action == "released" and not released_too:
        raise RuleBroken(N_("This planned order was released already"), code="released")
    return row, newest


def _chosen(numbers: Sequence[int]) -> list[int]:
    if not 0 < len(numbers) <= MOST_ORDERS:
        message = N_("Choose 1 to %(most)s planned orders")
        errors = [{"field": "planned_order_ids", "message": message, "params": {"most": MOST_ORDERS}}]
        raise Invalid(message, errors=errors, most=MOST_ORDERS)
    return sorted(set(numbers))


def _step(work: Work, row: PlannedOrder, action: str, **values: Any) -> PlannedOrderStep:
    step = PlannedOrderStep(planned_order_id=row.id, action=action, at=work.now, actor_id=work.actor.user_id, **values)
    work.session.add(step)
    work.session.flush()
    return step
