"""`aftersales db …`: the schema."""

import click

from aftersales import migrations
from api.cli.shop import workshop


@click.group("db")
def group() -> None:
    """Make the database, bring it forward, check its schema."""


@group.command("upgrade")
def upgrade() -> None:
    """Bring the database to the newest schema; safe to repeat."""
    shop = workshop()
    before = migrations.current(shop.engine)
    migrations.upgrade(shop.engine)
    after = migrations.current(shop.engine)
    click.echo(f"Database schema: {after}" + ("" if before == after else f" (was {before or 'empty'})"))


@group.command("check")
def check() -> None:
    """Tell whether the schema is the newest and as the program expects; non-zero if not."""
    shop = workshop()
    problems = []
    if migrations.current(shop.engine) != migrations.head():
        problems.append(f"schema is {migrations.current(shop.engine) or 'empty'}, newest is {migrations.head()}")
    problems += migrations.differences(shop.engine)
    problems += [f"guard missing: {name}" for name in migrations.missing_guards(shop.engine)]
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        raise click.ClickException("the schema is not as it should be; run: aftersales db upgrade")
    click.echo("The schema is the newest and complete.")
