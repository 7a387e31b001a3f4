"""`aftersales plan …`: what to order when, for the catalogues in the database."""

from dataclasses import replace

import click
from sqlalchemy import select

from aftersales.access import SYSTEM
from aftersales.models import ForecastRun, Organization
from aftersales.planning.supply import plans
from aftersales.work import Workshop
from api.cli.shop import workshop


@click.group(name="plan")
def group() -> None:
    """Plan what to order when."""


@group.command("run")
@click.option("--organization", metavar="NAME", help="Whose plan; of everybody with a forecast by default.")
@click.option(
    "--months", type=click.IntRange(1, plans.MOST_MONTHS), default=12, show_default=True, help="At most the forecast's."
)
def run_command(organization: str | None, months: int) -> None:
    """Plan what to order in each month from the newest forecast and keep the plan; pages and API show it."""
    shop = workshop()
    found = _organizations(shop, organization)
    for number, name in found:
        with shop.transaction(replace(SYSTEM, organization_id=number)) as work:
            made = plans.run_plan(work, horizon=months)
            summary = made.summary
            money = sum(map(float, summary["money"]))
            click.echo(f"{name}: plan {made.id}, {summary['orders']} orders, {money:,.2f} {summary['currency']}")
    if not found:
        click.echo("There is no forecast to plan from; make one with: aftersales forecast run")


def _organizations(shop: Workshop, name: str | None) -> list[tuple[int, str]]:
    """Whose supply to plan: everybody's with a forecast, or one by name."""
    with shop.reading(SYSTEM) as work:
        query = select(Organization.id, Organization.name).order_by(Organization.id)
        known = Organization.id.in_(select(ForecastRun.organization_id))
        rows = work.session.execute(query.where(known if name is None else Organization.name == name))
        found = [(row.id, row.name) for row in rows]
    if name is not None and not found:
        raise click.BadParameter(f"there is no organisation {name!r}", param_hint="--organization")
    return found
