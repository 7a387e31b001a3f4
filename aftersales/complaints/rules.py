"""Where a fault report stands is a function of its events; who may take which step.

The states map onto those of the IDTA Service Request Notification (02010): sent, received, in progress, completed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from aftersales.errors import Invalid, RuleBroken
from aftersales.translate import N_
from aftersales.vocabulary import FaultState, MachineState, Severity

SILENCE_DAYS = 10
TEXT_LIMIT = 2000


class Step(StrEnum):
    """What can happen to a fault report."""

    REPORTED = "reported"
    RECEIVED = "received"
    PLANNED = "planned"
    STARTED = "started"
    PAUSED = "paused"
    ORDER_CANCELLED = "order_cancelled"
    RESOLVED = "resolved"
    CONFIRMED = "confirmed"
    CLOSED_SILENTLY = "closed_silently"
    REOPENED = "reopened"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    COMMENT = "comment"


F = FaultState
WAITING = frozenset({F.REPORTED, F.RECEIVED, F.REOPENED})
OPEN = WAITING | {F.IN_PROGRESS}
CLOSED = frozenset({F.CONFIRMED, F.DUPLICATE, F.REJECTED})

# Step: the states it may be taken in and the state after it; None leaves the state as it is.
STEPS: Mapping[Step, tuple[frozenset[FaultState], FaultState | None]] = {
    Step.REPORTED: (frozenset(), F.REPORTED),
    Step.RECEIVED: (frozenset({F.REPORTED, F.REOPENED}), F.RECEIVED),
    Step.PLANNED: (OPEN, None),
    Step.STARTED: (OPEN, F.IN_PROGRESS),
    Step.PAUSED: (frozenset({F.IN_PROGRESS}), None),
    Step.ORDER_CANCELLED: (OPEN, F.RECEIVED),
    Step.RESOLVED: (OPEN, F.RESOLVED),
    Step.CONFIRMED: (frozenset({F.RESOLVED}), F.CONFIRMED),
    Step.CLOSED_SILENTLY: (frozenset({F.RESOLVED}), F.CONFIRMED),
    Step.REOPENED: (CLOSED | {F.RESOLVED}, F.REOPENED),
    Step.DUPLICATE: (OPEN, F.DUPLICATE),
    Step.REJECTED: (OPEN, F.REJECTED),
    Step.COMMENT: (frozenset(F), None),
}

# Steps that the operator wants an explanation for.
NEEDS_REASON = frozenset({Step.REJECTED, Step.REOPENED, Step.PAUSED, Step.COMMENT})


def state_after(state: FaultState | None, step: Step) -> FaultState:
    """Return the state after a step.

    :param state: the state before; ``None`` before the first step, which is always the report.
    :raises RuleBroken: when the step cannot be taken in that state.
    """
    allowed, after = STEPS[step]
    if state is None and step is Step.REPORTED:
        return F.REPORTED
    if state is None or state not in allowed:
        message = N_("A fault report that is %(state)s cannot become %(step)s")
        raise RuleBroken(message, code="fault_step", state=state or "", step=step)
    return state if after is None else after


def state_of(steps: Iterable[Step]) -> FaultState:
    """Return the state that a history of steps leads to.

    :raises RuleBroken: when the history is not possible.
    """
    state: FaultState | None = None
    for step in steps:
        state = state_after(state, step)
    if state is None:
        raise RuleBroken(N_("A fault report begins with the report"), code="fault_step")
    return state


def possible_steps(state: FaultState) -> frozenset[Step]:
    """Return the steps that can be taken in a state."""
    return frozenset(step for step, (allowed, _) in STEPS.items() if state in allowed)


def check_words(step: Step, text: str, *, visible: bool) -> str:
    """Return the text of a step without white space round it.

    :raises Invalid: when a reason is missing, or the text is too long.
    :raises RuleBroken: when a change of state would be hidden from the operator.
    """
    words = text.strip()
    if step in NEEDS_REASON and not words:
        message = N_("Say why, in a few words")
        raise Invalid(message, code="reason", errors=[{"field": "text", "message": message}])
    if len(words) > TEXT_LIMIT:
        raise Invalid(N_("The text is longer than %(limit)s characters"), code="too_long", limit=TEXT_LIMIT)
    if not visible and step is not Step.COMMENT:
        raise RuleBroken(N_("Only a comment can be kept from the operator"), code="hidden_step")
    return words


def severity_of(*, stands_still: bool) -> Severity:
    """Return how much a fault matters when the reporter did not say."""
    return Severity.HIGH if stands_still else Severity.MEDIUM


def reportable(state: MachineState) -> bool:
    """Tell whether faults of a machine in this state can be reported."""
    return state not in {MachineState.PLANNED, MachineState.WRITTEN_OFF, MachineState.DISPOSED}


def silence_is_over(resolved_at: datetime, at: datetime, days: int = SILENCE_DAYS) -> bool:
    """Tell whether the operator has had his days to confirm or to reopen."""
    return at - resolved_at >= timedelta(days=days)
