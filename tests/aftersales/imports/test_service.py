"""All rows or none, twice is once, and whoever may not gets nothing."""

import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from openpyxl import Workbook
from sqlalchemy import func, select

from aftersales.access import Actor
from aftersales.errors import Forbidden, Invalid
from aftersales.formats.tables import read_table
from aftersales.imports import service
from aftersales.imports.service import KINDS, DryRun
from aftersales.models import (
    AuditEntry,
    Component,
    DemandRecord,
    FailureRecord,
    FaultReport,
    FleetPlanEntry,
    ImportRun,
    Installation,
    Location,
    Machine,
    MachineModel,
    Part,
    Position,
    Reading,
    StockMove,
)
from aftersales.operations import doctor
from aftersales.translate import translator
from aftersales.vocabulary import Role
from tests.aftersales.imports.conftest import Desk

TABLES = (
    *(AuditEntry, Component, DemandRecord, FailureRecord, FaultReport, ImportRun, Installation, Location, Machine),
    *(FleetPlanEntry, MachineModel, Part, Position, Reading, StockMove),
)
GOOD = {
    "parts": 'number,name,price\nP-1,Bolt,"1,5"\nP-2,Nut,2\n',
    "machines": "serial_number,model,commissioned_on,meter_display\n0007,NEW,2024-05-01,10\n0008,NEW,2024-05-02,0\n",
    "readings": "machine,at,display\nM1,2024-03-01 08:00,100\nM1,2024-03-01 08:00,100\nM2,2024-03-02 08:00,5\n",
    "components": "machine,part,serial_number,position,installed_at\nM1,HP-100,S-1,PUMP,2024-02-01\n",
    "faults": "machine,at,error_code,open\nM1,2024-03-01,E1,\nM1,2024-03-01,E2,yes\n",
    "failures": "machine,at,part\nM1,2024-03-01 06:00,HP-100\nM2,2024-03-01 06:00,\n",
    "replacements": "machine,at,part\nM1,2024-03-05,FLT-7\nM1,2024-03-01,FLT-7\n",
    "stock": "part,location,quantity\nFLT-7,MAIN,5\nOIL-46,NEW,2.5\n",
    "demand": "part,period,quantity\nFLT-7,2024-01,3\nFLT-7,2024-02,\n",
    "fleet-plan": "model,period,machines,kind\nCR-200,2026-09,4,\nCR-200,2026-10,1,retirement\n",
}


def rows(desk: Desk) -> dict[str, int]:
    with desk.shop.reading(desk.actor) as work:
        return {
            table.__tablename__: work.session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES
        }


@pytest.mark.parametrize("kind", sorted(GOOD))
def test_a_second_run_changes_nothing_but_the_list_of_runs(desk: Desk, kind: str) -> None:
    added, unchanged = desk.counts(kind, GOOD[kind])
    assert added >= 1
    before = rows(desk)
    assert desk.counts(kind, GOOD[kind]) == (0, added + unchanged)
    grown = ("import_run", "audit_entry")
    assert rows(desk) == before | {name: before[name] + 1 for name in grown}
    with desk.shop.reading(desk.actor) as work:
        runs = list(work.session.scalars(select(ImportRun).order_by(ImportRun.id)))
        assert [(run.kind, run.added, run.refused) for run in runs] == [(kind, added, 0), (kind, 0, 0)]


def test_everything_imported_leaves_the_house_in_order(desk: Desk) -> None:
    before = doctor.examine(desk.shop)
    for kind in KINDS:
        desk.take(kind, GOOD[kind])
    assert doctor.examine(desk.shop) == before


@pytest.mark.parametrize("kind", sorted(GOOD))
def test_a_dry_run_counts_and_changes_nothing(quick: Desk, kind: str) -> None:
    before = rows(quick)
    with pytest.raises(DryRun) as trial, quick.shop.transaction(quick.actor) as work:
        service.take(work, kind=kind, file_name="f.csv", content=GOOD[kind].encode(), dry_run=True)
    assert trial.value.result.added >= 1
    assert trial.value.result.problems == []
    assert rows(quick) == before


def test_one_bad_row_keeps_the_whole_file_out(desk: Desk) -> None:
    before = rows(desk)
    text = "number,price,minimum_quantity\nA,1,1\nB,x,1\nC,1,0.5\n"
    assert desk.refusals("parts", text) == [
        (3, "price", "x", "Not a number"),
        (4, "minimum_quantity", "0.5", "Field minimum_quantity of the part is wrong: must be a whole number"),
    ]
    assert rows(desk) == before


def test_partial_takes_the_good_rows_and_keeps_the_run(desk: Desk) -> None:
    result = desk.take("parts", "number,price\nA,1\nB,x\nC,2\n", partial=True)
    assert (result.added, result.refused) == (2, 1)
    with desk.shop.reading(desk.actor) as work:
        run = work.session.get_one(ImportRun, result.run_id)
        assert (run.added, run.refused) == (2, 1)
    assert desk.counts("parts", "number,price\nA,1\nB,2\nC,2\n") == (1, 2)


def test_a_refused_row_leaves_no_half_behind_not_even_in_the_trail(desk: Desk) -> None:
    text = (
        "serial_number,model,commissioned_on,operator\n"
        "A1,FRESH,2024-05-01,no such company\n"
        "A2,OTHER,2031-05-01,\n"
        "A3,LAST,2024-05-01,quarry ltd\n"
    )
    result = desk.take("machines", text, partial=True)
    with desk.shop.reading(desk.actor) as work:
        models = set(work.session.scalars(select(MachineModel.code)))
        serials = set(work.session.scalars(select(Machine.serial_number)))
        trail = [str(entry.object_type) for entry in work.session.scalars(select(AuditEntry))]
    assert (result.added, result.refused) == (1, 2)
    assert [(one["row"], one["field"]) for one in result.problems][1] == (3, "commissioned_on")
    assert models == {"CR-200", "LAST"}
    assert serials == {"M1", "M2", "M3", "A3"}
    assert trail.count("machine_model") == 1


