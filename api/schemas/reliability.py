"""The reliability of machines."""

from marshmallow import fields, validate

from api.schemas.base import Answer, Exact, Id, Int, Moment, Query, Text

MEAN = {"type": ["string", "null"], "example": "2000.0"}
PERIODS = (3, 6, 12, 24, 36, 60, 120)


class ReliabilityQuery(Query):
    """The last how many months, and of which model."""

    months = fields.Integer(validate=validate.OneOf(PERIODS), load_default=12, metadata={"example": 12})
    model_id = Id(load_default=None)


class FiguresAnswer(Answer):
    """Failures and hours of a period; ``mtbf`` in operating, ``mttr`` in clock hours, both empty without failures."""

    failures = Int(example=12)
    operating_hours = Exact(example="24000")
    down_hours = Exact(example="96")
    mtbf = fields.Function(lambda figures: _hours(figures.mtbf), metadata=MEAN)
    mttr = fields.Function(lambda figures: _hours(figures.mttr), metadata=MEAN)


def _hours(value: object) -> str | None:
    return None if value is None else f"{value:.1f}"


class ModelFiguresAnswer(Answer):
    """The figures of a model."""

    model = Text(example="Crusher 300")
    machines = Int(example=24)
    figures = fields.Nested(FiguresAnswer)


class MachineFiguresAnswer(Answer):
    """The figures of a machine."""

    machine_id = Id()
    serial_number = Text(example="CR300-2201")
    model = Text(example="Crusher 300")
    figures = fields.Nested(FiguresAnswer)


class FailureCountAnswer(Answer):
    """Failures of a kind; an empty name means not known or not shared with you."""

    name = Text(example="HP-100 Hydraulic pump")
    part_id = Id(allow_none=True)
    failures = Int(example=9)
    down_hours = Exact(example="40")


class FailureParetoAnswer(Answer):
    """Failures by model, component and mode, most first."""

    models = fields.List(fields.Nested(FailureCountAnswer))
    components = fields.List(fields.Nested(FailureCountAnswer))
    modes = fields.List(fields.Nested(FailureCountAnswer))


class CumulativeFailuresAnswer(Answer):
    """Mean number of failures of a machine up to each age: points of operating hours and failures."""

    model = Text(example="Crusher 300")
    machines = Int(example=24)
    failures = Int(example=60)
    points = fields.List(fields.List(fields.Float()), metadata={"example": [[0.0, 0.0], [1200.0, 0.5]]})


class WeibullLifeAnswer(Answer):
    """The Weibull life of a part; ``pattern`` is early, chance, wear or unknown; ``b10``: 10 of 100 fail before it."""

    part_id = Id()
    part_number = Text(example="HP-100")
    part_name = Text(example="Hydraulic pump")
    units = Int(example=80)
    failures = Int(attribute="fit.failures", example=14)
    exposure_hours = fields.Float(attribute="fit.exposure", metadata={"example": 120000.0})
    shape = fields.Float(attribute="fit.shape", metadata={"example": 2.1})
    scale_hours = fields.Float(attribute="fit.scale", metadata={"example": 9500.0})
    b10_hours = fields.Float(attribute="fit.b10", metadata={"example": 3250.0})
    pattern = Text(attribute="fit.pattern", example="wear")


class ReliabilityAnswer(Answer):
    """The reliability of the machines you see: of the period, save lives and cumulative failures, which are of ever."""

    start = Moment()
    until = Moment()
    machines = Int(example=120)
    all = fields.Nested(FiguresAnswer)
    models = fields.List(fields.Nested(ModelFiguresAnswer))
    worst = fields.List(fields.Nested(MachineFiguresAnswer))
    pareto = fields.Nested(FailureParetoAnswer)
    cumulative = fields.List(fields.Nested(CumulativeFailuresAnswer))
    lives = fields.List(fields.Nested(WeibullLifeAnswer))
