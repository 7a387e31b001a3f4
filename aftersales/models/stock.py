"""Stock: locations, the double-entry ledger of moves, balances that follow it, reservations and counts."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Amount, Base, Currency, Quantity, Versioned
from aftersales.vocabulary import Condition, LocationKind, MoveKind


class Location(Versioned, Base):
    """A place stock can be; virtual ones (supplier, customer, scrap…) are the other side of receipts and issues."""

    __tablename__ = "location"
    __table_args__ = (UniqueConstraint("organization_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[LocationKind]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"), index=True)
    keeper_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    ended_at: Mapped[datetime | None]


class StockMove(Base):
    """A quantity of a part in one condition that went from one location to another: stock cannot appear or vanish."""

    __tablename__ = "stock_move"
    __ledger__ = True
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("serial_number IS NULL OR quantity = 1000", name="serial_is_one"),
        CheckConstraint("from_location_id <> to_location_id OR condition <> to_condition", name="goes_somewhere"),
        Index(None, "part_id", "at"),
        Index(None, "part_id", "serial_number"),
        Index(None, "work_order_id"),
        UniqueConstraint("organization_id", "source_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    kind: Mapped[MoveKind]
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"))
    condition: Mapped[Condition]
    to_condition: Mapped[Condition]
    serial_number: Mapped[str | None] = mapped_column(String(80))
    quantity: Mapped[Quantity]
    from_location_id: Mapped[int] = mapped_column(ForeignKey("location.id"), index=True)
    to_location_id: Mapped[int] = mapped_column(ForeignKey("location.id"), index=True)
    at: Mapped[datetime]
    unit_cost: Mapped[Amount] = mapped_column(default=Decimal(0))
    currency: Mapped[Currency] = mapped_column(default="EUR")
    work_order_id: Mapped[int | None] = mapped_column(ForeignKey("work_order.id"))
    document: Mapped[str | None] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(300), default="")
    source_key: Mapped[str | None] = mapped_column(String(120))
    recorded_at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class Balance(Base):
    """What a location holds of a part in one condition; virtual locations have no balance row."""

    __tablename__ = "balance"
    __audited__ = False
    __table_args__ = (
        UniqueConstraint("part_id", "condition", "location_id"),
        CheckConstraint("reserved >= 0 AND on_hand >= reserved", name="on_hand_covers_reserved"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"))
    condition: Mapped[Condition]
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"), index=True)
    on_hand: Mapped[Quantity]
    reserved: Mapped[Quantity]


class SerialPlace(Base):
    """Where a serialised unit is: a serial is in exactly one place."""

    __tablename__ = "serial_place"
    __audited__ = False
    __table_args__ = (Index(None, "serial_number"),)

    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"), primary_key=True)
    serial_number: Mapped[str] = mapped_column(String(80), primary_key=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"), index=True)
    condition: Mapped[Condition]
    move_id: Mapped[int] = mapped_column(ForeignKey("stock_move.id"))


class Reservation(Versioned, Base):
    """Stock set aside, usually for a work order, until issued or released."""

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint("quantity > 0 AND open_quantity >= 0 AND open_quantity <= quantity", name="open_within"),
        CheckConstraint("(open_quantity = 0) = (closed_at IS NOT NULL)", name="closed_when_empty"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"), index=True)
    condition: Mapped[Condition]
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"), index=True)
    quantity: Mapped[Quantity]
    open_quantity: Mapped[Quantity]
    work_order_id: Mapped[int | None] = mapped_column(ForeignKey("work_order.id"), index=True)
    note: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class StockCount(Versioned, Base):
    """A count at a location; its difference moves stock only once approved. ``serial_numbers`` are those found."""

    __tablename__ = "stock_count"
    __table_args__ = (
        CheckConstraint("state IN ('counted', 'approved', 'rejected')", name="state"),
        CheckConstraint("(state = 'counted') = (decided_at IS NULL)", name="decision_dated"),
        CheckConstraint("counted >= 0", name="counted_not_negative"),
        Index(
            "uq_stock_count_open",
            "part_id",
            "condition",
            "location_id",
            unique=True,
            sqlite_where=text("state = 'counted'"),
            postgresql_where=text("state = 'counted'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"), index=True)
    condition: Mapped[Condition]
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"), index=True)
    expected: Mapped[Quantity]
    counted: Mapped[Quantity]
    expected_serial_numbers: Mapped[list[str] | None]
    serial_numbers: Mapped[list[str] | None]
    state: Mapped[str] = mapped_column(String(16), default="counted")
    counted_at: Mapped[datetime]
    counted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    move_id: Mapped[int | None] = mapped_column(ForeignKey("stock_move.id"))
