"""Fault reports: file, follow, handle, confirm; and what the reporter without an account can do."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from aftersales.access import Permission, require
from aftersales.complaints import queries, service
from aftersales.complaints.queries import FaultLine, FaultPage, ReportStatus
from aftersales.models import FaultReport
from aftersales.vocabulary import Channel
from aftersales.work import Work
from api.auth import Rule
from api.http import BYTES, Paged, Room, paged, sent_bytes
from api.schemas.faults import (
    CommentBody,
    ComplaintBody,
    DuplicateBody,
    FaultAnswer,
    FaultBody,
    FaultLineAnswer,
    FaultPageAnswer,
    FaultQuery,
    PublicReportAnswer,
    ReasonBody,
    ReportStatusAnswer,
    WordsBody,
)

room = Room("faults", __name__, "Fault reports and their course")
FAULT = "/faults/<id:fault_id>"
PICTURES = ("image/jpeg", "image/png", "image/webp", BYTES)
COLUMNS = tuple(FaultAnswer().fields)


def _flat(fault: FaultReport, **names: Any) -> Mapping[str, Any]:
    return {column: getattr(fault, column) for column in COLUMNS} | names


def _line(line: FaultLine) -> Mapping[str, Any]:
    return _flat(line.fault, serial_number=line.serial_number, model=line.model, organization=line.organization)


class _Versioned(dict[str, Any]):
    """An answer with the version its ETag is made of."""

    version: int


def _page(work: Work, fault_id: int) -> _Versioned:
    work.session.flush()
    page: FaultPage = queries.fault_page(work.session, work.actor, fault_id)
    names = {
        name: getattr(page, name) for name in ("model", "organization", "contact", "photos", "duplicates", "timeline")
    }
    answer = _Versioned(_flat(page.fault, serial_number=page.machine.serial_number, **names))
    answer.version = page.version
    return answer


@room.reads("/faults", answer=FaultLineAnswer, query=FaultQuery, listed=True)
def list_faults(work: Work, query: dict[str, Any]) -> Paged:
    """List the fault reports of your machines, newest first."""
    require(work.actor, Permission.FAULT_READ)
    limit, state = query.pop("limit"), query.pop("state")
    lines = queries.faults(work.session, work.actor, states=[state] if state else [], limit=limit + 1, **query)
    return paged([_line(line) for line in lines], limit, key=lambda row: row["id"])


@room.writes("POST", "/faults", body=FaultBody, answer=FaultPageAnswer, status=201)
def report_fault(work: Work, body: dict[str, Any]) -> _Versioned:
    """Report a fault of one of your machines."""
    return _page(work, service.report(work, channel=Channel.API, **body).id)


@room.reads(FAULT, answer=FaultPageAnswer)
def get_fault(work: Work, fault_id: int) -> _Versioned:
    """Show a fault report with its timeline."""
    require(work.actor, Permission.FAULT_READ)
    return _page(work, fault_id)


@room.writes("POST", f"{FAULT}/photos", answer=FaultPageAnswer, prepare=sent_bytes, takes=PICTURES)
def add_fault_photo(work: Work, content: bytes, fault_id: int) -> _Versioned:
    """Add a photograph, sent as the body (JPEG, PNG or WebP, at most 10 MB)."""
    return _page(work, service.add_photos(work, fault_id, [content]).id)


@room.reads(f"{FAULT}/photos/<string(length=64):digest>", answer=None, media="image/jpeg")
def get_fault_photo(work: Work, fault_id: int, digest: str) -> Response:
    """Show a photograph of a report."""
    require(work.actor, Permission.FAULT_READ)
    return Response(
        work.files.get(queries.photo(work.session, work.actor, fault_id, digest)), content_type="image/jpeg"
    )


@room.writes("POST", f"{FAULT}/reception", body=WordsBody, answer=FaultPageAnswer)
def receive_fault(work: Work, body: dict[str, Any], fault_id: int) -> _Versioned:
    """Tell the operator that the report has been read."""
    service.receive(work, fault_id, body["text"])
    return _page(work, fault_id)


@room.writes("POST", f"{FAULT}/resolution", body=WordsBody, answer=FaultPageAnswer)
def resolve_fault(work: Work, body: dict[str, Any], fault_id: int) -> _Versioned:
    """Say that the fault is mended; the operator confirms or reopens."""
    service.resolve(work, fault_id, body["text"])
    return _page(work, fault_id)


@room.writes("POST", f"{FAULT}/rejection", body=ReasonBody, answer=FaultPageAnswer)
def reject_fault(work: Work, body: dict[str, Any], fault_id: int) -> _Versioned:
    """Turn a report down, with the reason."""
    service.reject(work, fault_id, body["reason"])
    return _page(work, fault_id)


@room.writes("POST", f"{FAULT}/duplication", body=DuplicateBody, answer=FaultPageAnswer)
def mark_duplicate_fault(work: Work, body: dict[str, Any], fault_id: int) -> _Versioned:
    """Say that another report tells of the same fault."""
    service.mark_duplicate(work, fault_id, body["of_id"], body["text"])
    return _page(work, fault_id)


@room.writes("POST", f"{FAULT}/comments", body=CommentBody, answer=FaultPageAnswer, status=201)
def comment_fault(work: Work, body: dict[str, Any], fault_id: int) -> _Versioned:
    """Add words to a report's timeline."""
    service.comment(work, fault_id, body["text"], visible=body["visible"])
    return _page(work, fault_id)


@room.writes("POST", f"{FAULT}/confirmation", body=WordsBody, answer=FaultPageAnswer)
def confirm_fault(work: Work, body: dict[str, Any], fault_id: int) -> _Versioned:
    """Confirm, as the operator, that the fault is mended."""
    service.confirm(work, fault_id, body["text"])
    return _page(work, fault_id)


@room.writes("POST", f"{FAULT}/reopening", body=ReasonBody, answer=FaultPageAnswer)
def reopen_fault(work: Work, body: dict[str, Any], fault_id: int) -> _Versioned:
    """Say, as the operator, that the fault is not mended, and why."""
    service.reopen(work, fault_id, body["reason"])
    return _page(work, fault_id)


@room.writes(
    "POST",
    "/public-machines/<public_id:public_id>/faults",
    body=ComplaintBody,
    answer=PublicReportAnswer,
    status=201,
    rule=Rule.PUBLIC,
)
def report_public_fault(work: Work, body: dict[str, Any], public_id: str) -> FaultReport:
    """Report a fault at the address in a machine's QR code, without signing in."""
    return service.report_by_qr(work, public_id, service.Complaint(**body))


@room.reads("/public-faults/<public_id:public_id>", answer=ReportStatusAnswer, rule=Rule.PUBLIC)
def get_public_fault(work: Work, public_id: str) -> ReportStatus:
    """Tell the reporter how his report stands."""
    return queries.report_status(work.session, public_id)
