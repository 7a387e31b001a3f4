"""Signing in and out, the one-time links, and the forgotten password."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, render_template, request, session
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from aftersales.access import STRANGER
from aftersales.models import User
from aftersales.people import queries, service
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.auth import SESSION_KEY
from api.errors import speak
from api.http import reading, transaction
from api.pages.forms import Done, done, form_state, load_form, posted
from api.pages.language import local_path
from api.schemas.sign_in import ForgotBody, NewPasswordBody, SignInBody

pages = Blueprint("sign_in_pages", __name__)
REFUSED = N_("E-mail address or password is not right, or there were too many tries")


@pages.get("/sign-in")
@auth.public
def show_sign_in() -> ResponseReturnValue:
    """Ask for e-mail address and password."""
    with reading() as work:
        samples = queries.sample_sign_ins(work)
        return render_template(
            "people/sign_in.html",
            samples=samples,
            next=local_path(request.values.get("next")),
            email=request.args.get("email", "")[:254],
        )


@pages.post("/sign-in")
@auth.public
def sign_in() -> ResponseReturnValue:
    """Sign in; whatever is wrong is answered in the same words."""
    try:
        form = load_form(SignInBody)
    except ValidationError:
        form = None
    user = _check(form) if form else None
    if form is None or user is None:
        state = form_state()
        state.refused, state.general = True, [speak().gettext(REFUSED)]
        state.values.add("email", request.form.get("email", "")[:254])
        page = make_response(show_sign_in())
        page.status_code = 422
        return page
    _begin(user)
    return Response(status=303, headers={"Location": local_path(form.get("next"))})


def _check(form: dict[str, Any]) -> User | None:
    """Check the credentials; a failure is counted, so this is a transaction of its own that always commits."""
    address = request.remote_addr or ""
    with auth.workshop().transaction(STRANGER) as work:
        return service.check_credentials(work, email=form["email"], password=form["password"], address=address)


def _begin(user: User) -> None:
    """End the session there was, if any, and begin a fresh one under a fresh token."""
    if auth.actor().session_hash is not None:
        with transaction() as work:
            service.sign_out(work)
    with auth.workshop().reading(STRANGER) as work:
        actor = queries.actor_for(work, user)
    with auth.workshop().transaction(actor) as work:
        token = service.open_session(work, work.session.get_one(User, user.id))
    session.clear()
    session[SESSION_KEY] = token
    session.permanent = True


@pages.post("/sign-out")
@auth.public
def sign_out() -> ResponseReturnValue:
    """End the session, here and in the database."""
    if auth.actor().session_hash is not None:
        with transaction() as work:
            service.sign_out(work)
    session.clear()
    flash(speak().gettext(N_("You are signed out")))
    return Response(status=303, headers={"Location": "/sign-in"})


@pages.get("/link/<token>")
@auth.public
def show_link(token: str) -> ResponseReturnValue:
    """Ask for the password that an invitation or reset link sets."""
    return render_template("people/link.html", token=token)


@pages.post("/link/<token>")
@auth.public
@posted(NewPasswordBody, again=show_link)
def use_link(work: Work, form: dict[str, Any], token: str) -> Done:
    """Set the password; the link is then used up."""
    service.use_link(work, token, form["password"])
    return done("/sign-in", N_("Your password is set. Sign in with it."))


@pages.get("/forgot-password")
@auth.public
def show_forgot() -> ResponseReturnValue:
    """Ask for the e-mail address to send a link to."""
    return render_template("people/forgot.html")


@pages.post("/forgot-password")
@auth.public
@posted(ForgotBody, again=show_forgot)
def forgot(work: Work, form: dict[str, Any]) -> Done:
    """Answer the same for every address; a link goes out when there is such a user."""
    service.ask_reset(work, email=form["email"], address=request.remote_addr or "")
    return done(
        "/sign-in",
        N_("If this address belongs to a user, a link to set a new password is on its way. It works for two hours."),
    )
