"""Tables from CSV and XLSX files: a header and rows of text, each row knowing its number in the file."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from zipfile import BadZipFile

from aftersales.errors import Invalid
from aftersales.translate import N_

MAX_ROWS = 1_000_000
DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: its number (the header is row 1) and its cells by column name, trimmed."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file's columns and rows."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(name: str, content: bytes) -> Table:
    """Return the table in a file, XLSX by its name's ending and CSV otherwise.

    CSV may use comma, semicolon, tab or bar, UTF-8 with or without a byte-order mark.

    :raises Invalid: when it is neither, has no header, repeats a column or has a row longer than the header.
    """
    lines = _xlsx(content) if PurePath(name).suffix.lower() in {".xlsx", ".xlsm"} else _csv(content)
    return _table(name, lines)


def _table(name: str, lines: Iterator[Sequence[str]]) -> Table:
    header = next(lines, None)
    if header is None or not any(header):
        raise Invalid(N_("%(file)s has no header row"), file=name)
    columns = tuple(column.strip() for column in header)
    while columns and not columns[-1]:
        columns = columns[:-1]
    doubled = sorted({column for column in columns if columns.count(column) > 1})
    if doubled:
        raise Invalid(N_("%(file)s has the column %(column)s twice"), file=name, column=doubled[0])
    rows = []
    for number, line in enumerate(lines, start=2):
        cells = [cell.strip() for cell in line]
        if not any(cells):
            continue
        if any(cells[len(columns) :]):
            raise Invalid(N_("%(file)s, row %(row)s has more cells than the header"), file=name, row=number)
        rows.append(Row(number, dict(zip(columns, cells + [""] * (len(columns) - len(cells)), strict=False))))
        if len(rows) > MAX_ROWS:
            raise Invalid(N_("%(file)s has more than %(limit)s rows; split it"), file=name, limit=MAX_ROWS)
    return Table(columns, tuple(rows))


def _csv(content: bytes) -> Iterator[Sequence[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(N_("The file is not UTF-8 text (byte %(position)s)"), position=error.start) from error
    if "\x00" in text:
        raise Invalid(N_("The file is not text"))
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count) if any(first.count(d) for d in DELIMITERS) else ","
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise Invalid(N_("The file is not well-formed CSV: %(problem)s"), problem=str(error)) from error


def _xlsx(content: bytes) -> Iterator[Sequence[str]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError) as error:
        raise Invalid(N_("The file is not an XLSX workbook")) from error
    try:
        sheet = book.worksheets[0]
        for line in sheet.iter_rows(values_only=True):
            yield [_text(cell) for cell in line]
    finally:
        book.close()


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def write_csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """Return a CSV file; a cell that a spreadsheet would take for a formula is escaped with an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def _safe(cell: object) -> str:
    text = "" if cell is None else str(cell)
    number = text.lstrip("-+").replace(".", "", 1).isdigit()
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} and not number else text
