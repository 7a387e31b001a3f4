"""Plans of supply, their planned orders, and what is decided about them."""

from marshmallow import fields, validate

from aftersales.planning.supply.plans import MOST_MONTHS, MOST_ORDERS
from aftersales.vocabulary import SupplyKind
from api.schemas.base import Answer, Body, Choice, Day, Exact, Id, Int, Moment, Text


class SupplyPlanBody(Body):
    """A plan to make; at most as many months as the newest forecast still holds."""

    horizon = Int(low=1, high=MOST_MONTHS, load_default=12, example=12)


class SupplyPlanAnswer(Answer):
    """A plan; the lists of its summary are money by month."""

    id = Id(attribute="plan.id")
    created_at = Moment(attribute="plan.created_at")
    created_by = Text(attribute="actor", allow_none=True, example="Planner")
    origin = Day(attribute="plan.origin")
    months = Int(attribute="plan.months", example=12)
    forecast_run_id = Id(attribute="plan.forecast_run_id")
    policy_id = Id(attribute="plan.policy_id", allow_none=True)
    code_version = Text(attribute="plan.code_version", example="0.1.0+0a1b2c3d4e5f")
    summary = fields.Dict(attribute="plan.summary", metadata={"example": {"parts": 32, "orders": 120}})


class PegAnswer(Answer):
    """Pieces of a planned order and the month whose demand they serve; without one they stay in stock."""

    month = Text(allow_none=True, example="2026-08")
    quantity = fields.Float(metadata={"example": 3.5})


class PlannedOrderAnswer(Answer):
    """A planned order as it stands; ``begins`` and ``planned_quantity`` are as the plan said."""

    id = Id(attribute="order.id")
    plan_id = Id(attribute="order.run_id")
    part_id = Id(attribute="part.id")
    part_number = Text(attribute="part.number", example="HP-100")
    part_name = Text(attribute="part.name", example="Hydraulic pump")
    kind = Choice(SupplyKind, attribute="order.kind")
    state = Text(example="planned")
    begins = Day(attribute="order.begins")
    comes = Day()
    quantity = Exact(example="4")
    planned_quantity = Exact(attribute="order.quantity", example="4")
    money = Exact(places=4, example="6360")
    currency = Text(attribute="order.currency", example="EUR")
    supply_order = Text(allow_none=True, example="PO-2026-00012")
    pegs = fields.List(fields.Nested(PegAnswer), attribute="order.pegs")


class PlanMonthAnswer(Answer):
    """A month of a part's plan, in pieces."""

    month = Day()
    demand = fields.Float(metadata={"example": 3.6})
    receipts = fields.Float(metadata={"example": 0})
    ordered = fields.Float(metadata={"example": 4})
    begun = fields.Float(metadata={"example": 4})
    stock = fields.Float(metadata={"example": 9.2})


class PartPlanAnswer(Answer):
    """A part's plan by month."""

    plan_id = Id(attribute="plan.id")
    part_id = Id(attribute="part.id")
    part_number = Text(attribute="part.number", example="HP-100")
    on_hand = fields.Float(metadata={"example": 15})
    lead_time = Int(example=2)
    safety = fields.Float(metadata={"example": 6})
    months = fields.List(fields.Nested(PlanMonthAnswer))


class PlanApprovalBody(Body):
    """Planned orders to approve."""

    planned_order_ids = fields.List(
        Id(), required=True, validate=validate.Length(1, MOST_ORDERS), metadata={"example": [1]}
    )


class PlanChangeBody(Body):
    """Another quantity (0 drops it) or month of a planned order, and why."""

    quantity = Exact(load_default=None, allow_none=True, metadata={"example": "6"})
    comes = Day(load_default=None, allow_none=True)
    reason = Text(high=300, low=1, required=True, example="Campaign in autumn")


class PlanReleasedAnswer(Answer):
    """A draft supply order that planned orders were released to."""

    id = Id()
    number = Text(example="PO-2026-00012")
    kind = Choice(SupplyKind)
    plan_reference = Text(allow_none=True, example="3")


class PlanReleaseAnswer(Answer):
    """The draft supply orders that were made."""

    orders = fields.List(fields.Nested(PlanReleasedAnswer))
