"""Run migrations on the connection handed over by :mod:`aftersales.migrations`."""

from alembic import context
from sqlalchemy.engine import Connection

import aftersales.models
from aftersales.db import Base

connection: Connection = context.config.attributes["connection"]
sqlite = connection.dialect.name == "sqlite"
if sqlite:
    connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr] # batch mode recreates tables; a driver connection has execute
with connection.begin():
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True, transaction_per_migration=False
    )
    with context.begin_transaction():
        context.run_migrations()
if sqlite:
    connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr] # as above
assert aftersales.models.Machine.__table__ is not None
