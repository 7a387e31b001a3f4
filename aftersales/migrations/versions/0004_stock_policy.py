"""Stock policies adopted, and what was decided about single parts.

Revision: 0004
After: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from aftersales.migrations import guards

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LEDGERS = ("stock_policy_set", "stock_policy", "part_decision")
EVERYWHERE = sa.text("location_id IS NULL")


def upgrade() -> None:
    """Add the tables, and the triggers that keep the ledgers."""
    _policies()
    op.create_table(
        "part_decision",
        sa.Column("id", BIG, nullable=False),
        sa.Column("organization_id", BIG, nullable=False),
        sa.Column("part_id", BIG, nullable=False),
        sa.Column("criticality", sa.String(length=32), nullable=True),
        sa.Column("proposed", sa.String(length=16), nullable=True),
        sa.Column("stocked", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("decided_at", sa.DateTime(), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.CheckConstraint(
            "criticality IN ('vital', 'essential', 'desirable')", name=op.f("ck_part_decision_criticality_known")
        ),
        sa.CheckConstraint(
            "criticality IS NOT NULL OR stocked IS NOT NULL", name=op.f("ck_part_decision_decides_something")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["user_account.id"], name=op.f("fk_part_decision_actor_id_user_account")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_part_decision_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_part_decision_part_id_part")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_part_decision")),
    )
    op.create_index(op.f("ix_part_decision_part_id_id"), "part_decision", ["part_id", "id"])
    guards.guard_ledgers(op.get_bind(), LEDGERS)


def _policies() -> None:
    op.create_table(
        "stock_policy_set",
        sa.Column("id", BIG, nullable=False),
        sa.Column("organization_id", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("forecast_run_id", BIG, nullable=False),
        sa.Column("adopted_at", sa.DateTime(), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("target", JSON, nullable=False),
        sa.Column("summary", JSON, nullable=False),
        sa.Column("code_version", sa.String(length=40), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_stock_policy_set_number_positive")),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_stock_policy_set_actor_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["forecast_run_id"], ["forecast_run.id"], name=op.f("fk_stock_policy_set_forecast_run_id_forecast_run")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_stock_policy_set_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_policy_set")),
        sa.UniqueConstraint("organization_id", "number", name=op.f("uq_stock_policy_set_organization_id_number")),
    )
    op.create_table(
        "stock_policy",
        sa.Column("id", BIG, nullable=False),
        sa.Column("set_id", BIG, nullable=False),
        sa.Column("part_id", BIG, nullable=False),
        sa.Column("location_id", BIG, nullable=True),
        sa.Column("stock", sa.BigInteger(), nullable=False),
        sa.Column("reorder_point", sa.BigInteger(), nullable=False),
        sa.Column("order_quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_cost", sa.BigInteger(), nullable=False),
        sa.Column("fill_rate", sa.BigInteger(), nullable=False),
        sa.Column("expected_backorders", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("stock >= 0 AND order_quantity > 0", name=op.f("ck_stock_policy_stock_not_negative")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_stock_policy_location_id_location")),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_stock_policy_part_id_part")),
        sa.ForeignKeyConstraint(
            ["set_id"], ["stock_policy_set.id"], name=op.f("fk_stock_policy_set_id_stock_policy_set")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_policy")),
        sa.UniqueConstraint(
            "set_id", "part_id", "location_id", name=op.f("uq_stock_policy_set_id_part_id_location_id")
        ),
    )
    op.create_index(
        "uq_stock_policy_everywhere",
        "stock_policy",
        ["set_id", "part_id"],
        unique=True,
        sqlite_where=EVERYWHERE,
        postgresql_where=EVERYWHERE,
    )
    op.create_index(op.f("ix_stock_policy_part_id"), "stock_policy", ["part_id"])


def downgrade() -> None:
    """Take them away again; a table takes its triggers with it."""
    op.drop_table("part_decision")
    op.drop_table("stock_policy")
    op.drop_table("stock_policy_set")
