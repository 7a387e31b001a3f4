"""From a file's own columns to the fields of an import, and from text to values."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from aftersales.errors import Invalid
from aftersales.formats.tables import Row, Table
from aftersales.translate import N_

Problem = dict[str, Any]
"""What is wrong with a row: ``row``, ``field``, ``value``, ``message`` and its ``params``."""

AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
MONTH = re.compile(r"(\d{4})-(\d{2})(-01([ T]00:00(:00)?)?)?", re.ASCII)
TRUE, FALSE = {"1", "true", "yes", "y", "x"}, {"0", "false", "no", "n", ""}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an import: how its text is read, and what it is when the cell is empty."""

    name: str
    read: Callable[[str], Any]
    required: bool = False
    default: Any = None
    help: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a field comes from: a column, or the same value for every row; ``values`` translates words."""

    column: str | None = None
    value: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)

    def text(self, row: Row) -> str:
        """Return the field's text in a row."""
        found = row.cells.get(self.column, "") if self.column is not None else (self.value or "")
        return self.values.get(found, found)


Mapped = Mapping[str, Source]


def mapping_of(fields: Sequence[Field], table: Table, given: Mapping[str, Source]) -> Mapped:
    """Return where each field comes from: as given, else the column of the same name.

    :raises Invalid: for a field or column that does not exist, or a required field with no source.
    """
    names = {one.name for one in fields}
    for name, source in given.items():
        if name not in names:
            raise Invalid(
                N_("There is no field %(field)s; there are: %(fields)s"), field=name, fields=", ".join(sorted(names))
            )
        if source.column is not None and source.column not in table.columns:
            raise Invalid(
                N_("The file has no column %(column)s; it has: %(columns)s"),
                column=source.column,
                columns=", ".join(table.columns),
            )
    found = {one.name: Source(column=one.name) for one in fields if one.name in table.columns} | dict(given)
    missing = [one.name for one in fields if one.required and one.name not in found]
    if missing:
        raise Invalid(
            N_("No column for %(fields)s; name it with --map %(first)s=COLUMN. The file has: %(columns)s"),
            fields=", ".join(missing),
            first=missing[0],
            columns=", ".join(table.columns),
        )
    return found


def mapping_from(content: Mapping[str, Any]) -> dict[str, Source]:
    """Return the sources in a mapping file: ``{"field": "column"}`` or ``{"field": {"column"|"value", "values"}}``.

    ``values`` alone translates the words of the column that is named as the field.

    :raises Invalid: for anything else.
    """
    sources: dict[str, Source] = {}
    for name, entry in content.items():
        if isinstance(entry, str):
            sources[name] = Source(column=entry)
            continue
        known = isinstance(entry, Mapping) and set(entry) <= {"column", "value", "values"}
        if not known or not entry or {"column", "value"} <= set(entry):
            raise Invalid(N_("The mapping of %(field)s names neither a column nor a value"), field=name)
        words = entry.get("values", {})
        if not isinstance(words, Mapping):
            raise Invalid(N_("The values of %(field)s are not a table of words"), field=name)
        table = {str(key): str(word) for key, word in words.items()}
        if "value" in entry:
            sources[name] = Source(value=str(entry["value"]), values=table)
        else:
            sources[name] = Source(column=str(entry.get("column", name)), values=table)
    return sources


def values_of(fields: Sequence[Field], mapped: Mapped, row: Row) -> tuple[dict[str, Any], list[Problem]]:
    """Return a row's values by field, and what is wrong with it."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for one in fields:
        source = mapped.get(one.name)
        text = source.text(row) if source else ""
        if not text:
            values[one.name] = one.default
            if one.required:
                problems.append(_problem(row, one, text, N_("This is missing")))
            continue
        try:
            values[one.name] = one.read(text)
        except Invalid as error:
            problems.append(_problem(row, one, text, error.message, **error.params))
    return values, problems


def _problem(row: Row, one: Field, text: str, message: str, **params: object) -> Problem:
    name = row.labels.get(one.name, one.name)
    return {"row": row.number, "field": name, "value": text[:100], "message": message, "params": params}


def words(limit: int = 200) -> Callable[[str], str]:
    """Read text of at most ``limit`` characters."""

    def read(text: str) -> str:
        if len(text) > limit:
            raise Invalid(N_("Longer than %(limit)s characters"), limit=limit)
        return text

    return read


def number(places: int = 3, *, low: Decimal | None = Decimal(0)) -> Callable[[str], Decimal]:
    """Read an exact number with at most ``places`` decimal places, not below ``low``; point or comma before them.

    A comma before exactly three digits is refused: nobody can tell a thousand from a fraction.
    """

    def read(text: str) -> Decimal:
        if not NUMBER.fullmatch(text):
            raise Invalid(N_("Not a number"))
        if AMBIGUOUS.fullmatch(text):
            raise Invalid(N_("The comma may part thousands or decimals; write it with a point, or without"))
        value = Decimal(text.replace(",", "."))
        if abs(value) >= Decimal(10) ** 12:
            raise Invalid(N_("Too large a number to be kept"))
        if low is not None and value < low:
            raise Invalid(N_("Below %(low)s"), low=low)
        if value != round(value, places):
            raise Invalid(N_("More than %(places)s decimal places"), places=places)
        return value

    return read


def whole(low: int = 0, high: int = 10**9) -> Callable[[str], int]:
    """Read a whole number between two limits."""

    def read(text: str) -> int:
        value = number(6, low=None)(text)
        if value != int(value):
            raise Invalid(N_("Not a whole number"))
        if not low <= value <= high:
            raise Invalid(N_("Not between %(low)s and %(high)s"), low=low, high=high)
        return int(value)

    return read


def truth(text: str) -> bool:
    """Read yes or no."""
    if text.casefold() in TRUE:
        return True
    if text.casefold() in FALSE:
        return False
    raise Invalid(N_("Neither yes nor no"))


def moment(zone: ZoneInfo) -> Callable[[str], datetime]:
    """Read a moment in ISO form; without a zone of its own it is taken in ``zone``."""

    def read(text: str) -> datetime:
        try:
            value = datetime.fromisoformat(text)
        except ValueError as error:
            raise Invalid(N_("Not a date and time such as 2026-03-01 08:30")) from error
        if not 1970 <= value.year < 2200:
            raise Invalid(N_("Not between 1970 and 2199"))
        return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)

    return read


def day(text: str) -> date:
    """Read a calendar day in ISO form; a time of day behind it, as spreadsheets write it, is passed over."""
    try:
        value = datetime.fromisoformat(text).date()
    except ValueError as error:
        raise Invalid(N_("Not a date such as 2026-03-01")) from error
    if not 1970 <= value.year < 2200:
        raise Invalid(N_("Not between 1970 and 2199"))
    return value


def month(text: str) -> date:
    """Read a month as its first day: ``2026-03``, or the first of the month as a date."""
    found = MONTH.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= 12:
        raise Invalid(N_("Not a month such as 2026-03"))
    if not 1970 <= int(found[1]) < 2200:
        raise Invalid(N_("Not between 1970 and 2199"))
    return date(int(found[1]), int(found[2]), 1)


def choice(kind: type[Any]) -> Callable[[str], Any]:
    """Read one of an enumeration's words, in capitals or not."""
    words = {str(one.value).casefold(): one for one in kind}

    def read(text: str) -> Any:
        if text.casefold() not in words:
            raise Invalid(N_("None of: %(words)s"), words=", ".join(str(one.value) for one in kind))
        return words[text.casefold()]

    return read
