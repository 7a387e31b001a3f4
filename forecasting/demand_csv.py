"""Reading a demand panel from a wide CSV file: one row per part, one column per period."""

import codecs
import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forecasting.arrays import Array
from forecasting.demand import GIGANTIC, DemandPanel, Returns, net_returns
from forecasting.errors import PanelError
from forecasting.periods import LONGEST, Frequency, PeriodIndex, parse_period
from forecasting.quick_cells import ROWS, quick_cells


@dataclass(frozen=True)
class _Heading:
    """What the first line says: the calendar, where each column lies in it, and whether prices come first."""

    periods: PeriodIndex
    names: tuple[str, ...]
    places: tuple[int, ...]
    priced: bool


def read_wide_csv(path: Path) -> DemandPanel:
    """Read ``part_id[,price],2019-01,2019-02,…`` (months), ``2024-W07`` (ISO weeks) or ``W001`` (numbered weeks).

    A blank cell is missing (``panel.blank_as_zero()`` reads it otherwise). A negative cell is a return that outweighs
    the period's demand: it counts as zero and is reported in ``panel.returns``. Periods left out between two columns
    become missing columns, named in ``panel.gaps``.

    :raises PanelError: with file, row and column, for a file that cannot be read so.
    """
    name = path.name
    data = _data(path)
    lines = csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=""), strict=True)
    try:
        heading = _heading(next(lines, []), name)
        quick = quick_cells(data, heading.places, heading.periods.count, priced=heading.priced, most=GIGANTIC)
        if quick is not None:
            part_ids, prices, demand = quick.part_ids, quick.prices, quick.demand
        else:
            part_ids, prices, cells = _rows(lines, heading, name)
            demand = np.full((len(part_ids), heading.periods.count), np.nan)
            demand[:, heading.places] = cells
    except csv.Error as error:
        raise PanelError(f"not a CSV file: {error}", file=name, row=lines.line_num) from error
    del data, lines
    returns = _net_in_place(demand)
    if not _any_known(demand):
        raise PanelError("every cell is blank: there is no demand to forecast from", file=name)
    absent = sorted(set(range(heading.periods.count)) - set(heading.places))
    gaps = tuple(heading.periods.label(position) for position in absent)
    demand.flags.writeable = False
    return DemandPanel(
        np.array(part_ids, dtype=np.str_), heading.periods, demand, prices if heading.priced else None, returns, gaps
    )


def _net_in_place(demand: Array) -> Returns:
    """Cut returns off at zero, by pieces for the sake of memory, and count them."""
    count, below = 0, 0.0
    for row in range(0, len(demand), ROWS):
        piece, returns = net_returns(demand[row : row + ROWS])
        demand[row : row + ROWS] = piece
        count, below = count + returns.count, below + returns.below_zero
    return Returns(count, below)


def _any_known(demand: Array) -> bool:
    return any(not np.isnan(demand[row : row + ROWS]).all() for row in range(0, len(demand), ROWS))


def _data(path: Path) -> bytes:
    """The file; a byte-order mark is fine, anything but UTF-8 text is not."""
    try:
        data = path.read_bytes()
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = error.object[: error.start].count(b"\n") + 1
        raise PanelError("the file is not UTF-8 text; save it as CSV UTF-8", file=path.name, row=row) from error
    except OSError as error:
        raise PanelError(f"cannot be read: {error.strerror}", file=path.name) from error
    if not data.removeprefix(codecs.BOM_UTF8).strip():
        raise PanelError("the file is empty", file=path.name)
    if b"\0" in data:
        row = data[: data.index(b"\0")].count(b"\n") + 1
        raise PanelError("this is not text but binary data; save it as CSV UTF-8", file=path.name, row=row)
    return data


