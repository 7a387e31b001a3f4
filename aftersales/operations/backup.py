"""A backup is one archive: every table, every file, the keys and the published audit heads, with a manifest of hashes.

Tables are written as JSON lines, independent of the database, so that a backup of the embedded SQLite database can be
restored on PostgreSQL and the other way round. An archive holds secrets: it is readable by its owner alone.
"""

import base64
import hashlib
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Date, Enum, LargeBinary, Table, func, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.types import TypeEngine

from aftersales import migrations
from aftersales.audit import plain
from aftersales.db import Base, Scaled, UtcDateTime
from aftersales.errors import Conflict, Invalid
from aftersales.translate import N_
from aftersales.work import Workshop

Report = Callable[[int, int, str], None]
BATCH = 1000
MANIFEST = "manifest.json"
OUTSIDE = ("files", "secrets", "audit-heads.log")


def _encoded(value: object) -> object:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else plain(value)


def _decoder(kind: TypeEngine[Any]) -> Callable[[Any], Any] | None:
    """Return what turns a column's JSON form back into its Python value, if anything has to."""
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, Scaled):
        return Decimal
    if isinstance(kind, LargeBinary):
        return base64.b64decode
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return kind.enum_class
    return None


def _lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """Yield the table's rows as JSON lines in the order of the primary key."""
    query = select(*table.columns).order_by(*table.primary_key.columns)
    for row in connection.execute(query, execution_options={"yield_per": BATCH}):
        yield json.dumps([_encoded(value) for value in row], ensure_ascii=False).encode() + b"\n"


def _rows(file: IO[bytes], table: Table) -> Iterator[list[dict[str, Any]]]:
    """Yield a dumped table's rows, a batch at a time."""
    columns = [(column.name, _decoder(column.type)) for column in table.columns]
    batch: list[dict[str, Any]] = []
    for line in file:
        values = zip(columns, json.loads(line), strict=True)
        batch.append({name: decode(v) if decode and v is not None else v for (name, decode), v in values})
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _outside(var: Path) -> list[Path]:
    """Return the files outside the database, in a stable order."""
    found: list[Path] = []
    for name in OUTSIDE:
        path = var / name
        found += sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path] if path.exists() else []
    return found


def backup(workshop: Workshop, target: Path, report: Report = lambda done, total, what: None) -> dict[str, Any]:
    """Write a backup and return its manifest; the target appears only when it is whole.

    The tables are read in one snapshot; the files are content-addressed and written before their rows, so files read
    after the snapshot are at least those the rows name.

    :raises Conflict: when the target exists.
    """
    if target.exists():
        raise Conflict(N_("%(path)s exists already; it is not overwritten"), path=str(target))
    tables = Base.metadata.sorted_tables
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=target.resolve().parent)))
        level = "REPEATABLE READ" if workshop.engine.dialect.name == "postgresql" else "SERIALIZABLE"
        engine = workshop.engine.execution_options(read_only=True, isolation_level=level)
        members: list[tuple[str, Path]] = []
        counts: dict[str, int] = {}
        with engine.connect() as connection:
            for number, table in enumerate(tables):
                report(number, len(tables), table.name)
                path = folder / f"{table.name}.jsonl"
                with path.open("wb") as file:
                    counts[table.name] = sum(bool(file.write(line)) for line in _lines(connection, table))
                members.append((f"tables/{table.name}.jsonl", path))
        var = workshop.settings.var
        members += [(f"outside/{path.relative_to(var)}", path) for path in _outside(var)]
        manifest = {
            "schema": migrations.current(workshop.engine),
            "made_at": workshop.clock.now().isoformat(),
            "rows": counts,
            "sha256": {name: _digest(path) for name, path in members},
        }
        draft = folder / "archive"
        _write(draft, manifest, members)
        draft.replace(target)
    report(len(tables), len(tables), "")
    return manifest


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(draft: Path, manifest: dict[str, Any], members: list[tuple[str, Path]]) -> None:
    draft.touch(mode=0o600)
    head = draft.with_suffix(".manifest")
    head.write_text(json.dumps(manifest, indent=1, ensure_ascii=False))
    with draft.open("wb") as file, tarfile.open(fileobj=file, mode="w:gz") as archive:
        archive.add(head, MANIFEST)
        for name, path in members:
            archive.add(path, name)
        archive.close()
        file.flush()
        os.fsync(file.fileno())


def restore(workshop: Workshop, source: Path, report: Report = lambda done, total, what: None) -> dict[str, Any]:
    """Bring a backup back on an empty installation and return its manifest.

    Everything is checked against the manifest before anything is written.

    :raises Invalid: when the archive is damaged or of another schema.
    :raises Conflict: when the installation is not empty.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        manifest = _unpacked(source, folder)
        migrations.upgrade(workshop.engine)
        if manifest["schema"] != migrations.current(workshop.engine):
            raise Invalid(
                N_("The backup has schema %(theirs)s, this program %(ours)s; use the program it was made with"),
                theirs=manifest["schema"],
                ours=migrations.current(workshop.engine),
            )
        _refuse_unless_empty(workshop)
        _put_outside(folder / "outside", workshop.settings.var)
        tables = Base.metadata.sorted_tables
        with workshop.engine.begin() as connection:
            for number, table in enumerate(tables):
                report(number, len(tables), table.name)
                with (folder / "tables" / f"{table.name}.jsonl").open("rb") as file:
                    for batch in _rows(file, table):
                        connection.execute(insert(table), batch)
            if workshop.engine.dialect.name == "postgresql":
                _advance_sequences(connection)
        report(len(tables), len(tables), "")
    return manifest


def _unpacked(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack an archive and return its manifest once every member's hash is right."""
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        wrong = [name for name, digest in manifest["sha256"].items() if _digest(folder / name) != digest]
        expected = {f"tables/{table.name}.jsonl" for table in Base.metadata.sorted_tables}
        wrong += sorted(expected - set(manifest["sha256"]))
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError) as error:
        raise Invalid(
            N_("%(path)s is not a whole backup: %(problem)s"), path=str(source), problem=str(error)
        ) from error
    if wrong:
        raise Invalid(N_("The backup is damaged: %(names)s"), names=", ".join(wrong[:5]))
    return manifest


def _refuse_unless_empty(workshop: Workshop) -> None:
    with workshop.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if connection.execute(select(table).limit(1)).first() is not None:
                raise Conflict(N_("The database is not empty (%(table)s); nothing was restored"), table=table.name)
    for path in _outside(workshop.settings.var):
        raise Conflict(N_("%(path)s is in the way; restore into an empty folder"), path=str(path))


def _put_outside(source: Path, var: Path) -> None:
    for path in sorted(p for p in source.rglob("*") if p.is_file()) if source.exists() else []:
        target = var / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(mode=0o600 if "secrets" in target.parts else 0o644)
        target.write_bytes(path.read_bytes())


def _advance_sequences(connection: Connection) -> None:
    """Have PostgreSQL number new rows after the restored ones."""
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None and connection.execute(select(column).limit(1)).first() is not None:
            sequence = func.pg_get_serial_sequence(f'"{table.name}"', column.name)
            connection.execute(select(func.setval(sequence, select(func.max(column)).scalar_subquery())))
