"""Load the sample fleet: all of it in one transaction, or nothing."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from aftersales.errors import Conflict
from aftersales.models import DatabaseMark, Machine, Organization
from aftersales.people.queries import SAMPLE
from aftersales.sample import fleet, foundations, lately, supply
from aftersales.sample.bench import Bench
from aftersales.sample.book import Book
from aftersales.sample.companies import MAKER
from aftersales.sample.history import YEARS, Job, SampleMachine, simulate
from aftersales.sample.jobs import write_job
from aftersales.sample.store import open_stores
from aftersales.translate import N_
from aftersales.vocabulary import MoveKind
from aftersales.warranty import service as warranty
from aftersales.work import Workshop

SEED = 20
LATELY = timedelta(days=21)
Report = Callable[[int, int, str], None]


def is_loaded(workshop: Workshop) -> bool:
    """Tell whether the database holds the sample fleet."""
    with workshop.transaction() as work:
        return work.session.get(DatabaseMark, SAMPLE) is not None


def load(workshop: Workshop, report: Report = lambda done, total, what: None, now: datetime | None = None) -> int:
    """Load the sample fleet as of a moment and return how many machines it has.

    The same day gives the same fleet.

    :raises Conflict: when the database holds anything else.
    """
    moment = (now or workshop.clock.now()).astimezone(UTC)
    today = moment.date()
    samples = simulate(today, SEED)
    with workshop.transaction() as work:
        if work.session.query(Organization).first() is not None:
            raise Conflict(N_("The database is not empty; the sample fleet needs one of its own"))
        work.session.add(DatabaseMark(name=SAMPLE, value=today.isoformat()))
        book = Book(work, moment)
        began = moment - timedelta(days=365 * YEARS + 90)
        for number, step in enumerate(
            (foundations.write_companies, foundations.write_parts, foundations.write_models, foundations.write_policies)
        ):
            report(number, 4, "organisations, parts and models")
            step(book, began)
        _field(book, samples, began, report)
        return work.session.query(Machine).count()


def _field(book: Book, samples: list[SampleMachine], began: datetime, report: Report) -> None:
    """Write the machines and everything that happened to them, in order of time."""
    report(0, 1, "machines and passports")
    fleet.write_machines(book, samples)
    fleet.write_machines_in_the_works(book)
    report(0, 1, "meter readings")
    fleet.write_readings(book)
    bench = Bench(book, open_stores(book, began), np.random.default_rng(SEED))
    jobs = sorted(
        ((job, sample, machine) for sample, machine in book.machines for job in sample.jobs), key=lambda one: one[0].at
    )
    cut = book.now - LATELY
    before = [one for one in jobs if one[0].at < cut]
    for number, (job, sample, machine) in enumerate(before):
        if number % 50 == 0:
            report(number, len(jobs), "maintenance and repairs")
        write_job(bench, sample, machine, job)
    bench.write_numbers()
    bench.stores[MAKER].fill_up(_used(bench, cut - timedelta(days=365)), bench.rng, cut)
    for store in bench.stores.values():
        store.write()
    supply.write_past_orders(book, bench.stores[MAKER])
    for _, machine in book.machines:
        warranty.start_for(book.work, machine.id)
    _lately(bench, [one for one in jobs if one[0].at >= cut], report)
    lately.open_items(book)
    supply.open_orders(book, bench.stores[MAKER])


def _used(bench: Bench, since: datetime) -> dict[str, Decimal]:
    """Return how much of each part all stores together used since a day."""
    numbers = {part.id: number for number, part in bench.book.parts.items()}
    used: dict[str, Decimal] = defaultdict(Decimal)
    for store in bench.stores.values():
        for move in store.moves:
            if move.kind is MoveKind.ISSUE and move.at >= since:
                used[numbers[move.part_id]] += move.quantity
    return used


def _lately(bench: Bench, jobs: list[tuple[Job, SampleMachine, Machine]], report: Report) -> None:
    latest = bench.book.now - timedelta(days=3)
    for number, (job, sample, machine) in enumerate(jobs):
        report(number, len(jobs), "the last weeks, with certificates")
        if job.at + timedelta(hours=job.wait_hours + job.worked_hours) < latest:
            lately.close_job(bench, sample, machine, job)
