"""Warranty policies with numbered clauses, warranties of machines, coverage decisions and extension offers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from aftersales.db import Amount, Base, Currency, MeterValue, Versioned
from aftersales.vocabulary import CostClass, OfferState, Payer, RefusalReason


class WarrantyPolicy(Versioned, Base):
    """A manufacturer's warranty terms; ``model_id`` empty means for every model."""

    __tablename__ = "warranty_policy"
    __table_args__ = (
        UniqueConstraint("organization_id", "code"),
        CheckConstraint("start_rule IN ('commissioning', 'shipment')", name="start_rule"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    model_id: Mapped[int | None] = mapped_column(ForeignKey("machine_model.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(200))
    is_extension: Mapped[bool] = mapped_column(default=False)
    start_rule: Mapped[str] = mapped_column(String(20), default="commissioning")
    offer_days_before_end: Mapped[int] = mapped_column(default=90)
    price: Mapped[Amount | None]
    currency: Mapped[Currency] = mapped_column(default="EUR")
    ended_at: Mapped[datetime | None]


class WarrantyClause(Base):
    """A numbered clause: a term (months and hours of a cost class), an exclusion or a condition, in words."""

    __tablename__ = "warranty_clause"
    __table_args__ = (
        UniqueConstraint("policy_id", "number"),
        CheckConstraint("kind IN ('term', 'exclusion', 'condition')", name="kind"),
        CheckConstraint("kind <> 'term' OR (cost_class IS NOT NULL AND months IS NOT NULL)", name="term_complete"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("warranty_policy.id"))
    number: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(String(1000))
    cost_class: Mapped[CostClass | None]
    months: Mapped[int | None]
    hours: Mapped[MeterValue | None]
    excluded_part_id: Mapped[int | None] = mapped_column(ForeignKey("part.id"))
    excluded_cause: Mapped[str | None] = mapped_column(String(32))
    requires_maintenance: Mapped[bool] = mapped_column(default=False)


class Warranty(Base):
    """A policy in force for one machine from ``starts_on`` up to, not including, ``ends_on``.

    An extension names the warranty it follows; the foreign key over the machine and the day has the database see to it
    that it begins the very day the one before it ends.
    """

    __tablename__ = "warranty"
    __table_args__ = (
        Index(None, "machine_id", "starts_on"),
        UniqueConstraint("id", "machine_id", "ends_on"),
        ForeignKeyConstraint(
            ["follows_id", "machine_id", "starts_on"],
            ["warranty.id", "warranty.machine_id", "warranty.ends_on"],
            name="fk_warranty_begins_where_the_other_ends",
        ),
        CheckConstraint("ends_on > starts_on", name="period_in_order"),
        CheckConstraint("(offer_id IS NULL) = (follows_id IS NULL)", name="extension_was_offered"),
        Index(
            "uq_warranty_first",
            "machine_id",
            unique=True,
            sqlite_where=text("follows_id IS NULL"),
            postgresql_where=text("follows_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"))
    policy_id: Mapped[int] = mapped_column(ForeignKey("warranty_policy.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    start_hours: Mapped[MeterValue]
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("extension_offer.id"), unique=True)
    follows_id: Mapped[int | None] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class Coverage(Base):
    """Who pays for one line of a work order, by which clause and why. Advisory until confirmed."""

    __tablename__ = "coverage"
    __table_args__ = (
        UniqueConstraint("work_order_id", "line_kind", "line_id"),
        CheckConstraint("line_kind IN ('part', 'time', 'travel')", name="line_kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    work_order_id: Mapped[int] = mapped_column(ForeignKey("work_order.id"))
    line_kind: Mapped[str] = mapped_column(String(16))
    line_id: Mapped[int]
    cost_class: Mapped[CostClass]
    amount: Mapped[Amount]
    currency: Mapped[Currency]
    payer: Mapped[Payer]
    clause_id: Mapped[int | None] = mapped_column(ForeignKey("warranty_clause.id"))
    explanation: Mapped[str] = mapped_column(String(1000))
    explanation_params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    decided_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    confirmed_at: Mapped[datetime | None]


class ExtensionOffer(Versioned, Base):
    """An offer to extend a machine's warranty; accepted in time, it starts where the old one ends.

    ``pricing``: what the failures over the extension are expected to cost, with the reasons; for its maker alone.
    """

    __tablename__ = "extension_offer"
    __table_args__ = (
        CheckConstraint("ends_on > starts_on", name="period_in_order"),
        CheckConstraint("(state = 'refused') = (refusal_reason IS NOT NULL)", name="refusal_has_reason"),
        Index(
            "uq_extension_offer_open",
            "machine_id",
            unique=True,
            sqlite_where=text("state = 'offered'"),
            postgresql_where=text("state = 'offered'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    machine_id: Mapped[int] = mapped_column(ForeignKey("machine.id"), index=True)
    policy_id: Mapped[int] = mapped_column(ForeignKey("warranty_policy.id"))
    price: Mapped[Amount]
    currency: Mapped[Currency]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    valid_until: Mapped[date]
    state: Mapped[OfferState] = mapped_column(default=OfferState.OFFERED)
    offered_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    refusal_reason: Mapped[RefusalReason | None]
    refusal_text: Mapped[str | None] = mapped_column(String(500))
    pricing: Mapped[dict[str, Any] | None]
