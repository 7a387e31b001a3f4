"""Schema, guards, audit chains, references, files and the outbox."""

import hashlib
from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from aftersales import audit, migrations
from aftersales.models import OutboxEvent, StoredFile
from aftersales.work import Work, Workshop

STUCK_AFTER_TRIES = 5


def checks_of(workshop: Workshop) -> Mapping[str, Callable[[], Iterator[str]]]:
    """Return the checks of the database itself, which need more than a unit of work."""
    return {
        "schema": lambda: _schema(workshop),
        "guards of ledgers and periods": lambda: iter(migrations.missing_guards(workshop.engine)),
        "audit chains": lambda: _chains(workshop),
    }


def _schema(workshop: Workshop) -> Iterator[str]:
    current, newest = migrations.current(workshop.engine), migrations.head()
    if current != newest:
        yield f"the schema is {current or 'empty'}, the newest is {newest}"
    yield from migrations.differences(workshop.engine)


def _chains(workshop: Workshop) -> Iterator[str]:
    with Session(workshop.engine) as session:
        for fault in audit.verify(session, workshop.audit_key, workshop.heads.read()):
            yield f"organisation {fault.chain}, entry {fault.sequence}: {fault.problem}"


def references(work: Work) -> Iterator[str]:
    """Check foreign keys; PostgreSQL does so by itself, SQLite can be told not to."""
    if work.session.get_bind().dialect.name == "sqlite":
        for table, row, parent, _ in work.session.execute(text("PRAGMA foreign_key_check")):
            yield f"{table} row {row} refers to a missing {parent}"
        for (answer,) in work.session.execute(text("PRAGMA integrity_check")):
            if answer != "ok":
                yield str(answer)


def files(work: Work) -> Iterator[str]:
    """Check that every stored file is there and is what its name says."""
    for row in work.session.scalars(select(StoredFile).execution_options(yield_per=500)):
        path = work.files.path(row.hash)
        if not path.exists():
            yield f"file {row.hash} is missing"
        elif hashlib.sha256(path.read_bytes()).hexdigest() != row.hash:
            yield f"file {row.hash} is damaged"


def outbox(work: Work) -> Iterator[str]:
    """Name events that keep failing."""
    query = select(OutboxEvent).where(OutboxEvent.done_at.is_(None), OutboxEvent.attempts >= STUCK_AFTER_TRIES)
    for event in work.session.scalars(query):
        yield f"event {event.id} ({event.event}) failed {event.attempts} times: {event.error}"


CHECKS: Mapping[str, Callable[[Work], Iterator[str]]] = {"references": references, "files": files, "outbox": outbox}
