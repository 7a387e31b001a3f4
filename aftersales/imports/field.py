"""What happened in the field: faults and failures from files."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from aftersales.complaints.history import PastFault, take_in
from aftersales.imports.catalogue import own_parts
from aftersales.imports.fleet import FUTURE, Lives, machine_in, machines_of, named_part
from aftersales.imports.kinds import Kind, Parsed, Taken
from aftersales.imports.mapping import Field, choice, moment, number, truth, words
from aftersales.models import MachineParty, Position
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
    operators = Operators(work, [machine.id for machine in machines.values() if machine])
    good: list[PastFault] = []
    for row in rows:
        machine = machine_in(taken, row, machines)
        if machine is None:
            continue
        if row["at"] > work.now:
            taken.refuse(row, "at", FUTURE)
            continue
        good.append(
            PastFault(
                machine_id=machine.id,
                organization_id=operators.at(machine.id, row["at"]),
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
            taken.add("fault_report", report.id)
    return taken


class Operators:
    """Who operated machines at which time."""

    def __init__(self, work: Work, machine_ids: Sequence[int]) -> None:
        query = select(MachineParty).where(
            MachineParty.machine_id.in_(machine_ids), MachineParty.role == PartyRole.OPERATOR
        )
        self._by_machine: dict[int, list[MachineParty]] = defaultdict(list)
        for party in work.session.scalars(query):
            self._by_machine[party.machine_id].append(party)

    def at(self, machine_id: int, moment: datetime) -> int | None:
        """Return the organisation that operated a machine at a moment; ``None`` where nobody is known."""
        for party in self._by_machine[machine_id]:
            if party.valid_from <= moment and (party.valid_to is None or moment < party.valid_to):
                return party.organization_id
        return None


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
        machine = machine_in(taken, row, machines)
        part = named_part(taken, row, catalogue) if machine and row["part"] else None
        if machine is None or (row["part"] and part is None):
            continue
        place = places.get((machine.model_id, row["position"] or row["part"] or ""))
        if row["position"] and place is None:
            taken.refuse(row, "position", N_("This model has no such position"))
        elif row["at"] > work.now:
            taken.refuse(row, "at", FUTURE)
        else:
            good.append(
                PastFailure(
                    machine_id=machine.id,
                    at=row["at"],
                    mode=row["mode"],
                    mechanism=row["mechanism"],
                    part_id=part.id if part else None,
                    position_id=place,
                    position_named=bool(row["position"]),
                    life_hours=lives.at(machine.id, row["at"]),
                    down_hours=row["down_hours"],
                )
            )
    for record in record_past(work, good):
        if record is None:
            taken.unchanged += 1
        else:
            taken.add("failure_record", record.id)
    return taken


FAULTS = Kind("faults", "Fault reports and error codes of the past.", fault_fields, take_faults)
FAILURES = Kind("failures", "Failures of the past, down to the part where known.", failure_fields, take_failures)
