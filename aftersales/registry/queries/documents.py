"""Documents: which apply to a machine or model on a day, and which an actor sees."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased

from aftersales import visibility
from aftersales.access import Actor, Permission, require
from aftersales.errors import NotFound
from aftersales.models import Document, Machine, MachineModel
from aftersales.registry.queries.cursor import number_after
from aftersales.registry.rules.documents import in_range
from aftersales.translate import N_


def applying(session: Session, machine: Machine, on: date) -> list[Document]:
    """Return the documents that apply to a machine on a day: valid by then, not superseded by then, in serial range.

    The caller has checked that the actor sees the machine.
    """
    newer = aliased(Document)
    rows = session.scalars(
        select(Document)
        .outerjoin(newer, newer.id == Document.superseded_by_id)
        .where(
            or_(Document.machine_id == machine.id, Document.model_id == machine.model_id),
            Document.valid_from <= on,
            or_(newer.id.is_(None), newer.valid_from > on),
        )
        .order_by(Document.kind, Document.title, Document.language, Document.id)
    )
    return [row for row in rows if in_range(machine.serial_number, row.serial_from, row.serial_to)]


def machine_documents(session: Session, actor: Actor, machine_id: int, on: date) -> list[Document]:
    """Return the documents that apply to a machine on a day, as far as the actor sees them.

    :raises NotFound: the actor does not see the machine.
    """
    require(actor, Permission.REGISTRY_READ)
    machine = visibility.machine(session, actor, machine_id)
    found = applying(session, machine, on)
    seen = set(
        session.scalars(select(Document.id).where(Document.id.in_([row.id for row in found]), sees_document(actor)))
    )
    return [row for row in found if row.id in seen]


def public_documents(session: Session, machine: Machine, on: date) -> list[Document]:
    """Return the documents of a machine that everybody who scans its code may read."""
    return [row for row in applying(session, machine, on) if row.public]


def sees_document(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a document is the actor's own or of a model or machine it sees."""
    model = aliased(MachineModel)
    return or_(
        visibility.owns(actor, Document.organization_id),
        Document.model_id.in_(
            select(model.id).where(visibility.sees_model(actor, model.id, model.manufacturer_id)).correlate(None)
        ),
        and_(Document.machine_id.is_not(None), visibility.sees_dated(actor, Document.machine_id, Document.created_at)),
    )


def document(session: Session, actor: Actor, document_id: int) -> Document:
    """Return a document the actor sees.

    :raises NotFound: otherwise; also one of a model whose serial range holds none of the machines the actor sees.
    """
    require(actor, Permission.REGISTRY_READ)
    row = visibility.get(session, Document, document_id, sees_document(actor))
    if not _for_any_machine(session, actor, row):
        raise NotFound(N_("There is no such object, or it does not concern your organisation"))
    return row


def _for_any_machine(session: Session, actor: Actor, row: Document) -> bool:
    limited = row.model_id is not None and (row.serial_from or row.serial_to)
    if not limited or actor.is_system or row.organization_id == actor.organization_id:
        return True
    serials = session.scalars(
        select(Machine.serial_number).where(
            Machine.model_id == row.model_id, visibility.sees_machine(actor, Machine.id)
        )
    )
    return any(in_range(serial, row.serial_from, row.serial_to) for serial in serials)


def public_document(session: Session, public_id: str, document_id: int, at: datetime) -> Document:
    """Return a public document of the machine with this code; needs no sign-in.

    :raises NotFound: there is none.
    """
    machine = session.scalar(select(Machine).where(Machine.public_id == public_id))
    found = public_documents(session, machine, at.date()) if machine else []
    row = next((row for row in found if row.id == document_id), None)
    if row is None:
        raise NotFound(N_("There is no such document"))
    return row


def list_documents(
    session: Session,
    actor: Actor,
    *,
    model_id: int | None = None,
    machine_id: int | None = None,
    kind: str | None = None,
    language: str | None = None,
    after: object = None,
    limit: int = 50,
) -> list[Document]:
    """Return documents the actor sees, by id; of a model, a machine, a kind or a language."""
    require(actor, Permission.REGISTRY_READ)
    query = select(Document).where(sees_document(actor))
    for column, value in (
        (Document.model_id, model_id),
        (Document.machine_id, machine_id),
        (Document.kind, kind),
        (Document.language, language),
    ):
        if value is not None:
            query = query.where(column == value)
    shown: list[Document] = []
    last = number_after(after)
    while len(shown) < limit:
        page = query.where(Document.id > last).order_by(Document.id).limit(limit)
        rows = session.scalars(page).all()
        shown += [row for row in rows if _for_any_machine(session, actor, row)]
        if len(rows) < limit:
            break
        last = rows[-1].id
    return shown[:limit]
