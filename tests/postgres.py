"""A PostgreSQL database for each test, the same one emptied again: making one takes longer than most tests.

Only databases made here, with random names, are touched on the server the tests were pointed at.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from aftersales import migrations
from aftersales.db import engine_for

SCHEMA = text(
    """
    SELECT md5(string_agg(fact, '|' ORDER BY fact)) FROM (
        SELECT concat_ws(' ', 'class', relname, relkind) AS fact FROM pg_class
            WHERE relnamespace = 'public'::regnamespace
        UNION ALL
        SELECT concat_ws(' ', 'column', c.relname, a.attname, a.atttypid, a.attnotnull) FROM pg_attribute a
            JOIN pg_class c ON c.oid = a.attrelid
            WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT concat_ws(' ', 'trigger', c.relname, t.tgname, t.tgenabled) FROM pg_trigger t
            JOIN pg_class c ON c.oid = t.tgrelid
            WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal
        UNION ALL
        SELECT concat_ws(' ', 'constraint', conname, pg_get_constraintdef(oid)) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace
        UNION ALL
        SELECT concat_ws(' ', 'function', proname, md5(prosrc)) FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace
    ) AS facts
    """
)
TABLES = text(
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    " AND relname <> 'alembic_version' ORDER BY relname"
)
OTHERS_OUT = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
SEQUENCES_BACK = text(
    "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'"
)


class Server:
    """A server that tests may make databases on."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.template = f"aftersales_template_{uuid4().hex[:12]}"
        self.made: str | None = None
        self.on_server(f"CREATE DATABASE {self.template}")
        engine = engine_for(self.address(self.template))
        migrations.upgrade(engine)
        with engine.connect() as connection:
            self.schema = connection.scalar(SCHEMA)
            self.may_empty = bool(
                connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))
            ) and not _filled(connection)
        engine.dispose()

    def address(self, name: str) -> str:
        """Return the address of a database on the server."""
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def on_server(self, statement: str) -> None:
        """Carry out a statement outside any database of a test."""
        engine = engine_for(self.url).execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    @contextmanager
    def database(self) -> Iterator[str]:
        """The address of a migrated, empty database; what a test leaves in it is taken out again."""
        if self.made is None:
            self.made = f"aftersales_test_{uuid4().hex[:12]}"
            self.on_server(f"CREATE DATABASE {self.made} TEMPLATE {self.template}")
        try:
            yield self.address(self.made)
        finally:
            if not self.may_empty or not self._emptied(self.made):
                self.drop()

    def drop(self) -> None:
        """Drop the database the tests share; the next test makes another."""
        if self.made is not None:
            self.on_server(f"DROP DATABASE {self.made} WITH (FORCE)")
            self.made = None

    def close(self) -> None:
        """Leave the server as it was found."""
        self.drop()
        self.on_server(f"DROP DATABASE {self.template} WITH (FORCE)")

    def _emptied(self, name: str) -> bool:
        """Empty every table and start the numbers anew; false where a test changed the schema."""
        engine = engine_for(self.address(name))
        try:
            with engine.begin() as connection:
                connection.execute(OTHERS_OUT)
                if connection.scalar(SCHEMA) != self.schema:
                    return False
                # ledgers refuse to be emptied otherwise
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                for table in _filled(connection):
                    connection.execute(text(f'DELETE FROM "{table}"'))
                connection.execute(SEQUENCES_BACK)
            return True
        finally:
            engine.dispose()


def _filled(connection: Connection) -> list[str]:
    """The tables with rows in them."""
    names = list(connection.scalars(TABLES))
    looks = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in names)
    return list(connection.scalars(text(looks)))
