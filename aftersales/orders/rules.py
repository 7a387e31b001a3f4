"""What may happen to a work order when, whether a check passed, and what is still missing before it can be closed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from aftersales.errors import Invalid, RuleBroken
from aftersales.translate import N_
from aftersales.vocabulary import MachineState, OrderKind, OrderState

S = OrderState
ENDED = frozenset({S.CLOSED, S.CANCELLED})
ACTIVE = frozenset(S) - ENDED


class Act(StrEnum):
    """What can be done to a work order as a whole."""

    PLAN = "plan"
    START = "start"
    PAUSE = "pause"
    STOP = "stop"
    FINISH = "finish"
    CLOSE = "close"
    CANCEL = "cancel"


# Act: the states it may be done in and the state after it; None leaves the state as it is.
ACTS: Mapping[Act, tuple[frozenset[OrderState], OrderState | None]] = {
    Act.PLAN: (ACTIVE - {S.DONE}, None),
    Act.START: (ACTIVE, S.IN_PROGRESS),
    Act.PAUSE: (frozenset({S.IN_PROGRESS}), S.PAUSED),
    Act.STOP: (frozenset({S.IN_PROGRESS}), None),
    Act.FINISH: (frozenset({S.IN_PROGRESS, S.PAUSED}), S.DONE),
    Act.CLOSE: (frozenset({S.IN_PROGRESS, S.PAUSED, S.DONE}), S.CLOSED),
    Act.CANCEL: (ACTIVE, S.CANCELLED),
}


def state_after(state: OrderState, act: Act) -> OrderState:
    """Return the state after an act.

    :raises RuleBroken: when it cannot be done in that state.
    """
    allowed, after = ACTS[act]
    if state not in allowed:
        message = N_("A work order that is %(state)s does not allow this (%(act)s)")
        raise RuleBroken(message, code=f"order_{state.value}", state=state, act=act)
    if act is Act.PLAN and state is S.DRAFT:
        return S.PLANNED
    return after or state


def possible_acts(state: OrderState) -> frozenset[Act]:
    """Return what can be done to an order in a state."""
    return frozenset(act for act, (allowed, _) in ACTS.items() if state in allowed)


def check_window(start: datetime | None, end: datetime | None) -> None:
    """Let a planned window pass: both ends or none, in order, at most 31 days.

    :raises Invalid: otherwise.
    """
    if (start is None) != (end is None):
        raise Invalid(N_("A planned window has a beginning and an end"), code="window")
    if start is not None and end is not None and not start < end <= start + timedelta(days=31):
        raise Invalid(N_("A planned window ends after it begins, at most 31 days later"), code="window")


def overlaps(start: datetime, end: datetime, other_start: datetime, other_end: datetime) -> bool:
    """Tell whether two stretches of time have a moment in common; touching is not overlapping."""
    return start < other_end and other_start < end


def check_passes(value: Decimal, lower: Decimal | None, upper: Decimal | None) -> bool:
    """Tell whether a measured value lies within its limits, both included."""
    return (lower is None or value >= lower) and (upper is None or value <= upper)


@dataclass(frozen=True, slots=True)
class Check:
    """A line of the checklist with what was found."""

    sequence: int
    text: str
    measured: bool
    required: bool
    value: Decimal | None
    passed: bool | None

    @property
    def is_missing(self) -> bool:
        """It is required and has no result."""
        return self.required and (self.value is None if self.measured else self.passed is None)


@dataclass(frozen=True, slots=True)
class Used:
    """A part to be used, with what its store has. ``row`` is the part use's id; ``quantity`` is what is not set aside
    for it and has to come out of free stock, ``available``.
    """

    row: int
    number: str
    place: str
    quantity: Decimal
    serialised: bool
    serial_number: str | None
    available: Decimal
    serial_here: bool
    condition: str = "new"


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A component exchange, with what is in the slot now. ``row`` is the exchange's id."""

    row: int
    position: str
    removed_serial: str | None
    removed_is_there: bool
    slot_taken: bool
    fate: str
    core_place_known: bool
    fitted_serial: str | None
    fitted_is_used: bool


@dataclass(frozen=True, slots=True)
class Job:
    """All that closing looks at."""

    kind: OrderKind
    answers_faults: bool
    checks: Sequence[Check]
    running: Sequence[str]
    parts: Sequence[Used]
    exchanges: Sequence[Exchanged]
    findings: int
    needs_hours: bool
    has_hours: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that stands in the way of closing: where, and a sentence to be translated."""

    field: str
    row: int | None
    message: str
    params: Mapping[str, object]

    @property
    def said(self) -> str:
        """The sentence in English."""
        return self.message % self.params if self.params else self.message

    def as_item(self) -> dict[str, object]:
        """The problem as an item of an error's ``errors``; its sentence is still to be translated."""
        item: dict[str, object] = {"field": self.field, "message": self.message, "params": dict(self.params)}
        return item if self.row is None else {"row": self.row, **item}


