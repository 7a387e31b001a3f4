"""`aftersales doctor`: verify everything that must be true."""

import click
from rich.console import Console
from rich.status import Status

from aftersales.operations import doctor
from api.cli.shop import workshop


@click.command("doctor")
def command() -> None:
    """Verify schema, guards, every invariant and the audit chains; non-zero when something is wrong."""
    names: list[str] = []
    with Status("", console=Console(stderr=True)) as status:

        def report(name: str) -> None:
            names.append(name)
            status.update(name)

        findings = doctor.examine(workshop(), report)
    for finding in findings:
        click.echo(f"{finding.check}: {finding.problem}")
    if findings:
        raise click.ClickException(f"{len(findings)} findings in {len(names)} checks")
    click.echo(f"{len(names)} checks, all well.")
