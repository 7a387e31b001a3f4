"""Declarative base, exact column types and the engine.

Moments are UTC without zone in the database and with zone in Python. Money, quantities and meter values are scaled
integers in both databases, because SQLite's NUMERIC is a float.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from sqlite3 import Connection as SqliteConnection
from typing import Annotated, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Integer,
    MetaData,
    String,
    create_engine,
    event,
    inspect,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column, sessionmaker
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

BIG = BigInteger().with_variant(Integer(), "sqlite")
BUSY_MILLISECONDS = 15_000


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: UTC in the database, with zone in Python; a naive one is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a moment with zone into naive UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment its zone back."""
        return value if value is None else value.replace(tzinfo=UTC)


class Scaled(TypeDecorator[Decimal]):
    """A Decimal kept exactly as an integer of ``10 ** -places`` units; more places than that are refused."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        """Scale up, refusing what would be rounded."""
        if value is None:
            return None
        scaled = Decimal(value).scaleb(self.places)
        whole = int(scaled)
        if whole != scaled:
            raise ValueError(f"{value} has more than {self.places} decimal places")
        return whole

    def process_result_value(self, value: int | Decimal | None, dialect: Dialect) -> Decimal | None:
        """Scale down again."""
        return None if value is None else Decimal(int(value)).scaleb(-self.places)


Amount = Annotated[Decimal, mapped_column(Scaled(4))]
Quantity = Annotated[Decimal, mapped_column(Scaled(3))]
MeterValue = Annotated[Decimal, mapped_column(Scaled(3))]
Measured = Annotated[Decimal, mapped_column(Scaled(6))]
Currency = Annotated[str, mapped_column(String(3))]
Hash = Annotated[str, mapped_column(String(64))]
Json = JSON().with_variant(JSONB(), "postgresql")
PERSONAL: dict[Any, Any] = {"personal": True}
SECRET: dict[Any, Any] = {"secret": True}


class Base(DeclarativeBase):
    """Every table. ``__ledger__`` tables are insert-only; ``__audited__ = False`` ones leave no audit entry."""

    __ledger__ = False
    __audited__ = True

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: Mapping[Any, Any] = {
        int: BIG,
        datetime: UtcDateTime(),
        dict[str, Any]: Json,
        list[str]: Json,
        list[float]: Json,
        list[dict[str, Any]]: Json,
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            length=32,
            create_constraint=False,
            values_callable=lambda kind: [member.value for member in kind],
        ),
    }

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Have the database itself check every enumerated column, under a name of its own."""
        super().__init_subclass__(**kwargs)
        table = cls.metadata.tables.get(cls.__tablename__)
        for column in () if table is None else tuple(table.columns):
            if isinstance(column.type, Enum):
                words = ", ".join(f"'{word}'" for word in column.type.enums)
                cls.metadata.tables[cls.__tablename__].append_constraint(
                    CheckConstraint(f"{column.name} IN ({words})", name=f"{column.name}_known")
                )


class Versioned:
    """A changeable row: every change raises ``version``; a stale change is refused."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        """Have SQLAlchemy guard every UPDATE by the version."""
        return {"version_id_col": cls.version}


def touch(root: Base) -> None:
    """Have an unchanged row written again, so that a change to one of its children raises its version."""
    mapper = inspect(root).mapper
    key = next(column.key for column in mapper.column_attrs if column.key not in {"id", "version"})
    flag_modified(root, key)


def engine_for(url: str, *, echo: bool = False) -> Engine:
    """Return an engine for SQLite or PostgreSQL, with the settings that make acknowledged writes durable.

    SQLite runs with WAL and ``synchronous=FULL``; its transactions begin with ``BEGIN IMMEDIATE`` unless the
    connection's execution option ``read_only`` is set, so that two writers queue instead of failing half-way.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, echo)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    return create_engine(parsed, echo=echo, pool_pre_ping=True)


def _sqlite(url: URL, echo: bool) -> Engine:
    engine = create_engine(url, echo=echo, connect_args={"timeout": BUSY_MILLISECONDS / 1000})

    @event.listens_for(engine, "connect")
    def on_connect(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        assert isinstance(connection, SqliteConnection)
        connection.isolation_level = None
        for pragma in (
            "foreign_keys=ON",
            "journal_mode=WAL",
            "synchronous=FULL",
            "recursive_triggers=ON",
            f"busy_timeout={BUSY_MILLISECONDS}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        mode = "DEFERRED" if connection.get_execution_options().get("read_only") else "IMMEDIATE"
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def sessions_for(engine: Engine) -> sessionmaker[Session]:
    """Return the session factory every unit of work is opened from."""
    return sessionmaker(engine, class_=Session, expire_on_commit=False)
