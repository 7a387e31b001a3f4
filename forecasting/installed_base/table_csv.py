"""One CSV table with named columns, read in blocks, every fault named by file, row and column."""

import csv
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from forecasting.arrays import Array, Flags, Integers
from forecasting.errors import PanelError

BLOCK = 500_000
"""Rows read at a time."""
EPOCH = 719_163
"""Ordinal of 1970-01-01."""
EARLIEST, LATEST = "1900-01-01", "2200-01-01"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?")
_RAGGED = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")


class Coder:
    """Numbers for words, in the order in which they are first met."""

    def __init__(self, known: Sequence[str] = ()) -> None:
        self._codes = {word: number for number, word in enumerate(known)}

    def __len__(self) -> int:
        return len(self._codes)

    @property
    def words(self) -> list[str]:
        """The words by number."""
        return list(self._codes)

    def codes(self, words: "pd.Series[str]", *, grow: bool = True) -> Integers:
        """The number of each word; −1 for a new one when ``grow`` is off."""
        place, different = pd.factorize(words)
        if grow:
            numbers = [self._codes.setdefault(word, len(self._codes)) for word in different.tolist()]
        else:
            numbers = [self._codes.get(word, -1) for word in different.tolist()]
        return np.asarray(np.array([*numbers, -1], dtype=np.int64)[place])


@dataclass(frozen=True, eq=False)
class Block:
    """Some rows of a table, blank ones left out.

    :param row: line of the file of each row, the heading being line 1.
    """

    file: str
    cells: pd.DataFrame
    row: Integers

    def __len__(self) -> int:
        return len(self.row)

    def words(self, column: str) -> "pd.Series[str]":
        """Cells without the blanks around them; all blank where there is no such column."""
        if column not in self.cells:
            return pd.Series([""] * len(self), dtype=object)
        return self.cells[column].str.strip()

    def named(self, column: str) -> "pd.Series[str]":
        """The same, none of which may be blank."""
        words = self.words(column)
        self.refuse((words == "").to_numpy(dtype=bool), column, "the cell is blank")
        return words

    def days(self, column: str, *, blank: bool = False) -> Array:
        """Days as ordinals; NaN for a blank cell where that is allowed."""
        words = self.words(column) if blank else self.named(column)
        place, different = pd.factorize(words)
        texts = [str(word) for word in different.tolist()]
        good = [bool(_DAY.fullmatch(text)) for text in texts]
        stamps = pd.to_datetime(
            pd.Series([text if well else None for text, well in zip(texts, good, strict=True)], dtype=object),
            format="ISO8601", utc=True, errors="coerce",
        )  # fmt: skip
        inside = (stamps >= pd.Timestamp(EARLIEST, tz="UTC")) & (stamps < pd.Timestamp(LATEST, tz="UTC"))
        since = (stamps - pd.Timestamp(1970, 1, 1, tz="UTC")) / pd.Timedelta(days=1)
        value = np.where(inside, since.to_numpy(dtype=np.float64) + EPOCH, np.nan)[place]
        wrong = np.isnan(value) & (words != "").to_numpy(dtype=bool)
        self.refuse(wrong, column, "is not a day between 1900 and 2200, written as 2025-01-31")
        return value

    def numbers(self, column: str, *, blank: float | None = None, most: float = 1e9) -> Array:
        """Numbers from 0 to ``most``; ``blank`` stands for a blank cell, which is refused otherwise."""
        words = self.named(column) if blank is None else self.words(column)
        place, different = pd.factorize(words)
        read = pd.to_numeric(pd.Series(different, dtype=object), errors="coerce").to_numpy(dtype=np.float64)
        plain = np.array(["_" not in str(word) for word in different.tolist()], dtype=np.bool_)
        value = np.where(plain, read, np.nan)[place]
        empty = (words == "").to_numpy(dtype=bool)
        self.refuse(np.isnan(value) & ~empty, column, "is not a number")
        self.refuse(value < 0, column, "is below zero")
        self.refuse(value > most, column, f"is too large (limit {most:g})")
        return np.where(empty, np.nan if blank is None else blank, value)

    def refuse(self, wrong: Flags, column: str, what: str) -> None:
        """Name the first faulty cell.

        :raises PanelError: when there is one.
        """
        if not wrong.any():
            return
        at = int(np.flatnonzero(wrong)[0])
        cell = str(self.words(column).iloc[at])[:40]
        message = (
            what if not cell else f"{cell!r} {what}" if what.startswith(("is ", "lies ")) else f"{what} ({cell!r})"
        )
        raise PanelError(message, file=self.file, row=int(self.row[at]), column=column)


