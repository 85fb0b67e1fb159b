"""Which items say the same in several languages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Only adds. Of items from before nothing is known; they are linked when a file names them again."""
    op.create_table(
        "translation",
        sa.Column("item_id", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_translation_item_id_item")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_translation")),
    )
    op.create_index(op.f("ix_translation_key"), "translation", ["key"])
