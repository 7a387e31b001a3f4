"""A signing key as it is kept, and what can be said of a signature."""

import datetime as dt
import hashlib
from dataclasses import dataclass, field

from aftersales.translate import N_


@dataclass(frozen=True)
class SigningKey:
    """A key with its certificate, as it is kept: PKCS#12 under a passphrase.

    ``certificate`` is DER; ``chain`` holds the issuers' certificates that came with it.
    """

    pkcs12: bytes = field(repr=False)
    passphrase: str = field(repr=False)
    certificate: bytes = field(repr=False)
    chain: tuple[bytes, ...] = field(repr=False)
    subject: str
    valid_from: dt.datetime
    valid_until: dt.datetime

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as people compare it."""
        return hashlib.sha256(self.certificate).hexdigest()


@dataclass(frozen=True)
class Verdict:
    """What can be said of a PDF's signature.

    ``intact``: the signed bytes are as they were signed. ``trusted``: by a certificate we were told to trust.
    ``covers_whole_file``: nothing was added afterwards. ``code`` is stable; ``reason`` is a
    sentence to be translated.
    """

    intact: bool
    trusted: bool
    covers_whole_file: bool
    code: str
    reason: str
    signer: str = ""
    signed_at: dt.datetime | None = None
    certificate_fingerprint: str = ""

    @property
    def genuine(self) -> bool:
        """All is well: unaltered, complete and by a signer we trust."""
        return self.code == "genuine" and self.intact and self.trusted and self.covers_whole_file


NOT_A_PDF = Verdict(False, False, False, "not_a_pdf", N_("This file is not a PDF that can be read."))
UNSIGNED = Verdict(False, False, False, "unsigned", N_("This PDF carries no signature."))
DAMAGED = Verdict(False, False, False, "damaged", N_("This PDF is damaged, or its signature was altered."))
REASONS = {
    "genuine": N_("The paper is exactly as it was signed, by a signer we know."),
    "altered": N_("The paper was altered after it was signed."),
    "extended": N_("Something was added to the file after it was signed."),
    "unknown_signer": N_("The paper is as it was signed, but the signer is not known here."),
}
