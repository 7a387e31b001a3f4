"""Forecast runs, their lines, requests for a run, reorder proposals."""

from marshmallow import fields, validate

from aftersales.planning.service import MOST_MONTHS, MOST_SEED
from aftersales.planning.words import METHODS, PHASES
from aftersales.vocabulary import Criticality
from api.schemas.base import Answer, Body, Bool, Choice, Day, Exact, Id, Int, Moment, PageQuery, Query, Text
from forecasting.classify import DemandClass


class RunBody(Body):
    """A run to ask for."""

    horizon = Int(low=1, high=MOST_MONTHS, load_default=12, example=12)
    seed = Int(low=0, high=MOST_SEED, load_default=0, example=0)


class RunRequestAnswer(Answer):
    """A run that was asked for; ``open`` while it waits or is being made, ``error`` when it could not be made."""

    id = Id()
    requested_at = Moment()
    open = Bool()
    error = Text(allow_none=True, example="There is no demand history yet")


class VerdictAnswer(Answer):
    """One line of a comparison: the forecast, or a plain rival."""

    name = Text(example="forecast")
    bias = fields.Float(allow_none=True, metadata={"example": -0.05})
    wql = fields.Float(allow_none=True, metadata={"example": 0.42})
    coverage = fields.Dict(
        keys=fields.String(), values=fields.Float(allow_none=True), metadata={"example": {"0.95": 0.96}}
    )


class RunScoreAnswer(Answer):
    """How a run did once so many of its months had arrived."""

    months = Int()
    parts = Int()
    scored_at = Moment()
    verdicts = fields.List(fields.Nested(VerdictAnswer))


class ForecastRunAnswer(Answer):
    """A forecast run and everything needed to repeat it."""

    id = Id(attribute="run.id")
    created_at = Moment(attribute="run.created_at")
    created_by = Text(attribute="actor", allow_none=True, example="Planner")
    origin = Day(attribute="run.origin")
    horizon = Int(attribute="run.horizon", example=12)
    seed = Int(attribute="run.seed", example=0)
    settings = fields.Dict(attribute="run.settings", metadata={"example": {"horizon": 12}})
    inputs_hash = Text(attribute="run.inputs_hash", example="0" * 64)
    code_version = Text(attribute="run.code_version", example="0.1.0+0a1b2c3d4e5f")
    seconds = Exact(attribute="run.seconds", example="4.2")
    summary = fields.Dict(attribute="run.summary", metadata={"example": {"parts": 120}})
    scores = fields.List(fields.Nested(RunScoreAnswer))


class ForecastLineAnswer(Answer):
    """The forecast of one part; ``history`` and all numbers by month, missing ones null.

    ``tracking_signal`` (Trigg) tells how far its forecasts before erred to one side; ``alarm`` is ``low`` or ``high``
    where they did so by more than chance explains.
    """

    run_id = Id(attribute="line.run_id")
    part_id = Id(attribute="part.id")
    part_number = Text(attribute="part.number", example="HP-100")
    part_name = Text(attribute="part.name", example="Hydraulic pump")
    unit = Text(attribute="part.unit", example="pcs")
    criticality = Choice(Criticality, attribute="part.criticality")
    demand_class = Text(attribute="line.demand_class", example="lumpy")
    phase = Text(attribute="line.phase", example="mature")
    method = Text(attribute="line.method", example="sba")
    history = fields.Dict(
        attribute="line.history", metadata={"example": {"first_month": "2025-01", "demand": [0, 2, None, 1]}}
    )
    mean = fields.List(fields.Float(), attribute="line.mean", metadata={"example": [1.2, 1.2]})
    quantiles = fields.Dict(attribute="line.quantiles", metadata={"example": {"0.5": [1, 1], "0.95": [4, 4]}})
    lead_time_months = Exact(attribute="line.lead_time_periods", example="3")
    lead_time_mean = Exact(attribute="line.lead_time_mean", example="3.6")
    lead_time_quantiles = fields.Dict(attribute="line.lead_time_quantiles", metadata={"example": {"0.95": 8}})
    tracking_signal = Exact(places=6, low=None, attribute="line.tracking", allow_none=True, example="0.35")
    alarm = Text(attribute="line.alarm", allow_none=True, example="low")


class LineQuery(PageQuery):
    """Which lines of a run."""

    text = Text(high=100, load_default="", example="pump")
    demand_class = fields.String(
        validate=validate.OneOf([kind.value for kind in DemandClass]), load_default=None, metadata={"example": "lumpy"}
    )
    method = fields.String(validate=validate.OneOf(list(METHODS)), load_default=None, metadata={"example": "pooled"})
    phase = fields.String(validate=validate.OneOf(list(PHASES)), load_default=None, metadata={"example": "mature"})
    criticality = Choice(Criticality, load_default=None)
    alarm = Bool(load_default=False, metadata={"example": False})


class ProposalQuery(PageQuery):
    """Which proposals."""

    text = Text(high=100, load_default="", example="pump")
    only_to_order = Bool(load_default=False)


class ProposalFilter(Query):
    """Which proposals to export."""

    text = Text(high=100, load_default="", example="pump")
    only_to_order = Bool(load_default=False)


class ProposalAnswer(Answer):
    """What to order of a part now, and why."""

    run_id = Id()
    part_id = Id(attribute="part.id")
    part_number = Text(attribute="part.number", example="HP-100")
    part_name = Text(attribute="part.name", example="Hydraulic pump")
    unit = Text(attribute="part.unit", example="pcs")
    criticality = Choice(Criticality, attribute="part.criticality")
    service = fields.Float(attribute="proposed.service", metadata={"example": 0.95})
    lead_time_months = Int(example=3)
    lead_time_mean = Exact(example="3.6")
    on_hand = Exact(example="2")
    reserved = Exact(example="0")
    on_order = Exact(example="0")
    reorder_point = Exact(attribute="proposed.reorder_point", example="6")
    order_quantity = Exact(attribute="proposed.quantity", example="4")
    reason = Text(attribute="proposed.reason", example="below_reorder_point")
    explanation = Text(example="Available 2 has come down to the reorder point of 6")


class ForecastPageQuery(LineQuery):
    """What the page of the forecast shows: lines of a run, the newest by default."""

    run_id = Id(load_default=None)
    only_to_order = Bool(load_default=False)


class RunChoice(Query):
    """A run, the newest by default."""

    run_id = Id(load_default=None)


class ReorderPageQuery(PageQuery):
    """What the page of proposals shows."""

    text = Text(high=100, load_default="")
    everything = Bool(load_default=False)
