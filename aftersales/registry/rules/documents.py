"""Documents: what a file really is, and which serial numbers a document applies to."""

import re

from aftersales.errors import Invalid
from aftersales.translate import N_

LARGEST = 50 * 1024 * 1024

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
)

KINDS = (
    "manual",
    "maintenance",
    "parts",
    "declaration",
    "certificate",
    "drawing",
    "circuit_diagram",
    "test_report",
    "safety",
    "software",
    "photo",
    "other",
)


def media_type(content: bytes) -> str:
    """Return the media type that a file's first bytes show; its name and what the sender says are not trusted.

    :raises Invalid: it is empty, too large, or not a PDF, PNG or JPEG.
    """
    if not content:
        raise Invalid(N_("The file is empty"), code="file_empty")
    if len(content) > LARGEST:
        raise Invalid(
            N_("The file has %(size)s bytes; at most %(limit)s are taken"),
            size=len(content),
            limit=LARGEST,
            code="file_too_large",
        )
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            return kind
    raise Invalid(N_("Only PDF, PNG and JPEG files are taken"), code="file_type")


def serial_key(serial: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key that orders serial numbers as people do: ``K9`` before ``K10``."""
    return tuple(
        (0, int(piece), "") if piece.isdecimal() else (1, 0, piece.casefold())
        for piece in re.findall(r"[0-9]+|[^0-9]+", serial)
    )


def in_range(serial: str, first: str | None, last: str | None) -> bool:
    """Tell whether a serial number lies in a range, both ends included; an empty end does not bind."""
    key = serial_key(serial)
    return (not first or serial_key(first) <= key) and (not last or key <= serial_key(last))


def check_range(first: str | None, last: str | None) -> None:
    """Let a serial range stand when it is in order.

    :raises Invalid: its first number comes after its last.
    """
    if first and last and serial_key(first) > serial_key(last):
        raise Invalid(
            N_("The serial range is empty: %(first)s comes after %(last)s"), first=first, last=last, code="range_empty"
        )
