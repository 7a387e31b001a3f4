"""Reliability at a glance: counts, lives and cumulative failures from the rows, and only of machines that are seen."""

from datetime import timedelta

import pytest

from aftersales.access import Actor
from aftersales.models import FailureRecord, Installation
from aftersales.reliability import overview
from aftersales.reliability.rules import fit_of, thinned
from aftersales.work import Workshop
from tests.aftersales.planning.fleet_world import HOURS_A_DAY, MACHINES, SCALE, SHAPE, FleetWorld, build_fleet


@pytest.fixture
def fleet(workshop: Workshop) -> FleetWorld:
    return build_fleet(workshop)


def look(fleet: FleetWorld, actor: Actor | None = None, months: int = 36) -> overview.Overview:
    who = actor or fleet.maker
    with fleet.shop.reading(who) as work:
        return overview.overview(work.session, who, work.now, months=months)


def test_failures_are_counted_against_hours_and_by_kind(fleet: FleetWorld) -> None:
    found = look(fleet)
    assert (found.machines, found.all.failures) == (MACHINES, fleet.failures)
    assert found.all.mtbf == found.all.operating_hours / fleet.failures
    assert found.all.mttr == 4
    (component,) = found.pareto.components
    assert (component.part_id, component.failures) == (fleet.store.pump, fleet.failures)
    assert [row.mode for row in found.pareto.modes] == ["BRD"]
    assert sum(row.figures.failures for row in found.worst) <= fleet.failures
    lately = look(fleet, months=3)
    assert 0 < lately.all.failures < fleet.failures


def test_lives_come_back_from_the_simulated_pumps(fleet: FleetWorld) -> None:
    (pump,) = look(fleet).lives
    with fleet.shop.reading(fleet.maker) as work:
        assert pump.units == work.session.query(Installation).count()
        assert pump.fit.failures == work.session.query(FailureRecord).count()
    assert pump.fit.shape == pytest.approx(SHAPE, rel=0.3)
    assert pump.fit.scale == pytest.approx(SCALE, rel=0.15)
    assert pump.fit.pattern == "wear"
    assert pump.fit.surviving(pump.fit.b10) == pytest.approx(0.9)


def test_failures_add_up_to_the_mean_of_the_machines(fleet: FleetWorld) -> None:
    (model,) = look(fleet).cumulative
    assert (model.machines, model.failures) == (MACHINES, fleet.failures)
    hours, failures = zip(*model.points, strict=True)
    assert list(hours) == sorted(hours)
    assert list(failures) == sorted(failures)
    assert hours[-1] <= timedelta(days=730) / timedelta(days=1) * HOURS_A_DAY
    # machines of at most 5,840 hours with lives about 2,320 hours long
    assert 1.0 < failures[-1] < 3.0


def test_a_stranger_sees_nothing_and_a_partner_no_lives(fleet: FleetWorld) -> None:
    for actor in (fleet.store.world.stranger, fleet.store.world.partner):
        found = look(fleet, actor)
        assert (found.all.failures, found.lives, found.worst) == (0, (), ())
        assert found.pareto.components == ()
    operator = look(fleet, fleet.store.world.operator)
    assert operator.all.failures == fleet.failures
    assert operator.lives[0].part_number == "PUMP"


def test_patterns_and_thinning() -> None:
    assert [fit_of(shape, 100.0, 9, 1e4).pattern for shape in (0.5, 1.0, 2.0)] == ["early", "chance", "wear"]
    assert fit_of(2.0, 100.0, 2, 1e4).pattern == "unknown"
    points = [(float(x), float(x)) for x in range(1000)]
    few = thinned(points, 50)
    assert (len(few), few[0], few[-1]) == (50, points[0], points[-1])
    assert thinned(points[:3], 50) == points[:3]
