"""What routes of supply orders take and give."""

from typing import Any

from marshmallow import fields, post_load, validate

from aftersales.purchasing.service import Delivered, LineData, Promise
from aftersales.vocabulary import SupplyKind, SupplyState, Tolerance
from api.schemas.base import (
    Answer,
    Body,
    Bool,
    Choice,
    Day,
    Exact,
    Id,
    Int,
    Language,
    Moment,
    NumberPageQuery,
    Query,
    Text,
)
from api.schemas.parts import CurrencyCode
from api.schemas.stock import Amounted


class SupplyOrderQuery(NumberPageQuery):
    """Which orders."""

    search = Text(high=100, load_default="", example="PO-2026")
    state = Choice(SupplyState, load_default=None)
    kind = Choice(SupplyKind, load_default=None)
    supplier_id = Id(load_default=None)
    part_id = Id(load_default=None)
    late_only = Bool(load_default=False, metadata={"example": False})
    open_only = Bool(load_default=False, metadata={"example": False})


class SupplyLineBody(Body):
    """A part to order."""

    part_id = Id(required=True)
    quantity = Amounted(required=True)
    unit_price = Exact(places=4, digits=9, load_default=None, allow_none=True, example="31.20")
    due_on = Day(load_default=None, allow_none=True, metadata={"example": "2026-09-01"})
    tolerance = Choice(Tolerance, load_default=Tolerance.EXACT)
    plan_reference = Text(high=80, load_default=None, allow_none=True, example="plan 7, line 12")

    @post_load
    def made(self, data: dict[str, Any], **kwargs: Any) -> LineData:
        """Return what the use-case takes."""
        return LineData(**data)


class SupplyOrderBody(Body):
    """An order to draft."""

    kind = Choice(SupplyKind, required=True)
    supplier_id = Id(load_default=None, allow_none=True, metadata={"example": None})
    location_id = Id(required=True)
    currency = CurrencyCode(load_default=None, allow_none=True)
    note = Text(high=500, load_default="", example="Deliver to gate 2")
    plan_reference = Text(high=80, load_default=None, allow_none=True, example="plan 7")
    lines = fields.List(fields.Nested(SupplyLineBody), load_default=list, validate=validate.Length(max=200))


class SupplyOrderChangeBody(Body):
    """What changes about a draft."""

    location_id = Id()
    note = Text(high=500, example="Deliver to gate 2")


class SupplyLineChangeBody(Body):
    """What changes about a draft's line."""

    quantity = Amounted()
    unit_price = Exact(places=4, digits=9, example="31.20")
    due_on = Day(metadata={"example": "2026-09-01"})
    tolerance = Choice(Tolerance)


class SupplyReasonBody(Body):
    """Why."""

    reason = Text(required=True, low=1, high=500, example="Ordered twice")


class PromiseBody(Body):
    """The day a line is promised for."""

    line_id = Id(required=True)
    confirmed_on = Day(required=True, metadata={"example": "2026-09-01"})

    @post_load
    def made(self, data: dict[str, Any], **kwargs: Any) -> Promise:
        """Return what the use-case takes."""
        return Promise(**data)


class PromisesBody(Body):
    """The days the supplier promises."""

    promises = fields.List(fields.Nested(PromiseBody), required=True, validate=validate.Length(1, 200))


class DeliveredBody(Body):
    """What came of a line: a quantity, or serial numbers."""

    line_id = Id(required=True)
    quantity = Amounted(load_default=None, allow_none=True)
    serial_numbers = fields.List(Text(low=1, high=80, example="P-1001"), load_default=list, metadata={"example": []})

    @post_load
    def made(self, data: dict[str, Any], **kwargs: Any) -> Delivered:
        """Return what the use-case takes."""
        return Delivered(**data | {"serial_numbers": tuple(data["serial_numbers"])})


class SupplyReceiptBody(Body):
    """A delivery to receive."""

    delivered = fields.List(fields.Nested(DeliveredBody), required=True, validate=validate.Length(1, 200))
    delivery_note = Text(high=80, load_default="", example="DN 4711")
    at = Moment(load_default=None, allow_none=True, metadata={"example": None})
    location_id = Id(load_default=None, allow_none=True, metadata={"example": None})


class TakeBackBody(Body):
    """Why a receipt is taken back."""

    note = Text(high=300, load_default="", example="Wrong box")


class ProposedBody(Body):
    """Parts whose reorder proposal is to be ordered."""

    part_ids = fields.List(Id(), required=True, validate=validate.Length(1, 500))
    location_id = Id(load_default=None, allow_none=True, metadata={"example": None})


class SupplyReceiptAnswer(Answer):
    """What came for a line, or (below zero) what was taken back."""

    id = Id(attribute="receipt.id")
    quantity = Exact(attribute="receipt.quantity", low=None, example="5")
    serial_number = Text(allow_none=True, example="P-1001")
    at = Moment(attribute="receipt.at")
    delivery_note = Text(attribute="receipt.delivery_note", example="DN 4711")
    reverses_id = Id(attribute="receipt.reverses_id", allow_none=True)
    taken_back = Bool(metadata={"example": False})
    actor = Text(allow_none=True, example="Storekeeper")


