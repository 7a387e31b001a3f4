"""One's own organisation, its sites, and the trail of everything its people did."""

from functools import partial
from typing import Any

import orjson
from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from aftersales.people import organizations, queries
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.errors import speak
from api.http import paged, reading
from api.pages import trail_words
from api.pages.forms import Done, done, load_query, posted
from api.schemas.base import PageQuery
from api.schemas.organizations import OrganizationChangeBody, SiteBody

pages = Blueprint("organization_pages", __name__)


@pages.get("/organization")
@auth.signed_in
def show_organization() -> ResponseReturnValue:
    """Show the organisation and its sites."""
    with reading() as work:
        row, sites = organizations.own(work), organizations.sites(work)
        return render_template("people/organization.html", organization=row, sites=sites, zones=organizations.zones())


@pages.post("/organization")
@auth.signed_in
@posted(OrganizationChangeBody, again=show_organization, versioned=True)
def change_organization(work: Work, form: dict[str, Any], expected_version: int | None) -> Done:
    """Change the organisation's details."""
    organizations.change(work, expected_version=expected_version, **form)
    return done("/organization", N_("The details are changed"))


@pages.post("/organization/sites")
@auth.signed_in
@posted(SiteBody, again=show_organization)
def add_site(work: Work, form: dict[str, Any]) -> Done:
    """Add a site."""
    site = organizations.add_site(work, **form)
    return done("/organization", N_("The site %(name)s is added"), name=site.name)


@pages.post("/organization/sites/<id:site_id>/end")
@auth.signed_in
@posted(None, again=lambda site_id: show_organization(), versioned=True)
def end_site(work: Work, form: dict[str, Any], site_id: int, expected_version: int | None) -> Done:
    """End a site."""
    site = organizations.end_site(work, site_id, expected_version=expected_version)
    return done("/organization", N_("The site %(name)s has ended"), name=site.name)


@pages.get("/audit")
@auth.signed_in
def show_trail() -> ResponseReturnValue:
    """Show who changed what and when, newest first."""
    query = load_query(PageQuery)
    with reading() as work:
        rows = queries.trail(work, after=query["after"], limit=query["limit"] + 1)
        names = queries.names(work)
    page = paged(rows, query["limit"], key=lambda row: row.sequence)
    facts = {row.sequence: _facts(row.changes) for row in page.items}
    return render_template(
        "people/trail.html",
        page=page,
        names=names,
        facts=facts,
        deed=partial(trail_words.deed, speak()),
        where=trail_words.where,
    )


def _facts(changes: str) -> list[tuple[str, str, str]]:
    """Return (field, before, after) of what an entry tells."""
    content: dict[str, Any] = orjson.loads(changes or "{}")
    if not {"before", "after"} & content.keys():
        return [(name, "", _short(value)) for name, value in content.items()]
    before, after = content.get("before") or {}, content.get("after") or {}
    return [(name, _short(before.get(name)), _short(after.get(name))) for name in sorted({*before, *after})]


def _short(value: object) -> str:
    text = "" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= 120 else text[:117] + "…"
