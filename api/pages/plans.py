"""Plans of supply: the list, a plan with its orders, a part's plan by month."""

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from aftersales.access import Permission
from aftersales.charts import Bar, Bars, draw
from aftersales.planning.rules import months
from aftersales.planning.supply import export, plan_queries, plans
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.http import paged, reading
from api.pages.forms import Done, done, load_query, posted
from api.pages.setup import translator
from api.routes.forecasts import xlsx_file
from api.schemas.base import NumberPageQuery
from api.schemas.plans import PlanApprovalBody, PlanChangeBody, SupplyPlanBody

pages = Blueprint("plans_pages", __name__)


@pages.get("/planning/plans")
@auth.signed_in
def list_plans() -> ResponseReturnValue:
    """List the plans, and offer to make one."""
    query = load_query(NumberPageQuery)
    with reading() as work:
        rows = plan_queries.plans(work.session, work.actor, after=query["after"], limit=query["limit"] + 1)
        may = work.actor.may(Permission.PLAN_MANAGE)
        return render_template("planning/plans.html", page=paged(rows, query["limit"]), may=may)


@pages.post("/planning/plans")
@auth.signed_in
@posted(SupplyPlanBody, again=list_plans)
def make_plan(work: Work, form: dict[str, Any]) -> Done:
    """Make a plan."""
    made = plans.run_plan(work, **form)
    return done(url_for(".show_plan", plan_id=made.id), N_("Planned. Look at it, approve, and release what you want."))


@pages.get("/planning/plans/<id:plan_id>")
@auth.signed_in
def show_plan(plan_id: int) -> ResponseReturnValue:
    """Show a plan's money by month and its planned orders."""
    query = load_query(NumberPageQuery)
    with reading() as work:
        view = plan_queries.plan(work.session, work.actor, plan_id)
        after, limit = query["after"], query["limit"]
        rows = plan_queries.planned_orders(work.session, work.actor, plan_id, after=after, limit=limit + 1)
        return render_template(
            "planning/plan.html",
            view=view,
            plan=view.plan,
            page=paged(rows, limit),
            money=_by_month(view),
            may=work.actor.may(Permission.PLAN_MANAGE),
            may_release=work.actor.may(Permission.PLAN_MANAGE) and work.actor.may(Permission.SUPPLY_ORDER),
        )


@pages.get("/planning/plans/<id:plan_id>/money.svg")
@auth.signed_in
def draw_money(plan_id: int) -> ResponseReturnValue:
    """Draw the money of planned orders by the month they come."""
    t = translator()
    with reading() as work:
        view = plan_queries.plan(work.session, work.actor, plan_id)
    spec = Bars(
        title=t.gettext(N_("Money for planned orders by month")),
        description=t.gettext(N_("What is planned to come in each month, at cost")),
        y_label=f"{t.gettext(N_('Money'))} ({view.plan.summary['currency']})",
        bars=tuple(Bar(name=t.month(month), value=ordered) for month, ordered, *_ in _by_month(view)),
    )
    return Response(draw(spec, t).svg(), content_type="image/svg+xml")


@pages.get("/planning/plans/<id:plan_id>/orders.xlsx")
@auth.signed_in
def export_plan(plan_id: int) -> ResponseReturnValue:
    """Export the planned orders as a workbook."""
    with reading() as work:
        name = f"plan-{plan_id}"
        return xlsx_file(export.plan_sheet(work.session, work.actor, plan_id).xlsx(name), f"{name}.xlsx")


@pages.post("/planning/plans/<id:plan_id>/approvals")
@auth.signed_in
@posted(PlanApprovalBody, again=show_plan)
def approve_orders(work: Work, form: dict[str, Any], plan_id: int) -> Done:
    """Approve the planned orders that were ticked."""
    found = plans.approve(work, plan_id, form["planned_order_ids"])
    return done(url_for(".show_plan", plan_id=plan_id), N_("Approved: %(number)s"), number=len(found))


@pages.post("/planning/plans/<id:plan_id>/release")
@auth.signed_in
@posted(None, again=show_plan)
def release_orders(work: Work, form: dict[str, Any], plan_id: int) -> Done:
    """Turn the approved ones into draft orders."""
    made = plans.release(work, plan_id)
    numbers = ", ".join(order.number for order in made)
    return done(url_for(".show_plan", plan_id=plan_id), N_("Drafted: %(numbers)s"), numbers=numbers)


@pages.get("/planning/plans/<id:plan_id>/parts/<id:part_id>")
@auth.signed_in
def show_part_plan(plan_id: int, part_id: int) -> ResponseReturnValue:
    """Show a part's plan by month."""
    with reading() as work:
        found = plan_queries.part_plan(work.session, work.actor, plan_id, part_id)
        return render_template("planning/part_plan.html", found=found, may=work.actor.may(Permission.PLAN_MANAGE))


@pages.get("/planning/planned-orders/<id:planned_order_id>")
@auth.signed_in
def show_planned_order(planned_order_id: int) -> ResponseReturnValue:
    """Show a planned order, the demand it serves, and a form to change it."""
    with reading() as work:
        view = plan_queries.planned_order(work.session, work.actor, planned_order_id)
        serves = [
            (None if peg["month"] is None else months.parse(peg["month"]), peg["quantity"]) for peg in view.order.pegs
        ]
        may = work.actor.may(Permission.PLAN_MANAGE) and view.state != "released"
        return render_template("planning/planned_order.html", view=view, serves=serves, may=may)


@pages.post("/planning/planned-orders/<id:planned_order_id>")
@auth.signed_in
@posted(PlanChangeBody, again=show_planned_order)
def change_planned_order(work: Work, form: dict[str, Any], planned_order_id: int) -> Done:
    """Change or drop a planned order."""
    plans.change_order(work, planned_order_id, **form)
    return done(url_for(".show_planned_order", planned_order_id=planned_order_id), N_("Changed"))


def _by_month(view: plan_queries.PlanView) -> list[tuple[Any, Decimal, Decimal, Decimal]]:
    """Month, money planned to come, money of open orders, money in stock at its end."""
    summary, origin = view.plan.summary, view.plan.origin
    columns = [[Decimal(value) for value in summary[name]] for name in ("money", "open_orders", "stock")]
    return [(months.plus(origin, step), *values) for step, values in enumerate(zip(*columns, strict=True))]
