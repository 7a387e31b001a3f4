"""Events whose work takes long: done outside a transaction, so that nobody who writes waits for it.

The event is claimed first by moving its next try an hour ahead; a worker that dies leaves it to be tried again then.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from aftersales.access import SYSTEM, Actor
from aftersales.errors import DomainError
from aftersales.models import OutboxEvent
from aftersales.work import Workshop

CLAIM = timedelta(hours=1)
log = structlog.get_logger("aftersales.jobs")


@dataclass(frozen=True, slots=True)
class Long:
    """A handler that opens its own units of work: ``call(workshop, actor, payload)``, idempotent."""

    call: Callable[[Workshop, Actor, dict[str, Any]], object]


def carry_out(workshop: Workshop, handler: Long, number: int) -> bool:
    """Claim an event, do its work and note how it went; ``False`` when somebody else has it or it failed.

    What the domain refuses is not tried again: the same input would be refused again. The reason stays on the event.
    """
    event = _claim(workshop, number)
    if event is None:
        return False
    problem: str | None = None
    try:
        handler.call(workshop, replace(SYSTEM, organization_id=event.organization_id), event.payload)
    except DomainError as error:
        problem = str(error)
        log.warning("event refused", number=number, reason=error.reason, error=problem)
    except (SQLAlchemyError, OSError) as error:
        log.warning("event failed", number=number, error=first_line(error))
        with workshop.transaction(SYSTEM) as work:
            work.session.get_one(OutboxEvent, number).error = f"{type(error).__name__}: {error}"[:1000]
        return False
    with workshop.transaction(SYSTEM) as work:
        row = work.session.get_one(OutboxEvent, number)
        row.done_at, row.error = work.now, None if problem is None else problem[:1000]
    return problem is None


def _claim(workshop: Workshop, number: int) -> OutboxEvent | None:
    with workshop.transaction(SYSTEM) as work:
        query = select(OutboxEvent).where(OutboxEvent.id == number, OutboxEvent.done_at.is_(None))
        event = work.session.scalar(query.with_for_update(skip_locked=True))
        if event is None or (event.retry_at is not None and event.retry_at > work.now):
            return None
        event.attempts += 1
        event.retry_at = work.now + CLAIM
        return event


def first_line(error: Exception) -> str:
    """What went wrong in one line: the database's errors bring the whole statement along."""
    return str(error).partition("\n")[0]