@dataclass(frozen=True)
class Table:
    """A file with the columns it must and may have; other columns are left alone."""

    path: Path
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    may_be_empty: bool = False
    _names: dict[str, str] = field(default_factory=dict)

    def blocks(self) -> Iterator[Block]:
        """The rows.

        :raises PanelError: for a file that is not such a table.
        """
        name = self.path.name
        content = self._content()
        wanted = self._heading(content)
        rows = 0
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", pd.errors.ParserWarning)
                reader = pd.read_csv(
                    io.BytesIO(content), dtype=str, keep_default_na=False, skip_blank_lines=False, index_col=False,
                    chunksize=BLOCK, encoding="utf-8-sig", header=0, names=self._columns(),
                )  # fmt: skip
                for cells in reader:
                    if len(cells):
                        yield self._block(cells[wanted], rows + 2)
                        rows += len(cells)
        except pd.errors.ParserError as error:
            found = _RAGGED.search(str(error))
            if found is None:
                raise PanelError(f"not a CSV file: {error}", file=name) from error
            what = f"{found[3]} cells where the heading has {found[1]}"
            raise PanelError(what, file=name, row=int(found[2])) from error
        except pd.errors.ParserWarning as error:
            raise PanelError("rows have more cells than the heading", file=name) from error
        if not rows and not self.may_be_empty:
            raise PanelError("there is no row below the heading", file=name)

    def _block(self, cells: pd.DataFrame, first: int) -> Block:
        """Rows with something in them; cells missing at the end of a row are blank."""
        blank = np.asarray((cells == "").to_numpy().all(axis=1), dtype=np.bool_)
        row = np.arange(first, first + len(cells), dtype=np.int64)
        kept = cells.iloc[np.flatnonzero(~blank)].reset_index(drop=True)
        return Block(self.path.name, kept, row[~blank])

    def _columns(self) -> list[str]:
        return list(self._names)

    def _heading(self, content: bytes) -> list[str]:
        """Columns that are read, in the words of this table."""
        name = self.path.name
        first = content.split(b"\n", 1)[0].decode("utf-8-sig")
        cells = [cell.strip().lower() for cell in next(csv.reader([first]), [])]
        self._names.clear()
        for position, cell in enumerate(cells):
            if cell in self._names and cell in (*self.required, *self.optional):
                raise PanelError("this column stands twice", file=name, row=1, column=cell)
            self._names[cell if cell and cell not in self._names else f"\0{position}"] = cell
        for column in self.required:
            if column not in self._names:
                other = next((mark for mark in (";", "\t", "|") if any(mark in cell for cell in cells)), None)
                hint = f"; the columns seem to be separated by {other!r}, save them with commas" if other else ""
                raise PanelError(f"there is no column {column!r}{hint}", file=name, row=1, column=column)
        return [column for column in (*self.required, *self.optional) if column in self._names]

    def _content(self) -> bytes:
        """The file, which must be UTF-8 text."""
        name = self.path.name
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise PanelError(f"cannot be read: {error.strerror}", file=name) from error
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as error:
            row = content[: error.start].count(b"\n") + 1
            raise PanelError("the file is not UTF-8 text; save it as CSV UTF-8", file=name, row=row) from error
        if (zero := content.find(b"\0")) >= 0:
            raise PanelError("the file is not text", file=name, row=content[:zero].count(b"\n") + 1)
        if not content.removeprefix(b"\xef\xbb\xbf").strip():
            raise PanelError("the file is empty", file=name)
        return content
