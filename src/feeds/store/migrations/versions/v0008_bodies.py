"""Items keep the form of their text, and which way of reading made their words; revisions keep the form."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Empty for all items there are: they were read before this."""
    op.add_column("item", sa.Column("body", TEXT, nullable=True))
    op.add_column("item", sa.Column("reading", sa.Integer(), nullable=True))
    op.add_column("revision", sa.Column("body", TEXT, nullable=True))
