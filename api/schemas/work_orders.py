"""What work order routes take and give."""

from decimal import Decimal

from marshmallow import fields, validate

from aftersales.orders.execution import FATES
from aftersales.orders.signatures import SIGNERS
from aftersales.orders.timekeeping import KINDS
from aftersales.vocabulary import (
    Condition,
    Detection,
    FailureCause,
    FailureMechanism,
    FailureMode,
    OrderKind,
    OrderState,
    RemovalReason,
)
from api.schemas.base import Answer, Body, Bool, Choice, Exact, Id, Int, Language, Moment, PageQuery, Text


class WorkOrderQuery(PageQuery):
    """Which work orders."""

    machine_id = Id(load_default=None)
    state = Choice(OrderState, load_default=None)
    assignee_id = Id(load_default=None)


class WorkOrderBody(Body):
    """A job to be done on a machine, as answer to faults, due tasks or neither."""

    kind = Choice(OrderKind, required=True)
    machine_id = Id(required=True)
    title = Text(high=300, load_default="", example="Pump leaks")
    fault_ids = fields.List(Id(), load_default=list, validate=validate.Length(max=50), metadata={"example": []})
    task_ids = fields.List(Id(), load_default=list, validate=validate.Length(max=100), metadata={"example": []})
    hourly_rate = Exact(places=4, digits=9, load_default=Decimal(0), example="60")
    travel_cost = Exact(places=4, digits=9, load_default=Decimal(0), example="45")
    kit_location_id = Id(load_default=None, allow_none=True)


class TitleBody(Body):
    """What a job is called."""

    title = Text(required=True, low=1, high=300, example="Pump leaks")


class PlanBody(Body):
    """Who does a job, and when."""

    assignee_id = Id(load_default=None, allow_none=True)
    planned_from = Moment(load_default=None, allow_none=True)
    planned_to = Moment(load_default=None, allow_none=True, metadata={"example": "2026-03-01T16:00:00Z"})


class StartBody(Body):
    """What kind of time starts, and when if not now."""

    kind = fields.String(load_default="work", validate=validate.OneOf(KINDS), metadata={"example": "work"})
    at = Moment(load_default=None, allow_none=True)


class PauseBody(Body):
    """Why the work rests."""

    reason = Text(required=True, low=1, high=200, example="Waiting for a seal")
    at = Moment(load_default=None, allow_none=True)


class StopBody(Body):
    """When the clock stopped if not now, and whose if not one's own."""

    at = Moment(load_default=None, allow_none=True)
    user_id = Id(load_default=None, allow_none=True)


class TimeBody(Body):
    """Time that is over."""

    started_at = Moment(required=True)
    ended_at = Moment(required=True, metadata={"example": "2026-03-01T13:30:00Z"})
    kind = fields.String(load_default="work", validate=validate.OneOf(KINDS), metadata={"example": "work"})
    user_id = Id(load_default=None, allow_none=True)


class ChecklistLineBody(Body):
    """What was found at a line of the checklist."""

    result_id = Id(required=True)
    value = Exact(places=6, digits=9, low=None, load_default=None, allow_none=True, example="7.2")
    passed = Bool(load_default=None, allow_none=True)
    note = Text(high=500, load_default="")


class ChecklistBody(Body):
    """What was found, line by line."""

    entries = fields.List(fields.Nested(ChecklistLineBody), required=True, validate=validate.Length(1, 200))


class PartUseBody(Body):
    """A part to be used, from which place of yours."""

    part_id = Id(required=True)
    location_id = Id(required=True)
    quantity = Exact(places=3, digits=9, load_default=Decimal(1), example="1")
    condition = Choice(Condition, load_default=Condition.NEW)
    serial_number = Text(high=80, load_default=None, allow_none=True, example="S2")
    unit_price = Exact(places=4, digits=9, load_default=None, allow_none=True, example="100")


