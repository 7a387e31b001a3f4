"""The machine's passport: issued once, immutable; later changes are dated entries."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import PERSONAL, Base, Hash, Measured


class AcceptanceResult(Base):
    """A characteristic measured at factory acceptance. Before issue the newest row of a characteristic counts."""

    __tablename__ = "acceptance_result"
    __ledger__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"), index=True)
    characteristic_id: Mapped[int] = mapped_column(ForeignKey("test_characteristic.id"), index=True)
    value: Mapped[Measured]
    passed: Mapped[bool]
    tester: Mapped[str] = mapped_column(String(200), info=PERSONAL)
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class Passport(Base):
    """What was certified when the machine left the line, frozen as ``content`` with its hash.

    A machine taken over by import has a ``reconstructed`` one, exempt from acceptance results.
    """

    __tablename__ = "passport"
    __ledger__ = True
    __table_args__ = (UniqueConstraint("issuer_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"), unique=True)
    issuer_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    number: Mapped[str] = mapped_column(String(40))
    reconstructed: Mapped[bool] = mapped_column(default=False)
    content: Mapped[dict[str, Any]] = mapped_column(info=PERSONAL)
    content_hash: Mapped[Hash]
    issued_at: Mapped[datetime]
    issued_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class PassportEntry(Base):
    """A later, dated entry in an issued passport: what changed, by whom."""

    __tablename__ = "passport_entry"
    __ledger__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(String(2000))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
