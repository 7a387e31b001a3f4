"""Repeated requests: the same key from the same actor on the same route has one effect and one answer.

The key is claimed, and its answer kept, in the transaction of the effect itself. Answers never hold secrets.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from aftersales.errors import RuleBroken
from aftersales.models import IdempotencyKey
from aftersales.translate import N_
from aftersales.work import Work

KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Kept:
    """The answer given the first time."""

    status: int
    headers: dict[str, Any]
    body: bytes


def claim(work: Work, *, actor: str, route: str, key: str, request: bytes) -> Kept | IdempotencyKey:
    """Claim a key, or return the answer kept under it.

    :param request: the request's body; only its hash is kept.
    :raises RuleBroken: when the key was used for another request.
    """
    digest = hashlib.sha256(request).hexdigest()
    row = work.session.get(IdempotencyKey, (actor, route, key))
    if row is None:
        row = IdempotencyKey(actor=actor, route=route, key=key, request_hash=digest, created_at=work.now)
        work.session.add(row)
        work.session.flush()
        return row
    if row.request_hash != digest:
        raise RuleBroken(N_("This Idempotency-Key was used for another request"), code="idempotency_key_reused")
    return Kept(row.status or 200, row.headers or {}, row.body or b"")


def keep(row: IdempotencyKey, status: int, headers: dict[str, Any], body: bytes) -> None:
    """Keep the answer with its key."""
    row.status, row.headers, row.body = status, headers, body


def forget_old(work: Work) -> int:
    """Forget keys older than thirty days and return how many."""
    result = work.session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < work.now - KEPT))
    return int(getattr(result, "rowcount", 0))