def _heading(cells: list[str], file: str) -> _Heading:
    names = [cell.strip() for cell in cells]
    if names and names[0].lower() != "part_id":
        other = next((mark for mark in (";", "\t", "|") if mark in cells[0]), None)
        hint = f"; the columns seem to be separated by {other!r}, save them with commas" if other else ""
        raise PanelError(f"the first column must be headed part_id{hint}", file=file, row=1, column=names[0][:40])
    priced = len(names) > 1 and names[1].lower() == "price"
    labels = names[2 if priced else 1 :]
    if not labels:
        raise PanelError("there is no period column after part_id", file=file, row=1)
    numbers = _numbers(labels, file)
    kind, _ = parse_period(labels[0])
    count = numbers[-1] - numbers[0] + 1
    if count > LONGEST:
        raise PanelError(f"the columns span {count} periods, at most {LONGEST} can be read", file=file, row=1)
    width = len(labels[0]) - 1 if kind is Frequency.RUNNING_WEEK else 3
    periods = PeriodIndex(kind, numbers[0], count, width)
    return _Heading(periods, tuple(labels), tuple(number - numbers[0] for number in numbers), priced)


def _numbers(labels: list[str], file: str) -> list[int]:
    """Running numbers of the period headings, which must be of one frequency and ascend."""
    numbers: list[int] = []
    first: Frequency | None = None
    for label in labels:
        try:
            kind, number = parse_period(label)
        except PanelError as error:
            raise PanelError(error.message, file=file, row=1, column=label) from error
        first = first or kind
        if kind != first:
            raise PanelError(
                f"mixed frequency: {labels[0]!r} is a {first}, {label!r} is a {kind}", file=file, row=1, column=label
            )
        if numbers and number == numbers[-1]:
            raise PanelError("this period stands twice", file=file, row=1, column=label)
        if numbers and number < numbers[-1]:
            what = (
                "stands twice" if number in numbers else f"lies before {labels[len(numbers) - 1]!r}; sort the columns"
            )
            raise PanelError(f"this period {what}", file=file, row=1, column=label)
        numbers.append(number)
    return numbers


def _rows(lines: Iterator[list[str]], heading: _Heading, file: str) -> tuple[list[str], Array, Array]:
    """Part numbers, prices and cells of all rows, checked."""
    first_row: dict[str, int] = {}
    prices: list[float] = []
    rows: list[Array] = []
    start = 2 if heading.priced else 1
    width = start + len(heading.names)
    for row, cells in enumerate(lines, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != width:
            raise PanelError(f"{len(cells)} cells where the heading has {width}", file=file, row=row)
        part = cells[0].strip()
        if not part:
            raise PanelError("the part number is blank", file=file, row=row, column="part_id")
        if part in first_row:
            raise PanelError(
                f"part {part!r} stood in row {first_row[part]} already", file=file, row=row, column="part_id"
            )
        first_row[part] = row
        prices.append(_price(cells[1], file, row) if heading.priced else math.nan)
        rows.append(_cells(cells[start:], heading.names, file, row))
    if not rows:
        raise PanelError("there is no part below the heading", file=file)
    return list(first_row), np.array(prices), np.vstack(rows)


def _cells(cells: list[str], names: tuple[str, ...], file: str, row: int) -> Array:
    """The numbers of one row: the quick way when all is well, cell by cell to find a fault."""
    try:
        values = np.array([float(cell) if cell else math.nan for cell in cells])
    except ValueError:
        values = np.full(len(cells), np.inf)
    quick = np.abs(values) <= GIGANTIC
    if quick.sum() + cells.count("") == len(cells) and "_" not in "".join(cells):
        return values
    return np.array([_number(cell, file, row, name) for cell, name in zip(cells, names, strict=True)])


def _number(cell: str, file: str, row: int, column: str) -> float:
    text = cell.strip()
    if not text:
        return math.nan
    try:
        value = float(text) if "_" not in text else math.nan
    except ValueError:
        value = math.nan
    if math.isnan(value):
        raise PanelError(
            f"{text[:40]!r} is not a number; leave a missing cell blank", file=file, row=row, column=column
        )
    if abs(value) > GIGANTIC:
        raise PanelError(
            f"{text[:40]} is too large for a demand (limit {GIGANTIC:.0e})", file=file, row=row, column=column
        )
    return value


def _price(cell: str, file: str, row: int) -> float:
    value = _number(cell, file, row, "price")
    if value < 0:
        raise PanelError(f"a price of {value:g} is below zero", file=file, row=row, column="price")
    return value
