"""What a number looks like, and what can be said of a PDF that somebody holds against a certificate."""

from dataclasses import dataclass

from aftersales.papers.signing import Verdict
from aftersales.translate import N_
from aftersales.vocabulary import CertificateKind, CertificateState

SERIES = {
    CertificateKind.SERVICE: "SC",
    CertificateKind.COMMISSIONING: "CC",
    CertificateKind.WRITE_OFF: "WC",
    CertificateKind.DISPOSAL: "DC",
    CertificateKind.EXTENSION: "EC",
}


def number_text(series: str, year: int, sequence: int) -> str:
    """Return a number as it is printed, such as ``SC-2026-00017``."""
    return f"{series}-{year}-{sequence:05d}"


@dataclass(frozen=True, slots=True)
class PaperCheck:
    """What we say of a PDF held against a certificate.

    ``code``: ``genuine``, ``withdrawn`` (the paper is unaltered, the certificate no longer stands), ``other_paper``
    (signed by us, but not this certificate), or the code of the signature's verdict (``altered``, ``extended``,
    ``unsigned``, ``unknown_signer``, ``damaged``, ``not_a_pdf``). ``reason`` is a sentence to be translated.
    """

    code: str
    reason: str
    signature: Verdict

    @property
    def stands(self) -> bool:
        """The paper is unaltered and the certificate still stands."""
        return self.code == "genuine"


def judge(signature: Verdict, *, same_content: bool, state: CertificateState) -> PaperCheck:
    """Put the signature's verdict, the paper's identity and the certificate's state together.

    :param same_content: the signed file names the hash of this certificate's content.
    """
    if not signature.genuine:
        return PaperCheck(signature.code, signature.reason, signature)
    if not same_content:
        return PaperCheck(
            "other_paper", N_("This paper is genuine, but it is not the certificate shown here."), signature
        )
    if state is CertificateState.WITHDRAWN:
        return PaperCheck("withdrawn", N_("The paper is unaltered, but the certificate was withdrawn."), signature)
    return PaperCheck("genuine", signature.reason, signature)
