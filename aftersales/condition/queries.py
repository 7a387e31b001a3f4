"""A machine's technical condition at a moment: state, hours, faults, maintenance, component lives, warranty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.complaints import queries as complaints
from aftersales.complaints.rules import CLOSED
from aftersales.condition.rules import Facts, health
from aftersales.maintenance import loading
from aftersales.maintenance.rules import Due, Usage, applies, due
from aftersales.models import FaultEvent, FaultReport, LifecycleEvent, Machine, ProgrammeTask
from aftersales.registry.queries.components import InstalledComponent, components, seen_until
from aftersales.usage import queries as usage
from aftersales.vocabulary import DueStatus, FaultState, Health, MachineState, MeterKind
from aftersales.warranty.queries import WarrantyStatus
from aftersales.warranty.queries import status as warranty_status


@dataclass(frozen=True, slots=True)
class OpenFault:
    """A fault that was open at the moment, with its state then."""

    fault: FaultReport
    state: FaultState


@dataclass(frozen=True, slots=True)
class TaskState:
    """How a maintenance task stood at the moment."""

    code: str
    name: str
    due: Due


@dataclass(frozen=True, slots=True)
class Condition:
    """A machine's technical condition at a moment. What the actor may not read is empty, ``warranty`` is ``None``."""

    machine: Machine
    at: datetime
    state: MachineState
    state_since: datetime | None
    hours: Decimal | None
    cycles: Decimal | None
    open_faults: Sequence[OpenFault]
    tasks: Sequence[TaskState]
    components: Sequence[InstalledComponent]
    warranty: WarrantyStatus | None
    health: Health

    @property
    def overdue(self) -> list[TaskState]:
        """The tasks that were overdue."""
        return [task for task in self.tasks if task.due.status is DueStatus.OVERDUE]

    @property
    def waiting(self) -> list[TaskState]:
        """The tasks that were due or overdue."""
        return [task for task in self.tasks if task.due.status in {DueStatus.DUE, DueStatus.OVERDUE}]

    @property
    def limited(self) -> list[InstalledComponent]:
        """The components with a life limit, the most used first."""
        found = [one for one in self.components if one.limit is not None]
        return sorted(found, key=lambda one: one.limit.share if one.limit else Decimal(0), reverse=True)


def condition(session: Session, actor: Actor, machine_id: int, at: datetime) -> Condition:
    """Return a machine's condition at a moment, past ones too; a former party gets the end of its time at the latest.

    :raises NotFound: the actor does not see the machine.
    """
    require(actor, Permission.REGISTRY_READ)
    machine = visibility.machine(session, actor, machine_id)
    at = seen_until(session, actor, machine.id, at)
    event = state_event(session, machine.id, at)
    hours = usage.life_at(session, machine.id, MeterKind.HOURS, at)
    cycles = usage.life_at(session, machine.id, MeterKind.CYCLES, at)
    faults = open_faults(session, actor, machine.id, at) if actor.may(Permission.FAULT_READ) else []
    tasks = task_states(session, machine, at, hours, cycles) if actor.may(Permission.MAINTENANCE_READ) else []
    installed = components(session, actor, machine.id, at)
    facts = Facts(
        state=event.to_state if event else MachineState.PLANNED,
        open_faults=len(faults),
        standing_faults=sum(one.fault.stands_still for one in faults),
        overdue_tasks=sum(task.due.status is DueStatus.OVERDUE for task in tasks),
        due_tasks=sum(task.due.status is DueStatus.DUE for task in tasks),
        limits=[one.limit.share for one in installed if one.limit],
    )
    return Condition(
        machine=machine,
        at=at,
        state=facts.state,
        state_since=event.at if event else None,
        hours=hours,
        cycles=cycles,
        open_faults=faults,
        tasks=tasks,
        components=installed,
        warranty=warranty_status(session, actor, machine.id, at) if actor.may(Permission.WARRANTY_READ) else None,
        health=health(facts),
    )


def state_event(session: Session, machine_id: int, at: datetime) -> LifecycleEvent | None:
    """Return the step of the life cycle that gave a machine its state at a moment."""
    return session.scalar(
        select(LifecycleEvent)
        .where(LifecycleEvent.machine_id == machine_id, LifecycleEvent.at <= at)
        .order_by(LifecycleEvent.sequence.desc())
        .limit(1)
    )


def open_faults(session: Session, actor: Actor, machine_id: int, at: datetime) -> list[OpenFault]:
    """Return the faults of a machine that were open at a moment, as far as the actor sees them, newest first."""
    later = aliased(FaultEvent)
    last = select(func.max(later.sequence)).where(later.fault_id == FaultReport.id, later.at <= at).scalar_subquery()
    rows = session.execute(
        select(FaultReport, FaultEvent.state_after)
        .join(FaultEvent, (FaultEvent.fault_id == FaultReport.id) & (FaultEvent.sequence == last))
        .where(
            FaultReport.machine_id == machine_id,
            FaultReport.reported_at <= at,
            FaultEvent.state_after.not_in(CLOSED),
            complaints.sees(actor),
        )
        .order_by(FaultReport.id.desc())
    )
    return [OpenFault(fault, state) for fault, state in rows]


def task_states(
    session: Session, machine: Machine, at: datetime, hours: Decimal | None, cycles: Decimal | None
) -> list[TaskState]:
    """Return how the tasks of a machine's programme stood at a moment, by the programme and completions of then."""
    tasks: Sequence[ProgrammeTask] = loading.applying(session, [machine.model_id], at).get(machine.model_id, [])
    done = loading.last_done(session, [machine.id], until=at).get(machine.id, {})
    use = Usage(loading.day_at(session, machine, at), hours, cycles)
    return [
        TaskState(task.code, task.name, due(loading.task_of(task), machine.commissioned_on, done.get(task.code), use))
        for task in tasks
        if applies(task.only_with, task.not_with, machine.configuration)
    ]
