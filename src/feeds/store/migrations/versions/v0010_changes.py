"""What changed, in the order of its commits: each public folder goes on from where it has come to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")

ITEMS = """
INSERT INTO change (key, seq, at)
SELECT 'item/' || id, ROW_NUMBER() OVER (ORDER BY updated_at), updated_at FROM item
"""
FEEDS = """
INSERT INTO change (key, seq, at)
SELECT key, ROW_NUMBER() OVER (ORDER BY key) + (SELECT COUNT(*) FROM item),
       (SELECT COALESCE(MAX(updated_at), '2000-01-01T00:00:00.000000Z') FROM item)
FROM published
"""


def upgrade() -> None:
    """Every item and every feed ever published has changed once: a folder without a mark takes them all.

    `stale` stays one release longer, for processes of the release before that still write it.
    """
    op.create_table(
        "change",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_change"),
        sa.UniqueConstraint("seq", name="uq_change_seq"),
    )
    op.execute(ITEMS)
    op.execute(FEEDS)
