"""What forms of parts, stock and warranty take beyond what JSON does: parts by number, clauses as rows."""

from marshmallow import fields, validate

from aftersales.vocabulary import Condition, LocationKind
from api.schemas.base import Body, Bool, Choice, Day, Exact, Id, Int, NumberPageQuery, Text
from api.schemas.parts import PartBody, PartChangeBody
from api.schemas.stock import Amounted
from api.schemas.warranty import STARTS, ClauseBody


class PartForm(PartBody):
    """A part to add; the supplier by name."""

    class Meta(PartBody.Meta):
        """The supplier comes by name."""

        exclude = ("supplier_id",)


class PartChangeForm(PartChangeBody):
    """A part to change."""

    class Meta(PartChangeBody.Meta):
        """The supplier stays as it is."""

        exclude = ("supplier_id",)


class SupersessionForm(Body):
    """What replaces a part, by its number."""

    new_number = Text(required=True, low=1, high=80)
    valid_from = Day(required=True)
    ratio = Exact(low="0.001", digits=6)
    both_ways = Bool()


class AlternateForm(Body):
    """Another part that may be used instead, by its number."""

    other_number = Text(required=True, low=1, high=80)
    note = Text(high=300)


class StockQuery(NumberPageQuery):
    """Which stock."""

    search = Text(high=100, load_default="")
    location_id = Id(load_default=None)


class ActQuery(Body):
    """What a form of the store starts with."""

    number = Text(high=80, load_default="")
    location_id = Id(load_default=None)
    condition = Choice(Condition, load_default=Condition.NEW)
    reservation_id = Id(load_default=None)


class ActForm(Body):
    """A quantity of a part, by its number, at a place."""

    part_number = Text(required=True, low=1, high=80)
    location_id = Id(required=True)
    quantity = Amounted(required=True)
    condition = Choice(Condition)
    serial_number = Text(low=1, high=80)
    note = Text(high=300)


class ReceiptForm(ActForm):
    """Stock that comes in."""

    origin = Choice(LocationKind)
    unit_cost = Exact(places=4, digits=9)
    document = Text(high=80)


class IssueForm(ActForm):
    """Stock given out."""

    reservation_id = Id()
    document = Text(high=80)


class TransferForm(Body):
    """Stock carried to another place."""

    part_number = Text(required=True, low=1, high=80)
    from_location_id = Id(required=True, data_key="location_id")
    to_location_id = Id(required=True)
    quantity = Amounted(required=True)
    condition = Choice(Condition)
    serial_number = Text(low=1, high=80)
    note = Text(high=300)


class RegradeForm(ActForm):
    """Stock whose condition changes."""

    to_condition = Choice(Condition, required=True)


class ReserveForm(Body):
    """Stock to set aside."""

    part_number = Text(required=True, low=1, high=80)
    location_id = Id(required=True)
    quantity = Amounted(required=True)
    condition = Choice(Condition)
    note = Text(high=300)


class CountForm(Body):
    """What was counted; serial numbers one a line."""

    part_number = Text(required=True, low=1, high=80)
    location_id = Id(required=True)
    condition = Choice(Condition)
    counted = Exact(places=3, digits=9)
    serials = Text(high=40_000)


class ClauseForm(ClauseBody):
    """A clause of the policy form; the excluded part by number."""

    excluded_number = Text(high=80)

    class Meta(ClauseBody.Meta):
        """The part comes by number."""

        exclude = ("excluded_part_id",)


class PolicyForm(Body):
    """A policy to write."""

    code = Text(required=True, low=1, high=40)
    name = Text(required=True, low=1, high=200)
    model_id = Id()
    is_extension = Bool()
    start_rule = fields.String(validate=validate.OneOf(STARTS))
    offer_days_before_end = Int(high=3650)
    price = Exact(places=4)
    clauses = fields.List(fields.Nested(ClauseForm), required=True, validate=validate.Length(1, 100))
