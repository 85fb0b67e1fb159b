"""Which items stand beside an item on its page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Only adds; the rows are found by the next publishing."""
    op.create_table(
        "beside",
        sa.Column("item_id", TEXT, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("other_id", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_beside_item_id_item")),
        sa.ForeignKeyConstraint(["other_id"], ["item.id"], name=op.f("fk_beside_other_id_item")),
        sa.PrimaryKeyConstraint("item_id", "place", name=op.f("pk_beside")),
    )
    op.create_index(op.f("ix_beside_other_id"), "beside", ["other_id"])
