"""Stored files and the documents that apply to models and machines."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Base, Hash


class StoredFile(Base):
    """A file outside the database, named by the SHA-256 of its content."""

    __tablename__ = "stored_file"
    __ledger__ = True
    __audited__ = False

    hash: Mapped[Hash] = mapped_column(primary_key=True)
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]


class Document(Base):
    """One version of a manual, drawing, declaration or bulletin and what it applies to.

    ``public`` ones are offered to everybody who scans the machine's code (Regulation (EU) 2023/1230, Article 10(7)).
    """

    __tablename__ = "document"
    __table_args__ = (
        Index(None, "model_id", "kind"),
        CheckConstraint("(model_id IS NULL) <> (machine_id IS NULL)", name="model_or_machine"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(5))
    edition: Mapped[str] = mapped_column(String(40))
    model_id: Mapped[int | None] = mapped_column(ForeignKey("machine_model.id"))
    machine_id: Mapped[int | None] = mapped_column(ForeignKey("machine.id"), index=True)
    serial_from: Mapped[str | None] = mapped_column(String(80))
    serial_to: Mapped[str | None] = mapped_column(String(80))
    file_hash: Mapped[Hash] = mapped_column(ForeignKey("stored_file.hash"))
    file_name: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[date]
    public: Mapped[bool] = mapped_column(default=False)
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("document.id"))
    created_at: Mapped[datetime]
