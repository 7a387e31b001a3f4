"""Supply orders: lines, receipts and the steps of their life.

Revision: 0003
After: 0002
"""

import sqlalchemy as sa
from alembic import op

from aftersales.migrations import guards

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LEDGERS = ("supply_receipt", "supply_order_event")


def upgrade() -> None:
    """Add the tables, and the triggers that keep the ledgers."""
    op.create_table(
        "supply_order",
        sa.Column("id", BIG, nullable=False),
        sa.Column("organization_id", BIG, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("supplier_id", BIG, nullable=True),
        sa.Column("location_id", BIG, nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("plan_reference", sa.String(length=80), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", BIG, nullable=True),
        sa.Column("approved_at", sa.DateTime(), nullable=True),
        sa.Column("approved_by_id", BIG, nullable=True),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("version", BIG, nullable=False),
        sa.CheckConstraint(
            "(state IN ('received', 'cancelled')) = (closed_at IS NOT NULL)", name=op.f("ck_supply_order_closing_dated")
        ),
        sa.CheckConstraint(
            "kind <> 'production' OR supplier_id IS NULL", name=op.f("ck_supply_order_production_has_none")
        ),
        sa.CheckConstraint(
            "kind <> 'purchase' OR supplier_id IS NOT NULL", name=op.f("ck_supply_order_purchase_has_supplier")
        ),
        sa.CheckConstraint(
            "kind IN ('purchase', 'production', 'refurbishment')", name=op.f("ck_supply_order_kind_known")
        ),
        sa.CheckConstraint(
            "state <> 'cancelled' OR reason IS NOT NULL", name=op.f("ck_supply_order_cancelled_has_reason")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'approved', 'sent', 'part_received', 'received', 'cancelled')",
            name=op.f("ck_supply_order_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'sent', 'part_received', 'received') OR approved_at IS NOT NULL",
            name=op.f("ck_supply_order_approval_dated"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('draft', 'approved') OR sent_at IS NULL", name=op.f("ck_supply_order_unsent_before")
        ),
        sa.CheckConstraint(
            "state NOT IN ('sent', 'part_received', 'received') OR sent_at IS NOT NULL",
            name=op.f("ck_supply_order_sent_dated"),
        ),
        sa.CheckConstraint(
            "supplier_id IS NULL OR supplier_id <> organization_id", name=op.f("ck_supply_order_not_from_itself")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["user_account.id"], name=op.f("fk_supply_order_approved_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["user_account.id"], name=op.f("fk_supply_order_created_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_supply_order_location_id_location")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_supply_order_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["organization.id"], name=op.f("fk_supply_order_supplier_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_order")),
        sa.UniqueConstraint("organization_id", "number", name=op.f("uq_supply_order_organization_id_number")),
    )
    op.create_index(op.f("ix_supply_order_location_id"), "supply_order", ["location_id"])
    op.create_index(
        op.f("ix_supply_order_organization_id_state"), "supply_order", ["organization_id", "state"], unique=False
    )
    op.create_index(op.f("ix_supply_order_supplier_id_state"), "supply_order", ["supplier_id", "state"])
    op.create_table(
        "supply_order_event",
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("from_state", sa.String(length=32), nullable=True),
        sa.Column("to_state", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.CheckConstraint(
            "from_state IN ('draft', 'approved', 'sent', 'part_received', 'received', 'cancelled')",
            name=op.f("ck_supply_order_event_from_state_known"),
        ),
        sa.CheckConstraint(
            "to_state IN ('draft', 'approved', 'sent', 'part_received', 'received', 'cancelled')",
            name=op.f("ck_supply_order_event_to_state_known"),
        ),
        sa.CheckConstraint(
            "(sequence = 1) = (from_state IS NULL)", name=op.f("ck_supply_order_event_first_from_nothing")
        ),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_supply_order_event_sequence_positive")),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_supply_order_event_actor_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["supply_order.id"], name=op.f("fk_supply_order_event_order_id_supply_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_order_event")),
        sa.UniqueConstraint("order_id", "sequence", name=op.f("uq_supply_order_event_order_id_sequence")),
    )
    op.create_table(
        "supply_order_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("part_id", BIG, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("tolerance", sa.String(length=32), nullable=False),
        sa.Column("receivable", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("given_up", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("confirmed_by_id", BIG, nullable=True),
        sa.Column("plan_reference", sa.String(length=80), nullable=True),
        sa.CheckConstraint(
            "tolerance IN ('exact', 'five_percent', 'ten_percent', 'full_pack')",
            name=op.f("ck_supply_order_line_tolerance_known"),
        ),
        sa.CheckConstraint(
            "(confirmed_on IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_supply_order_line_confirmation_dated")
        ),
        sa.CheckConstraint("given_up >= 0 AND given_up <= quantity", name=op.f("ck_supply_order_line_given_up_within")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_supply_order_line_quantity_positive")),
        sa.CheckConstraint("receivable >= quantity", name=op.f("ck_supply_order_line_receivable_covers_ordered")),
        sa.CheckConstraint(
            "received >= 0 AND received <= receivable", name=op.f("ck_supply_order_line_received_within")
        ),
        sa.CheckConstraint("unit_price >= 0", name=op.f("ck_supply_order_line_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["user_account.id"], name=op.f("fk_supply_order_line_confirmed_by_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["supply_order.id"], name=op.f("fk_supply_order_line_order_id_supply_order")
        ),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_supply_order_line_part_id_part")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_order_line")),
        sa.UniqueConstraint("order_id", "sequence", name=op.f("uq_supply_order_line_order_id_sequence")),
    )
    op.create_index(op.f("ix_supply_order_line_part_id"), "supply_order_line", ["part_id"])
    op.create_table(
        "supply_receipt",
        sa.Column("id", BIG, nullable=False),
        sa.Column("line_id", BIG, nullable=False),
        sa.Column("move_id", BIG, nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("delivery_note", sa.String(length=80), nullable=False),
        sa.Column("reverses_id", BIG, nullable=True),
        sa.Column("recorded_at", sa.DateTime(), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.CheckConstraint(
            "(quantity < 0) = (reverses_id IS NOT NULL)", name=op.f("ck_supply_receipt_negative_reverses")
        ),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_supply_receipt_quantity_not_zero")),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_supply_receipt_actor_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["line_id"], ["supply_order_line.id"], name=op.f("fk_supply_receipt_line_id_supply_order_line")
        ),
        sa.ForeignKeyConstraint(["move_id"], ["stock_move.id"], name=op.f("fk_supply_receipt_move_id_stock_move")),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["supply_receipt.id"], name=op.f("fk_supply_receipt_reverses_id_supply_receipt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_receipt")),
        sa.UniqueConstraint("move_id", name=op.f("uq_supply_receipt_move_id")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_supply_receipt_reverses_id")),
    )
    op.create_index(op.f("ix_supply_receipt_line_id_at"), "supply_receipt", ["line_id", "at"])
    guards.guard_ledgers(op.get_bind(), LEDGERS)


def downgrade() -> None:
    """Take them away again; a table takes its triggers with it."""
    op.drop_table("supply_receipt")
    op.drop_table("supply_order_line")
    op.drop_table("supply_order_event")
    op.drop_table("supply_order")
