"""The fleet plan."""

from marshmallow import fields, validate

from aftersales.planning.fleet_plan import MOST_MACHINES
from aftersales.planning.installed_base.plans import KINDS
from api.schemas.base import Answer, Body, Day, Id, Int, Moment, Text


class FleetPlanBody(Body):
    """Machines of a model to be sold or retired in the month that a day falls in."""

    model_id = Id(required=True)
    month = Day(required=True)
    machines = Int(low=0, high=MOST_MACHINES, required=True, example=4)
    kind = fields.String(validate=validate.OneOf(KINDS), load_default="sale", metadata={"example": "sale"})


class PlannedAnswer(Answer):
    """What is planned of a model in a month."""

    kind = Text(example="sale")
    model_id = Id()
    model = Text(example="CR-300")
    month = Day()
    machines = Int(example=4)


class PlanEntryAnswer(Answer):
    """An entry of the fleet plan."""

    id = Id()
    kind = Text(example="sale")
    model_id = Id()
    month = Day()
    machines = Int(example=4)
    entered_at = Moment()