def test_a_shop_opened_for_a_refused_row_is_not_there(desk: Desk) -> None:
    result = desk.take("stock", "part,location,quantity\nHP-100,GHOST,2\nFLT-7,REAL,2\n", partial=True)
    assert (result.added, result.refused) == (1, 1)
    with desk.shop.reading(desk.actor) as work:
        codes = set(work.session.scalars(select(Location.code)))
    assert "REAL" in codes
    assert "GHOST" not in codes


def test_ten_thousand_bad_rows_are_all_told(quick: Desk) -> None:
    text = "machine,at,display\n" + "".join(f"M1,2024-01-01,{number}x\n" for number in range(10_000))
    found = quick.refusals("readings", text)
    assert len(found) == 10_000
    assert found[-1] == (10_001, "display", "9999x", "Not a number")


def test_a_foreign_machine_is_told_as_one_that_does_not_exist(desk: Desk) -> None:
    mine = Desk(desk.shop, desk.world, "quarry")
    for kind, rest in (("faults", ""), ("failures", ""), ("readings", "5")):
        columns = "machine,at,display" if rest else "machine,at"
        end = f",{rest}" if rest else ""
        text = f"{columns}\nM2,2024-03-01{end}\nnowhere,2024-03-01{end}\n"
        first, second = mine.refusals(kind, text)
        assert first[1:] == ("machine", "M2", second[3])
        assert second[:3] == (3, "machine", "nowhere")
        assert "no such machine" in second[3]


def test_a_foreign_part_is_told_as_one_that_does_not_exist(desk: Desk) -> None:
    mine = Desk(desk.shop, desk.world, "quarry")
    for kind, text in (
        ("demand", "part,period,quantity\nFLT-7,2024-01,1\n"),
        ("stock", "part,location,quantity\nFLT-7,X,1\n"),
        ("replacements", "machine,part,at\nM1,FLT-7,2024-03-01\n"),
        ("components", "machine,part,serial_number,installed_at\nM1,FLT-7,S1,2024-03-01\n"),
    ):
        assert mine.refusals(kind, text) == [(2, "part", "FLT-7", "There is no such part in your catalogue")]


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.ADMIN, Role.PLANNER, Role.STOREKEEPER}])
@pytest.mark.parametrize("kind", sorted(GOOD))
def test_only_who_may_import_imports(quick: Desk, role: Role, kind: str) -> None:
    with pytest.raises(Forbidden, match="import:run"):
        Desk(quick.shop, quick.world, "maker", role).take(kind, GOOD[kind])


def test_importing_gives_no_rights_the_role_does_not_have(quick: Desk) -> None:
    planner = Desk(quick.shop, quick.world, "maker", Role.PLANNER)
    before = rows(quick)
    for kind, permission in (("machines", "model:manage"), ("readings", "reading:add")):
        for partial in (False, True):
            with pytest.raises(Forbidden, match=permission):
                planner.take(kind, GOOD[kind], partial=partial)
    assert rows(quick) == before
    for kind in ("parts", "stock", "demand", "failures", "faults"):
        assert planner.take(kind, GOOD[kind]).added >= 1


def test_the_users_time_zone_says_what_an_hour_without_one_means(desk: Desk) -> None:
    actor = desk.actor
    desk.actor = Actor(actor.user_id, actor.organization_id, actor.role, actor.kinds, time_zone="Asia/Tokyo")
    desk.take("readings", "machine,at,display\nM1,2024-03-01 08:00,100\nM1,2024-03-02T08:00Z,110\n")
    with desk.shop.reading(actor) as work:
        assert list(work.session.scalars(select(Reading.at).order_by(Reading.at))) == [
            datetime(2024, 2, 29, 23, tzinfo=UTC),
            datetime(2024, 3, 2, 8, tzinfo=UTC),
        ]


def test_a_workbook_makes_the_round_trip(desk: Desk) -> None:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["serial_number", "model", "commissioned_on", "meter_display"])
    sheet.append([7, "CR-200", datetime.fromisoformat("2024-05-01"), 10.5])
    sheet["A2"].number_format = "0000"
    out = io.BytesIO()
    workbook.save(out)
    with desk.shop.transaction(desk.actor) as work:
        service.take(work, kind="machines", file_name="fleet.xlsx", content=out.getvalue())
    assert desk.counts("machines", "serial_number,model\n0007,CR-200\n") == (0, 1)
    desk.take("readings", "machine,at,display\n0007,2024-05-02 08:00,12\n")


def test_the_error_file_is_a_table_again(desk: Desk) -> None:
    result = desk.take("parts", "number,price\nA,=1+1\nB,1\n", partial=True)
    table = read_table("errors.csv", service.error_file(result.problems, translator("en")))
    assert [row.cells for row in table.rows] == [
        {"row": "2", "field": "price", "value": "'=1+1", "problem": "Not a number"}
    ]


def test_an_empty_file_says_so_and_a_header_alone_adds_nothing(desk: Desk) -> None:
    with pytest.raises(Invalid, match="no header row"):
        desk.take("parts", "")
    assert desk.counts("parts", "number,name\n") == (0, 0)


def test_other_column_names(desk: Desk) -> None:
    assert desk.counts("demand", "sku,when,sold\nFLT-7,2024-01,3\n", GIVEN) == (1, 0)
    with desk.shop.reading(desk.actor) as work:
        assert work.session.scalars(select(DemandRecord.quantity)).one() == Decimal(3)


GIVEN = {"part": "sku", "period": "when", "quantity": "sold"}
