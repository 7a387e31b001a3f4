"""Which certificates there are, for their parties and for whoever holds a paper."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from aftersales import visibility
from aftersales.access import Actor
from aftersales.errors import NotFound
from aftersales.models import Certificate, Machine, Organization
from aftersales.translate import N_
from aftersales.vocabulary import CertificateKind, CertificateState

LIMIT = 50


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """A certificate in a list, with the names that go with it."""

    certificate: Certificate
    issuer: str
    serial_number: str


@dataclass(frozen=True, slots=True)
class PublicCertificate:
    """What anyone who holds the paper may know: what was certified and whether it stands; no person's name."""

    public_id: str
    number: str
    kind: CertificateKind
    language: str
    issuer: str
    issued_at: datetime
    time_zone: str
    state: CertificateState
    withdrawn_at: datetime | None
    withdrawal_reason: str | None
    content_hash: str
    machine: dict[str, Any]
    work: tuple[str, ...]
    next_due: tuple[dict[str, Any], ...]
    starts_on: str | None
    ends_on: str | None
    effective_on: str | None


def by_public_id(session: Session, public_id: str) -> Certificate:
    """Return a certificate by the address in its QR.

    :raises NotFound: there is none.
    """
    certificate = session.scalar(select(Certificate).where(Certificate.public_id == public_id))
    if certificate is None:
        raise NotFound(N_("There is no certificate at this address"))
    return certificate


def public(session: Session, public_id: str) -> PublicCertificate:
    """Return what the public page of a certificate shows. Needs no sign-in: the address is the key.

    :raises NotFound: there is none.
    """
    row = by_public_id(session, public_id)
    content = row.content
    return PublicCertificate(
        public_id=row.public_id,
        number=row.number,
        kind=row.kind,
        language=row.language,
        issuer=content["issuer"]["name"],
        issued_at=row.issued_at,
        time_zone=content.get("time_zone", "UTC"),
        state=row.state,
        withdrawn_at=row.withdrawn_at,
        withdrawal_reason=row.withdrawal_reason,
        content_hash=row.content_hash,
        machine=content["machine"],
        work=tuple(line["text"] for line in content.get("work", ())),
        next_due=tuple(content.get("next_due", ())),
        starts_on=content.get("starts_on"),
        ends_on=content.get("ends_on"),
        effective_on=content.get("effective_on"),
    )


def certificate(session: Session, actor: Actor, certificate_id: int) -> Certificate:
    """Return a certificate that the actor's organisation issued, or of whose machine it sees the history.

    :raises NotFound: otherwise.
    """
    sees = visibility.sees_dated(actor, Certificate.machine_id, Certificate.issued_at)
    return visibility.get(
        session, Certificate, certificate_id, or_(visibility.owns(actor, Certificate.issuer_id), sees)
    )


def paper(session: Session, actor: Actor, certificate_id: int) -> Certificate:
    """Return a certificate whose paper the actor may read: it names people, so only its issuer and those who were a
    party of the machine when it was issued.

    :raises NotFound: otherwise.
    """
    during = visibility.was_party(actor, Certificate.machine_id, Certificate.issued_at)
    return visibility.get(
        session, Certificate, certificate_id, or_(visibility.owns(actor, Certificate.issuer_id), during)
    )


def certificates(
    session: Session,
    actor: Actor,
    *,
    machine_id: int | None = None,
    kind: CertificateKind | None = None,
    after: int | None = None,
    limit: int = LIMIT,
) -> list[CertificateLine]:
    """List certificates, newest first.

    :param after: the id of the last one of the page before.
    """
    sees = visibility.sees_dated(actor, Certificate.machine_id, Certificate.issued_at)
    query = (
        select(Certificate, Organization.name, Machine.serial_number)
        .join(Organization, Organization.id == Certificate.issuer_id)
        .join(Machine, Machine.id == Certificate.machine_id)
        .where(or_(visibility.owns(actor, Certificate.issuer_id), sees))
        .order_by(Certificate.id.desc())
        .limit(limit)
    )
    if machine_id is not None:
        query = query.where(Certificate.machine_id == machine_id)
    if kind is not None:
        query = query.where(Certificate.kind == kind)
    if after is not None:
        query = query.where(Certificate.id < after)
    return [CertificateLine(row, issuer, serial) for row, issuer, serial in session.execute(query)]


def gaps(session: Session) -> list[str]:
    """Return the series whose numbers do not run from one without a gap; for the doctor, who sees everything."""
    query = (
        select(
            Certificate.issuer_id, Certificate.series, Certificate.year, func.max(Certificate.sequence), func.count()
        )
        .group_by(Certificate.issuer_id, Certificate.series, Certificate.year)
        .having(func.max(Certificate.sequence) != func.count())
    )
    return [
        f"{series}-{year} of organisation {issuer}: {last} numbers given out, {count} papers"
        for issuer, series, year, last, count in session.execute(query)
    ]
