"""What people do by themselves: requests to confirm, links that work once, suppressions, limits, pauses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Only adds: nobody's wishes, states or letters change."""
    _requests()
    _links()
    _small_tables()
    op.add_column("subscription", sa.Column("name", TEXT, nullable=True))
    op.add_column("subscription", sa.Column("paused_until", TEXT, nullable=True))
    op.add_column("subscription", sa.Column("owed_from", TEXT, nullable=True))
    op.add_column("subscription", sa.Column("catch_up", sa.Boolean(), nullable=True))
    paused = sa.text("paused_until IS NOT NULL")
    op.create_index(
        "ix_subscription_paused", "subscription", ["paused_until"], sqlite_where=paused,
        postgresql_where=paused,
    )  # fmt: skip
    op.add_column("notice", sa.Column("purpose", TEXT, nullable=True))
    op.add_column("notice", sa.Column("subscriber_id", KEY, nullable=True))
    op.add_column("notice", sa.Column("audience_id", KEY, nullable=True))
    op.add_column("notice", sa.Column("request_id", KEY, nullable=True))


def _requests() -> None:
    op.create_table(
        "request",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("address_key", TEXT, nullable=False),
        sa.Column("subscriber_id", KEY, nullable=True),
        sa.Column("wishes", TEXT, nullable=False),
        sa.Column("starter", sa.Boolean(), nullable=False),
        sa.Column("lang", TEXT, nullable=False),
        sa.Column("zone", TEXT, nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("network", TEXT, nullable=False),
        sa.Column("page", TEXT, nullable=False),
        sa.Column("words", TEXT, nullable=False),
        sa.Column("asked_at", TEXT, nullable=False),
        sa.Column("ends_at", TEXT, nullable=False),
        sa.Column("confirmed_at", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_request_subscriber_id_subscriber")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_request_address_key"), "request", ["address_key"])
    op.create_index(op.f("ix_request_subscriber_id"), "request", ["subscriber_id"])
    waiting = sa.text("confirmed_at IS NULL")
    op.create_index("ix_request_open", "request", ["ends_at"], sqlite_where=waiting, postgresql_where=waiting)


def _links() -> None:
    op.create_table(
        "link",
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("subscriber_id", KEY, nullable=True),
        sa.Column("request_id", KEY, nullable=True),
        sa.Column("about", TEXT, nullable=False),
        sa.Column("made_at", TEXT, nullable=False),
        sa.Column("ends_at", TEXT, nullable=False),
        sa.Column("used_at", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_link")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_link_subscriber_id_subscriber")
        ),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_link_request_id_request")),
    )
    for column in ("ends_at", "subscriber_id", "request_id"):
        op.create_index(op.f(f"ix_link_{column}"), "link", [column])


def _small_tables() -> None:
    op.create_table(
        "suppression",
        sa.Column("hash", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("hash", "reason", name=op.f("pk_suppression")),
    )
    op.create_table(
        "attempt",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_kind_key_at"), "attempt", ["kind", "key", "at"])
    op.create_index(op.f("ix_attempt_at"), "attempt", ["at"])
    op.create_table(
        "counter",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("value", KEY, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "import_run",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_import_run")),
    )
