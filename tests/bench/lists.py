"""Time of "latest reading" and "list of machines" at 10 k, 100 k and 1 M readings: flat, not growing with them.

Run: ``python -m tests.bench.lists``.
"""

import statistics
from collections.abc import Callable
from time import perf_counter

import numpy as np
from sqlalchemy import select, text

from aftersales.models import Machine, Meter
from aftersales.usage import queries, writing
from aftersales.usage.rules import Point, micros
from aftersales.usage.writing import Moved, NewReadings
from aftersales.visibility import sees_machine
from aftersales.vocabulary import MeterKind, ReadingKind, ReadingSource
from aftersales.work import Work, Workshop
from tests.bench.databases import NOW, OPERATOR, START, Line, fleet, workshops

MACHINES = 1000
SIZES = (10_000, 100_000, 1_000_000)
TARGET = 2.0
REPEATS = 60


def fill(workshop: Workshop, already: int, size: int) -> None:
    """Bring the ledger from ``already`` to ``size`` readings, evenly over the same two years, ever closer together."""
    grid = np.arange(1, SIZES[-1] // MACHINES + 1, dtype=np.int64)
    there = grid % (SIZES[-1] // already) == 0 if already else np.zeros(len(grid), dtype=np.bool_)
    wanted = grid[(grid % (SIZES[-1] // size) == 0) & ~there]
    whole = micros(NOW) - micros(START)
    meter = np.repeat(np.arange(1, MACHINES + 1), len(wanted))
    at = np.tile(micros(START) + wanted * (whole // len(grid)), MACHINES)
    display = np.tile(wanted * 1000, MACHINES)
    kinds = [ReadingKind.MEASURED] * len(meter)
    rows = NewReadings(meter.tolist(), at.tolist(), display.tolist(), kinds, [None] * len(meter))
    with workshop.transaction() as work:
        writing.write(work.session, rows, source=ReadingSource.TELEMATICS, recorded_at=NOW, actor_id=1)
        latest = Point(micros(START) + len(grid) * (whole // len(grid)), len(grid) * 1000, len(grid) * 1000)
        writing.move(work.session, [Moved(number, latest, unsettled=False) for number in range(1, MACHINES + 1)])
    with workshop.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def latest_reading(work: Work) -> None:
    """The latest life of one machine, as the machine's page asks for it."""
    assert queries.life_at(work.session, 7, MeterKind.HOURS, NOW)


def list_of_machines(work: Work) -> None:
    """A page of machines with their hours, as the list shows it."""
    query = (
        select(Machine.id, Machine.serial_number, Machine.state, Meter.latest_at, Meter.latest_life)
        .outerjoin(Meter, (Meter.machine_id == Machine.id) & (Meter.kind == MeterKind.HOURS))
        .where(sees_machine(OPERATOR, Machine.id), Machine.id > 300)
        .order_by(Machine.id)
        .limit(50)
    )
    assert len(work.session.execute(query).all()) == 50


def use_of_fleet(work: Work) -> None:
    """The utilisation of 150 machines over 12 months."""
    assert len(queries.utilisations(work.session, range(1, 151), MeterKind.HOURS, NOW)) == 150


WHAT: dict[str, tuple[Callable[[Work], None], int, int]] = {
    "latest reading": (latest_reading, REPEATS, 0),
    "list of machines": (list_of_machines, REPEATS, 0),
    "utilisation of 150 machines": (use_of_fleet, 5, 1),
}
"""What is timed, how often, and the size it is held against: below 100 k a year has fewer readings than are sampled."""


def milliseconds(workshop: Workshop, what: Callable[[Work], None], repeats: int) -> float:
    """Return the median time of a query in a warm session of its own."""
    times = []
    with workshop.reading(OPERATOR) as work:
        what(work)
        for _ in range(repeats):
            work.session.expire_all()
            start = perf_counter()
            what(work)
            times.append(perf_counter() - start)
    return statistics.median(times) * 1000


def main() -> None:
    """Print, per database and query, the times at each size and the growth from the smallest to the largest."""
    with workshops() as shops:
        for workshop in shops:
            with workshop.transaction() as work:
                fleet(work, MACHINES)
            times: dict[str, list[float]] = {name: [] for name in WHAT}
            for already, size in zip((0, *SIZES), SIZES, strict=False):
                fill(workshop, already, size)
                for name, (what, repeats, _) in WHAT.items():
                    times[name].append(milliseconds(workshop, what, repeats))
            for name, measured in times.items():
                shown = " / ".join(f"{each:.2f}" for each in measured)
                label = f"{name} {workshop.engine.dialect.name}: {shown} ms"
                print(Line(label, measured[-1] / measured[WHAT[name][2]], TARGET, at_most=True))


if __name__ == "__main__":
    main()
