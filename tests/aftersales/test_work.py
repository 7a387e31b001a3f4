"""The unit of work: it commits whole or not at all, keeps the trail and refuses changed ledgers."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from aftersales import audit
from aftersales.errors import Conflict
from aftersales.models import AuditEntry, Organization
from aftersales.work import Work, Workshop, secret


def organization(work: Work, name: str) -> Organization:
    row = Organization(name=name, kinds=["operator"], country="HR", created_at=work.now)
    work.session.add(row)
    return row


def test_a_change_leaves_an_entry_in_the_same_transaction(workshop: Workshop) -> None:
    with workshop.transaction() as work:
        organization(work, "Kamen")
    with workshop.transaction() as work:
        row = work.session.get_one(Organization, 1)
        row.name = "Kamen d.o.o."
    with Session(workshop.engine) as session:
        entries = session.query(AuditEntry).order_by(AuditEntry.sequence).all()
        assert [(e.action, e.object_type, e.object_id) for e in entries] == [
            ("create", "organization", "1"),
            ("update", "organization", "1"),
        ]
        assert '"name":"Kamen d.o.o."' in entries[1].changes
        assert not list(audit.verify(session, workshop.audit_key, workshop.heads.read()))


def test_a_failed_block_keeps_nothing(workshop: Workshop) -> None:
    with workshop.transaction() as work:
        organization(work, "Kamen")
    with pytest.raises(Conflict), workshop.transaction() as work:
        organization(work, "Granit")
        organization(work, "Kamen")
    with Session(workshop.engine) as session:
        assert session.query(Organization).count() == 1
        assert session.query(AuditEntry).count() == 1


COPIED = "at, user_id, action, object_type, object_id, changes, previous_hash, hash"
TAMPERINGS = [
    "UPDATE audit_entry SET changes = '{}' WHERE sequence = 2",
    "DELETE FROM audit_entry WHERE sequence = 2",
    f"INSERT INTO audit_entry SELECT chain, 9, {COPIED} FROM audit_entry WHERE sequence = 3",
    "UPDATE audit_entry SET sequence = CASE sequence WHEN 1 THEN 91 ELSE 92 END WHERE sequence IN (1, 2)",
    "DELETE FROM audit_entry WHERE sequence = 3",
]


@pytest.mark.parametrize("statement", TAMPERINGS, ids=["edited", "deleted", "inserted", "reordered", "cut off"])
def test_the_trail_shows_tampering(workshop: Workshop, statement: str) -> None:
    for name in ("Kamen", "Granit", "Pijesak"):
        with workshop.transaction() as work:
            organization(work, name)
    with workshop.engine.begin() as connection:
        suffix = " ON audit_entry" if connection.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER ledger_audit_entry_update{suffix}"))
        connection.execute(text(f"DROP TRIGGER ledger_audit_entry_delete{suffix}"))
        connection.execute(text(statement))
    with Session(workshop.engine) as session:
        assert list(audit.verify(session, workshop.audit_key, workshop.heads.read()))


def test_a_chain_cut_off_with_its_head_is_shown_by_the_published_head(workshop: Workshop) -> None:
    for name in ("Kamen", "Granit"):
        with workshop.transaction() as work:
            organization(work, name)
    with workshop.engine.begin() as connection:
        suffix = " ON audit_entry" if connection.dialect.name == "postgresql" else ""
        connection.execute(text(f"DROP TRIGGER ledger_audit_entry_delete{suffix}"))
        connection.execute(text("DELETE FROM audit_entry WHERE sequence = 2"))
        connection.execute(
            text("UPDATE audit_head SET sequence = 1, hash = (SELECT hash FROM audit_entry WHERE sequence = 1)")
        )
    with Session(workshop.engine) as session:
        faults = list(audit.verify(session, workshop.audit_key, workshop.heads.read()))
    assert [fault.sequence for fault in faults] == [1]


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET changes = '{}'", "DELETE FROM audit_entry"])
def test_a_ledger_refuses_changes(workshop: Workshop, statement: str) -> None:
    with workshop.transaction() as work:
        organization(work, "Kamen")
    with pytest.raises(Conflict, match="ledger"), workshop.transaction() as work:
        work.session.execute(text(statement))


def test_a_secret_is_made_once_however_many_ask_for_it_first(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "cookies.key"
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: secret(path), range(64)))
    assert len(found) == 1
    assert len(found.pop()) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert [other.name for other in path.parent.iterdir()] == ["cookies.key"]
