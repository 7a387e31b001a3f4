"""Workbooks come back as they were written, and carry out nothing."""

import io
from datetime import date
from decimal import Decimal

import pandas as pd
from openpyxl import load_workbook

from aftersales.formats.tables import read_table
from aftersales.formats.workbooks import write_xlsx


def test_a_workbook_keeps_numbers_texts_and_days() -> None:
    rows = [["=1+1", Decimal("1.25"), 3, None, date(2026, 3, 1)], ["@x", -2.5, 0, "https://example.com", None]]
    content = write_xlsx("Forecast [1]: all/of it", ["a", "b", "c", "d", "e"], rows)
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert sheet.title == "Forecast 1 allof it"
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert cells == [["=1+1", 1.25, 3, None, pd.Timestamp(2026, 3, 1)], ["@x", -2.5, 0, "https://example.com", None]]
    assert [cell.data_type for cell in next(iter(sheet.iter_rows(min_row=2)))][:3] == ["s", "n", "n"]
    assert sheet.freeze_panes == "A2"


def test_what_is_written_can_be_read_back() -> None:
    table = read_table("x.xlsx", write_xlsx("s", ["part", "quantity"], [["007", 12], ["A", 0.5]]))
    assert [row.cells for row in table.rows] == [{"part": "007", "quantity": "12"}, {"part": "A", "quantity": "0.5"}]
