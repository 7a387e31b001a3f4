"""Taking in readings by the thousand: every row is accepted, a duplicate, or refused with its reason.

Set-wise: one select each for the machines the actor may change, their meters (locked), and, only for meters with
readings that are not simply newer, their ledgers. Rows of one meter are judged in order of time.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from aftersales.access import Permission, require
from aftersales.translate import N_
from aftersales.usage import bulk_machines, loading, writing
from aftersales.usage.bulk_machines import MeterNow
from aftersales.usage.bulk_rows import BadRow, ReadingRow
from aftersales.usage.rules import Ledger, Outcome, Point, Refusal, Standing, micros, thousandths
from aftersales.usage.rules.batch import Appended, Batch, Latest, append
from aftersales.usage.writing import Moved, NewReadings
from aftersales.vocabulary import ReadingKind, ReadingSource
from aftersales.work import Work


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row."""

    outcome: Outcome
    refusal: Refusal | None = None


ACCEPTED = RowOutcome(Outcome.ACCEPTED)
DUPLICATE = RowOutcome(Outcome.DUPLICATE)
BAD_VALUE = Refusal("not_a_meter_value", N_("A meter value lies from 0 up and has at most three decimal places"))
MEASURED = (ReadingKind.MEASURED, None)
ESTIMATED = (ReadingKind.ESTIMATED, None)


@dataclass(slots=True)
class _Bulk:
    """A bulk under way: the outcome of each row so far, and the possible rows as columns (``row``: its number)."""

    outcomes: list[RowOutcome | None]
    row: list[int] = field(default_factory=list)
    meter: list[int] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    display: list[int] = field(default_factory=list)
    estimated: list[bool] = field(default_factory=list)
    kind: dict[int, tuple[ReadingKind, int | None]] = field(default_factory=dict)
    moved: list[Moved] = field(default_factory=list)

    def refuse(self, row: int, refusal: Refusal) -> None:
        self.outcomes[row] = RowOutcome(Outcome.REFUSED, refusal)

    def batch(self) -> Batch:
        return Batch(
            np.array(self.meter, dtype=np.int64),
            np.array(self.at, dtype=np.int64),
            np.array(self.display, dtype=np.int64),
            np.array(self.estimated, dtype=np.bool_),
        )


def ingest(
    work: Work, rows: Sequence[ReadingRow | BadRow], source: ReadingSource = ReadingSource.TELEMATICS
) -> list[RowOutcome]:
    """Take in readings; the same ones once more are duplicates and change nothing.

    One audit entry carries the hash of the accepted rows.

    :returns: one outcome per row, in the order given.
    :raises Forbidden: when the actor may not add readings.
    """
    require(work.actor, Permission.READING_ADD)
    work.session.flush()
    bulk = _Bulk([None] * len(rows))
    machines = bulk_machines.machines(work, rows)
    meters = bulk_machines.lock_meters(work, (found for found in machines if isinstance(found, int)))
    _columns(bulk, rows, machines, {(meter.machine_id, meter.kind): i for i, meter in enumerate(meters)})
    if bulk.row:
        appended = append(_latest(meters), bulk.batch(), micros(work.now))
        _append(bulk, meters, appended)
        _place_others(work, bulk, meters, appended)
        _write(work, bulk, meters, source)
    return [outcome or ACCEPTED for outcome in bulk.outcomes]


def _columns(
    bulk: _Bulk,
    rows: Sequence[ReadingRow | BadRow],
    machines: Sequence[int | Refusal],
    meters: dict[tuple[int, object], int],
) -> None:
    for index, (row, machine) in enumerate(zip(rows, machines, strict=True)):
        if isinstance(machine, Refusal) or isinstance(row, BadRow):
            bulk.refuse(index, machine if isinstance(machine, Refusal) else bulk_machines.NO_MACHINE)
            continue
        meter = meters.get((machine, row.kind))
        if meter is None:
            bulk.refuse(index, bulk_machines.NO_METER)
            continue
        try:
            display = thousandths(row.display)
        except ValueError:
            bulk.refuse(index, BAD_VALUE)
            continue
        bulk.row.append(index)
        bulk.meter.append(meter)
        bulk.at.append(micros(row.at))
        bulk.display.append(display)
        bulk.estimated.append(row.estimated)


