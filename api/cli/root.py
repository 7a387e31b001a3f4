"""The root command and what every command shares."""

import sys
from collections.abc import Mapping
from importlib import import_module

import click

from aftersales.errors import DomainError


class Taught(click.Group):
    """A group that says a refusal of the domain in one line, and whose commands are loaded when they are asked for.

    :param lazy: by name, where the command is (``module:attribute``) and its short help. What a command needs (numeric
        libraries, papers, signatures) takes seconds to load, and the others do without.
    """

    def __init__(self, *, lazy: Mapping[str, tuple[str, str]], **attributes: object) -> None:
        super().__init__(**attributes)  # type: ignore[arg-type]  # handed through to click
        self._lazy = dict(lazy)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of the table."""
        return [*self._lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, loaded now."""
        if cmd_name in self._lazy:
            module, _, attribute = self._lazy[cmd_name][0].partition(":")
            found: click.Command = getattr(import_module(module), attribute)
            return found
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the names and short helps, for which no command is loaded."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, short) for name, (_, short) in self._lazy.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except DomainError as error:
            for item in error.errors:
                click.echo("  " + ", ".join(f"{name} {value}" for name, value in item.items()), err=True)
            raise click.ClickException(str(error)) from error


COMMANDS: Mapping[str, tuple[str, str]] = {
    "db": ("api.cli.database:group", "Make the database, bring it forward, check its schema."),
    "user": ("api.cli.users:group", "Add, invite and help users."),
    "sample": ("api.cli.sample:group", "A simulated fleet to look around in."),
    "import": ("api.cli.imports:group", "Take in files (CSV or XLSX), and take an import back."),
    "serve": ("api.cli.serve:command", "Pages, API and job worker at http://HOST:PORT."),
    "jobs": ("api.cli.jobs:group", "What is done after a request: mail, papers, forecasts."),
    "backup": ("api.cli.backup:backup", "Write database, files and keys into one archive."),
    "restore": ("api.cli.backup:restore", "Bring a backup back on an empty installation."),
    "doctor": ("api.cli.doctor:command", "Verify schema, invariants and audit chains."),
    "forecast": ("api.cli.forecasts:group", "Forecast the demand for spare parts."),
    "stock": ("api.cli.stock:group", "Say which parts to keep in stock, where, and how many."),
    "plan": ("api.cli.plan:group", "Plan what to order when, from the newest forecast."),
}


@click.group(
    cls=Taught, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
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


if __name__ == "__main__":
    sys.exit(main())
