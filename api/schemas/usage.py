"""Meters and readings as clients send and get them."""

from marshmallow import fields, validate

from aftersales.usage.bulk_rows import MAX_ROWS
from aftersales.vocabulary import MeterKind, ReadingKind, ReadingSource
from api.schemas.base import Answer, Body, Bool, Choice, Exact, Id, Int, Moment, PageQuery, Query, Text


class MeterAnswer(Answer):
    """A meter of a machine and its latest value."""

    id = Id()
    machine_id = Id()
    kind = Choice(MeterKind)
    rolls_over_at = Exact(allow_none=True, example="99999.9")
    latest_at = Moment()
    latest_display = Exact(example="1250.5")
    latest_life = Exact(example="11250.5")
    latest_estimated = Bool(metadata={"example": False})


class MeterBody(Body):
    """A meter to be fitted."""

    kind = Choice(MeterKind, required=True, metadata={"example": "cycles"})
    at = Moment(load_default=None, allow_none=True)
    first_display = Exact(load_default=None, allow_none=True, example="0")
    rolls_over_at = Exact(load_default=None, allow_none=True, example="99999.9")
    life_offset = Exact(load_default=None, allow_none=True, example="0")


class ReplacementBody(Body):
    """A display that was replaced."""

    kind = Choice(MeterKind, load_default=MeterKind.HOURS)
    at = Moment(load_default=None, allow_none=True)
    final_display = Exact(required=True, example="1250.5")
    final_estimated = Bool(load_default=False, metadata={"example": False})
    first_display = Exact(load_default=None, allow_none=True, example="0")
    rolls_over_at = Exact(load_default=None, allow_none=True, example="99999.9")
    life_offset = Exact(load_default=None, allow_none=True, example="1250.5")
    reason = Text(load_default="", example="Display broken")


class KindQuery(Query):
    """Which of a machine's meters."""

    kind = Choice(MeterKind, load_default=MeterKind.HOURS)


class PredictionQuery(KindQuery):
    """What to predict: the life at a moment, or the day a life value is reached."""

    at = Moment(load_default=None, metadata={"example": "2026-12-01T12:00:00Z"})
    life = Exact(load_default=None, example="2000")


class UtilisationAnswer(Answer):
    """Units a day over 12 months with a 90 % interval; everything is empty when too little was observed."""

    kind = Choice(MeterKind)
    per_day = fields.Float(allow_none=True, metadata={"example": 7.4})
    low = fields.Float(allow_none=True, metadata={"example": 6.9})
    high = fields.Float(allow_none=True, metadata={"example": 7.9})
    days_observed = fields.Float(metadata={"example": 364.5})


class PredictionAnswer(Answer):
    """A prediction with its 90 % interval; what was not asked or is not known is empty."""

    kind = Choice(MeterKind)
    at = Moment(allow_none=True)
    life = Exact(allow_none=True, example="2100.5")
    life_low = Exact(allow_none=True, example="2050")
    life_high = Exact(allow_none=True, example="2150")
    day = fields.Date(allow_none=True, metadata={"example": "2026-12-01"})
    earliest = fields.Date(allow_none=True, metadata={"example": "2026-11-20"})
    latest = fields.Date(allow_none=True, metadata={"example": "2026-12-15"})


class ReadingBody(Body):
    """What a meter showed."""

    kind = Choice(MeterKind, load_default=MeterKind.HOURS)
    at = Moment(load_default=None, allow_none=True)
    display = Exact(required=True, example="1250.5")
    estimated = Bool(load_default=False, metadata={"example": False})


class CorrectionBody(Body):
    """The right value of a reading, or that it does not count (``withdraw``), and why."""

    display = Exact(load_default=None, allow_none=True, example="1205.5")
    withdraw = Bool(load_default=False, metadata={"example": False})
    reason = Text(required=True, low=1, high=300, example="Digits swapped")


class CorrectionForm(Body):
    """The right value of a reading, and why."""

    display = Exact(required=True, example="1205.5")
    reason = Text(required=True, low=1, high=300, example="Digits swapped")


class WithdrawalBody(Body):
    """Why a reading does not count."""

    reason = Text(required=True, low=1, high=300, example="Of another machine")


class CounterAnswer(Answer):
    """A correction or withdrawal of a reading."""

    id = Id()
    kind = Choice(ReadingKind, metadata={"example": "correction"})
    display = Exact()
    reason = Text(allow_none=True)
    recorded_at = Moment()
    by = Text(allow_none=True)


class ReadingAnswer(Answer):
    """A reading: as first recorded (``display``) and as it stands (``value``, empty when withdrawn)."""

    id = Id()
    meter_id = Id()
    machine_id = Id()
    meter_kind = Choice(MeterKind)
    at = Moment()
    display = Exact(example="1250.5")
    value = Exact(allow_none=True, example="1205.5")
    kind = Choice(ReadingKind)
    source = Choice(ReadingSource)
    recorded_at = Moment()
    by = Text(allow_none=True, example="A colleague")
    counters = fields.List(fields.Nested(CounterAnswer))


class ReadingQuery(PageQuery):
    """Which readings of a machine."""

    kind = Choice(MeterKind, load_default=MeterKind.HOURS)


class HoursPageQuery(ReadingQuery):
    """Which readings the hours page shows."""

    limit = Int(low=1, high=200, load_default=15, example=15)


class BulkBody(Body):
    """Readings by the thousand.

    Each row: ``machine_id`` or ``serial_number`` (with ``manufacturer_id`` where several use it), ``at`` with zone,
    ``display`` (text or number), and optionally ``kind`` (default hours) and ``estimated``.
    """

    readings = fields.List(
        fields.Raw(),
        required=True,
        validate=validate.Length(max=MAX_ROWS),
        metadata={"example": [{"machine_id": 1, "at": "2026-03-01T12:00:00Z", "display": "1250.5", "kind": "hours"}]},
    )


class RowAnswer(Answer):
    """What became of a row: accepted, duplicate or refused, with the reason."""

    row = Int(metadata={"example": 0})
    outcome = Text(example="accepted")
    code = Text(example="reading_backwards")
    detail = Text(example="1200 on 2026-03-01 12:00 UTC goes backwards")


class BulkAnswer(Answer):
    """What became of every row, in the order given; ``row`` counts from 0."""

    accepted = Int(metadata={"example": 1})
    duplicates = Int(metadata={"example": 0})
    refused = Int(metadata={"example": 0})
    rows = fields.List(fields.Nested(RowAnswer))
