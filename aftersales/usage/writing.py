"""Writing many readings, and the meters they move: COPY on PostgreSQL, executemany on SQLite, in the transaction."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from psycopg import Connection as PsycopgConnection
from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from aftersales.models import Meter
from aftersales.usage.rules import Point, decimal, moment
from aftersales.vocabulary import ReadingKind, ReadingSource

COLUMNS = ("meter_id", "at", "display", "kind", "corrects_id", "source", "recorded_at", "actor_id")


@dataclass(frozen=True, slots=True)
class NewReadings:
    """Accepted readings as columns: moments in µs, displays in thousandths."""

    meter_id: Sequence[int]
    at: Sequence[int]
    display: Sequence[int]
    kind: Sequence[ReadingKind]
    corrects_id: Sequence[int | None]

    def fingerprint(self) -> str:
        """Return the SHA-256 of the rows, one line ``meter_id at display kind corrects_id`` each, by tabs."""
        rows = zip(self.meter_id, self.at, self.display, self.kind, self.corrects_id, strict=True)
        text = "\n".join(
            [f"{meter}\t{at}\t{display}\t{kind}\t{other or ''}" for meter, at, display, kind, other in rows]
        )
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Moved:
    """A meter's new latest value."""

    meter_id: int
    latest: Point
    unsettled: bool


def write(
    session: Session, rows: NewReadings, *, source: ReadingSource, recorded_at: datetime, actor_id: int | None
) -> None:
    """Insert readings by the driver's fastest way, in the session's transaction."""
    connection = session.connection()
    recorded = np.datetime_as_string(np.datetime64(recorded_at.replace(tzinfo=None), "us"))
    moments = np.datetime_as_string(np.array(rows.at, dtype=np.int64).view("datetime64[us]"))
    names = ", ".join(COLUMNS)
    if connection.dialect.name == "postgresql":
        driver = connection.connection.driver_connection
        assert isinstance(driver, PsycopgConnection)
        end = f"{source}\t{recorded}\t{actor_id or chr(92) + 'N'}\n"
        columns = zip(rows.meter_id, moments.tolist(), rows.display, rows.kind, rows.corrects_id, strict=True)
        lines = [
            f"{meter}\t{at}\t{display}\t{kind}\t{other or chr(92) + 'N'}\t{end}"
            for meter, at, display, kind, other in columns
        ]
        with driver.cursor() as cursor, cursor.copy(f"COPY reading ({names}) FROM STDIN") as copy:
            copy.write("".join(lines))
        return
    spaced = np.char.replace(moments, "T", " ").tolist()
    tail = (source.value, str(recorded).replace("T", " "), actor_id)
    columns = zip(rows.meter_id, spaced, rows.display, rows.kind, rows.corrects_id, strict=True)
    places = ", ".join("?" for _ in COLUMNS)
    connection.exec_driver_sql(
        f"INSERT INTO reading ({names}) VALUES ({places})",  # noqa: S608 - our own names
        [(meter, at, display, kind.value, other, *tail) for meter, at, display, kind, other in columns],
    )


def move(session: Session, moved: Sequence[Moved]) -> None:
    """Bring the meters' latest values up to the ledger."""
    if not moved:
        return
    table = Meter.__table__
    statement = (
        update(Meter)
        .where(table.c.id == bindparam("meter"))
        .values(
            latest_at=bindparam("at"),
            latest_display=bindparam("display"),
            latest_life=bindparam("life"),
            latest_estimated=bindparam("estimated"),
            unsettled=bindparam("other"),
        )
    )
    session.connection().execute(
        statement,
        [
            {
                "meter": each.meter_id,
                "at": moment(each.latest.at),
                "display": decimal(each.latest.display),
                "life": decimal(each.latest.life),
                "estimated": each.latest.estimated,
                "other": each.unsettled,
            }
            for each in moved
        ],
    )
