"""XLSX workbooks with one sheet: a head, rows, numbers as numbers, and no text that becomes a formula."""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

SHEET_NAME_LIMIT = 31
WIDEST, NARROWEST = 60, 9
DAY = "yyyy-mm-dd"
LOOKED_AT = 200


def write_xlsx(name: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """Return a workbook whose only sheet holds the rows under their head, which stays in view.

    :param name: the sheet's name; signs that a sheet's name cannot have are left out.
    :param rows: texts stay texts (a leading ``=`` makes no formula), numbers and days are written as such.
    """
    import xlsxwriter  # type: ignore[import-untyped] # noqa: PLC0415 - only exports need it; the package is not typed

    output = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "default_date_format": DAY}
    with xlsxwriter.Workbook(output, options) as book:
        sheet = book.add_worksheet("".join(sign for sign in name if sign not in "[]:*?/\\'")[:SHEET_NAME_LIMIT])
        bold = book.add_format({"bold": True})
        for column, head in enumerate(columns):
            sheet.write_string(0, column, head, bold)
            shown = [len(str(row[column])) for row in rows[:LOOKED_AT]]
            sheet.set_column(column, column, min(max([len(head), *shown, NARROWEST]) + 1, WIDEST))
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                _write(sheet, number, column, value)
        sheet.freeze_panes(1, 0)
    return output.getvalue()


def _write(sheet: Any, row: int, column: int, value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, float(value))
    elif isinstance(value, datetime):
        sheet.write_string(row, column, value.isoformat())
    elif isinstance(value, date):
        sheet.write_datetime(row, column, datetime(value.year, value.month, value.day, tzinfo=UTC).replace(tzinfo=None))
    else:
        sheet.write_string(row, column, str(value))
