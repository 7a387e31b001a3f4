"""The audit trail, the keys of repeated requests, the outbox, and marks of the database itself."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Base, Hash


class AuditHead(Base):
    """Where each organisation's chain ends. Organisation 0 is the system's own chain."""

    __tablename__ = "audit_head"
    __audited__ = False

    chain: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int]
    hash: Mapped[Hash]


class AuditEntry(Base):
    """One change: who, when, what, before and after. Each entry's hash covers the one before it."""

    __tablename__ = "audit_entry"
    __ledger__ = True
    __audited__ = False
    __table_args__ = (Index(None, "object_type", "object_id"),)

    chain: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    user_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(40))
    object_type: Mapped[str] = mapped_column(String(60))
    object_id: Mapped[str] = mapped_column(String(80))
    changes: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[Hash]
    hash: Mapped[Hash]


class IdempotencyKey(Base):
    """A request already carried out under a key, with its answer; the same key gives the same answer."""

    __tablename__ = "idempotency_key"
    __audited__ = False

    actor: Mapped[str] = mapped_column(String(80), primary_key=True)
    route: Mapped[str] = mapped_column(String(120), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_hash: Mapped[Hash]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)


class OutboxEvent(Base):
    """Something to be done after the transaction, at least once."""

    __tablename__ = "outbox_event"
    __audited__ = False
    __table_args__ = (Index(None, "done_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event: Mapped[str] = mapped_column(String(60))
    payload: Mapped[dict[str, Any]]
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(1000))
    done_at: Mapped[datetime | None]


class DatabaseMark(Base):
    """A fact about the database itself, such as that it holds sample data."""

    __tablename__ = "database_mark"
    __audited__ = False

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))
