"""Who did what to items and bulletins is written down."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """What was done before left its traces in revisions and receipts."""
    op.create_table(
        "audit",
        sa.Column("id", NUMBER, nullable=False, autoincrement=True),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("who", TEXT, nullable=False),
        sa.Column("way", TEXT, nullable=False),
        sa.Column("act", TEXT, nullable=False),
        sa.Column("item_id", TEXT, nullable=True),
        sa.Column("bulletin_id", NUMBER, nullable=True),
        sa.Column("reason", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_item_id", "audit", ["item_id"])
    op.create_index("ix_audit_bulletin_id", "audit", ["bulletin_id"])
    op.create_index("ix_audit_at", "audit", ["at"])
