"""A browser-like client, signed in as anybody."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aftersales.models import User
from aftersales.people import service
from aftersales.vocabulary import Role
from aftersales.work import Workshop
from api.auth import SESSION_KEY
from tests.world import World

SignIn = Callable[[str, Role], FlaskClient]


@pytest.fixture
def signed_in(app: Flask, world: World) -> SignIn:
    """Return a client with a session of an organisation's user with a role; it asks for pages."""
    shop: Workshop = app.extensions["workshop"]

    def sign_in(organization: str, role: Role) -> FlaskClient:
        with shop.transaction(world.actor(organization, role)) as work:
            token = service.open_session(work, work.session.get_one(User, world.users[organization, role]))
        client = app.test_client()
        client.environ_base["HTTP_ACCEPT"] = "text/html"
        with client.session_transaction() as session:
            session[SESSION_KEY] = token
        return client

    return sign_in
