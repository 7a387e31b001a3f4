"""A machine, its parties and its life cycle."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Base, Versioned
from aftersales.vocabulary import MachineState, PartyRole


class Machine(Versioned, Base):
    """A machine by serial number. ``public_id`` is random, stands in the QR code and never changes."""

    __tablename__ = "machine"
    __table_args__ = (UniqueConstraint("manufacturer_id", "serial_number"), Index(None, "serial_number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    manufacturer_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("machine_model.id"), index=True)
    serial_number: Mapped[str] = mapped_column(String(80))
    order_code: Mapped[str | None] = mapped_column(String(80))
    product_year: Mapped[int | None]
    configuration: Mapped[list[str]] = mapped_column(default=list)
    state: Mapped[MachineState] = mapped_column(default=MachineState.PLANNED)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"), index=True)
    commissioned_on: Mapped[date | None]
    reporting_open: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class MachineParty(Base):
    """What an organisation is to a machine from ``valid_from`` up to, not including, ``valid_to``.

    At any time a machine has exactly one manufacturer, at most one owner and at most one operator.
    """

    __tablename__ = "machine_party"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="period_in_order"),
        Index(
            "uq_machine_party_single_open",
            "machine_id",
            "role",
            unique=True,
            sqlite_where=text("valid_to IS NULL AND role IN ('manufacturer', 'owner', 'operator')"),
            postgresql_where=text("valid_to IS NULL AND role IN ('manufacturer', 'owner', 'operator')"),
        ),
        Index(None, "organization_id", "machine_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"), index=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    role: Mapped[PartyRole]
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class LifecycleEvent(Base):
    """A change of a machine's state. The machine's state is that of its last event."""

    __tablename__ = "lifecycle_event"
    __ledger__ = True
    __table_args__ = (UniqueConstraint("machine_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    sequence: Mapped[int]
    from_state: Mapped[MachineState | None]
    to_state: Mapped[MachineState]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    reason: Mapped[str] = mapped_column(String(500), default="")
