"""Files appear whole or not at all, whatever ends the command."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from api.cli.forecast_output import Refused, all_or_nothing
from forecasting.cluster import INSTALLED

PARTS = 30_000


def wait_for(what: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    end = time.monotonic() + 60
    while not what():
        assert process.poll() is None, "it ended before it could be stopped"
        assert time.monotonic() < end
        time.sleep(0.001)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue whose results take a moment to write."""
    path = tmp_path_factory.mktemp("large") / "demand.csv"
    demand = np.random.default_rng(5).poisson(0.4, (PARTS, 12)).astype(str)
    heading = ",".join(["part_id", *(f"2024-{month:02d}" for month in range(1, 13))])
    path.write_text("\n".join([heading, *(f"P{row},{','.join(cells)}" for row, cells in enumerate(demand))]) + "\n")
    return path


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 1), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("moment", ["reading", "writing"])
def test_a_stopped_command_leaves_everything_as_it_was(
    tmp_path: Path, large: Path, number: signal.Signals, code: int, moment: str
) -> None:
    out = tmp_path / "deep" / "out"
    if moment == "writing":
        out.mkdir(parents=True)
        (out / "monthly.csv").write_text("old\n")
    command = [sys.executable, "-m", "api.cli", "forecast", "demand", str(large), "--out", str(out)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        pattern = ".unfinished-*" if moment == "reading" else ".unfinished-*/monthly.csv"
        wait_for(lambda: any(out.glob(pattern)), process)
        process.send_signal(number)
        said, complaint = process.communicate(timeout=60)
    assert process.returncode == code, complaint
    assert "Traceback" not in said + complaint
    left = [str(path.relative_to(tmp_path)) for path in sorted(tmp_path.rglob("*"))]
    assert left == ([] if moment == "reading" else ["deep", "deep/out", "deep/out/monthly.csv"])
    if moment == "writing":
        assert (out / "monthly.csv").read_text() == "old\n"


@pytest.mark.skipif(not INSTALLED, reason="dask distributed is not installed")
def test_the_processes_of_a_cluster_end_quietly_too(tmp_path: Path, large: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "api.cli", "forecast", "demand", str(large), "--out", str(out)]
    with subprocess.Popen(
        [*command, "--cluster", "local"],
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        wait_for(lambda: any(path.stat().st_size > 0 for path in out.glob(".unfinished-*/monthly.csv")), process)
        # the terminal sends Ctrl-C to all processes of the command
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.strip() == "Aborted!"
    assert not out.exists()


def test_results_replace_their_forerunners_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "a.csv").write_text("old")
    with all_or_nothing(tmp_path) as folder:
        (folder / "a.csv").write_text("new")
        assert (tmp_path / "a.csv").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "notes.txt"]
    assert (tmp_path / "a.csv").read_text() == "new"


def test_a_failure_takes_away_the_folders_made_for_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no"), all_or_nothing(tmp_path / "a" / "b") as folder:
        (folder / "half.csv").write_text("1")
        raise ValueError("no")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused_before_any_work(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(Refused, match="cannot be written"), all_or_nothing(tmp_path):
        raise AssertionError
    with pytest.raises(Refused, match="cannot be written"), all_or_nothing(tmp_path / "new"):
        raise AssertionError
    tmp_path.chmod(0o700)


def test_a_place_that_cannot_hold_folders_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(Refused, match="cannot be written"), all_or_nothing(tmp_path / "file" / "out"):
        raise AssertionError
    with pytest.raises(Refused, match="cannot be written"), all_or_nothing(Path("/proc/out")):
        raise AssertionError
