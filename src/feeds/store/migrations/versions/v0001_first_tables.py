"""The first tables. They are written out here, not imported: schema.py goes on changing, this does not.

There is no way down: an older program needs the backup made before `feeds migrate`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Parents before children."""
    _audience()
    _bulletin()
    _clock()
    _filter()
    _meta()
    _stale()
    _published()
    _subscriber()
    _audience_filter()
    _bulletin_line()
    _digest()
    _item()
    _wording()
    _membership()
    _subscription()
    _delivery()
    _digest_item()
    _label()
    _revision()


def _audience() -> None:
    op.create_table(
        "audience",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("cadence", TEXT, nullable=False),
        sa.Column("lang", TEXT, nullable=False),
        sa.Column("zone", TEXT, nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("covered_at", TEXT, nullable=False),
        sa.Column("last_period", TEXT, nullable=True),
        sa.Column("created_at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audience")),
        sa.UniqueConstraint("key", name=op.f("uq_audience_key")),
        sqlite_autoincrement=True,
    )


def _bulletin() -> None:
    op.create_table(
        "bulletin",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("sha256", TEXT, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("encoding", TEXT, nullable=False),
        sa.Column("received_at", TEXT, nullable=False),
        sa.Column("accepted_at", TEXT, nullable=False),
        sa.Column("rejected", sa.Boolean(), nullable=False),
        sa.Column("notify", TEXT, nullable=False),
        sa.Column("filed_at", TEXT, nullable=True),
        sa.Column("filed_as", TEXT, nullable=True),
        sa.Column("mailed", sa.Boolean(), nullable=False),
        sa.Column("held_until", TEXT, nullable=True),
        sa.Column("undone_at", TEXT, nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_bulletin_held_until"), "bulletin", ["held_until"])
    op.create_index(op.f("ix_bulletin_name"), "bulletin", ["name"])
    op.create_index(op.f("ix_bulletin_sha256"), "bulletin", ["sha256"])


def _clock() -> None:
    op.create_table(
        "clock",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_clock")),
    )


def _filter() -> None:
    op.create_table(
        "filter",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("key", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filter")),
        sa.UniqueConstraint("key", name=op.f("uq_filter_key")),
        sqlite_autoincrement=True,
    )


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("value", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )


def _stale() -> None:
    op.create_table(
        "stale",
        sa.Column("key", TEXT, nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_stale")),
    )


def _published() -> None:
    op.create_table(
        "published",
        sa.Column("key", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_published")),
    )


def _subscriber() -> None:
    op.create_table(
        "subscriber",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("address_key", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("lang", TEXT, nullable=False),
        sa.Column("zone", TEXT, nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("consent", TEXT, nullable=False),
        sa.Column("consent_at", TEXT, nullable=True),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("ended_at", TEXT, nullable=True),
        sa.Column("ended_reason", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("address_key", name=op.f("uq_subscriber_address_key")),
        sqlite_autoincrement=True,
    )


def _audience_filter() -> None:
    op.create_table(
        "audience_filter",
        sa.Column("audience_id", KEY, nullable=False),
        sa.Column("filter_id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audience_id"], ["audience.id"], name=op.f("fk_audience_filter_audience_id_audience")
        ),
        sa.ForeignKeyConstraint(
            ["filter_id"], ["filter.id"], name=op.f("fk_audience_filter_filter_id_filter")
        ),
        sa.PrimaryKeyConstraint("audience_id", "filter_id", name=op.f("pk_audience_filter")),
    )


def _bulletin_line() -> None:
    op.create_table(
        "bulletin_line",
        sa.Column("bulletin_id", KEY, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("date_on", sa.Date(), nullable=True),
        sa.Column("item_id", TEXT, nullable=True),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("fault", TEXT, nullable=True),
        sa.Column("labels", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletin.id"], name=op.f("fk_bulletin_line_bulletin_id_bulletin")
        ),
        sa.PrimaryKeyConstraint("bulletin_id", "position", name=op.f("pk_bulletin_line")),
    )


def _digest() -> None:
    op.create_table(
        "digest",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("audience_id", KEY, nullable=False),
        sa.Column("period", TEXT, nullable=False),
        sa.Column("variant", TEXT, nullable=False),
        sa.Column("since_at", TEXT, nullable=False),
        sa.Column("until_at", TEXT, nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("lang", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("html", TEXT, nullable=False),
        sa.Column("composed_at", TEXT, nullable=False),
        sa.ForeignKeyConstraint(
            ["audience_id"], ["audience.id"], name=op.f("fk_digest_audience_id_audience")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digest")),
        sa.UniqueConstraint(
            "audience_id", "period", "variant", name=op.f("uq_digest_audience_id_period_variant")
        ),
        sqlite_autoincrement=True,
    )


def _item() -> None:
    op.create_table(
        "item",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("atom_id", TEXT, nullable=False),
        sa.Column("date_on", sa.Date(), nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("summary", TEXT, nullable=False),
        sa.Column("lang", TEXT, nullable=False),
        sa.Column("link", TEXT, nullable=True),
        sa.Column("accepted_at", TEXT, nullable=False),
        sa.Column("updated_at", TEXT, nullable=False),
        sa.Column("mailable", sa.Boolean(), nullable=False),
        sa.Column("bulletin_id", KEY, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("original", TEXT, nullable=False),
        sa.Column("title_key", TEXT, nullable=False),
        sa.Column("withdrawn_at", TEXT, nullable=True),
        sa.Column("withdrawn_reason", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletin.id"], name=op.f("fk_item_bulletin_id_bulletin")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("atom_id", name=op.f("uq_item_atom_id")),
        sa.UniqueConstraint("updated_at", name=op.f("uq_item_updated_at")),
    )
    op.create_index(op.f("ix_item_accepted_at"), "item", ["accepted_at"])
    op.create_index(op.f("ix_item_date_on_updated_at"), "item", ["date_on", "updated_at"])
    op.create_index(op.f("ix_item_title_key"), "item", ["title_key"])


def _wording() -> None:
    op.create_table(
        "wording",
        sa.Column("item_id", TEXT, nullable=False),
        sa.Column("fingerprint", TEXT, nullable=False),
        sa.Column("identity", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_wording_item_id_item")),
        sa.PrimaryKeyConstraint("item_id", "fingerprint", name=op.f("pk_wording")),
    )
    op.create_index(op.f("ix_wording_identity"), "wording", ["identity"])


def _membership() -> None:
    op.create_table(
        "membership",
        sa.Column("subscriber_id", KEY, nullable=False), sa.Column("audience_id", KEY, nullable=False),
        sa.Column("since_at", TEXT, nullable=False), sa.Column("from_at", TEXT, nullable=True),
        sa.ForeignKeyConstraint(
            ["audience_id"], ["audience.id"], name=op.f("fk_membership_audience_id_audience")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_membership_subscriber_id_subscriber")),
        sa.PrimaryKeyConstraint("subscriber_id", "audience_id", name=op.f("pk_membership")),
    )  # fmt: skip
    op.create_index(op.f("ix_membership_audience_id"), "membership", ["audience_id"])


def _subscription() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("subscriber_id", KEY, nullable=False),
        sa.Column("filter_id", KEY, nullable=False),
        sa.Column("cadence", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.Column("ended_at", TEXT, nullable=True),
        sa.Column("ended_reason", TEXT, nullable=True),
        sa.ForeignKeyConstraint(["filter_id"], ["filter.id"], name=op.f("fk_subscription_filter_id_filter")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_subscription_subscriber_id_subscriber")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_subscription_subscriber_id"), "subscription", ["subscriber_id"])
    op.create_index(
        "uq_subscription_active",
        "subscription",
        ["subscriber_id", "filter_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("digest_id", KEY, nullable=False),
        sa.Column("audience_id", KEY, nullable=False),
        sa.Column("period", TEXT, nullable=False),
        sa.Column("subscriber_id", KEY, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("message_id", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("uncertain", sa.Integer(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("next_at", TEXT, nullable=False),
        sa.Column("lease_until", TEXT, nullable=True),
        sa.Column("owner", TEXT, nullable=True),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("queued_at", TEXT, nullable=False),
        sa.Column("finished_at", TEXT, nullable=True),
        sa.ForeignKeyConstraint(
            ["audience_id"], ["audience.id"], name=op.f("fk_delivery_audience_id_audience")
        ),
        sa.ForeignKeyConstraint(["digest_id"], ["digest.id"], name=op.f("fk_delivery_digest_id_digest")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_delivery_subscriber_id_subscriber")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "audience_id",
            "period",
            "subscriber_id",
            name=op.f("uq_delivery_audience_id_period_subscriber_id"),
        ),
        sa.UniqueConstraint("message_id", name=op.f("uq_delivery_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_delivery_digest_id"), "delivery", ["digest_id"])
    op.create_index(
        "ix_delivery_queued",
        "delivery",
        ["next_at", "id"],
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_delivery_sending",
        "delivery",
        ["lease_until"],
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(op.f("ix_delivery_subscriber_id"), "delivery", ["subscriber_id"])


def _digest_item() -> None:
    op.create_table(
        "digest_item",
        sa.Column("digest_id", KEY, nullable=False),
        sa.Column("item_id", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["digest_id"], ["digest.id"], name=op.f("fk_digest_item_digest_id_digest")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_digest_item_item_id_item")),
        sa.PrimaryKeyConstraint("digest_id", "item_id", name=op.f("pk_digest_item")),
    )
    op.create_index(op.f("ix_digest_item_item_id"), "digest_item", ["item_id"])


def _label() -> None:
    op.create_table(
        "label",
        sa.Column("item_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("strength", TEXT, nullable=False),
        sa.Column("evidence", TEXT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_label_item_id_item")),
        sa.PrimaryKeyConstraint("item_id", "kind", "code", name=op.f("pk_label")),
    )
    op.create_index(op.f("ix_label_kind_code_strength"), "label", ["kind", "code", "strength"])


def _revision() -> None:
    op.create_table(
        "revision",
        sa.Column("item_id", TEXT, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("fields", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("date_on", sa.Date(), nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("summary", TEXT, nullable=False),
        sa.Column("labels", TEXT, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_revision_item_id_item")),
        sa.PrimaryKeyConstraint("item_id", "n", name=op.f("pk_revision")),
    )
    op.create_index(op.f("ix_revision_at"), "revision", ["at"])
