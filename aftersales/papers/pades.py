"""PAdES with pyHanko; use it through :mod:`aftersales.papers.signing`.

pyHanko takes most of a second to import, so it is imported where it is used.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import logging
import struct
import zlib
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from aftersales.errors import Invalid
from aftersales.papers.verdict import DAMAGED, NOT_A_PDF, REASONS, UNSIGNED, SigningKey, Verdict
from aftersales.translate import N_

if TYPE_CHECKING:
    from pyhanko.pdf_utils.writer import BasePdfFileWriter
    from pyhanko.sign.signers import PdfSigner
    from pyhanko.sign.signers.pdf_signer import PdfSigningSession
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
    from pyhanko.sign.validation.status import PdfSignatureStatus

# A dropped-in file is anyone's: what pyHanko thinks of it belongs in the verdict, not in the log.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)


@cache
def _read_faults() -> tuple[type[Exception], ...]:
    """Everything a reader of hostile bytes may stumble over; a verdict is given instead."""
    from pyhanko.pdf_utils.misc import PdfError  # noqa: PLC0415 - pyHanko is heavy
    from pyhanko_certvalidator.errors import PathError, ValidationError  # noqa: PLC0415 - pyHanko is heavy

    ours = (PdfError, ValidationError, PathError)
    built_in = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, NotImplementedError)
    return (*ours, *built_in, RecursionError, AssertionError, EOFError, OSError, struct.error, zlib.error)


def _signer(key: SigningKey, reason: str, at: dt.datetime) -> PdfSigner:
    """A signer whose clock is the time that was handed in."""
    from pyhanko.sign.fields import SigSeedSubFilter  # noqa: PLC0415 - pyHanko is heavy
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner  # noqa: PLC0415 - pyHanko is heavy

    class DatedSigner(PdfSigner):
        def init_signing_session(
            self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False
        ) -> PdfSigningSession:
            session = super().init_signing_session(pdf_out, existing_fields_only)
            session.system_time = at
            return session

    metadata = PdfSignatureMetadata(
        field_name="Signature", name=key.subject, reason=reason, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )
    held = SimpleSigner.load_pkcs12_data(key.pkcs12, other_certs=[], passphrase=key.passphrase.encode())
    return DatedSigner(metadata, held)


def sign(pdf: bytes, key: SigningKey, reason: str, at: dt.datetime) -> bytes:
    """See :func:`aftersales.papers.signing.sign`."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415 - pyHanko is heavy
    from pyhanko.pdf_utils.misc import PdfError  # noqa: PLC0415 - pyHanko is heavy
    from pyhanko.sign.general import SigningError  # noqa: PLC0415 - pyHanko is heavy

    output = io.BytesIO()
    try:
        _signer(key, reason, at).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=output)
    except (PdfError, SigningError) as fault:
        raise Invalid(N_("This PDF cannot be signed."), code="pdf_unsignable") from fault
    return output.getvalue()


def verify(pdf: bytes, trusted: Sequence[bytes]) -> Verdict:
    """See :func:`aftersales.papers.signing.verify`."""
    from pyhanko.keys import load_certs_from_pemder_data  # noqa: PLC0415 - pyHanko is heavy
    from pyhanko.pdf_utils.reader import PdfFileReader  # noqa: PLC0415 - pyHanko is heavy

    roots = [certificate for item in trusted for certificate in load_certs_from_pemder_data(item)]
    if b"%PDF-" not in pdf[:1024]:
        return NOT_A_PDF
    try:
        signatures = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures
    except _read_faults():
        # Without the signature's own marks there was never one to break.
        return DAMAGED if b"/ByteRange" in pdf else NOT_A_PDF
    if not signatures:
        return DAMAGED if b"/ByteRange" in pdf else UNSIGNED
    try:
        verdicts = [_verdict(signature, roots) for signature in signatures]
    except _read_faults():
        return DAMAGED
    # The last signature covers the most; an earlier one that is broken breaks the paper.
    return next((verdict for verdict in verdicts if not verdict.intact), verdicts[-1])


def _verdict(signature: EmbeddedPdfSignature, roots: Sequence[Any]) -> Verdict:
    from pyhanko.sign.validation import validate_pdf_signature  # noqa: PLC0415 - pyHanko is heavy
    from pyhanko.sign.validation.status import SignatureCoverageLevel  # noqa: PLC0415 - pyHanko is heavy
    from pyhanko_certvalidator import ValidationContext  # noqa: PLC0415 - pyHanko is heavy

    signed_at = signature.self_reported_timestamp
    context = ValidationContext(
        trust_roots=list(roots), allow_fetching=False, moment=signed_at, revocation_mode="soft-fail"
    )
    status = validate_pdf_signature(signature, signer_validation_context=context)
    certificate = signature.signer_cert
    intact = bool(status.intact and status.valid)
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    code = _code(status, intact=intact, whole=whole)
    return Verdict(
        intact=intact,
        trusted=bool(status.trusted),
        covers_whole_file=whole,
        code=code,
        reason=REASONS[code],
        signer=_name(certificate),
        signed_at=signed_at.astimezone(dt.UTC) if signed_at else None,
        certificate_fingerprint=hashlib.sha256(certificate.dump()).hexdigest(),
    )


def _code(status: PdfSignatureStatus, *, intact: bool, whole: bool) -> str:
    if not intact:
        return "altered"
    if not whole:
        return "extended"
    return "genuine" if status.bottom_line else "unknown_signer"


def _name(certificate: Any) -> str:
    native = certificate.subject.native
    return str(native.get("common_name") or native.get("organization_name") or certificate.subject.human_friendly)
