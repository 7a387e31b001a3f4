from pathlib import Path

import pytest

from forecasting.columns_csv import Choice, Column, Table, read_columns
from forecasting.errors import PanelError

COLUMNS = (
    Choice("part_id", {}, aliases=("lru",)),
    Column("price", aliases=("c",)),
    Column("pieces", 3.0, least=1.0, most=9.0, whole=True),
    Choice("keep", {"yes": "yes", "no": "no", "ja": "yes"}, "no"),
)


def read(folder: Path, text: str) -> Table:
    (folder / "t.csv").write_text(text)
    return read_columns(folder / "t.csv", COLUMNS)


def test_reads_in_any_order_by_any_name(tmp_path: Path) -> None:
    table = read(tmp_path, '\ufeffC,LRU,note,keep\n1.5,"a, b",x,JA\n\n 2 ,c,,\n')
    assert table.numbers["price"].tolist() == [1.5, 2]
    assert table.numbers["pieces"].tolist() == [3, 3]
    assert table.texts["part_id"].tolist() == ["a, b", "c"]
    assert table.texts["keep"].tolist() == ["yes", "no"]
    assert table.rows == [2, 4]
    assert table.unused == ("note",)
    assert table.given == ("part_id", "price", "keep")


def test_a_row_over_several_lines_is_told_by_where_it_ends(tmp_path: Path) -> None:
    with pytest.raises(PanelError, match="row 4, column 'price'"):
        read(tmp_path, 'part_id,price\n"a\nb",1\nc,x\n')


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("a,1,2.5", "row 2, column 'pieces': a pieces of 2.5 is not whole"),
        ("a,1,0", "is below 1"),
        ("a,1,10", "is above 9"),
        ("a,1_0,2", "'1_0' is not a number"),
        ("a,1e13,2", "is above 1e+12"),
        ('"a,1,2', "not a CSV file"),
    ],
)
def test_bounds(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(PanelError) as refused:
        read(tmp_path, f"part_id,price,pieces\n{row}\n")
    assert message in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PanelError, match="cannot be read"):
        read_columns(tmp_path / "none.csv", COLUMNS)
