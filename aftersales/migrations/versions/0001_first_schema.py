"""The first schema.

Revision: 0001
After: nothing
"""

from alembic import op

import aftersales.models
from aftersales.db import Base
from aftersales.migrations import guards

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table and guard."""
    assert aftersales.models
    Base.metadata.create_all(op.get_bind())
    guards.guard_ledgers(op.get_bind(), guards.LEDGERS)
    guards.guard_overlaps(op.get_bind(), guards.NO_OVERLAPS)
    guards.guard_rows(op.get_bind(), guards.ROW_RULES)


def downgrade() -> None:
    """Take everything away again."""
    guards.release_rows(op.get_bind(), guards.ROW_RULES)
    guards.release_overlaps(op.get_bind(), guards.NO_OVERLAPS)
    guards.release_ledgers(op.get_bind(), guards.LEDGERS)
    Base.metadata.drop_all(op.get_bind())
