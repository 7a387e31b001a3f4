"""Use-cases of certificates: issue, render and sign, withdraw, check a paper."""

import io
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pikepdf

from aftersales import visibility
from aftersales.access import Actor, Permission, expect, require
from aftersales.certificates import contents, keys, queries
from aftersales.certificates.keys import ensure_signing_key
from aftersales.certificates.numbering import allocate, next_number
from aftersales.certificates.rules import SERIES, PaperCheck, judge
from aftersales.errors import Invalid, RuleBroken
from aftersales.models import Certificate, Machine, Organization
from aftersales.papers import signing
from aftersales.papers.signing import SigningKey
from aftersales.translate import LANGUAGES, N_, translator
from aftersales.vocabulary import CertificateKind, CertificateState
from aftersales.work import Work, Workshop

__all__ = [
    "check_pdf",
    "ensure_signing_key",
    "issue",
    "next_number",
    "pdf",
    "render",
    "render_issued",
    "stored_pdf",
    "withdraw",
]

ISSUED = "certificate.issued"
PDF_LIMIT = 5 * 1024 * 1024
REASON_LENGTH = 500


def issue(
    work: Work,
    *,
    kind: CertificateKind,
    machine_id: int,
    content: Mapping[str, Any],
    language: str,
    work_order_id: int | None = None,
    issuer_id: int | None = None,
    at: datetime | None = None,
) -> Certificate:
    """Number a certificate, freeze its content and have it rendered after the commit.

    Part of another use-case, which has checked its own permission. Number, date, letterhead, address for checking and,
    where ``content`` has none, machine and time zone are filled in here.

    :param content: what the paper of the kind holds, as its dataclass's ``to_dict`` gives it, without the heading.
    :param language: one of the product's languages.
    :param issuer_id: the issuing organisation; the actor's by default.
    :raises NotFound: the actor is no party of the machine.
    :raises Invalid: for an unknown language.
    """
    if language not in LANGUAGES:
        raise Invalid(N_("%(language)s is not a language of the product"), code="language", language=language)
    machine = visibility.machine(work.session, work.actor, machine_id)
    issuer = work.session.get_one(Organization, issuer_id or work.actor.organization)
    moment = at or work.now
    number = allocate(work, SERIES[kind], issuer_id=issuer.id, at=moment)
    public_id = secrets.token_urlsafe(12)
    heading = {
        "number": str(number),
        "issued_at": moment,
        "issuer": contents.issuer_line(issuer).to_dict(),
        "verify_url": f"{work.settings.public_url}/c/{public_id}",
    }
    paper = contents.paper_of(kind, {**_defaults(work, machine), **content, **_stated(heading)})
    certificate = Certificate(
        public_id=public_id,
        issuer_id=issuer.id,
        series=number.series,
        year=number.year,
        sequence=number.sequence,
        number=str(number),
        kind=kind,
        machine_id=machine.id,
        work_order_id=work_order_id,
        language=language,
        content=paper.to_dict(),
        content_hash=paper.content_hash(),
        issued_at=moment,
        issued_by_id=work.actor.user_id,
    )
    work.session.add(certificate)
    work.session.flush()
    work.emit(ISSUED, certificate_id=certificate.id)
    return certificate


def _defaults(work: Work, machine: Machine) -> dict[str, Any]:
    identity = contents.machine_identity(work.session, machine, work.settings.public_url)
    return {"machine": identity.to_dict(), "time_zone": contents.site_line(work.session, machine)[1]}


def _stated(heading: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in heading.items()}


def render(work: Work, certificate_id: int) -> bytes:
    """Lay out and sign a certificate from its frozen content; repeatable, and the newest PDF is kept.

    :raises NotFound: there is no such certificate, or the actor does not see it.
    :raises Invalid: the signing key cannot be used.
    """
    certificate = queries.certificate(work.session, work.actor, certificate_id)
    signed = _signed(certificate, ensure_signing_key(work), work.now)
    certificate.pdf_hash = work.keep_file(signed, "application/pdf")
    work.session.flush()
    return signed


def _signed(certificate: Certificate, key: SigningKey, at: datetime) -> bytes:
    t = translator(certificate.language)
    laid_out = contents.pdf_of(contents.paper_of(certificate.kind, certificate.content), t)
    return signing.sign(laid_out, key, t(N_("Certificate %(number)s"), number=certificate.number), at)


