"""Use-cases of fault reports: what the service does about them, and what the operator says to that."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, select

from aftersales import visibility
from aftersales.access import Permission, expect, require, require_any
from aftersales.complaints.reporting import Complaint, add_photos, machine_at, report, report_by_qr
from aftersales.complaints.rules import SILENCE_DAYS, Step, silence_is_over
from aftersales.complaints.timeline import changeable, take_step
from aftersales.errors import Forbidden, RuleBroken
from aftersales.models import FaultEvent, FaultReport
from aftersales.registry.lifecycle import change_state
from aftersales.registry.rules.lifecycle import check_serving
from aftersales.translate import N_
from aftersales.vocabulary import FaultState, MachineState, PartyRole
from aftersales.work import Work

__all__ = [
    "Complaint",
    "add_event",
    "add_photos",
    "close_after_silence",
    "comment",
    "confirm",
    "machine_at",
    "mark_duplicate",
    "receive",
    "reject",
    "reopen",
    "report",
    "report_by_qr",
    "resolve",
]

CUSTOMER = frozenset({PartyRole.OPERATOR, PartyRole.OWNER})


def add_event(
    work: Work,
    fault_id: int,
    step: Step,
    *,
    text: str = "",
    visible: bool = True,
    work_order_id: int | None = None,
    at: datetime | None = None,
    expected_version: int | None = None,
) -> FaultEvent:
    """Take a step of the service's on a fault report.

    :param visible: whether the operator sees it; only a comment can be kept from him.
    :raises RuleBroken: the step cannot be taken now, or is the operator's own (confirm, reopen) or needs more than
        words (duplicate).
    """
    fault = _handled(work, fault_id, expected_version)
    if step in {Step.REPORTED, Step.CONFIRMED, Step.REOPENED, Step.CLOSED_SILENTLY, Step.DUPLICATE}:
        raise RuleBroken(N_("This step has its own way: %(step)s"), code="own_use_case", step=step)
    return take_step(work, fault, step, text=text, visible=visible, work_order_id=work_order_id, at=at)


def _handled(work: Work, fault_id: int, expected_version: int | None) -> FaultReport:
    """Return a report that the actor may handle, locked: whoever serves the machine or works on an order for it."""
    require_any(work.actor, Permission.FAULT_HANDLE, Permission.ORDER_WORK)
    fault = changeable(work, fault_id)
    check_serving(visibility.roles_in(work.session, work.actor, fault.machine_id))
    expect(fault.version, expected_version)
    return fault


def receive(work: Work, fault_id: int, text: str = "", expected_version: int | None = None) -> FaultEvent:
    """Tell the operator that the report has been read; a stranger's word that the machine stands still counts now."""
    fault = _handled(work, fault_id, expected_version)
    event = take_step(work, fault, Step.RECEIVED, text=text)
    machine = visibility.machine(work.session, work.actor, fault.machine_id, change=True)
    if fault.stands_still and machine.state is MachineState.IN_OPERATION:
        change_state(work, machine.id, MachineState.DOWN, fault.text[:500])
    return event


def resolve(work: Work, fault_id: int, text: str = "", expected_version: int | None = None) -> FaultEvent:
    """Say that the fault is mended without a work order (remote help, by the operator himself); he confirms."""
    return take_step(work, _handled(work, fault_id, expected_version), Step.RESOLVED, text=text)


def reject(work: Work, fault_id: int, reason: str, expected_version: int | None = None) -> FaultEvent:
    """Turn a report down, with the reason the operator reads.

    :raises Invalid: without a reason.
    """
    return take_step(work, _handled(work, fault_id, expected_version), Step.REJECTED, text=reason)


