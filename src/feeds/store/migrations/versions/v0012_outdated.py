"""Letters whose items were changed or taken back since say so, and are composed anew before they go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What the release before composed stays as it is."""
    op.add_column("delivery", sa.Column("outdated", sa.Boolean(), nullable=False, server_default=sa.false()))
    where = sa.text("outdated")
    op.create_index(
        "ix_delivery_outdated", "delivery", ["digest_id"], sqlite_where=where, postgresql_where=where
    )
