"""What forms of supply orders take beyond what JSON does: parts by number, rows left empty, serial numbers as lines."""

from marshmallow import fields, validate

from aftersales.vocabulary import SupplyKind, Tolerance
from api.schemas.base import Body, Choice, Day, Exact, Id, Text
from api.schemas.purchasing import SupplyOrderBody
from api.schemas.stock import Amounted


class SupplyLineForm(Body):
    """A part to order, by its number."""

    part_number = Text(required=True, low=1, high=80)
    quantity = Amounted(required=True)
    unit_price = Exact(places=4, digits=9)
    due_on = Day()
    tolerance = Choice(Tolerance)


class SupplyOrderForm(SupplyOrderBody):
    """An order to draft; its parts by number."""

    kind = Choice(SupplyKind, required=True)
    supplier_id = Id(load_default=None)
    lines = fields.List(fields.Nested(SupplyLineForm), load_default=list, validate=validate.Length(max=50))

    class Meta(SupplyOrderBody.Meta):
        """The currency is that of the parts; a plan has its own way to order."""

        exclude = ("currency", "plan_reference")


class PromiseRow(Body):
    """The day a line is promised for, if one is given."""

    line_id = Id(required=True)
    confirmed_on = Day(load_default=None)


class PromisesForm(Body):
    """The days the supplier promises."""

    promises = fields.List(fields.Nested(PromiseRow), load_default=list)


class DeliveredRow(Body):
    """What came of a line; serial numbers one a line."""

    line_id = Id(required=True)
    quantity = Amounted(load_default=None)
    serials = Text(high=40_000, load_default="")


class SupplyReceiptForm(Body):
    """A delivery to receive."""

    delivered = fields.List(fields.Nested(DeliveredRow), load_default=list)
    delivery_note = Text(high=80, load_default="")
    location_id = Id(load_default=None)


class ProposedForm(Body):
    """Parts whose reorder proposal is to be ordered."""

    part_ids = fields.List(Id(), required=True, validate=validate.Length(1, 500))
