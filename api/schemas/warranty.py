"""What routes of warranty take and give."""

from marshmallow import fields, validate

from aftersales.planning.extension import MARGIN, RISKS
from aftersales.vocabulary import CostClass, FailureCause, OfferState, Payer, RefusalReason
from api.schemas.base import Answer, Body, Bool, Choice, Day, Exact, Id, Int, Moment, NumberPageQuery, Query, Text
from api.schemas.parts import CurrencyCode

RISK_WORDS = tuple(f"{risk:g}" for risk in RISKS)
KINDS = ("term", "exclusion", "condition")
STARTS = ("commissioning", "shipment")


class PolicyQuery(NumberPageQuery):
    """Which policies."""

    is_extension = Bool(load_default=None)
    with_ended = Bool(load_default=False, metadata={"example": False})


class ClauseBody(Body):
    """A clause: a term (class of costs, months, hours), an exclusion or a condition, in words."""

    number = Text(required=True, low=1, high=10, example="2.1")
    kind = fields.String(required=True, validate=validate.OneOf(KINDS), metadata={"example": "term"})
    text = Text(required=True, low=1, high=1000, example="Parts: 24 months or 4000 hours, whichever comes first.")
    cost_class = Choice(CostClass, allow_none=True)
    months = Int(low=1, high=600, allow_none=True, example=24)
    hours = Exact(places=3, digits=9, low="0.001", allow_none=True, example="4000")
    excluded_part_id = Id(allow_none=True, metadata={"example": None})
    excluded_cause = Choice(FailureCause, allow_none=True, metadata={"example": None})
    requires_maintenance = Bool(metadata={"example": False})


class PolicyBody(Body):
    """A policy with its clauses."""

    code = Text(required=True, low=1, high=40, example="W24")
    name = Text(required=True, low=1, high=200, example="Standard warranty")
    model_id = Id(allow_none=True, metadata={"example": None})
    is_extension = Bool(metadata={"example": False})
    start_rule = fields.String(validate=validate.OneOf(STARTS), metadata={"example": "commissioning"})
    offer_days_before_end = Int(high=3650, example=90)
    price = Exact(places=4, allow_none=True, example="900.00")
    currency = CurrencyCode()
    clauses = fields.List(fields.Nested(ClauseBody), required=True, validate=validate.Length(1, 100))


class PolicyChangeBody(Body):
    """What changes about a policy; its clauses stay as they were given."""

    name = Text(low=1, high=200, example="Standard warranty")
    offer_days_before_end = Int(high=3650, example=90)
    price = Exact(places=4, allow_none=True, example="900.00")
    currency = CurrencyCode()


class ClauseAnswer(Answer):
    """A clause."""

    id = Id()
    number = Text(example="2.1")
    kind = Text(example="term")
    text = Text(example="Parts: 24 months or 4000 hours, whichever comes first.")
    cost_class = Choice(CostClass, allow_none=True)
    months = Int(allow_none=True, example=24)
    hours = Exact(allow_none=True, example="4000")
    excluded_part_id = Id(allow_none=True)
    excluded_cause = Text(allow_none=True, example="operation")
    requires_maintenance = Bool()


class PolicyAnswer(Answer):
    """A policy; ``price`` is shown to its manufacturer."""

    id = Id(attribute="policy.id")
    code = Text(attribute="policy.code", example="W24")
    name = Text(attribute="policy.name", example="Standard warranty")
    model_id = Id(attribute="policy.model_id", allow_none=True)
    model = Text(allow_none=True, example="CR-300")
    is_extension = Bool(attribute="policy.is_extension")
    start_rule = Text(attribute="policy.start_rule", example="commissioning")
    offer_days_before_end = Int(attribute="policy.offer_days_before_end", example=90)
    price = Exact(places=4, allow_none=True, example="900.00")
    currency = Text(attribute="policy.currency", example="EUR")
    ended_at = Moment(attribute="policy.ended_at", allow_none=True)
    clauses = fields.List(fields.Nested(ClauseAnswer))
    version = Int()


