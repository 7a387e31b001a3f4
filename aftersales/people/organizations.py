"""The actor's own organisation and its sites."""

import re
import zoneinfo
from typing import Any

from sqlalchemy import select

from aftersales import visibility
from aftersales.access import Permission, expect, require
from aftersales.errors import Invalid
from aftersales.models import Organization, Site
from aftersales.translate import LANGUAGES, N_
from aftersales.work import Work

CURRENCY = re.compile("[A-Z]{3}")
CHANGEABLE = frozenset({"address", "email", "language", "time_zone", "currency"})


def own(work: Work) -> Organization:
    """Return the actor's organisation."""
    return visibility.get(work.session, Organization, work.actor.organization)


def zones() -> list[str]:
    """Return the names of the time zones to choose from: places, and UTC."""
    names = (
        name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/"))
    )
    return ["UTC", *sorted(names)]


def check_zone(name: str) -> str:
    """Return the name of a time zone that exists.

    :raises Invalid: otherwise.
    """
    if name not in zoneinfo.available_timezones():
        raise Invalid(
            N_("%(zone)s is not a time zone, such as Europe/Zagreb"),
            zone=name,
            errors=[{"field": "time_zone", "message": N_("Choose a time zone, such as Europe/Zagreb")}],
        )
    return name


def change(work: Work, *, expected_version: int | None = None, **fields: Any) -> Organization:
    """Change address, e-mail, language, time zone or currency of the actor's organisation.

    :raises Invalid: for a language or time zone there is not.
    """
    require(work.actor, Permission.PEOPLE_MANAGE)
    row = own(work)
    expect(row.version, expected_version)
    if "time_zone" in fields:
        check_zone(fields["time_zone"])
    if fields.get("language", "en") not in LANGUAGES:
        raise Invalid(N_("%(language)s is not one of the product's languages"), language=fields["language"])
    if not CURRENCY.fullmatch(fields.get("currency", "EUR")):
        raise Invalid(
            N_("%(currency)s is not a currency code, such as EUR"),
            currency=fields["currency"],
            errors=[{"field": "currency", "message": N_("Give the three letters of a currency, such as EUR")}],
        )
    for name in CHANGEABLE.intersection(fields):
        setattr(row, name, fields[name])
    return row


def sites(work: Work) -> list[Site]:
    """Return the sites of the actor's organisation that have not ended, by name."""
    query = select(Site).where(Site.organization_id == work.actor.organization, Site.ended_at.is_(None))
    return list(work.session.scalars(query.order_by(Site.name, Site.id)))


def add_site(work: Work, *, name: str, time_zone: str, address: str | None = None, country: str | None = None) -> Site:
    """Add a site to the actor's organisation."""
    require(work.actor, Permission.PEOPLE_MANAGE)
    row = Site(
        organization_id=work.actor.organization,
        name=name,
        time_zone=check_zone(time_zone),
        address=address,
        country=country.upper() if country else None,
    )
    work.session.add(row)
    work.session.flush()
    return row


def end_site(work: Work, site_id: int, *, expected_version: int | None = None) -> Site:
    """End a site; machines that stand there keep it in their history."""
    require(work.actor, Permission.PEOPLE_MANAGE)
    row = visibility.get(work.session, Site, site_id, visibility.owns(work.actor, Site.organization_id))
    expect(row.version, expected_version)
    row.ended_at = row.ended_at or work.now
    return row
