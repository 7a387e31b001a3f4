"""Fields and schemas every room builds on: strict in JSON, lenient for the text of forms and query strings."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

import orjson
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from aftersales.translate import LANGUAGES

BIGGEST = 2**53 - 1
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
LOCAL_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
DECIMAL_PATTERN = r"^-?[0-9]{1,%d}(\.[0-9]{1,%d})?$"
PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)

_textual: ContextVar[bool] = ContextVar("textual", default=False)


@contextmanager
def textual() -> Iterator[None]:
    """Within the block numbers and truth values may come as text, as in forms and query strings."""
    token = _textual.set(True)
    try:
        yield
    finally:
        _textual.reset(token)


class Int(fields.Integer):
    """A whole number between limits; in JSON a number, not text."""

    def __init__(self, *, low: int = 0, high: int = BIGGEST, example: int = 1, **kwargs: Any) -> None:
        kwargs.setdefault("metadata", {}).setdefault("example", example)
        super().__init__(strict=True, validate=validate.Range(low, high), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not _textual.get() and (isinstance(value, bool) or not isinstance(value, int)):
            raise self.make_error("invalid")
        if isinstance(value, str):
            if not re.fullmatch(r"-?[0-9]{1,18}", value.strip(), re.ASCII):
                raise self.make_error("invalid")
            value = int(value)
        return super()._deserialize(value, attr, data, **kwargs)


class Id(Int):
    """The number of an object."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(low=1, **kwargs)


