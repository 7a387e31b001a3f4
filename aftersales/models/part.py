"""The parts catalogue: parts, supersession and alternates."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Amount, Base, Currency, Quantity, Versioned
from aftersales.vocabulary import Criticality


class Part(Versioned, Base):
    """A spare part in one organisation's catalogue. ``lead_time_days`` is from order to receipt."""

    __tablename__ = "part"
    __table_args__ = (
        UniqueConstraint("organization_id", "number"),
        Index(None, "number"),
        CheckConstraint("price >= 0 AND cost >= 0", name="money_not_negative"),
        CheckConstraint("lead_time_days >= 0", name="lead_time_not_negative"),
        CheckConstraint("minimum_quantity >= 0 AND multiple > 0", name="lot_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    number: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    own: Mapped[bool] = mapped_column(default=True)
    maker: Mapped[str | None] = mapped_column(String(200))
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    unit: Mapped[str] = mapped_column(String(10), default="pcs")
    whole_units: Mapped[bool] = mapped_column(default=True)
    price: Mapped[Amount] = mapped_column(default=Decimal(0))
    cost: Mapped[Amount] = mapped_column(default=Decimal(0))
    currency: Mapped[Currency] = mapped_column(default="EUR")
    lead_time_days: Mapped[int] = mapped_column(default=30)
    minimum_quantity: Mapped[Quantity] = mapped_column(default=Decimal(1))
    multiple: Mapped[Quantity] = mapped_column(default=Decimal(1))
    criticality: Mapped[Criticality] = mapped_column(default=Criticality.ESSENTIAL)
    shelf_life_days: Mapped[int | None]
    serialised: Mapped[bool] = mapped_column(default=False)
    repairable: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Supersession(Base):
    """``old`` is replaced by ``new`` from a day on; ``ratio`` new units do the work of one old. No circles."""

    __tablename__ = "supersession"
    __table_args__ = (
        CheckConstraint("old_id <> new_id", name="not_itself"),
        CheckConstraint("ratio > 0", name="ratio_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    old_id: Mapped[int] = mapped_column(ForeignKey("part.id"), unique=True)
    new_id: Mapped[int] = mapped_column(ForeignKey("part.id"), index=True)
    valid_from: Mapped[date]
    ratio: Mapped[Quantity] = mapped_column(default=Decimal(1))
    both_ways: Mapped[bool] = mapped_column(default=False)


class Alternate(Base):
    """Another part that may be used instead, one way."""

    __tablename__ = "alternate"
    __table_args__ = (CheckConstraint("part_id <> alternate_id", name="not_itself"),)

    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"), primary_key=True)
    alternate_id: Mapped[int] = mapped_column(ForeignKey("part.id"), primary_key=True, index=True)
    note: Mapped[str] = mapped_column(String(300), default="")
