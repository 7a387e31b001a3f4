"""The forecast from the installed base: repeatable, adding up, following plans, kept and held against what came."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from aftersales.access import Actor
from aftersales.errors import Forbidden, Invalid, NotFound
from aftersales.models import ForecastOutcome, Installation, Machine, MachineParty, Reading
from aftersales.planning import causal, fleet_plan, history, misses, queries, service
from aftersales.planning.explanations import explanation, sentence
from aftersales.planning.installed_base import building, machines, services
from aftersales.planning.rules.explaining import PIECES
from aftersales.translate import translator
from aftersales.vocabulary import OrganizationKind, ReadingKind, ReadingSource, Role
from aftersales.work import Workshop
from forecasting.errors import ForecastError
from forecasting.installed_base.fleet import Reason
from tests.aftersales.planning.fleet_world import EVERY_HOURS, HOURS_A_DAY, MACHINES, FleetWorld, build_fleet, june
from tests.aftersales.trade_world import colleague

MILLIONTHS = 10**6


@pytest.fixture
def fleet(workshop: Workshop) -> FleetWorld:
    return build_fleet(workshop)


def base_of(fleet: FleetWorld, origin: date | None = None, actor: Actor | None = None) -> building.Base:
    planner = actor or history.planner_of(fleet.maker.organization)
    with fleet.shop.reading(planner) as work:
        known = history.read(work.session, planner.organization, work.now, origin)
        panel = history.carried(work.session, known, known.origin)
        found = building.read(work.session, planner, known, panel, 12)
        assert found is not None
        return found


def run(fleet: FleetWorld, origin: date | None = None) -> int:
    made = service.run_forecast(fleet.shop, fleet.maker, horizon=6, origin=origin)
    assert made is not None
    return made


def test_the_fleet_is_what_the_database_holds(fleet: FleetWorld) -> None:
    base = base_of(fleet)
    made = base.fleet
    with fleet.shop.reading(fleet.maker) as work:
        stays = work.session.scalars(select(Installation)).all()
    pumps = made.parts.tolist().index(str(fleet.store.pump))
    mine = made.installations.part == pumps
    assert len(made.machines) == MACHINES + 1
    assert mine.sum() == len(stays)
    assert (made.installations.reason[mine] == Reason.FAILURE).sum() == fleet.failures
    assert made.usage.hours.max() == pytest.approx(31 * HOURS_A_DAY, rel=0.02)
    assert base.followed[pumps]
    filters = made.parts.tolist().index(str(fleet.filter))
    assert not base.followed[filters]
    assert base.unit[filters] == 2
    ahead = made.planned.due >= june().toordinal()
    expected = MACHINES * 365 * HOURS_A_DAY / EVERY_HOURS
    assert (ahead & (made.planned.part == filters)).sum() == pytest.approx(expected, rel=0.1)
    assert base.services.sum() == pytest.approx(expected, rel=0.1)
    assert base.service_hours.sum() == pytest.approx(3 * base.services.sum())


def test_nothing_of_the_origin_or_later_is_looked_at(fleet: FleetWorld) -> None:
    before = base_of(fleet, date(2026, 3, 1)).digest
    with fleet.shop.transaction() as work:
        for reading in work.session.scalars(select(Reading).where(Reading.at >= june_minus(60))).all()[:5]:
            work.session.add(
                Reading(
                    meter_id=reading.meter_id,
                    at=reading.at,
                    display=reading.display + 500,
                    kind=ReadingKind.CORRECTION,
                    source=ReadingSource.PERSON,
                    corrects_id=reading.id,
                    recorded_at=reading.at,
                )
            )
    assert base_of(fleet, date(2026, 3, 1)).digest == before
    assert base_of(fleet).digest != before


def june_minus(days: int) -> datetime:
    return datetime(2026, 6, 1, tzinfo=UTC) - timedelta(days=days)


def test_a_run_explains_itself_to_the_last_millionth(fleet: FleetWorld) -> None:
    number = run(fleet)
    with fleet.shop.reading(fleet.maker) as work:
        found = queries.run(work.session, fleet.maker, number).run
        for view in queries.lines(work.session, fleet.maker, number):
            line = view.line
            if line.explanation is None:
                continue
            for step, mean in enumerate(line.mean):
                whole = sum(round(line.explanation[name][step] * MILLIONTHS) for name in PIECES)
                assert whole == round(mean * MILLIONTHS)
                shown = explanation(work.session, fleet.maker, found, line, date(2026, 6 + step, 1))
                assert sum(shown.month.pieces.values()) == shown.month.expected
                rows = [*shown.machines, *([shown.others] if shown.others else []), *shown.new]
                assert sum((row.expected for row in rows), shown.rest) == shown.month.expected
                assert shown.month.expected == pytest.approx(Decimal(str(mean)), abs=Decimal("0.0501"))
        pump = queries.line(work.session, fleet.maker, fleet.store.pump)[1].line
        assert pump.explanation is not None
        assert pump.explanation["machines_in_use"] == MACHINES
        assert sum(pump.explanation["failures"]) > 0.5 * sum(pump.mean)
        (life,) = pump.explanation["lives"]
        assert life["shape"] == pytest.approx(3.0, rel=0.3)
        assert life["scale_hours"] == pytest.approx(2600, rel=0.15)
        assert life["failures"] == fleet.failures
        filters = queries.line(work.session, fleet.maker, fleet.filter)[1].line
        assert filters.explanation is not None
        assert sum(filters.explanation["planned"]) > 0
        assert "planned on" in sentence(translator("en"), explanation(work.session, fleet.maker, found, filters), "pcs")
        assert found.summary["fleet"]["machines_at_work"] == MACHINES + 1
        assert found.workload is not None
        assert sum(found.workload["services"]) == pytest.approx(MACHINES * 182 * HOURS_A_DAY / EVERY_HOURS, rel=0.2)


def test_a_run_from_the_machines_can_be_repeated(fleet: FleetWorld) -> None:
    first, second = run(fleet), run(fleet)
    with fleet.shop.reading(fleet.maker) as work:
        one, two = (queries.run(work.session, fleet.maker, number).run for number in (first, second))
        assert (one.inputs_hash, one.workload) == (two.inputs_hash, two.workload)
        lines = [queries.lines(work.session, fleet.maker, number) for number in (first, second)]
        assert [(view.line.mean, view.line.explanation) for view in lines[0]] == [
            (view.line.mean, view.line.explanation) for view in lines[1]
        ]


def test_the_fleet_plan_raises_and_lowers_what_is_expected(fleet: FleetWorld) -> None:
    model = fleet.store.world.model_id
    before = run(fleet)
    with fleet.shop.transaction(fleet.maker) as work:
        fleet_plan.enter(work, model_id=model, month=date(2026, 6, 17), machines=60)
        fleet_plan.enter(work, model_id=model, month=date(2026, 7, 1), machines=5, kind="retirement")
        fleet_plan.enter(work, model_id=model, month=date(2026, 8, 1), machines=7)
        fleet_plan.enter(work, model_id=model, month=date(2026, 8, 2), machines=0)
    after = run(fleet)
    with fleet.shop.reading(fleet.maker) as work:
        planned = [(one.kind, one.month, one.machines) for one in fleet_plan.plan(work.session, fleet.maker)]
        assert planned == [("sale", date(2026, 6, 1), 60), ("retirement", date(2026, 7, 1), 5)]
        pump = queries.line(work.session, fleet.maker, fleet.store.pump, after)[1].line
        assert pump.explanation is not None
        assert sum(pump.explanation["new_machines"]) > 0
        assert sum(pump.explanation["retirements"]) < 0
        hashes = {queries.run(work.session, fleet.maker, number).run.inputs_hash for number in (before, after)}
        assert len(hashes) == 2


def test_the_fleet_plan_is_the_planners_alone(fleet: FleetWorld) -> None:
    model = fleet.store.world.model_id
    with fleet.shop.transaction() as work:
        storekeeper = colleague(work, fleet.maker.organization, OrganizationKind.MANUFACTURER, Role.STOREKEEPER)
    with fleet.shop.transaction(storekeeper) as work, pytest.raises(Forbidden):
        fleet_plan.enter(work, model_id=model, month=june(), machines=1)
    stranger = fleet.store.world.stranger
    with fleet.shop.transaction(stranger) as work, pytest.raises(NotFound):
        fleet_plan.enter(work, model_id=model, month=june(), machines=1)
    for wrong in ({"machines": -1}, {"machines": 1, "kind": "gift"}, {"machines": 10**6}):
        with fleet.shop.transaction(fleet.maker) as work, pytest.raises(Invalid):
            fleet_plan.enter(work, model_id=model, month=june(), **wrong)
    with fleet.shop.transaction(fleet.maker) as work:
        fleet_plan.enter(work, model_id=model, month=june(), machines=3)
    with fleet.shop.reading(stranger) as work:
        assert fleet_plan.plan(work.session, stranger) == []


def test_a_partner_that_left_no_longer_expects_anything_of_the_machine(fleet: FleetWorld) -> None:
    with fleet.shop.transaction() as work:
        row = work.session.get_one(Machine, fleet.machines[0])
        parties = work.session.scalars(select(MachineParty).where(MachineParty.machine_id == row.id)).all()
        for party in parties:
            if party.organization_id == fleet.store.world.operator.organization:
                party.valid_to = datetime(2026, 1, 10, tzinfo=UTC)
    operator = fleet.store.world.operator
    with fleet.shop.reading(operator) as work:
        origin = datetime(2026, 6, 1, tzinfo=UTC)
        left = {one.id: one.left for one in machines.read(work.session, operator, origin)}
    assert left[fleet.machines[0]] == pytest.approx(date(2026, 1, 10).toordinal())
    assert left[fleet.machines[1]] is None


def test_late_services_are_expected_late(fleet: FleetWorld) -> None:
    planner = history.planner_of(fleet.maker.organization)
    origin = datetime(2026, 6, 1, tzinfo=UTC)
    with fleet.shop.reading(planner) as work:
        known = machines.read(work.session, planner, origin)
        done = services.completions(work.session, planner, known, origin)
    assert set(services.lateness(done).values()) == {0.0}
    late = [services.Completion(one.machine, one.task, one.on, (one.hours or 0) * 1.0 + 50, one.anchor) for one in done]
    (share,) = services.lateness(late).values()
    assert share == pytest.approx(50 / EVERY_HOURS, rel=0.1)


def test_what_came_is_kept_beside_what_was_expected(fleet: FleetWorld) -> None:
    for month in (2, 3, 4):
        run(fleet, date(2026, month, 1))
    run(fleet)
    with fleet.shop.reading(fleet.maker) as work:
        rows = work.session.scalars(select(ForecastOutcome).order_by(ForecastOutcome.month)).all()
        pump = [row for row in rows if row.part_id == fleet.store.pump]
        assert [row.month for row in pump] == [date(2026, month, 1) for month in (2, 3, 4, 5)]
        assert len({row.run_id for row in pump}) == 3
        came = sum(need["quantity"] for row in pump for need in row.came)
        assert came == float(sum(row.actual for row in pump))
        found = misses.misses(work.session, fleet.maker, span=3, by="pieces")
        assert found is not None
        assert (found.first, found.last) == (date(2026, 3, 1), date(2026, 5, 1))
        missed = {miss.part.id: miss for miss in found.largest}
        one = missed[fleet.store.pump]
        assert sum(one.pieces.values()) == pytest.approx(float(one.expected), abs=1e-5)
        assert one.actual == sum((row.actual for row in pump[1:]), Decimal(0))
        words = misses.why(translator("en"), one)
        assert words.startswith("Expected")
        assert "F-0" in words
        past = misses.of_part(work.session, fleet.maker, fleet.store.pump)
        assert [row.month.month for row in past] == [5, 4, 3, 2]
        operator = fleet.store.world.operator
        assert misses.misses(work.session, operator) is None
        with pytest.raises(NotFound):
            misses.of_part(work.session, operator, fleet.store.pump)


def test_the_newest_run_is_the_one_that_begins_last(fleet: FleetWorld) -> None:
    newest = run(fleet)
    earlier = run(fleet, date(2026, 3, 1))
    assert earlier > newest
    with fleet.shop.reading(fleet.maker) as work:
        found = queries.latest(work.session, fleet.maker)
        assert found is not None
        assert found.id == newest


def test_wrong_records_of_the_fleet_leave_the_forecast_from_history(
    fleet: FleetWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> object:
        raise ForecastError("installations, row 3: removed before it was installed")

    for module, name in ((causal, "run"), (building, "read")):
        with monkeypatch.context() as patched:
            patched.setattr(module, name, broken)
            number = run(fleet)
        with fleet.shop.reading(fleet.maker) as work:
            found = queries.run(work.session, fleet.maker, number).run
            assert "row 3" in found.summary["fleet_problem"]
            assert found.workload is None
            assert queries.lines(work.session, fleet.maker, number)


def test_a_large_catalogue_is_tried_with_the_parts_of_the_machines(
    fleet: FleetWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(causal, "MOST_LEARNED", 1)
    number = run(fleet)
    with fleet.shop.reading(fleet.maker) as work:
        found = queries.run(work.session, fleet.maker, number).run
        assert found.summary["fleet"]["tried_at"]
        assert set(found.summary["fleet"]["losses"]) == {"history", "fleet", "both"}
