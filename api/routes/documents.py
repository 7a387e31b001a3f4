"""Documents: versions of manuals, drawings and declarations, and their files."""

from typing import Any

from flask import Response, request

from aftersales.errors import Invalid
from aftersales.models import Document, StoredFile
from aftersales.registry import queries, service
from aftersales.translate import N_
from aftersales.work import Work
from api import auth
from api.errors import UnsupportedMedia
from api.http import ERRORS, JSON, PROBLEM, Paged, Room, paged, respond, transaction
from api.schemas.base import Problem, textual
from api.schemas.documents import DocumentAnswer, DocumentForm, DocumentQuery, DocumentUpload

MULTIPART = "multipart/form-data"


def problem(status: int) -> dict[str, Any]:
    """Describe an error of a route."""
    return {"description": ERRORS[status], "content": {PROBLEM: {"schema": Problem}}}


room = Room("documents", __name__, "Documents of models and machines")


@room.reads("/documents", answer=DocumentAnswer, query=DocumentQuery, listed=True)
def list_documents(work: Work, query: dict[str, Any]) -> Paged:
    """List documents that you see."""
    limit = query.pop("limit")
    return paged(queries.list_documents(work.session, work.actor, limit=limit + 1, **query), limit)


def create_document() -> Response:
    """File a document for a model or a machine, as multipart/form-data."""
    if request.mimetype != MULTIPART:
        raise UnsupportedMedia(N_("Send the document as multipart/form-data"))
    with textual():
        form = DocumentForm().load(request.form.to_dict())
    file = request.files.get("file")
    if file is None:
        raise Invalid(N_("Send the file as the part named file"), code="file_missing")
    with transaction() as work:
        document = service.add_document(work, content=file.read(), file_name=file.filename or "document", **form)
        return respond(DocumentAnswer(), 201, document)


described = room.doc(
    operationId="create_document",
    summary="File a document for a model or a machine, as multipart/form-data",
    parameters=[],
    requestBody={"required": True, "content": {MULTIPART: {"schema": DocumentUpload}}},
    responses={
        "201": {"description": "Done", "content": {JSON: {"schema": DocumentAnswer}}},
        **{str(code): problem(code) for code in (400, 401, 403, 404, 409, 413, 415, 422, 429, 503)},
    },
    security=[{"token": []}],
)
room.route("/documents", methods=["POST"])(auth.token(described(create_document)))


@room.reads("/documents/<id:document_id>", answer=DocumentAnswer)
def get_document(work: Work, document_id: int) -> Document:
    """Show a document."""
    return queries.document(work.session, work.actor, document_id)


@room.reads("/documents/<id:document_id>/file", answer=None, media="application/octet-stream")
def download_document(work: Work, document_id: int) -> Response:
    """Download a document's file."""
    document, content = service.read_document(work, document_id)
    kind = work.session.get_one(StoredFile, document.file_hash).media_type
    response = Response(content, content_type="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=document.file_name)
    response.headers["X-Media-Type"] = kind
    return response


@room.reads("/machines/<id:machine_id>/documents", answer=DocumentAnswer, listed=True)
def list_machine_documents(work: Work, machine_id: int) -> Paged:
    """List the documents that apply to a machine now."""
    return Paged(queries.machine_documents(work.session, work.actor, machine_id, work.now.date()), None)