class PartUseChangeBody(Body):
    """What was used in truth."""

    serial_number = Text(high=80, example="S2")
    quantity = Exact(places=3, digits=9, example="1")
    location_id = Id()


class ExchangeBody(Body):
    """A component taken out, one put in, or both."""

    position_id = Id(required=True)
    slot = Int(low=1, high=1000, load_default=1)
    removed_serial_number = Text(high=80, load_default=None, allow_none=True, example="S1")
    removal_reason = Choice(RemovalReason, load_default=None, allow_none=True)
    fate = fields.String(load_default="core", validate=validate.OneOf(FATES), metadata={"example": "core"})
    core_location_id = Id(load_default=None, allow_none=True)
    fitted_part_id = Id(load_default=None, allow_none=True)
    fitted_serial_number = Text(high=80, load_default=None, allow_none=True, example="S2")


class FindingBody(Body):
    """What was found, coded after ISO 14224."""

    mode = Choice(FailureMode, required=True)
    mechanism = Choice(FailureMechanism, required=True)
    cause = Choice(FailureCause, required=True)
    detection = Choice(Detection, required=True)
    text = Text(high=2000, load_default="", example="Shaft seal worn")
    fault_id = Id(load_default=None, allow_none=True)
    position_id = Id(load_default=None, allow_none=True)


class SignatureBody(Body):
    """Who signs, by a typed name."""

    role = fields.String(required=True, validate=validate.OneOf(SIGNERS), metadata={"example": "customer"})
    name = Text(required=True, low=1, high=200, example="Shift leader")


class SignatureForm(SignatureBody):
    """A signature with its drawing, as the page's pad makes it: a PNG as text."""

    drawing = Text(high=1_500_000, load_default="")


class FinishBody(Body):
    """What was done, and what the meters show."""

    summary = Text(high=4000, load_default=None, allow_none=True, example="Pump exchanged")
    meter_hours = Exact(places=3, digits=9, load_default=None, allow_none=True, example="1010")
    meter_cycles = Exact(places=3, digits=9, load_default=None, allow_none=True, example="25000")
    at = Moment(load_default=None, allow_none=True)


class ClosingBody(Body):
    """The certificate's language and last meter values, where they are not said yet."""

    language = Language(load_default=None, allow_none=True)
    meter_hours = Exact(places=3, digits=9, load_default=None, allow_none=True, example="1010")
    meter_cycles = Exact(places=3, digits=9, load_default=None, allow_none=True, example="25000")


class CancellationBody(Body):
    """Why a job is called off."""

    reason = Text(required=True, low=1, high=500, example="Sold")


class OrderCorrectionBody(Body):
    """What is corrected in a closed job."""

    text = Text(required=True, low=1, high=2000, example="Two filters, not one")


class WorkOrderAnswer(Answer):
    """A work order; prices are for its own organisation."""

    id = Id()
    number = Text(example="SO-2026-00017")
    kind = Choice(OrderKind)
    machine_id = Id()
    organization_id = Id()
    title = Text(example="Pump leaks")
    state = Choice(OrderState)
    planned_from = Moment(allow_none=True)
    planned_to = Moment(allow_none=True)
    summary = Text(example="Pump exchanged")
    meter_hours = Exact(places=3, allow_none=True)
    meter_cycles = Exact(places=3, allow_none=True)
    opened_at = Moment()
    started_at = Moment(allow_none=True)
    finished_at = Moment(allow_none=True)
    closed_at = Moment(allow_none=True)
    cancellation_reason = Text(allow_none=True)
    version = Int()
    organization = Text(example="Service partner ltd")
    serial_number = Text(example="AR-0117")
    model = Text(example="Screw compressor 55 kW")
    site = Text(example="Hall 3")
    assignee = Text(example="Service engineer")


