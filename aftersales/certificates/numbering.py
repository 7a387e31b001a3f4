"""Numbers without gaps: given out in the transaction of the paper they number, so that a failed one leaves none."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.dialects import postgresql, sqlite

from aftersales.certificates.rules import number_text
from aftersales.models import NumberSeries, Organization
from aftersales.work import Work


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a series, apart and as printed."""

    series: str
    year: int
    sequence: int

    def __str__(self) -> str:
        return number_text(self.series, self.year, self.sequence)


def allocate(work: Work, series: str, *, issuer_id: int | None = None, at: datetime | None = None) -> Number:
    """Give out the next number of an issuer's series in the year of its calendar.

    One guarded statement moves the series' row and keeps it locked until the transaction ends, so others queue behind.

    :param series: short capital letters, such as ``SC``.
    :param issuer_id: the organisation; the actor's by default.
    :raises Forbidden: there is no issuer: the actor has no organisation.
    """
    issuer = work.session.get_one(Organization, issuer_id or work.actor.organization)
    year = (at or work.now).astimezone(ZoneInfo(issuer.time_zone)).year
    insert = postgresql.insert if work.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    first = insert(NumberSeries).values(organization_id=issuer.id, name=series, year=year, last=1)
    statement = first.on_conflict_do_update(
        index_elements=[NumberSeries.organization_id, NumberSeries.name, NumberSeries.year],
        set_={"last": NumberSeries.last + 1},
    ).returning(NumberSeries.last)
    return Number(series, year, work.session.execute(statement).scalar_one())


def next_number(work: Work, series: str, *, issuer_id: int | None = None, at: datetime | None = None) -> str:
    """Give out the next number as it is printed, such as ``SO-2026-00017``; see :func:`allocate`."""
    return str(allocate(work, series, issuer_id=issuer_id, at=at))
