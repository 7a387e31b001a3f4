"""Operators' fault reports and their append-only timeline."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import PERSONAL, Base, Hash, MeterValue, Versioned
from aftersales.vocabulary import Channel, FailureMode, FaultState, Severity


class FaultReport(Versioned, Base):
    """A fault as the operator saw it. Its state is that of its last event, ``last_event`` that event's sequence.

    ``public_id`` is the reporter's key to its status; ``hours_refused`` says why the hours are not in the meter.
    """

    __tablename__ = "fault_report"
    __table_args__ = (Index(None, "machine_id", "reported_at"), Index(None, "state", "reported_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    channel: Mapped[Channel]
    mode: Mapped[FailureMode]
    severity: Mapped[Severity] = mapped_column(default=Severity.MEDIUM)
    stands_still: Mapped[bool]
    hours: Mapped[MeterValue | None]
    hours_refused: Mapped[str | None] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(String(4000), default="")
    contact: Mapped[str | None] = mapped_column(String(200), info=PERSONAL)
    error_code: Mapped[str | None] = mapped_column(String(80))
    state: Mapped[FaultState] = mapped_column(default=FaultState.REPORTED)
    last_event: Mapped[int] = mapped_column(default=0)
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("fault_report.id"))
    reported_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class FaultEvent(Base):
    """A step in a fault's timeline: who did what, when and why. Nothing is edited or hidden."""

    __tablename__ = "fault_event"
    __ledger__ = True
    __table_args__ = (UniqueConstraint("fault_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fault_id: Mapped[int] = mapped_column(ForeignKey("fault_report.id"))
    sequence: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    state_after: Mapped[FaultState]
    text: Mapped[str] = mapped_column(String(2000), default="")
    visible_to_operator: Mapped[bool] = mapped_column(default=True)
    work_order_id: Mapped[int | None] = mapped_column(ForeignKey("work_order.id"), index=True)


class FaultPhoto(Base):
    """A photograph that came with a report."""

    __tablename__ = "fault_photo"
    __ledger__ = True
    __table_args__ = (UniqueConstraint("fault_id", "file_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fault_id: Mapped[int] = mapped_column(ForeignKey("fault_report.id"))
    file_hash: Mapped[Hash] = mapped_column(ForeignKey("stored_file.hash"))
    added_at: Mapped[datetime]
