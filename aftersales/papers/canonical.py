"""Frozen content as plain JSON-able values, and the one hash of it.

The hash is SHA-256 over canonical JSON: keys sorted, no spaces, UTF-8. Exact numbers and moments are strings, so no
float can make the same content hash differently.
"""

import datetime as dt
import hashlib
import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, ClassVar, Self, Union, get_args, get_origin, get_type_hints


def canonical_json(content: Mapping[str, object]) -> bytes:
    """The one byte form of some content.

    :raises TypeError: it holds a float or something else JSON cannot say exactly.
    """
    _refuse_floats(content)
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def content_hash(content: Mapping[str, object]) -> str:
    """SHA-256 of the canonical JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(content)).hexdigest()


def _refuse_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError(f"a float has no exact form: {value!r}")
    if isinstance(value, Mapping):
        for item in value.values():
            _refuse_floats(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _refuse_floats(item)


class Frozen:
    """What every content dataclass can do: become a plain dict, come back from one, and be hashed."""

    unhashed: ClassVar[tuple[str, ...]] = ()

    def to_dict(self) -> dict[str, Any]:
        """The content as JSON-able values."""
        return {item.name: _plain(getattr(self, item.name)) for item in fields(self)}  # type: ignore[arg-type] # subclasses are dataclasses

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The content again from :meth:`to_dict`; keys that are not there keep their defaults.

        :raises TypeError: a needed key is missing or an unknown one is there.
        """
        kind: Any = cls  # a class is hashable, which mypy doubts
        hints = _hints(kind)
        unknown = sorted(set(data) - set(hints))
        if unknown:
            raise TypeError(f"{cls.__name__} has no {', '.join(unknown)}")
        return cls(**{name: _rebuilt(hints[name], value) for name, value in data.items()})

    def content_hash(self) -> str:
        """Hash of the content, without what may be added to it later (``unhashed``)."""
        return content_hash({key: value for key, value in self.to_dict().items() if key not in self.unhashed})


@cache
def _hints(kind: type[object]) -> dict[str, Any]:
    names = {item.name for item in fields(kind)}  # type: ignore[arg-type] # only dataclasses come here
    return {name: hint for name, hint in get_type_hints(kind).items() if name in names}


def _plain(value: object) -> Any:
    if isinstance(value, Frozen):
        return value.to_dict()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        return _utc(value).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value


def _utc(at: dt.datetime) -> dt.datetime:
    if at.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return at.astimezone(dt.UTC)


def _rebuilt(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        return _rebuilt(next(arg for arg in get_args(hint) if arg is not type(None)), value)
    if origin is tuple:
        return tuple(_rebuilt(get_args(hint)[0], item) for item in value)
    if is_dataclass(hint) and isinstance(hint, type) and issubclass(hint, Frozen):
        return hint.from_dict(value)
    return _READERS.get(hint, _same)(value)


def _same(value: Any) -> Any:
    return value


_READERS: Mapping[Any, Any] = {Decimal: Decimal, dt.datetime: dt.datetime.fromisoformat, dt.date: dt.date.fromisoformat}
