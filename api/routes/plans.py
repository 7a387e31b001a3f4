"""Plans of supply: made, read, changed, approved and released as orders."""

from typing import Any

from flask import Response

from aftersales.planning.supply import export, plan_queries, plans
from aftersales.planning.supply.plan_queries import PartPlan, PlannedView, PlanView
from aftersales.work import Work
from api.http import Paged, Room, paged
from api.routes.forecasts import XLSX, xlsx_file
from api.schemas.base import NumberPageQuery
from api.schemas.plans import (
    PartPlanAnswer,
    PlanApprovalBody,
    PlanChangeBody,
    PlannedOrderAnswer,
    PlanReleaseAnswer,
    SupplyPlanAnswer,
    SupplyPlanBody,
)

room = Room("plans", __name__, "What to order when, which demand it serves, and its release as orders")


@room.reads("/plans", answer=SupplyPlanAnswer, query=NumberPageQuery, listed=True)
def list_plans(work: Work, query: dict[str, Any]) -> Paged:
    """List your organisation's plans, newest first."""
    rows = plan_queries.plans(work.session, work.actor, after=query["after"], limit=query["limit"] + 1)
    return paged(rows, query["limit"])


@room.writes("POST", "/plans", body=SupplyPlanBody, answer=SupplyPlanAnswer, status=201)
def make_plan(work: Work, body: dict[str, Any]) -> PlanView:
    """Plan what to order in each month from the newest forecast, stock, open orders and the policy in force."""
    return plan_queries.plan(work.session, work.actor, plans.run_plan(work, **body).id)


@room.reads("/plans/<id:plan_id>", answer=SupplyPlanAnswer)
def get_plan(work: Work, plan_id: int) -> PlanView:
    """Show a plan."""
    return plan_queries.plan(work.session, work.actor, plan_id)


@room.reads("/plans/<id:plan_id>/orders", answer=PlannedOrderAnswer, query=NumberPageQuery, listed=True)
def list_planned_orders(work: Work, query: dict[str, Any], plan_id: int) -> Paged:
    """List the planned orders of a plan by when they begin."""
    after, limit = query["after"], query["limit"]
    return paged(plan_queries.planned_orders(work.session, work.actor, plan_id, after=after, limit=limit + 1), limit)


@room.reads("/plans/<id:plan_id>/orders.xlsx", answer=None, media=XLSX)
def export_planned_orders(work: Work, plan_id: int) -> Response:
    """Export the planned orders of a plan as an XLSX workbook."""
    name = f"plan-{plan_id}"
    return xlsx_file(export.plan_sheet(work.session, work.actor, plan_id).xlsx(name), f"{name}.xlsx")


@room.reads("/plans/<id:plan_id>/parts/<id:part_id>", answer=PartPlanAnswer)
def get_part_plan(work: Work, plan_id: int, part_id: int) -> PartPlan:
    """Show a part's plan by month."""
    return plan_queries.part_plan(work.session, work.actor, plan_id, part_id)


@room.writes("POST", "/plans/<id:plan_id>/approvals", body=PlanApprovalBody, answer=SupplyPlanAnswer)
def approve_planned_orders(work: Work, body: dict[str, Any], plan_id: int) -> PlanView:
    """Approve planned orders; those approved, dropped or released already stay as they are."""
    plans.approve(work, plan_id, body["planned_order_ids"])
    return plan_queries.plan(work.session, work.actor, plan_id)


@room.writes("POST", "/plans/<id:plan_id>/release", answer=PlanReleaseAnswer)
def release_plan(work: Work, plan_id: int) -> dict[str, Any]:
    """Turn all approved planned orders into draft supply orders, which name the plan."""
    return {"orders": plans.release(work, plan_id)}


@room.reads("/planned-orders/<id:planned_order_id>", answer=PlannedOrderAnswer)
def get_planned_order(work: Work, planned_order_id: int) -> PlannedView:
    """Show a planned order with the demand it serves."""
    return plan_queries.planned_order(work.session, work.actor, planned_order_id)


@room.writes("POST", "/planned-orders/<id:planned_order_id>/changes", body=PlanChangeBody, answer=PlannedOrderAnswer)
def change_planned_order(work: Work, body: dict[str, Any], planned_order_id: int) -> PlannedView:
    """Change a planned order's quantity or month, or drop it with a quantity of 0, with the reason."""
    plans.change_order(work, planned_order_id, **body)
    return plan_queries.planned_order(work.session, work.actor, planned_order_id)
