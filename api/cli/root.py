"""The root command and what every command shares."""

import sys

import click

from aftersales.errors import DomainError
from api.cli import backup, database, doctor, forecast, forecast_run, imports, jobs, sample, serve, users


class Taught(click.Group):
    """A group that says a refusal of the domain in one line instead of a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except DomainError as error:
            for item in error.errors:
                click.echo("  " + ", ".join(f"{name} {value}" for name, value in item.items()), err=True)
            raise click.ClickException(str(error)) from error


@click.group(cls=Taught, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="aftersales")
def main() -> None:
    """After-sales service and spare parts: machines, faults, maintenance, stock and forecast.

    \b
    First steps on a fresh machine:
      aftersales db upgrade        make or bring forward the database
      aftersales sample load       a simulated fleet to look around in
      aftersales user add …        your own organisation's first user
      aftersales serve             pages, API and job worker at once

    Settings come from the environment: PORT, HOST, AFTERSALES_DATABASE_URL, AFTERSALES_PUBLIC_URL,
    AFTERSALES_VAR (database, files and keys), AFTERSALES_SMTP_URL, AFTERSALES_REDIS_URL, AFTERSALES_WORKERS.
    """


for command in (
    database.group,
    users.group,
    sample.group,
    imports.group,
    serve.command,
    jobs.group,
    backup.backup,
    backup.restore,
    doctor.command,
    forecast.group,
):
    main.add_command(command)
forecast.group.add_command(forecast_run.command)

if __name__ == "__main__":
    sys.exit(main())
