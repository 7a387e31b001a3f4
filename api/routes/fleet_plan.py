"""The fleet plan: machines to be sold or retired."""

from typing import Any

from aftersales.models import FleetPlanEntry
from aftersales.planning import fleet_plan
from aftersales.work import Work
from api.http import Paged, Room
from api.schemas.fleet_plan import FleetPlanBody, PlanEntryAnswer, PlannedAnswer

room = Room("fleet_plan", __name__, "Machines planned to be sold or retired, which the forecast takes into account")


@room.reads("/fleet-plan", answer=PlannedAnswer, listed=True)
def list_fleet_plan(work: Work) -> Paged:
    """List what stands of your organisation's fleet plan, by month and model."""
    return Paged(fleet_plan.plan(work.session, work.actor), None)


@room.writes("POST", "/fleet-plan-entries", body=FleetPlanBody, answer=PlanEntryAnswer, status=201)
def enter_fleet_plan(work: Work, body: dict[str, Any]) -> FleetPlanEntry:
    """Plan machines of a model for a month; an earlier plan of the same is replaced, zero takes it away."""
    return fleet_plan.enter(work, **body)
