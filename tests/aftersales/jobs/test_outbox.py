"""The outbox: done at least once, kept and tried again when it fails."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from aftersales.access import SYSTEM
from aftersales.clock import FixedClock
from aftersales.errors import RuleBroken
from aftersales.jobs import handlers, worker
from aftersales.jobs.outbox import FIRST_WAIT, deliver
from aftersales.models import OutboxEvent
from aftersales.work import Work, Workshop


def emit(workshop: Workshop, **payload: object) -> None:
    with workshop.transaction() as work:
        work.emit("greet", **payload)


def events(workshop: Workshop) -> list[OutboxEvent]:
    with workshop.reading(SYSTEM) as work:
        return list(work.session.scalars(select(OutboxEvent).order_by(OutboxEvent.id)))


def test_events_are_done_in_order_and_once(workshop: Workshop) -> None:
    said: list[str] = []
    emit(workshop, name="Ana")
    emit(workshop, name="Bo")
    table = {"greet": lambda work, payload: said.append(payload["name"])}
    assert deliver(workshop, table) == 2
    assert deliver(workshop, table) == 0
    assert said == ["Ana", "Bo"]


def test_a_failing_event_changes_nothing_and_waits(workshop: Workshop, clock: FixedClock) -> None:
    emit(workshop, name="Ana")

    def fail(work: Work, payload: dict[str, Any]) -> None:
        work.emit("greet", name="should not stay")
        work.session.flush()
        raise RuleBroken("not now")

    assert deliver(workshop, {"greet": fail}) == 0
    assert [(event.attempts, event.done_at, event.error) for event in events(workshop)] == [
        (1, None, "RuleBroken: not now")
    ]
    said: list[str] = []
    table = {"greet": lambda work, payload: said.append(payload["name"])}
    assert deliver(workshop, table) == 0
    clock.at += FIRST_WAIT + timedelta(seconds=1)
    assert deliver(workshop, table) == 1
    assert said == ["Ana"]


def test_a_rolled_back_change_emits_nothing(workshop: Workshop) -> None:
    with pytest.raises(RuleBroken), workshop.transaction() as work:
        work.emit("greet", name="Ana")
        raise RuleBroken("no")
    assert events(workshop) == []


def test_every_event_the_code_emits_has_a_handler() -> None:
    assert handlers.HANDLERS["mail.link"] is not None


def test_the_nightly_tasks_run(workshop: Workshop) -> None:
    worker.run_nightly(workshop)
