"""Letters in hand tell whether they were handed over, so that a death before that leaves none in doubt."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """False for what the release before has in hand: whether that left, nobody knows."""
    for table in ("delivery", "notice"):
        op.add_column(table, sa.Column("unsent", sa.Boolean(), nullable=False, server_default=sa.false()))
