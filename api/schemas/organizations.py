"""What the routes and pages of one's own organisation take and give."""

from api.schemas.base import Answer, Body, Id, Int, Language, Moment, Text


class OrganizationAnswer(Answer):
    """An organisation."""

    id = Id()
    name = Text(example="Quarry ltd")
    country = Text(example="HR")
    address = Text(allow_none=True, example="Ulica 1, Zagreb")
    email = Text(allow_none=True, example="office@example.com")
    language = Language()
    time_zone = Text(example="Europe/Zagreb")
    currency = Text(example="EUR")
    version = Int()


class OrganizationChangeBody(Body):
    """What changes about one's organisation."""

    address = Text(high=500, allow_none=True, example="Ulica 1, Zagreb")
    email = Text(high=254, allow_none=True, example="office@example.com")
    language = Language()
    time_zone = Text(high=64, low=1, example="Europe/Zagreb")
    currency = Text(high=3, low=3, example="EUR")


class SiteAnswer(Answer):
    """A place where machines stand."""

    id = Id()
    name = Text(example="North pit")
    address = Text(allow_none=True, example="Road 1")
    country = Text(allow_none=True, example="HR")
    time_zone = Text(example="Europe/Zagreb")
    ended_at = Moment(allow_none=True)
    version = Int()


class SiteBody(Body):
    """A new site."""

    name = Text(required=True, low=1, example="North pit")
    time_zone = Text(required=True, low=1, high=64, example="Europe/Zagreb")
    address = Text(high=500, allow_none=True, example="Road 1")
    country = Text(low=2, high=2, allow_none=True, example="HR")
