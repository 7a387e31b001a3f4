"""Parts renewed in the past, from files."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select

from aftersales.errors import DomainError, Forbidden
from aftersales.imports.catalogue import own_parts
from aftersales.imports.fleet import FUTURE, Lives, Places, machine_in, machines_of, named_part, position_of
from aftersales.imports.kinds import Kind, Parsed, Taken
from aftersales.imports.mapping import Field, choice, moment, words
from aftersales.models import FailureRecord, Machine, Part
from aftersales.registry.history import Replacement, record_replacements
from aftersales.translate import N_
from aftersales.vocabulary import RemovalReason
from aftersales.work import Work

Failed = set[tuple[int, int, datetime]]
WHY = {
    "before_last": ("at", N_("It lies before the last replacement recorded at this position")),
    "serial_taken": ("serial_number", N_("A unit of this part with this serial number is known already")),
}


def replacement_fields(zone: ZoneInfo) -> Sequence[Field]:
    """Return the fields of a replacements file: which part was renewed on which machine, when."""
    return (
        Field("machine", words(80), True, help="serial number"),
        Field("part", words(80), True, help="part number"),
        Field("at", moment(zone), True),
        Field("position", words(50), help="code of the position; the part number when empty"),
        Field("serial_number", words(80), help="of the unit fitted; numbered through when empty"),
        Field("reason", choice(RemovalReason), help="failure, planned, …; found from the failures when empty"),
    )


def take_replacements(work: Work, rows: Sequence[Parsed]) -> Taken:
    """Record replacements as installations; those at the moment of a known failure of the same part mended it."""
    taken, machines, catalogue = Taken(), machines_of(work, rows), own_parts(work, rows, "part")
    there = [machine for machine in machines.values() if machine is not None]
    lives, failed, places = Lives(work, there), _failed(work, there), Places()
    good: list[Parsed] = []
    replacements: list[Replacement] = []
    for row in rows:
        machine = machine_in(taken, row, machines)
        part = named_part(taken, row, catalogue) if machine else None
        if machine is None or part is None:
            continue
        if row["at"] > work.now:
            taken.refuse(row, "at", FUTURE)
            continue
        try:
            replacements.append(_replacement(work, row, machine, part, lives, failed, places))
        except Forbidden:
            raise
        except DomainError as error:
            taken.refuse(row, "position" if row["position"] else "part", error.message, **error.params)
        else:
            good.append(row)
    for row, stay in zip(good, record_replacements(work, replacements), strict=True):
        if stay is None:
            taken.unchanged += 1
        elif isinstance(stay, str):
            taken.refuse(row, *WHY[stay])
        else:
            taken.add("installation", stay.id)
    return taken


def _failed(work: Work, machines: Sequence[Machine]) -> Failed:
    query = select(FailureRecord.machine_id, FailureRecord.part_id, FailureRecord.at).where(
        FailureRecord.machine_id.in_([machine.id for machine in machines]), FailureRecord.part_id.is_not(None)
    )
    return {(machine_id, part_id, at) for machine_id, part_id, at in work.session.execute(query) if part_id is not None}


def _replacement(
    work: Work, row: Parsed, machine: Machine, part: Part, lives: Lives, failed: Failed, places: Places
) -> Replacement:
    code = row["position"] or part.number
    mended = (machine.id, part.id, row["at"]) in failed
    return Replacement(
        machine_id=machine.id,
        position_id=position_of(work, places, machine.model_id, code, part).id,
        part_id=part.id,
        serial_number=row["serial_number"] or f"{row['machine']}-{code}-{row['at']:%y%m%d%H%M%S}"[-80:],
        at=row["at"],
        life_hours=lives.at(machine.id, row["at"]) or Decimal(0),
        reason=row["reason"] or (RemovalReason.FAILURE if mended else RemovalReason.PLANNED),
    )


REPLACEMENTS = Kind(
    "replacements",
    "Parts renewed in the past. Import failures first: a replacement at the moment of a failure mended it.",
    replacement_fields,
    take_replacements,
)