def mark_duplicate(
    work: Work, fault_id: int, of_id: int, text: str = "", expected_version: int | None = None
) -> FaultEvent:
    """Say that another report of the same machine tells of the same fault; that one goes on.

    :raises RuleBroken: it is the report itself, of another machine, or itself a duplicate.
    """
    fault = _handled(work, fault_id, expected_version)
    other = visibility.get(
        work.session, FaultReport, of_id, visibility.holds_machine(work.actor, FaultReport.machine_id)
    )
    if other.id == fault.id or other.machine_id != fault.machine_id or other.state is FaultState.DUPLICATE:
        message = N_("A duplicate is of another report of the same machine, which is no duplicate itself")
        raise RuleBroken(message, code="duplicate_of")
    fault.duplicate_of_id = other.id
    return take_step(work, fault, Step.DUPLICATE, text=text)


def comment(work: Work, fault_id: int, text: str, *, visible: bool = True) -> FaultEvent:
    """Add words to the timeline; the operator's own are always visible.

    :param visible: whether other organisations see them.
    """
    if work.actor.may(Permission.FAULT_HANDLE):
        return take_step(work, _handled(work, fault_id, None), Step.COMMENT, text=text, visible=visible)
    require(work.actor, Permission.FAULT_REPORT)
    fault = changeable(work, fault_id)
    check_serving(visibility.roles_in(work.session, work.actor, fault.machine_id))
    return take_step(work, fault, Step.COMMENT, text=text)


def confirm(work: Work, fault_id: int, text: str = "", expected_version: int | None = None) -> FaultEvent:
    """Let the operator say that the fault is mended; this closes the report.

    :raises Forbidden: the actor's organisation neither operates nor owns the machine.
    """
    return take_step(work, _customers(work, fault_id, expected_version), Step.CONFIRMED, text=text)


def reopen(work: Work, fault_id: int, reason: str, expected_version: int | None = None) -> FaultEvent:
    """Let the operator say that the fault is not mended (or was not to be turned down), and why.

    :raises Forbidden: the actor's organisation neither operates nor owns the machine.
    :raises Invalid: without a reason.
    """
    fault = _customers(work, fault_id, expected_version)
    fault.duplicate_of_id = None
    return take_step(work, fault, Step.REOPENED, text=reason)


def _customers(work: Work, fault_id: int, expected_version: int | None) -> FaultReport:
    require(work.actor, Permission.FAULT_CONFIRM)
    fault = changeable(work, fault_id)
    if not visibility.roles_in(work.session, work.actor, fault.machine_id) & CUSTOMER:
        raise Forbidden(N_("The operator or the owner of the machine decides this"), code="wrong_party")
    expect(fault.version, expected_version)
    return fault


def close_after_silence(work: Work, days: int = SILENCE_DAYS, limit: int = 500) -> list[int]:
    """Close reports resolved ``days`` ago and neither confirmed nor reopened since; the closing is a step of its own.

    :returns: ids of the reports closed.
    """
    require(work.actor, Permission.FAULT_HANDLE)
    waiting = (
        select(FaultReport.id)
        .where(FaultReport.state == FaultState.RESOLVED, visibility.holds_machine(work.actor, FaultReport.machine_id))
        .where(_resolved_by(work.now - timedelta(days=days)))
        .order_by(FaultReport.id)
        .limit(limit)
    )
    closed = []
    for fault_id in work.session.scalars(waiting).all():
        fault = changeable(work, fault_id)
        # Somebody may have answered since the list was read, and a report resolved twice counts from the last time.
        if fault.state is FaultState.RESOLVED and silence_is_over(_last_resolved(work, fault_id), work.now, days):
            take_step(work, fault, Step.CLOSED_SILENTLY)
            closed.append(fault_id)
    return closed


def _resolved_by(cutoff: datetime) -> ColumnElement[bool]:
    """Return the condition on a report that no resolution of it is younger than ``cutoff``."""
    resolution = (FaultEvent.fault_id == FaultReport.id, FaultEvent.kind == Step.RESOLVED.value)
    return ~exists().where(*resolution, FaultEvent.at > cutoff)


def _last_resolved(work: Work, fault_id: int) -> datetime:
    query = select(FaultEvent.at).where(FaultEvent.fault_id == fault_id, FaultEvent.kind == Step.RESOLVED.value)
    return work.session.scalars(query.order_by(FaultEvent.sequence.desc()).limit(1)).one()
