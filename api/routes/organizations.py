"""One's own organisation and its sites."""

from typing import Any

from aftersales.models import Organization, Site
from aftersales.people import organizations
from aftersales.work import Work
from api.http import Paged, Room
from api.schemas.organizations import OrganizationAnswer, OrganizationChangeBody, SiteAnswer, SiteBody

room = Room("organizations", __name__, "Your organisation and its sites")


@room.reads("/organization", answer=OrganizationAnswer)
def get_organization(work: Work) -> Organization:
    """Show your organisation."""
    return organizations.own(work)


@room.writes("PATCH", "/organization", body=OrganizationChangeBody, answer=OrganizationAnswer, versioned=True)
def change_organization(work: Work, body: dict[str, Any], expected_version: int) -> Organization:
    """Change address, language, time zone or currency of your organisation."""
    return organizations.change(work, expected_version=expected_version, **body)


@room.reads("/sites", answer=SiteAnswer, listed=True)
def list_sites(work: Work) -> Paged:
    """List the sites of your organisation."""
    return Paged(organizations.sites(work), None)


@room.writes("POST", "/sites", body=SiteBody, answer=SiteAnswer, status=201)
def create_site(work: Work, body: dict[str, Any]) -> Site:
    """Add a site."""
    return organizations.add_site(work, **body)


@room.writes("DELETE", "/sites/<id:site_id>", answer=SiteAnswer, versioned=True)
def end_site(work: Work, site_id: int, expected_version: int) -> Site:
    """End a site; what stood there keeps it in its history."""
    return organizations.end_site(work, site_id, expected_version=expected_version)
