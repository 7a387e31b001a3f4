from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.demand import DemandPanel
from forecasting.demand_csv import read_wide_csv
from forecasting.errors import PanelError
from forecasting.quick_cells import quick_cells


def wide(folder: Path, text: str | bytes) -> Path:
    path = folder / "demand.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_reads_months_with_prices_blanks_and_returns(tmp_path: Path) -> None:
    panel = read_wide_csv(wide(tmp_path, "part_id,price,2019-12,2020-01\nA,2.50,1,\n\nB,,-3, 4 \n"))
    assert panel.part_ids.tolist() == ["A", "B"]
    assert panel.periods.labels() == ["2019-12", "2020-01"]
    np.testing.assert_array_equal(panel.demand, [[1, np.nan], [0, 4]])
    np.testing.assert_array_equal(panel.prices, [2.5, np.nan])
    assert (panel.returns.count, panel.returns.below_zero) == (1, 3.0)


def test_reads_a_byte_order_mark_quotes_and_windows_line_ends(tmp_path: Path) -> None:
    panel = read_wide_csv(wide(tmp_path, '\ufeffpart_id,W001,W002\r\n"A,1",1,2\r\n'))
    assert panel.part_ids.tolist() == ["A,1"]


def test_left_out_periods_become_missing_columns_and_stay_missing(tmp_path: Path) -> None:
    panel = read_wide_csv(wide(tmp_path, "part_id,2024-W50,2025-W01\nA,1,\n"))
    assert panel.gaps == ("2024-W51", "2024-W52")
    np.testing.assert_array_equal(panel.blank_as_zero().demand, [[1, np.nan, np.nan, 0]])


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "demand.csv: the file is empty"),
        (" \n\n", "demand.csv: the file is empty"),
        ("part_id,2019-01\n", "no part below the heading"),
        ("part_id\nA\n", "row 1: there is no period column"),
        ("id,2019-01\nA,1\n", "row 1, column 'id': the first column must be headed part_id"),
        ("part_id;2019-01\nA;1\n", "separated by ';'"),
        ("part_id,2019-01,2019-01\nA,1,2\n", "row 1, column '2019-01': this period stands twice"),
        ("part_id,2019-01,2019-02,2019-01\nA,1,2,3\n", "column '2019-01': this period stands twice"),
        ("part_id,2019-02,2019-01\nA,1,2\n", "column '2019-01': this period lies before '2019-02'"),
        ("part_id,2019-01,2019-W07\nA,1,2\n", "column '2019-W07': mixed frequency"),
        ("part_id,2019-01,Total\nA,1,2\n", "column 'Total': 'Total' is not a period"),
        ("part_id,1900-01,9999-01\nA,1,2\n", "row 1: the columns span"),
        ("part_id,2019-01\nA,1\nB,1\nA,2\n", "row 4, column 'part_id': part 'A' stood in row 2"),
        ("part_id,2019-01\n,1\n", "row 2, column 'part_id': the part number is blank"),
        ("part_id,2019-01,2019-02\nA,1,two\n", "row 2, column '2019-02': 'two' is not a number"),
        ("part_id,2019-01\nA,1_000\n", "column '2019-01': '1_000' is not a number"),
        ("part_id,2019-01\nA,nan\n", "'nan' is not a number"),
        ("part_id,2019-01\nA,inf\n", "inf is too large"),
        ("part_id,2019-01\nA,1e300\n", "1e300 is too large"),
        ("part_id,2019-01,2019-02\nA,1\n", "row 2: 2 cells where the heading has 3"),
        ("part_id,2019-01\nA,1,2\n", "row 2: 3 cells where the heading has 2"),
        ("part_id,2019-01,2019-02\nA,,\nB,,\n", "every cell is blank"),
        ("part_id,price,2019-01\nA,-1,2\n", "column 'price': a price of -1 is below zero"),
        ('part_id,2019-01\n"A,1\n', "not a CSV file"),
        (b"part_id,2019-01\n\xe9,1\n", "row 2: the file is not UTF-8"),
    ],
)
def test_says_what_is_wrong_and_where(tmp_path: Path, text: str | bytes, match: str) -> None:
    with pytest.raises(PanelError, match=match):
        read_wide_csv(wide(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PanelError, match=r"none\.csv: cannot be read"):
        read_wide_csv(tmp_path / "none.csv")


CELLS = st.one_of(
    st.just(""),
    st.integers(-5, 10**6).map(str),
    st.floats(-1e3, 1e9, allow_nan=False).map(repr),
    st.sampled_from(
        ["1e3", " 7 ", "+2", "0.1", ".5", "3.", '"4"', "12345678901.123456789", "0.30000000000000004", " "]
    ),
)
NAMES = st.sampled_from(["A", "B-1", "007", '"C,1"', "nan", "NA", "Ж", '"say ""x"""', " D "])


@given(
    st.lists(st.tuples(NAMES, st.lists(CELLS, min_size=3, max_size=3)), min_size=1, max_size=5, unique_by=itemgetter(0))
)
def test_the_quick_way_reads_what_the_slow_one_reads(rows: list[tuple[str, list[str]]]) -> None:
    text = "part_id,price,2024-01,2024-03\n" + "".join(
        ",".join([name, cells[0].replace("-", ""), *cells[1:]]) + "\n" for name, cells in rows
    )
    panels: list[DemandPanel | str] = []
    with TemporaryDirectory() as folder:
        for way in (quick_cells, lambda *_, **__: None):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("forecasting.demand_csv.quick_cells", way)
                try:
                    panels.append(read_wide_csv(wide(Path(folder), text)))
                except PanelError as error:
                    panels.append(str(error))
    quick, slow = panels
    if isinstance(quick, str) or isinstance(slow, str):
        assert quick == slow
        return
    np.testing.assert_array_equal(quick.demand, slow.demand)
    np.testing.assert_array_equal(quick.prices, slow.prices)
    assert (quick.part_ids.tolist(), quick.returns, quick.gaps) == (slow.part_ids.tolist(), slow.returns, slow.gaps)


def test_a_plain_file_is_read_the_quick_way() -> None:
    data = b"\xef\xbb\xbfpart_id,W1,W2\r\nA,1,\r\n\r\nB,-2,3\r\n"
    cells = quick_cells(data, (0, 1), 2, priced=False, most=10.0)
    assert cells is not None
    assert cells.part_ids == ["A", "B"]
    np.testing.assert_array_equal(cells.demand, [[1, np.nan], [-2, 3]])


@pytest.mark.parametrize(
    "rows", ["A,1\n", "A,1,2,3\n", "A,1,2\nA,1,2\n", ",1,2\n", "A,x,2\n", "A,1,11\n", "", "A,1\nB,1,2,3\n", '"A,1,2\n']
)
def test_the_quick_way_gives_up_on_anything_odd(rows: str) -> None:
    assert quick_cells(f"part_id,W1,W2\n{rows}".encode(), (0, 1), 2, priced=False, most=10.0) is None
