"""Revisions keep the link, and the text of the file that gave way to another one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Two columns; what earlier changes replaced was not kept, so they are empty there."""
    op.add_column("revision", sa.Column("link", TEXT, nullable=True))
    op.add_column("revision", sa.Column("original", TEXT, nullable=True))
