"""Failures recorded from history, beside those that closing a work order records."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.models import FailureRecord
from aftersales.vocabulary import FailureMechanism, FailureMode
from aftersales.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFailure:
    """A failure known from other records. ``life_hours`` is the machine's life then, where known.

    ``position_named``: the record names the position, so that the same part may fail at two positions at once.
    """

    machine_id: int
    at: datetime
    mode: FailureMode
    mechanism: FailureMechanism | None = None
    part_id: int | None = None
    position_id: int | None = None
    position_named: bool = False
    life_hours: Decimal | None = None
    down_hours: Decimal | None = None

    @property
    def source_key(self) -> str:
        """The name by which the same failure is known again."""
        place = f":{self.position_id}" if self.position_named else ""
        return f"history:{self.at.isoformat()}:{self.part_id or 0}:{self.mode.value}{place}"


def record_past(work: Work, failures: Sequence[PastFailure]) -> list[FailureRecord | None]:
    """Record failures; ``None`` for one that is recorded already.

    :raises NotFound: when a machine is none the actor's organisation is a party of now.
    """
    require(work.actor, Permission.IMPORT_RUN)
    machines = {failure.machine_id for failure in failures}
    visibility.machines(work.session, work.actor, machines)
    query = select(FailureRecord.machine_id, FailureRecord.source_key).where(FailureRecord.machine_id.in_(machines))
    known = {(machine_id, key) for machine_id, key in work.session.execute(query)}
    made: list[FailureRecord | None] = []
    for failure in failures:
        key = (failure.machine_id, failure.source_key)
        if key in known:
            made.append(None)
            continue
        known.add(key)
        row = FailureRecord(
            machine_id=failure.machine_id,
            at=failure.at,
            life_hours=failure.life_hours,
            mode=failure.mode,
            mechanism=failure.mechanism,
            part_id=failure.part_id,
            position_id=failure.position_id,
            down_hours=failure.down_hours,
            source_key=failure.source_key,
        )
        work.session.add(row)
        made.append(row)
    work.session.flush()
    return made
