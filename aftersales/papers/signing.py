"""Signed papers: PAdES baseline B (ETSI EN 319 142-1), with a key made at set-up or the customer's own.

No network is used: there is no time-stamp server and no revocation check. The time of a signature is the signer's
own statement, and certificates are judged at that time.
"""

import datetime as dt
import secrets
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID

from aftersales.errors import Invalid
from aftersales.papers import pades
from aftersales.papers.verdict import DAMAGED, NOT_A_PDF, REASONS, UNSIGNED, SigningKey, Verdict
from aftersales.translate import N_

__all__ = [
    "DAMAGED",
    "NOT_A_PDF",
    "REASONS",
    "UNSIGNED",
    "SigningKey",
    "Verdict",
    "create_key",
    "load_key",
    "sign",
    "verify",
]

KEY_BITS = 3072  # good beyond 2030 by BSI TR-02102-1 and NIST SP 800-57


def create_key(organisation_name: str, at: dt.datetime, years: int = 10, passphrase: str | None = None) -> SigningKey:
    """Make a key and its self-signed X.509 certificate for an organisation.

    :param at: from when it is valid, with a zone.
    :param years: for how many years (of 365.25 days).
    :param passphrase: what the PKCS#12 file is locked with; a random one is made when there is none.
    :raises Invalid: the organisation has no name.
    """
    if not organisation_name.strip():
        raise Invalid(N_("A signing key needs the name of the organisation."), code="signing_key_needs_name")
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    # X.520 allows 64 characters for these.
    short = organisation_name.strip()[:64]
    name = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, short), x509.NameAttribute(NameOID.COMMON_NAME, short)]
    )
    start = at.astimezone(dt.UTC).replace(microsecond=0)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=round(years * 365.25)))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signing_only(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    phrase = passphrase or secrets.token_urlsafe(24)
    locked = pkcs12.serialize_key_and_certificates(
        short.encode(), key, certificate, None, BestAvailableEncryption(phrase.encode())
    )
    return _described(locked, phrase, certificate, ())


def _signing_only() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _described(
    locked: bytes, phrase: str, certificate: x509.Certificate, chain: Sequence[x509.Certificate]
) -> SigningKey:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    names = names or certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return SigningKey(
        pkcs12=locked,
        passphrase=phrase,
        certificate=certificate.public_bytes(Encoding.DER),
        chain=tuple(issuer.public_bytes(Encoding.DER) for issuer in chain),
        subject=str(names[0].value) if names else certificate.subject.rfc4514_string(),
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
    )


def load_key(pkcs12_bytes: bytes, passphrase: str, at: dt.datetime) -> SigningKey:
    """Read an organisation's own PKCS#12 file (``.p12``, ``.pfx``).

    :param at: now; the certificate has to be valid then.
    :raises Invalid: it cannot be read, the passphrase is wrong, it holds no usable key, or it is not valid now.
    """
    try:
        found = pkcs12.load_pkcs12(pkcs12_bytes, passphrase.encode())
    except ValueError as fault:
        message = N_("The PKCS#12 file cannot be opened: the passphrase is wrong or the file is not PKCS#12.")
        raise Invalid(message, code="signing_key_unreadable") from fault
    if found.key is None or found.cert is None:
        raise Invalid(N_("The PKCS#12 file holds no private key with its certificate."), code="signing_key_incomplete")
    if not isinstance(found.key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        raise Invalid(N_("The key must be an RSA or an elliptic-curve key."), code="signing_key_kind")
    key = _described(
        pkcs12_bytes, passphrase, found.cert.certificate, [item.certificate for item in found.additional_certs]
    )
    _check_valid(key, at)
    return key


def _check_valid(key: SigningKey, at: dt.datetime) -> None:
    if at < key.valid_from:
        message = N_("The certificate of %(subject)s is not valid before %(day)s.")
        raise Invalid(message, code="certificate_not_yet_valid", subject=key.subject, day=key.valid_from.date())
    if at > key.valid_until:
        message = N_("The certificate of %(subject)s expired on %(day)s.")
        raise Invalid(message, code="certificate_expired", subject=key.subject, day=key.valid_until.date())


def sign(pdf: bytes, key: SigningKey, reason: str, at: dt.datetime) -> bytes:
    """The PDF with an invisible signature over the whole of it (PAdES baseline B).

    :param reason: why it is signed, as the reader's program shows it.
    :param at: the stated time of signing, with a zone.
    :raises Invalid: the certificate is not valid then, or these bytes are no PDF.
    """
    _check_valid(key, at)
    return pades.sign(pdf, key, reason, at.astimezone(dt.UTC).replace(microsecond=0))


def verify(pdf: bytes, trusted: Sequence[bytes]) -> Verdict:
    """Tell whether a PDF is as it was signed. Whatever the bytes are, there is a verdict and no exception.

    :param trusted: certificates (DER or PEM) of the signers, or of authorities, that are trusted.
    """
    return pades.verify(pdf, trusted)
