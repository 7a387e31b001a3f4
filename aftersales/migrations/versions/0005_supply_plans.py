"""Plan runs, their lines and planned orders, and what was decided about these.

Revision: 0005
After: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from aftersales.migrations import guards

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LEDGERS = ("plan_run", "plan_line", "planned_order", "planned_order_step")


def upgrade() -> None:
    """Add the tables, and the triggers that keep the ledgers."""
    _runs()
    op.create_table(
        "planned_order",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("part_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("comes", sa.Date(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_cost", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("pegs", JSON, nullable=False),
        sa.CheckConstraint(
            "kind IN ('purchase', 'production', 'refurbishment')", name=op.f("ck_planned_order_kind_known")
        ),
        sa.CheckConstraint("quantity > 0 AND begins <= comes", name=op.f("ck_planned_order_quantity_positive")),
        sa.ForeignKeyConstraint(["run_id"], ["plan_run.id"], name=op.f("fk_planned_order_run_id_plan_run")),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_planned_order_part_id_part")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_order")),
        sa.UniqueConstraint("run_id", "part_id", "comes", name=op.f("uq_planned_order_run_id_part_id_comes")),
    )
    op.create_index(op.f("ix_planned_order_part_id"), "planned_order", ["part_id"])
    _steps()
    guards.guard_ledgers(op.get_bind(), LEDGERS)


def _runs() -> None:
    op.create_table(
        "plan_run",
        sa.Column("id", BIG, nullable=False),
        sa.Column("organization_id", BIG, nullable=False),
        sa.Column("forecast_run_id", BIG, nullable=False),
        sa.Column("policy_id", BIG, nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("origin", sa.Date(), nullable=False),
        sa.Column("months", BIG, nullable=False),
        sa.Column("summary", JSON, nullable=False),
        sa.Column("code_version", sa.String(length=40), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.CheckConstraint("months >= 1", name=op.f("ck_plan_run_months_positive")),
        sa.ForeignKeyConstraint(["actor_id"], ["user_account.id"], name=op.f("fk_plan_run_actor_id_user_account")),
        sa.ForeignKeyConstraint(
            ["forecast_run_id"], ["forecast_run.id"], name=op.f("fk_plan_run_forecast_run_id_forecast_run")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_plan_run_organization_id_organization")
        ),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["stock_policy_set.id"], name=op.f("fk_plan_run_policy_id_stock_policy_set")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_run")),
    )
    op.create_index(op.f("ix_plan_run_organization_id_id"), "plan_run", ["organization_id", "id"])
    op.create_table(
        "plan_line",
        sa.Column("id", BIG, nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("part_id", BIG, nullable=False),
        sa.Column("inputs", JSON, nullable=False),
        sa.Column("numbers", JSON, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["plan_run.id"], name=op.f("fk_plan_line_run_id_plan_run")),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_plan_line_part_id_part")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_line")),
        sa.UniqueConstraint("run_id", "part_id", name=op.f("uq_plan_line_run_id_part_id")),
    )
    op.create_index(op.f("ix_plan_line_part_id"), "plan_line", ["part_id"])


def _steps() -> None:
    op.create_table(
        "planned_order_step",
        sa.Column("id", BIG, nullable=False),
        sa.Column("planned_order_id", BIG, nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("comes", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("supply_order_id", BIG, nullable=True),
        sa.CheckConstraint(
            "action IN ('approved', 'changed', 'dropped', 'released')", name=op.f("ck_planned_order_step_action")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_planned_order_step_quantity_positive")),
        sa.CheckConstraint(
            "(action = 'released') = (supply_order_id IS NOT NULL)",
            name=op.f("ck_planned_order_step_released_to_an_order"),
        ),
        sa.CheckConstraint(
            "action IN ('approved', 'released') OR reason <> ''", name=op.f("ck_planned_order_step_has_reason")
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_planned_order_step_actor_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["planned_order_id"],
            ["planned_order.id"],
            name=op.f("fk_planned_order_step_planned_order_id_planned_order"),
        ),
        sa.ForeignKeyConstraint(
            ["supply_order_id"], ["supply_order.id"], name=op.f("fk_planned_order_step_supply_order_id_supply_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_order_step")),
    )
    op.create_index(op.f("ix_planned_order_step_planned_order_id_id"), "planned_order_step", ["planned_order_id", "id"])
    op.create_index(op.f("ix_planned_order_step_supply_order_id"), "planned_order_step", ["supply_order_id"])


def downgrade() -> None:
    """Take them away again; a table takes its triggers with it."""
    op.drop_table("planned_order_step")
    op.drop_table("planned_order")
    op.drop_table("plan_line")
    op.drop_table("plan_run")
