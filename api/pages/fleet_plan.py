"""The page of the fleet plan."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from aftersales.access import Permission
from aftersales.planning import fleet_plan
from aftersales.registry.queries import machine_models
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.http import reading
from api.pages.forms import Done, done, posted
from api.schemas.fleet_plan import FleetPlanBody

pages = Blueprint("fleet_plan_pages", __name__)
MOST_MODELS = 500


@pages.get("/forecast/fleet-plan")
@auth.signed_in
def show_plan() -> ResponseReturnValue:
    """Show what is planned, and a form to plan more."""
    with reading() as work:
        session, actor = work.session, work.actor
        rows = fleet_plan.plan(session, actor)
        may_plan = actor.may(Permission.FORECAST_RUN) and actor.may(Permission.REGISTRY_READ)
        models = [row[0] for row in machine_models.list_models(session, actor, limit=MOST_MODELS)] if may_plan else []
        return render_template("forecast/fleet_plan.html", rows=rows, models=models, may_plan=may_plan)


@pages.post("/forecast/fleet-plan")
@auth.signed_in
@posted(FleetPlanBody, again=show_plan)
def enter_plan(work: Work, form: dict[str, Any]) -> Done:
    """Enter a plan for a model and month."""
    fleet_plan.enter(work, **form)
    return done(url_for(".show_plan"), N_("Planned. The next forecast takes it into account."))
