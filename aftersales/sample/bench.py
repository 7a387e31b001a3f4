"""Who is free when, how orders are numbered and called, and where their parts come from."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np

from aftersales.maintenance.rules.due import Done
from aftersales.models import NumberSeries, PartUse, User, WorkOrder
from aftersales.orders.opening import SERIES
from aftersales.sample.book import Book
from aftersales.sample.catalogue import SUPERSEDED
from aftersales.sample.history import Job
from aftersales.sample.store import Store
from aftersales.vocabulary import Condition, FailureMode

HOURLY_RATE, TRAVEL = Decimal(58), Decimal(95)
WORDS = {
    FailureMode.LOO: "Weak, no pressure",
    FailureMode.ELU: "Oil leaks out",
    FailureMode.ERO: "Stops now and then without reason",
    FailureMode.AIR: "Shows values that cannot be right",
    FailureMode.FTS: "Does not start",
    FailureMode.VIB: "Shakes much more than usual",
    FailureMode.OHE: "Gets too hot",
    FailureMode.NOI: "Grinding noise",
    FailureMode.BRD: "Stopped and does not run",
}


@dataclass
class Bench:
    """Who is free when, how many orders each organisation has numbered, and what each machine has had done."""

    book: Book
    stores: dict[str, Store]
    rng: np.random.Generator
    free: dict[int, datetime] = field(default_factory=dict)
    numbers: Counter[tuple[int, int]] = field(default_factory=Counter)
    done: dict[tuple[int, str], Done] = field(default_factory=dict)

    def engineer(self, company: str, earliest: datetime, length: timedelta) -> tuple[User, datetime]:
        """Return who of a company is free first, and from when on; that stretch is then taken."""
        user = min(self.book.engineers[company], key=lambda one: self.free.get(one.id, earliest))
        start = max(earliest, self.free.get(user.id, earliest) + timedelta(minutes=30))
        self.free[user.id] = start + length
        return user, start

    def number(self, organization_id: int, zone: str, at: datetime) -> str:
        """Return the organisation's next order number in its own year."""
        year = at.astimezone(ZoneInfo(zone)).year
        self.numbers[organization_id, year] += 1
        return f"{SERIES}-{year}-{self.numbers[organization_id, year]:05d}"

    def write_numbers(self) -> None:
        """Write where the series of order numbers stand."""
        self.book.work.session.add_all(
            NumberSeries(organization_id=organization_id, name=SERIES, year=year, last=last)
            for (organization_id, year), last in sorted(self.numbers.items())
        )
        self.book.work.session.flush()


def title_of(job: Job) -> str:
    """Return what an order for the job is called."""
    if job.task:
        return job.task.name
    if job.small:
        return job.small.words
    assert job.position is not None
    return WORDS.get(job.position.mode, "Fault") if job.failed else f"{job.position.name}: replace at life limit"


def found_by(job: Job) -> str:
    """Return what the engineer wrote under the job."""
    if job.task:
        return "Done as the programme says."
    if job.small:
        return f"{job.small.found}; replaced and tested."
    assert job.position is not None
    return f"{job.position.name} {'failed' if job.failed else 'at its life limit'}; exchanged and tested."


def use(bench: Bench, order: WorkOrder, company: str, number: str, quantity: Decimal, at: datetime) -> str | None:
    """Issue a part to the order and note it; returns the serial number issued."""
    store, part = bench.stores[company], bench.book.parts[number]
    move = store.take(number, quantity, at, order.id)
    store.uses.append(
        (
            PartUse(
                work_order_id=order.id,
                part_id=part.id,
                condition=Condition.NEW,
                location_id=store.warehouse.id,
                serial_number=move.serial_number,
                quantity=quantity,
                unit_price=part.price,
            ),
            move,
        )
    )
    return move.serial_number


def part_for(bench: Bench, number: str, at: datetime) -> str:
    """Return the part used for a position on a day: the successor once there is one."""
    successors = dict(SUPERSEDED)
    changed = bench.book.now - timedelta(days=400)
    return successors[number] if number in successors and at >= changed else number
