"""What people routes take and give."""

from marshmallow import fields, validate

from aftersales.vocabulary import Role
from api.schemas.base import Answer, Body, Bool, Choice, Id, Int, Language, Moment, Text


class TokenRequest(Body):
    """Credentials for an API token."""

    email = Text(required=True, low=3, high=254, example="engineer@example.com")
    password = fields.String(
        required=True,
        load_only=True,
        validate=validate.Length(1, 200),
        metadata={"example": "correct horse battery", "format": "password"},
    )
    name = Text(required=True, low=1, high=100, example="planning spreadsheet")
    scopes = fields.List(Text(high=40, example="registry:read"), load_default=None, allow_none=True)
    days = Int(low=1, high=366, load_default=30, example=30)


class TokenAnswer(Answer):
    """A token; ``token`` is shown only when it is made."""

    id = Id()
    name = Text(example="planning spreadsheet")
    scopes = fields.List(Text(example="registry:read"))
    created_at = Moment()
    expires_at = Moment()
    revoked_at = Moment(allow_none=True)


class NewTokenAnswer(TokenAnswer):
    """A token as it is shown once, with its secret."""

    token = Text(example="Zm9vYmFy")


class UserAnswer(Answer):
    """A colleague."""

    id = Id()
    full_name = Text(example="Service engineer")
    email = Text(allow_none=True, example="engineer@example.com")
    role = Choice(Role)
    language = Language()
    version = Int()
    ended_at = Moment(allow_none=True)


class InvitationBody(Body):
    """A colleague to invite."""

    email = Text(required=True, low=3, high=254, example="engineer@example.com")
    full_name = Text(required=True, low=1, example="Service engineer")
    role = Choice(Role, required=True)
    language = Language(load_default="en")


class UserChangeBody(Body):
    """What changes about a colleague."""

    role = Choice(Role)
    ended = Bool()


class MeAnswer(Answer):
    """Who the token belongs to."""

    user_id = Id()
    organization_id = Id()
    name = Text(example="Service engineer")
    role = Choice(Role)
    language = Language()
    permissions = fields.List(Text(example="registry:read"))


class TrailEntryAnswer(Answer):
    """An entry of the audit trail."""

    sequence = Int()
    at = Moment()
    user_id = Id(allow_none=True)
    action = Text(example="update")
    object_type = Text(example="machine")
    object_id = Text(example="17")
    changes = Text(example="{}")
    hash = Text(example="0" * 64)