class ChecklistLineAnswer(Answer):
    """A line of the checklist."""

    id = Id()
    sequence = Int()
    text = Text(example="Working pressure")
    measured = Bool()
    unit = Text(example="bar")
    lower = Exact(places=6, allow_none=True)
    upper = Exact(places=6, allow_none=True)
    required = Bool()
    value = Exact(places=6, allow_none=True)
    passed = Bool(allow_none=True)
    note = Text()
    filled_at = Moment(allow_none=True)


class TimeAnswer(Answer):
    """A stretch of time."""

    id = Id(attribute="entry.id")
    kind = Text(attribute="entry.kind", example="work")
    started_at = Moment(attribute="entry.started_at")
    ended_at = Moment(attribute="entry.ended_at", allow_none=True)
    stop_reason = Text(attribute="entry.stop_reason")
    person = Text(example="Service engineer")
    hours = Exact(places=2, allow_none=True)


class PartUseAnswer(Answer):
    """A part on an order; ``move_id`` once it was issued."""

    id = Id(attribute="use.id")
    part_id = Id(attribute="use.part_id")
    number = Text(example="HP-100")
    name = Text(example="Pump")
    quantity = Exact(places=3, attribute="use.quantity")
    unit = Text(example="pcs")
    condition = Choice(Condition, attribute="use.condition")
    serial_number = Text(attribute="use.serial_number", allow_none=True)
    place = Text(example="VAN1")
    price = Exact(places=4, allow_none=True)
    reservation_id = Id(attribute="use.reservation_id", allow_none=True)
    move_id = Id(attribute="use.move_id", allow_none=True)


class ComponentExchangeAnswer(Answer):
    """A component exchange."""

    id = Id(attribute="exchange.id")
    position = Text(example="PUMP")
    slot = Int(attribute="exchange.slot")
    old_serial = Text(example="S1")
    removal_reason = Choice(RemovalReason, attribute="exchange.removal_reason", allow_none=True)
    fate = Text(attribute="exchange.fate", example="core")
    new_part = Text(example="HP-100")
    fitted_serial_number = Text(attribute="exchange.fitted_serial_number", allow_none=True)


class FindingAnswer(Answer):
    """A finding."""

    id = Id(attribute="finding.id")
    fault_id = Id(attribute="finding.fault_id", allow_none=True)
    position = Text(example="PUMP")
    mode = Choice(FailureMode, attribute="finding.mode")
    mechanism = Choice(FailureMechanism, attribute="finding.mechanism")
    cause = Choice(FailureCause, attribute="finding.cause")
    detection = Choice(Detection, attribute="finding.detection")
    text = Text(attribute="finding.text")


class SignOffAnswer(Answer):
    """A signature."""

    id = Id()
    role = Text(example="customer")
    name = Text(example="Shift leader")
    at = Moment()


class OrderCorrectionAnswer(Answer):
    """A dated correction."""

    id = Id()
    at = Moment()
    text = Text()


class OverlapAnswer(Answer):
    """Another order of the same person at the same time."""

    order_id = Id()
    number = Text(example="SO-2026-00018")
    planned_from = Moment()
    planned_to = Moment()


class ShortPartAnswer(Answer):
    """A kit part of which there was not enough."""

    number = Text(example="FLT-7")
    quantity = Exact(places=3)


class WorkOrderPageAnswer(WorkOrderAnswer):
    """A work order with all that hangs on it."""

    fault_ids = fields.List(Id())
    task_ids = fields.List(Id())
    certificate_ids = fields.List(Id())
    checklist = fields.List(fields.Nested(ChecklistLineAnswer))
    times = fields.List(fields.Nested(TimeAnswer))
    parts = fields.List(fields.Nested(PartUseAnswer))
    exchanges = fields.List(fields.Nested(ComponentExchangeAnswer))
    findings = fields.List(fields.Nested(FindingAnswer))
    sign_offs = fields.List(fields.Nested(SignOffAnswer))
    corrections = fields.List(fields.Nested(OrderCorrectionAnswer))
    overlaps = fields.List(fields.Nested(OverlapAnswer))
    short = fields.List(fields.Nested(ShortPartAnswer))
