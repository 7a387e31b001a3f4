"""Triggers and exclusion constraints that carry invariants no model can: ledgers and periods that must not overlap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import Connection


@dataclass(frozen=True, slots=True)
class NoOverlap:
    """Rows of ``table`` equal in ``columns`` must not overlap from ``start`` to ``end`` (empty end: for ever)."""

    table: str
    columns: tuple[str, ...]
    start: str
    end: str
    where: str | None = None
    kind: str = "tsrange"

    @property
    def name(self) -> str:
        """The constraint's name."""
        return f"no_overlap_{self.table}_{self.columns[-1]}"


def ledger_triggers(table: str) -> dict[str, str]:
    """Return the names of the triggers that keep a ledger insert-only, with the action each refuses."""
    return {f"ledger_{table}_update": "UPDATE", f"ledger_{table}_delete": "DELETE"}


def guard_ledgers(connection: Connection, tables: Sequence[str]) -> None:
    """Have the database refuse UPDATE and DELETE on these tables."""
    postgres = connection.dialect.name == "postgresql"
    if postgres:
        connection.execute(
            text(
                "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION '% is a ledger: nothing in it changes', TG_TABLE_NAME "
                "USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
        )
    for table in tables:
        for name, action in ledger_triggers(table).items():
            if postgres:
                body = f'BEFORE {action} ON "{table}" FOR EACH ROW EXECUTE FUNCTION refuse_change()'
            else:
                message = f"{table} is a ledger: nothing in it changes"
                body = f"BEFORE {action} ON \"{table}\" BEGIN SELECT RAISE(ABORT, '{message}'); END"
            connection.execute(text(f'CREATE TRIGGER "{name}" {body}'))


def release_ledgers(connection: Connection, tables: Sequence[str]) -> None:
    """Take the ledger triggers away again."""
    on = connection.dialect.name == "postgresql"
    for table in tables:
        for name in ledger_triggers(table):
            connection.execute(text(f'DROP TRIGGER "{name}"' + (f' ON "{table}"' if on else "")))
    if on:
        connection.execute(text("DROP FUNCTION refuse_change()"))


def guard_overlaps(connection: Connection, rules: Sequence[NoOverlap]) -> None:
    """Have the database refuse overlapping periods: an exclusion constraint, on SQLite two triggers."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS btree_gist"))
    for rule in rules:
        if connection.dialect.name == "postgresql":
            equal = ", ".join(f"{column} WITH =" for column in rule.columns)
            where = f" WHERE ({rule.where})" if rule.where else ""
            connection.execute(
                text(
                    f'ALTER TABLE "{rule.table}" ADD CONSTRAINT {rule.name} EXCLUDE USING gist '
                    f"({equal}, {rule.kind}({rule.start}, {rule.end}) WITH &&){where}"
                )
            )
        else:
            for statement in _sqlite_overlap(rule):
                connection.execute(text(statement))


def _sqlite_overlap(rule: NoOverlap) -> Iterator[str]:
    equal = " AND ".join(f"other.{column} = NEW.{column}" for column in rule.columns)
    when = f"WHEN {_prefixed(rule, 'NEW.')} " if rule.where else ""
    where = f" AND {_prefixed(rule, 'other.')}" if rule.where else ""
    for action in ("INSERT", "UPDATE"):
        yield (
            f'CREATE TRIGGER "{rule.name}_{action.lower()}" BEFORE {action} ON "{rule.table}" {when}BEGIN '
            f"SELECT RAISE(ABORT, '{rule.name}') WHERE EXISTS (SELECT 1 FROM \"{rule.table}\" AS other "
            f"WHERE {equal}{where} AND other.id IS NOT NEW.id "
            f"AND (NEW.{rule.end} IS NULL OR other.{rule.start} < NEW.{rule.end}) "
            f"AND (other.{rule.end} IS NULL OR other.{rule.end} > NEW.{rule.start}) "
            f"AND (NEW.{rule.end} IS NULL OR NEW.{rule.end} > NEW.{rule.start}) "
            f"AND (other.{rule.end} IS NULL OR other.{rule.end} > other.{rule.start})); END"
        )


def _prefixed(rule: NoOverlap, prefix: str) -> str:
    return f"{prefix}{rule.where}"


def release_overlaps(connection: Connection, rules: Sequence[NoOverlap]) -> None:
    """Take the overlap guards away again."""
    for rule in rules:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f'ALTER TABLE "{rule.table}" DROP CONSTRAINT {rule.name}'))
        else:
            for action in ("insert", "update"):
                connection.execute(text(f'DROP TRIGGER "{rule.name}_{action}"'))


@dataclass(frozen=True, slots=True)
class RowRule:
    """Rows of ``table`` must meet ``condition`` (SQL over ``NEW``), which looks into other tables."""

    table: str
    name: str
    condition: str


def guard_rows(connection: Connection, rules: Sequence[RowRule]) -> None:
    """Have the database refuse rows that break a rule over several tables."""
    for rule in rules:
        if connection.dialect.name == "postgresql":
            connection.execute(
                text(
                    f"CREATE FUNCTION {rule.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    f"IF NOT ({rule.condition}) THEN RAISE EXCEPTION '{rule.name}' USING "
                    f"ERRCODE = 'integrity_constraint_violation', CONSTRAINT = '{rule.name}'; END IF; "
                    "RETURN NEW; END $$"
                )
            )
            connection.execute(
                text(
                    f'CREATE TRIGGER "{rule.name}" BEFORE INSERT OR UPDATE ON "{rule.table}" '
                    f"FOR EACH ROW EXECUTE FUNCTION {rule.name}()"
                )
            )
        else:
            for action in ("INSERT", "UPDATE"):
                connection.execute(
                    text(
                        f'CREATE TRIGGER "{rule.name}_{action.lower()}" BEFORE {action} ON "{rule.table}" BEGIN '
                        f"SELECT RAISE(ABORT, '{rule.name}') WHERE NOT ({rule.condition}); END"
                    )
                )


def release_rows(connection: Connection, rules: Sequence[RowRule]) -> None:
    """Take the rules over several tables away again."""
    for rule in rules:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f'DROP TRIGGER "{rule.name}" ON "{rule.table}"'))
            connection.execute(text(f"DROP FUNCTION {rule.name}()"))
        else:
            for action in ("insert", "update"):
                connection.execute(text(f'DROP TRIGGER "{rule.name}_{action}"'))


def missing(
    connection: Connection, ledgers: Sequence[str], rules: Sequence[NoOverlap], rows: Sequence[RowRule] = ()
) -> list[str]:
    """Return the names of guards that should exist in the database and do not."""
    expected = [name for table in ledgers for name in ledger_triggers(table)]
    guarded = [rule.name for rule in rules] + [row.name for row in rows]
    if connection.dialect.name == "postgresql":
        query = "SELECT tgname FROM pg_trigger UNION SELECT conname FROM pg_constraint"
        expected += guarded
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        expected += [f"{name}_{action}" for name in guarded for action in ("insert", "update")]
    there = {str(row[0]) for row in connection.execute(text(query))}
    return sorted(set(expected) - there)


LEDGERS = (
    "lifecycle_event",
    "acceptance_result",
    "passport",
    "passport_entry",
    "stored_file",
    "meter_segment",
    "reading",
    "fault_event",
    "fault_photo",
    "task_completion",
    "sign_off",
    "order_correction",
    "failure_record",
    "signing_certificate",
    "stock_move",
    "forecast_run",
    "forecast_line",
    "forecast_score",
    "imported_row",
    "audit_entry",
    "fleet_plan_entry",
    "supply_receipt",
    "supply_order_event",
    "stock_policy_set",
    "stock_policy",
    "part_decision",
    "plan_run",
    "plan_line",
    "planned_order",
    "planned_order_step",
)

NO_OVERLAPS = (
    NoOverlap(
        "machine_party",
        ("machine_id", "role"),
        "valid_from",
        "valid_to",
        "role IN ('manufacturer', 'owner', 'operator')",
    ),
    NoOverlap("installation", ("component_id",), "valid_from", "valid_to"),
    NoOverlap("installation", ("machine_id", "position_id", "slot"), "valid_from", "valid_to"),
    NoOverlap("warranty", ("machine_id",), "starts_on", "ends_on", kind="daterange"),
)

ROW_RULES = (
    RowRule(
        "installation",
        "installation_within_position",
        'EXISTS (SELECT 1 FROM "position" JOIN machine ON machine.model_id = "position".model_id '
        'WHERE "position".id = NEW.position_id AND machine.id = NEW.machine_id AND NEW.slot <= "position".quantity)',
    ),
)
