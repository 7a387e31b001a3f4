"""The work itself: checklist, component exchanges, findings, and that it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.errors import Invalid, RuleBroken
from aftersales.models import (
    ChecklistResult,
    Component,
    ComponentExchange,
    Finding,
    Installation,
    Part,
    Position,
    TimeEntry,
    WorkOrder,
    WorkOrderFault,
)
from aftersales.orders.loading import editable, machine_of
from aftersales.orders.parts import own_place
from aftersales.orders.rules import Act, check_passes, state_after
from aftersales.orders.timekeeping import end
from aftersales.translate import N_
from aftersales.vocabulary import Detection, FailureCause, FailureMechanism, FailureMode, RemovalReason
from aftersales.work import Work

FATES = ("core", "scrap", "returned", "kept")


@dataclass(frozen=True, slots=True)
class CheckEntry:
    """What was found at a line of the checklist: a value where it is measured, else a tick, or a note why not."""

    result_id: int
    value: Decimal | None = None
    passed: bool | None = None
    note: str = ""


def fill_checklist(
    work: Work, order_id: int, entries: Sequence[CheckEntry], expected_version: int | None = None
) -> WorkOrder:
    """Fill in lines of the checklist; measured values are judged by their limits. A line can be filled again.

    :raises NotFound: the order has no such line. :raises Invalid: a value too many, too few, or too long a note.
    """
    require(work.actor, Permission.ORDER_WORK)
    order = editable(work, order_id, expected_version)
    for entry in entries:
        line = visibility.get(work.session, ChecklistResult, entry.result_id, ChecklistResult.work_order_id == order.id)
        _fill(line, entry)
        line.filled_by_id, line.filled_at = work.actor.user_id, work.now
    work.session.flush()
    return order


def _fill(line: ChecklistResult, entry: CheckEntry) -> None:
    if entry.value is not None and not line.measured:
        raise _wrong(line, N_("Check %(row)s is ticked, not measured"), "not_measured")
    if len(entry.note) > 500:
        raise _wrong(line, N_("The note of check %(row)s is too long"), "too_long")
    if entry.value is not None and not _exact(entry.value):
        raise _wrong(line, N_("The value of check %(row)s has too many digits"), "value")
    line.value, line.note = entry.value, entry.note.strip()
    line.passed = entry.passed
    if line.measured:
        line.passed = None if entry.value is None else check_passes(entry.value, line.lower, line.upper)


def _exact(value: Decimal) -> bool:
    return abs(value) < Decimal(10) ** 12 and value == round(value, 6)


def _wrong(line: ChecklistResult, message: str, code: str) -> Invalid:
    params = {"row": line.sequence}
    errors = [{"row": line.sequence, "field": "checklist", "message": message, "params": params}]
    return Invalid(message, code=code, errors=errors, row=line.sequence)


def add_exchange(
    work: Work,
    order_id: int,
    *,
    position_id: int,
    slot: int = 1,
    removed_serial_number: str | None = None,
    removal_reason: RemovalReason | None = None,
    fate: str = "core",
    core_location_id: int | None = None,
    fitted_part_id: int | None = None,
    fitted_serial_number: str | None = None,
    expected_version: int | None = None,
) -> ComponentExchange:
    """Note a component taken out, one put in, or both; it is booked when the order is closed.

    What is taken out is what the register says is in the slot; a serial number read from it is compared.

    :param fate: of the old one: ``core``, ``scrap``, ``returned`` (to its owner) or ``kept``.
    :param fitted_part_id: the position's part by default.
    :raises RuleBroken: another serial number is in the slot (named), or nothing is.
    """
    require(work.actor, Permission.ORDER_WORK)
    order = editable(work, order_id, expected_version)
    machine = machine_of(work, order)
    position = visibility.get(work.session, Position, position_id, Position.model_id == machine.model_id)
    _check_exchange(position, slot, fate)
    removed = None
    if removal_reason is not None or removed_serial_number:
        removed = _in_slot(work, machine.id, position, slot, (removed_serial_number or "").strip())
    fitted = (fitted_serial_number or "").strip() or None
    if removed is None and fitted is None:
        raise Invalid(N_("Say what was taken out, what was put in, or both"), code="exchange_empty")
    if core_location_id is not None:
        own_place(work, core_location_id)
    part_id = _fitted_part(work, position, fitted_part_id) if fitted else None
    exchange = ComponentExchange(
        work_order_id=order.id,
        position_id=position.id,
        slot=slot,
        removed_component_id=removed.id if removed else None,
        removal_reason=(removal_reason or RemovalReason.OTHER) if removed else None,
        fate=fate,
        core_location_id=core_location_id,
        fitted_part_id=part_id,
        fitted_serial_number=fitted,
    )
    _refuse_second(work, order, position, slot)
    work.session.add(exchange)
    work.session.flush()
    return exchange


def _check_exchange(position: Position, slot: int, fate: str) -> None:
    if fate not in FATES:
        raise Invalid(N_("The fate of a component is one of %(fates)s"), code="fate", fates=", ".join(FATES))
    if not 1 <= slot <= position.quantity:
        message = N_("Position %(position)s has slots 1 to %(quantity)s")
        raise Invalid(message, code="slot", position=position.code, quantity=position.quantity)


def _in_slot(work: Work, machine_id: int, position: Position, slot: int, serial: str) -> Component:
    found = installed(work, machine_id, position.id, slot)
    if found is None:
        message = N_("Nothing is recorded in slot %(slot)s of position %(position)s")
        raise RuleBroken(message, code="slot_empty", slot=slot, position=position.code)
    if serial and serial != found.serial_number:
        message = N_("The register has serial number %(known)s at position %(position)s, not %(serial)s")
        raise RuleBroken(message, code="other_serial", known=found.serial_number, position=position.code, serial=serial)
    return found


def installed(work: Work, machine_id: int, position_id: int, slot: int) -> Component | None:
    """Return the component that is in a slot of a machine now."""
    return work.session.scalar(
        select(Component)
        .join(Installation, Installation.component_id == Component.id)
        .where(
            Installation.machine_id == machine_id,
            Installation.position_id == position_id,
            Installation.slot == slot,
            Installation.valid_to.is_(None),
        )
    )


def _fitted_part(work: Work, position: Position, part_id: int | None) -> int:
    named = part_id or position.part_id
    if named is None:
        raise Invalid(N_("Say which part was put in"), code="part_missing")
    return visibility.get(work.session, Part, named, visibility.sees_part(work.actor)).id


def _refuse_second(work: Work, order: WorkOrder, position: Position, slot: int) -> None:
    same = select(ComponentExchange.id).where(
        ComponentExchange.work_order_id == order.id,
        ComponentExchange.position_id == position.id,
        ComponentExchange.slot == slot,
    )
    if work.session.scalar(same):
        message = N_("The exchange at position %(position)s is noted already; remove it to change it")
        raise RuleBroken(message, code="exchange_exists", position=position.code)


def remove_exchange(work: Work, order_id: int, exchange_id: int, expected_version: int | None = None) -> WorkOrder:
    """Take back the note of an exchange."""
    require(work.actor, Permission.ORDER_WORK)
    order = editable(work, order_id, expected_version)
    mine = ComponentExchange.work_order_id == order.id
    work.session.delete(visibility.get(work.session, ComponentExchange, exchange_id, mine))
    work.session.flush()
    return order


def add_finding(
    work: Work,
    order_id: int,
    *,
    mode: FailureMode,
    mechanism: FailureMechanism,
    cause: FailureCause,
    detection: Detection,
    text: str = "",
    fault_id: int | None = None,
    position_id: int | None = None,
    expected_version: int | None = None,
) -> Finding:
    """Note what was found, coded after ISO 14224; it becomes a failure record when the order is closed.

    :param fault_id: the report it explains; the order's only one by default.
    :raises RuleBroken: the order does not answer that report.
    """
    require(work.actor, Permission.ORDER_WORK)
    order = editable(work, order_id, expected_version)
    machine = machine_of(work, order)
    if position_id is not None:
        visibility.get(work.session, Position, position_id, Position.model_id == machine.model_id)
    answered = select(WorkOrderFault.fault_id).where(WorkOrderFault.work_order_id == order.id)
    faults = list(work.session.scalars(answered))
    if fault_id is not None and fault_id not in faults:
        raise RuleBroken(N_("The order does not answer fault %(fault)s"), code="other_fault", fault=fault_id)
    if len(text) > 2000:
        raise Invalid(N_("The text is longer than %(limit)s characters"), code="too_long", limit=2000)
    finding = Finding(
        work_order_id=order.id,
        fault_id=fault_id or (faults[0] if len(faults) == 1 else None),
        position_id=position_id,
        mode=mode,
        mechanism=mechanism,
        cause=cause,
        detection=detection,
        text=text.strip(),
    )
    work.session.add(finding)
    work.session.flush()
    return finding


def remove_finding(work: Work, order_id: int, finding_id: int, expected_version: int | None = None) -> WorkOrder:
    """Take back a finding."""
    require(work.actor, Permission.ORDER_WORK)
    order = editable(work, order_id, expected_version)
    work.session.delete(visibility.get(work.session, Finding, finding_id, Finding.work_order_id == order.id))
    work.session.flush()
    return order


def finish(
    work: Work,
    order_id: int,
    *,
    summary: str | None = None,
    meter_hours: Decimal | None = None,
    meter_cycles: Decimal | None = None,
    at: datetime | None = None,
    expected_version: int | None = None,
) -> WorkOrder:
    """Say that the work is done: the actor's clock stops, meters are read. The order can still be corrected.

    :param meter_hours: what the hour meter shows; booked when the order is closed.
    """
    require(work.actor, Permission.ORDER_WORK)
    order = editable(work, order_id, expected_version)
    own = select(TimeEntry).where(
        TimeEntry.work_order_id == order.id, TimeEntry.user_id == work.actor.user_id, TimeEntry.ended_at.is_(None)
    )
    entry = work.session.scalar(own)
    if entry is not None:
        end(work, entry, at)
    order.state = state_after(order.state, Act.FINISH)
    order.finished_at = at or work.now
    note_meters(order, meter_hours, meter_cycles)
    if summary is not None:
        if len(summary) > 4000:
            raise Invalid(N_("The text is longer than %(limit)s characters"), code="too_long", limit=4000)
        order.summary = summary.strip()
    work.session.flush()
    return order


def note_meters(order: WorkOrder, hours: Decimal | None, cycles: Decimal | None) -> None:
    """Note what the meters show.

    :raises Invalid: a value no meter shows.
    """
    for value in (hours, cycles):
        if value is not None and not (0 <= value < Decimal(10) ** 9 and value == round(value, 3)):
            raise Invalid(N_("%(value)s is no meter value"), code="not_a_meter_value", value=value)
    order.meter_hours = order.meter_hours if hours is None else hours
    order.meter_cycles = order.meter_cycles if cycles is None else cycles
