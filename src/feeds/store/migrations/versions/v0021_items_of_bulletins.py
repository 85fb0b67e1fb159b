"""The items of a bulletin are found without looking at all items: its page at the desk asks for them."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only an index."""
    op.create_index("ix_item_bulletin_id", "item", ["bulletin_id"])
