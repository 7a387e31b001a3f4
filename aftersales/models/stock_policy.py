"""What was decided to be kept in stock: by part, by policy adopted on a day; never changed, only followed."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Amount, Base, Measured, Quantity
from aftersales.vocabulary import Criticality


class StockPolicySet(Base):
    """A stock policy adopted for a catalogue; of several the one with the highest number is in force.

    ``target``: what was asked for (availability or budget). ``summary``: money, availability and what it was beside.
    """

    __tablename__ = "stock_policy_set"
    __ledger__ = True
    __table_args__ = (
        UniqueConstraint("organization_id", "number"),
        CheckConstraint("number >= 1", name="number_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    number: Mapped[int]
    forecast_run_id: Mapped[int] = mapped_column(ForeignKey("forecast_run.id"))
    adopted_at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    note: Mapped[str] = mapped_column(String(300), default="")
    target: Mapped[dict[str, Any]]
    summary: Mapped[dict[str, Any]]
    code_version: Mapped[str] = mapped_column(String(40))


class StockPolicy(Base):
    """What to keep of a part: order when the position is at or below ``reorder_point`` (−1: not kept), up to ``stock``.

    Without a location it holds for all places of the organisation together.
    """

    __tablename__ = "stock_policy"
    __ledger__ = True
    __audited__ = False
    __table_args__ = (
        UniqueConstraint("set_id", "part_id", "location_id"),
        Index(
            "uq_stock_policy_everywhere",
            "set_id",
            "part_id",
            unique=True,
            sqlite_where=text("location_id IS NULL"),
            postgresql_where=text("location_id IS NULL"),
        ),
        CheckConstraint("stock >= 0 AND order_quantity > 0", name="stock_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    set_id: Mapped[int] = mapped_column(ForeignKey("stock_policy_set.id"))
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"), index=True)
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    stock: Mapped[Quantity]
    reorder_point: Mapped[Quantity]
    order_quantity: Mapped[Quantity]
    unit_cost: Mapped[Amount]
    fill_rate: Mapped[Measured]
    expected_backorders: Mapped[Measured]


class PartDecision(Base):
    """A criticality set by hand, or that a part is (not) to be stocked, with the reason; the newest stands.

    ``proposed``: the criticality that was proposed then.
    """

    __tablename__ = "part_decision"
    __ledger__ = True
    __table_args__ = (
        Index(None, "part_id", "id"),
        CheckConstraint("criticality IS NOT NULL OR stocked IS NOT NULL", name="decides_something"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"))
    criticality: Mapped[Criticality | None]
    proposed: Mapped[str | None] = mapped_column(String(16))
    stocked: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(String(300))
    decided_at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
