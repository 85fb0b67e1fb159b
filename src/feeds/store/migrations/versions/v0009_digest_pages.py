"""A digest has a page on the web, and what stands over it apart from its words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Digests of before have neither: their mails lead to the site's pages."""
    op.add_column("digest", sa.Column("page", TEXT, nullable=True))
    op.add_column("digest", sa.Column("heading", TEXT, nullable=True))
    op.create_index("uq_digest_page", "digest", ["page"], unique=True)