def problem(field: str, row: int | None, message: str, **params: object) -> Problem:
    """Return a problem; short for the class."""
    return Problem(field, row, message, params)


def problems(job: Job) -> list[Problem]:
    """Return everything that is missing before a job can be closed, all at once."""
    found = [
        problem(
            "checklist",
            check.sequence,
            N_("Check %(check)s has no result: %(text)s"),
            check=check.sequence,
            text=check.text,
        )
        for check in job.checks
        if check.is_missing
    ]
    found += [
        problem("time", None, N_("The clock of %(person)s is still running"), person=name) for name in job.running
    ]
    for used in job.parts:
        found += _of_part(used)
    found += _in_short_supply(job.parts)
    for exchange in job.exchanges:
        found += _of_exchange(exchange)
    if job.kind is OrderKind.REPAIR and job.answers_faults and not job.findings:
        found.append(problem("findings", None, N_("A repair of a fault needs what was found (mode, mechanism, cause)")))
    if job.needs_hours and not job.has_hours:
        found.append(problem("meter_hours", None, N_("Read the hour meter: a task of this order counts hours")))
    return found


def _of_part(used: Used) -> Iterable[Problem]:
    if not used.serialised:
        return
    if not used.serial_number:
        yield problem("parts", used.row, N_("Part %(part)s needs its serial number"), part=used.number)
    elif not used.serial_here:
        message = N_("Part %(part)s, serial number %(serial)s, is not in %(place)s")
        yield problem("parts", used.row, message, part=used.number, serial=used.serial_number, place=used.place)


def _in_short_supply(parts: Sequence[Used]) -> Iterable[Problem]:
    """Lines of the same part and place draw on the same stock, so they are weighed together."""
    wanted: dict[tuple[str, str, str], Decimal] = {}
    for used in parts:
        key = (used.number, used.place, used.condition)
        wanted[key] = wanted.get(key, Decimal(0)) + used.quantity
        if used.quantity and wanted[key] > used.available:
            message = N_("%(place)s has %(available)s of part %(part)s free, %(wanted)s are needed")
            yield problem(
                "parts",
                used.row,
                message,
                place=used.place,
                part=used.number,
                available=f"{used.available.normalize():f}",
                wanted=f"{wanted[key].normalize():f}",
            )


def _of_exchange(one: Exchanged) -> Iterable[Problem]:
    row, place = one.row, one.position
    if one.removed_serial and not one.removed_is_there:
        message = N_("Serial number %(serial)s is no longer at position %(position)s")
        yield problem("exchanges", row, message, serial=one.removed_serial, position=place)
    if one.removed_serial and one.fate == "core" and not one.core_place_known:
        message = N_("Say where the old component from position %(position)s was taken")
        yield problem("exchanges", row, message, position=place)
    if one.fitted_serial and one.slot_taken and not one.removed_serial:
        message = N_("Position %(position)s is taken: say what was taken out")
        yield problem("exchanges", row, message, position=place)
    if one.fitted_serial and not one.fitted_is_used:
        message = N_("Serial number %(serial)s, fitted at position %(position)s, is not among the parts used")
        yield problem("exchanges", row, message, serial=one.fitted_serial, position=place)


def hours_between(start: datetime, end: datetime) -> Decimal:
    """Return a stretch of time in hours, to two places, half up; never below zero."""
    seconds = Decimal(max(0, round((end - start).total_seconds())))
    return (seconds / 3600).quantize(Decimal("0.01"), ROUND_HALF_UP)


def state_when_closed(kind: OrderKind, state: MachineState, *, others_stand_still: bool) -> MachineState | None:
    """Return the state a closed job brings its machine into, or ``None`` when it stays as it is.

    :param others_stand_still: another open fault, or another job at work, keeps it standing.
    """
    if kind is OrderKind.COMMISSIONING and state in {
        MachineState.SHIPPED,
        MachineState.TRANSFERRED,
        MachineState.DECOMMISSIONED,
        MachineState.UNDER_MODERNISATION,
    }:
        return MachineState.COMMISSIONED
    standing = {MachineState.DOWN, MachineState.UNDER_REPAIR}
    if kind is OrderKind.MODERNISATION:
        standing |= {MachineState.UNDER_MODERNISATION}
    return MachineState.IN_OPERATION if state in standing and not others_stand_still else None


def check_unit(kinds: Collection[str], kind: str) -> None:
    """Let a kind of time entry pass.

    :raises Invalid: when it is unknown.
    """
    if kind not in kinds:
        raise Invalid(N_("Time is work or travel, not %(kind)s"), code="time_kind", kind=kind)
