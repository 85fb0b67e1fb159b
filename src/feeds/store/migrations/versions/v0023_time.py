"""Where held files lie, what was decided about embargoes, when items end, of which bulletin a mail tells."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Bulletins that are held already have no place: they go by their time, as they would have."""
    for name in ("place", "missing_at", "embargo_at"):
        op.add_column("bulletin", sa.Column(name, TEXT, nullable=True))
    for name in ("not_before", "expires_at"):
        op.add_column("item", sa.Column(name, TEXT, nullable=True))
    clause = sa.text("expires_at IS NOT NULL")
    op.create_index("ix_item_expires", "item", ["expires_at"], sqlite_where=clause, postgresql_where=clause)
    op.add_column("notice", sa.Column("bulletin_id", KEY, nullable=True))
