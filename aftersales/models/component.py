"""Serialised components and where they have been installed."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Base, MeterValue, Versioned
from aftersales.vocabulary import RemovalReason

OPEN = text("valid_to IS NULL")


class Component(Versioned, Base):
    """A unit of a part with its own serial number and the life it brought along when first recorded."""

    __tablename__ = "component"
    __table_args__ = (UniqueConstraint("part_id", "serial_number"), Index(None, "serial_number"))

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"), index=True)
    serial_number: Mapped[str] = mapped_column(String(80))
    batch: Mapped[str | None] = mapped_column(String(80))
    produced_on: Mapped[date | None]
    hours_brought: Mapped[MeterValue] = mapped_column(default=Decimal(0))
    cycles_brought: Mapped[MeterValue] = mapped_column(default=Decimal(0))
    scrapped_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Installation(Base):
    """A component's stay in a machine's position; ``slot`` counts from 1 to the position's quantity.

    ``meter_in`` and ``meter_out`` are the machine's life hours, ``cycles_in`` and ``cycles_out`` its life cycles.
    """

    __tablename__ = "installation"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="period_in_order"),
        CheckConstraint("meter_out IS NULL OR meter_out >= meter_in", name="meter_in_order"),
        CheckConstraint("cycles_out IS NULL OR cycles_out >= cycles_in", name="cycles_in_order"),
        CheckConstraint("(valid_to IS NULL) = (removal_reason IS NULL)", name="removal_has_reason"),
        CheckConstraint("slot >= 1", name="slot_positive"),
        Index("uq_installation_component_open", "component_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index(
            "uq_installation_slot_open",
            "machine_id",
            "position_id",
            "slot",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    component_id: Mapped[int] = mapped_column(ForeignKey("component.id"), index=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"), index=True)
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"), index=True)
    slot: Mapped[int] = mapped_column(default=1)
    valid_from: Mapped[datetime]
    valid_to: Mapped[datetime | None]
    meter_in: Mapped[MeterValue]
    meter_out: Mapped[MeterValue | None]
    cycles_in: Mapped[MeterValue] = mapped_column(default=Decimal(0))
    cycles_out: Mapped[MeterValue | None]
    removal_reason: Mapped[RemovalReason | None]
    work_order_id: Mapped[int | None] = mapped_column(ForeignKey("work_order.id"), index=True)
    removal_work_order_id: Mapped[int | None] = mapped_column(ForeignKey("work_order.id"), index=True)
