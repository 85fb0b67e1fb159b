"""What composing many audiences at once needs: when each is due, shared passages, how far it has come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Each audience is looked at once; digests that are stored keep their words."""
    op.add_column("audience", sa.Column("next_at", TEXT, nullable=True))
    _partial("ix_audience_due", "audience", "next_at", "cadence <> 'immediate'")
    _partial("ix_audience_immediate", "audience", "covered_at", "cadence = 'immediate'")
    op.create_index("ix_membership_audience_id_subscriber_id", "membership", ["audience_id", "subscriber_id"])
    _partial("ix_membership_owed", "membership", "audience_id", "from_at IS NOT NULL")
    op.create_table(
        "passage",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("html", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_passage"),
        sa.UniqueConstraint("key", name="uq_passage_key"),
        sqlite_autoincrement=True,
    )
    for name, kind in (("body_id", KEY), ("foot_id", KEY), ("period_words", TEXT), ("promise", TEXT)):
        op.add_column("digest", sa.Column(name, kind, nullable=True))
    op.create_table(
        "queueing",
        sa.Column("audience_id", KEY, nullable=False),
        sa.Column("period", TEXT, nullable=False),
        sa.Column("since_at", TEXT, nullable=False),
        sa.Column("until_at", TEXT, nullable=False),
        sa.Column("begun_at", TEXT, nullable=False),
        sa.Column("members_to", KEY, nullable=False),
        sa.Column("digest_id", KEY, nullable=True),
        sa.Column("due_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("audience_id", name="pk_queueing"),
        sa.ForeignKeyConstraint(["audience_id"], ["audience.id"], name="fk_queueing_audience_id_audience"),
        sa.ForeignKeyConstraint(["digest_id"], ["digest.id"], name="fk_queueing_digest_id_digest"),
    )
    op.create_table(
        "milestone",
        sa.Column("at", TEXT, nullable=False),
        sa.Column("delivery_id", KEY, nullable=False),
        sa.PrimaryKeyConstraint("at", name="pk_milestone"),
    )


def _partial(name: str, table: str, column: str, where: str) -> None:
    clause = sa.text(where)
    op.create_index(name, table, [column], sqlite_where=clause, postgresql_where=clause)
