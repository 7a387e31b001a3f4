"""`aftersales forecast run`: forecast the catalogues in the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import select

from aftersales.access import SYSTEM
from aftersales.errors import DomainError
from aftersales.models import Organization, Part
from aftersales.planning import service
from aftersales.planning.rules import months
from aftersales.work import Workshop
from api.cli.shop import workshop
from forecasting.engine import Progress as Report

MOST_BACK = 36


@click.command("run")
@click.option("--organization", metavar="NAME", help="Whose catalogue; every one with demand history by default.")
@click.option("--horizon", type=click.IntRange(1, service.MOST_MONTHS), default=12, show_default=True, help="Months.")
@click.option("--seed", type=click.IntRange(0, service.MOST_SEED), default=0, show_default=True)
@click.option(
    "--origin", metavar="MONTH", help="First month to forecast, such as 2026-03; nothing of it or later is used."
)
@click.option(
    "--since",
    metavar="MONTH",
    help="First a run for each month from this one on, as it would have been made then, to see how it would have done.",
)
@click.option("--back", type=click.IntRange(1, MOST_BACK), metavar="N", help="Like --since, that many months back.")
@click.option("--if-changed", is_flag=True, help="Make no run where the newest one had the same inputs.")
def command(
    organization: str | None,
    horizon: int,
    seed: int,
    origin: str | None,
    since: str | None,
    back: int | None,
    if_changed: bool,
) -> None:
    """Forecast the parts of the database and keep the run; pages and API show it."""
    shop = workshop()
    wanted = [*_months(shop, since, back), None if origin is None else months.parse(origin)]
    made = 0
    for number, name in _organizations(shop, organization):
        for begin in wanted:
            try:
                with _shown(name) as progress:
                    run_id = service.run_forecast(
                        shop,
                        replace(SYSTEM, organization_id=number),
                        horizon=horizon,
                        seed=seed,
                        origin=begin,
                        only_if_changed=if_changed,
                        progress=progress,
                    )
            except DomainError as error:
                if organization is not None or error.reason != "no_history":
                    raise
                continue
            if run_id is not None:
                made += 1
                click.echo(f"{name}: forecast run {run_id}")
    if not made:
        click.echo("No new forecast: nothing changed, or there is no demand history yet.")


def _months(shop: Workshop, since: str | None, back: int | None) -> list[date]:
    """The months from one on, or so many, up to the current one, itself not among them."""
    if since is not None and back is not None:
        raise click.UsageError("give --since or --back, not both")
    if since is None and back is None:
        return []
    current = months.month_of(shop.clock.now().date())
    first = months.parse(since) if since is not None else months.plus(current, -(back or 0))
    count = months.between(first, current)
    if not 0 <= count <= MOST_BACK:
        raise click.BadParameter(f"--since goes back at most {MOST_BACK} months", param_hint="--since")
    return [months.plus(first, step) for step in range(count)]


def _organizations(shop: Workshop, name: str | None) -> list[tuple[int, str]]:
    """Whose parts to forecast: everybody's with parts of their own, or one by name."""
    with shop.reading(SYSTEM) as work:
        query = select(Organization.id, Organization.name).order_by(Organization.id)
        owners = select(Part.organization_id)
        query = query.where(Organization.id.in_(owners) if name is None else Organization.name == name)
        found = [(row.id, row.name) for row in work.session.execute(query)]
    if name is not None and not found:
        raise click.BadParameter(f"there is no organisation {name!r}", param_hint="--organization")
    return found


@contextmanager
def _shown(name: str) -> Iterator[Report]:
    """A progress bar on the error stream, when somebody looks at it."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total, label: bar.update(task, completed=done, total=total, description=f"{name}: {label}")
