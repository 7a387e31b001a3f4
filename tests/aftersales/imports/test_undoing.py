"""Taking an import back: whole, by counter-entries, once."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from aftersales.clock import SystemClock
from aftersales.errors import Forbidden, NotFound, RuleBroken
from aftersales.imports import undoing
from aftersales.models import Balance, DemandRecord, ImportRun, Meter, Part, Reading
from aftersales.operations import doctor
from aftersales.vocabulary import MeterKind, Role
from tests.aftersales.imports.conftest import Desk
from tests.aftersales.imports.test_service import GOOD

READINGS = "machine,at,display\nM1,2024-03-01 08:00,100\nM1,2024-04-01 08:00,200\n"
STOCK = "part,location,quantity\nFLT-7,MAIN,5\n"


def undo(desk: Desk, run: int) -> None:
    with desk.shop.transaction(desk.actor) as work:
        undoing.undo(work, run)


def life(desk: Desk, machine: str = "M1") -> Decimal:
    with desk.shop.reading(desk.actor) as work:
        query = select(Meter.latest_life).where(
            Meter.machine_id == desk.world.machines[machine], Meter.kind == MeterKind.HOURS
        )
        return work.session.scalars(query).one()


def on_hand(desk: Desk) -> Decimal:
    with desk.shop.reading(desk.actor) as work:
        return sum(work.session.scalars(select(Balance.on_hand)), Decimal(0))


def test_readings_are_withdrawn_and_may_come_again_corrected(desk: Desk) -> None:
    desk.shop.clock = SystemClock()
    run = desk.take("readings", READINGS)
    assert (run.added, life(desk)) == (2, Decimal(200))
    undo(desk, run.run_id)
    assert life(desk) == 0
    again = desk.take("readings", READINGS.replace("200", "150"))
    assert (again.added, life(desk)) == (2, Decimal(150))
    undo(desk, again.run_id)
    assert life(desk) == 0
    with desk.shop.reading(desk.actor) as work:
        assert work.session.scalar(select(func.count()).select_from(Reading)) == 8


def test_only_the_readings_of_that_file_are_withdrawn(desk: Desk) -> None:
    desk.take("readings", READINGS)
    run = desk.take("readings", "machine,at,display\nM1,2024-04-01 08:00,200\nM1,2024-05-01 08:00,300\n")
    assert (run.added, run.unchanged) == (1, 1)
    undo(desk, run.run_id)
    assert life(desk) == Decimal(200)


def test_a_measured_value_in_an_estimates_place_can_be_taken_back(desk: Desk) -> None:
    desk.take("readings", "machine,at,display,estimated\nM1,2024-03-01 08:00,90,yes\n")
    run = desk.take("readings", "machine,at,display\nM1,2024-03-01 08:00,100\n")
    assert (run.added, life(desk)) == (1, Decimal(100))
    undo(desk, run.run_id)
    assert life(desk) == 0


def test_stock_is_booked_back_and_may_come_again(desk: Desk) -> None:
    for quantity in (5, 7):
        run = desk.take("stock", STOCK.replace("5", str(quantity)))
        assert on_hand(desk) == quantity
        undo(desk, run.run_id)
        assert on_hand(desk) == 0
    assert desk.counts("stock", STOCK) == (1, 0)
    assert desk.counts("stock", STOCK) == (0, 1)
    assert on_hand(desk) == 5


def test_stock_that_is_used_already_cannot_be_taken_back_and_nothing_changes(desk: Desk) -> None:
    first = desk.take("stock", STOCK.replace("MAIN,5", "MAIN,5\nOIL-46,MAIN,2"))
    second = desk.take("stock", STOCK.replace("quantity", "quantity,reference").replace("5", "1,later"))
    undo(desk, second.run_id)
    with desk.shop.transaction(desk.actor) as work:
        balance = work.session.scalars(select(Balance).where(Balance.part_id == desk.world.parts["FLT-7"])).one()
        balance.reserved = Decimal(3)
    with pytest.raises(RuleBroken):
        undo(desk, first.run_id)
    assert on_hand(desk) == 7
    with desk.shop.reading(desk.actor) as work:
        assert work.session.get_one(ImportRun, first.run_id).undone_at is None


def test_demand_is_removed_and_may_come_again(desk: Desk) -> None:
    desk.take("demand", "part,2024-01\nFLT-7,9\n")
    run = desk.take("demand", "part,2024-01,2024-02,2024-03\nFLT-7,9,5,\n")
    undo(desk, run.run_id)
    with desk.shop.reading(desk.actor) as work:
        assert work.session.scalars(select(DemandRecord.quantity)).one() == Decimal(9)
    assert desk.counts("demand", "part,2024-02\nFLT-7,6\n") == (1, 0)


def test_parts_nobody_uses_go_and_the_others_are_ended(desk: Desk) -> None:
    run = desk.take("parts", "number\nA\nB\n")
    desk.take("stock", "part,location,quantity\nB,MAIN,5\n")
    undo(desk, run.run_id)
    with desk.shop.reading(desk.actor) as work:
        left = {part.number: part.ended_at for part in work.session.scalars(select(Part)) if part.number in {"A", "B"}}
    assert set(left) == {"B"}
    assert left["B"] is not None
    assert desk.refusals("parts", "number\nA\nB\n") == [(3, "number", "B", "This part was taken out of use")]
    assert desk.counts("parts", "number\nA\n") == (1, 0)


def test_taking_back_leaves_the_house_in_order(desk: Desk) -> None:
    before = doctor.examine(desk.shop)
    runs = [desk.take(kind, GOOD[kind]) for kind in ("parts", "readings", "stock", "demand")]
    for run in reversed(runs):
        undo(desk, run.run_id)
    assert doctor.examine(desk.shop) == before


@pytest.mark.parametrize("kind", ["machines", "components", "faults", "failures", "replacements"])
def test_history_is_not_taken_back_and_says_what_to_do(quick: Desk, kind: str) -> None:
    run = quick.take(kind, GOOD[kind])
    with pytest.raises(RuleBroken, match=f"An import of {kind} is history .* restore the backup") as refused:
        undo(quick, run.run_id)
    assert refused.value.reason == "not_undoable"


def test_once_is_enough(desk: Desk) -> None:
    run = desk.take("demand", GOOD["demand"])
    undo(desk, run.run_id)
    with pytest.raises(RuleBroken, match="taken back already"):
        undo(desk, run.run_id)


def test_imports_of_others_do_not_exist(desk: Desk) -> None:
    run = desk.take("demand", GOOD["demand"])
    other = Desk(desk.shop, desk.world, "quarry")
    with pytest.raises(NotFound):
        undo(other, run.run_id)
    with pytest.raises(NotFound):
        undo(desk, 999)
    with desk.shop.reading(other.actor) as work:
        assert undoing.runs(work) == []
    with desk.shop.reading(desk.actor) as work:
        assert [one.id for one in undoing.runs(work)] == [run.run_id]


def test_only_who_may_import_takes_back(quick: Desk) -> None:
    run = quick.take("readings", READINGS)
    for role in (Role.TECHNICIAN, Role.MANAGER, Role.PLANNER):
        with pytest.raises(Forbidden):
            undo(Desk(quick.shop, quick.world, "maker", role), run.run_id)
    assert life(quick) == Decimal(200)
