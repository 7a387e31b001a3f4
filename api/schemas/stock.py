"""What routes of the store take and give."""

from marshmallow import fields, validate

from aftersales.vocabulary import Condition, LocationKind, MoveKind
from api.schemas.base import Answer, Body, Bool, Choice, Exact, Id, Int, Moment, NumberPageQuery, Query, Text


class Amounted(Exact):
    """A quantity above zero, with up to three decimal places."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(places=3, digits=9, low="0.001", example="1", **kwargs)


class LocationQuery(NumberPageQuery):
    """Which places."""

    with_ended = Bool(load_default=False, metadata={"example": False})


class LocationBody(Body):
    """A place to add."""

    code = Text(required=True, low=1, high=40, example="MAIN")
    name = Text(required=True, low=1, high=200, example="Main store")
    kind = Choice(LocationKind, required=True)
    parent_id = Id(allow_none=True, load_default=None, metadata={"example": None})
    keeper_id = Id(allow_none=True, load_default=None, metadata={"example": None})


class LocationChangeBody(Body):
    """What changes about a place."""

    name = Text(low=1, high=200, example="Main store")
    parent_id = Id(allow_none=True, metadata={"example": None})
    keeper_id = Id(allow_none=True, metadata={"example": None})


class LocationAnswer(Answer):
    """A place stock can be."""

    id = Id(attribute="location.id")
    code = Text(attribute="location.code", example="MAIN")
    name = Text(attribute="location.name", example="Main store")
    kind = Choice(LocationKind, attribute="location.kind")
    parent_id = Id(attribute="location.parent_id", allow_none=True)
    parent = Text(allow_none=True, example="MAIN")
    keeper_id = Id(attribute="location.keeper_id", allow_none=True)
    keeper = Text(allow_none=True, example="Service engineer")
    ended_at = Moment(attribute="location.ended_at", allow_none=True)
    version = Int()


class BalanceQuery(NumberPageQuery):
    """Which balances."""

    part_id = Id(load_default=None)
    location_id = Id(load_default=None)
    search = Text(high=100, load_default="", example="bearing")
    with_empty = Bool(load_default=False, metadata={"example": False})


class BalanceAnswer(Answer):
    """What a place holds of a part in one condition."""

    part_id = Id()
    number = Text(example="BRG-6309")
    name = Text(example="Ball bearing 6309")
    unit = Text(example="pcs")
    condition = Choice(Condition)
    location_id = Id()
    location = Text(example="MAIN")
    on_hand = Exact(example="12")
    reserved = Exact(example="2")
    free = Exact(example="10")


class SerialQuery(Query):
    """Which units."""

    part_id = Id(load_default=None)
    location_id = Id(load_default=None)


class SerialAnswer(Answer):
    """Where a unit with a serial number is."""

    part_id = Id()
    serial_number = Text(example="P-1001")
    location_id = Id()
    condition = Choice(Condition)


class MoveQuery(NumberPageQuery):
    """Which moves."""

    part_id = Id(load_default=None)
    location_id = Id(load_default=None)
    work_order_id = Id(load_default=None)
    serial_number = Text(low=1, high=80, load_default=None, example="P-1001")


class StockMoveAnswer(Answer):
    """A move of the ledger."""

    id = Id(attribute="move.id")
    kind = Choice(MoveKind, attribute="move.kind")
    part_id = Id(attribute="move.part_id")
    number = Text(example="BRG-6309")
    serial_number = Text(attribute="move.serial_number", allow_none=True, example="P-1001")
    quantity = Exact(attribute="move.quantity", example="1")
    unit = Text(example="pcs")
    condition = Choice(Condition, attribute="move.condition")
    to_condition = Choice(Condition, attribute="move.to_condition")
    from_location_id = Id(attribute="move.from_location_id")
    origin = Text(example="~supplier")
    to_location_id = Id(attribute="move.to_location_id")
    target = Text(example="MAIN")
    at = Moment(attribute="move.at")
    unit_cost = Exact(places=4, attribute="move.unit_cost", example="31.20")
    currency = Text(attribute="move.currency", example="EUR")
    work_order_id = Id(attribute="move.work_order_id", allow_none=True)
    order = Text(allow_none=True, example="SO-2026-00017")
    document = Text(attribute="move.document", allow_none=True, example="DN 4711")
    note = Text(attribute="move.note", example="")
    recorded_at = Moment(attribute="move.recorded_at")
    actor = Text(allow_none=True, example="Storekeeper")


class MoveBody(Body):
    """A quantity of a part at a place."""

    part_id = Id(required=True)
    location_id = Id(required=True)
    quantity = Amounted(required=True)
    condition = Choice(Condition)
    serial_number = Text(low=1, high=80, allow_none=True, metadata={"example": None})
    at = Moment(allow_none=True, metadata={"example": None})
    note = Text(high=300, example="")


class ReceiptBody(MoveBody):
    """Stock that comes in; origin is supplier, production, customer, or adjustment for opening stock."""

    origin = Choice(LocationKind, metadata={"example": "supplier"})
    unit_cost = Exact(places=4, digits=9, allow_none=True, example="31.20")
    document = Text(high=80, allow_none=True, example="DN 4711")
    source_key = Text(low=1, high=120, allow_none=True, metadata={"example": None})


class IssueBody(MoveBody):
    """Stock given out to a customer; parts of a work order are issued by closing the order."""

    reservation_id = Id(allow_none=True, metadata={"example": None})
    document = Text(high=80, allow_none=True, example="Delivery 17")


class StockTransferBody(Body):
    """Stock carried from one place to another."""

    part_id = Id(required=True)
    from_location_id = Id(required=True)
    to_location_id = Id(required=True, metadata={"example": 2})
    quantity = Amounted(required=True)
    condition = Choice(Condition)
    serial_number = Text(low=1, high=80, allow_none=True, metadata={"example": None})
    at = Moment(allow_none=True, metadata={"example": None})
    note = Text(high=300, example="")


class RegradeBody(MoveBody):
    """Stock whose condition changes."""

    condition = Choice(Condition, required=True, metadata={"example": "core"})
    to_condition = Choice(Condition, required=True, metadata={"example": "second_category"})


class ScrapBody(MoveBody):
    """Stock thrown away, with the reason."""

    note = Text(required=True, low=1, high=300, example="Dropped")


class ReservationQuery(NumberPageQuery):
    """Which reservations."""

    part_id = Id(load_default=None)
    location_id = Id(load_default=None)
    work_order_id = Id(load_default=None)
    open_only = Bool(load_default=True)


class ReservationBody(Body):
    """Stock to set aside."""

    part_id = Id(required=True)
    location_id = Id(required=True)
    quantity = Amounted(required=True)
    condition = Choice(Condition)
    note = Text(high=300, example="For the overhaul in May")


class ReleaseBody(Body):
    """How much to give free again; all that is open when left out."""

    quantity = Amounted(allow_none=True)


class ReservationAnswer(Answer):
    """Stock set aside."""

    id = Id(attribute="reservation.id")
    part_id = Id(attribute="reservation.part_id")
    number = Text(example="BRG-6309")
    condition = Choice(Condition, attribute="reservation.condition")
    location_id = Id(attribute="reservation.location_id")
    location = Text(example="MAIN")
    quantity = Exact(attribute="reservation.quantity", example="2")
    open_quantity = Exact(attribute="reservation.open_quantity", example="2")
    work_order_id = Id(attribute="reservation.work_order_id", allow_none=True)
    order = Text(allow_none=True, example="SO-2026-00017")
    note = Text(attribute="reservation.note", example="")
    created_at = Moment(attribute="reservation.created_at")
    closed_at = Moment(attribute="reservation.closed_at", allow_none=True)
    version = Int()


class CountQuery(NumberPageQuery):
    """Which counts."""

    state = fields.String(
        load_default=None, validate=validate.OneOf(["counted", "approved", "rejected"]), metadata={"example": "counted"}
    )
    location_id = Id(load_default=None)


class CountBody(Body):
    """What was counted; of parts with serial numbers, those that are there."""

    part_id = Id(required=True)
    location_id = Id(required=True)
    condition = Choice(Condition)
    counted = Exact(places=3, digits=9, allow_none=True, example="11")
    serial_numbers = fields.List(
        Text(low=1, high=80, example="P-1001"),
        allow_none=True,
        validate=validate.Length(max=500),
        metadata={"example": None},
    )


class CountAnswer(Answer):
    """A count; its difference moves stock only once approved."""

    id = Id(attribute="count.id")
    part_id = Id(attribute="count.part_id")
    number = Text(example="BRG-6309")
    condition = Choice(Condition, attribute="count.condition")
    location_id = Id(attribute="count.location_id")
    location = Text(example="MAIN")
    expected = Exact(attribute="count.expected", example="12")
    counted = Exact(attribute="count.counted", example="11")
    difference = Exact(low=None, example="-1")
    serial_numbers = fields.List(Text(example="P-1001"), attribute="count.serial_numbers", allow_none=True)
    state = Text(attribute="count.state", example="counted")
    counted_at = Moment(attribute="count.counted_at")
    counted_by = Text(allow_none=True, example="Storekeeper")
    decided_at = Moment(attribute="count.decided_at", allow_none=True)
    move_id = Id(attribute="count.move_id", allow_none=True)
    version = Int()