class TermAnswer(Answer):
    """A term of a class of costs; state is running, upcoming, ended or used_up."""

    cost_class = Choice(CostClass)
    payer = Choice(Payer)
    clause = fields.Nested(ClauseAnswer)
    starts_on = Day()
    last_on = Day()
    until_hours = Exact(allow_none=True, example="4000")
    hours_end_on = Day(allow_none=True)
    expected_end_on = Day()
    state = Text(example="running")


class LapseAnswer(Answer):
    """Maintenance not done in time."""

    task = Text(example="Service 500 h")
    late = Exact(example="340")
    unit = Text(example="hours")


class ConditionAnswer(Answer):
    """A condition; ``met`` is null where a person has to judge."""

    clause = fields.Nested(ClauseAnswer)
    met = Bool(allow_none=True)
    lapses = fields.List(fields.Nested(LapseAnswer))


class WarrantyAnswer(Answer):
    """A machine's warranty today."""

    machine_id = Id(attribute="machine.id")
    serial_number = Text(attribute="machine.serial_number", example="100-001")
    on = Day()
    hours = Exact(allow_none=True, example="1250.5")
    is_running = Bool()
    begins_on = Day(allow_none=True)
    last_on = Day(allow_none=True)
    terms = fields.List(fields.Nested(TermAnswer))
    exclusions = fields.List(fields.Nested(ClauseAnswer))
    conditions = fields.List(fields.Nested(ConditionAnswer))


class CoverageQuery(NumberPageQuery):
    """Which decisions."""

    machine_id = Id(load_default=None)
    work_order_id = Id(load_default=None)
    open_only = Bool(load_default=False, metadata={"example": False})


class CoverageAnswer(Answer):
    """Who pays for a line of a work order, by which clause and why; advisory until confirmed."""

    id = Id(attribute="coverage.id")
    work_order_id = Id(attribute="order_id")
    order = Text(example="SO-2026-00017")
    machine_id = Id()
    serial_number = Text(example="100-001")
    line_kind = Text(attribute="coverage.line_kind", example="part")
    line_id = Id(attribute="coverage.line_id")
    cost_class = Choice(CostClass, attribute="coverage.cost_class")
    amount = Exact(places=4, attribute="coverage.amount", example="120.00")
    currency = Text(attribute="coverage.currency", example="EUR")
    payer = Choice(Payer, attribute="coverage.payer")
    clause = Text(allow_none=True, example="2.1")
    clause_text = Text(allow_none=True, example="Parts: 24 months or 4000 hours, whichever comes first.")
    explanation = Text(example="Clause 2.1 covers parts until 30 Jan 2027")
    decided_at = Moment(attribute="coverage.decided_at")
    confirmed_at = Moment(attribute="coverage.confirmed_at", allow_none=True)


class ConfirmationBody(Body):
    """Agree with the proposal, or name another payer and say why."""

    payer = Choice(Payer, allow_none=True)
    reason = Text(high=500, example="Known weakness of this batch")


class EndingQuery(Query):
    """Which warranties end soon."""

    days = Int(high=3650, load_default=None, allow_none=True, example=90)
    due_only = Bool(load_default=False, metadata={"example": False})
    limit = Int(low=1, high=200, load_default=200, example=50)


class EndingAnswer(Answer):
    """A machine whose warranty ends; ``offer_due`` says that an extension is to be offered now."""

    machine_id = Id()
    serial_number = Text(example="100-001")
    model = Text(example="CR-300")
    customer = Text(allow_none=True, example="Quarry")
    last_on = Day()
    hours_end_on = Day(allow_none=True)
    ends_on = Day()
    days_left = Int(example=60)
    offer_state = Choice(OfferState, allow_none=True)
    offer_id = Id(allow_none=True)
    offer_due = Bool()


class OfferQuery(NumberPageQuery):
    """Which offers."""

    state = Choice(OfferState, load_default=None)
    machine_id = Id(load_default=None)


