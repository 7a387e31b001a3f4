"""A backup restored on an empty installation is the same installation, whichever database is under it."""

import tarfile
from pathlib import Path

import pytest

from aftersales.access import SYSTEM
from aftersales.clock import FixedClock
from aftersales.errors import Conflict, Invalid
from aftersales.models import Organization
from aftersales.operations import doctor
from aftersales.operations.backup import backup, restore
from aftersales.work import Workshop
from tests.conftest import settings_for
from tests.world import build_world


@pytest.fixture
def empty(tmp_path: Path, clock: FixedClock) -> Workshop:
    folder = tmp_path / "elsewhere"
    return Workshop(settings_for(folder, f"sqlite:///{folder / 'new.db'}"), clock)


def organizations(shop: Workshop) -> list[str]:
    with shop.reading(SYSTEM) as work:
        return sorted(row.name for row in work.session.query(Organization))


def test_what_was_backed_up_comes_back_whole(workshop: Workshop, empty: Workshop, tmp_path: Path) -> None:
    build_world(workshop)
    with workshop.transaction() as work:
        work.keep_file(b"a photograph", "image/png")
        work.session.get_one(Organization, 1).name = "Renamed"
    target = tmp_path / "backup.tar.gz"
    backup(workshop, target)
    assert target.stat().st_mode & 0o077 == 0
    restore(empty, target)
    assert organizations(empty) == organizations(workshop)
    assert doctor.examine(empty) == doctor.examine(workshop)
    with empty.transaction() as work:
        work.session.add(Organization(name="New here", kinds=[], country="HR", created_at=work.now))


def test_a_damaged_backup_is_refused_before_anything_is_written(
    workshop: Workshop, empty: Workshop, tmp_path: Path
) -> None:
    build_world(workshop)
    target, spoiled = tmp_path / "backup.tar.gz", tmp_path / "spoiled.tar.gz"
    backup(workshop, target)
    folder = tmp_path / "unpacked"
    with tarfile.open(target) as archive:
        archive.extractall(folder, filter="data")
    (folder / "tables" / "organization.jsonl").write_text("")
    with tarfile.open(spoiled, "w:gz") as archive:
        archive.add(folder, ".")
    with pytest.raises(Invalid, match="damaged"):
        restore(empty, spoiled)
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(target.read_bytes()[:-200])
    with pytest.raises(Invalid, match="not a whole backup"):
        restore(empty, cut)
    assert not empty.settings.files.exists()


def test_nothing_is_overwritten(workshop: Workshop, empty: Workshop, tmp_path: Path) -> None:
    target = tmp_path / "backup.tar.gz"
    build_world(workshop)
    backup(workshop, target)
    with pytest.raises(Conflict, match="exists"):
        backup(workshop, target)
    restore(empty, target)
    with pytest.raises(Conflict, match="not empty"):
        restore(empty, target)
