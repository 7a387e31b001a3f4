"""Take a file in: all of it, or nothing by default."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from aftersales.access import Permission, require
from aftersales.errors import Invalid
from aftersales.formats.tables import MAX_ROWS, Row, Table, read_table, write_csv
from aftersales.imports import catalogue, field, fleet, fleet_plan, renewals
from aftersales.imports.kinds import Kind, Parsed, Taken
from aftersales.imports.mapping import MONTH, Problem, Source, mapping_of, values_of
from aftersales.models import ImportedRow, ImportRun
from aftersales.translate import N_, Translator
from aftersales.work import Work

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        fleet.MACHINES,
        catalogue.PARTS,
        fleet.COMPONENTS,
        fleet.READINGS,
        field.FAULTS,
        field.FAILURES,
        renewals.REPLACEMENTS,
        catalogue.STOCK,
        catalogue.DEMAND,
        fleet_plan.PLAN,
    )
}


@dataclass(frozen=True, slots=True)
class Result:
    """What an import did: the run's number, rows added, unchanged and refused, and what was wrong with those."""

    run_id: int
    added: int
    unchanged: int
    problems: Sequence[Problem]

    @property
    def refused(self) -> int:
        """How many rows were refused."""
        return len({problem["row"] for problem in self.problems})


class Refused(Invalid):
    """Rows of the file are wrong; nothing was taken in. ``errors`` names each by row and field."""

    code = "rows_refused"


class DryRun(Exception):
    """Carries the result of a trial out of its transaction, which is thereby rolled back."""

    def __init__(self, result: Result) -> None:
        super().__init__("dry run")
        self.result = result


def take(
    work: Work,
    *,
    kind: str,
    file_name: str,
    content: bytes,
    given: Mapping[str, Source] | None = None,
    partial: bool = False,
    dry_run: bool = False,
) -> Result:
    """Take a file in. A file taken in before changes nothing. Rows come in by the use-cases of their rooms, so that
    whoever imports needs the permissions for those too.

    :param given: where fields come from that the file names otherwise.
    :param partial: take the good rows in even when others are refused.
    :raises Refused: when rows are refused and ``partial`` is not set.
    :raises DryRun: with the result, when ``dry_run`` is set; the caller's transaction rolls back.
    """
    require(work.actor, Permission.IMPORT_RUN)
    wanted = KINDS[kind]
    table = read_table(file_name, content)
    if wanted.wide:
        table = _long(table, wanted.wide, given or {})
    fields = wanted.fields(ZoneInfo(work.actor.time_zone))
    mapped = mapping_of(fields, table, given or {})
    rows: list[Parsed] = []
    problems: list[Problem] = []
    for row in table.rows:
        values, wrong = values_of(fields, mapped, row)
        problems += wrong
        if not wrong:
            rows.append(Parsed(row.number, values, row.labels))
    taken = wanted.take(work, rows)
    problems = _in_order([*problems, *taken.problems])
    refused = len({problem["row"] for problem in problems})
    if problems and not partial and not dry_run:
        raise Refused(
            N_("%(file)s: %(count)s rows are wrong, nothing was taken in"),
            errors=problems,
            file=file_name,
            count=refused,
        )
    run = _keep(work, kind, file_name, content, mapped, taken, refused)
    result = Result(run.id, taken.added, taken.unchanged, problems)
    if dry_run:
        raise DryRun(result)
    return result


def _in_order(problems: Sequence[Problem]) -> list[Problem]:
    """Return problems by row, each said once: a wide row has the same part in every month."""
    once = {(one["row"], one["field"], one["message"]): one for one in problems}
    return sorted(once.values(), key=lambda one: int(one["row"]))


def _keep(
    work: Work, kind: str, name: str, content: bytes, mapped: Mapping[str, Source], taken: Taken, refused: int
) -> ImportRun:
    run = ImportRun(
        organization_id=work.actor.organization,
        kind=kind,
        file_name=name[-200:],
        file_hash=hashlib.sha256(content).hexdigest(),
        mapping={field: source.column or f"={source.value}" for field, source in mapped.items()},
        added=taken.added,
        unchanged=taken.unchanged,
        refused=refused,
        created_at=work.now,
        actor_id=work.actor.user_id,
    )
    work.session.add(run)
    work.session.flush()
    if taken.made:
        rows = [{"import_id": run.id, "object_type": kind, "object_id": number} for kind, number in taken.made]
        work.session.execute(insert(ImportedRow), rows)
    return run


def _long(table: Table, key: str, given: Mapping[str, Source]) -> Table:
    """Return a wide table (months as columns) in long form; a long one as it is."""
    months = [column for column in table.columns if MONTH.fullmatch(column)]
    if not months:
        return table
    source = given.get(key)
    column = source.column if source and source.column else key
    if column not in table.columns:
        raise Invalid(
            N_("The file has no column %(column)s; it has: %(columns)s"),
            column=column,
            columns=", ".join(table.columns[:10]),
        )
    if len(table.rows) * len(months) > MAX_ROWS:
        raise Invalid(N_("More than %(limit)s months of parts; split the file"), limit=MAX_ROWS)
    labels = {month: {"period": month, "quantity": month} for month in months}
    rows = tuple(
        Row(row.number, {column: row.cells[column], "period": month, "quantity": row.cells[month]}, labels[month])
        for row in table.rows
        for month in months
    )
    return Table((column, "period", "quantity"), rows)


def error_file(problems: Sequence[Mapping[str, Any]], t: Translator) -> bytes:
    """Return a CSV of what is wrong: row, field, value, problem."""
    lines = [
        (one["row"], one["field"], one["value"], t.gettext(str(one["message"]), **dict(one.get("params") or {})))
        for one in problems
    ]
    return write_csv(("row", "field", "value", "problem"), lines)
