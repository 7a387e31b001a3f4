"""The causal forecast: explanations, workload, outcomes, the fleet plan and how an extension was priced.

Revision: 0002
After: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from aftersales.migrations import guards

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS = (
    ("forecast_run", "workload", JSON),
    ("forecast_line", "explanation", JSON),
    ("forecast_line", "tracking", sa.BigInteger()),
    ("forecast_line", "alarm", sa.String(length=8)),
    ("extension_offer", "pricing", JSON),
)


def upgrade() -> None:
    """Add the columns and tables. Columns are added in place, so that the ledgers' triggers stay."""
    for table, name, kind in COLUMNS:
        op.add_column(table, sa.Column(name, kind, nullable=True))
    op.create_table(
        "forecast_outcome",
        sa.Column("id", BIG, nullable=False),
        sa.Column("part_id", BIG, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("run_id", BIG, nullable=False),
        sa.Column("expected", sa.BigInteger(), nullable=False),
        sa.Column("upper", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=True),
        sa.Column("actual", sa.BigInteger(), nullable=False),
        sa.Column("explanation", JSON, nullable=True),
        sa.Column("came", JSON, nullable=False),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name=op.f("fk_forecast_outcome_part_id_part")),
        sa.ForeignKeyConstraint(["run_id"], ["forecast_run.id"], name=op.f("fk_forecast_outcome_run_id_forecast_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_outcome")),
        sa.UniqueConstraint("part_id", "month", name=op.f("uq_forecast_outcome_part_id_month")),
    )
    op.create_index(op.f("ix_forecast_outcome_run_id"), "forecast_outcome", ["run_id"])
    op.create_table(
        "fleet_plan_entry",
        sa.Column("id", BIG, nullable=False),
        sa.Column("organization_id", BIG, nullable=False),
        sa.Column("model_id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("machines", BIG, nullable=False),
        sa.Column("entered_at", sa.DateTime(), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.CheckConstraint("kind IN ('sale', 'retirement')", name=op.f("ck_fleet_plan_entry_kind")),
        sa.CheckConstraint("machines >= 0", name=op.f("ck_fleet_plan_entry_machines_not_negative")),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user_account.id"], name=op.f("fk_fleet_plan_entry_actor_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["machine_model.id"], name=op.f("fk_fleet_plan_entry_model_id_machine_model")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organization.id"], name=op.f("fk_fleet_plan_entry_organization_id_organization")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fleet_plan_entry")),
    )
    columns = ["organization_id", "model_id", "month"]
    op.create_index(op.f("ix_fleet_plan_entry_organization_id_model_id_month"), "fleet_plan_entry", columns)
    guards.guard_ledgers(op.get_bind(), ("fleet_plan_entry",))


def downgrade() -> None:
    """Take them away again; a table takes its triggers with it."""
    op.drop_table("fleet_plan_entry")
    op.drop_table("forecast_outcome")
    for table, name, _ in reversed(COLUMNS):
        op.drop_column(table, name)
