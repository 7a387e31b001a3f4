"""From rows of the ledger to the rules' objects, for one meter or a thousand in two selects."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from aftersales.models import Meter, MeterSegment, Reading
from aftersales.usage.rules import Entry, Ledger, Segment, micros, standing, thousandths
from aftersales.vocabulary import MeterKind, ReadingKind

CHUNK = 5000


Key = TypeVar("Key", int, str)


def chunks(ids: Iterable[Key]) -> Iterable[Sequence[Key]]:
    """Yield keys in order, in pieces that a statement can take."""
    listed = sorted(set(ids))
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]


def segments_of(session: Session, meter_ids: Iterable[int]) -> dict[int, list[Segment]]:
    """Return the displays of each meter, in order of time."""
    found: dict[int, list[Segment]] = defaultdict(list)
    for some in chunks(meter_ids):
        for row in session.scalars(
            select(MeterSegment).where(MeterSegment.meter_id.in_(some)).order_by(MeterSegment.started_at)
        ):
            offset, limit = row.life_offset, row.rolls_over_at
            found[row.meter_id].append(
                Segment(
                    micros(row.started_at),
                    thousandths(row.first_display),
                    None if offset is None else thousandths(offset),
                    None if limit is None else thousandths(limit),
                )
            )
    return found


def _rows(meter_ids: Sequence[int]) -> Select[int, int, datetime, Decimal, ReadingKind, int | None]:
    return select(Reading.meter_id, Reading.id, Reading.at, Reading.display, Reading.kind, Reading.corrects_id).where(
        Reading.meter_id.in_(meter_ids)
    )


def entries_of(session: Session, meter_ids: Iterable[int]) -> dict[int, list[Entry]]:
    """Return every row of the ledger of each meter."""
    found: dict[int, list[Entry]] = defaultdict(list)
    for some in chunks(meter_ids):
        for meter_id, row_id, at, display, kind, corrects_id in session.execute(_rows(some)):
            found[meter_id].append(Entry(row_id, micros(at), thousandths(display), kind, corrects_id))
    return found


def ledgers(session: Session, kinds: Mapping[int, MeterKind]) -> dict[int, Ledger]:
    """Return the whole ledger of each meter; ``kinds`` tells what each meter counts, by its id."""
    segments, entries = segments_of(session, kinds), entries_of(session, kinds)
    return {
        meter_id: Ledger(kind is MeterKind.HOURS, segments[meter_id], standing(entries[meter_id]))
        for meter_id, kind in kinds.items()
    }


def ledger(session: Session, meter: Meter) -> Ledger:
    """Return the whole ledger of one meter."""
    return ledgers(session, {meter.id: meter.kind})[meter.id]
