"""A few points of many meters' life curves, by index probes: as fast with a million readings as with a thousand."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Select, and_, column, select, true, values
from sqlalchemy.orm import Session

from aftersales.db import UtcDateTime
from aftersales.models import Meter, MeterSegment, Reading
from aftersales.usage import loading
from aftersales.usage.rules import Entry, Point, curve, micros, standing, thousandths
from aftersales.vocabulary import MeterKind, ReadingKind

Found = Select[int, int, datetime, Decimal, ReadingKind, int | None]
COLUMNS = (Reading.meter_id, Reading.id, Reading.at, Reading.display, Reading.kind, Reading.corrects_id)


def sampled(session: Session, kinds: dict[int, MeterKind], edges: Sequence[datetime]) -> dict[int, list[Point]]:
    """Return, per meter, the curve through the last reading before each edge.

    Displays that roll over need every reading between; their whole ledger is read.

    :param kinds: what each meter counts, by its id.
    """
    segments = loading.segments_of(session, kinds)
    rolling = {meter for meter, displays in segments.items() if any(display.rolls_over_at for display in displays)}
    whole = loading.entries_of(session, rolling)
    entries = _probed(session, [meter for meter in kinds if meter not in rolling], edges)
    return {
        meter: curve(kind is MeterKind.HOURS, segments[meter], standing(whole[meter] or entries[meter]))
        for meter, kind in kinds.items()
    }


def _probed(session: Session, meter_ids: Iterable[int], edges: Sequence[datetime]) -> dict[int, list[Entry]]:
    found: dict[int, list[Entry]] = defaultdict(list)
    for some in loading.chunks(meter_ids):
        first = {row.id: row for query in (_at_edges(some, edges), _at_changes(some)) for row in session.execute(query)}
        counters = [
            row
            for ids in loading.chunks(first)
            for row in session.execute(select(*COLUMNS).where(Reading.corrects_id.in_(ids)))
        ]
        for meter_id, row_id, at, display, kind, corrects_id in [*first.values(), *counters]:
            found[meter_id].append(Entry(row_id, micros(at), thousandths(display), kind, corrects_id))
    return found


def _at_edges(meter_ids: Sequence[int], edges: Sequence[datetime]) -> Found:
    edge = values(column("at", UtcDateTime()), name="edge").data([(at,) for at in edges]).cte("edge")
    last = (
        select(Reading.at)
        .where(Reading.meter_id == Meter.id, Reading.corrects_id.is_(None), Reading.at <= edge.c.at)
        .order_by(Reading.at.desc())
        .limit(1)
        .correlate(Meter, edge)
        .scalar_subquery()
    )
    probes = (
        select(Meter.id.label("meter_id"), last.label("at"))
        .select_from(Meter)
        .join(edge, true())
        .where(Meter.id.in_(meter_ids))
        .distinct()
        .subquery()
    )
    return select(*COLUMNS).join(
        probes, and_(probes.c.meter_id == Reading.meter_id, probes.c.at == Reading.at, Reading.corrects_id.is_(None))
    )


def _at_changes(meter_ids: Sequence[int]) -> Found:
    """The last readings of displays that were replaced."""
    change = and_(
        MeterSegment.meter_id == Reading.meter_id, MeterSegment.started_at == Reading.at, Reading.corrects_id.is_(None)
    )
    return select(*COLUMNS).join(MeterSegment, change).where(MeterSegment.meter_id.in_(meter_ids))
