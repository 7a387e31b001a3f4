"""A machine's cover: terms per class of costs, conditions met or not, and the decisions on its jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.models import Coverage, Machine, WarrantyClause, WorkOrder
from aftersales.registry.queries.components import seen_until
from aftersales.usage import queries as usage
from aftersales.usage.rules import Utilisation
from aftersales.vocabulary import CostClass, MeterKind, Payer
from aftersales.warranty import loading, rules


@dataclass(frozen=True, slots=True)
class TermView:
    """A term of a class of costs. ``last_on`` is the last day covered, ``hours_end_on`` when its hours are expected to
    be used up (``None`` when unknown or later than ten years); state is running, upcoming, ended or used_up."""

    cost_class: CostClass
    payer: Payer
    clause: rules.Clause
    starts_on: date
    last_on: date
    until_hours: Decimal | None
    hours_end_on: date | None
    state: str

    @property
    def expected_end_on(self) -> date:
        """The day it is expected to end: by date or by hours, whichever is first."""
        return min(self.last_on, self.hours_end_on) if self.hours_end_on else self.last_on


@dataclass(frozen=True, slots=True)
class ConditionView:
    """A condition and what speaks against it; ``met`` is ``None`` where a person has to judge."""

    clause: rules.Clause
    met: bool | None
    lapses: Sequence[rules.Lapse]


@dataclass(frozen=True, slots=True)
class WarrantyStatus:
    """A machine's warranty on a day; ``terms`` is empty when it has none. ``first`` is the day it began."""

    machine: Machine
    on: date
    hours: Decimal | None
    terms: Sequence[TermView]
    exclusions: Sequence[rules.Clause]
    conditions: Sequence[ConditionView]
    begins_on: date | None
    last_on: date | None

    @property
    def is_running(self) -> bool:
        """Whether anything is covered on that day."""
        return any(term.state == "running" for term in self.terms)


@dataclass(frozen=True, slots=True)
class CoverageView:
    """A decision with the order it is about and the words of its clause."""

    coverage: Coverage
    order_id: int
    order: str
    machine_id: int
    serial_number: str
    clause: str | None
    clause_text: str | None
    may_confirm: bool


def status(session: Session, actor: Actor, machine_id: int, at: datetime) -> WarrantyStatus:
    """Return a machine's warranty at a moment; a former party is told how it stood when its time ended.

    :raises NotFound: when the actor does not see the machine.
    """
    require(actor, Permission.WARRANTY_READ)
    machine = visibility.machine(session, actor, machine_id)
    at, asked = seen_until(session, actor, machine.id, at), at
    on = loading.day_of(session, machine, at)
    chain = [each for each in loading.chain(session, machine.id) if at == asked or each.starts_on <= on]
    hours = usage.life_at(session, machine.id, MeterKind.HOURS, at)
    use = usage.utilisation(session, machine.id, MeterKind.HOURS, at)
    found = {each: rules.terms(chain, each) for each in CostClass}
    views = [_view(session, machine.id, term, terms, (on, hours), use) for terms in found.values() for term in terms]
    clauses = [clause for stretch in chain for clause in stretch.clauses]
    lapses = loading.lapses(session, machine, chain, on) if chain else []
    return WarrantyStatus(
        machine,
        on,
        hours,
        views,
        [clause for clause in clauses if clause.kind == "exclusion"],
        [_condition(clause, lapses) for clause in clauses if clause.kind == "condition"],
        chain[0].starts_on if chain else None,
        rules.last_day(chain[-1].ends_on) if chain else None,
    )


def coverages(
    session: Session,
    actor: Actor,
    *,
    machine_id: int | None = None,
    work_order_id: int | None = None,
    open_only: bool = False,
    after: int | None = None,
    limit: int = 100,
) -> list[CoverageView]:
    """Return decisions, newest first: those on the actor's own jobs, and on its machines in its time."""
    require(actor, Permission.WARRANTY_READ)
    query = _coverages(actor).order_by(Coverage.id.desc()).limit(limit)
    if machine_id is not None:
        query = query.where(WorkOrder.machine_id == machine_id)
    if work_order_id is not None:
        query = query.where(Coverage.work_order_id == work_order_id)
    if open_only:
        query = query.where(Coverage.confirmed_at.is_(None))
    if after is not None:
        query = query.where(Coverage.id < after)
    return [_decided(actor, *row) for row in session.execute(query)]


def coverage(session: Session, actor: Actor, coverage_id: int) -> CoverageView:
    """Return one decision.

    :raises NotFound: when there is none that the actor sees.
    """
    require(actor, Permission.WARRANTY_READ)
    orders = select(WorkOrder.id).where(_sees(actor))
    found = visibility.get(session, Coverage, coverage_id, Coverage.work_order_id.in_(orders))
    return _decided(actor, *session.execute(_coverages(actor).where(Coverage.id == found.id)).one())


def _view(
    session: Session,
    machine_id: int,
    term: rules.Term,
    terms: Sequence[rules.Term],
    now: tuple[date, Decimal | None],
    use: Utilisation | None,
) -> TermView:
    on, hours = now
    day = None
    if term.until_hours is not None and not term.used_up(hours):
        predicted = usage.predicted_date(session, machine_id, MeterKind.HOURS, term.until_hours, use)
        day = predicted.day if predicted else None
    last = rules.last_day(term.ends_on)
    return TermView(
        term.cost_class,
        term.payer,
        term.clause,
        term.starts_on,
        last,
        term.until_hours,
        day,
        _state(term, rules.term_on(terms, on, hours), on, hours),
    )


def _state(term: rules.Term, now: rules.Term | None, on: date, hours: Decimal | None) -> str:
    if term is now:
        return "running"
    if on >= term.ends_on:
        return "ended"
    if term.used_up(hours):
        return "used_up"
    return "upcoming"


def _condition(clause: rules.Clause, lapses: Sequence[rules.Lapse]) -> ConditionView:
    if not clause.requires_maintenance:
        return ConditionView(clause, None, ())
    return ConditionView(clause, not lapses, lapses)


def _sees(actor: Actor) -> ColumnElement[bool]:
    """Amounts are shown to who did the job and to who was a party of the machine when it was opened."""
    return or_(
        visibility.owns(actor, WorkOrder.organization_id),
        visibility.was_party(actor, WorkOrder.machine_id, WorkOrder.opened_at),
    )


def _coverages(actor: Actor) -> Select[Coverage, int, str, int, str, int, str | None, str | None]:
    return (
        select(
            Coverage,
            WorkOrder.id,
            WorkOrder.number,
            Machine.id,
            Machine.serial_number,
            Machine.manufacturer_id,
            WarrantyClause.number,
            WarrantyClause.text,
        )
        .join(WorkOrder, WorkOrder.id == Coverage.work_order_id)
        .join(Machine, Machine.id == WorkOrder.machine_id)
        .outerjoin(WarrantyClause, WarrantyClause.id == Coverage.clause_id)
        .where(_sees(actor))
    )


def _decided(
    actor: Actor,
    row: Coverage,
    order_id: int,
    order: str,
    machine_id: int,
    serial_number: str,
    manufacturer_id: int,
    clause: str | None,
    words: str | None,
) -> CoverageView:
    ours = actor.is_system or manufacturer_id == actor.organization_id
    may = ours and row.confirmed_at is None and actor.may(Permission.WARRANTY_MANAGE)
    return CoverageView(row, order_id, order, machine_id, serial_number, clause, words, may)
