"""Every check of the doctor finds what it is there for, and finds nothing on a sound installation."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection

from aftersales.access import SYSTEM
from aftersales.clock import FixedClock
from aftersales.operations import doctor
from aftersales.operations.doctor import structure
from aftersales.work import Workshop
from tests.conftest import NOON, settings_for

pytestmark = pytest.mark.xdist_group("sample")


@pytest.fixture
def sample(sample_folder: Path, tmp_path: Path) -> Iterator[Workshop]:
    """A copy of the sample that a test may break: its guards are taken away first."""
    folder = tmp_path / "broken"
    shutil.copytree(sample_folder, folder)
    shop = Workshop(settings_for(folder / "var", f"sqlite:///{folder / 'aftersales.db'}"), FixedClock(NOON))
    with shop.engine.begin() as connection:
        for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f'DROP TRIGGER "{name}"'))
    yield shop
    shop.engine.dispose()


ANY_MACHINE = "(SELECT min(id) FROM machine WHERE state = 'in_operation')"
READING = "meter_id, at, display, kind, source, corrects_id, recorded_at"
REST = "valid_from, ratio, both_ways"
BREAKS = {
    "schema": ["ALTER TABLE organization ADD COLUMN surplus TEXT"],
    "audit chains": ["UPDATE audit_entry SET changes = '{}' WHERE sequence = 100"],
    "references": ["UPDATE machine SET site_id = 99999 WHERE id = 1"],
    "outbox": ["UPDATE outbox_event SET attempts = 6, done_at = NULL WHERE id = 1"],
    "life cycles": [f"UPDATE machine SET state = 'standby' WHERE id = {ANY_MACHINE}"],
    "passports": ["UPDATE passport SET content_hash = 'f' WHERE id = 1"],
    "parties": ["UPDATE machine_party SET valid_to = '2026-05-01' WHERE role = 'manufacturer' AND machine_id = 1"],
    "components": ["UPDATE installation SET slot = 99 WHERE id = 1"],
    "meter life": ["UPDATE meter SET latest_life = latest_life + 1000 WHERE id = 1"],
    "meter corrections": [
        f"INSERT INTO reading ({READING}) SELECT 2, '2026-05-01', 0, 'void', 'file', 1, '2026-05-01'"
    ],
    "fault reports": ["UPDATE fault_report SET state = 'rejected' WHERE id = 1"],
    "work orders": ["UPDATE part_use SET move_id = NULL WHERE id = (SELECT min(id) FROM part_use)"],
    "component exchanges": ["UPDATE installation SET work_order_id = NULL"],
    "certificates": ["UPDATE certificate SET sequence = sequence + 1000 WHERE id = 1"],
    "warranties": ["UPDATE extension_offer SET state = 'accepted' WHERE state = 'offered'"],
    "stock balances": ["UPDATE balance SET on_hand = on_hand + 1000 WHERE id = 1"],
    "reservations": ["UPDATE balance SET on_hand = on_hand + 1000, reserved = reserved + 1000 WHERE id = 1"],
    "serials": ["UPDATE serial_place SET condition = 'core' WHERE move_id = (SELECT min(move_id) FROM serial_place)"],
    "supersession": [
        f"INSERT INTO supersession (old_id, new_id, {REST}) SELECT new_id, old_id, {REST} FROM supersession"
    ],
    "supply receipts": ["UPDATE supply_order_line SET received = received + 1000 WHERE id = 1"],
    "supply orders": ["UPDATE supply_order SET state = 'sent' WHERE state = 'received'"],
    "stock owners": ["UPDATE stock_move SET serial_number = NULL WHERE serial_number IS NOT NULL"],
}


def carry_out(connection: Connection, statements: list[str]) -> None:
    connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr] # sqlite3
    connection.connection.driver_connection.execute("PRAGMA ignore_check_constraints=ON")  # type: ignore[union-attr]
    with connection.begin():
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize("check", sorted(BREAKS))
def test_a_check_finds_what_it_is_for(sample: Workshop, check: str) -> None:
    with sample.engine.connect() as connection:
        carry_out(connection, BREAKS[check])
    if check in doctor.CHECKS:
        with sample.reading(SYSTEM) as work:
            found = list(doctor.CHECKS[check](work))
    else:
        found = list(structure.checks_of(sample)[check]())
    assert found


def test_missing_guards_and_damaged_files_are_found(sample: Workshop) -> None:
    with sample.transaction() as work:
        digest = work.keep_file(b"a photograph", "image/png")
        lost = work.keep_file(b"another", "image/png")
    sample.files.path(digest).write_bytes(b"something else")
    sample.files.path(lost).unlink()
    findings = doctor.examine(sample)
    assert {finding.check for finding in findings} == {"guards of ledgers and periods", "files"}
    assert {finding.problem for finding in findings if finding.check == "files"} == {
        f"file {digest} is damaged",
        f"file {lost} is missing",
    }


def test_every_check_has_a_break(sample: Workshop) -> None:
    names = {*doctor.CHECKS, *structure.checks_of(sample)}
    assert names == {*BREAKS, "guards of ledgers and periods", "files"}
