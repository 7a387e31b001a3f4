"""`aftersales backup` and `aftersales restore`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from aftersales.operations import backup as operations
from aftersales.operations.backup import Report
from api.cli.shop import workshop


@contextmanager
def _progress() -> Iterator[Report]:
    """Show how far it is, on a terminal and on standard error alone."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total, what: progress.update(task, completed=done, total=total, description=what)


@click.command("backup")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def backup(target: Path) -> None:
    """Write database, files and keys into one archive (.tar.gz). It holds secrets: keep it safe."""
    with _progress() as report:
        manifest = operations.backup(workshop(), target, report)
    click.echo(f"{sum(manifest['rows'].values())} rows and {len(manifest['sha256'])} files in {target}")


@click.command("restore")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(source: Path) -> None:
    """Bring a backup back on an empty installation; it is checked before anything is written."""
    with _progress() as report:
        manifest = operations.restore(workshop(), source, report)
    click.echo(f"{sum(manifest['rows'].values())} rows restored, as of {manifest['made_at']}. Now: aftersales doctor")
