"""`aftersales serve`: the web server with the job worker beside it; Ctrl-C ends both."""

import os
import signal
import subprocess
import sys
import time

import click

from aftersales.settings import Settings

PATIENCE_SECONDS = 10


@click.command("serve")
@click.option("--jobs/--no-jobs", default=True, help="Run the job worker beside the web server.")
def command(jobs: bool) -> None:
    """Serve pages and API at http://HOST:PORT, with the job worker beside them."""
    settings = Settings.from_env()
    web = [sys.executable, "-m", "gunicorn", "api.app:create_app()", "--bind", f"{settings.host}:{settings.port}"]
    web += ["--workers", str(settings.workers), "--worker-class", "gthread", "--threads", "8", "--log-level", "warning"]
    processes = [subprocess.Popen(web)]
    if jobs:
        processes.append(subprocess.Popen([sys.executable, "-m", "api.cli", "jobs", "run"]))
    click.echo(f"Serving at http://{settings.host}:{settings.port} (Ctrl-C ends)")
    sys.exit(_watch(processes))


def _watch(processes: "list[subprocess.Popen[bytes]]") -> int:
    """Wait until told to end or one of the processes ends by itself; then end them all."""
    told: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: told.append(number))
    while not told and all(process.poll() is None for process in processes):
        time.sleep(0.2)
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
    return 0 if told else max(abs(process.returncode or 0) for process in processes) or 1
