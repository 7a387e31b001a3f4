"""The key that signs papers: made at set-up, or the customer's own; the public half of each is kept for ever.

Old papers verify after a change of key, because every certificate that ever signed is still trusted.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from aftersales.errors import Invalid
from aftersales.models import SigningCertificate
from aftersales.papers import signing
from aftersales.papers.signing import SigningKey
from aftersales.translate import N_
from aftersales.work import Work, secret


def ensure_signing_key(work: Work) -> SigningKey:
    """Return the key that signs now, made on first use, and see that its public certificate is recorded.

    :raises Invalid: the customer's own key (``AFTERSALES_SIGNING_KEY``) cannot be read or is not valid now.
    """
    key = current_key(work)
    _remember(work, key)
    return key


def current_key(work: Work) -> SigningKey:
    """Return the key that papers are signed with now, for work that only reads: the database does not learn of it.

    :raises Invalid: the given key cannot be used.
    """
    settings = work.settings
    if settings.signing_key is not None:
        return signing.load_key(_read(settings.signing_key), settings.signing_passphrase or "", work.now)
    return _own_key(work)


def trusted(session: Session) -> list[bytes]:
    """Return every certificate (DER) that ever signed papers here."""
    return list(session.scalars(select(SigningCertificate.der)))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = N_("The signing key %(path)s cannot be read: %(problem)s")
        raise Invalid(message, code="signing_key_unreadable", path=str(path), problem=str(error.strerror)) from error


def _own_key(work: Work) -> SigningKey:
    folder = work.settings.secrets
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(folder / "papers.lock"):
        passphrase = secret(folder / "papers.passphrase").hex()
        path = folder / "papers.p12"
        if path.exists():
            return signing.load_key(path.read_bytes(), passphrase, work.now)
        host = urlsplit(work.settings.public_url).hostname or "localhost"
        key = signing.create_key(f"Aftersales {host}", work.now, passphrase=passphrase)
        _write(path, key.pkcs12)
        return key


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Keep other processes out, so that two starting at once make one key."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write(path: Path, content: bytes) -> None:
    """Write a file readable by the owner alone, whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


def _remember(work: Work, key: SigningKey) -> None:
    if work.session.get(SigningCertificate, key.fingerprint) is not None:
        return
    insert = postgresql.insert if work.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {
        "fingerprint": key.fingerprint,
        "der": key.certificate,
        "subject": key.subject[:300],
        "valid_from": key.valid_from,
        "valid_to": key.valid_until,
        "created_at": work.now,
    }
    done = work.session.execute(
        insert(SigningCertificate).values(row).on_conflict_do_nothing().returning(SigningCertificate.fingerprint)
    )
    if done.scalar_one_or_none():
        work.record("create", SigningCertificate.__tablename__, key.fingerprint, subject=key.subject)
