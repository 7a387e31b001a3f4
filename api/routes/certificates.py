"""Certificates: list, read, withdraw; and for anyone who holds a paper, whether it stands."""

from typing import Any

from flask import Response

from aftersales.access import Permission, require
from aftersales.certificates import queries, service
from aftersales.certificates.queries import PublicCertificate
from aftersales.certificates.rules import PaperCheck
from aftersales.models import Certificate
from aftersales.work import Work
from api.auth import Rule
from api.http import BYTES, Paged, Room, paged, sent_bytes
from api.schemas.certificates import (
    CertificateAnswer,
    CertificateContentAnswer,
    CertificateQuery,
    CertificateWithdrawalBody,
    PaperCheckAnswer,
    PublicCertificateAnswer,
)

room = Room("certificates", __name__, "Certificates and what stands of them")
PDF = "application/pdf"


@room.reads("/certificates", answer=CertificateAnswer, query=CertificateQuery, listed=True)
def list_certificates(work: Work, query: dict[str, Any]) -> Paged:
    """List certificates of your machines and those you issued, newest first."""
    require(work.actor, Permission.CERTIFICATE_READ)
    limit = query.pop("limit")
    lines = queries.certificates(work.session, work.actor, limit=limit + 1, **query)
    return paged([line.certificate for line in lines], limit)


@room.reads("/certificates/<id:certificate_id>", answer=CertificateContentAnswer)
def get_certificate(work: Work, certificate_id: int) -> Certificate:
    """Show a certificate with all that it says."""
    require(work.actor, Permission.CERTIFICATE_READ)
    return queries.paper(work.session, work.actor, certificate_id)


@room.reads("/certificates/<id:certificate_id>/pdf", answer=None, media=PDF)
def download_certificate(work: Work, certificate_id: int) -> Response:
    """Download the signed PDF of a certificate."""
    return Response(service.stored_pdf(work, certificate_id), content_type=PDF)


@room.writes(
    "POST", "/certificates/<id:certificate_id>/withdrawal", body=CertificateWithdrawalBody, answer=CertificateAnswer
)
def withdraw_certificate(work: Work, body: dict[str, Any], certificate_id: int) -> Certificate:
    """Declare that a certificate of yours no longer stands."""
    return service.withdraw(work, certificate_id, body["reason"])


@room.reads("/public-certificates/<public_id:public_id>", answer=PublicCertificateAnswer, rule=Rule.PUBLIC)
def get_public_certificate(work: Work, public_id: str) -> PublicCertificate:
    """Tell what was certified and whether it still stands."""
    return queries.public(work.session, public_id)


@room.writes(
    "POST",
    "/public-certificates/<public_id:public_id>/checks",
    answer=PaperCheckAnswer,
    rule=Rule.PUBLIC,
    prepare=sent_bytes,
    takes=(PDF, BYTES),
    example="%PDF-1.7\n%%EOF\n",
)
def check_certificate(work: Work, content: bytes, public_id: str) -> PaperCheck:
    """Tell whether a PDF, sent as the body, is the unaltered paper of a certificate."""
    return service.check_pdf(work, public_id, content)
