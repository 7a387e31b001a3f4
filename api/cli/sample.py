"""`aftersales sample …`: the simulated fleet to look around in."""

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from aftersales.sample import load as sample
from aftersales.sample.companies import COMPANIES, PASSWORD, PEOPLE
from api.cli.shop import workshop


@click.group("sample")
def group() -> None:
    """A simulated maker, its customers and four years of machines; all of it invented."""


@group.command("load")
@click.option("--once", is_flag=True, help="Do nothing when it is loaded already.")
def load(once: bool) -> None:
    """Load the sample fleet into an empty database and mark it as sample."""
    shop = workshop()
    if once and sample.is_loaded(shop):
        click.echo("The sample fleet is loaded already.")
        print_sign_ins()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("sample fleet", total=None)
        machines = sample.load(
            shop, lambda done, total, what: progress.update(task, completed=done, total=total, description=what)
        )
    click.echo(f"Loaded the sample fleet: {machines} machines. This is sample data.")
    print_sign_ins()


@group.command("sign-ins")
def print_sign_ins_command() -> None:
    """Print who can sign in to the sample."""
    print_sign_ins()


def print_sign_ins() -> None:
    """Print the sample sign-ins and their password."""
    names = {company.key: company.name for company in COMPANIES}
    width = max(len(person.email) for person in PEOPLE)
    click.echo(f"\nSample sign-ins, password “{PASSWORD}”:")
    for person in PEOPLE:
        click.echo(f"  {person.email:{width}}  {person.title}, {names[person.company]}: {person.act}")
    click.echo("")
