"""Rows a second of the bulk ingest, whole (decoding, validation, permissions, audit), as a share of the raw driver's.

The raw driver writes the same rows, prepared beforehand, into the same table with its indexes and foreign keys: COPY on
PostgreSQL, executemany on SQLite, committed. Run: ``python -m tests.bench.ingest``.
"""

import statistics
from collections.abc import Callable
from sqlite3 import Connection as SqliteConnection
from time import perf_counter

import orjson
from psycopg import Connection as PsycopgConnection

from aftersales.usage.bulk_rows import decode
from aftersales.usage.ingest import ingest
from aftersales.usage.rules import Outcome
from aftersales.work import Workshop
from tests.bench.databases import OPERATOR, Line, at_hour, fleet, workshops

ROWS = 10_000
ROUNDS = 7
TARGET = 0.4
COLUMNS = "meter_id, at, display, kind, source, recorded_at, actor_id"


def body(machines: int, first: int, round_: int) -> bytes:
    """A call's body: ``ROWS`` readings spread over machines, each an hour after the one before."""
    per_machine = ROWS // machines
    return orjson.dumps(
        {
            "readings": [
                {
                    "machine_id": first + row % machines,
                    "at": at_hour(1 + round_ * per_machine + row // machines).isoformat(),
                    "display": f"{round_ * per_machine + row // machines}.{row % 10}",
                }
                for row in range(ROWS)
            ]
        }
    )


def ours(workshop: Workshop, content: bytes) -> None:
    """One call, as the route does it."""
    with workshop.transaction(OPERATOR) as work:
        outcomes = ingest(work, decode(content))
        assert all(outcome.outcome is Outcome.ACCEPTED for outcome in outcomes)


def raw(workshop: Workshop, machines: int, first: int, round_: int) -> Callable[[], None]:
    """Prepare the raw driver's writing of as many like rows, and return the writing itself."""
    per_machine = ROWS // machines
    postgres = workshop.engine.dialect.name == "postgresql"
    tail = ("measured", "telematics", "2026-06-01 12:00:00.000000", 1)
    rows = [
        (
            first + row % machines,
            at_hour(10_000 + round_ * per_machine + row // machines).strftime("%Y-%m-%d %H:%M:%S.%f"),
            (round_ * per_machine + row // machines) * 1000 + row % 10,
            *tail,
        )
        for row in range(ROWS)
    ]
    text = "".join("\t".join(map(str, row)) + "\n" for row in rows)

    def write() -> None:
        pooled = workshop.engine.raw_connection()
        driver = pooled.driver_connection
        if postgres:
            assert isinstance(driver, PsycopgConnection)
            with driver.cursor() as cursor, cursor.copy(f"COPY reading ({COLUMNS}) FROM STDIN") as copy:
                copy.write(text)
            driver.commit()
        else:
            assert isinstance(driver, SqliteConnection)
            driver.execute("BEGIN IMMEDIATE")
            driver.executemany(f"INSERT INTO reading ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            driver.execute("COMMIT")
        pooled.close()

    return write


def measure(workshop: Workshop, machines: int, first: int) -> Line:
    """Take turns of ours and the raw driver's, and compare the medians."""
    fast: list[float] = []
    slow: list[float] = []
    for round_ in range(ROUNDS):
        content, write = body(machines, first, round_), raw(workshop, machines, first, round_)
        start = perf_counter()
        write()
        middle = perf_counter()
        ours(workshop, content)
        fast.append(middle - start)
        slow.append(perf_counter() - middle)
    rates = ROWS / statistics.median(slow), ROWS / statistics.median(fast)
    kind = f"{workshop.engine.dialect.name}, {machines} machines"
    return Line(f"ingest {kind}: {rates[0]:,.0f} of {rates[1]:,.0f} rows/s", rates[0] / rates[1], TARGET)


def main() -> None:
    """Print one line per database and spread of the rows."""
    with workshops() as shops:
        for workshop in shops:
            for machines, first in ((100, 1), (1000, 101)):
                with workshop.transaction() as work:
                    fleet(work, machines, first)
                print(measure(workshop, machines, first))


if __name__ == "__main__":
    main()
