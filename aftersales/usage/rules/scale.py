"""Exact whole numbers for moments and meter values, so that one reading and a million are judged by the same sums.

Moments are microseconds since 1970 (UTC), meter values thousandths of the meter's unit.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
HOUR = 3_600_000_000
DAY = 24 * HOUR
LARGEST = 10**12


def micros(at: datetime) -> int:
    """Return a moment with zone as microseconds since 1970."""
    return (at - EPOCH) // MICROSECOND


def moment(at: int) -> datetime:
    """Return microseconds since 1970 as a moment in UTC."""
    return EPOCH + timedelta(microseconds=at)


def thousandths(value: Decimal) -> int:
    """Return a meter value as whole thousandths.

    :raises ValueError: when it has more than three decimal places, is negative, or too large for any meter.
    """
    if not value.is_finite() or not 0 <= value < LARGEST:
        raise ValueError("a meter value lies between 0 and 999,999,999,999.999")
    scaled = value.scaleb(3)
    whole = int(scaled)
    if whole != scaled:
        raise ValueError("a meter value has at most three decimal places")
    return whole


def decimal(value: int) -> Decimal:
    """Return whole thousandths as a meter value."""
    return Decimal(value).scaleb(-3)


def said(value: int) -> str:
    """Return a meter value in figures, without zeros at the end."""
    text = format(decimal(value), "f")
    return text.rstrip("0").rstrip(".")


def said_at(at: int) -> str:
    """Return a moment as people write it, to the minute, in UTC."""
    return f"{moment(at):%Y-%m-%d %H:%M} UTC"
