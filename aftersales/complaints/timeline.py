"""Steps in a fault's timeline: the one place that writes them and moves the report's state with them."""

from datetime import datetime

from aftersales import visibility
from aftersales.complaints.rules import CLOSED, Step, check_words, state_after
from aftersales.errors import RuleBroken
from aftersales.models import FaultEvent, FaultReport
from aftersales.translate import N_
from aftersales.work import Work


def changeable(work: Work, fault_id: int) -> FaultReport:
    """Return a fault report that the actor's organisation may take steps on, locked.

    :raises NotFound: the organisation is no party of the machine now.
    """
    holds = visibility.holds_machine(work.actor, FaultReport.machine_id)
    return visibility.get(work.session, FaultReport, fault_id, holds, lock=True)


def take_step(
    work: Work,
    fault: FaultReport,
    step: Step,
    *,
    text: str = "",
    visible: bool = True,
    work_order_id: int | None = None,
    at: datetime | None = None,
) -> FaultEvent:
    """Append a step to the timeline of a locked report; part of the use-case that permits it.

    :param at: when it happened; now by default, never in the future.
    :raises RuleBroken: the step cannot be taken in the report's state, or lies in the future.
    :raises Invalid: a reason is missing.
    """
    moment = at or work.now
    if moment > work.now:
        raise RuleBroken(N_("This lies in the future"), code="in_future")
    words = check_words(step, text, visible=visible)
    state = state_after(fault.state if fault.last_event else None, step)
    fault.last_event += 1
    fault.state = state
    fault.closed_at = (fault.closed_at or moment) if state in CLOSED else None
    event = FaultEvent(
        fault_id=fault.id,
        sequence=fault.last_event,
        kind=step.value,
        at=moment,
        actor_id=work.actor.user_id,
        organization_id=work.actor.organization_id,
        state_after=state,
        text=words,
        visible_to_operator=visible,
        work_order_id=work_order_id,
    )
    work.session.add(event)
    work.session.flush()
    return event
