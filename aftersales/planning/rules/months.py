"""Calendar months as planning uses them: a month is its first day in Python and ``2026-03`` in a panel."""

import re
from datetime import date, datetime, time
from math import ceil
from zoneinfo import ZoneInfo

from aftersales.errors import Invalid
from aftersales.translate import N_

DAYS_IN_MONTH = 365.25 / 12
CUT_DAYS = 1
"""Days of a month that records may reach into it and yet have ended with the month before."""
LEAD_TIMES = (1, 2, 3, 4, 6, 9, 12, 18, 24, 36)
"""Whole months a lead time is rounded up to: parts are learned from together, so few groups are better than many."""

_LABEL = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


def month_of(day: date) -> date:
    """Return the first day of a day's month."""
    return date(day.year, day.month, 1)


def plus(month: date, count: int) -> date:
    """Return the month so many months later (or, below zero, earlier)."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def between(first: date, last: date) -> int:
    """Return how many months ``last`` lies after ``first``."""
    return (last.year - first.year) * 12 + last.month - first.month


def label(month: date) -> str:
    """Return a month as a panel heads its columns: ``2026-03``."""
    return f"{month.year:04d}-{month.month:02d}"


def parse(text: str) -> date:
    """Read a month written ``2026-03``.

    :raises Invalid: for anything else.
    """
    found = _LABEL.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= 12 or not 1970 <= int(found[1]) < 2200:
        message = N_("'%(text)s' is not a month; write it as 2026-03")
        raise Invalid(message, errors=[{"field": "origin", "message": "write it as 2026-03"}], text=text)
    return date(int(found[1]), int(found[2]), 1)


def begins_at(month: date, time_zone: str) -> datetime:
    """Return the moment a month begins in a time zone."""
    return datetime.combine(month, time(), ZoneInfo(time_zone))


def lead_time_in_months(days: int) -> int:
    """Return a lead time as whole months, rounded up to one of :data:`LEAD_TIMES`, at least one."""
    months = ceil(days / DAYS_IN_MONTH)
    return next((known for known in LEAD_TIMES if known >= months), LEAD_TIMES[-1])


def origin_of(today: date, last_event: date | None, last_imported: date | None, silence: int) -> date:
    """Return the first month to forecast.

    That is the current month, which has only begun, as long as the organisation's records go on. Where nothing at all
    was recorded for more than ``silence`` months the records have ended, not the demand: the month after the last one.
    Records cut at the end of a month often carry the first hours of the next: that one is no month of records.

    :param last_event: the last day on which anything was recorded; ``None`` when nothing ever was.
    :param last_imported: the last month of imported demand.
    """
    current = month_of(today)
    ends = [plus(month_of(last_event), 1 if last_event.day > CUT_DAYS else 0)] if last_event else []
    ends += [plus(last_imported, 1)] if last_imported else []
    if not ends:
        return current
    return current if between(max(ends), current) <= silence else max(ends)
