"""From text to values: exact, and never guessed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from aftersales.errors import Invalid
from aftersales.formats.tables import read_table
from aftersales.imports.mapping import (
    Field,
    Source,
    choice,
    day,
    mapping_from,
    mapping_of,
    moment,
    month,
    number,
    truth,
    values_of,
    whole,
    words,
)
from aftersales.vocabulary import FailureMode

ZAGREB = ZoneInfo("Europe/Zagreb")
FIELDS = (Field("machine", words(5), True), Field("hours", number(3)), Field("open", truth, default=False))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", "5"),
        ("5,5", "5.5"),
        ("5136,125", "5136.125"),
        ("0,125", "0.125"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e3", "1000"),
    ],
)
def test_numbers_are_read_exactly(text: str, value: str) -> None:
    assert number(3)(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("five", "Not a number"),
        ("nan", "Not a number"),
        ("Infinity", "Not a number"),
        ("1_000", "Not a number"),
        ("1 000", "Not a number"),
        ("1,2,3", "Not a number"),
        ("1,234.5", "Not a number"),
        ("٣", "Not a number"),
        ("1,234", "may part thousands or decimals"),
        ("-0.001", "Below 0"),
        ("0.0001", "More than 3 decimal places"),
        ("1000000000000", "Too large"),
        ("1e400", "Too large"),
        ("9" * 5000, "Too large"),
    ],
)
def test_what_is_no_number_to_keep_is_refused(text: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        number(3)(text)
    assert says in str(refused.value)


def test_whole_numbers_have_limits() -> None:
    assert whole(1, 10)("10.0") == 10
    for text, says in (("1.5", "Not a whole number"), ("0", "Not between 1 and 10"), ("11", "Not between 1 and 10")):
        with pytest.raises(Invalid, match=says):
            whole(1, 10)(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-03-01 08:30", datetime(2026, 3, 1, 7, 30, tzinfo=UTC)),
        ("2026-07-01T08:30:00", datetime(2026, 7, 1, 6, 30, tzinfo=UTC)),
        ("2026-03-01 08:30:00Z", datetime(2026, 3, 1, 8, 30, tzinfo=UTC)),
        ("2026-03-01 08:30-05:00", datetime(2026, 3, 1, 13, 30, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 2, 28, 23, tzinfo=UTC)),
    ],
)
def test_a_moment_without_a_zone_is_in_the_users(text: str, value: datetime) -> None:
    assert moment(ZAGREB)(text) == value


@pytest.mark.parametrize("text", ["01.03.2026", "03/01/2026", "yesterday", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_what_is_no_date_is_refused(text: str) -> None:
    for read in (moment(ZAGREB), day, month):
        with pytest.raises(Invalid):
            read(text)


def test_days_and_months() -> None:
    assert day("2026-03-01") == day("2026-03-01 00:00:00") == date(2026, 3, 1)
    assert month("2026-03") == month("2026-03-01") == month("2026-03-01 00:00:00") == date(2026, 3, 1)
    for text in ("2026-03-15", "2026-W10", "2026-13", "2026-3"):
        with pytest.raises(Invalid):
            month(text)
    with pytest.raises(Invalid):
        day("2026-03-01rubbish")


def test_words_truth_and_choice() -> None:
    assert [truth(text) for text in ("Yes", "TRUE", "1", "no", "0")] == [True, True, True, False, False]
    assert choice(FailureMode)("brd") is FailureMode.BRD
    for read, text in ((truth, "perhaps"), (choice(FailureMode), "broken"), (words(3), "four")):
        with pytest.raises(Invalid):
            read(text)


def test_every_wrong_cell_is_named_by_row_field_and_value() -> None:
    table = read_table("f.csv", b"machine,hours,open\n,x,maybe\nM12345,1,\nM1,,\n")
    mapped = mapping_of(FIELDS, table, {})
    found = [values_of(FIELDS, mapped, row) for row in table.rows]
    assert [(one["row"], one["field"], one["value"]) for _, wrong in found for one in wrong] == [
        (2, "machine", ""),
        (2, "hours", "x"),
        (2, "open", "maybe"),
        (3, "machine", "M12345"),
    ]
    assert found[2] == ({"machine": "M1", "hours": None, "open": False}, [])


def test_a_mapping_names_columns_values_and_words() -> None:
    sources = mapping_from(
        {"machine": "machineID", "hours": {"value": 5}, "open": {"values": {"da": "yes"}}, "x": {"column": "y"}}
    )
    assert sources == {
        "machine": Source(column="machineID"),
        "hours": Source(value="5"),
        "open": Source(column="open", values={"da": "yes"}),
        "x": Source(column="y"),
    }
    wrongs: tuple[dict[str, object], ...] = (
        {"a": 5},
        {"a": {}},
        {"a": {"colum": "b"}},
        {"a": {"column": "b", "value": "c"}},
        {"a": {"values": 1}},
    )
    for wrong in wrongs:
        with pytest.raises(Invalid, match="of a "):
            mapping_from(wrong)


def test_missing_fields_and_columns_are_named() -> None:
    table = read_table("f.csv", b"machineID,hours\nM1,2\n")
    with pytest.raises(Invalid, match=r"--map machine=COLUMN. The file has: machineID, hours"):
        mapping_of(FIELDS, table, {})
    with pytest.raises(Invalid, match="no column machineId"):
        mapping_of(FIELDS, table, {"machine": Source(column="machineId")})
    with pytest.raises(Invalid, match="no field engine"):
        mapping_of(FIELDS, table, {"engine": Source(value="1")})
