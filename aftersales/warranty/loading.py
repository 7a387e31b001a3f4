"""From rows to the values the rules take: chains of warranties, lapses of maintenance, the machine's calendar day."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from aftersales.maintenance import loading as programme
from aftersales.maintenance import queries as maintained
from aftersales.maintenance.rules.due import Trigger, Usage, due
from aftersales.models import Machine, Site, Warranty, WarrantyClause, WarrantyPolicy
from aftersales.vocabulary import LifeUnit
from aftersales.warranty.rules import Clause, Lapse, Stretch


def clauses_of(session: Session, policy_ids: Iterable[int]) -> dict[int, tuple[Clause, ...]]:
    """Return the clauses of each policy in the order of their numbers."""
    found: dict[int, list[Clause]] = {policy_id: [] for policy_id in policy_ids}
    rows = session.scalars(select(WarrantyClause).where(WarrantyClause.policy_id.in_(list(found))))
    for row in sorted(rows, key=lambda row: numbered(row.number)):
        found[row.policy_id].append(
            Clause(
                id=row.id,
                number=row.number,
                kind=row.kind,
                text=row.text,
                cost_class=row.cost_class,
                months=row.months,
                hours=row.hours,
                excluded_part_id=row.excluded_part_id,
                excluded_cause=row.excluded_cause,
                requires_maintenance=row.requires_maintenance,
            )
        )
    return {policy_id: tuple(clauses) for policy_id, clauses in found.items()}


def numbered(number: str) -> tuple[tuple[int, int, str], ...]:
    """Return a clause number as something to sort by, so that 2.10 comes after 2.9."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in number.split("."))


def chains(session: Session, machine_ids: Sequence[int]) -> dict[int, list[Stretch]]:
    """Return the warranty of each machine and its extensions, in order."""
    query = (
        select(Warranty, WarrantyPolicy.is_extension)
        .join(WarrantyPolicy, WarrantyPolicy.id == Warranty.policy_id)
        .where(Warranty.machine_id.in_(machine_ids))
        .order_by(Warranty.machine_id, Warranty.starts_on)
    )
    rows = list(session.execute(query))
    clauses = clauses_of(session, {row.policy_id for row, _ in rows})
    found: dict[int, list[Stretch]] = {machine_id: [] for machine_id in machine_ids}
    for row, is_extension in rows:
        found[row.machine_id].append(
            Stretch(
                warranty_id=row.id,
                starts_on=row.starts_on,
                ends_on=row.ends_on,
                start_hours=row.start_hours,
                is_extension=is_extension,
                clauses=clauses[row.policy_id],
            )
        )
    return found


def chain(session: Session, machine_id: int) -> list[Stretch]:
    """Return the warranty of one machine and its extensions, in order."""
    return chains(session, [machine_id])[machine_id]


def lapses(session: Session, machine: Machine, stretches: Sequence[Stretch], until: date) -> list[Lapse]:
    """Return the maintenance not done in time since the warranty began, when a clause makes it a condition."""
    bound = any(clause.requires_maintenance for stretch in stretches for clause in stretch.clauses)
    if not bound or until < stretches[0].starts_on:
        return []
    found = maintained.lapses(session, machine.id, stretches[0].starts_on, until)
    return [_lapse(session, machine, each) for each in found]


def _lapse(session: Session, machine: Machine, lapse: maintained.Lapse) -> Lapse:
    triggers = lapse.triggers or _triggers_then(session, machine, lapse)
    late = {trigger.unit: -trigger.remaining for trigger in triggers if trigger.late}
    for unit in (LifeUnit.HOURS, LifeUnit.CYCLES, LifeUnit.DAYS):
        if unit in late:
            return Lapse(task=lapse.task_name, late=round(late[unit]) + Decimal(0), unit=unit.value)
    return Lapse(task=lapse.task_name, late=Decimal(0))


def _triggers_then(session: Session, machine: Machine, lapse: maintained.Lapse) -> Sequence[Trigger]:
    """Return how the task stood on the day it was done after all."""
    before = datetime.combine(lapse.on, time(), UTC)
    tasks = programme.applying(session, [machine.model_id], before).get(machine.model_id, ())
    task = next((task for task in tasks if task.code == lapse.task_code), None)
    if task is None:
        return ()
    last = programme.last_done(session, [machine.id], until=before).get(machine.id, {}).get(lapse.task_code)
    return due(programme.task_of(task), machine.commissioned_on, last, Usage(lapse.on, lapse.life_hours)).triggers


def zone_of(session: Session, machine: Machine) -> ZoneInfo:
    """Return the time zone of the place where a machine stands; UTC when unknown."""
    site = session.get(Site, machine.site_id) if machine.site_id else None
    return ZoneInfo(site.time_zone if site else "UTC")


def day_of(session: Session, machine: Machine, at: datetime) -> date:
    """Return the calendar day of a moment where the machine stands."""
    return at.astimezone(zone_of(session, machine)).date()


def end_of(session: Session, machine: Machine, day: date) -> datetime:
    """Return the moment a day ends where the machine stands."""
    return datetime.combine(day + timedelta(days=1), time(), zone_of(session, machine))