def _latest(meters: Sequence[MeterNow]) -> Latest:
    def column(values: list[int]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        return np.array(values, dtype=np.int64)

    return Latest(
        column([meter.at for meter in meters]),
        column([meter.display for meter in meters]),
        column([meter.life for meter in meters]),
        column([meter.rolls_over_at or 0 for meter in meters]),
        np.array([meter.hours for meter in meters], dtype=np.bool_),
        np.array([not meter.unsettled for meter in meters], dtype=np.bool_),
    )


def _append(bulk: _Bulk, meters: Sequence[MeterNow], appended: Appended) -> None:
    """Take over what the whole-array sums settled."""
    for place in np.flatnonzero(appended.accepted).tolist():
        bulk.kind[place] = MEASURED
    for index in np.flatnonzero(appended.settled).tolist():
        last = int(appended.last[index])
        point = Point(bulk.at[last], bulk.display[last], int(appended.life[index]))
        bulk.moved.append(Moved(meters[index].id, point, unsettled=False))


def _place_others(work: Work, bulk: _Bulk, meters: Sequence[MeterNow], appended: Appended) -> None:
    """Judge the rows of the other meters one by one, measured before estimated, in order of time."""
    waiting: dict[int, list[int]] = defaultdict(list)
    for place in np.flatnonzero(~appended.accepted).tolist():
        if not _repeats_latest(bulk, place, meters[bulk.meter[place]]):
            waiting[bulk.meter[place]].append(place)
    late = {
        meters[index].id: meters[index].kind
        for index, places in waiting.items()
        if meters[index].unsettled or min(bulk.at[place] for place in places) <= meters[index].at
    }
    ledgers = loading.ledgers(work.session, late)
    now = micros(work.now)
    for index, places in waiting.items():
        meter = meters[index]
        ledger = ledgers.get(meter.id) or meter.newest()
        places.sort(key=lambda place: (bulk.at[place], bulk.estimated[place]))
        if [place for place in places if _place(bulk, ledger, place, now)]:
            latest = ledger.points()[-1]
            bulk.moved.append(Moved(meter.id, latest, ledger.unsettled(latest)))


def _repeats_latest(bulk: _Bulk, place: int, meter: MeterNow) -> bool:
    same = (bulk.at[place], bulk.display[place]) == (meter.at, meter.display) and not meter.unsettled
    if same:
        bulk.outcomes[bulk.row[place]] = DUPLICATE
    return same


def _place(bulk: _Bulk, ledger: Ledger, place: int, now: int) -> bool:
    at, display, estimated = bulk.at[place], bulk.display[place], bulk.estimated[place]
    verdict = ledger.place(at, display, estimated=estimated, now=now)
    if verdict.outcome is not Outcome.ACCEPTED:
        bulk.outcomes[bulk.row[place]] = RowOutcome(verdict.outcome, verdict.refusal)
        return False
    standing = Standing(verdict.counters or -place - 1, at, display, estimated)
    ledger.add(standing, counters=verdict.counters)
    plain = ESTIMATED if estimated else MEASURED
    bulk.kind[place] = (ReadingKind.CORRECTION, verdict.counters) if verdict.counters else plain
    return True


def _write(work: Work, bulk: _Bulk, meters: Sequence[MeterNow], source: ReadingSource) -> None:
    if not bulk.kind:
        return
    rows = NewReadings(
        [meters[bulk.meter[place]].id for place in bulk.kind],
        [bulk.at[place] for place in bulk.kind],
        [bulk.display[place] for place in bulk.kind],
        [kind for kind, _ in bulk.kind.values()],
        [corrects_id for _, corrects_id in bulk.kind.values()],
    )
    writing.write(work.session, rows, source=source, recorded_at=work.now, actor_id=work.actor.user_id)
    writing.move(work.session, bulk.moved)
    work.record("ingest", "reading", rows.fingerprint(), rows=len(bulk.kind), source=source, meters=len(bulk.moved))