def pdf(work: Work, certificate_id: int) -> bytes:
    """Return the signed PDF, rendering it when the job has not done so yet.

    :raises Forbidden: the actor may not read certificates.
    :raises NotFound: the actor does not see the paper with its names: it is dated outside its organisation's time.
    """
    require(work.actor, Permission.CERTIFICATE_READ)
    certificate = queries.paper(work.session, work.actor, certificate_id)
    if certificate.pdf_hash is None:
        return render(work, certificate.id)
    return work.files.get(certificate.pdf_hash)


def stored_pdf(work: Work, certificate_id: int) -> bytes:
    """Return the signed PDF when the job has made it; see :func:`pdf` for work that may render it.

    :raises RuleBroken: ``being_rendered`` while it is still being made; ask again in a moment.
    """
    require(work.actor, Permission.CERTIFICATE_READ)
    certificate = queries.paper(work.session, work.actor, certificate_id)
    if certificate.pdf_hash is None:
        raise RuleBroken(N_("The paper is still being prepared; ask again in a moment"), code="being_rendered")
    return work.files.get(certificate.pdf_hash)


def render_issued(workshop: Workshop, actor: Actor, payload: Mapping[str, Any]) -> None:
    """Render and sign a certificate after it was issued; does nothing when that was done.

    The layout and the signature take their time between two short transactions, so that nobody who writes waits.
    """
    with workshop.transaction(actor) as work:
        certificate = work.session.get_one(Certificate, payload["certificate_id"])
        key, at, done = ensure_signing_key(work), work.now, certificate.pdf_hash is not None
    if done:
        return
    signed = _signed(certificate, key, at)
    with workshop.transaction(actor) as work:
        row = visibility.get(work.session, Certificate, certificate.id, lock=True)
        row.pdf_hash = row.pdf_hash or work.keep_file(signed, "application/pdf")


def withdraw(work: Work, certificate_id: int, reason: str, expected_version: int | None = None) -> Certificate:
    """Declare that a certificate no longer stands; its public page says so from now on, with the reason.

    :raises Invalid: without a reason, or with one longer than 500 characters.
    :raises RuleBroken: it was withdrawn already.
    """
    require(work.actor, Permission.CERTIFICATE_WITHDRAW)
    mine = visibility.owns(work.actor, Certificate.issuer_id)
    certificate = visibility.get(work.session, Certificate, certificate_id, mine, lock=True)
    expect(certificate.version, expected_version)
    stated = reason.strip()
    if not 1 <= len(stated) <= REASON_LENGTH:
        message = N_("A withdrawal needs a reason of at most %(limit)s characters")
        raise Invalid(message, code="reason", errors=[{"field": "reason", "message": message}], limit=REASON_LENGTH)
    if certificate.state is CertificateState.WITHDRAWN:
        raise RuleBroken(N_("Certificate %(number)s is withdrawn already"), code="withdrawn", number=certificate.number)
    certificate.state = CertificateState.WITHDRAWN
    certificate.withdrawn_at = work.now
    certificate.withdrawal_reason = stated
    work.session.flush()
    return certificate


def check_pdf(work: Work, public_id: str, pdf_bytes: bytes) -> PaperCheck:
    """Say whether a PDF is the unaltered paper of a certificate, and whether that still stands. Needs no sign-in.

    :raises NotFound: there is no such certificate.
    :raises Invalid: the file is larger than 5 MB.
    """
    certificate = queries.by_public_id(work.session, public_id)
    if len(pdf_bytes) > PDF_LIMIT:
        raise Invalid(N_("The file is larger than %(limit)s MB"), code="too_large", limit=PDF_LIMIT // 1024 // 1024)
    signature = signing.verify(pdf_bytes, keys.trusted(work.session))
    same = signature.genuine and _names(pdf_bytes, certificate.content_hash)
    return judge(signature, same_content=same, state=certificate.state)


def _names(pdf_bytes: bytes, digest: str) -> bool:
    """Tell whether a PDF that verified names this hash in its signed description."""
    with pikepdf.open(io.BytesIO(pdf_bytes)) as document:
        return str(document.docinfo.get("/Subject", "")) == f"SHA-256 {digest}"


def content_intact(certificate: Certificate) -> bool:
    """Tell whether the frozen content still has the hash it was issued with."""
    return contents.paper_of(certificate.kind, certificate.content).content_hash() == certificate.content_hash
