"""The ledger of a machine's meter as people read it: every reading, what stands of it, and who countered it why."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.errors import Invalid
from aftersales.models import Meter, MeterSegment, Reading, User
from aftersales.translate import N_
from aftersales.vocabulary import MeterKind, ReadingKind, ReadingSource


@dataclass(frozen=True, slots=True)
class CounterEntry:
    """A correction or withdrawal of a reading."""

    id: int
    kind: ReadingKind
    display: Decimal
    reason: str | None
    recorded_at: datetime
    by: str | None


@dataclass(frozen=True, slots=True)
class ReadingView:
    """A reading and its counter-entries: ``display`` as first recorded, ``value`` as it stands (``None``: void)."""

    id: int
    meter_id: int
    machine_id: int
    meter_kind: MeterKind
    at: datetime
    display: Decimal
    value: Decimal | None
    kind: ReadingKind
    source: ReadingSource
    recorded_at: datetime
    by: str | None
    counters: Sequence[CounterEntry] = field(default_factory=tuple)

    @property
    def key(self) -> list[str | int]:
        """Where it stands in the list."""
        return [self.at.isoformat(), self.id]


def readings(
    session: Session, actor: Actor, machine_id: int, kind: MeterKind, *, after: object = None, limit: int = 50
) -> list[ReadingView]:
    """Return readings of a machine's meter, newest first, as far as the actor may see that time.

    :param after: key (:attr:`ReadingView.key`) of the last one of the page before.
    :raises NotFound: for a machine that does not concern the actor.
    :raises Invalid: when ``after`` is no such key.
    """
    require(actor, Permission.USAGE_READ)
    visibility.machine(session, actor, machine_id)
    query = (
        select(Reading, Meter, User.full_name)
        .join(Meter, Meter.id == Reading.meter_id)
        .outerjoin(User, User.id == Reading.actor_id)
        .where(
            Meter.machine_id == machine_id,
            Meter.kind == kind,
            Reading.corrects_id.is_(None),
            visibility.sees_dated(actor, Meter.machine_id, Reading.at),
        )
        .order_by(Reading.at.desc(), Reading.id.desc())
        .limit(limit)
    )
    if after is not None:
        at, row_id = _key(after)
        query = query.where(or_(Reading.at < at, and_(Reading.at == at, Reading.id < row_id)))
    rows = session.execute(query).all()
    counters = _counters(session, [reading.id for reading, _, _ in rows])
    return [_view(reading, meter, name, counters[reading.id]) for reading, meter, name in rows]


def reading(session: Session, actor: Actor, reading_id: int) -> ReadingView:
    """Return one reading; of a counter-entry, the reading it counters.

    :raises NotFound: for one of a machine that does not concern the actor.
    """
    require(actor, Permission.USAGE_READ)
    seen = select(Meter.id).where(
        Meter.id == Reading.meter_id, visibility.sees_dated(actor, Meter.machine_id, Reading.at)
    )
    found = visibility.get(session, Reading, reading_id, seen.exists())
    first = session.get_one(Reading, found.corrects_id) if found.corrects_id else found
    meter = session.get_one(Meter, first.meter_id)
    name = session.scalar(select(User.full_name).where(User.id == first.actor_id))
    return _view(first, meter, name, _counters(session, [first.id])[first.id])


def _key(after: object) -> tuple[datetime, int]:
    match after:
        case [str() as at, int() as row_id] if not isinstance(row_id, bool):
            try:
                moment = datetime.fromisoformat(at)
            except ValueError:
                moment = None
            if moment is not None and moment.tzinfo is not None and abs(row_id) < 2**53:
                return moment, row_id
    raise Invalid(N_("This is no place in this list"), code="bad_cursor")


def _counters(session: Session, reading_ids: Sequence[int]) -> dict[int, list[CounterEntry]]:
    found: dict[int, list[CounterEntry]] = defaultdict(list)
    query = (
        select(Reading, User.full_name)
        .outerjoin(User, User.id == Reading.actor_id)
        .where(Reading.corrects_id.in_(reading_ids))
        .order_by(Reading.id)
    )
    for row, name in session.execute(query):
        entry = CounterEntry(row.id, row.kind, row.display, row.reason, row.recorded_at, name)
        found[row.corrects_id or 0].append(entry)
    return found


def _view(row: Reading, meter: Meter, name: str | None, counters: Sequence[CounterEntry]) -> ReadingView:
    last = counters[-1] if counters else None
    value = row.display if last is None else None if last.kind is ReadingKind.VOID else last.display
    return ReadingView(
        row.id,
        meter.id,
        meter.machine_id,
        meter.kind,
        row.at,
        row.display,
        value,
        row.kind,
        row.source,
        row.recorded_at,
        name,
        counters,
    )


def displays(session: Session, meter_ids: Sequence[int]) -> list[MeterSegment]:
    """Return the displays of meters, oldest first; visibility is the caller's matter."""
    return list(
        session.scalars(
            select(MeterSegment).where(MeterSegment.meter_id.in_(meter_ids)).order_by(MeterSegment.started_at)
        )
    )
