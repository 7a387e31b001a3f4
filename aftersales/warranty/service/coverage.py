"""Who pays for the lines of a work order: proposed by the rules, confirmed by a person of the manufacturer."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.errors import Invalid, RuleBroken
from aftersales.models import Coverage, Machine, WorkOrder
from aftersales.translate import N_
from aftersales.vocabulary import Payer
from aftersales.warranty import loading, rules
from aftersales.work import Work


def cover(
    work: Work,
    *,
    work_order_id: int,
    machine_id: int,
    on: date,
    life_hours: Decimal | None,
    lines: Sequence[rules.Line],
) -> list[Coverage]:
    """Propose who pays for each line of an order. Repeating it renews the proposals; confirmed ones stay.

    :param on: the day the fault happened, by the machine's calendar.
    :param life_hours: the machine's life hours then, ``None`` when unknown.
    :returns: the coverage of each line, in the order of the lines.
    """
    require(work.actor, Permission.WARRANTY_READ)
    machine = visibility.machine(work.session, work.actor, machine_id)
    mine = visibility.owns(work.actor, WorkOrder.organization_id)
    order = visibility.get(work.session, WorkOrder, work_order_id, mine, WorkOrder.machine_id == machine.id)
    chain = loading.chain(work.session, machine.id)
    lapses = loading.lapses(work.session, machine, chain, on)
    query = select(Coverage).where(Coverage.work_order_id == order.id)
    known = {(row.line_kind, row.line_id): row for row in work.session.scalars(query)}
    rows = []
    for line in lines:
        decision = rules.decide(line, chain, on=on, life_hours=life_hours, kind=order.kind, lapses=lapses)
        row = known.get((line.kind, line.id)) or Coverage(work_order_id=order.id, line_kind=line.kind, line_id=line.id)
        if row.confirmed_at is None:
            _write(work, row, line, decision)
        rows.append(row)
    work.session.flush()
    return rows


def confirm(work: Work, coverage_id: int, *, payer: Payer | None = None, reason: str = "") -> Coverage:
    """Make a proposal binding, or decide otherwise with a reason. The machine's manufacturer does it.

    :raises Invalid: when it is decided otherwise without a reason.
    :raises RuleBroken: when it was confirmed before.
    """
    require(work.actor, Permission.WARRANTY_MANAGE)
    made_by_us = (
        select(WorkOrder.id)
        .join(Machine, Machine.id == WorkOrder.machine_id)
        .where(visibility.owns(work.actor, Machine.manufacturer_id))
    )
    row = visibility.get(work.session, Coverage, coverage_id, Coverage.work_order_id.in_(made_by_us), lock=True)
    if row.confirmed_at is not None:
        raise RuleBroken(N_("This was confirmed already"), code="coverage_confirmed")
    if payer is not None and payer is not row.payer:
        if not reason.strip():
            message = N_("Say why you decide otherwise than proposed")
            raise Invalid(message, errors=[{"field": "reason", "message": message}])
        row.explanation = N_("Decided otherwise than proposed (%(payer)s): %(reason)s")
        row.explanation_params = {"payer": row.payer.value, "reason": reason.strip()}
        row.payer = payer
    row.confirmed_at, row.decided_at, row.decided_by_id = work.now, work.now, work.actor.user_id
    work.session.flush()
    return row


def _write(work: Work, row: Coverage, line: rules.Line, decision: rules.Decision) -> None:
    row.cost_class, row.amount, row.currency = line.cost_class, line.amount, line.currency
    row.payer = decision.payer
    row.clause_id = decision.clause.id if decision.clause else None
    row.explanation = decision.message
    row.explanation_params = dict(decision.params)
    row.decided_at, row.decided_by_id = work.now, work.actor.user_id
    work.session.add(row)
