"""What was imported from which file, so that it can be told apart and undone."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Base, Hash


class ImportRun(Base):
    """One file taken in: kind, mapping, counts; ``undone_at`` once its rows were countered."""

    __tablename__ = "import_run"
    __table_args__ = (CheckConstraint("added >= 0 AND unchanged >= 0 AND refused >= 0", name="counts"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    file_name: Mapped[str] = mapped_column(String(200))
    file_hash: Mapped[Hash]
    mapping: Mapped[dict[str, Any]]
    added: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class ImportedRow(Base):
    """A row of the database that an import created."""

    __tablename__ = "imported_row"
    __ledger__ = True
    __audited__ = False
    __table_args__ = (Index(None, "object_type", "object_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("import_run.id"), index=True)
    object_type: Mapped[str] = mapped_column(String(60))
    object_id: Mapped[int]
