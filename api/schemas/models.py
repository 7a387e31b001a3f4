"""What routes of machine models take and give."""

from marshmallow import fields, validate

from aftersales.vocabulary import LifeUnit
from api.schemas.base import Answer, Body, Bool, Choice, Exact, Id, Int, Moment, PageQuery, Text


class ModelQuery(PageQuery):
    """Which models."""

    search = Text(high=100, load_default="", example="CR")


class ModelBody(Body):
    """A model to add."""

    code = Text(required=True, low=1, high=50, example="CR-300")
    name = Text(required=True, low=1, high=200, example="Crusher 300")
    family = Text(high=100, allow_none=True, load_default=None, example="Crushers")
    description = Text(high=2000, allow_none=True, load_default=None, example="Jaw crusher")
    country_of_origin = Text(low=0, high=2, allow_none=True, load_default=None, example="HR")
    markings = fields.List(Text(low=1, high=50, example="CE"), load_default=list, validate=validate.Length(max=20))


class ModelChangeBody(Body):
    """What changes about a model."""

    name = Text(low=1, high=200, example="Crusher 300")
    family = Text(high=100, allow_none=True, example="Crushers")
    description = Text(high=2000, allow_none=True, example="Jaw crusher")
    country_of_origin = Text(low=0, high=2, allow_none=True, example="HR")
    markings = fields.List(Text(low=1, high=50, example="CE"), validate=validate.Length(max=20))


class ModelAnswer(Answer):
    """A machine model."""

    id = Id()
    manufacturer_id = Id()
    code = Text(example="CR-300")
    name = Text(example="Crusher 300")
    family = Text(allow_none=True, example="Crushers")
    description = Text(allow_none=True, example="Jaw crusher")
    country_of_origin = Text(allow_none=True, example="HR")
    markings = fields.List(Text(example="CE"))
    ended_at = Moment(allow_none=True)
    version = Int()


class PositionBody(Body):
    """A place in the component tree."""

    code = Text(required=True, low=1, high=50, example="10")
    name = Text(required=True, low=1, high=200, example="Pump")
    parent_id = Id(allow_none=True, load_default=None, metadata={"example": None})
    part_id = Id(allow_none=True, load_default=None, metadata={"example": None})
    quantity = Int(low=1, high=1000, load_default=1)
    mandatory = Bool(load_default=False)
    option_code = Text(high=50, allow_none=True, load_default=None, metadata={"example": None})
    life_limit = Exact(places=3, digits=9, low="0", allow_none=True, load_default=None, example="8000")
    life_unit = Choice(LifeUnit, allow_none=True, load_default=None)


class PositionChangeBody(Body):
    """What changes about a position."""

    name = Text(low=1, high=200, example="Pump")
    parent_id = Id(allow_none=True, metadata={"example": None})
    part_id = Id(allow_none=True, metadata={"example": None})
    quantity = Int(low=1, high=1000)
    mandatory = Bool()
    option_code = Text(high=50, allow_none=True, metadata={"example": None})
    life_limit = Exact(places=3, digits=9, low="0", allow_none=True, example="8000")
    life_unit = Choice(LifeUnit, allow_none=True)


class PositionAnswer(Answer):
    """A position; ``depth`` tells how far down the tree it lies."""

    id = Id()
    model_id = Id()
    code = Text(example="10")
    name = Text(example="Pump")
    parent_id = Id(allow_none=True)
    part_id = Id(allow_none=True)
    quantity = Int()
    mandatory = Bool()
    option_code = Text(allow_none=True, example="ARCTIC")
    life_limit = Exact(allow_none=True, example="8000")
    life_unit = Choice(LifeUnit, allow_none=True)


class OptionBody(Body):
    """A configuration option; it requires and excludes others by code."""

    code = Text(required=True, low=1, high=50, example="ARCTIC")
    name = Text(required=True, low=1, high=200, example="Arctic package")
    requires = fields.List(Text(low=1, high=50), load_default=list, metadata={"example": []})
    excludes = fields.List(Text(low=1, high=50), load_default=list, metadata={"example": []})


class OptionAnswer(Answer):
    """An option."""

    id = Id()
    code = Text(example="ARCTIC")
    name = Text(example="Arctic package")
    requires = fields.List(Text(example="AC"))
    excludes = fields.List(Text(example="DESERT"))


class CharacteristicBody(Body):
    """What is measured, and within which limits (both included)."""

    name = Text(required=True, low=1, high=200, example="Pressure")
    unit = Text(high=20, load_default="", example="bar")
    lower = Exact(places=6, digits=9, low=None, allow_none=True, load_default=None, example="7.5")
    upper = Exact(places=6, digits=9, low=None, allow_none=True, load_default=None, example="10")


class TemplateBody(Body):
    """A version of the acceptance test to publish."""

    characteristics = fields.List(fields.Nested(CharacteristicBody), required=True, validate=validate.Length(1, 200))


class CharacteristicAnswer(Answer):
    """A characteristic."""

    id = Id()
    sequence = Int()
    name = Text(example="Pressure")
    unit = Text(example="bar")
    lower = Exact(places=6, low=None, allow_none=True, example="7.5")
    upper = Exact(places=6, low=None, allow_none=True, example="10")


class TemplateAnswer(Answer):
    """A published version of the acceptance test."""

    id = Id(attribute="template.id")
    number = Int(attribute="template.number")
    published_at = Moment(attribute="template.published_at")
    characteristics = fields.List(fields.Nested(CharacteristicAnswer))
