"""The wire form of a bulk of readings, decoded by msgspec; a bad row is named, the others go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from aftersales.errors import Invalid
from aftersales.translate import N_
from aftersales.vocabulary import MeterKind

MAX_ROWS = 20_000


class ReadingRow(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One reading handed in: the machine by our id or by its serial number, and what its meter showed.

    ``manufacturer_id`` narrows a serial number that several manufacturers use.
    """

    at: Annotated[datetime, msgspec.Meta(tz=True)]
    display: Decimal
    machine_id: Annotated[int, msgspec.Meta(ge=1, le=2**53)] | None = None
    serial_number: Annotated[str, msgspec.Meta(min_length=1, max_length=80)] | None = None
    manufacturer_id: Annotated[int, msgspec.Meta(ge=1, le=2**53)] | None = None
    kind: MeterKind = MeterKind.HOURS
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no reading at all, and what is wrong with it."""

    problem: str


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    readings: list[msgspec.Raw]


class _Body(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    readings: list[ReadingRow]


_BODY = msgspec.json.Decoder(_Body)
_ENVELOPE = msgspec.json.Decoder(_Envelope)
_ROW = msgspec.json.Decoder(ReadingRow)


def decode(body: bytes) -> Sequence[ReadingRow | BadRow]:
    """Return the rows of ``{"readings": […]}``, in the order given.

    :raises Invalid: when the body is not of that form, or holds more than :data:`MAX_ROWS`.
    """
    try:
        rows: Sequence[ReadingRow | BadRow] = _BODY.decode(body).readings
    except (msgspec.ValidationError, UnicodeDecodeError):
        rows = [_one(raw) for raw in _raw(body)]
    except msgspec.DecodeError as error:
        raise Invalid(N_("This is not JSON: %(problem)s"), code="not_json", problem=str(error)) from error
    if len(rows) > MAX_ROWS:
        raise Invalid(
            N_("At most %(limit)s readings a call, not %(count)s"), code="too_many", limit=MAX_ROWS, count=len(rows)
        )
    return rows


def _raw(body: bytes) -> list[msgspec.Raw]:
    try:
        return _ENVELOPE.decode(body).readings
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(
            N_('The body must be {"readings": […]}: %(problem)s'), code="invalid", problem=str(error)
        ) from error


def _one(raw: msgspec.Raw) -> ReadingRow | BadRow:
    try:
        return _ROW.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return BadRow(str(error))
