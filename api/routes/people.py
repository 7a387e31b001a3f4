"""People: tokens, colleagues and the audit trail."""

from typing import Any

from flask import request

from aftersales.access import ROLE_PERMISSIONS, Actor
from aftersales.errors import Unauthenticated
from aftersales.models import ApiToken, User
from aftersales.people import queries, service
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.auth import Rule
from api.http import Paged, Room, paged
from api.schemas.base import PageQuery
from api.schemas.people import (
    InvitationBody,
    MeAnswer,
    NewTokenAnswer,
    TokenAnswer,
    TokenRequest,
    TrailEntryAnswer,
    UserAnswer,
    UserChangeBody,
)

room = Room("people", __name__, "Colleagues, tokens and the audit trail")


def credentials(body: dict[str, Any]) -> dict[str, Any]:
    """Put the user in the place of their credentials; a failure is counted in a transaction of its own.

    :raises Unauthenticated: in the same words whatever was wrong.
    """
    with auth.workshop().transaction() as work:
        user = service.check_credentials(
            work, email=body["email"], password=body["password"], address=request.remote_addr or ""
        )
    if user is None:
        raise Unauthenticated(N_("E-mail address or password is not right, or there were too many tries"))
    return {"user": user, "name": body["name"], "scopes": body["scopes"], "days": body["days"]}


@room.writes(
    "POST",
    "/tokens",
    body=TokenRequest,
    answer=NewTokenAnswer,
    status=201,
    secrets=("token",),
    prepare=credentials,
    rule=Rule.PUBLIC,
)
def create_token(work: Work, asked: dict[str, Any]) -> dict[str, Any]:
    """Make an API token with e-mail address and password."""
    user: User = asked["user"]
    scopes = asked["scopes"] or sorted(permission.value for permission in ROLE_PERMISSIONS[user.role])
    row, token = service.create_token(work, user=user, name=asked["name"], scopes=scopes, days=asked["days"])
    return {**{name: getattr(row, name) for name in TokenAnswer().fields}, "token": token}


@room.reads("/tokens", answer=TokenAnswer, listed=True)
def list_tokens(work: Work) -> Paged:
    """List your own API tokens."""
    return Paged(queries.tokens(work), None)


@room.writes("POST", "/tokens/<id:token_id>/revocation", answer=TokenAnswer)
def revoke_token(work: Work, token_id: int) -> ApiToken:
    """Revoke one of your API tokens."""
    return service.revoke_token(work, token_id)


@room.reads("/me", answer=MeAnswer)
def get_me(work: Work) -> dict[str, Any]:
    """Tell who the token belongs to and what it may do."""
    actor: Actor = work.actor
    return {
        "user_id": actor.user_id,
        "organization_id": actor.organization_id,
        "name": actor.name,
        "role": actor.role,
        "language": actor.language,
        "permissions": sorted(permission.value for permission in actor.permissions),
    }


@room.reads("/users", answer=UserAnswer, query=PageQuery, listed=True)
def list_users(work: Work, query: dict[str, Any]) -> Paged:
    """List the users of your organisation."""
    return paged(queries.users(work, after=query["after"], limit=query["limit"] + 1), query["limit"])


@room.writes("POST", "/users", body=InvitationBody, answer=UserAnswer, status=201)
def invite_user(work: Work, body: dict[str, Any]) -> User:
    """Invite a colleague; the link goes out by mail."""
    return service.invite_by_mail(work, organization_id=work.actor.organization, **body)


@room.writes("PATCH", "/users/<id:user_id>", body=UserChangeBody, answer=UserAnswer, versioned=True)
def change_user(work: Work, body: dict[str, Any], user_id: int, expected_version: int) -> User:
    """Change a colleague's role, or end or re-open their access."""
    return service.change_user(work, user_id, expected_version=expected_version, **body)


@room.writes("DELETE", "/users/<id:user_id>/personal-data", answer=UserAnswer, versioned=True)
def erase_user(work: Work, user_id: int, expected_version: int) -> User:
    """Erase a colleague's personal data; the trail of what they did stays whole."""
    return service.erase(work, user_id, expected_version)


@room.reads("/audit-entries", answer=TrailEntryAnswer, query=PageQuery, listed=True)
def list_audit_entries(work: Work, query: dict[str, Any]) -> Paged:
    """List your organisation's audit trail, newest first."""
    rows = queries.trail(work, after=query["after"], limit=query["limit"] + 1)
    return paged(rows, query["limit"], key=lambda row: row.sequence)
