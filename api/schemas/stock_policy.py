"""Stock policies: what they are chosen by, what they keep, and what is decided about single parts."""

from decimal import Decimal
from typing import Any

from marshmallow import Schema, fields, post_load

from aftersales.planning.supply.rules.choosing import FLOORS
from aftersales.vocabulary import Criticality
from api.schemas.base import Answer, Body, Bool, Choice, Exact, Id, Int, Moment, NumberPageQuery, Query, Text

PERCENT = {name: f"{share * 100:f}".removesuffix(".0") for name, share in FLOORS.items()}


def percent(default: str | None = None, example: str = "95") -> Exact:
    """Return a field for a share in per cent, as people write it."""
    return Exact(places=2, digits=3, load_default=None if default is None else Decimal(default), example=example)


class Target(Schema):
    """What to choose a policy by: a share of requests served at once (95 when nothing is said), or money.

    The percentages by criticality are what each part serves at once of its own requests at least.
    """

    availability_percent = percent()
    budget = Exact(places=2, load_default=None, allow_none=True, metadata={"example": None})
    vital_percent = percent(PERCENT[Criticality.VITAL], "80")
    essential_percent = percent(PERCENT[Criticality.ESSENTIAL], "60")
    desirable_percent = percent(PERCENT[Criticality.DESIRABLE], "0")

    @post_load
    def to_shares(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Turn per cent into shares."""
        share = data.pop("availability_percent")
        floors = {name: data.pop(f"{name}_percent") / 100 for name in Criticality}
        return data | {"availability": None if share is None else share / 100, "floors": floors}


class TargetQuery(Target, Query):
    """What to choose a policy by."""


class TargetPageQuery(Target, NumberPageQuery):
    """What to choose a policy by, and how much of the list of parts."""


class AdoptBody(Target, Body):
    """The policy to adopt; ``location_id`` is the store it is kept at, all places together without one."""

    location_id = Id(load_default=None, allow_none=True, metadata={"example": None})
    note = Text(high=300, load_default="", example="Agreed for the second half of the year")


class PointAnswer(Answer):
    """A point of the curve."""

    investment = Exact(places=2, example="119464.50")
    availability = fields.Float(metadata={"example": 0.95})
    owed = fields.Float(metadata={"example": 3.2})


class WorkbenchAnswer(Answer):
    """The curve, and what the target comes to beside today's policy and rules of thumb."""

    forecast_run_id = Id()
    policy_in_force = Int(allow_none=True, example=1)
    summary = fields.Dict(metadata={"example": {"investment": "119464.50", "availability": 0.95}})
    curve = fields.List(fields.Nested(PointAnswer))


class PartChangeAnswer(Answer):
    """What a policy does to a part; numbers of requests are by month, ``money`` is the difference to today."""

    part_id = Id(attribute="part.id")
    part_number = Text(attribute="part.number", example="HP-100")
    part_name = Text(attribute="part.name", example="Hydraulic pump")
    criticality = Choice(Criticality, attribute="part.criticality")
    requests = fields.Float(metadata={"example": 3.6})
    stock_today = fields.Float(attribute="today", metadata={"example": 16})
    stock = fields.Float(metadata={"example": 13})
    reorder_point = fields.Float(metadata={"example": 12})
    order_quantity = fields.Float(metadata={"example": 1})
    fill_rate_today = fields.Float(metadata={"example": 0.99})
    fill_rate = fields.Float(metadata={"example": 0.85})
    unit_cost = fields.Float(metadata={"example": 1590.0})
    money = fields.Float(metadata={"example": -4770.0})
    words = Text(example="As today: 95 % of the requests are served at once")


class StockPolicyAnswer(Answer):
    """A policy that was adopted."""

    id = Id(attribute="policy.id")
    number = Int(attribute="policy.number")
    in_force = Bool()
    adopted_at = Moment(attribute="policy.adopted_at")
    adopted_by = Text(attribute="actor", allow_none=True, example="Planner")
    note = Text(attribute="policy.note")
    forecast_run_id = Id(attribute="policy.forecast_run_id")
    target = fields.Dict(attribute="policy.target", metadata={"example": {"availability": "0.95"}})
    summary = fields.Dict(attribute="policy.summary", metadata={"example": {"investment": "119464.50"}})


class StockPolicyLineAnswer(Answer):
    """What a policy keeps of a part; a reorder point of −1: not kept, ordered when asked for."""

    part_id = Id(attribute="part.id")
    part_number = Text(attribute="part.number", example="HP-100")
    part_name = Text(attribute="part.name", example="Hydraulic pump")
    location = Text(allow_none=True, example="Main store")
    stock = Exact(attribute="line.stock", example="13")
    reorder_point = Exact(attribute="line.reorder_point", low=None, example="12")
    order_quantity = Exact(attribute="line.order_quantity", example="1")
    unit_cost = Exact(places=4, attribute="line.unit_cost", example="1590")
    fill_rate = Exact(places=6, attribute="line.fill_rate", example="0.85")
    expected_backorders = Exact(places=6, attribute="line.expected_backorders", example="0.4")


class DecisionBody(Body):
    """A criticality set by hand, or whether to stock the part, and why."""

    criticality = Choice(Criticality, load_default=None, allow_none=True)
    stocked = Bool(load_default=None, allow_none=True, metadata={"example": None})
    reason = Text(high=300, low=1, required=True, example="No other pump on site")

    @post_load
    def to_name(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Name the criticality as the use-case does."""
        data["criticality_set"] = data.pop("criticality")
        return data


class DecisionAnswer(Answer):
    """A decision about a part."""

    id = Id(attribute="decision.id")
    criticality = Choice(Criticality, attribute="decision.criticality", allow_none=True)
    proposed = Text(attribute="decision.proposed", allow_none=True, example="vital")
    stocked = Bool(attribute="decision.stocked", allow_none=True)
    reason = Text(attribute="decision.reason", example="No other pump on site")
    decided_at = Moment(attribute="decision.decided_at")
    decided_by = Text(attribute="actor", allow_none=True, example="Planner")


class DecisionRowAnswer(Answer):
    """A decision that was just made."""

    id = Id()
    part_id = Id()
    criticality = Choice(Criticality, allow_none=True)
    proposed = Text(allow_none=True, example="vital")
    stocked = Bool(allow_none=True)
    reason = Text(example="No other pump on site")
    decided_at = Moment()
