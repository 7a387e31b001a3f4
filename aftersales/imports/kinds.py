"""What can be imported: the fields of each kind of file and the use-cases its rows become."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from aftersales.errors import DomainError, Forbidden
from aftersales.imports.mapping import Field, Problem
from aftersales.work import Work


@dataclass(frozen=True, slots=True)
class Parsed:
    """A row whose text was read: its number in the file, its values by field, and fields with another column name."""

    number: int
    values: Mapping[str, Any]
    labels: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


@dataclass
class Taken:
    """What became of the rows: objects made (type and number), rows that changed nothing, problems by row."""

    made: list[tuple[str, int]] = field(default_factory=list)
    added: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)

    def add(self, kind: str, number: int) -> None:
        """Note a row that became an object."""
        self.made.append((kind, number))
        self.added += 1

    def refuse(self, row: Parsed, name: str, message: str, **params: object) -> None:
        """Note what is wrong with a row."""
        value = row.values.get(name)
        self.problems.append(
            {
                "row": row.number,
                "field": row.labels.get(name, name),
                "value": "" if value is None else str(value)[:100],
                "message": message,
                "params": dict(params),
            }
        )

    @contextmanager
    def row(self, work: Work, row: Parsed, name: str) -> Iterator[None]:
        """Take one row in: whole, or not at all and noted under the field the refusal names, else ``name``.

        :raises Forbidden: what the actor's role does not permit is no fault of the row.
        """
        try:
            with work.attempt():
                yield
        except Forbidden:
            raise
        except DomainError as error:
            named = [str(one["field"]) for one in error.errors if one.get("field") in row.values]
            self.refuse(row, named[0] if named else name, error.message, **error.params)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its fields, what it is for, and what takes its rows in.

    ``wide``: the field that names a row where the file may have a column for each month.
    """

    name: str
    help: str
    fields: Callable[[ZoneInfo], Sequence[Field]]
    take: Callable[[Work, Sequence[Parsed]], Taken]
    wide: str | None = None
