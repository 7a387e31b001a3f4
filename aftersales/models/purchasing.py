"""Supply orders: what is bought, made or refurbished, for which place and by when, and what came of it."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Amount, Base, Currency, Quantity, Versioned
from aftersales.vocabulary import SupplyKind, SupplyState, Tolerance


class SupplyOrder(Versioned, Base):
    """An order of one organisation to a supplier, its own production or a workshop that refurbishes.

    ``plan_reference`` names the plan it was released from. What is received comes to stand at ``location_id``.
    """

    __tablename__ = "supply_order"
    __table_args__ = (
        UniqueConstraint("organization_id", "number"),
        Index(None, "organization_id", "state"),
        Index(None, "supplier_id", "state"),
        CheckConstraint("kind <> 'purchase' OR supplier_id IS NOT NULL", name="purchase_has_supplier"),
        CheckConstraint("kind <> 'production' OR supplier_id IS NULL", name="production_has_none"),
        CheckConstraint("supplier_id IS NULL OR supplier_id <> organization_id", name="not_from_itself"),
        CheckConstraint("state NOT IN ('draft', 'approved') OR sent_at IS NULL", name="unsent_before"),
        CheckConstraint(
            "state NOT IN ('approved', 'sent', 'part_received', 'received') OR approved_at IS NOT NULL",
            name="approval_dated",
        ),
        CheckConstraint("state NOT IN ('sent', 'part_received', 'received') OR sent_at IS NOT NULL", name="sent_dated"),
        CheckConstraint("(state IN ('received', 'cancelled')) = (closed_at IS NOT NULL)", name="closing_dated"),
        CheckConstraint("state <> 'cancelled' OR reason IS NOT NULL", name="cancelled_has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    number: Mapped[str] = mapped_column(String(40))
    kind: Mapped[SupplyKind]
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"), index=True)
    state: Mapped[SupplyState] = mapped_column(default=SupplyState.DRAFT)
    currency: Mapped[Currency] = mapped_column(default="EUR")
    note: Mapped[str] = mapped_column(String(500), default="")
    plan_reference: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    sent_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(500))


class SupplyOrderLine(Base):
    """A part on an order. ``received`` is the sum of its receipts; ``receivable`` is how much the tolerance lets come.

    ``given_up`` is what will not come any more. ``confirmed_on`` is the day the supplier promises, ``plan_reference``
    the line of the plan it was made from.
    """

    __tablename__ = "supply_order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "sequence"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("unit_price >= 0", name="price_not_negative"),
        CheckConstraint("receivable >= quantity", name="receivable_covers_ordered"),
        CheckConstraint("received >= 0 AND received <= receivable", name="received_within"),
        CheckConstraint("given_up >= 0 AND given_up <= quantity", name="given_up_within"),
        CheckConstraint("(confirmed_on IS NULL) = (confirmed_at IS NULL)", name="confirmation_dated"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("supply_order.id"))
    sequence: Mapped[int]
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"), index=True)
    quantity: Mapped[Quantity]
    unit_price: Mapped[Amount]
    due_on: Mapped[date]
    tolerance: Mapped[Tolerance] = mapped_column(default=Tolerance.EXACT)
    receivable: Mapped[Quantity]
    received: Mapped[Quantity] = mapped_column(default=Decimal(0))
    given_up: Mapped[Quantity] = mapped_column(default=Decimal(0))
    confirmed_on: Mapped[date | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    plan_reference: Mapped[str | None] = mapped_column(String(80))

    @property
    def open_quantity(self) -> Decimal:
        """What is still to come."""
        return max(Decimal(0), self.quantity - self.received - self.given_up)


class SupplyReceipt(Base):
    """What came for a line and the stock move that booked it; a receipt put right has a negative one against it."""

    __tablename__ = "supply_receipt"
    __ledger__ = True
    __table_args__ = (
        CheckConstraint("quantity <> 0", name="quantity_not_zero"),
        CheckConstraint("(quantity < 0) = (reverses_id IS NOT NULL)", name="negative_reverses"),
        Index(None, "line_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("supply_order_line.id"))
    move_id: Mapped[int] = mapped_column(ForeignKey("stock_move.id"), unique=True)
    quantity: Mapped[Quantity]
    at: Mapped[datetime]
    delivery_note: Mapped[str] = mapped_column(String(80), default="")
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("supply_receipt.id"), unique=True)
    recorded_at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))


class SupplyOrderEvent(Base):
    """A step in an order's life; its state is that of the last one."""

    __tablename__ = "supply_order_event"
    __ledger__ = True
    __table_args__ = (
        UniqueConstraint("order_id", "sequence"),
        CheckConstraint("sequence >= 1", name="sequence_positive"),
        CheckConstraint("(sequence = 1) = (from_state IS NULL)", name="first_from_nothing"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("supply_order.id"))
    sequence: Mapped[int]
    from_state: Mapped[SupplyState | None]
    to_state: Mapped[SupplyState]
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(String(500), default="")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
