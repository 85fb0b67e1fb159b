"""Until when items came in whose heads are not known, so that a relabelling can say what it may undo."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A new site has no such items, and no such row."""
    op.execute(
        "INSERT INTO meta (key, value) "
        "SELECT 'heads-unknown-until', accepted_at FROM item ORDER BY accepted_at DESC LIMIT 1"
    )
