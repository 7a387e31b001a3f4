"""Demand by part and month, by hand: every need once, months nobody knows missing."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from aftersales.errors import RuleBroken
from aftersales.models import DemandGap, Organization
from aftersales.parts import service as parts
from aftersales.planning import history
from aftersales.planning.history import History
from aftersales.vocabulary import Condition, OrderState, RemovalReason
from aftersales.work import Workshop
from tests.aftersales.planning.field import Field, on, open_field
from tests.aftersales.trade_world import machine

nan = float("nan")


@pytest.fixture
def field(workshop: Workshop) -> Field:
    made = open_field(workshop)
    made.receive(made.store.bolt, 100, on(2026, 1, 5))
    return made


def read(field: Field, origin: date | None = None) -> History:
    with field.shop.reading(field.maker) as work:
        return history.read(work.session, field.maker.organization, work.now, origin)


def demand(field: Field, part: int, origin: date | None = None) -> list[float]:
    """Months from January 2026 on, up to May, the last whole month."""
    found = read(field, origin)
    row = found.panel.part_ids.tolist().index(str(part))
    assert found.panel.periods.label(0) == "2026-01"
    return [float(value) for value in found.panel.demand[row]]


def test_consumption_less_returns_of_unused_parts(field: Field) -> None:
    bolt = field.store.bolt
    field.issue(bolt, 7, on(2026, 2))
    field.issue(bolt, 2, on(2026, 4))
    field.give_back(bolt, 3, on(2026, 2, 20))
    field.give_back(bolt, 1, on(2026, 3, 20), Condition.CORE)  # what came off the machine is no return
    field.give_back(bolt, 5, on(2026, 5, 20))  # more came back than went out: not below zero
    field.issue(bolt, 9, on(2026, 6, 1, 8))  # June has only begun
    assert demand(field, bolt) == [0, 4, 0, 2, 0]
    assert read(field).sources(bolt) == {"consumption": 9, "return": -8}


def test_a_failure_and_the_replacement_that_mended_it_count_once(field: Field) -> None:
    bolt = field.store.bolt
    order = field.order(on(2026, 2, 12))
    field.fail(bolt, on(2026, 2, 10), order)
    field.issue(bolt, 1, on(2026, 2, 12), order)
    first = field.install(bolt, on(2026, 1, 1))  # production, not demand
    field.remove(first, on(2026, 2, 12))
    field.install(bolt, on(2026, 2, 12), order=order)
    assert demand(field, bolt) == [0, 1, 0, 0, 0]


def test_an_imported_failure_and_replacement_without_order_count_once_by_machine_part_and_time(field: Field) -> None:
    bolt = field.store.bolt
    stay = field.install(bolt, on(2026, 1, 1))
    field.fail(bolt, on(2026, 2, 10))
    field.remove(stay, on(2026, 2, 14))
    field.install(bolt, on(2026, 2, 14))
    field.fail(bolt, on(2026, 4, 28))  # nothing mended it: still a need
    assert demand(field, bolt) == [0, 1, 0, 1, 0]
    assert read(field).sources(bolt) == {"failure": 1, "replacement": 1}


def test_two_failures_and_one_replacement_are_two_needs(field: Field) -> None:
    bolt = field.store.bolt
    stay = field.install(bolt, on(2026, 1, 1))
    field.fail(bolt, on(2026, 2, 10))
    field.fail(bolt, on(2026, 2, 11))
    field.remove(stay, on(2026, 2, 14))
    field.install(bolt, on(2026, 2, 14))
    assert demand(field, bolt) == [0, 2, 0, 0, 0]


def test_a_failure_closed_without_a_part_needs_none_and_an_open_one_does(field: Field) -> None:
    bolt = field.store.bolt
    field.fail(bolt, on(2026, 2, 10), field.order(on(2026, 2, 12)))
    field.fail(bolt, on(2026, 3, 10), field.order(on(2026, 3, 12), state=OrderState.PLANNED))
    assert demand(field, bolt) == [0, 0, 1, 0, 0]


def test_a_unit_issued_over_the_counter_and_fitted_later_counts_once_by_its_serial_number(field: Field) -> None:
    pump = field.store.pump
    field.receive(pump, 1, on(2026, 1, 6), "S-1")
    stay = field.install(pump, on(2026, 1, 1), serial="S-0")
    field.issue(pump, 1, on(2026, 3, 20), serial="S-1")
    field.remove(stay, on(2026, 4, 2), RemovalReason.PLANNED)
    field.install(pump, on(2026, 4, 2), serial="S-1")
    assert demand(field, pump) == [0, 0, 1, 0, 0]


def test_refitting_a_unit_and_an_upgrade_are_no_demand(field: Field) -> None:
    bolt = field.store.bolt
    stay = field.install(bolt, on(2026, 1, 1))
    field.remove(stay, on(2026, 2, 2))
    again = field.refit(stay, on(2026, 2, 20))
    field.remove(again, on(2026, 3, 2), RemovalReason.UPGRADE)
    field.install(bolt, on(2026, 3, 2))
    field.issue(field.store.bolt, 1, on(2026, 1))
    assert demand(field, bolt) == [1, 0, 0, 0, 0]


def test_imported_demand_stands_for_its_months_and_several_sources_add_up(field: Field) -> None:
    bolt = field.store.bolt
    for month in (2, 3, 4):
        field.issue(bolt, 1, on(2026, month))
    field.imported(bolt, date(2026, 2, 1), 5)
    field.imported(bolt, date(2026, 2, 1), 2, "second store")
    field.imported(bolt, date(2026, 3, 1), None)
    assert demand(field, bolt) == pytest.approx([0, 7, nan, 1, 0], nan_ok=True)
    assert read(field).sources(bolt)["consumption"] == 1


def test_months_of_outage_and_before_the_records_are_missing_not_zero(field: Field) -> None:
    bolt, oil = field.store.bolt, field.store.oil
    field.issue(bolt, 1, on(2026, 2))
    field.imported(oil, date(2025, 11, 1), 4)
    with field.shop.transaction(field.maker) as work:
        work.session.add(
            DemandGap(organization_id=field.maker.organization, period=date(2026, 3, 1), reason="new software")
        )
    found = read(field)
    rows = {part: found.panel.demand[row].tolist() for row, part in enumerate(found.panel.part_ids.tolist())}
    assert found.panel.periods.labels() == ["2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04", "2026-05"]
    assert rows[str(bolt)] == pytest.approx([nan, nan, 0, 1, nan, 0, 0], nan_ok=True)
    assert rows[str(oil)] == pytest.approx([4, nan, 0, 0, nan, 0, 0], nan_ok=True)


def test_the_records_begin_with_the_first_thing_recorded_not_with_the_first_machine(field: Field) -> None:
    bolt = field.store.bolt
    field.install(bolt, on(2025, 3, 1))
    field.issue(bolt, 1, on(2026, 2))
    assert demand(field, bolt) == [0, 1, 0, 0, 0]


def test_a_part_is_unknown_before_it_was_made(field: Field) -> None:
    with field.shop.transaction(field.maker) as work:
        new = parts.create_part(work, parts.PartData(number="NEW", name="New")).id
    field.issue(field.store.bolt, 1, on(2026, 2))
    assert np.isnan(demand(field, new)).all()


def test_demand_of_superseded_parts_stands_with_the_successor_at_its_ratio(field: Field) -> None:
    bolt, oil = field.store.bolt, field.store.oil
    field.receive(oil, 100, on(2026, 1, 5))
    field.issue(bolt, 3, on(2026, 2))
    field.issue(oil, 1, on(2026, 3))
    with field.shop.transaction(field.maker) as work:
        parts.supersede(work, old_id=bolt, new_id=oil, valid_from=date(2026, 4, 1), ratio=Decimal(2))
    known = read(field)
    with field.shop.reading(field.maker) as work:
        later = history.carried(work.session, known, date(2026, 6, 1))
        before = history.carried(work.session, known, date(2026, 3, 1))
    assert str(bolt) not in later.part_ids.tolist()
    assert later.demand[later.part_ids.tolist().index(str(oil))].tolist() == [0, 6, 1, 0, 0]
    assert before.demand[before.part_ids.tolist().index(str(bolt))].tolist() == [0, 3, 0, 0, 0]


def test_months_are_those_of_the_organisations_own_clock(field: Field) -> None:
    with field.shop.transaction() as work:
        work.session.get_one(Organization, field.maker.organization).time_zone = "Asia/Yerevan"
    field.issue(field.store.bolt, 1, on(2026, 2, 28, 21))
    assert demand(field, field.store.bolt) == [0, 0, 1, 0, 0]


def test_other_organisations_machines_do_not_count(field: Field) -> None:
    world = field.store.world
    with field.shop.transaction() as work:
        foreign = machine(work, world.model_id, world.stranger.organization, "X-1", {}).id
    field.issue(field.store.bolt, 1, on(2026, 2))
    field.fail(field.store.bolt, on(2026, 3), machine=foreign)
    assert demand(field, field.store.bolt) == [0, 1, 0, 0, 0]


def test_where_all_records_ended_long_ago_the_forecast_begins_after_them(field: Field) -> None:
    oil = field.store.oil
    with field.shop.reading(field.maker) as work:
        late = work.now.replace(year=2028)
        field.issue(field.store.bolt, 1, on(2026, 2))
        assert history.read(work.session, field.maker.organization, late).origin == date(2026, 3, 1)
    field.imported(oil, date(2027, 12, 1), 4)
    with field.shop.reading(field.maker) as work:
        assert history.read(work.session, field.maker.organization, late).origin == date(2028, 6, 1)


def test_without_any_demand_there_is_nothing_to_forecast(workshop: Workshop) -> None:
    field = open_field(workshop)
    with pytest.raises(RuleBroken) as refusal:
        read(field)
    assert refusal.value.reason == "no_history"
