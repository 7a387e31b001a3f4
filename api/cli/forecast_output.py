"""What every forecast command shares: refusals in one line, progress, a folder that is written whole or not at all."""

import json
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import FrameType

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from forecasting.engine import Progress as Report

STOPPING = (signal.SIGINT, signal.SIGTERM)


class Refused(click.ClickException):
    """Input that cannot be forecast from; nothing was written."""

    exit_code = 2


class Probabilities(click.ParamType[tuple[float, ...], str]):
    """Numbers between 0 and 1, separated by commas."""

    name = "numbers"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """The numbers, ascending, each once."""
        if isinstance(value, tuple):
            return value
        try:
            numbers = sorted({float(text) for text in str(value).split(",")})
        except ValueError:
            self.fail(f"{value!r} is not a list of numbers such as 0.5,0.9,0.95", param, ctx)
        if not all(0 < number < 1 for number in numbers):
            self.fail(f"{value!r}: quantiles lie between 0 and 1", param, ctx)
        return tuple(numbers)


@contextmanager
def shown() -> Iterator[Report]:
    """A progress bar on the error stream, when somebody looks at it."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("forecast", total=None)
        yield lambda done, total, label: bar.update(task, completed=done, total=total, description=label)


@contextmanager
def all_or_nothing(out: Path) -> Iterator[Path]:
    """A folder whose files move into ``out`` only when all of them are written.

    An existing folder keeps its other files; each result replaces the one of the same name in one step. Ctrl-C or a
    request to end takes everything away again; once the files begin to move, they all do.

    :raises Refused: when the folder cannot be written, before any work is done.
    """
    with _ending_cleanly(), _unbroken() as let_in:
        folder, made = _prepared(out)
        kept = False
        try:
            with let_in():
                yield folder
            for path in sorted(folder.iterdir()):
                path.replace(out / path.name)
            kept = True
        except OSError as error:
            raise Refused(f"{out}: cannot be written ({error.strerror or error})") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            for path in () if kept else made:
                path.rmdir()


def _prepared(out: Path) -> tuple[Path, list[Path]]:
    """A hidden folder inside ``out``, and the folders made for it, innermost first."""
    made: list[Path] = []
    try:
        for path in [*reversed(out.parents), out]:
            if not path.exists():
                path.mkdir()
                made.insert(0, path)
        return Path(tempfile.mkdtemp(prefix=".unfinished-", dir=out)), made
    except OSError as error:
        for path in made:
            path.rmdir()
        raise Refused(f"{out}: cannot be written ({error.strerror or error})") from error


@contextmanager
def _unbroken() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """Hold signals back, save inside what is given: there the ones that came meanwhile are heard."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)

    @contextmanager
    def let_in() -> Iterator[None]:
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)

    try:
        yield let_in
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _ending_cleanly() -> Iterator[None]:
    """A request to end (SIGTERM) unwinds like Ctrl-C, so that what was begun is taken away."""

    def end(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def peak_memory() -> float:
    """Largest memory this process, or the largest of those it started, held, in MiB."""
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / unit


def write_summary(folder: Path, summary: Mapping[str, object], started: float) -> None:
    """Write ``summary.json`` with the seconds since ``started`` (of ``time.perf_counter``) and the peak of memory."""
    cost = {"seconds": round(time.perf_counter() - started, 3), "peak_memory_mib": round(peak_memory(), 1)}
    text = json.dumps({**summary, **cost}, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8")


def number(value: float) -> float | None:
    """A figure for a summary; None where there is none."""
    return round(float(value), 6) if abs(value) < float("inf") else None
