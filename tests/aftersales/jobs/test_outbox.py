"""The outbox: done at least once, kept and tried again when it fails."""

import ast
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import aftersales
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


def emitted() -> set[str]:
    """The names of the events in every ``….emit(name, …)`` of the source."""
    found = set()
    for path in sorted(Path(aftersales.__path__[0]).rglob("*.py")):
        module = ".".join(path.relative_to(Path(aftersales.__path__[0]).parent).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "emit":
                name = node.args[0]
                if isinstance(name, ast.Constant):
                    found.add(str(name.value))
                elif isinstance(name, ast.Name):
                    found.add(str(getattr(import_module(module), name.id)))
    return found


def test_every_event_the_code_emits_has_a_handler_and_every_handler_an_event() -> None:
    assert emitted() == set(handlers.HANDLERS)


def test_the_nightly_tasks_run(workshop: Workshop) -> None:
    worker.run_nightly(workshop)
