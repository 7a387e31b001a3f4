"""Tables from CSV and XLSX files: a header and rows of text, each row knowing its number in the file."""

import csv
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import PurePath
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from aftersales.errors import Invalid
from aftersales.translate import N_

MAX_ROWS = 1_000_000
MAX_UNPACKED = 1_000_000_000
DELIMITERS = ",;\t|"
ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: its number (the header is row 1) and its cells by column name, trimmed.

    ``labels`` name the column a cell came from where that is another one.
    """

    number: int
    cells: dict[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """A file's columns and rows."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(name: str, content: bytes) -> Table:
    """Return the table in a file: the first sheet of an XLSX workbook (told by its content), CSV otherwise.

    CSV may use comma, semicolon, tab or bar, UTF-8 with or without a byte-order mark.

    :raises Invalid: when it is neither, has no header, repeats a column or has a row longer than the header.
    """
    if content.startswith(OLD_EXCEL):
        raise Invalid(N_("%(file)s is an old Excel workbook; save it as .xlsx or CSV"), file=name)
    is_book = content.startswith(ZIP) or PurePath(name).suffix.lower() in {".xlsx", ".xlsm"}
    return _table(name, _xlsx(content) if is_book else _csv(content))


def _table(name: str, lines: Iterator[Sequence[str]]) -> Table:
    header = next(lines, None)
    if header is None or not any(header):
        raise Invalid(N_("%(file)s has no header row"), file=name)
    columns = tuple(column.strip() for column in header)
    while columns and not columns[-1]:
        columns = columns[:-1]
    doubled = sorted({column for column in columns if column and columns.count(column) > 1})
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
    first = (text.splitlines() or [""])[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        message = N_("The file is not well-formed CSV, line %(line)s: %(problem)s")
        raise Invalid(message, line=reader.line_num, problem=str(error)) from error


def _xlsx(content: bytes) -> Iterator[Sequence[str]]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    broken = (BadZipFile, InvalidFileException, KeyError, OSError, ValueError, ParseError, IndexError, zlib.error)
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MAX_UNPACKED:
            raise Invalid(N_("The workbook is too large; save the sheet as CSV"))
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            for line in sheet.iter_rows():
                yield [_text(cell.value, cell.number_format) for cell in line]
        finally:
            book.close()
    except broken as error:
        raise Invalid(N_("The file is not an XLSX workbook")) from error


def _text(cell: object, shown_as: str) -> str:
    """Return a cell's text; a number shown with leading zeros keeps them, a fraction its fifteen digits."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, bool | date):
        return cell.isoformat() if isinstance(cell, date) else str(cell)
    if isinstance(cell, int) or (isinstance(cell, float) and cell.is_integer()):
        return str(int(cell)).zfill(len(shown_as) if shown_as and not shown_as.strip("0") else 0)
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)


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
