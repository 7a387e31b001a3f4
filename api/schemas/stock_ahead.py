"""Stock ahead, by part and month."""

from marshmallow import fields

from api.schemas.base import Answer, Bool, Day, Id, Int, NumberPageQuery, Text


class StockAheadQuery(NumberPageQuery):
    """How many months, and whether only parts that ask for a look."""

    horizon = Int(low=1, high=60, load_default=12, example=12)
    only_alerts = Bool(load_default=False, metadata={"example": False})


class MonthAheadAnswer(Answer):
    """Stock at a month's end, below zero owed; it lies between ``low`` and ``high`` in 80 of 100 cases."""

    month = Day()
    expected = fields.Float(metadata={"example": 9.4})
    low = fields.Float(metadata={"example": 6})
    high = fields.Float(metadata={"example": 12})
    runs_out = fields.Float(metadata={"example": 0.01})


class StockAheadAnswer(Answer):
    """A part's stock ahead; ``risk`` is that it runs out before more comes."""

    part_id = Id(attribute="view.part.id")
    part_number = Text(attribute="view.part.number", example="HP-100")
    part_name = Text(attribute="view.part.name", example="Hydraulic pump")
    on_hand = fields.Float(attribute="view.on_hand", metadata={"example": 15})
    next_receipt = Day(attribute="view.next_receipt", allow_none=True)
    risk = fields.Float(attribute="view.risk", metadata={"example": 0.02})
    excess = fields.Float(attribute="view.excess", metadata={"example": 0})
    alerts = fields.List(fields.String(), attribute="view.raised", metadata={"example": ["runs_out"]})
    words = fields.List(fields.String(), metadata={"example": ["An order is late"]})
    months = fields.List(fields.Nested(MonthAheadAnswer), attribute="view.months")
