"""Readings of meters: one by one, corrected, and by the thousand."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import orjson
from flask import Response, request

from aftersales.errors import Invalid
from aftersales.translate import N_
from aftersales.usage import bulk_rows, listing, service
from aftersales.usage.bulk_rows import BadRow, ReadingRow
from aftersales.usage.ingest import RowOutcome, ingest
from aftersales.usage.listing import ReadingView
from aftersales.usage.rules import Outcome
from aftersales.vocabulary import ReadingKind, ReadingSource
from aftersales.work import Work
from api.errors import speak
from api.http import JSON, Paged, Room, paged
from api.schemas.usage import BulkAnswer, BulkBody, CorrectionBody, ReadingAnswer, ReadingBody, ReadingQuery

room = Room("readings", __name__, "The ledger of meter readings")


@room.reads("/machines/<id:machine_id>/readings", answer=ReadingAnswer, query=ReadingQuery, listed=True)
def list_readings(work: Work, query: dict[str, Any], machine_id: int) -> Paged:
    """List the readings of a machine's meter, newest first."""
    limit = query.pop("limit")
    rows = listing.readings(work.session, work.actor, machine_id, **query, limit=limit + 1)
    return paged(rows, limit, key=lambda row: row.key)


@room.writes("POST", "/machines/<id:machine_id>/readings", body=ReadingBody, answer=ReadingAnswer, status=201)
def record_reading(work: Work, body: dict[str, Any], machine_id: int) -> ReadingView:
    """Record what a meter shows; the same reading once more is harmless."""
    kind = ReadingKind.ESTIMATED if body["estimated"] else ReadingKind.MEASURED
    row = service.record(work, machine_id, body["kind"], body["at"], body["display"], kind)
    return listing.reading(work.session, work.actor, row.id)


@room.reads("/readings/<id:reading_id>", answer=ReadingAnswer)
def get_reading(work: Work, reading_id: int) -> ReadingView:
    """Show a reading with its corrections."""
    return listing.reading(work.session, work.actor, reading_id)


@room.writes("POST", "/readings/<id:reading_id>/corrections", body=CorrectionBody, answer=ReadingAnswer, status=201)
def correct_reading(work: Work, body: dict[str, Any], reading_id: int) -> ReadingView:
    """Counter a reading by the right value, or withdraw it; life is rebuilt."""
    if body["withdraw"] == (body["display"] is not None):
        raise Invalid(N_("Give the right value, or say that the reading is withdrawn"), code="invalid")
    row = service.correct(work, reading_id, body["display"], body["reason"])
    return listing.reading(work.session, work.actor, row.id)


def bulk() -> Sequence[ReadingRow | BadRow]:
    """Decode the request's body by msgspec; bad rows are named, the others go on."""
    return bulk_rows.decode(request.get_data())


@room.writes("POST", "/readings/bulk", body=BulkBody, answer=BulkAnswer, prepare=bulk, decoded=True)
def ingest_readings(work: Work, rows: Sequence[ReadingRow | BadRow]) -> Response:
    """Take in readings by the thousand; each row is accepted, a duplicate, or refused with its reason."""
    outcomes = ingest(work, rows, ReadingSource.TELEMATICS)
    counts = Counter(outcome.outcome for outcome in outcomes)
    answer = {
        "accepted": counts[Outcome.ACCEPTED],
        "duplicates": counts[Outcome.DUPLICATE],
        "refused": counts[Outcome.REFUSED],
        "rows": [said(row, outcome) for row, outcome in enumerate(outcomes)],
    }
    return Response(orjson.dumps(answer), content_type=JSON)


def said(row: int, outcome: RowOutcome) -> dict[str, Any]:
    """Return a row's outcome in words."""
    if outcome.refusal is None:
        return {"row": row, "outcome": outcome.outcome.value}
    detail = speak().gettext(outcome.refusal.message, **outcome.refusal.params)
    return {"row": row, "outcome": outcome.outcome.value, "code": outcome.refusal.code, "detail": detail}
