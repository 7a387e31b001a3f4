"""`aftersales serve` as a process: it answers, and one Ctrl-C ends web server and worker alike."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    dropped = {"AFTERSALES_DATABASE_URL", "AFTERSALES_PUBLIC_URL", "HOST", "FLASK_DEBUG"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return kept | {"AFTERSALES_VAR": str(tmp_path / "var"), "PORT": str(port), "AFTERSALES_WORKERS": "1"}


def answer(address: str, patience: float = 120) -> tuple[int, str]:
    """The status and text at an address, once the server answers."""
    deadline = time.monotonic() + patience
    while True:
        try:
            with urlopen(address, timeout=10) as response:
                return response.status, response.read().decode()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def children(pid: int) -> set[int]:
    out = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False).stdout
    found = {int(word) for word in out.split()}
    return found | {below for child in found for below in children(child)}


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/status")
    return not (status.exists() and "State:\tZ" in status.read_text())


def test_one_signal_ends_everything(environment: dict[str, str]) -> None:
    run = [sys.executable, "-m", "api.cli"]
    subprocess.run([*run, "db", "upgrade"], env=environment, cwd=ROOT, check=True, capture_output=True)
    process = subprocess.Popen(
        [*run, "serve"],
        env=environment,
        cwd=Path(environment["AFTERSALES_VAR"]).parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert answer(f"http://127.0.0.1:{environment['PORT']}/healthz") == (200, "ok\n")
        assert answer(f"http://127.0.0.1:{environment['PORT']}/readyz") == (200, "ready\n")
        family = children(process.pid)
        assert len(family) >= 2
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        deadline = time.monotonic() + 15
        while any(alive(pid) for pid in family) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert [pid for pid in family if alive(pid)] == []
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_a_port_in_use_ends_with_a_failure(environment: dict[str, str]) -> None:
    run = [sys.executable, "-m", "api.cli"]
    subprocess.run([*run, "db", "upgrade"], env=environment, cwd=ROOT, check=True, capture_output=True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(environment["PORT"])))
        taken.listen()
        command = [*run, "serve", "--no-jobs"]
        ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert ended.returncode != 0
