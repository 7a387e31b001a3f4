"""The unit of work: who acts, on what session, at what time. The only place that commits.

The edge (route, page, command, job) opens it; use-cases may flush, never commit. Changes seen by the session become
audit entries in the same transaction; events for later go into the outbox in the same transaction.
"""

import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, UOWTransaction
from sqlalchemy.orm.exc import StaleDataError

from aftersales import audit
from aftersales.access import SYSTEM, Actor
from aftersales.audit import Change, PublishedHeads
from aftersales.clock import Clock, SystemClock
from aftersales.db import Base, engine_for, sessions_for
from aftersales.errors import Conflict, DomainError, Stale
from aftersales.files import FileStore
from aftersales.models import OutboxEvent, StoredFile
from aftersales.settings import Settings
from aftersales.translate import N_


@dataclass(slots=True)
class Work:
    """One transaction's worth of work, handed to every use-case."""

    session: Session
    actor: Actor
    clock: Clock
    settings: Settings
    files: FileStore
    extra: list[Change] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        """The present moment by this work's clock."""
        return self.clock.now()

    def emit(self, name: str, /, **payload: object) -> None:
        """Put an event into the outbox; a job carries it out after the commit, at least once."""
        self.session.add(
            OutboxEvent(
                event=name, payload=payload, organization_id=self.actor.organization_id, created_at=self.now, attempts=0
            )
        )

    def keep_file(self, content: bytes, media_type: str) -> str:
        """Write a file durably, then the row that names it, and return its hash; the same content twice is one file."""
        digest = self.files.put(content)
        insert = postgresql.insert if self.session.get_bind().dialect.name == "postgresql" else sqlite.insert
        row = {"hash": digest, "size": len(content), "media_type": media_type, "created_at": self.now}
        self.session.execute(insert(StoredFile).values(row).on_conflict_do_nothing())
        return digest

    def record(self, action: str, object_type: str, object_id: object, /, **facts: object) -> None:
        """Add an audit entry of its own, for what no single row tells (a bulk ingest, an export)."""
        self.extra.append(Change(action, object_type, str(object_id), audit.canonical(facts)))

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Open a part of the work that is undone whole, audit entries included, when an error leaves it.

        :raises Conflict: when a constraint of the database refuses a change.
        """
        self.session.flush()
        entries = len(self.changes), len(self.extra)
        try:
            with self.session.begin_nested():
                yield
        except (DomainError, IntegrityError) as error:
            del self.changes[entries[0] :], self.extra[entries[1] :]
            if isinstance(error, IntegrityError):
                raise collision(error) from error
            raise


class Workshop:
    """Everything units of work are made from; one per process."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or SystemClock()
        self.files = FileStore(settings.files)
        self.on_commit: list[Callable[[], None]] = []

    @cached_property
    def engine(self) -> Engine:
        """The database engine, opened on first use."""
        url = self.settings.database_url
        if url.startswith("sqlite:///") and ":memory:" not in url:
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        return engine_for(url)

    @cached_property
    def audit_key(self) -> bytes:
        """The secret that keys the audit chains."""
        return secret(self.settings.secrets / "audit.key")

    @cached_property
    def heads(self) -> PublishedHeads:
        """The audit heads published outside the database."""
        return PublishedHeads(self.settings.var / "audit-heads.log")

    @contextmanager
    def reading(self, actor: Actor) -> Iterator[Work]:
        """Open work that only reads; nothing it does is kept."""
        with sessions_for(self.engine.execution_options(read_only=True))() as session:
            if self.engine.dialect.name == "postgresql":
                session.connection(execution_options={"postgresql_readonly": True})
            yield Work(session, actor, self.clock, self.settings, self.files)

    @contextmanager
    def transaction(self, actor: Actor = SYSTEM, clock: Clock | None = None) -> Iterator[Work]:
        """Open work that is committed when the block ends well, and rolled back whole otherwise.

        :raises Conflict: when a constraint of the database refuses a change.
        :raises Stale: when somebody else changed a row meanwhile.
        """
        with sessions_for(self.engine)() as session:
            work = Work(session, actor, clock or self.clock, self.settings, self.files, changes=_collect(session))
            try:
                yield work
                session.flush()
                head = self._audit(work)
                session.commit()
            except StaleDataError as error:
                raise Stale(
                    N_("Somebody changed this since you read it; read it again and repeat the change")
                ) from error
            except IntegrityError as error:
                raise collision(error) from error
        if head:
            self.heads.publish(*head)
        for hook in self.on_commit:
            hook()

    def _audit(self, work: Work) -> tuple[int, int, str] | None:
        everything = [*work.changes, *work.extra]
        if not everything:
            return None
        chain = work.actor.organization_id or audit.SYSTEM_CHAIN
        return audit.write(
            work.session, self.audit_key, chain=chain, user_id=work.actor.user_id, at=work.now, changes=everything
        )


def collision(error: IntegrityError) -> Conflict:
    """Return the refusal that a constraint of the database amounts to."""
    return Conflict(N_("This collides with what is already recorded (%(constraint)s)"), constraint=constraint_of(error))


def constraint_of(error: IntegrityError) -> str:
    """Return the name of the constraint or trigger that refused, as far as the driver tells."""
    name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return str(name or error.orig).splitlines()[0][:200]


def _collect(session: Session) -> list[Change]:
    """Have the session note every audited change it flushes."""
    changes: list[Change] = []

    @event.listens_for(session, "after_flush")
    def on_flush(flushed: Session, context: UOWTransaction) -> None:
        for action, objects in (("create", flushed.new), ("update", flushed.dirty), ("delete", flushed.deleted)):
            for instance in objects:
                if isinstance(instance, Base) and instance.__audited__:
                    change = audit.change_of(instance, action)
                    if change:
                        changes.append(change)

    return changes


def secret(path: Path, length: int = 32) -> bytes:
    """Return the secret in a file, made on first use and readable by the owner alone.

    Several processes may start at once: the file appears whole, and who comes second takes what the first one made.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.") as made:
            made.write(secrets.token_bytes(length))
            made.flush()
            os.fsync(made.fileno())
            with suppress(FileExistsError):
                os.link(made.name, path)
    return path.read_bytes()
