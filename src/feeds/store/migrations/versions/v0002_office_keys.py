"""Items can be known by an id that the office gave them in a bulletin's head."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """One column and its index."""
    with op.batch_alter_table("item", recreate="auto") as batch:
        batch.add_column(sa.Column("office_key", TEXT, nullable=True))
        batch.create_index(op.f("ix_item_office_key"), ["office_key"])
