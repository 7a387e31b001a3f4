"""What certificate routes take and give."""

from marshmallow import fields

from aftersales.vocabulary import CertificateKind, CertificateState
from api.schemas.base import Answer, Body, Bool, Choice, Id, Int, Language, Moment, PageQuery, Text


class CertificateQuery(PageQuery):
    """Which certificates."""

    machine_id = Id(load_default=None)
    kind = Choice(CertificateKind, load_default=None)


class CertificateAnswer(Answer):
    """A certificate: what it is numbered, of which machine, and whether it stands."""

    id = Id()
    public_id = Text(example="Zm9vYmFyMTIzNDU2")
    number = Text(example="SC-2026-00017")
    kind = Choice(CertificateKind)
    machine_id = Id()
    work_order_id = Id(allow_none=True)
    language = Language()
    state = Choice(CertificateState)
    issued_at = Moment()
    withdrawn_at = Moment(allow_none=True)
    withdrawal_reason = Text(allow_none=True, example="Wrong machine")
    content_hash = Text(example="0" * 64)
    version = Int()


class CertificateContentAnswer(CertificateAnswer):
    """A certificate with all that it says."""

    content = fields.Dict()


class CertificateWithdrawalBody(Body):
    """Why a certificate no longer stands."""

    reason = Text(required=True, low=1, high=500, example="Issued for the wrong machine")


class PublicCertificateAnswer(Answer):
    """What anyone who holds the paper may know."""

    public_id = Text(example="Zm9vYmFyMTIzNDU2")
    number = Text(example="SC-2026-00017")
    kind = Choice(CertificateKind)
    issuer = Text(example="Service partner ltd")
    issued_at = Moment()
    state = Choice(CertificateState)
    withdrawn_at = Moment(allow_none=True)
    withdrawal_reason = Text(allow_none=True)
    content_hash = Text(example="0" * 64)
    machine = fields.Dict()
    work = fields.List(Text(example="Oil changed"))
    next_due = fields.List(fields.Dict())
    starts_on = Text(allow_none=True, example="2026-03-01")
    ends_on = Text(allow_none=True, example="2028-02-29")
    effective_on = Text(allow_none=True, example="2026-03-01")


class PaperCheckAnswer(Answer):
    """What we say of a PDF: ``stands`` is the answer; ``code`` and ``reason`` say why."""

    stands = Bool()
    code = Text(example="genuine")
    reason = Text(example="The paper is exactly as it was signed, by a signer we know.")
    signer = Text(attribute="signature.signer", example="Aftersales service.example.com")
    signed_at = Moment(attribute="signature.signed_at", allow_none=True)
    certificate_fingerprint = Text(attribute="signature.certificate_fingerprint", example="0" * 64)
