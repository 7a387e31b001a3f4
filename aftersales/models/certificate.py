"""Numbered certificates, the series they are numbered from, and the keys that sign them."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Base, Hash, Versioned
from aftersales.vocabulary import CertificateKind, CertificateState


class NumberSeries(Base):
    """The last number given out of a series of one issuer and year; it moves only with the paper it numbers."""

    __tablename__ = "number_series"
    __audited__ = False

    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class Certificate(Versioned, Base):
    """A certificate with frozen content. The PDF is rendered and signed afterwards and can be made again."""

    __tablename__ = "certificate"
    __table_args__ = (
        UniqueConstraint("issuer_id", "series", "year", "sequence"),
        Index(None, "machine_id", "issued_at"),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawal_dated"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    issuer_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    series: Mapped[str] = mapped_column(String(20))
    year: Mapped[int]
    sequence: Mapped[int]
    number: Mapped[str] = mapped_column(String(40), index=True)
    kind: Mapped[CertificateKind]
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    work_order_id: Mapped[int | None] = mapped_column(ForeignKey("work_order.id"), index=True)
    language: Mapped[str] = mapped_column(String(5))
    content: Mapped[dict[str, Any]]
    content_hash: Mapped[Hash]
    pdf_hash: Mapped[Hash | None] = mapped_column(ForeignKey("stored_file.hash"))
    state: Mapped[CertificateState] = mapped_column(default=CertificateState.GENUINE)
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawal_reason: Mapped[str | None] = mapped_column(String(500))


class SigningCertificate(Base):
    """The public half of a key that signed papers; the private half lies outside the database."""

    __tablename__ = "signing_certificate"
    __ledger__ = True

    fingerprint: Mapped[Hash] = mapped_column(primary_key=True)
    der: Mapped[bytes] = mapped_column(LargeBinary)
    subject: Mapped[str] = mapped_column(String(300))
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime]
    created_at: Mapped[datetime]
