"""Reading a CSV file with named columns, every refusal with its row and column."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from forecasting.arrays import Array, Words
from forecasting.errors import PanelError

GIGANTIC = 1e12
"""Numbers beyond this are taken for a mistake."""


@dataclass(frozen=True)
class Column:
    """A column of numbers.

    :param name: its heading.
    :param default: what a blank cell or a missing column stands for; None = there must be a number.
    :param least: smallest number allowed; ``above`` = the number must be larger than that.
    :param most: largest number allowed.
    :param whole: only whole numbers.
    :param aliases: other headings that mean the same.
    """

    name: str
    default: float | None = None
    least: float = 0.0
    above: bool = False
    most: float = GIGANTIC
    whole: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """A column of words.

    :param words: by word as written, in small letters, what it stands for; empty = any text, which must not be blank.
    :param default: what a blank cell or a missing column stands for; None = there must be a word.
    """

    name: str
    words: Mapping[str, str]
    default: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Table:
    """What was read.

    :param numbers: by column, shape (rows,). ``texts``: the same for words.
    :param rows: line of the file of each row, the heading being line 1.
    :param given: columns the file has. ``unused``: its headings that mean nothing here.
    """

    file: str
    numbers: dict[str, Array]
    texts: dict[str, Words]
    rows: Sequence[int]
    given: tuple[str, ...]
    unused: tuple[str, ...]

    def refuse_repeated(self, *names: str) -> None:
        """Refuse a file in which these texts together stand twice.

        :raises PanelError: naming both rows.
        """
        first: dict[tuple[str, ...], int] = {}
        for row, key in zip(self.rows, zip(*(self.texts[name].tolist() for name in names), strict=True), strict=True):
            if key in first:
                what = " at ".join(repr(word) for word in key)
                raise PanelError(f"{what} stood in row {first[key]} already", file=self.file, row=row, column=names[0])
            first[key] = row


def read_columns(path: Path, columns: Sequence[Column | Choice]) -> Table:
    """Read the columns named; others are left aside and named in ``unused``.

    :raises PanelError: with file, row and column, for a file that cannot be read so.
    """
    name = path.name
    lines = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        heading = [cell.strip() for cell in next(lines, [])]
        place = _places(heading, columns, name)
        cells: list[list[str]] = []
        rows: list[int] = []
        for row in lines:
            if any(cell.strip() for cell in row):
                if len(row) != len(heading):
                    raise PanelError(
                        f"{len(row)} cells where the heading has {len(heading)}", file=name, row=lines.line_num
                    )
                cells.append(row)
                rows.append(lines.line_num)
    except csv.Error as error:
        raise PanelError(f"not a CSV file: {error}", file=name, row=lines.line_num) from error
    if not cells:
        raise PanelError("there is no row below the heading", file=name)
    numbers: dict[str, Array] = {}
    texts: dict[str, Words] = {}
    for column in columns:
        at = place.get(column.name)
        found = ["" if at is None else row[at].strip() for row in cells]
        told = _Told(name, rows, heading[at] if at is not None else column.name)
        if isinstance(column, Choice):
            texts[column.name] = _words(found, column, told)
        else:
            numbers[column.name] = _numbers(found, column, told)
    unused = tuple(word for number, word in enumerate(heading) if number not in place.values() and word)
    return Table(name, numbers, texts, rows, tuple(place), unused)


@dataclass(frozen=True)
class _Told:
    """Where a fault is said to lie."""

    file: str
    rows: Sequence[int]
    column: str

    def fault(self, number: int, message: str) -> PanelError:
        return PanelError(message, file=self.file, row=self.rows[number], column=self.column)


def _text(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = error.object[: error.start].count(b"\n") + 1
        raise PanelError("the file is not UTF-8 text; save it as CSV UTF-8", file=path.name, row=row) from error
    except OSError as error:
        raise PanelError(f"cannot be read: {error.strerror}", file=path.name) from error
    if not text.strip():
        raise PanelError("the file is empty", file=path.name)
    if "\0" in text:
        raise PanelError("this is not text but binary data; save it as CSV UTF-8", file=path.name)
    return text


def _places(heading: list[str], columns: Sequence[Column | Choice], file: str) -> dict[str, int]:
    """Where each column stands; letters may be large or small."""
    found: dict[str, int] = {}
    small = [word.lower() for word in heading]
    for column in columns:
        wanted = [word.lower() for word in (column.name, *column.aliases)]
        at = [number for number, word in enumerate(small) if word in wanted]
        if len(at) > 1:
            raise PanelError("this column stands twice", file=file, row=1, column=heading[at[1]])
        if at:
            found[column.name] = at[0]
        elif column.default is None:
            mark = next((mark for mark in (";", "\t", "|") if heading and mark in heading[0]), None)
            hint = f"; the columns seem to be separated by {mark!r}, save them with commas" if mark else ""
            raise PanelError(f"there is no column {column.name!r}{hint}", file=file, row=1)
    return found


def _words(cells: list[str], column: Choice, told: _Told) -> Words:
    if not column.words:
        blank = next((number for number, cell in enumerate(cells) if not cell), None)
        if blank is not None:
            raise told.fault(blank, "the cell is blank")
        return np.array(cells, dtype=np.str_)
    result = []
    for number, cell in enumerate(cells):
        word = column.words.get(cell.lower()) if cell else column.default
        if word is None:
            said = f"{cell[:40]!r} is not known" if cell else "the cell is blank"
            raise told.fault(number, f"{said}; it is one of {', '.join(column.words)}")
        result.append(word)
    return np.array(result, dtype=np.str_)


def _numbers(cells: list[str], column: Column, told: _Told) -> Array:
    values = np.empty(len(cells))
    for number, cell in enumerate(cells):
        if not cell:
            if column.default is None:
                raise told.fault(number, f"the {column.name.replace('_', ' ')} is missing")
            values[number] = column.default
            continue
        try:
            value = math.nan if "_" in cell else float(cell)
        except ValueError:
            value = math.nan
        if math.isnan(value):
            raise told.fault(number, f"{cell[:40]!r} is not a number")
        wrong = _bounds(value, column)
        if wrong:
            raise told.fault(number, wrong)
        values[number] = value
    return values


def _bounds(value: float, column: Column) -> str | None:
    """What is wrong with a number."""
    name = column.name.replace("_", " ")
    if value < column.least or (column.above and value <= column.least):
        small = f"{column.least:g}" if column.least else "zero"
        return (
            f"a {name} of {value:g} must be above {small}"
            if column.above
            else f"a {name} of {value:g} is below {small}"
        )
    if value > column.most:
        return f"a {name} of {value:g} is above {column.most:g}"
    if column.whole and value != int(value):
        return f"a {name} of {value:g} is not whole"
    return None
