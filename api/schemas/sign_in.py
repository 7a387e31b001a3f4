"""What the pages of signing in and of one's own profile take."""

from marshmallow import fields, validate

from api.schemas.base import Body, Int, Language, Text


class PasswordField(fields.String):
    """A password: not trimmed, not altered, never kept in a form."""

    def __init__(self, low: int = 1) -> None:
        super().__init__(required=True, load_only=True, validate=validate.Length(low, 200))


class SignInBody(Body):
    """Credentials, and where to go then."""

    email = Text(required=True, low=1, high=254)
    password = PasswordField()
    next = Text(high=2000)


class ForgotBody(Body):
    """The address to send a reset link to."""

    email = Text(required=True, low=3, high=254)


class NewPasswordBody(Body):
    """A password chosen by a one-time link."""

    password = PasswordField()


class PasswordChangeBody(Body):
    """The old password and the new one."""

    old_password = PasswordField()
    new_password = PasswordField()


class LanguageBody(Body):
    """The language to be spoken to in."""

    language = Language(required=True)


class OwnTokenBody(Body):
    """A new API token for oneself."""

    name = Text(required=True, low=1, high=100, example="planning spreadsheet")
    scopes = fields.List(Text(high=40), required=True)
    days = Int(low=1, high=366, required=True)
