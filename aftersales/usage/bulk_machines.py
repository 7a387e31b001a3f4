"""Whose reading each row of a bulk is: machines the actor may change, and their meters as they stand, locked."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from aftersales.models import Machine, Meter
from aftersales.translate import N_
from aftersales.usage import loading
from aftersales.usage.bulk_rows import BadRow, ReadingRow
from aftersales.usage.rules import Ledger, Refusal, Segment, micros, thousandths
from aftersales.visibility import holds_machine
from aftersales.vocabulary import MeterKind
from aftersales.work import Work

NO_MACHINE = Refusal("not_found", N_("There is no such machine, or it does not concern your organisation"))
NO_METER = Refusal("no_meter", N_("The machine has no meter of this kind"))
SEVERAL = Refusal(
    "ambiguous", N_("Several manufacturers have a machine with this serial number; give manufacturer_id too")
)


@dataclass(frozen=True, slots=True)
class MeterNow:
    """A meter as it stands: moments in µs, values in thousandths."""

    id: int
    machine_id: int
    kind: MeterKind
    at: int
    display: int
    life: int
    rolls_over_at: int | None
    unsettled: bool

    @property
    def hours(self) -> bool:
        """Whether it counts hours."""
        return self.kind is MeterKind.HOURS

    def newest(self) -> Ledger:
        """Return a ledger of the latest value alone: all that a newer reading is held against."""
        return Ledger(self.hours, [Segment(self.at, self.display, self.life, self.rolls_over_at)], [])


def machines(work: Work, rows: Sequence[ReadingRow | BadRow]) -> list[int | Refusal]:
    """Return each row's machine, or why there is none; two selects for all of them."""
    good = [row for row in rows if isinstance(row, ReadingRow)]
    ids = _held_ids(work, {row.machine_id for row in good if row.machine_id is not None})
    serials = _held_serials(work, {row.serial_number for row in good if row.serial_number is not None})
    found: list[int | Refusal] = []
    for row in rows:
        if isinstance(row, BadRow):
            found.append(Refusal("invalid", "%(problem)s", {"problem": row.problem}))
        elif row.serial_number is None:
            found.append(row.machine_id if row.machine_id in ids else NO_MACHINE)
        else:
            found.append(_by_serial(row, serials.get(row.serial_number, [])))
    return found


def _by_serial(row: ReadingRow, candidates: Sequence[tuple[int, int]]) -> int | Refusal:
    fitting = [
        machine_id
        for machine_id, manufacturer_id in candidates
        if row.manufacturer_id in {None, manufacturer_id} and row.machine_id in {None, machine_id}
    ]
    if len(fitting) == 1:
        return fitting[0]
    return SEVERAL if fitting else NO_MACHINE


def _held_ids(work: Work, ids: set[int]) -> set[int]:
    found: set[int] = set()
    for some in loading.chunks(ids):
        query = select(Machine.id).where(Machine.id.in_(some), holds_machine(work.actor, Machine.id))
        found.update(work.session.scalars(query))
    return found


def _held_serials(work: Work, serials: set[str]) -> dict[str, list[tuple[int, int]]]:
    """Return (machine, manufacturer) by serial number."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    query = select(Machine.serial_number, Machine.id, Machine.manufacturer_id)
    for some in loading.chunks(serials):
        held = query.where(Machine.serial_number.in_(some), holds_machine(work.actor, Machine.id))
        for serial, machine_id, manufacturer_id in work.session.execute(held):
            found[serial].append((machine_id, manufacturer_id))
    return found


def lock_meters(work: Work, machine_ids: Iterable[int]) -> list[MeterNow]:
    """Return the meters of machines, locked in the order of their machines, so that two bulks queue up."""
    found: list[MeterNow] = []
    columns = (Meter.id, Meter.machine_id, Meter.kind, Meter.latest_at, Meter.latest_display, Meter.latest_life)
    for some in loading.chunks(machine_ids):
        query = select(*columns, Meter.rolls_over_at, Meter.unsettled).where(Meter.machine_id.in_(some))
        for row in work.session.execute(query.order_by(Meter.machine_id, Meter.id).with_for_update()):
            meter_id, machine_id, kind, at, display, life, limit, unsettled = row
            found.append(
                MeterNow(
                    meter_id,
                    machine_id,
                    kind,
                    micros(at),
                    thousandths(display),
                    thousandths(life),
                    None if limit is None else thousandths(limit),
                    unsettled,
                )
            )
    return found
