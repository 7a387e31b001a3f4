"""What forecasts consist of, where they were wrong, and what they mean for the workshop."""

from typing import Any

from marshmallow import fields, post_load, validate

from aftersales.planning.misses import SPANS
from aftersales.planning.rules import months
from api.schemas.base import Answer, Bool, Day, Exact, Id, Int, Query, Text


class MonthChoice(Query):
    """Which run (the newest by default), and which month is shown by machine (any day of it; the first by default)."""

    run_id = Id(load_default=None)
    month = Day(load_default=None)

    @post_load
    def to_month(self, data: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Take any day for its month."""
        return data | {"month": None if data["month"] is None else months.month_of(data["month"])}


class ExplanationQuery(MonthChoice):
    """Which run and month, and how many decimal places."""

    places = Int(low=0, high=6, load_default=3, example=3)


class PiecesAnswer(Answer):
    """What a month's forecast consists of; retirements are below zero, and all add up to what is expected."""

    planned = Exact(places=6, low=None, example="1.5")
    failures = Exact(places=6, low=None, example="2.4")
    new_machines = Exact(places=6, low=None, example="0")
    retirements = Exact(places=6, low=None, example="-0.2")
    correction = Exact(places=6, low=None, example="0.5")


class MonthAnswer(Answer):
    """A month ahead."""

    month = Day()
    expected = Exact(places=6, low=None, example="4.2")
    pieces = fields.Nested(PiecesAnswer)
    planned_machines = Int(example=3)


class MachineShareAnswer(Answer):
    """What one machine is expected to need in the month; ``hours`` is the life of its oldest such component."""

    machine_id = Id(allow_none=True)
    name = Text(example="CR300-2201")
    hours = fields.Float(allow_none=True, metadata={"example": 8120})
    hours_per_day = fields.Float(allow_none=True, metadata={"example": 9.5})
    expected = Exact(places=6, low=None, example="0.4")
    machines = Int(example=1)


class LifeAnswer(Answer):
    """How long the part lives in a group of machines (Weibull)."""

    group = Text(example="CR-300")
    shape = fields.Float(allow_none=True, metadata={"example": 2.1})
    scale_hours = fields.Float(allow_none=True, metadata={"example": 9500})
    failures = Int(example=14)
    exposure_hours = fields.Float(allow_none=True, metadata={"example": 120000})


class ExplanationAnswer(Answer):
    """A part's forecast taken apart. Machines, others, new ones and the rest add up to what ``month`` expects."""

    run_id = Id()
    part_id = Id(attribute="part.id")
    part_number = Text(attribute="part.number", example="HP-100")
    unit = Text(attribute="part.unit", example="pcs")
    words = Text(example="Expected in Mar 2026: 4.2 pcs = 1.5 planned on 3 machines, 2.7 for failures.")
    months = fields.List(fields.Nested(MonthAnswer), attribute="found.months")
    month = fields.Nested(MonthAnswer, attribute="found.month")
    machines = fields.List(fields.Nested(MachineShareAnswer), attribute="found.machines")
    others = fields.Nested(MachineShareAnswer, attribute="found.others", allow_none=True)
    new = fields.List(fields.Nested(MachineShareAnswer), attribute="found.new")
    rest = Exact(places=6, low=None, attribute="found.rest", example="0.1")
    machines_in_use = Int(attribute="found.machines_in_use", example=41)
    chosen = Text(attribute="found.chosen", example="both")
    lives = fields.List(fields.Nested(LifeAnswer), attribute="found.lives")
    tried = fields.Dict(attribute="found.tried", allow_none=True, metadata={"example": {"history": 4.2, "fleet": 3.1}})


class NeedAnswer(Answer):
    """One need that came; machine and order where you see them."""

    at = Text(example="2026-03-14")
    quantity = fields.Float(metadata={"example": 1})
    source = Text(example="consumption")
    machine_id = Id(allow_none=True)
    serial_number = Text(example="CR300-2201")
    order_id = Id(allow_none=True)
    order_number = Text(example="SO-2026-00012")


class PastMonthAnswer(Answer):
    """A month that has passed: expected by the newest run before it, what came, and the month before again."""

    month = Day()
    run_id = Id()
    expected = Exact(places=6, low=None, example="4.2")
    upper = Exact(places=6, low=None, example="8")
    last = Exact(places=6, low=None, allow_none=True, example="3")
    actual = Exact(example="5")
    within = Bool()
    needs = fields.List(fields.Nested(NeedAnswer))


class MissesQuery(Query):
    """How many of the months that have passed, and by what the misses are ordered."""

    span = fields.Integer(validate=validate.OneOf(SPANS), load_default=3, metadata={"example": 3, "type": "integer"})
    by = fields.String(
        validate=validate.OneOf(("money", "pieces")), load_default="money", metadata={"example": "money"}
    )


class MissAnswer(Answer):
    """A part that was missed: what had been expected from what, what came, and the difference in money at cost."""

    part_id = Id(attribute="miss.part.id")
    part_number = Text(attribute="miss.part.number", example="HP-100")
    part_name = Text(attribute="miss.part.name", example="Hydraulic pump")
    unit = Text(attribute="miss.part.unit", example="pcs")
    expected = Exact(places=6, low=None, attribute="miss.expected", example="4.2")
    actual = Exact(attribute="miss.actual", example="9")
    difference = Exact(places=6, low=None, attribute="miss.difference", example="4.8")
    money = Exact(places=2, low=None, attribute="miss.money", example="5760.00")
    currency = Text(attribute="miss.part.currency", example="EUR")
    alarm = Text(attribute="miss.alarm", allow_none=True, example="low")
    pieces = fields.Dict(attribute="miss.pieces", metadata={"example": {"planned": 1.5, "failures": 2.7}})
    needs = fields.List(fields.Nested(NeedAnswer), attribute="miss.needs")
    words = Text(example="Expected 4.2 pcs (1.5 planned, 2.7 for failures); came 9 pcs on 5 machines.")


class MissesAnswer(Answer):
    """The largest misses, and all parts together; ``absolute`` and ``naive`` are Σ|error| of it and of last month."""

    first = Day(attribute="found.first", allow_none=True)
    last = Day(attribute="found.last", allow_none=True)
    parts = Int(attribute="found.parts", allow_none=True, example=32)
    expected = Exact(places=6, low=None, attribute="found.expected", allow_none=True, example="120.5")
    actual = Exact(attribute="found.actual", allow_none=True, example="131")
    absolute = Exact(places=6, attribute="found.absolute", allow_none=True, example="40.1")
    naive = Exact(places=6, attribute="found.naive", allow_none=True, example="55")
    currency = Text(attribute="found.currency", allow_none=True, example="EUR")
    largest = fields.List(fields.Nested(MissAnswer))


class PartLoadAnswer(Answer):
    """A part and the work its failures are expected to make over the run."""

    part_id = Id()
    part_number = Text(example="HP-100")
    part_name = Text(example="Hydraulic pump")
    repairs = fields.Float(metadata={"example": 12.5})
    hours = fields.Float(metadata={"example": 61.0})
    hours_each = fields.Float(metadata={"example": 4.9})


class LoadMonthAnswer(Answer):
    """Repairs, services and hours to expect in a month; ``deviation`` is the standard deviation of the hours."""

    month = Day()
    repairs = fields.Float(metadata={"example": 24.0})
    other_repairs = fields.Float(metadata={"example": 12.9})
    services = fields.Float(metadata={"example": 40})
    hours = fields.Float(metadata={"example": 480.5})
    deviation = fields.Float(metadata={"example": 24.0})


class WorkloadAnswer(Answer):
    """The load of the workshop on all your machines; ``own_share`` of closed jobs was done by your own people."""

    run_id = Id()
    own_share = fields.Float(metadata={"example": 0.46})
    months = fields.List(fields.Nested(LoadMonthAnswer))
    parts = fields.List(fields.Nested(PartLoadAnswer))
