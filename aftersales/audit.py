"""The audit trail: append-only, hash-chained per organisation, written in the transaction of the change.

Each entry's hash is an HMAC-SHA256 over the entry and the hash before it, keyed with a secret outside the database, so
an edited, deleted, inserted or reordered entry breaks the chain; the heads published to a file outside the database
show a chain that was cut off.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from sqlalchemy import insert, inspect, select
from sqlalchemy.orm import InstanceState, Session

from aftersales.db import Base
from aftersales.models import AuditEntry, AuditHead

GENESIS = "0" * 64
SYSTEM_CHAIN = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One changed object before it gets its place in the chain."""

    action: str
    object_type: str
    object_id: str
    changes: str


def plain(value: object) -> object:
    """Return a JSON-able form of a column's value."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return value


def canonical(value: object) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=plain)


def _shown(info: Mapping[Any, Any], value: object) -> object:
    return "•" if value is not None and (info.get("personal") or info.get("secret")) else plain(value)


def change_of(instance: Base, action: str) -> Change | None:
    """Describe what a flush is about to do to an instance, or ``None`` when nothing changes.

    Personal and secret columns are noted as changed, never shown.
    """
    state: InstanceState[Base] = inspect(instance)
    before: dict[str, object] = {}
    after: dict[str, object] = {}
    for attribute in state.mapper.column_attrs:
        info = attribute.columns[0].info
        if action == "create":
            after[attribute.key] = _shown(info, state.dict.get(attribute.key))
            continue
        history = state.attrs[attribute.key].history
        if action != "delete" and history.added:
            after[attribute.key] = _shown(info, history.added[0])
        if history.deleted:
            before[attribute.key] = _shown(info, history.deleted[0])
    if action == "update" and not after:
        return None
    identity = state.mapper.primary_key_from_instance(instance)
    return Change(
        action,
        str(instance.__tablename__),
        "/".join(str(plain(part)) for part in identity),
        canonical({"before": before, "after": after}),
    )


def entry_hash(key: bytes, previous: str, fields: tuple[object, ...]) -> str:
    """Return the keyed hash of an entry given the hash before it."""
    return hmac.new(key, canonical([previous, *fields]).encode(), hashlib.sha256).hexdigest()


def write(
    session: Session, key: bytes, *, chain: int, user_id: int | None, at: datetime, changes: list[Change]
) -> tuple[int, int, str]:
    """Append changes to a chain, in the caller's transaction, and return the chain, its last sequence and hash.

    The chain's head row stays locked until the transaction ends, so entries of one organisation queue up.
    """
    head = session.get(AuditHead, chain, with_for_update=True, populate_existing=True)
    if head is None:
        session.add(head := AuditHead(chain=chain, sequence=0, hash=GENESIS))
    rows: list[dict[str, Any]] = []
    for change in changes:
        sequence, previous = head.sequence + 1, head.hash
        fields = (chain, sequence, at, user_id, change.action, change.object_type, change.object_id, change.changes)
        head.sequence, head.hash = sequence, entry_hash(key, previous, fields)
        names = ("chain", "sequence", "at", "user_id", "action", "object_type", "object_id", "changes")
        rows.append({**dict(zip(names, fields, strict=True)), "previous_hash": previous, "hash": head.hash})
    session.execute(insert(AuditEntry), rows)
    session.flush()
    return chain, head.sequence, head.hash


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a chain: where and what."""

    chain: int
    sequence: int
    problem: str


def verify(session: Session, key: bytes, published: Mapping[int, tuple[int, str]]) -> Iterator[Fault]:
    """Check every chain from its first entry to its head and against the heads published outside.

    :param published: per chain the last sequence and hash known outside the database.
    """
    heads = {head.chain: head for head in session.scalars(select(AuditHead))}
    chains = set(heads) | set(published) | set(session.scalars(select(AuditEntry.chain).distinct()))
    for chain in sorted(chains):
        yield from _verify_chain(session, key, chain, heads.get(chain), published.get(chain))


def _verify_chain(
    session: Session, key: bytes, chain: int, head: AuditHead | None, published: tuple[int, str] | None
) -> Iterator[Fault]:
    previous, expected = GENESIS, 1
    entries: Iterable[AuditEntry] = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.chain == chain)
        .order_by(AuditEntry.sequence)
        .execution_options(yield_per=500)
    )
    for entry in entries:
        if entry.sequence != expected:
            yield Fault(chain, expected, "an entry is missing")
        fields = (
            entry.chain,
            entry.sequence,
            entry.at,
            entry.user_id,
            entry.action,
            entry.object_type,
            entry.object_id,
            entry.changes,
        )
        if entry.previous_hash != previous or entry.hash != entry_hash(key, entry.previous_hash, fields):
            yield Fault(chain, entry.sequence, "the entry was edited, inserted or moved")
        if published and published[0] == entry.sequence and published[1] != entry.hash:
            yield Fault(chain, entry.sequence, "the entry differs from the head published outside the database")
        previous, expected = entry.hash, entry.sequence + 1
    if head is None or (head.sequence, head.hash) != (expected - 1, previous):
        yield Fault(chain, expected - 1, "the chain does not end at its head: entries were cut off or added")
    if published and published[0] >= expected:
        yield Fault(
            chain, expected - 1, f"entries up to {published[0]} were published outside the database and are gone"
        )


class PublishedHeads:
    """The heads of the chains in an append-only file outside the database."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def publish(self, chain: int, sequence: int, head: str) -> None:
        """Append one head; a line is written in one go, so that processes can share the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab", buffering=0) as file:
            file.write(f"{chain} {sequence} {head}\n".encode())

    def read(self) -> dict[int, tuple[int, str]]:
        """Return the furthest published head of each chain."""
        heads: dict[int, tuple[int, str]] = {}
        if self.path.exists():
            for line in self.path.read_text().splitlines():
                chain, sequence, head = line.split(" ")
                heads[int(chain)] = max(heads.get(int(chain), (0, "")), (int(sequence), head))
        return heads
