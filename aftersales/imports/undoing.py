"""Take an import back: by counter-entries where its rows are a ledger, by ending or removing them elsewhere."""

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import delete, select

from aftersales import visibility
from aftersales.access import Permission, require
from aftersales.errors import Conflict, RuleBroken
from aftersales.models import DemandRecord, ImportedRow, ImportRun
from aftersales.parts import service as parts
from aftersales.stock import service as stock
from aftersales.translate import N_
from aftersales.usage import service as usage
from aftersales.work import Work

REASON = "An import was taken back"


def runs(work: Work, limit: int = 50) -> list[ImportRun]:
    """Return the newest imports of the actor's organisation."""
    require(work.actor, Permission.IMPORT_RUN)
    query = select(ImportRun).where(visibility.owns(work.actor, ImportRun.organization_id))
    return list(work.session.scalars(query.order_by(ImportRun.id.desc()).limit(limit)))


def undo(work: Work, run_id: int) -> ImportRun:
    """Take an import back.

    :raises RuleBroken: it was taken back already, or its rows are history that other records build on.
    """
    require(work.actor, Permission.IMPORT_RUN)
    mine = visibility.owns(work.actor, ImportRun.organization_id)
    run = visibility.get(work.session, ImportRun, run_id, mine, lock=True)
    if run.undone_at is not None:
        raise RuleBroken(N_("This import was taken back already"), code="undone")
    counter = COUNTER.get(run.kind)
    if counter is None:
        raise RuleBroken(
            N_("An import of %(kind)s is history that other records build on; restore the backup made before it"),
            code="not_undoable",
            kind=run.kind,
        )
    query = select(ImportedRow.object_id).where(ImportedRow.import_id == run.id).order_by(ImportedRow.id.desc())
    counter(work, list(work.session.scalars(query)))
    run.undone_at = work.now
    work.session.flush()
    return run


def _parts(work: Work, ids: Sequence[int]) -> None:
    """Take parts out of the catalogue again; one that other records name stays there, out of use."""
    for number in ids:
        part = parts.own_part(work, number)
        try:
            with work.attempt():
                require(work.actor, Permission.PART_MANAGE)
                work.session.delete(part)
                work.session.flush()
        except Conflict:
            parts.end_part(work, number)


def _readings(work: Work, ids: Sequence[int]) -> None:
    usage.withdraw_all(work, ids, REASON)


def _stock(work: Work, ids: Sequence[int]) -> None:
    for number in ids:
        stock.reverse(work, number, note=REASON)


def _demand(work: Work, ids: Sequence[int]) -> None:
    for start in range(0, len(ids), 500):
        work.session.execute(delete(DemandRecord).where(DemandRecord.id.in_(ids[start : start + 500])))
    work.record("import_undo", "demand_record", f"{len(ids)} rows")


COUNTER: Mapping[str, Callable[[Work, Sequence[int]], None]] = {
    "parts": _parts,
    "readings": _readings,
    "stock": _stock,
    "demand": _demand,
}
