"""What the operator's answers need: the last run of each pass, counts of each hour, alarms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """All tables begin empty."""
    op.create_table(
        "pass_run",
        sa.Column("process", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("host", TEXT, nullable=False),
        sa.Column("began_at", TEXT, nullable=False),
        sa.Column("ended_at", TEXT, nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("failed", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("process", "name", name="pk_pass_run"),
    )
    op.create_table(
        "measured",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("value", KEY, nullable=False),
        sa.PrimaryKeyConstraint("name", "at", name="pk_measured"),
    )
    op.create_table(
        "alarm",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("raised_at", TEXT, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("well_at", TEXT, nullable=True),
        sa.Column("cleared_at", TEXT, nullable=True),
        sa.Column("said", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_alarm"),
    )
