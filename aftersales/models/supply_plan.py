"""Plan runs: what to order by part and month, which demand it serves, and what became of each planned order."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Amount, Base, Currency, Quantity
from aftersales.vocabulary import SupplyKind


class PlanRun(Base):
    """A plan of supply with all it came from, so that it can be repeated; ``summary`` says what it comes to."""

    __tablename__ = "plan_run"
    __ledger__ = True
    __table_args__ = (Index(None, "organization_id", "id"), CheckConstraint("months >= 1", name="months_positive"))

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    forecast_run_id: Mapped[int] = mapped_column(ForeignKey("forecast_run.id"))
    policy_id: Mapped[int | None] = mapped_column(ForeignKey("stock_policy_set.id"))
    created_at: Mapped[datetime]
    origin: Mapped[date]
    months: Mapped[int]
    summary: Mapped[dict[str, Any]]
    code_version: Mapped[str] = mapped_column(String(40))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class PlanLine(Base):
    """A part in a plan: ``inputs`` it was netted from and ``numbers`` by month that came out."""

    __tablename__ = "plan_line"
    __ledger__ = True
    __audited__ = False
    __table_args__ = (UniqueConstraint("run_id", "part_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("plan_run.id"))
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"), index=True)
    inputs: Mapped[dict[str, Any]]
    numbers: Mapped[dict[str, Any]]


class PlannedOrder(Base):
    """What to order of a part: begun in one month, there in another; ``pegs`` are the demands it serves."""

    __tablename__ = "planned_order"
    __ledger__ = True
    __audited__ = False
    __table_args__ = (
        UniqueConstraint("run_id", "part_id", "comes"),
        CheckConstraint("quantity > 0 AND begins <= comes", name="quantity_positive"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("plan_run.id"))
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"), index=True)
    kind: Mapped[SupplyKind]
    begins: Mapped[date]
    comes: Mapped[date]
    quantity: Mapped[Quantity]
    unit_cost: Mapped[Amount] = mapped_column(default=Decimal(0))
    currency: Mapped[Currency] = mapped_column(default="EUR")
    pegs: Mapped[list[dict[str, Any]]]


class PlannedOrderStep(Base):
    """What was decided about a planned order; the newest stands. Released ones name the supply order they became."""

    __tablename__ = "planned_order_step"
    __ledger__ = True
    __table_args__ = (
        Index(None, "planned_order_id", "id"),
        CheckConstraint("action IN ('approved', 'changed', 'dropped', 'released')", name="action"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("(action = 'released') = (supply_order_id IS NOT NULL)", name="released_to_an_order"),
        CheckConstraint("action IN ('approved', 'released') OR reason <> ''", name="has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    planned_order_id: Mapped[int] = mapped_column(ForeignKey("planned_order.id"))
    action: Mapped[str] = mapped_column(String(16))
    quantity: Mapped[Quantity]
    comes: Mapped[date]
    reason: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    supply_order_id: Mapped[int | None] = mapped_column(ForeignKey("supply_order.id"), index=True)
