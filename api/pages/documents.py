"""Documents of a machine or a model: list, upload, download; the public ones without sign-in."""

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from aftersales.access import Permission
from aftersales.errors import Invalid
from aftersales.models import Document, StoredFile
from aftersales.papers.words import DOCUMENT_KINDS
from aftersales.registry import queries, service
from aftersales.registry.rules.documents import KINDS
from aftersales.translate import N_
from aftersales.vocabulary import PartyRole
from aftersales.work import Work
from api import auth
from api.http import reading
from api.pages.forms import Done, done, posted
from api.pages.machines import MACHINE, worded
from api.schemas.documents import MachineDocumentForm, ModelDocumentForm

pages = Blueprint("documents_pages", __name__)


@pages.get(MACHINE + "/documents")
@auth.signed_in
def show_documents(machine_id: int) -> ResponseReturnValue:
    """Show the documents that apply to a machine now."""
    with reading() as work:
        page = queries.machine_page(work.session, work.actor, machine_id)
        may = work.actor.may(Permission.MACHINE_MANAGE) or work.actor.may(Permission.ORDER_WORK)
        return render_template(
            "machines/documents.html",
            page=page,
            machine=page.machine,
            documents=queries.machine_documents(work.session, work.actor, machine_id, work.now.date()),
            may_add=may and bool(page.roles - {PartyRole.GUEST}),
            kinds=[(kind, text) for kind, text in worded(DOCUMENT_KINDS) if kind in KINDS],
            words=dict(worded(DOCUMENT_KINDS)),
        )


@pages.post(MACHINE + "/documents")
@auth.signed_in
@posted(MachineDocumentForm, again=show_documents)
def add_document(work: Work, form: dict[str, Any], machine_id: int) -> Done:
    """File a document for a machine."""
    service.add_document(work, machine_id=machine_id, **uploaded(), **form)
    return done(url_for(".show_documents", machine_id=machine_id), N_("The document is filed"))


@pages.get("/models/<id:model_id>/documents")
@auth.signed_in
def show_model_documents(model_id: int) -> ResponseReturnValue:
    """Show all versions of a model's documents."""
    with reading() as work:
        model = queries.model(work.session, work.actor, model_id)
        mine = model.manufacturer_id == work.actor.organization_id
        return render_template(
            "models/documents.html",
            model=model,
            documents=queries.list_documents(work.session, work.actor, model_id=model_id, limit=200),
            may_add=mine and work.actor.may(Permission.MODEL_MANAGE),
            kinds=[(kind, text) for kind, text in worded(DOCUMENT_KINDS) if kind in KINDS],
            words=dict(worded(DOCUMENT_KINDS)),
        )


@pages.post("/models/<id:model_id>/documents")
@auth.signed_in
@posted(ModelDocumentForm, again=show_model_documents)
def add_model_document(work: Work, form: dict[str, Any], model_id: int) -> Done:
    """File a document for a model."""
    service.add_document(work, model_id=model_id, **uploaded(), **form)
    return done(url_for(".show_model_documents", model_id=model_id), N_("The document is filed"))


def uploaded() -> dict[str, Any]:
    """Return the uploaded file's content and name.

    :raises Invalid: there is none.
    """
    file = request.files.get("file")
    if file is None or not file.filename:
        message = N_("Choose a file")
        raise Invalid(message, code="file_missing", errors=[{"field": "file", "message": message}])
    return {"content": file.read(), "file_name": file.filename}


@pages.get("/documents/<id:document_id>/file")
@auth.signed_in
def download(document_id: int) -> ResponseReturnValue:
    """Hand out a document's file."""
    with reading() as work:
        document, content = service.read_document(work, document_id)
        return _file(work, document, content)


@pages.get("/m/<public_id:public_id>/documents/<id:document_id>")
@auth.public
def download_public(public_id: str, document_id: int) -> ResponseReturnValue:
    """Hand out a public document to whoever scanned the machine's code."""
    with reading() as work:
        document = queries.public_document(work.session, public_id, document_id, work.now)
        return _file(work, document, work.files.get(document.file_hash))


def _file(work: Work, document: Document, content: bytes) -> Response:
    kind = work.session.get_one(StoredFile, document.file_hash).media_type
    response = Response(content, content_type=kind)
    response.headers.set("Content-Disposition", "inline", filename=document.file_name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
