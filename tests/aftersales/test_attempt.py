"""A part of the work that fails leaves nothing behind; the rest of the work is kept."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from aftersales.access import SYSTEM
from aftersales.errors import Conflict, RuleBroken
from aftersales.models import AuditEntry, Part
from aftersales.work import Work, Workshop
from tests.world import EPOCH, World, build_world


def part(work: Work, world: World, number: str) -> None:
    maker = world.organizations["maker"]
    work.session.add(Part(organization_id=maker, number=number, name=number, price=Decimal(1), created_at=EPOCH))
    work.session.flush()


def failing(work: Work, world: World, number: str) -> None:
    with work.attempt():
        part(work, world, number)
        work.record("note", "part", number)
        raise RuleBroken("no")


def left(shop: Workshop) -> tuple[set[str], int]:
    with shop.reading(SYSTEM) as work:
        numbers = set(work.session.scalars(select(Part.number)))
        trail = [entry for entry in work.session.scalars(select(AuditEntry)) if entry.object_type == "part"]
    return numbers - {"HP-100", "BRG-20", "FLT-7", "OIL-46"}, len(trail)


def test_what_fails_leaves_nothing_and_what_succeeds_stays(workshop: Workshop) -> None:
    world = build_world(workshop)
    with workshop.transaction() as work:
        part(work, world, "before")
        with pytest.raises(RuleBroken):
            failing(work, world, "failed")
        with work.attempt():
            part(work, world, "kept")
            with pytest.raises(RuleBroken):
                failing(work, world, "failed within")
            work.record("note", "part", "kept")
    assert left(workshop) == ({"before", "kept"}, 3)


def test_a_constraint_that_refuses_is_a_conflict_and_the_work_goes_on(workshop: Workshop) -> None:
    world = build_world(workshop)
    with workshop.transaction() as work:
        with pytest.raises(Conflict, match="already recorded"), work.attempt():
            part(work, world, "A")
            part(work, world, "A")
        part(work, world, "A")
    assert left(workshop) == ({"A"}, 1)


def test_what_succeeded_within_something_that_failed_is_gone_too(workshop: Workshop) -> None:
    world = build_world(workshop)
    with workshop.transaction() as work:
        with pytest.raises(RuleBroken), work.attempt():
            with work.attempt():
                part(work, world, "inner")
            raise RuleBroken("no")
        part(work, world, "after")
    assert left(workshop) == ({"after"}, 1)
