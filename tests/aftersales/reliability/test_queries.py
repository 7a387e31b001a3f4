"""Failures against hours, and who sees whose."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from aftersales.access import STRANGER, Actor
from aftersales.errors import Forbidden, NotFound
from aftersales.models import FailureRecord, MachineParty
from aftersales.reliability import queries
from aftersales.reliability.rules import Figures
from aftersales.reliability.service import PastFailure, record_past
from aftersales.usage import service as usage
from aftersales.vocabulary import FailureMode, MeterKind, PartyRole, Role
from aftersales.work import Workshop
from tests.world import World, build_world

MARCH, MAY = datetime(2024, 3, 1, 8, tzinfo=UTC), datetime(2024, 5, 1, 8, tzinfo=UTC)


def on(month: int, day: int = 1) -> datetime:
    return datetime(2024, month, day, 8, tzinfo=UTC)


def failure(world: World, at: datetime, machine: str = "M1", down: int | None = None) -> PastFailure:
    hours = None if down is None else Decimal(down)
    return PastFailure(machine_id=world.machines[machine], at=at, mode=FailureMode.BRD, down_hours=hours)


@pytest.fixture
def world(workshop: Workshop) -> World:
    """M1 worked 100 h until March, 300 h more until May and 50 h more until July, and failed five times."""
    made = build_world(workshop)
    with workshop.transaction(made.actor("maker", Role.ADMIN)) as work:
        for at, display in ((on(3), 100), (on(5), 400), (on(7), 450)):
            usage.record(work, made.machines["M1"], MeterKind.HOURS, at, Decimal(display))
        moments = (on(2), on(3), on(4), on(5), on(6))
        record_past(work, [failure(made, at, down=number) for number, at in enumerate(moments)])
        record_past(work, [failure(made, on(4), "M2")])
    return made


def figures(shop: Workshop, actor: Actor, start: datetime, until: datetime) -> dict[str, Figures]:
    with shop.reading(actor) as work:
        return {one.serial_number: one.figures for one in queries.by_machine(work.session, actor, start, until)}


def test_a_period_takes_its_beginning_in_and_its_end_not(workshop: Workshop, world: World) -> None:
    found = figures(workshop, world.actor("maker", Role.ADMIN), MARCH, MAY)
    assert found == {"M1": Figures(2, Decimal(300), Decimal(3)), "M2": Figures(1, Decimal(0), Decimal(0))}
    assert found["M1"].mtbf == Decimal(150)


def test_hours_end_with_the_last_reading_and_begin_with_the_meter(workshop: Workshop, world: World) -> None:
    maker = world.actor("maker", Role.ADMIN)
    ever = figures(workshop, maker, datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    assert (ever["M1"].operating_hours, ever["M1"].failures) == (Decimal(450), 5)
    before = figures(workshop, maker, datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC))
    assert before["M1"] == Figures(0, Decimal(0), Decimal(0))


def test_everybody_sees_his_own_machines_only(workshop: Workshop, world: World) -> None:
    seen = {
        name: set(figures(workshop, world.actor(name, Role.ADMIN), MARCH, MAY))
        for name in ("quarry", "mine", "supplier")
    }
    assert seen == {"quarry": {"M1"}, "mine": {"M2"}, "supplier": set()}
    with workshop.reading(STRANGER) as work, pytest.raises(Forbidden):
        queries.by_machine(work.session, STRANGER, MARCH, MAY)


def test_who_came_later_or_left_gets_no_figures_of_a_time_he_saw_half_of(workshop: Workshop, world: World) -> None:
    partner = world.actor("partner", Role.ADMIN)
    assert set(figures(workshop, partner, MARCH, MAY)) == {"M1"}
    with workshop.transaction() as work:
        query = select(MachineParty).where(MachineParty.role == PartyRole.SERVICE_PARTNER)
        party = work.session.scalars(query).one()
        party.valid_from = on(4)
    assert figures(workshop, partner, MARCH, MAY) == {}
    assert set(figures(workshop, partner, on(4), MAY)) == {"M1"}
    with workshop.transaction() as work:
        work.session.scalars(query).one().valid_to = on(6)
    assert figures(workshop, partner, on(4), MAY) == {}


def test_a_failure_is_recorded_once(workshop: Workshop, world: World) -> None:
    maker = world.actor("maker", Role.ADMIN)
    with workshop.transaction(maker) as work:
        again = record_past(work, [failure(world, on(3)), failure(world, on(8)), failure(world, on(8))])
        assert [row is None for row in again] == [True, False, True]
    with workshop.reading(maker) as work:
        assert len(list(work.session.scalars(select(FailureRecord)))) == 7


def test_failures_of_anothers_machine_are_refused_whole(workshop: Workshop, world: World) -> None:
    with pytest.raises(NotFound), workshop.transaction(world.actor("quarry", Role.ADMIN)) as work:
        record_past(work, [failure(world, on(8)), failure(world, on(8), "M2")])
    with pytest.raises(Forbidden), workshop.transaction(world.actor("maker", Role.MANAGER)) as work:
        record_past(work, [failure(world, on(8))])
    with workshop.reading(world.actor("maker", Role.ADMIN)) as work:
        assert len(list(work.session.scalars(select(FailureRecord)))) == 6
