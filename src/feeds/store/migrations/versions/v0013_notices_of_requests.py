"""The letters of a request are found by it: they are erased when it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The release before finds nothing by it, and keeps it up all the same."""
    where = sa.text("request_id IS NOT NULL")
    op.create_index("ix_notice_request", "notice", ["request_id"], sqlite_where=where, postgresql_where=where)
