"""Which kinds of labels the head of a bulletin stated, so that "none" outlives a relabelling."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Of items that are there nothing is known but their labels, which say so themselves."""
    with op.batch_alter_table("item") as batch:
        batch.add_column(sa.Column("stated", TEXT, nullable=False, server_default="[]"))
    with op.batch_alter_table("item") as batch:
        batch.alter_column("stated", server_default=None)
