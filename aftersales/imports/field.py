"""What happened in the field: faults, failures and replacements from files."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from aftersales.complaints.history import PastFault, take_in
from aftersales.imports.catalogue import own_parts
from aftersales.imports.fleet import NO_MACHINE, Lives, machines_of, replacement_fields, take_replacements
from aftersales.imports.kinds import Kind, Parsed, Taken
from aftersales.imports.mapping import Field, choice, moment, number, truth, words
from aftersales.models import FailureRecord, MachineParty, Position
from aftersales.reliability.service import PastFailure, record_past
from aftersales.translate import N_
from aftersales.vocabulary import FailureMechanism, FailureMode, PartyRole
from aftersales.work import Work


def fault_fields(zone: ZoneInfo) -> Sequence[Field]:
    """Return the fields of a faults file."""
    return (
        Field("machine", words(80), True, help="serial number"),
        Field("at", moment(zone), True),
        Field("mode", choice(FailureMode), default=FailureMode.UNK, help="ISO 14224 failure mode, such as BRD"),
        Field("text", words(4000), default=""),
        Field("error_code", words(80)),
        Field("stands_still", truth, default=False),
        Field("hours", number(3)),
        Field("open", truth, default=False, help="yes: still to be mended; history is closed"),
    )


def take_faults(work: Work, rows: Sequence[Parsed]) -> Taken:
    """Take faults in as reports; history is closed already."""
    taken, machines = Taken(), machines_of(work, rows)
    operators = _operators(work, [machine.id for machine in machines.values() if machine])
    good: list[PastFault] = []
    for row in rows:
        machine = machines.get(row["machine"])
        if machine is None:
            taken.refuse(row, "machine", NO_MACHINE)
        elif row["at"] > work.now:
            taken.refuse(row, "at", N_("This lies in the future"))
        else:
            good.append(
                PastFault(
                    machine_id=machine.id,
                    organization_id=operators.get(machine.id),
                    at=row["at"],
                    mode=row["mode"],
                    stands_still=row["stands_still"],
                    text=row["text"],
                    error_code=row["error_code"],
                    hours=row["hours"],
                    is_open=row["open"],
                )
            )
    for report in take_in(work, good):
        if report is None:
            taken.unchanged += 1
        else:
            taken.made.append(("fault_report", report.id))
            taken.added += 1
    return taken


def _operators(work: Work, machine_ids: Sequence[int]) -> dict[int, int]:
    query = select(MachineParty.machine_id, MachineParty.organization_id).where(
        MachineParty.machine_id.in_(machine_ids),
        MachineParty.role == PartyRole.OPERATOR,
        MachineParty.valid_to.is_(None),
    )
    return {row.machine_id: row.organization_id for row in work.session.execute(query)}


def failure_fields(zone: ZoneInfo) -> Sequence[Field]:
    """Return the fields of a failures file."""
    return (
        Field("machine", words(80), True, help="serial number"),
        Field("at", moment(zone), True),
        Field("part", words(80), help="number of the part that failed"),
        Field("position", words(50), help="code of the position"),
        Field("mode", choice(FailureMode), default=FailureMode.BRD, help="ISO 14224 failure mode"),
        Field("mechanism", choice(FailureMechanism)),
        Field("down_hours", number(3), help="clock hours out of service"),
    )


def take_failures(work: Work, rows: Sequence[Parsed]) -> Taken:
    """Record failures of the past; one that is recorded is the same failure."""
    taken, machines, catalogue = Taken(), machines_of(work, rows), own_parts(work, rows, "part")
    there = [machine for machine in machines.values() if machine]
    lives = Lives(work, there)
    query = select(Position).where(Position.model_id.in_({machine.model_id for machine in there}))
    places = {(place.model_id, place.code): place.id for place in work.session.scalars(query)}
    good: list[PastFailure] = []
    for row in rows:
        machine, part = machines.get(row["machine"]), catalogue.get(row["part"] or "")
        if machine is None:
            taken.refuse(row, "machine", NO_MACHINE)
        elif row["part"] and part is None:
            taken.refuse(row, "part", N_("There is no such part in your catalogue"))
        elif row["at"] > work.now:
            taken.refuse(row, "at", N_("This lies in the future"))
        else:
            good.append(
                PastFailure(
                    machine_id=machine.id,
                    at=row["at"],
                    mode=row["mode"],
                    mechanism=row["mechanism"],
                    part_id=part.id if part else None,
                    position_id=places.get((machine.model_id, row["position"] or row["part"] or "")),
                    life_hours=lives.at(machine.id, row["at"]),
                    down_hours=row["down_hours"],
                )
            )
    for record in record_past(work, good):
        if record is None:
            taken.unchanged += 1
        else:
            taken.made.append(("failure_record", record.id))
            taken.added += 1
    return taken


def take_renewals(work: Work, rows: Sequence[Parsed]) -> Taken:
    """Record replacements; those at the moment of a known failure of the same part mended it."""
    machines = [machine.id for machine in machines_of(work, rows).values() if machine]
    query = select(FailureRecord.machine_id, FailureRecord.part_id, FailureRecord.at).where(
        FailureRecord.machine_id.in_(machines), FailureRecord.part_id.is_not(None)
    )
    failed: set[tuple[int, int, datetime]] = {
        (machine_id, part_id, at) for machine_id, part_id, at in work.session.execute(query) if part_id is not None
    }
    return take_replacements(work, rows, failed)


FAULTS = Kind("faults", "Fault reports and error codes of the past.", fault_fields, take_faults)
FAILURES = Kind("failures", "Failures of the past, down to the part where known.", failure_fields, take_failures)
REPLACEMENTS = Kind(
    "replacements",
    "Parts renewed in the past. Import failures first: a replacement at the moment of a failure mended it.",
    replacement_fields,
    take_renewals,
)
