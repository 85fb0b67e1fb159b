"""A held bulletin keeps the labels that somebody has chosen for its items at the desk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Empty for all bulletins there are."""
    op.add_column("bulletin", sa.Column("choices", TEXT, nullable=True))
