"""Colleagues: who they are, inviting them, their role, the end of their access, the erasure of their data."""

from typing import Any

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from aftersales.access import Permission, require
from aftersales.people import queries, service
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.http import paged, reading
from api.pages.forms import Done, done, load_query, posted
from api.schemas.base import PageQuery
from api.schemas.people import InvitationBody, UserChangeBody

pages = Blueprint("people_pages", __name__)


@pages.get("/people")
@auth.signed_in
def list_people() -> ResponseReturnValue:
    """List the colleagues."""
    query = load_query(PageQuery)
    with reading() as work:
        rows = queries.users(work, after=query["after"], limit=query["limit"] + 1)
        return render_template("people/list.html", page=paged(rows, query["limit"]))


@pages.get("/people/new")
@auth.signed_in
def show_invitation() -> ResponseReturnValue:
    """Ask whom to invite."""
    with reading() as work:
        require(work.actor, Permission.PEOPLE_MANAGE)
    return render_template("people/invite.html")


@pages.post("/people/new")
@auth.signed_in
@posted(InvitationBody, again=show_invitation)
def invite(work: Work, form: dict[str, Any]) -> Done:
    """Invite a colleague: by mail where a mail server is set, else by a link to hand over."""
    user, link = service.invite(work, organization_id=work.actor.organization, **form)
    service.mail_link(work, user, link, "invitation")
    address = url_for(".show_person", user_id=user.id)
    if work.settings.smtp_url:
        return done(address, N_("The invitation to %(email)s is on its way"), email=form["email"])
    message = N_("%(name)s is invited. There is no mail server: hand this link over yourself, within seven days.")
    return done(address, message, secret=link, name=user.full_name)


@pages.get("/people/<id:user_id>")
@auth.signed_in
def show_person(user_id: int) -> ResponseReturnValue:
    """Show a colleague."""
    with reading() as work:
        return render_template("people/person.html", user=queries.user(work, user_id))


@pages.post("/people/<id:user_id>")
@auth.signed_in
@posted(UserChangeBody, again=show_person, versioned=True)
def change_person(work: Work, form: dict[str, Any], user_id: int, expected_version: int | None) -> Done:
    """Change a colleague's role, or end or re-open their access."""
    user = service.change_user(work, user_id, expected_version=expected_version, **form)
    return done(url_for(".show_person", user_id=user_id), N_("Changed: %(name)s"), name=user.full_name)


@pages.post("/people/<id:user_id>/link")
@auth.signed_in
@posted(None, again=show_person)
def renew_link(work: Work, form: dict[str, Any], user_id: int) -> Done:
    """Make a fresh link by which the colleague sets a password."""
    user, link = service.renew_link(work, user_id)
    address = url_for(".show_person", user_id=user_id)
    if work.settings.smtp_url:
        return done(address, N_("A link is on its way to %(email)s"), email=user.email)
    return done(address, N_("Hand this link to %(name)s yourself"), secret=link, name=user.full_name)


@pages.post("/people/<id:user_id>/erasure")
@auth.signed_in
@posted(None, again=show_person, versioned=True)
def erase_person(work: Work, form: dict[str, Any], user_id: int, expected_version: int | None) -> Done:
    """Erase a colleague's name, address and telephone; what they did stays under a number."""
    service.erase(work, user_id, expected_version)
    return done(url_for(".list_people"), N_("The personal data are erased"))
