"""Meters of machines and the ledger of their readings."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Base, MeterValue
from aftersales.vocabulary import MeterKind, ReadingKind, ReadingSource

FIRST = text("corrects_id IS NULL")


class Meter(Base):
    """What is counted on a machine. ``rolls_over_at`` is that of the display now fitted.

    ``latest_*`` follow the ledger and are rebuilt with it in one transaction, so the row leaves no audit entry of its
    own: every entry of the ledger does. ``unsettled``: the latest value is an estimate, or an entry later than it does
    not count, so that a new reading has to be held against the whole ledger.
    """

    __tablename__ = "meter"
    __audited__ = False
    __table_args__ = (
        UniqueConstraint("machine_id", "kind"),
        CheckConstraint("rolls_over_at IS NULL OR rolls_over_at > 0", name="rollover_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    kind: Mapped[MeterKind]
    rolls_over_at: Mapped[MeterValue | None]
    latest_at: Mapped[datetime]
    latest_display: Mapped[MeterValue]
    latest_life: Mapped[MeterValue]
    latest_estimated: Mapped[bool] = mapped_column(default=False)
    unsettled: Mapped[bool] = mapped_column(default=False)


class MeterSegment(Base):
    """One physical display of a meter: what it showed first, and the life the machine had by then.

    Without ``life_offset`` the life of the display before carries on, so that it follows later corrections of that one.
    The moment a display is replaced still belongs to the old one.
    """

    __tablename__ = "meter_segment"
    __ledger__ = True
    __table_args__ = (
        UniqueConstraint("meter_id", "started_at"),
        CheckConstraint("first_display >= 0", name="first_display_not_negative"),
        CheckConstraint("rolls_over_at IS NULL OR rolls_over_at > first_display", name="rollover_above_first"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meter_id: Mapped[int] = mapped_column(ForeignKey("meter.id"))
    started_at: Mapped[datetime]
    first_display: Mapped[MeterValue]
    life_offset: Mapped[MeterValue | None]
    rolls_over_at: Mapped[MeterValue | None]
    reason: Mapped[str] = mapped_column(String(200), default="")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class Reading(Base):
    """What a display showed at a moment. A correction or a void names the reading it counters, and why.

    One reading per meter and moment: the same one twice is once. Of several counter-entries the last one stands.
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
    reason: Mapped[str | None] = mapped_column(String(300))
    recorded_at: Mapped[datetime]
    actor_id: Mapped[int | None]
