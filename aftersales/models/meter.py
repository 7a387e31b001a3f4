"""Meters of machines and the ledger of their readings."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Base, MeterValue, Versioned
from aftersales.vocabulary import MeterKind, ReadingKind, ReadingSource

FIRST = text("corrects_id IS NULL")


class Meter(Versioned, Base):
    """What is counted on a machine. ``latest_at``, ``latest_display`` and ``latest_life`` follow the ledger."""

    __tablename__ = "meter"
    __table_args__ = (
        UniqueConstraint("machine_id", "kind"),
        CheckConstraint("rolls_over_at IS NULL OR rolls_over_at > 0", name="rollover_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    kind: Mapped[MeterKind]
    rolls_over_at: Mapped[MeterValue | None]
    latest_at: Mapped[datetime | None]
    latest_display: Mapped[MeterValue | None]
    latest_life: Mapped[MeterValue | None]


class MeterSegment(Base):
    """One physical display of a meter: what it showed first, and the life the machine had by then."""

    __tablename__ = "meter_segment"
    __ledger__ = True
    __table_args__ = (UniqueConstraint("meter_id", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meter_id: Mapped[int] = mapped_column(ForeignKey("meter.id"))
    started_at: Mapped[datetime]
    first_display: Mapped[MeterValue]
    life_offset: Mapped[MeterValue]
    reason: Mapped[str] = mapped_column(String(200), default="")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class Reading(Base):
    """What a display showed at a moment. A correction or a void names the reading it counters.

    One reading per meter and moment: the same one twice is once.
    """

    __tablename__ = "reading"
    __ledger__ = True
    __audited__ = False
    __table_args__ = (
        CheckConstraint("display >= 0", name="display_not_negative"),
        CheckConstraint("(kind IN ('correction', 'void')) = (corrects_id IS NOT NULL)", name="counter_entry"),
        Index("uq_reading_meter_moment", "meter_id", "at", unique=True, sqlite_where=FIRST, postgresql_where=FIRST),
        Index(
            "ix_reading_corrects",
            "corrects_id",
            sqlite_where=text("corrects_id IS NOT NULL"),
            postgresql_where=text("corrects_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meter_id: Mapped[int] = mapped_column(ForeignKey("meter.id"))
    at: Mapped[datetime]
    display: Mapped[MeterValue]
    kind: Mapped[ReadingKind]
    source: Mapped[ReadingSource]
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("reading.id"))
    recorded_at: Mapped[datetime]
    actor_id: Mapped[int | None]
