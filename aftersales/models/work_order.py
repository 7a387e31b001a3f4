"""Work orders: what they answer, who works on them and what was found."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import PERSONAL, Amount, Base, Currency, Hash, Measured, MeterValue, Quantity, Versioned
from aftersales.vocabulary import (
    Condition,
    Detection,
    FailureCause,
    FailureMechanism,
    FailureMode,
    OrderKind,
    OrderState,
    RemovalReason,
)


class WorkOrder(Versioned, Base):
    """A job on one machine by one organisation. Closed, it changes only by a dated correction."""

    __tablename__ = "work_order"
    __table_args__ = (
        UniqueConstraint("organization_id", "number"),
        Index(None, "machine_id", "opened_at"),
        Index(None, "assignee_id", "planned_from"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed_has_date"),
        CheckConstraint("(state = 'cancelled') = (cancellation_reason IS NOT NULL)", name="cancelled_has_reason"),
        CheckConstraint("(planned_from IS NULL) = (planned_to IS NULL)", name="window_whole"),
        CheckConstraint("planned_to IS NULL OR planned_to > planned_from", name="window_in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    number: Mapped[str] = mapped_column(String(40))
    kind: Mapped[OrderKind]
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    title: Mapped[str] = mapped_column(String(300))
    state: Mapped[OrderState] = mapped_column(default=OrderState.DRAFT)
    planned_from: Mapped[datetime | None]
    planned_to: Mapped[datetime | None]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    hourly_rate: Mapped[Amount] = mapped_column(default=Decimal(0))
    travel_cost: Mapped[Amount] = mapped_column(default=Decimal(0))
    currency: Mapped[Currency] = mapped_column(default="EUR")
    meter_hours: Mapped[MeterValue | None]
    meter_cycles: Mapped[MeterValue | None]
    summary: Mapped[str] = mapped_column(String(4000), default="")
    opened_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    cancellation_reason: Mapped[str | None] = mapped_column(String(500))


class WorkOrderFault(Base):
    """A fault report the order answers."""

    __tablename__ = "work_order_fault"

    work_order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"), primary_key=True)
    fault_id: Mapped[int] = mapped_column(ForeignKey("fault_report.id"), primary_key=True, index=True)


class WorkOrderTask(Base):
    """A due maintenance task the order does."""

    __tablename__ = "work_order_task"

    work_order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"), primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("programme_task.id"), primary_key=True, index=True)


class TimeEntry(Base):
    """A stretch of one person's work or travel; a person is at one job at a time."""

    __tablename__ = "time_entry"
    __table_args__ = (
        CheckConstraint("ended_at IS NULL OR ended_at >= started_at", name="period_in_order"),
        CheckConstraint("kind IN ('work', 'travel')", name="kind"),
        Index(
            "uq_time_entry_person_open",
            "user_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    work_order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16), default="work")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    stop_reason: Mapped[str] = mapped_column(String(200), default="")


class ChecklistResult(Base):
    """A checklist line of the order, frozen from the programme, with what was found."""

    __tablename__ = "checklist_result"
    __table_args__ = (UniqueConstraint("work_order_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    work_order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("programme_task.id"))
    sequence: Mapped[int]
    text: Mapped[str] = mapped_column(String(300))
    measured: Mapped[bool] = mapped_column(default=False)
    unit: Mapped[str] = mapped_column(String(20), default="")
    lower: Mapped[Measured | None]
    upper: Mapped[Measured | None]
    required: Mapped[bool] = mapped_column(default=True)
    value: Mapped[Measured | None]
    passed: Mapped[bool | None]
    note: Mapped[str] = mapped_column(String(500), default="")
    filled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    filled_at: Mapped[datetime | None]


class PartUse(Base):
    """A part to be used or used on the order; ``move_id`` is its stock move once booked."""

    __tablename__ = "part_use"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    work_order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"), index=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"), index=True)
    condition: Mapped[Condition] = mapped_column(default=Condition.NEW)
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"), index=True)
    serial_number: Mapped[str | None] = mapped_column(String(80))
    quantity: Mapped[Quantity]
    unit_price: Mapped[Amount]
    reservation_id: Mapped[int | None] = mapped_column(ForeignKey("reservation.id"))
    move_id: Mapped[int | None] = mapped_column(ForeignKey("stock_move.id"))


class ComponentExchange(Base):
    """A component taken out, one put in, or both, at a position; booked as installations on closing.

    A removed component that is a core goes to ``core_location_id``; ``core_move_id`` is the move that took it there, or
    to scrap.
    """

    __tablename__ = "component_exchange"
    __table_args__ = (
        CheckConstraint("fate IN ('core', 'scrap', 'returned', 'kept')", name="fate"),
        UniqueConstraint("work_order_id", "position_id", "slot"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    work_order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"))
    position_id: Mapped[int] = mapped_column(ForeignKey("position.id"), index=True)
    slot: Mapped[int] = mapped_column(default=1)
    removed_component_id: Mapped[int | None] = mapped_column(ForeignKey("component.id"))
    removal_reason: Mapped[RemovalReason | None]
    fate: Mapped[str] = mapped_column(String(16), default="kept")
    fitted_part_id: Mapped[int | None] = mapped_column(ForeignKey("part.id"))
    fitted_serial_number: Mapped[str | None] = mapped_column(String(80))
    core_location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"), index=True)
    core_move_id: Mapped[int | None] = mapped_column(ForeignKey("stock_move.id"))


class Finding(Base):
    """What the engineer found, coded after ISO 14224."""

    __tablename__ = "finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    work_order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"), index=True)
    fault_id: Mapped[int | None] = mapped_column(ForeignKey("fault_report.id"), index=True)
    position_id: Mapped[int | None] = mapped_column(ForeignKey("position.id"), index=True)
    mode: Mapped[FailureMode]
    mechanism: Mapped[FailureMechanism]
    cause: Mapped[FailureCause]
    detection: Mapped[Detection]
    text: Mapped[str] = mapped_column(String(2000), default="")


class SignOff(Base):
    """The customer's or engineer's signature under a finished job."""

    __tablename__ = "sign_off"
    __ledger__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    work_order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"), index=True)
    role: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200), info=PERSONAL)
    at: Mapped[datetime]
    signature_hash: Mapped[Hash | None] = mapped_column(ForeignKey("stored_file.hash"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class OrderCorrection(Base):
    """A dated correction to a closed order; the order itself stays as it was."""

    __tablename__ = "order_correction"
    __ledger__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    work_order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"), index=True)
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(String(2000))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
