"""Who left, to be kept outside the database as well; and which processes of the site run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Only adds: of who left before, the database itself is the record."""
    op.create_table(
        "departure",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("what", TEXT, nullable=False),
        sa.Column("subscriber_id", KEY, nullable=True),
        sa.Column("filter_id", KEY, nullable=True),
        sa.Column("hash", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departure")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_departure_at"), "departure", ["at"])
    op.create_table(
        "process",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("host", TEXT, nullable=False),
        sa.Column("roles", TEXT, nullable=False),
        sa.Column("version", TEXT, nullable=False),
        sa.Column("settings", TEXT, nullable=False),
        sa.Column("restart_for", TEXT, nullable=False),
        sa.Column("started_at", TEXT, nullable=False),
        sa.Column("seen_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_process")),
    )
