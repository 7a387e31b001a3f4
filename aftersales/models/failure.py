"""The record of failures (ISO 14224), from closed orders and from imported history."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Base, MeterValue, Quantity
from aftersales.vocabulary import Detection, FailureCause, FailureMechanism, FailureMode


class FailureRecord(Base):
    """A failure of a machine, down to the part where known. ``down_hours`` is clock time out of service."""

    __tablename__ = "failure_record"
    __ledger__ = True
    __table_args__ = (
        Index(None, "machine_id", "at"),
        Index(None, "part_id", "at"),
        UniqueConstraint("machine_id", "source_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    at: Mapped[datetime]
    life_hours: Mapped[MeterValue | None]
    mode: Mapped[FailureMode]
    mechanism: Mapped[FailureMechanism | None]
    cause: Mapped[FailureCause | None]
    detection: Mapped[Detection | None]
    position_id: Mapped[int | None] = mapped_column(ForeignKey("position.id"), index=True)
    part_id: Mapped[int | None] = mapped_column(ForeignKey("part.id"))
    component_id: Mapped[int | None] = mapped_column(ForeignKey("component.id"), index=True)
    fault_id: Mapped[int | None] = mapped_column(ForeignKey("fault_report.id"), index=True)
    work_order_id: Mapped[int | None] = mapped_column(ForeignKey("work_order.id"), index=True)
    down_hours: Mapped[Quantity | None]
    source_key: Mapped[str] = mapped_column(String(120))
