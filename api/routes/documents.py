"""Documents: versions of manuals, drawings and declarations, and their files."""

from typing import Any

from flask import Response, request

from aftersales.errors import Invalid
from aftersales.models import Document, StoredFile
from aftersales.registry import queries, service
from aftersales.translate import N_
from aftersales.work import Work
from api.http import BYTES, MULTIPART, Paged, Room, form_body, paged
from api.schemas.documents import DocumentAnswer, DocumentForm, DocumentQuery, DocumentUpload

room = Room("documents", __name__, "Documents of models and machines")
EXAMPLE = {
    "kind": "manual",
    "title": "Operating instructions",
    "language": "en",
    "model_id": 1,
    "public": True,
    "file": "%PDF-1.7\n%%EOF\n",
}


@room.reads("/documents", answer=DocumentAnswer, query=DocumentQuery, listed=True)
def list_documents(work: Work, query: dict[str, Any]) -> Paged:
    """List documents that you see."""
    limit = query.pop("limit")
    return paged(queries.list_documents(work.session, work.actor, limit=limit + 1, **query), limit)


def upload() -> dict[str, Any]:
    """Return what is said of an uploaded document, with its file."""
    form: dict[str, Any] = form_body(DocumentForm())
    file = request.files.get("file")
    if file is None:
        raise Invalid(N_("Send the file as the part named file"), code="file_missing")
    return {**form, "content": file.read(), "file_name": file.filename or "document"}


@room.writes(
    "POST",
    "/documents",
    body=DocumentUpload,
    answer=DocumentAnswer,
    status=201,
    prepare=upload,
    decoded=True,
    takes=(MULTIPART,),
    example=EXAMPLE,
)
def create_document(work: Work, body: dict[str, Any]) -> Document:
    """File a document for a model or a machine, as multipart/form-data."""
    return service.add_document(work, **body)


@room.reads("/documents/<id:document_id>", answer=DocumentAnswer)
def get_document(work: Work, document_id: int) -> Document:
    """Show a document."""
    return queries.document(work.session, work.actor, document_id)


@room.reads("/documents/<id:document_id>/file", answer=None, media=BYTES)
def download_document(work: Work, document_id: int) -> Response:
    """Download a document's file."""
    document, content = service.read_document(work, document_id)
    kind = work.session.get_one(StoredFile, document.file_hash).media_type
    response = Response(content, content_type=BYTES)
    response.headers.set("Content-Disposition", "attachment", filename=document.file_name)
    response.headers["X-Media-Type"] = kind
    return response


@room.reads("/machines/<id:machine_id>/documents", answer=DocumentAnswer, listed=True)
def list_machine_documents(work: Work, machine_id: int) -> Paged:
    """List the documents that apply to a machine now."""
    return Paged(queries.machine_documents(work.session, work.actor, machine_id, work.now.date()), None)
