"""What routes of the parts catalogue take and give."""

from marshmallow import validate

from aftersales.vocabulary import Criticality
from api.schemas.base import Answer, Body, Bool, Choice, Day, Exact, Id, Int, Moment, NumberPageQuery, Query, Text

DAYS = 36_500


class CurrencyCode(Text):
    """An ISO 4217 code."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(low=3, high=3, example="EUR", **kwargs)
        self.validators = [*self.validators, validate.Regexp(r"^[A-Z]{3}$")]


class PartQuery(NumberPageQuery):
    """Which parts."""

    search = Text(high=100, load_default="", example="bearing")
    own = Bool(load_default=None)
    criticality = Choice(Criticality, load_default=None)
    with_ended = Bool(load_default=False, metadata={"example": False})


class PartChangeBody(Body):
    """What changes about a part."""

    number = Text(low=1, high=80, example="BRG-6309")
    name = Text(low=1, high=200, example="Ball bearing 6309")
    own = Bool()
    maker = Text(high=200, allow_none=True, example="Bearing works")
    supplier_id = Id(allow_none=True, metadata={"example": None})
    unit = Text(low=1, high=10, example="pcs")
    whole_units = Bool()
    price = Exact(places=4, example="48.50")
    cost = Exact(places=4, example="31.20")
    currency = CurrencyCode()
    lead_time_days = Int(high=DAYS, example=21)
    minimum_quantity = Exact(places=3, digits=9, example="1")
    multiple = Exact(places=3, digits=9, example="1")
    criticality = Choice(Criticality)
    shelf_life_days = Int(low=1, high=DAYS, allow_none=True, example=730)
    serialised = Bool(metadata={"example": False})
    repairable = Bool(metadata={"example": False})


class PartBody(PartChangeBody):
    """A part to add to the catalogue."""

    number = Text(required=True, low=1, high=80, example="BRG-6309")
    name = Text(required=True, low=1, high=200, example="Ball bearing 6309")


class PartAnswer(Answer):
    """A part. ``cost`` is shown to the organisation it belongs to; ``price`` to all but its supplier."""

    id = Id(attribute="part.id")
    organization_id = Id(attribute="part.organization_id")
    owner = Text(example="Maker")
    number = Text(attribute="part.number", example="BRG-6309")
    name = Text(attribute="part.name", example="Ball bearing 6309")
    own = Bool(attribute="part.own")
    maker = Text(attribute="part.maker", allow_none=True, example="Bearing works")
    supplier = Text(allow_none=True, example="Supplier")
    unit = Text(attribute="part.unit", example="pcs")
    whole_units = Bool(attribute="part.whole_units")
    price = Exact(places=4, allow_none=True, example="48.50")
    cost = Exact(places=4, allow_none=True, example="31.20")
    currency = Text(attribute="part.currency", example="EUR")
    lead_time_days = Int(attribute="part.lead_time_days", example=21)
    minimum_quantity = Exact(attribute="part.minimum_quantity", example="1")
    multiple = Exact(attribute="part.multiple", example="1")
    criticality = Choice(Criticality, attribute="part.criticality")
    shelf_life_days = Int(attribute="part.shelf_life_days", allow_none=True, example=730)
    serialised = Bool(attribute="part.serialised")
    repairable = Bool(attribute="part.repairable")
    created_at = Moment(attribute="part.created_at")
    ended_at = Moment(attribute="part.ended_at", allow_none=True)
    version = Int()


class SupersessionBody(Body):
    """What replaces a part."""

    new_id = Id(required=True, metadata={"example": 2})
    valid_from = Day(required=True)
    ratio = Exact(low="0.001", digits=6, example="1")
    both_ways = Bool()


class SupersessionAnswer(Answer):
    """A supersession: ``ratio`` units of the new part do the work of one old."""

    old_id = Id()
    new_id = Id()
    valid_from = Day()
    ratio = Exact(example="1")
    both_ways = Bool()


class ChainStepAnswer(Answer):
    """A part in a supersession chain, oldest first."""

    part_id = Id()
    number = Text(example="BRG-6309")
    name = Text(example="Ball bearing 6309")
    valid_from = Day(allow_none=True)
    ratio = Exact(example="1")
    both_ways = Bool()


class AlternateBody(Body):
    """Another part that may be used instead, one way."""

    alternate_id = Id(required=True, metadata={"example": 2})
    note = Text(high=300, example="Needs the long bolt")


class AlternateAnswer(Answer):
    """An alternate."""

    part_id = Id()
    alternate_id = Id()
    note = Text(example="Needs the long bolt")


class SubstituteQuery(Query):
    """How far to look for substitutes."""

    levels = Int(low=1, high=6, load_default=3, example=3)


class SubstituteAnswer(Answer):
    """A part that can stand in, nearest first; ``ratio`` of it do the work of one."""

    part_id = Id()
    number = Text(example="BRG-6309-2RS")
    name = Text(example="Ball bearing, sealed")
    ratio = Exact(example="1")
    level = Int(example=1)


class UseAnswer(Answer):
    """A position of a model that holds the part, and how many machines of the model you see."""

    model_id = Id()
    model_code = Text(example="CR-300")
    model_name = Text(example="Crusher 300")
    position_id = Id()
    position_code = Text(example="10.2")
    position_name = Text(example="Main bearing")
    quantity = Int(example=2)
    machines = Int(example=40)
