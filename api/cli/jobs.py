"""`aftersales jobs …`: the worker beside the web server."""

import click

from aftersales.jobs import handlers, worker
from aftersales.jobs.outbox import deliver
from api.cli.shop import workshop


@click.group("jobs")
def group() -> None:
    """Mail, papers, nightly forecasts: what is done after a request."""


@group.command("run")
@click.option("--once", is_flag=True, help="Do what is due now and end, instead of waiting for more.")
@click.option("--nightly", is_flag=True, help="Also do the nightly tasks now.")
def run(once: bool, nightly: bool) -> None:
    """Run the job worker until Ctrl-C."""
    shop = workshop()
    if nightly:
        worker.run_nightly(shop)
    if once:
        done = 0
        while batch := deliver(shop, handlers.HANDLERS):
            done += batch
        click.echo(f"{done} events done.")
        return
    worker.run(shop)
