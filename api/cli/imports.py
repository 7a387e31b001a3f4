"""`aftersales import …`: files become machines, readings, faults, parts, stock and demand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from rich.console import Console
from rich.status import Status
from sqlalchemy import select

from aftersales.access import SYSTEM, Actor
from aftersales.imports import service, undoing
from aftersales.imports.kinds import Kind
from aftersales.imports.mapping import Source, mapping_from
from aftersales.imports.service import DryRun, Refused, Result
from aftersales.models import User
from aftersales.people import queries as people
from aftersales.people import rules
from aftersales.translate import translator
from aftersales.work import Workshop
from api.cli.shop import workshop

SHOWN = 20
user_option = click.option(
    "--user", "email", required=True, envvar="AFTERSALES_USER", help="Whose name the import is in (e-mail address)."
)


@click.group("import")
def group() -> None:
    """Take in files (CSV or XLSX): all rows or none by default; a second run changes nothing.

    \b
    A good order: parts, machines, readings, components, failures, replacements, faults, stock, demand.
    """


def actor_of(shop: Workshop, email: str) -> Actor:
    """Return the user with this address as the one who acts."""
    with shop.reading(SYSTEM) as work:
        user = work.session.scalar(select(User).where(User.email == rules.normal_email(email)))
        if user is None or not people.active(work, user):
            raise click.ClickException(f"there is no user {email}")
        return people.actor_for(work, user)


def sources(maps: tuple[str, ...], sets: tuple[str, ...], mapping: Path | None) -> dict[str, Source]:
    """Return where fields come from, by a mapping file and options; options win."""
    found: dict[str, Source] = {}
    if mapping is not None:
        try:
            content = json.loads(mapping.read_text(encoding="utf-8-sig"))
        except (ValueError, UnicodeDecodeError) as error:
            raise click.ClickException(f"{mapping} is not JSON: {error}") from error
        if not isinstance(content, dict):
            raise click.ClickException(f"{mapping} is not a JSON object of fields")
        found = mapping_from(content)
    for pair, constant in [*((one, False) for one in maps), *((one, True) for one in sets)]:
        name, equals, value = (word.strip() for word in pair.partition("="))
        if not equals or not name:
            raise click.ClickException(f"write FIELD=…, not {pair}")
        found[name] = Source(value=value) if constant else Source(column=value)
    return found


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise click.BadParameter(f"there is no time zone {name!r}", param_hint="--time-zone") from error


def _command(kind: Kind) -> click.Command:
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @user_option
    @click.option("--map", "maps", multiple=True, metavar="FIELD=COLUMN", help="Take a field from another column.")
    @click.option("--set", "sets", multiple=True, metavar="FIELD=VALUE", help="The same value in every row.")
    @click.option(
        "--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="JSON file of such sources."
    )
    @click.option(
        "--time-zone",
        metavar="ZONE",
        help="Of hours without one, such as Europe/Zagreb; your organisation's by default.",
    )
    @click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
    @click.option("--partial", is_flag=True, help="Take the good rows in even when others are refused.")
    @click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write refused rows to this CSV.")
    def run(
        file: Path,
        email: str,
        maps: tuple[str, ...],
        sets: tuple[str, ...],
        mapping: Path | None,
        time_zone: str | None,
        dry_run: bool,
        partial: bool,
        errors: Path | None,
    ) -> None:
        shop = workshop()
        actor = actor_of(shop, email)
        if time_zone is not None:
            actor = replace(actor, time_zone=_zone(time_zone).key)
        given = sources(maps, sets, mapping)
        try:
            with Status(f"reading {file.name}", console=Console(stderr=True)), shop.transaction(actor) as work:
                result = service.take(
                    work,
                    kind=kind.name,
                    file_name=file.name,
                    content=file.read_bytes(),
                    given=given,
                    partial=partial,
                    dry_run=dry_run,
                )
        except DryRun as trial:
            _report(trial.result, errors, "Dry run, nothing was changed")
            if trial.result.refused and not partial:
                raise click.ClickException("without --partial nothing of this file will be taken in") from None
            return
        except Refused as refusal:
            _problems(refusal.errors, errors)
            raise click.ClickException(str(refusal)) from refusal
        _report(result, errors, f"Import {result.run_id}")

    lines = [
        f"  {one.name:18}{'required' if one.required else ''}{'; ' if one.required and one.help else ''}{one.help}"
        for one in kind.fields(ZoneInfo("UTC"))
    ]
    text = f"{kind.help}\n\n\b\nFields:\n" + "\n".join(lines)
    return click.command(kind.name, help=text)(run)


def _report(result: Result, errors: Path | None, head: str) -> None:
    click.echo(f"{head}: {result.added} added, {result.unchanged} unchanged, {result.refused} rows refused.")
    _problems(result.problems, errors)


def _problems(problems: Sequence[Mapping[str, Any]], errors: Path | None) -> None:
    t = translator("en")
    for one in problems[:SHOWN]:
        params = one.get("params")
        words = t.gettext(str(one["message"]), **(dict(params) if isinstance(params, dict) else {}))
        click.echo(f"  row {one['row']}, {one['field']} {one['value']!r}: {words}", err=True)
    if len(problems) > SHOWN:
        click.echo(f"  … and {len(problems) - SHOWN} more", err=True)
    if errors is not None and problems:
        try:
            errors.write_bytes(service.error_file(problems, t))
        except OSError as error:
            raise click.ClickException(f"{errors}: cannot be written ({error.strerror})") from error
        click.echo(f"All of them are in {errors}", err=True)


@group.command("list")
@user_option
def list_runs(email: str) -> None:
    """List the newest imports of your organisation."""
    shop = workshop()
    with shop.reading(actor_of(shop, email)) as work:
        for run in undoing.runs(work):
            state = "taken back" if run.undone_at else ""
            click.echo(
                f"{run.id:6}  {run.created_at:%Y-%m-%d %H:%M}  {run.kind:13} {run.added:7} added  "
                f"{run.file_name} {state}"
            )


@group.command("undo")
@click.argument("run", type=int)
@user_option
def undo(run: int, email: str) -> None:
    """Take an import back, by counter-entries where its rows are a ledger."""
    shop = workshop()
    with shop.transaction(actor_of(shop, email)) as work:
        row = undoing.undo(work, run)
        done = f"Import {row.id} ({row.kind}, {row.file_name}) is taken back."
    click.echo(done)


for one in service.KINDS.values():
    group.add_command(_command(one))
