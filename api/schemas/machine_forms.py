"""What the machines' pages ask, line by line, where a form differs from the JSON."""

from marshmallow import fields

from aftersales.papers.words import DISPOSALS, WRITE_OFF_REASONS
from api.schemas.base import Body, Exact, Id, Language, Text
from api.schemas.machines import Word


class HazardLine(Body):
    """Something to be disposed of with care, and how much."""

    name = Text(required=True, low=1, high=100, example="Oil")
    amount = Text(high=200, load_default="", example="20 l")


class WriteOffForm(Body):
    """Why a machine leaves service for good, as the page asks it."""

    reason = Word(tuple(WRITE_OFF_REASONS), required=True, example="worn_out")
    reason_text = Text(high=2000, load_default="", example="Frame cracked")
    disposal = Word(("", *DISPOSALS), load_default="", example="dismantled")
    hazards = fields.List(fields.Nested(HazardLine), load_default=list)
    language = Language(allow_none=True, load_default=None)


class ResultLine(Body):
    """A value measured at acceptance; left empty it is not recorded."""

    characteristic_id = Id(required=True)
    value = Exact(places=6, digits=9, low=None, allow_none=True, load_default=None, example="8.2")


class AcceptanceForm(Body):
    """Values measured at acceptance, as the page asks them."""

    results = fields.List(fields.Nested(ResultLine), load_default=list)
    tester = Text(required=True, low=1, high=200, example="Test bench 2")


class ReasonLine(Body):
    """Why a position is empty."""

    code = Text(required=True, low=1, high=50, example="10")
    reason = Text(high=500, allow_none=True, load_default=None, example="Shipped apart")


class PassportForm(Body):
    """What is said at the issue, as the page asks it."""

    positions = fields.List(fields.Nested(ReasonLine), load_default=list)
    remarks = Text(high=2000, load_default="", example="")
