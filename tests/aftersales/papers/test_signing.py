"""Signed papers verify, altered ones do not, and no bytes at all make the check fall over."""

import datetime as dt
import io
import re

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from aftersales.errors import Invalid
from aftersales.papers import service_certificate, signing
from aftersales.papers.signing import SigningKey, create_key, load_key, sign, verify
from aftersales.translate import translator
from tests.aftersales.papers.paper_samples import AT, SERVICE


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return create_key("Ararat Compressors CJSC", AT - dt.timedelta(days=1), 10)


@pytest.fixture(scope="module")
def unsigned() -> bytes:
    return service_certificate.render(SERVICE, translator("en"))


@pytest.fixture(scope="module")
def signed(unsigned: bytes, key: SigningKey) -> bytes:
    return sign(unsigned, key, "Service certificate SC-2026-00042", AT)


def signed_range(pdf: bytes) -> tuple[int, int, int, int]:
    found = re.search(rb"/ByteRange \[ ?(\d+) (\d+) (\d+) (\d+)", pdf)
    assert found is not None
    first, length, second, rest = map(int, found.groups())
    return first, length, second, rest


def test_signed_paper_is_genuine(signed: bytes, unsigned: bytes, key: SigningKey) -> None:
    verdict = verify(signed, [key.certificate])
    assert verdict.genuine
    assert (verdict.code, verdict.intact, verdict.trusted, verdict.covers_whole_file) == ("genuine", True, True, True)
    assert verdict.signer == "Ararat Compressors CJSC"
    assert verdict.signed_at == AT
    assert verdict.certificate_fingerprint == key.fingerprint
    assert signed.startswith(unsigned)


def test_signature_is_pades_baseline(signed: bytes) -> None:
    (signature,) = PdfFileReader(io.BytesIO(signed)).embedded_regular_signatures
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    names = {attribute["type"].native for attribute in signature.signer_info["signed_attrs"]}
    assert "signing_certificate_v2" in names
    assert "signing_time" not in names


def test_pem_is_trusted_too_and_strangers_are_not(signed: bytes, key: SigningKey) -> None:
    pem = x509.load_der_x509_certificate(key.certificate).public_bytes(Encoding.PEM)
    assert verify(signed, [pem]).genuine
    stranger = create_key("Somebody else", AT)
    for trusted in ([], [stranger.certificate]):
        verdict = verify(signed, trusted)
        assert verdict.code == "unknown_signer"
        assert verdict.intact
        assert not verdict.genuine


def test_a_flipped_byte_anywhere_in_the_signed_range_is_found(signed: bytes, key: SigningKey) -> None:
    first, length, second, rest = signed_range(signed)
    assert second + rest == len(signed)
    places = [*range(first, length, max(1, length // 60)), *range(second, second + rest, max(1, rest // 60))]
    for place in places:
        altered = bytearray(signed)
        altered[place] ^= 0x01
        verdict = verify(bytes(altered), [key.certificate])
        assert not verdict.intact, place
        assert not verdict.genuine


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_alteration_gives_a_verdict(signed: bytes, key: SigningKey, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(signed) - 1))
    end = data.draw(st.integers(start, min(len(signed), start + 3000)))
    other = data.draw(st.binary(max_size=40))
    altered = signed[:start] + other + signed[end:]
    verdict = verify(altered, [key.certificate])
    _, length, second, _ = signed_range(signed)
    outside = start >= length and end <= second and len(other) == end - start
    if altered != signed and not outside:
        assert not verdict.genuine


@settings(max_examples=60, deadline=None)
@given(cut=st.floats(0, 0.999))
def test_truncated_files_are_never_genuine(signed: bytes, key: SigningKey, cut: float) -> None:
    verdict = verify(signed[: int(len(signed) * cut)], [key.certificate])
    assert not verdict.intact
    assert verdict.code in {"not_a_pdf", "unsigned", "damaged", "altered"}


def test_appended_bytes_and_updates_are_told(signed: bytes, key: SigningKey) -> None:
    assert verify(signed + b"\n% a comment", [key.certificate]).code == "extended"
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    writer.root["/Lang"] = writer.root["/Lang"]
    writer.update_root()  # type: ignore[no-untyped-call] # pyHanko leaves it untyped
    output = io.BytesIO()
    writer.write(output)  # type: ignore[no-untyped-call] # pyHanko leaves it untyped
    verdict = verify(output.getvalue(), [key.certificate])
    assert verdict.code == "extended"
    assert not verdict.covers_whole_file
    assert not verdict.genuine


def test_unsigned_and_foreign_bytes(unsigned: bytes, key: SigningKey) -> None:
    assert verify(unsigned, [key.certificate]) == signing.UNSIGNED
    for foreign in (b"", b"hello", b"%PDF-1.7", b"%PDF-1.4\n" + bytes(range(256)) * 20, b"PK\x03\x04"):
        assert verify(foreign, [key.certificate]).code == "not_a_pdf"


def test_reasons_are_sentences_for_every_code() -> None:
    t = translator("en")
    for verdict in (signing.NOT_A_PDF, signing.UNSIGNED, signing.DAMAGED):
        assert t(verdict.reason).endswith(".")
    assert set(signing.REASONS) == {"genuine", "altered", "extended", "unknown_signer"}


def test_key_is_kept_as_pkcs12_and_comes_back(key: SigningKey) -> None:
    again = load_key(key.pkcs12, key.passphrase, AT)
    assert again.certificate == key.certificate
    assert again.subject == "Ararat Compressors CJSC"
    assert key.passphrase not in repr(key)
    assert (key.valid_until - key.valid_from).days == 3652


def test_wrong_passphrase_and_wrong_files_are_refused(key: SigningKey) -> None:
    for data, phrase in ((key.pkcs12, "wrong"), (b"not pkcs12", key.passphrase), (b"", "")):
        with pytest.raises(Invalid) as refusal:
            load_key(data, phrase, AT)
        assert refusal.value.reason == "signing_key_unreadable"


def test_expired_and_future_certificates_are_refused(key: SigningKey, unsigned: bytes) -> None:
    later = key.valid_until + dt.timedelta(seconds=1)
    with pytest.raises(Invalid) as refusal:
        load_key(key.pkcs12, key.passphrase, later)
    assert refusal.value.reason == "certificate_expired"
    with pytest.raises(Invalid, match="not valid before"):
        sign(unsigned, key, "too early", key.valid_from - dt.timedelta(days=1))


def test_files_without_a_usable_key_are_refused(key: SigningKey) -> None:
    certificate = x509.load_der_x509_certificate(key.certificate)
    lock = BestAvailableEncryption(b"x")
    only = pkcs12.serialize_key_and_certificates(b"x", None, certificate, None, lock)
    with pytest.raises(Invalid) as refusal:
        load_key(only, "x", AT)
    assert refusal.value.reason == "signing_key_incomplete"
    odd_key = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Odd")])
    odd = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(odd_key.public_key())
        .serial_number(1)
        .not_valid_before(AT)
        .not_valid_after(AT + dt.timedelta(days=1))
        .sign(odd_key, None)
    )
    with pytest.raises(Invalid) as refusal:
        load_key(pkcs12.serialize_key_and_certificates(b"x", odd_key, odd, None, lock), "x", AT)
    assert refusal.value.reason == "signing_key_kind"


def test_a_key_needs_a_name_and_only_pdfs_are_signed(key: SigningKey) -> None:
    with pytest.raises(Invalid):
        create_key("  ", AT)
    with pytest.raises(Invalid) as refusal:
        sign(b"no pdf", key, "x", AT)
    assert refusal.value.reason == "pdf_unsignable"
