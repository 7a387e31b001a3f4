"""Maintenance programmes: versioned tasks with intervals, checklists and kits, and the ledger of what was done."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Base, Measured, MeterValue, Quantity, Versioned


class Programme(Versioned, Base):
    """One version of a model's maintenance programme; the newest published one applies."""

    __tablename__ = "programme"
    __table_args__ = (UniqueConstraint("model_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("machine_model.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    published_at: Mapped[datetime | None]


class ProgrammeTask(Base):
    """A task due by hours, days or cycles, whichever comes first.

    ``first_*`` set the first occurrence where it differs from the interval; ``repeats`` is false for one-time (run-in)
    tasks; ``includes`` lists the codes of smaller tasks that doing this one also does; tolerance is a share of the
    interval in per cent. Skip rules: the task is only for machines with one of ``only_with`` and without any of
    ``not_with`` (option codes); a due day passes while fewer than ``skip_below_hours`` were worked since the last time.
    """

    __tablename__ = "programme_task"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        CheckConstraint(
            "every_hours IS NOT NULL OR every_days IS NOT NULL OR every_cycles IS NOT NULL", name="has_interval"
        ),
        CheckConstraint("tolerance_percent >= 0 AND tolerance_percent <= 100", name="tolerance_share"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    every_hours: Mapped[MeterValue | None]
    every_days: Mapped[int | None]
    every_cycles: Mapped[MeterValue | None]
    first_hours: Mapped[MeterValue | None]
    first_days: Mapped[int | None]
    first_cycles: Mapped[MeterValue | None]
    tolerance_percent: Mapped[int] = mapped_column(default=10)
    repeats: Mapped[bool] = mapped_column(default=True)
    includes: Mapped[list[str]] = mapped_column(default=list)
    only_with: Mapped[list[str]] = mapped_column(default=list)
    not_with: Mapped[list[str]] = mapped_column(default=list)
    skip_below_hours: Mapped[MeterValue | None]
    standard_hours: Mapped[Quantity] = mapped_column(default=Decimal(0))
    qualification: Mapped[str | None] = mapped_column(String(100))
    safety: Mapped[str | None] = mapped_column(String(1000))


class ChecklistItem(Base):
    """A line of a task's checklist: a tick, or a value with limits."""

    __tablename__ = "checklist_item"
    __table_args__ = (UniqueConstraint("task_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("programme_task.id"))
    sequence: Mapped[int]
    text: Mapped[str] = mapped_column(String(300))
    measured: Mapped[bool] = mapped_column(default=False)
    unit: Mapped[str] = mapped_column(String(20), default="")
    lower: Mapped[Measured | None]
    upper: Mapped[Measured | None]
    required: Mapped[bool] = mapped_column(default=True)


class TaskKitLine(Base):
    """A part a task needs, and how many."""

    __tablename__ = "task_kit_line"
    __table_args__ = (UniqueConstraint("task_id", "part_id"), CheckConstraint("quantity > 0", name="quantity_positive"))

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("programme_task.id"))
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"), index=True)
    quantity: Mapped[Quantity]


class TaskCompletion(Base):
    """A task done on a machine. It is kept by the task's code, which outlives versions of the programme.

    ``anchor_*`` are the points the next interval counts from: the planned one when the task was done within
    tolerance of it, else the actual one.
    """

    __tablename__ = "task_completion"
    __ledger__ = True
    __table_args__ = (Index(None, "machine_id", "task_code", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("programme_task.id"))
    task_code: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    life_hours: Mapped[MeterValue | None]
    life_cycles: Mapped[MeterValue | None]
    within_tolerance: Mapped[bool | None]
    anchor_hours: Mapped[MeterValue | None]
    anchor_cycles: Mapped[MeterValue | None]
    anchor_on: Mapped[date | None]
    work_order_id: Mapped[int | None] = mapped_column(ForeignKey("work_order.id"), index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
