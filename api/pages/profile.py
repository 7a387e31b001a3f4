"""One's own profile: language, password, API tokens."""

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from aftersales.models import User
from aftersales.people import organizations, queries, service
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.http import reading
from api.pages.forms import Done, done, posted
from api.schemas.sign_in import OwnTokenBody, PasswordChangeBody

pages = Blueprint("profile_pages", __name__)


@pages.get("/profile")
@auth.signed_in
def show_profile() -> ResponseReturnValue:
    """Show what is kept about the user, and let them change it."""
    with reading() as work:
        return render_template(
            "people/profile.html",
            user=work.session.get_one(User, work.actor.user_id),
            organization=organizations.own(work),
            tokens=queries.tokens(work),
            scope_options=[(scope.value, scope.value) for scope in sorted(work.actor.permissions)],
            now=work.now,
        )


@pages.post("/profile/password")
@auth.signed_in
@posted(PasswordChangeBody, again=show_profile)
def change_password(work: Work, form: dict[str, Any]) -> Done:
    """Change the password; every other session ends."""
    service.change_password(work, old=form["old_password"], new=form["new_password"])
    return done("/profile", N_("Your password is changed; other devices are signed out"))


@pages.post("/profile/tokens")
@auth.signed_in
@posted(OwnTokenBody, again=show_profile)
def create_token(work: Work, form: dict[str, Any]) -> Done:
    """Make an API token and show it, this once."""
    row, secret = service.create_own_token(work, **form)
    return done("/profile", N_("The token “%(name)s” is made"), secret=secret, name=row.name)


@pages.post("/profile/tokens/<id:token_id>/revocation")
@auth.signed_in
@posted(None, again=lambda token_id: show_profile())
def revoke_token(work: Work, form: dict[str, Any], token_id: int) -> Done:
    """Revoke a token; programs that use it are shut out at once."""
    row = service.revoke_token(work, token_id)
    return done("/profile", N_("The token “%(name)s” is revoked"), name=row.name)
