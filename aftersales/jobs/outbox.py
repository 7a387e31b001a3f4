"""Carry out outbox events, each at least once, in order, in a transaction of its own.

An event that fails waits longer after each try; after :data:`TRIES` tries it stays for ``doctor`` to name.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import or_, select
from sqlalchemy.exc import SQLAlchemyError

from aftersales.access import SYSTEM
from aftersales.errors import DomainError
from aftersales.jobs import long_work
from aftersales.jobs.long_work import Long, first_line
from aftersales.models import OutboxEvent
from aftersales.work import Work, Workshop

Handler = Callable[[Work, dict[str, Any]], None]
TRIES = 12
FIRST_WAIT = timedelta(seconds=10)
log = structlog.get_logger("aftersales.jobs")


def deliver(workshop: Workshop, handlers: Mapping[str, Handler | Long], limit: int = 200) -> int:
    """Carry out what is due and return how many events were done."""
    done = 0
    for number, name in _due(workshop, limit):
        handler = handlers.get(name)
        if isinstance(handler, Long):
            done += long_work.carry_out(workshop, handler, number)
        else:
            done += _carry_out(workshop, handler, number)
    return done


def _due(workshop: Workshop, limit: int) -> list[tuple[int, str]]:
    with workshop.reading(SYSTEM) as work:
        query = select(OutboxEvent.id, OutboxEvent.event).where(
            OutboxEvent.done_at.is_(None),
            OutboxEvent.attempts < TRIES,
            or_(OutboxEvent.retry_at.is_(None), OutboxEvent.retry_at <= work.now),
        )
        return [(number, name) for number, name in work.session.execute(query.order_by(OutboxEvent.id).limit(limit))]


def _carry_out(workshop: Workshop, handler: Handler | None, number: int) -> bool:
    """Carry one event out; ``False`` when somebody else has it or it failed."""
    try:
        with workshop.transaction(SYSTEM) as work:
            query = select(OutboxEvent).where(OutboxEvent.id == number, OutboxEvent.done_at.is_(None))
            event = work.session.scalar(query.with_for_update(skip_locked=True))
            if event is None:
                return False
            acting = replace(work, actor=replace(SYSTEM, organization_id=event.organization_id))
            if handler is None:
                raise KeyError(event.event)
            handler(acting, event.payload)
            event.done_at = work.now
            event.payload = {name: value for name, value in event.payload.items() if name != "address"}
    except (DomainError, SQLAlchemyError, OSError, KeyError) as error:
        log.warning("event failed", number=number, error=first_line(error))
        _postpone(workshop, number, error)
        return False
    return True


def _postpone(workshop: Workshop, number: int, error: Exception) -> None:
    with workshop.transaction(SYSTEM) as work:
        event = work.session.get_one(OutboxEvent, number)
        event.attempts += 1
        event.retry_at = retry_at(work.now, event.attempts)
        event.error = f"{type(error).__name__}: {error}"[:1000]


def retry_at(now: datetime, attempts: int) -> datetime:
    """Return when an event is tried again after so many failures: the wait doubles each time."""
    doublings: int = 2 ** (attempts - 1)
    return now + FIRST_WAIT * doublings
