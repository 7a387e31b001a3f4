"""Alembic without an ini file: bring a database to the newest schema, or tell how it differs."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.engine import Connection

import aftersales.models
from aftersales.db import Base
from aftersales.migrations import guards

assert aftersales.models.Machine.__table__ is not None


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, bound to a connection when given."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.attributes["connection"] = connection
    return settings


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to a revision, in one transaction."""
    with engine.connect() as connection:
        command.upgrade(config(connection), revision)


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Take the database back to a revision."""
    with engine.connect() as connection:
        command.downgrade(config(connection), revision)


def current(engine: Engine) -> str | None:
    """Return the revision the database is at."""
    with engine.execution_options(read_only=True).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """Return the newest revision there is."""
    return ScriptDirectory.from_config(config()).get_current_head()


def missing_guards(engine: Engine) -> list[str]:
    """Return the triggers and exclusion constraints that should be there and are not."""
    with engine.connect() as connection:
        return guards.missing(connection, guards.LEDGERS, guards.NO_OVERLAPS, guards.ROW_RULES)


def differences(engine: Engine) -> list[str]:
    """Return how the database differs from the models, in Alembic's words; empty when it does not."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "render_as_batch": True})
        return [str(difference) for difference in compare_metadata(context, Base.metadata)]
