"""What came back to the bounce address: mails that were dealt with, letters that bounced."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Only adds: nobody has read anything that came back before."""
    op.create_table(
        "returned",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_returned")),
    )
    op.create_index(op.f("ix_returned_at"), "returned", ["at"])
    op.create_table(
        "bounce",
        sa.Column("letter", TEXT, nullable=False),
        sa.Column("subscriber_id", KEY, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("status", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("letter", name=op.f("pk_bounce")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_bounce_subscriber_id_subscriber")
        ),
    )
    op.create_index(op.f("ix_bounce_subscriber_id_at"), "bounce", ["subscriber_id", "at"])
    op.create_index(op.f("ix_bounce_at"), "bounce", ["at"])