class Bool(fields.Boolean):
    """True or false; a form's checkbox is true when it is there."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("metadata", {}).setdefault("example", True)
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not _textual.get() and not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


class Text(fields.String):
    """Text without control characters, trimmed, of limited length."""

    def __init__(self, *, high: int = 200, low: int = 0, example: str = "text", **kwargs: Any) -> None:
        kwargs.setdefault("metadata", {}).setdefault("example", example)
        super().__init__(validate=validate.Length(low, high), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if isinstance(text, str):
            text = text.replace("\r\n", "\n").replace("\r", "\n")
            if CONTROL.search(text):
                raise ValidationError("Control characters are not allowed.")
            text = text.strip()
        return text


class Exact(fields.Decimal):
    """An exact number; a string in JSON. ``places`` after the point, ``digits`` before it."""

    def __init__(
        self, *, places: int = 3, digits: int = 12, low: str | None = "0", example: str = "1.5", **kwargs: Any
    ) -> None:
        pattern = DECIMAL_PATTERN % (digits, places)
        if low is not None and Decimal(low) >= 0:
            pattern = pattern.replace("-?", "")
        kwargs.setdefault("metadata", {}).update(
            {"pattern": pattern, "example": kwargs.get("metadata", {}).get("example", example)}
        )
        self.pattern = re.compile(pattern, re.ASCII)
        self.after_point, self.before_point = places, digits
        self.low = None if low is None else Decimal(low)
        super().__init__(as_string=True, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise ValidationError('Give the number as text, such as "12.5".')
        if _textual.get():
            value = value.strip().replace(",", ".")
        if not self.pattern.fullmatch(value):
            raise self._what_is_wrong(value)
        try:
            number = Decimal(value)
        except InvalidOperation as error:
            raise self.make_error("invalid") from error
        if self.low is not None and number < self.low:
            raise ValidationError(f"Must be at least {self.low}.")
        return number

    def _what_is_wrong(self, value: str) -> ValidationError:
        """A number beside the pattern is too small, too large or too fine; anything else is no number."""
        if not PLAIN_NUMBER.fullmatch(value):
            return self.make_error("invalid")
        whole, _, fraction = value.lstrip("-").partition(".")
        if self.low is not None and Decimal(value) < self.low:
            return ValidationError(f"Must be at least {self.low}.")
        if len(whole) > self.before_point:
            return ValidationError(f"At most {self.before_point} digits before the point.")
        return ValidationError(
            f"At most {self.after_point} digits after the point." if fraction else "Not a valid number."
        )

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        text = format(Decimal(value), "f")
        # one number, one text: what was just written and what is read back must not differ by zeros
        return text.rstrip("0").rstrip(".") if "." in text else text


class Moment(fields.AwareDateTime):
    """A moment with its zone (RFC 3339); in a form the browser's local minute, taken as the user's own zone."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("metadata", {}).setdefault("example", "2026-03-01T12:00:00Z")
        super().__init__(format="iso", default_timezone=UTC, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        good = isinstance(value, str) and (
            MOMENT.fullmatch(value) or (_textual.get() and LOCAL_MOMENT.fullmatch(value))
        )
        if not good:
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        moment = super()._deserialize(value.upper(), attr, data, **kwargs)
        try:
            inside = EARLIEST <= moment < LATEST
        except OverflowError:
            inside = False
        if not inside:
            raise ValidationError("Must lie between 1970 and 2199.")
        return moment


class Day(fields.Date):
    """A calendar day."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("metadata", {}).setdefault("example", "2026-03-01")
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, str) or not DAY.fullmatch(value):
            raise self.make_error("invalid", input=value, obj_type=self.OBJ_TYPE)
        day = super()._deserialize(value, attr, data, **kwargs)
        if isinstance(day, date) and not EARLIEST.date() <= day < LATEST.date():
            raise ValidationError("Must lie between 1970 and 2199.")
        return day


class Choice(fields.Enum[StrEnum]):
    """One of an enumeration's words."""

    def __init__(self, kind: type[StrEnum], **kwargs: Any) -> None:
        kwargs.setdefault("metadata", {}).setdefault("example", next(iter(kind)).value)
        super().__init__(kind, by_value=fields.String(), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise ValidationError("Give one of the listed words.")
        return super()._deserialize(value, attr, data, **kwargs)


class Language(Text):
    """One of the product's languages."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(high=5, example="en", **kwargs)
        self.validators = [validate.OneOf(LANGUAGES)]


class Cursor(fields.Field[Any]):
    """Where a list goes on: the key of the last row seen, opaque to clients."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"type": "string", "pattern": "^[0-9a-f]{2,400}$"}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        try:
            return cursor_value(str(value))
        except ValueError as error:
            raise ValidationError("Not a cursor of this list.") from error


def cursor_of(key: object) -> str:
    """Return the opaque cursor of a row's key (a number, a text or a list of them)."""
    return orjson.dumps(key).hex()


def cursor_value(text: str) -> Any:
    """Return the key in a cursor.

    :raises ValueError: when it is none.
    """
    if len(text) > 400:
        raise ValueError("too long")
    value = orjson.loads(bytes.fromhex(text))
    if isinstance(value, bool) or not isinstance(value, int | str | list):
        raise ValueError("not a key")
    return value


class Body(Schema):
    """What a client sends; unknown fields are refused."""

    class Meta:
        """Refuse unknown fields and say so in the description."""

        unknown = RAISE


class Answer(Schema):
    """What a client gets."""

    class Meta:
        """Nothing is loaded by it."""

        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Promise no limits: those are for what comes in."""
        field_obj.validators = []


class Query(Schema):
    """What a client asks in the query string; unknown names are refused."""

    class Meta:
        """Refuse unknown names."""

        unknown = RAISE


class PageQuery(Query):
    """How much of a list, and from where on."""

    after = Cursor(load_default=None)
    limit = Int(low=1, high=200, load_default=50, example=50)


class NumberCursor(Cursor):
    """Where a list that goes by number goes on."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        number = super()._deserialize(value, attr, data, **kwargs)
        if not isinstance(number, int) or not 0 <= number < 2**63:
            raise ValidationError("Not a cursor of this list.")
        return number


class NumberPageQuery(PageQuery):
    """How much of a list that goes by number, and from where on."""

    after = NumberCursor(load_default=None)


class Empty(Body):
    """A request without content."""


class ProblemItem(Answer):
    """One thing wrong with a request."""

    field = fields.String(metadata={"example": "quantity"})
    message = fields.String(metadata={"example": "Not a valid number."})
    row = fields.Integer(metadata={"example": 3})


class Problem(Answer):
    """An error (RFC 9457)."""

    type = fields.String(metadata={"example": "about:blank"})
    title = fields.String(metadata={"example": "Unprocessable Content"})
    status = fields.Integer(metadata={"example": 422})
    code = fields.String(metadata={"example": "invalid"})
    detail = fields.String(metadata={"example": "The request is not as described."})
    errors = fields.List(fields.Dict(keys=fields.String()), metadata={"example": [{"field": "quantity"}]})


def example_of(schema: type[Schema] | Schema) -> dict[str, Any]:
    """Return an example object of a schema, from its fields' examples."""
    instance = schema if isinstance(schema, Schema) else schema()
    return {name: _example(field) for name, field in instance.fields.items()}


def _example(field: fields.Field[Any]) -> Any:
    if "example" in field.metadata:
        return field.metadata["example"]
    if isinstance(field, fields.Nested):
        inner = example_of(field.schema)
        return [inner] if field.many else inner
    if isinstance(field, fields.List):
        return [_example(field.inner)]
    if isinstance(field, fields.Mapping):
        return {}
    return "text"
