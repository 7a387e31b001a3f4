"""Use-cases of documents: file a version for a model or a machine, and supersede the older one."""

from datetime import date

from aftersales import visibility
from aftersales.access import Permission, require, require_any
from aftersales.db import touch
from aftersales.errors import Invalid, RuleBroken
from aftersales.models import Document, Machine
from aftersales.registry.machine_models import own_model
from aftersales.registry.queries import documents as queries
from aftersales.registry.rules import documents as rules
from aftersales.registry.rules.fields import optional_text, text
from aftersales.registry.rules.lifecycle import check_serving
from aftersales.translate import LANGUAGES, N_
from aftersales.work import Work

P = Permission


def add_document(
    work: Work,
    *,
    content: bytes,
    file_name: str,
    kind: str,
    title: str,
    language: str,
    edition: str = "1",
    model_id: int | None = None,
    machine_id: int | None = None,
    serial_from: str | None = None,
    serial_to: str | None = None,
    valid_from: date | None = None,
    supersedes_id: int | None = None,
    public: bool = False,
) -> Document:
    """File a document that applies to a model (all of it or a serial range) or to one machine.

    :param supersedes_id: the older version that this one replaces from ``valid_from`` on.
    :param public: offered to everybody who scans the machine's code.
    :raises Invalid: not exactly one of model and machine; an unknown kind or language; a file that is not what is
        taken. :raises RuleBroken: the older version is of something else or superseded already.
    """
    if model_id is not None and machine_id is None:
        require(work.actor, P.MODEL_MANAGE)
        touch(own_model(work, model_id))
    elif machine_id is not None and model_id is None:
        require_any(work.actor, P.MACHINE_MANAGE, P.ORDER_WORK)
        machine = visibility.machine(work.session, work.actor, machine_id, change=True, lock=True)
        check_serving(visibility.roles_in(work.session, work.actor, machine.id))
        touch(machine)
    else:
        raise Invalid(N_("A document applies to a model or to a machine"), code="applies_to")
    if kind not in rules.KINDS:
        raise Invalid(N_("%(kind)s is not a kind of document"), kind=kind, code="document_kind")
    if language not in LANGUAGES:
        raise Invalid(N_("%(language)s is not one of the product's languages"), language=language, code="language")
    rules.check_range(serial_from, serial_to)
    begins = valid_from or work.now.date()
    older = None if supersedes_id is None else _older(work, supersedes_id, (model_id, machine_id, kind), begins)
    document = Document(
        organization_id=work.actor.organization_id or _owner(work, model_id, machine_id),
        kind=kind,
        title=text(title, "title", 300),
        language=language,
        edition=text(edition, "edition", 40),
        model_id=model_id,
        machine_id=machine_id,
        serial_from=optional_text(serial_from, "serial_from", 80),
        serial_to=optional_text(serial_to, "serial_to", 80),
        file_name=text(file_name.replace("\\", "/").rsplit("/", 1)[-1], "file_name", 200),
        file_hash=work.keep_file(content, rules.media_type(content)),
        valid_from=begins,
        public=public,
        created_at=work.now,
    )
    work.session.add(document)
    work.session.flush()
    if older is not None:
        older.superseded_by_id = document.id
        work.session.flush()
    return document


def _owner(work: Work, model_id: int | None, machine_id: int | None) -> int:
    if model_id is not None:
        return own_model(work, model_id).manufacturer_id
    return work.session.get_one(Machine, machine_id).manufacturer_id


def _older(work: Work, document_id: int, applies: tuple[int | None, int | None, str], begins: date) -> Document:
    mine = visibility.owns(work.actor, Document.organization_id)
    older = visibility.get(work.session, Document, document_id, mine, lock=True)
    if (older.model_id, older.machine_id, older.kind) != applies or older.superseded_by_id is not None:
        raise RuleBroken(
            N_("%(title)s cannot be superseded by this: it is of another kind, or superseded already"),
            title=older.title,
            code="cannot_supersede",
        )
    if begins < older.valid_from:
        raise RuleBroken(
            N_("The new version cannot be valid before %(day)s, when the old one begins"),
            day=older.valid_from.isoformat(),
            code="before_older",
        )
    return older


def read_document(work: Work, document_id: int) -> tuple[Document, bytes]:
    """Return a document and its file.

    :raises NotFound: the actor does not see it.
    """
    require(work.actor, P.REGISTRY_READ)
    document = queries.document(work.session, work.actor, document_id)
    return document, work.files.get(document.file_hash)