class OfferBody(Body):
    """An extension to offer; price and last day to accept are the policy's and the warranty's when left out.

    With ``computed`` the price is what the failures to be expected cost, at the margin and risk given.
    """

    machine_id = Id(required=True)
    policy_id = Id(required=True, metadata={"example": 2})
    price = Exact(places=4, allow_none=True, example="900.00")
    valid_until = Day(allow_none=True)
    computed = Bool(load_default=False, metadata={"example": False})
    margin = Exact(places=4, load_default=None, allow_none=True, example="0.25")
    risk = fields.String(
        validate=validate.OneOf(RISK_WORDS), load_default=None, allow_none=True, metadata={"example": "0.8"}
    )


class PriceQuery(Query):
    """What to price: a machine, the extension policy, share of the price to remain, and how sure costs are covered."""

    machine_id = Id(required=True)
    policy_id = Id(required=True, metadata={"example": 2})
    margin = Exact(places=4, load_default=MARGIN, example="0.25")
    risk = fields.String(validate=validate.OneOf(RISK_WORDS), load_default="0.8", metadata={"example": "0.8"})


class ComponentCostAnswer(Answer):
    """What one component is expected to cost over the extension."""

    place = Text(example="PUMP")
    part_number = Text(example="HP-100")
    part_name = Text(example="Hydraulic pump")
    serial_number = Text(example="S-1")
    hours = fields.Float(metadata={"example": 8120.0})
    failures = fields.Float(metadata={"example": 0.3})
    cost_each = Exact(places=2, example="1450.00")
    cost = Exact(places=2, example="435.00")


class PriceAnswer(Answer):
    """A computed price: expected + risk_loading + margin_amount = price. ``unpriced`` positions are left out."""

    price = Exact(places=2, example="900.00")
    currency = Text(example="EUR")
    expected = Exact(places=2, example="600.00")
    risk_loading = Exact(places=2, example="75.00")
    margin_amount = Exact(places=2, example="225.00")
    margin = Exact(places=4, example="0.25")
    risk = fields.Float(metadata={"example": 0.8})
    deviation = Exact(places=2, example="350.00")
    quantiles = fields.Dict(metadata={"example": {"0.5": "500.00", "0.95": "1800.00"}})
    starts_on = Day()
    ends_on = Day()
    hours_per_day = fields.Float(metadata={"example": 9.5})
    covered = fields.List(Text(example="parts"))
    components = fields.List(fields.Nested(ComponentCostAnswer))
    unpriced = fields.List(Text(example="FRAME"))
    run_id = Id()


class RefusalBody(Body):
    """Why an offer is refused."""

    reason = Choice(RefusalReason, required=True)
    text = Text(high=500, example="We buy a new machine next year")


class OfferAnswer(Answer):
    """An offer; the extension runs from ``starts_on`` up to, not including, ``ends_on``."""

    id = Id(attribute="offer.id")
    number = Text(attribute="offer.number", example="WE-2026-00001")
    machine_id = Id(attribute="offer.machine_id")
    serial_number = Text(example="100-001")
    model = Text(example="CR-300")
    policy_id = Id(attribute="offer.policy_id")
    policy = Text(example="X12")
    price = Exact(places=4, attribute="offer.price", example="900.00")
    currency = Text(attribute="offer.currency", example="EUR")
    starts_on = Day(attribute="offer.starts_on")
    ends_on = Day(attribute="offer.ends_on")
    valid_until = Day(attribute="offer.valid_until")
    state = Choice(OfferState, attribute="offer.state")
    offered_at = Moment(attribute="offer.offered_at")
    decided_at = Moment(attribute="offer.decided_at", allow_none=True)
    refusal_reason = Choice(RefusalReason, attribute="offer.refusal_reason", allow_none=True)
    refusal_text = Text(attribute="offer.refusal_text", allow_none=True, example="")
    pricing = fields.Dict(allow_none=True, metadata={"example": {"price": "900.00", "expected": "600.00"}})
    version = Int()
