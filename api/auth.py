"""Who is asking. Every view carries a rule; a view without one is refused before it runs."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask, current_app, g, request, session
from flask.typing import ResponseReturnValue

from aftersales.access import STRANGER, Actor
from aftersales.errors import Unauthenticated
from aftersales.people import service as people
from aftersales.translate import N_
from aftersales.work import Workshop

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
SESSION_KEY = "session"


class Rule(StrEnum):
    """How a view knows who is asking."""

    PUBLIC = "public"
    TOKEN = "token"  # noqa: S105 - a word, not a secret
    SESSION = "session"


def rule(kind: Rule) -> Callable[[View], View]:
    """Give a view its authentication rule."""

    def mark(view: View) -> View:
        view.auth_rule = kind  # type: ignore[attr-defined] # functions carry attributes; Callable does not say so
        return view

    return mark


public = rule(Rule.PUBLIC)
token = rule(Rule.TOKEN)
signed_in = rule(Rule.SESSION)


def rule_of(view: Callable[..., Any] | None) -> Rule | None:
    """Return a view's rule; Flask's own file view is public."""
    if getattr(view, "__name__", "") == "send_static_file" or getattr(view, "static_view", False):
        return Rule.PUBLIC
    return getattr(view, "auth_rule", None)


def workshop() -> Workshop:
    """Return the application's workshop."""
    shop = current_app.extensions["workshop"]
    assert isinstance(shop, Workshop)
    return shop


def actor() -> Actor:
    """Return who is asking."""
    found = g.get("actor", STRANGER)
    assert isinstance(found, Actor)
    return found


def by_token() -> Actor:
    """Return the actor of the request's bearer token, or the stranger when there is none.

    :raises Unauthenticated: when a token is given and it is unknown, expired or revoked.
    """
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if not kind:
        return STRANGER
    if kind.lower() == "bearer" and value:
        with workshop().reading(STRANGER) as work:
            found = people.actor_of_token(work, value.strip())
        if found is not None:
            return found
    raise Unauthenticated(N_("The token is unknown, expired or revoked"))


def by_session() -> Actor:
    """Return the actor of the request's signed-in session, or the stranger."""
    value = session.get(SESSION_KEY)
    if not isinstance(value, str):
        return STRANGER
    with workshop().reading(STRANGER) as work:
        return people.actor_of_session(work, value) or STRANGER


def identify() -> None:
    """Before each request: find out who is asking and refuse where the view's rule needs somebody."""
    if request.url_rule is None or request.endpoint is None:
        return
    kind = rule_of(current_app.view_functions.get(request.endpoint))
    if kind is None:
        raise Unauthenticated(N_("This address has no authentication rule"))
    g.actor = by_token() if request.path.startswith("/api/") else by_session()
    if kind is not Rule.PUBLIC and g.actor.user_id is None:
        raise Unauthenticated(N_("Sign in first"))


def register(app: Flask) -> None:
    """Ask who it is before every request."""
    app.before_request(identify)
