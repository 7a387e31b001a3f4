"""A machine's warranty begins by itself when it is commissioned (or shipped, where the policy says so)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.models import LifecycleEvent, Machine, Warranty, WarrantyPolicy
from aftersales.usage import queries as usage
from aftersales.vocabulary import MachineState, MeterKind
from aftersales.warranty import loading, rules
from aftersales.work import Work


def start_for(work: Work, machine_id: int) -> Warranty | None:
    """Start the warranty of a machine under its manufacturer's policy; one that has begun stays as it is.

    :returns: ``None`` when no policy is for this model, or the day it starts from has not come.
    """
    require(work.actor, Permission.WARRANTY_MANAGE)
    made_by_us = visibility.owns(work.actor, Machine.manufacturer_id)
    machine = visibility.get(work.session, Machine, machine_id, made_by_us, lock=True)
    begun = work.session.scalar(
        select(Warranty).where(Warranty.machine_id == machine.id, Warranty.follows_id.is_(None))
    )
    if begun is not None:
        return begun
    policy = _policy_for(work, machine)
    starts_on = _start(work, machine, policy) if policy else None
    if policy is None or starts_on is None:
        return None
    warranty = Warranty(
        machine_id=machine.id,
        policy_id=policy.id,
        starts_on=starts_on,
        ends_on=end_of_terms(work, policy.id, starts_on),
        start_hours=_hours(work, machine, starts_on),
        created_at=work.now,
    )
    work.session.add(warranty)
    work.session.flush()
    return warranty


def handle_machine_commissioned(work: Work, payload: Mapping[str, Any]) -> None:
    """Start the warranty after a machine was commissioned; repeating it changes nothing."""
    start_for(work, int(payload["machine_id"]))


def end_of_terms(work: Work, policy_id: int, starts_on: date) -> date:
    """Return the first day on which none of a policy's terms covers anything any more."""
    months = [clause.months for clause in loading.clauses_of(work.session, [policy_id])[policy_id] if clause.months]
    return max(rules.add_months(starts_on, each) for each in months)


def _policy_for(work: Work, machine: Machine) -> WarrantyPolicy | None:
    """Return the policy for new machines: the newest for the model, else the newest for every model."""
    query = (
        select(WarrantyPolicy)
        .where(
            WarrantyPolicy.organization_id == machine.manufacturer_id,
            WarrantyPolicy.is_extension.is_(False),
            WarrantyPolicy.ended_at.is_(None),
            or_(WarrantyPolicy.model_id == machine.model_id, WarrantyPolicy.model_id.is_(None)),
        )
        .order_by(WarrantyPolicy.model_id.is_(None), WarrantyPolicy.id.desc())
        .limit(1)
    )
    return work.session.scalar(query)


def _start(work: Work, machine: Machine, policy: WarrantyPolicy) -> date | None:
    if policy.start_rule == "commissioning":
        return machine.commissioned_on
    shipped = (
        select(LifecycleEvent.at)
        .where(LifecycleEvent.machine_id == machine.id, LifecycleEvent.to_state == MachineState.SHIPPED)
        .order_by(LifecycleEvent.sequence)
        .limit(1)
    )
    at = work.session.scalar(shipped)
    return loading.day_of(work.session, machine, at) if at else machine.commissioned_on


def _hours(work: Work, machine: Machine, starts_on: date) -> Decimal:
    at = min(loading.end_of(work.session, machine, starts_on), work.now)
    return usage.life_at(work.session, machine.id, MeterKind.HOURS, at) or Decimal(0)
