"""Long work: done outside a transaction, once, and claimed so that two workers do not both do it."""

from typing import Any

from sqlalchemy import select

from aftersales.access import SYSTEM, Actor
from aftersales.clock import FixedClock
from aftersales.errors import RuleBroken
from aftersales.jobs.long_work import CLAIM, Long
from aftersales.jobs.outbox import deliver
from aftersales.models import OutboxEvent
from aftersales.work import Workshop


def emit(workshop: Workshop) -> None:
    with workshop.transaction() as work:
        work.emit("compute", size=3)


def only_event(workshop: Workshop) -> OutboxEvent:
    with workshop.reading(SYSTEM) as work:
        return work.session.scalars(select(OutboxEvent)).one()


def test_others_can_write_while_it_runs_and_it_is_done_once(workshop: Workshop) -> None:
    sizes: list[int] = []

    def compute(shop: Workshop, actor: Actor, payload: dict[str, Any]) -> None:
        assert actor.is_system
        sizes.append(payload["size"])
        with shop.transaction() as work:
            work.emit("other")
        assert deliver(shop, {"compute": Long(compute), "other": lambda work, given: None}) == 1

    emit(workshop)
    assert deliver(workshop, {"compute": Long(compute)}) == 1
    assert deliver(workshop, {"compute": Long(compute)}) == 0
    assert sizes == [3]


def test_what_the_domain_refuses_is_not_tried_again(workshop: Workshop) -> None:
    def refuse(shop: Workshop, actor: Actor, payload: dict[str, Any]) -> None:
        raise RuleBroken("nothing there yet")

    emit(workshop)
    assert deliver(workshop, {"compute": Long(refuse)}) == 0
    event = only_event(workshop)
    assert event.done_at is not None
    assert event.error == "nothing there yet"


def test_what_broke_is_tried_again_after_the_claim(workshop: Workshop, clock: FixedClock) -> None:
    tries: list[bool] = []

    def breaks_once(shop: Workshop, actor: Actor, payload: dict[str, Any]) -> None:
        tries.append(True)
        if len(tries) == 1:
            raise OSError("disk full")

    emit(workshop)
    assert deliver(workshop, {"compute": Long(breaks_once)}) == 0
    assert deliver(workshop, {"compute": Long(breaks_once)}) == 0
    clock.at += CLAIM
    assert deliver(workshop, {"compute": Long(breaks_once)}) == 1
    assert len(tries) == 2
