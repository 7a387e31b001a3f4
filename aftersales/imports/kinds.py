"""What can be imported: the fields of each kind of file and the use-cases its rows become."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from aftersales.imports.mapping import Field
from aftersales.work import Work


@dataclass(frozen=True, slots=True)
class Parsed:
    """A row whose text was read: its number in the file and its values by field."""

    number: int
    values: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


@dataclass
class Taken:
    """What became of the rows: objects made (type and number), rows that changed nothing, problems by row."""

    made: list[tuple[str, int]] = field(default_factory=list)
    added: int = 0
    unchanged: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, row: Parsed, name: str, message: str, **params: object) -> None:
        """Note what is wrong with a row."""
        value = str(row.values.get(name, ""))[:100]
        self.problems.append(
            {"row": row.number, "field": name, "value": value, "message": message, "params": dict(params)}
        )


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file: its fields, what it is for, and what takes its rows in."""

    name: str
    help: str
    fields: Callable[[ZoneInfo], Sequence[Field]]
    take: Callable[[Work, Sequence[Parsed]], Taken]
    wide: str | None = None
