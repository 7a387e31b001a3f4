"""Databases, clocks and a small world of organisations for the tests.

Every test that asks for ``workshop`` runs on SQLite, and also on PostgreSQL when ``AFTERSALES_TEST_POSTGRES_URL`` is
given. A database is migrated once per session and copied, or emptied again, for each test.
"""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest

from aftersales import migrations
from aftersales.clock import FixedClock
from aftersales.db import engine_for
from aftersales.sample.load import load
from aftersales.settings import Settings
from aftersales.work import Workshop
from tests.postgres import Server

POSTGRES_URL = os.environ.get("AFTERSALES_TEST_POSTGRES_URL", "")
# The same examples every run, so that a failure is the change's; AFTERSALES_TEST_RANDOM=1 looks for new ones.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None, database=None)
hypothesis.settings.register_profile("random", deadline=None)
hypothesis.settings.load_profile("random" if os.environ.get("AFTERSALES_TEST_RANDOM") else "steady")
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def settings_for(var: Path, url: str) -> Settings:
    return Settings(var=var, database_url=url, public_url="https://service.example.com")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    engine = engine_for(f"sqlite:///{path}")
    migrations.upgrade(engine)
    with engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def sample_folder(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample fleet as of noon, loaded once: ``aftersales.db`` and ``var``; only to be copied or read.

    Tests that use it are marked ``xdist_group("sample")``, so that one worker loads it.
    """
    folder = tmp_path_factory.mktemp("sample")
    shutil.copyfile(sqlite_template, folder / "aftersales.db")
    shop = Workshop(settings_for(folder / "var", f"sqlite:///{folder / 'aftersales.db'}"), FixedClock(NOON))
    load(shop)
    with shop.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
    shop.engine.dispose()
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The server the tests were pointed at, with a migrated database to copy."""
    if not POSTGRES_URL:
        pytest.skip("AFTERSALES_TEST_POSTGRES_URL is not set: not run on PostgreSQL")
    server = Server(POSTGRES_URL)
    yield server
    server.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    if request.param == "postgresql" and not POSTGRES_URL:
        pytest.skip("AFTERSALES_TEST_POSTGRES_URL is not set: not run on PostgreSQL")
    return str(request.param)


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated, empty database."""
    if backend == "sqlite":
        path = tmp_path / "aftersales.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: Server = request.getfixturevalue("postgres")
    with server.database() as address:
        yield address


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def workshop(database_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Workshop]:
    """Units of work on a fresh database, on each backend, at a clock that stands still."""
    shop = Workshop(settings_for(tmp_path / "var", database_url), clock)
    yield shop
    shop.engine.dispose()


@pytest.fixture
def sqlite_workshop(sqlite_template: Path, tmp_path: Path, clock: FixedClock) -> Iterator[Workshop]:
    """Units of work on a fresh SQLite database, for tests where the backend does not matter."""
    path = tmp_path / "aftersales.db"
    shutil.copyfile(sqlite_template, path)
    shop = Workshop(settings_for(tmp_path / "var", f"sqlite:///{path}"), clock)
    yield shop
    shop.engine.dispose()
