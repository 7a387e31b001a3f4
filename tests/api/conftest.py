"""An application and clients for the tests of pages and JSON."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from aftersales.clock import FixedClock
from aftersales.work import Workshop
from api.app import create_app
from tests.conftest import settings_for
from tests.world import World, build_world


@pytest.fixture
def app(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Flask]:
    """The application on each backend."""
    made = create_app(settings_for(tmp_path / "var", database_url), clock=clock, testing=True)
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    made.extensions["workshop"].engine.dispose()


@pytest.fixture
def world(app: Flask) -> World:
    """A maker, two operators, a service partner and a supplier with a user of each role, and a few machines."""
    shop = app.extensions["workshop"]
    assert isinstance(shop, Workshop)
    return build_world(shop)