class SupplyLineAnswer(Answer):
    """A part on an order."""

    id = Id(attribute="line.id")
    sequence = Int(attribute="line.sequence")
    part_id = Id(attribute="line.part_id")
    number = Text(example="BRG-6309")
    name = Text(example="Ball bearing 6309")
    unit = Text(example="pcs")
    quantity = Exact(attribute="line.quantity", example="20")
    unit_price = Exact(places=4, attribute="line.unit_price", example="31.20")
    amount = Exact(places=2, example="624.00")
    due_on = Day(attribute="line.due_on")
    confirmed_on = Day(attribute="line.confirmed_on", allow_none=True)
    expected_on = Day()
    tolerance = Choice(Tolerance, attribute="line.tolerance")
    receivable = Exact(attribute="line.receivable", example="20")
    received = Exact(attribute="line.received", example="5")
    given_up = Exact(attribute="line.given_up", example="0")
    open_quantity = Exact(example="15")
    is_late = Bool(metadata={"example": False})
    plan_reference = Text(allow_none=True, example="plan 7, line 12")


class SupplyLineWholeAnswer(SupplyLineAnswer):
    """A part on an order, with what came of it."""

    receipts = fields.List(fields.Nested(SupplyReceiptAnswer))


class SupplyStepAnswer(Answer):
    """A step of an order."""

    sequence = Int(attribute="event.sequence")
    from_state = Choice(SupplyState, attribute="event.from_state", allow_none=True)
    to_state = Choice(SupplyState, attribute="event.to_state")
    at = Moment(attribute="event.at")
    note = Text(attribute="event.note", example="")
    actor = Text(allow_none=True, example="Parts planner")


class SupplyOrderAnswer(Answer):
    """A supply order."""

    id = Id(attribute="order.id")
    number = Text(attribute="order.number", example="PO-2026-00017")
    kind = Choice(SupplyKind, attribute="order.kind")
    state = Choice(SupplyState, attribute="order.state")
    organization_id = Id(attribute="order.organization_id")
    buyer = Text(example="Maker")
    supplier_id = Id(attribute="order.supplier_id", allow_none=True)
    supplier = Text(allow_none=True, example="Supplier")
    location_id = Id(attribute="order.location_id")
    location = Text(example="Main store")
    currency = CurrencyCode(attribute="order.currency")
    total = Exact(places=2, example="624.00")
    note = Text(attribute="order.note", example="Deliver to gate 2")
    reason = Text(attribute="order.reason", allow_none=True, example="Ordered twice")
    plan_reference = Text(allow_none=True, example="plan 7")
    expected_on = Day(allow_none=True)
    is_late = Bool(metadata={"example": False})
    created_at = Moment(attribute="order.created_at")
    approved_at = Moment(attribute="order.approved_at", allow_none=True)
    sent_at = Moment(attribute="order.sent_at", allow_none=True)
    closed_at = Moment(attribute="order.closed_at", allow_none=True)
    version = Int()
    lines = fields.List(fields.Nested(SupplyLineAnswer))


class SupplyOrderWholeAnswer(SupplyOrderAnswer):
    """A supply order with its receipts and steps."""

    lines = fields.List(fields.Nested(SupplyLineWholeAnswer))
    events = fields.List(fields.Nested(SupplyStepAnswer))


class SupplyOrdersAnswer(Answer):
    """The orders that took something."""

    orders = fields.List(fields.Nested(SupplyOrderWholeAnswer))


class SupplyPaperQuery(Query):
    """In which language a paper is printed."""

    language = Language(load_default=None)


class LeadTimeQuery(Query):
    """Of which part or supplier."""

    part_id = Id(load_default=None)
    supplier_id = Id(load_default=None)


class LeadTimeAnswer(Answer):
    """How long deliveries of a part by one supplier took, in days; ``months`` are shares by month."""

    part_id = Id()
    kind = Choice(SupplyKind)
    supplier_id = Id(allow_none=True)
    supplier = Text(allow_none=True, example="Supplier")
    count = Int(attribute="lead_time.count", example=7)
    mean = fields.Float(attribute="lead_time.mean", metadata={"example": 41.5})
    deviation = fields.Float(attribute="lead_time.deviation", metadata={"example": 6.2})
    shortest = Int(attribute="lead_time.shortest", example=35)
    longest = Int(attribute="lead_time.longest", example=55)
    months = fields.Dict(
        keys=fields.String(), values=fields.Float(), attribute="lead_time.months", metadata={"example": {"2": 1.0}}
    )


class IncomingQuery(Query):
    """Of which part."""

    part_id = Id(load_default=None)
    with_drafts = Bool(load_default=False, metadata={"example": False})


class IncomingAnswer(Answer):
    """What a line still brings."""

    order_id = Id()
    line_id = Id()
    number = Text(example="PO-2026-00017")
    kind = Choice(SupplyKind)
    state = Choice(SupplyState)
    supplier_id = Id(allow_none=True)
    location_id = Id()
    part_id = Id()
    quantity = Exact(example="15")
    expected_on = Day()
    is_late = Bool(metadata={"example": False})


class SupplierAnswer(Answer):
    """An organisation to order from."""

    id = Id()
    name = Text(example="Supplier")
    country = Text(example="HR")
