"""Documents: versions of manuals, drawings and declarations, and their files."""

from typing import Any

from flask import Response

from aftersales.models import Document, StoredFile
from aftersales.registry import queries, service
from aftersales.work import Work
from api.http import Paged, Room, paged
from api.schemas.documents import DocumentAnswer, DocumentQuery

room = Room("documents", __name__, "Documents of models and machines")


@room.reads("/documents", answer=DocumentAnswer, query=DocumentQuery, listed=True)
def list_documents(work: Work, query: dict[str, Any]) -> Paged:
    """List documents that you see."""
    limit = query.pop("limit")
    return paged(queries.list_documents(work.session, work.actor, limit=limit + 1, **query), limit)


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
