"""The price of an extension: from ages and lives, adding up, higher for older machines, overruled by a person."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from aftersales.access import Actor
from aftersales.errors import Forbidden, Invalid, NotFound, RuleBroken
from aftersales.models import Part, WarrantyPolicy, WorkOrder
from aftersales.planning import extension, service
from aftersales.vocabulary import CostClass, OrderKind, OrderState, OrganizationKind, Role
from aftersales.warranty import queries as warranty
from aftersales.warranty.service import policies, start
from aftersales.warranty.service.policies import ClauseData
from aftersales.work import Workshop
from tests.aftersales.planning.fleet_world import BEGIN, FleetWorld, build_fleet
from tests.aftersales.trade_world import colleague


@pytest.fixture
def fleet(workshop: Workshop) -> FleetWorld:
    """Every machine has a warranty of 36 months; the extension adds a year; a pump costs 500."""
    made = build_fleet(workshop)
    with workshop.transaction() as work:
        work.session.get_one(Part, made.store.pump).cost = Decimal(500)
    with workshop.transaction(made.maker) as work:
        for code, months, extends in (("W36", 36, False), ("X12", 12, True)):
            policies.create_policy(
                work,
                code=code,
                name=code,
                model_id=made.store.world.model_id,
                is_extension=extends,
                price=Decimal(900) if extends else None,
                clauses=[ClauseData(number="1", kind="term", text="Parts", cost_class=CostClass.PARTS, months=months)],
            )
        for machine in made.machines:
            start.start_for(work, machine)
    return made


def policy_of(fleet: FleetWorld) -> int:
    with fleet.shop.reading(fleet.maker) as work:
        return next(row.id for row in work.session.query(WarrantyPolicy) if row.code == "X12")


def suggest(fleet: FleetWorld, machine: int, actor: Actor | None = None, **how: object) -> extension.Suggestion:
    with fleet.shop.reading(actor or fleet.maker) as work:
        return extension.suggest(work, machine_id=machine, policy_id=policy_of(fleet), **how)  # type: ignore[arg-type] # tests give any


def test_without_a_forecast_there_is_no_price_but_still_an_offer(fleet: FleetWorld) -> None:
    with pytest.raises(RuleBroken) as refusal:
        suggest(fleet, fleet.machines[0])
    assert refusal.value.reason == "no_forecast"
    with fleet.shop.transaction(fleet.maker) as work:
        row = extension.offer(work, machine_id=fleet.machines[0], policy_id=policy_of(fleet))
        assert (row.price, row.pricing) == (Decimal(900), None)
    with fleet.shop.transaction(fleet.maker) as work, pytest.raises(RuleBroken):
        extension.offer(work, machine_id=fleet.machines[1], policy_id=policy_of(fleet), computed=True)


def test_the_price_adds_up_and_rests_on_the_machine(fleet: FleetWorld) -> None:
    run = service.run_forecast(fleet.shop, fleet.maker, horizon=6)
    found = suggest(fleet, fleet.machines[0])
    assert found.run_id == run
    assert found.expected + found.risk_loading + found.margin_amount == found.price
    assert sum(row.cost for row in found.components) == pytest.approx(found.expected, abs=Decimal("0.02"))
    (pump,) = found.components
    assert pump.cost_each == 500
    assert (found.ends_on - found.starts_on) >= timedelta(days=364)
    # a pump lives 2,600 hours and a year takes 2,920: a little more than one failure
    assert 0.8 < pump.failures < 1.6
    assert float(found.margin_amount) == pytest.approx(0.25 * float(found.price), abs=0.02)
    assert [Decimal(value) for value in found.quantiles.values()] == sorted(map(Decimal, found.quantiles.values()))
    assert suggest(fleet, fleet.machines[0]) == found
    dearer = suggest(fleet, fleet.machines[0], margin=Decimal("0.5"), risk="0.95")
    assert dearer.price > found.price
    assert dearer.risk_loading >= found.risk_loading


def test_a_person_may_ask_another_price_and_the_reasons_stay(fleet: FleetWorld) -> None:
    service.run_forecast(fleet.shop, fleet.maker, horizon=6)
    policy = policy_of(fleet)
    with fleet.shop.transaction(fleet.maker) as work:
        computed = extension.offer(work, machine_id=fleet.machines[0], policy_id=policy, computed=True)
        own = extension.offer(work, machine_id=fleet.machines[1], policy_id=policy, price=Decimal(777), computed=True)
        assert own.price == 777
        assert computed.pricing is not None
        assert own.pricing is not None
        assert Decimal(computed.pricing["price"]) == computed.price
        assert computed.version == 1
        number = own.id
    with fleet.shop.reading(fleet.maker) as work:
        view = warranty.offer(work.session, fleet.maker, number)
        assert view.pricing is not None
        assert view.pricing["components"][0]["part_number"] == "PUMP"
    customer = fleet.store.world.operator
    with fleet.shop.reading(customer) as work:
        assert warranty.offer(work.session, customer, number).pricing is None


def test_only_the_maker_prices_its_machines(fleet: FleetWorld) -> None:
    service.run_forecast(fleet.shop, fleet.maker, horizon=6)
    for other in (fleet.store.world.operator, fleet.store.world.partner, fleet.store.world.stranger):
        with pytest.raises(NotFound):
            suggest(fleet, fleet.machines[0], other)
    with fleet.shop.transaction() as work:
        planner = colleague(work, fleet.maker.organization, OrganizationKind.MANUFACTURER, Role.PLANNER)
    with pytest.raises(Forbidden):
        suggest(fleet, fleet.machines[0], planner)
    for wrong in ({"margin": Decimal("0.95")}, {"risk": "0.7"}):
        with pytest.raises(Invalid):
            suggest(fleet, fleet.machines[0], **wrong)


def test_the_day_it_begins_is_the_day_the_warranty_ends(fleet: FleetWorld) -> None:
    service.run_forecast(fleet.shop, fleet.maker, horizon=6)
    found = suggest(fleet, fleet.machines[0])
    with fleet.shop.reading(fleet.maker) as work:
        status = warranty.status(work.session, fleet.maker, fleet.machines[0], work.now)
    assert status.last_on == found.starts_on - timedelta(days=1)
    assert isinstance(found.starts_on, date)


def test_labour_and_travel_cost_what_past_repairs_did(fleet: FleetWorld) -> None:
    with fleet.shop.transaction(fleet.maker) as work:
        for number, rate in (("R-1", 60), ("R-2", 80)):
            work.session.add(
                WorkOrder(
                    organization_id=fleet.maker.organization,
                    number=number,
                    kind=OrderKind.REPAIR,
                    machine_id=fleet.machines[0],
                    title="Repair",
                    state=OrderState.CLOSED,
                    hourly_rate=Decimal(rate),
                    travel_cost=Decimal(50),
                    opened_at=BEGIN,
                    closed_at=BEGIN,
                )
            )
        policies.create_policy(
            work,
            code="X12L",
            name="With labour",
            is_extension=True,
            clauses=[
                ClauseData(number=str(kind), kind="term", text=kind.value, cost_class=kind, months=12)
                for kind in CostClass
            ],
        )
    service.run_forecast(fleet.shop, fleet.maker, horizon=6)
    with fleet.shop.reading(fleet.maker) as work:
        policy = next(row.id for row in work.session.query(WarrantyPolicy) if row.code == "X12L")
        found = extension.suggest(work, machine_id=fleet.machines[0], policy_id=policy)
    # no repair was timed: four hours at the mean rate, the way there, the pump
    assert found.components[0].cost_each == 4 * 70 + 50 + 500
    assert found.covered == ("labour", "parts", "travel")
