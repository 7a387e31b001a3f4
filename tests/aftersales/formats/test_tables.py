"""Tables from files as people really have them."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import pytest
from openpyxl import Workbook

from aftersales.errors import Invalid
from aftersales.formats.tables import read_table, write_csv


def cells(content: bytes | str, name: str = "fleet.csv") -> list[dict[str, str]]:
    table = read_table(name, content.encode() if isinstance(content, str) else content)
    return [row.cells for row in table.rows]


def book(*rows: list[object], formats: dict[str, str] | None = None) -> bytes:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    for row in rows:
        sheet.append(row)
    for place, shown in (formats or {}).items():
        sheet[place].number_format = shown
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_dialect_reads_the_same(delimiter: str, ending: str, mark: str) -> None:
    lines = [["machine", "display"], ["0042", "17.5"], [" M 2 ", " 3 "]]
    text = mark + ending.join(delimiter.join(line) for line in lines) + ending
    assert cells(text) == [{"machine": "0042", "display": "17.5"}, {"machine": "M 2", "display": "3"}]


def test_a_quoted_cell_keeps_delimiters_and_line_ends() -> None:
    assert cells('a;b\n"one;\ntwo";"say ""so"""\n') == [{"a": "one;\ntwo", "b": 'say "so"'}]


def test_rows_know_their_number_across_empty_lines() -> None:
    table = read_table("f.csv", b"a,b\n\n1,2\n,\n3,\n")
    assert [(row.number, row.cells) for row in table.rows] == [(3, {"a": "1", "b": "2"}), (5, {"a": "3", "b": ""})]


def test_a_header_alone_is_a_table_without_rows() -> None:
    assert read_table("f.csv", b"machine,at\r\n").rows == ()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no header row"),
        (b"\n\n", "no header row"),
        (b"\xef\xbb\xbf", "no header row"),
        (b"a,a\n1,2\n", "the column a twice"),
        (b"a,b\n1,2,3\n", "row 2 has more cells"),
        (b"a,b\n1,\xff\n", "not UTF-8 text (byte 6)"),
        (b"a\x00,b\n", "not text"),
        (b'a,b\n"1,2\n', "not well-formed CSV, line 2"),
        (b'a,b\n"1"x,2\n', "not well-formed CSV, line 2"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel workbook"),
        (b"PK\x03\x04rest", "not an XLSX workbook"),
    ],
)
def test_what_is_no_table_is_refused_and_says_why(content: bytes, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_table("f.csv", content)
    assert says in str(refused.value)


def test_a_workbook_reads_as_what_it_shows() -> None:
    content = book(
        ["serial", "count", "share", "day", "moment", "yes", None],
        [42, 7.0, 0.1 + 0.2, date(2026, 3, 1), datetime.fromisoformat("2026-03-01 08:30"), True, None],
        ["0042", 12345678901, None, None, None, False, None],
        formats={"A2": "00000", "B2": "0", "D2": "yyyy-mm-dd", "E2": "yyyy-mm-dd hh:mm"},
    )
    first, second = cells(content, "fleet.xlsx")
    assert first == {
        "serial": "00042",
        "count": "7",
        "share": "0.3",
        "day": "2026-03-01 00:00:00",
        "moment": "2026-03-01 08:30:00",
        "yes": "True",
    }
    assert (second["serial"], second["count"], second["yes"]) == ("0042", "12345678901", "False")


def test_a_workbook_is_told_by_its_content() -> None:
    assert cells(book(["a"], ["1"]), "export.csv") == [{"a": "1"}]


def test_an_empty_or_broken_workbook_is_refused() -> None:
    for content in (book(), book(["a"], ["1"])[:-30], b"not a zip"):
        with pytest.raises(Invalid):
            read_table("fleet.xlsx", content)


def test_written_cells_come_back_and_never_become_formulas() -> None:
    written = write_csv(("a", "b"), [("=1+1", Decimal("-1.5")), ('say "so"\nnow', None), ("@x", "-x")])
    assert list(csv.reader(io.StringIO(written.decode()))) == [
        ["a", "b"],
        ["'=1+1", "-1.5"],
        ['say "so"\nnow', ""],
        ["'@x", "'-x"],
    ]
    assert len(read_table("f.csv", written).rows) == 3
