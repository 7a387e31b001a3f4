"""Faults and error codes known from other records, taken in as reports that are closed already."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.complaints.rules import Step, severity_of, state_of
from aftersales.models import FaultEvent, FaultReport
from aftersales.vocabulary import Channel, FailureMode
from aftersales.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFault:
    """A fault of the past; ``organization_id`` is the machine's operator then, where known."""

    machine_id: int
    organization_id: int | None
    at: datetime
    mode: FailureMode
    stands_still: bool = False
    text: str = ""
    error_code: str | None = None
    hours: Decimal | None = None
    is_open: bool = False


def take_in(work: Work, faults: Sequence[PastFault]) -> list[FaultReport | None]:
    """Take faults in; ``None`` for one that is there already (same machine, moment, mode and code).

    :raises NotFound: when a machine is none the actor's organisation is a party of now.
    """
    require(work.actor, Permission.IMPORT_RUN)
    machines = {fault.machine_id for fault in faults}
    visibility.machines(work.session, work.actor, machines)
    columns = (FaultReport.machine_id, FaultReport.reported_at, FaultReport.mode, FaultReport.error_code)
    there = select(*columns).where(FaultReport.machine_id.in_(machines))
    known = {tuple(row) for row in work.session.execute(there)}
    made: list[FaultReport | None] = []
    for fault in faults:
        key = (fault.machine_id, fault.at, fault.mode, fault.error_code)
        made.append(None if key in known else _report(fault))
        known.add(key)
    work.session.add_all(row for row in made if row is not None)
    work.session.flush()
    for row, fault in zip(made, faults, strict=True):
        if row is not None:
            work.session.add_all(_events(work, row, fault))
    work.session.flush()
    return made


def _steps(fault: PastFault) -> list[Step]:
    return [Step.REPORTED] if fault.is_open else [Step.REPORTED, Step.RESOLVED, Step.CLOSED_SILENTLY]


def _report(fault: PastFault) -> FaultReport:
    steps = _steps(fault)
    return FaultReport(
        public_id=secrets.token_urlsafe(16),
        machine_id=fault.machine_id,
        organization_id=fault.organization_id,
        channel=Channel.FILE,
        mode=fault.mode,
        severity=severity_of(stands_still=fault.stands_still),
        stands_still=fault.stands_still,
        hours=fault.hours,
        text=fault.text,
        error_code=fault.error_code,
        state=state_of(steps),
        last_event=len(steps),
        reported_at=fault.at,
        closed_at=None if fault.is_open else fault.at,
    )


def _events(work: Work, row: FaultReport, fault: PastFault) -> list[FaultEvent]:
    steps = _steps(fault)
    return [
        FaultEvent(
            fault_id=row.id,
            sequence=number,
            kind=step.value,
            at=fault.at,
            actor_id=work.actor.user_id,
            organization_id=work.actor.organization_id,
            state_after=state_of(steps[:number]),
            text=fault.text if number == 1 else "",
        )
        for number, step in enumerate(steps, start=1)
    ]
