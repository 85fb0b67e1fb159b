"""The members of an audience are found by one index; another began like it, and each member paid for it."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """`ix_membership_audience_id_subscriber_id` serves whatever this one did."""
    op.drop_index("ix_membership_audience_id", "membership")
