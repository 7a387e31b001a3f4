"""Parts, stock and demand: nothing is lost by being taken for a repetition."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from aftersales.models import Balance, DemandRecord, Part, StockMove
from aftersales.planning import fleet_plan
from aftersales.vocabulary import Condition
from tests.aftersales.imports.conftest import Desk

STOCK = "part,location,quantity,condition,serial_number,reference\n"


def demand(desk: Desk) -> dict[date, Decimal | None]:
    with desk.shop.reading(desk.actor) as work:
        query = select(DemandRecord.period, DemandRecord.quantity).order_by(DemandRecord.period)
        return {row.period: row.quantity for row in work.session.execute(query)}


def on_hand(desk: Desk) -> Decimal:
    with desk.shop.reading(desk.actor) as work:
        return sum(work.session.scalars(select(Balance.on_hand)), Decimal(0))


def test_a_part_says_what_it_is(desk: Desk) -> None:
    desk.take("parts", "number;unit;price;currency;whole_units;criticality;own\nG-1;kg;1,25;hrk;no;VITAL;no\n")
    with desk.shop.reading(desk.actor) as work:
        part = work.session.scalars(select(Part).where(Part.number == "G-1")).one()
        assert (part.name, part.unit, part.price, part.currency) == ("G-1", "kg", Decimal("1.25"), "HRK")
        assert (part.whole_units, part.own, part.criticality.value) == (False, False, "vital")


def test_a_part_twice_in_a_file_is_one_and_what_is_there_stays(desk: Desk) -> None:
    assert desk.counts("parts", "number,price\nA,1\nA,2\nFLT-7,999\n") == (1, 2)
    with desk.shop.reading(desk.actor) as work:
        prices = {part.number: part.price for part in work.session.scalars(select(Part))}
    assert (prices["A"], prices["FLT-7"]) == (Decimal(1), Decimal(100))


def test_gigantic_and_negative_numbers_are_refused(quick: Desk) -> None:
    text = f"number,price,lead_time_days,currency\nA,-1,5,EUR\nB,{'9' * 30},5,EUR\nC,1,99999,EUR\nD,1,5,€\n"
    assert [(row, field) for row, field, _, _ in quick.refusals("parts", text)] == [
        (2, "price"),
        (3, "price"),
        (4, "lead_time_days"),
        (5, "currency"),
    ]
    assert quick.refusals("parts", f"number\n{'x' * 81}\n")[0][3] == "Longer than 80 characters"


def test_stock_is_booked_once_per_reference(desk: Desk) -> None:
    first = STOCK + "FLT-7,MAIN,5,,,\nFLT-7,MAIN,2,quarantined,,\nHP-100,MAIN,1,,S1,\nHP-100,MAIN,1,,S2,\n"
    assert desk.counts("stock", first) == (4, 0)
    assert desk.counts("stock", first) == (0, 4)
    assert desk.counts("stock", STOCK + "FLT-7,MAIN,3,,,January\n") == (1, 0)
    assert on_hand(desk) == Decimal(12)
    assert desk.refusals("stock", STOCK + "FLT-7,MAIN,6,,,\n") == [
        (2, "quantity", "6", "Under this reference 5.000 are booked already; give another reference, or count")
    ]


def test_the_same_part_and_place_twice_in_a_file_is_not_swallowed(desk: Desk) -> None:
    assert desk.refusals("stock", STOCK + "FLT-7,MAIN,5,,,\nFLT-7,MAIN,5,,,\n") == [
        (3, "quantity", "5", "Row 2 has the same part, location and condition: add the two")
    ]
    assert on_hand(desk) == 0


def test_stock_the_store_refuses_is_named_by_its_row(desk: Desk) -> None:
    wrong = STOCK + "FLT-7,MAIN,0,,,\nFLT-7,MAIN,0.5,,,a\nHP-100,MAIN,1,,,\nHP-100,MAIN,2,,S1,\n"
    assert [row for row, *_ in desk.refusals("stock", wrong)] == [2, 3, 4, 5]
    result = desk.take("stock", wrong + "FLT-7,MAIN,5,,,b\n", partial=True)
    assert (result.added, result.refused, on_hand(desk)) == (1, 4, Decimal(5))
    with desk.shop.reading(desk.actor) as work:
        assert [move.condition for move in work.session.scalars(select(StockMove))] == [Condition.NEW]


def test_missing_demand_is_not_zero(desk: Desk) -> None:
    assert desk.counts("demand", "part,2024-01,2024-02,2024-03\nFLT-7,3,,0\n") == (3, 0)
    assert demand(desk) == {date(2024, 1, 1): Decimal(3), date(2024, 2, 1): None, date(2024, 3, 1): Decimal(0)}
    assert desk.counts("demand", "part,period,quantity\nFLT-7,2024-02,\nFLT-7,2024-03-01,0\n") == (0, 2)


def test_demand_that_contradicts_is_refused_with_what_is_known(desk: Desk) -> None:
    desk.take("demand", "part,2024-01,2024-02\nFLT-7,3,\n")
    assert desk.refusals("demand", "part,2024-01,2024-02\nFLT-7,4,1\n") == [
        (2, "2024-01", "4", "This month is recorded already, as 3.000"),
        (2, "2024-02", "1", "This month is recorded already, as missing"),
    ]
    assert desk.refusals("demand", "part,period,quantity\nOIL-46,2024-01,1\nOIL-46,2024-01,1\n") == [
        (3, "period", "2024-01-01", "Row 2 has this part and month already: add the two")
    ]


def test_a_wide_file_names_the_month_and_says_a_part_once(desk: Desk) -> None:
    text = "part,price,2024-01,2024-02,2024-13\nFLT-7,1,x,-2,1\nnowhere,1,1,1,\n"
    assert desk.refusals("demand", text) == [
        (2, "2024-01", "x", "Not a number"),
        (2, "2024-02", "-2", "Below 0"),
        (2, "2024-13", "2024-13", "Not a month such as 2026-03"),
        (3, "2024-13", "2024-13", "Not a month such as 2026-03"),
        (3, "part", "nowhere", "There is no such part in your catalogue"),
    ]


def test_months_that_a_spreadsheet_made_dates_of(desk: Desk) -> None:
    assert desk.counts("demand", "part,2024-01-01 00:00:00,2024-02-01\nFLT-7,3,4\n") == (2, 0)
    assert demand(desk) == {date(2024, 1, 1): Decimal(3), date(2024, 2, 1): Decimal(4)}


def test_days_and_weeks_are_no_months(quick: Desk) -> None:
    text = "part,period,quantity\nFLT-7,2024-01-15,1\nFLT-7,2024-W07,1\n"
    assert {problem for *_, problem in quick.refusals("demand", text)} == {"Not a month such as 2026-03"}


def test_a_fleet_plan_is_entered_by_model_and_month(desk: Desk) -> None:
    assert desk.counts("fleet-plan", "model,period,machines\nCR-200,2026-09,4\nCR-200,2026-10,0\n") == (1, 1)
    assert desk.counts("fleet-plan", "model,period,machines\nCR-200,2026-09,6\n") == (1, 0)
    with desk.shop.reading(desk.actor) as work:
        assert [one.machines for one in fleet_plan.plan(work.session, desk.actor)] == [6]
    assert desk.refusals("fleet-plan", "model,period,machines,kind\nXX,2026-09,4,\nCR-200,2026-09,4,gift\n") == [
        (2, "model", "XX", "There is no such model among yours"),
        (3, "kind", "gift", "None of: sale, retirement"),
    ]
