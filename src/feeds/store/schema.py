"""The tables (store). What each column means; no query stands here. A test holds them against the migrations.

Instants end in ``_at``, dates in ``_on``; every ``key`` is unique text.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    DDL,
    Boolean,
    Column,
    Connection,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
    event,
    false,
    text,
)
from sqlalchemy.schema import ExecutableDDLElement

from feeds.model import (
    Act,
    Cadence,
    ChangeKind,
    DeliveryState,
    Kind,
    LinkPurpose,
    NoticeKind,
    Outcome,
    RequestKind,
    Strength,
    SubscriberState,
    Suppression,
)
from feeds.store.columns import (
    BARE_LABELS,
    CHOICES,
    EVIDENCE,
    FAULT,
    KEY,
    KINDS,
    LABELS,
    REASON,
    TEXT,
    WISHES,
    WORDS,
    Enumerated,
    FileName,
    Instant,
    WordList,
)
from feeds.store.full_text import SEARCH

# Names from day one: alembic cannot alter a nameless constraint on SQLite (#1625).
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s", "pk": "pk_%(table_name)s",
}  # fmt: skip
metadata = MetaData(naming_convention=_NAMES)


@event.listens_for(metadata, "before_create")
def _as_partial_there(_: object, conn: Connection, **_options: Any) -> None:
    """The same indexes are partial on PostgreSQL. Told only where tables are made there: naming a dialect
    loads it with all its drivers, which is a tenth of the time that a small command takes.
    """
    if conn.dialect.name == "postgresql":
        for index in (each for table in metadata.tables.values() for each in table.indexes):
            index.dialect_kwargs["postgresql_where"] = index.dialect_kwargs.get("sqlite_where")


def _key() -> Column[int]:
    return Column("id", KEY, primary_key=True, autoincrement=True)


def _to(table: str, name: str | None = None, **options: Any) -> Column[int]:
    options.setdefault("nullable", False)
    return Column(name or f"{table}_id", KEY, ForeignKey(f"{table}.id"), **options)


def _col(name: str, kind: Any, *, null: bool = False, **options: Any) -> Column[Any]:
    return Column(name, kind, nullable=null, **options)


# A number once given must not come back: unsubscribe links carry it. SQLite reuses the
# highest one after a delete unless told; PostgreSQL's sequences never do.
_NEVER_REUSE: dict[str, Any] = {"sqlite_autoincrement": True}


def _partial(where: str) -> dict[str, Any]:
    return {"sqlite_where": text(where)}


def _on_its_way() -> list[Column[Any]]:
    """The columns of a letter on its way, digest or not: `store.queue` works on them alone."""
    return [
        _col("message_id", TEXT, unique=True), _col("state", Enumerated(DeliveryState)),
        _col("tries", Integer), _col("uncertain", Integer), _col("faults", Integer),
        _col("next_at", Instant()), _col("lease_until", Instant(), null=True), _col("owner", TEXT, null=True),
        _col("reason", TEXT), _col("queued_at", Instant()), _col("finished_at", Instant(), null=True),
    ]  # fmt: skip


def _unsent() -> Column[Any]:
    """In somebody's hands, but not handed over yet: no server has seen it."""
    return _col("unsent", Boolean, server_default=false())


def _queue_indexes(table: str) -> list[Index]:
    """What is queued, in the order of claiming, and what is in hand."""
    return [
        Index(f"ix_{table}_queued", "next_at", "id", **_partial("state = 'queued'")),
        Index(f"ix_{table}_sending", "lease_until", **_partial("state = 'sending'")),
    ]


# Who did what to items and bulletins; no foreign keys: the trail outlives what it is about.
audit = Table(
    "audit", metadata, _key(),
    _col("at", Instant()), _col("who", TEXT), _col("way", TEXT), _col("act", Enumerated(Act)),
    _col("item_id", TEXT, null=True), _col("bulletin_id", KEY, null=True), _col("reason", TEXT),
    Index(None, "item_id"), Index(None, "bulletin_id"), Index(None, "at"),
    **_NEVER_REUSE,
)  # fmt: skip

meta = Table("meta", metadata, _col("key", TEXT, primary_key=True), _col("value", TEXT))

# One row per kind of work that must not overlap: `announce` (acceptance), `compose`.
clock = Table("clock", metadata, _col("name", TEXT, primary_key=True), _col("at", Instant(), null=True))

# `place` is where its file was put in held/ (`inbox.held`), empty if it was not there then, none where no
# file decides; `missing_at`: since when it is not there. `embargo_at` holds instead of the head of the file.
bulletin = Table(
    "bulletin", metadata, _key(),
    _col("name", FileName()), _col("sha256", TEXT), _col("size", Integer), _col("encoding", TEXT),
    _col("received_at", Instant()), _col("accepted_at", Instant()), _col("rejected", Boolean),
    _col("notify", TEXT), _col("filed_at", Instant(), null=True), _col("filed_as", FileName(), null=True),
    _col("mailed", Boolean), _col("held_until", Instant(), null=True),
    _col("undone_at", Instant(), null=True), _col("content", LargeBinary, null=True),
    _col("choices", CHOICES, null=True),
    _col("place", TEXT, null=True), _col("missing_at", Instant(), null=True),
    _col("embargo_at", Instant(), null=True),
    Index(None, "sha256"), Index(None, "name"), Index(None, "held_until"),
    **_NEVER_REUSE,
)  # fmt: skip

# item_id is no foreign key: the receipt is written before the items it speaks of.
bulletin_line = Table(
    "bulletin_line", metadata,
    _to("bulletin", primary_key=True), _col("position", Integer, primary_key=True),
    _col("outcome", Enumerated(Outcome)), _col("line", Integer, null=True), _col("title", TEXT),
    _col("date_on", Date, null=True), _col("item_id", TEXT, null=True), _col("reason", TEXT),
    _col("fault", FAULT, null=True), _col("labels", BARE_LABELS),
)  # fmt: skip

# `body` is empty where the text is plain; `reading` is the number of the way of reading that made the words
# (`changes.READING`), empty before migration 0008. `not_before`: the embargo that it waited for;
# `expires_at`: when it is withdrawn by itself.
item = Table(
    "item", metadata, _col("id", TEXT, primary_key=True),
    _col("atom_id", TEXT, unique=True),
    _col("date_on", Date), _col("title", TEXT), _col("summary", TEXT), _col("lang", TEXT),
    _col("link", TEXT, null=True), _col("accepted_at", Instant()), _col("updated_at", Instant(), unique=True),
    _col("mailable", Boolean), _to("bulletin"), _col("line", Integer), _col("original", TEXT),
    _col("title_key", TEXT), _col("withdrawn_at", Instant(), null=True), _col("withdrawn_reason", TEXT),
    _col("office_key", TEXT, null=True), _col("stated", KINDS), _col("body", TEXT, null=True),
    _col("reading", Integer, null=True),
    _col("not_before", Instant(), null=True), _col("expires_at", Instant(), null=True),
    Index(None, "title_key"), Index(None, "office_key"),
    Index(None, "accepted_at"), Index(None, "date_on", "updated_at"), Index(None, "bulletin_id"),
    Index("ix_item_expires", "expires_at", **_partial("expires_at IS NOT NULL")),
)  # fmt: skip

# The words of each item, to be found by them: `store.searching`. Places are in the order of pages.
item_words = Table(
    "item_words", metadata,
    Column("place", KEY, primary_key=True, autoincrement=False),
    Column("item_id", TEXT, ForeignKey("item.id"), nullable=False, unique=True), _col("words", WordList()),
)  # fmt: skip
for _dialect, _statements in SEARCH.items():
    for _statement in _statements:
        _made: ExecutableDDLElement = DDL(_statement)  # type: ignore[no-untyped-call]
        event.listen(item_words, "after_create", _made.execute_if(dialect=_dialect))

# Every wording an item ever had, and its links and stated labels from before a change, so that an old
# capture undoes no correction.
wording = Table(
    "wording", metadata,
    Column("item_id", TEXT, ForeignKey("item.id"), primary_key=True),
    _col("fingerprint", TEXT, primary_key=True), _col("identity", TEXT), Index(None, "identity"),
)  # fmt: skip

# The state of an item before each change, oldest first. `original` is there where a file's text gave way to
# another one's.
revision = Table(
    "revision", metadata,
    Column("item_id", TEXT, ForeignKey("item.id"), primary_key=True), _col("n", Integer, primary_key=True),
    _col("at", Instant()), _col("kind", Enumerated(ChangeKind)), _col("fields", WORDS), _col("reason", TEXT),
    _col("date_on", Date), _col("title", TEXT), _col("summary", TEXT), _col("labels", LABELS),
    _col("link", TEXT, null=True), _col("original", TEXT, null=True), _col("body", TEXT, null=True),
    Index(None, "at"),
)  # fmt: skip

label = Table(
    "label", metadata,
    Column("item_id", TEXT, ForeignKey("item.id"), primary_key=True),
    _col("kind", Enumerated(Kind), primary_key=True), _col("code", TEXT, primary_key=True),
    _col("strength", Enumerated(Strength)), _col("evidence", EVIDENCE), _col("position", Integer),
    Index(None, "kind", "code", "strength"),
)  # fmt: skip

# The last change of each feed and item page, by the number of the change: a public folder that has come to
# number n lacks the keys above n. Numbers follow the order of commits.
change = Table(
    "change", metadata, _col("key", TEXT, primary_key=True), _col("seq", KEY, unique=True),
    _col("at", Instant()),
)  # fmt: skip

# What publishing has to rewrite, as an earlier release marks it; taken over into `change`.
stale = Table("stale", metadata, _col("key", TEXT, primary_key=True), _col("at", Instant()))

# Feeds that were ever published: their addresses are for ever.
published = Table("published", metadata, _col("key", TEXT, primary_key=True))

# `key` is the hash of `text`: a long filter does not fit into a PostgreSQL index row (2704 bytes).
filter_ = Table(
    "filter", metadata, _key(), _col("key", TEXT, unique=True), _col("text", TEXT), **_NEVER_REUSE
)

subscriber = Table(
    "subscriber", metadata, _key(),
    _col("address", TEXT), _col("address_key", TEXT, unique=True), _col("state", Enumerated(SubscriberState)),
    _col("lang", TEXT), _col("zone", TEXT), _col("hour", Integer), _col("weekday", Integer),
    _col("consent", TEXT), _col("consent_at", Instant(), null=True), _col("created_at", Instant()),
    _col("ended_at", Instant(), null=True), _col("ended_reason", TEXT, null=True),
    **_NEVER_REUSE,
)  # fmt: skip

# `name` is the person's own word for it. While `paused_until` is set it brings nothing; with `catch_up` they
# get what was announced since `owed_from` when it ends.
subscription = Table(
    "subscription", metadata, _key(),
    _to("subscriber"), _to("filter"), _col("cadence", Enumerated(Cadence)), _col("created_at", Instant()),
    _col("ended_at", Instant(), null=True), _col("ended_reason", TEXT, null=True),
    _col("name", TEXT, null=True), _col("paused_until", Instant(), null=True),
    _col("owed_from", Instant(), null=True), _col("catch_up", Boolean, null=True),
    Index(None, "subscriber_id"),
    Index("ix_subscription_paused", "paused_until", **_partial("paused_until IS NOT NULL")),
    Index(
        "uq_subscription_active", "subscriber_id", "filter_id", unique=True, **_partial("ended_at IS NULL")
    ),
    **_NEVER_REUSE,
)  # fmt: skip

# `next_at`: when it is looked at next (empty: at once); immediate ones not before, which keeps mails apart.
audience = Table(
    "audience", metadata, _key(),
    _col("key", TEXT, unique=True), _col("cadence", Enumerated(Cadence)), _col("lang", TEXT),
    _col("zone", TEXT), _col("hour", Integer), _col("weekday", Integer), _col("covered_at", Instant()),
    _col("last_period", TEXT, null=True), _col("created_at", Instant()),
    _col("next_at", Instant(), null=True),
    Index("ix_audience_due", "next_at", **_partial("cadence <> 'immediate'")),
    Index("ix_audience_immediate", "covered_at", **_partial("cadence = 'immediate'")),
    **_NEVER_REUSE,
)  # fmt: skip

audience_filter = Table(
    "audience_filter", metadata,
    _to("audience", primary_key=True), _to("filter", primary_key=True), _col("position", Integer),
)  # fmt: skip

# from_at: this member is owed what was announced after it, although the audience has covered more
# (they came from another one). Empty: they stand where the audience stands, as nearly all do.
membership = Table(
    "membership", metadata,
    _to("subscriber", primary_key=True), _to("audience", primary_key=True), _col("since_at", Instant()),
    _col("from_at", Instant(), null=True), Index(None, "audience_id", "subscriber_id"),
    Index("ix_membership_owed", "audience_id", **_partial("from_at IS NOT NULL")),
)  # fmt: skip

# `text` and `html` are empty where a digest is put together of passages, `period_words` and `promise`.
digest = Table(
    "digest", metadata, _key(),
    _to("audience"), _col("period", TEXT), _col("variant", TEXT), _col("since_at", Instant()),
    _col("until_at", Instant()), _col("items", Integer), _col("lang", TEXT), _col("subject", TEXT),
    _col("text", TEXT), _col("html", TEXT), _col("composed_at", Instant()),
    # Its page on the web; empty for digests of before there were pages.
    _col("page", TEXT, null=True), _col("heading", TEXT, null=True),
    # Passages; no foreign keys: SQLite would copy the table.
    _col("body_id", KEY, null=True), _col("foot_id", KEY, null=True),
    _col("period_words", TEXT, null=True), _col("promise", TEXT, null=True),
    UniqueConstraint("audience_id", "period", "variant"),
    Index("uq_digest_page", "page", unique=True),
    **_NEVER_REUSE,
)  # fmt: skip

# `change` is 0 for news, else the number of the item's change that is told.
digest_item = Table(
    "digest_item", metadata,
    _to("digest", primary_key=True), Column("item_id", TEXT, ForeignKey("item.id"), primary_key=True),
    _col("position", Integer), _col("reason", REASON), _col("change", Integer),
    Index(None, "item_id"),
)  # fmt: skip

# audience_id and period repeat the digest's, so that the unique key can span all its variants.
delivery = Table(
    "delivery", metadata, _key(),
    _to("digest"), _to("audience"), _col("period", TEXT), _to("subscriber"), _col("address", TEXT),
    *_on_its_way(), _unsent(),
    # An item of its digest was changed or taken back since: it is composed anew before it is sent.
    _col("outdated", Boolean, server_default=false()),
    UniqueConstraint("audience_id", "period", "subscriber_id"),
    *_queue_indexes("delivery"),
    Index("ix_delivery_outdated", "digest_id", **_partial("outdated")),
    Index(None, "subscriber_id"), Index(None, "digest_id"),
    **_NEVER_REUSE,
)  # fmt: skip

# What somebody asked for and has not confirmed yet, or the proof that they did: where they came from
# (`network`, `page`) and the words they agreed to. `subscriber_id`: whose address moves, or who confirmed.
request = Table(
    "request", metadata, _key(),
    _col("kind", Enumerated(RequestKind)), _col("address", TEXT), _col("address_key", TEXT),
    _to("subscriber", nullable=True), _col("wishes", WISHES), _col("starter", Boolean),
    _col("lang", TEXT), _col("zone", TEXT), _col("hour", Integer), _col("weekday", Integer),
    _col("network", TEXT), _col("page", TEXT), _col("words", TEXT), _col("asked_at", Instant()),
    _col("ends_at", Instant()), _col("confirmed_at", Instant(), null=True),
    Index(None, "address_key"), Index(None, "subscriber_id"),
    Index("ix_request_open", "ends_at", **_partial("confirmed_at IS NULL")),
    **_NEVER_REUSE,
)  # fmt: skip

# Links that work once, and addresses of private feeds. Only the keyed hash of the secret is here: nobody can
# make a link of a copy of it.
link = Table(
    "link", metadata,
    _col("hash", TEXT, primary_key=True), _col("purpose", Enumerated(LinkPurpose)),
    _to("subscriber", nullable=True), _to("request", nullable=True), _col("about", TEXT),
    _col("made_at", Instant()), _col("ends_at", Instant()), _col("used_at", Instant(), null=True),
    Index(None, "ends_at"), Index(None, "subscriber_id"), Index(None, "request_id"),
)  # fmt: skip

# Addresses that get no mail, as keyed hashes, for each reason.
suppression = Table(
    "suppression", metadata,
    _col("hash", TEXT, primary_key=True), _col("reason", Enumerated(Suppression), primary_key=True),
    _col("at", Instant()),
)  # fmt: skip

# What was let through of what is limited: one row each, gone when its window has passed. `key` is a hash.
attempt = Table(
    "attempt", metadata, _key(),
    _col("kind", TEXT), _col("key", TEXT), _col("at", Instant()),
    Index(None, "kind", "key", "at"), Index(None, "at"),
)  # fmt: skip

# Numbers that only grow: whoever keeps something in memory sees by them that it is old.
counter = Table("counter", metadata, _col("name", TEXT, primary_key=True), _col("value", KEY))

# How far the import of a file has come, so that the same file goes on where it was ended.
import_run = Table(
    "import_run", metadata,
    _col("key", TEXT, primary_key=True), _col("rows", Integer), _col("at", Instant()),
)  # fmt: skip

# One letter to one address that is no digest. `key` says what it is about (``receipt/12/done``), so that
# the same is never queued twice. `ahead`: it goes before the digests that wait; no more once it was put back
# because the server went away, or the process died, over it. Secret links are put in when the letter is sent:
# `purpose` and the ids say which (no foreign keys: a letter outlives what it was about).
notice = Table(
    "notice", metadata, _key(),
    _col("key", TEXT, unique=True), _col("kind", Enumerated(NoticeKind)), _col("address", TEXT),
    _col("lang", TEXT), _col("subject", TEXT), _col("text", TEXT), _col("html", TEXT), _col("ahead", Boolean),
    *_on_its_way(),
    _col("purpose", Enumerated(LinkPurpose), null=True), _col("subscriber_id", KEY, null=True),
    _col("audience_id", KEY, null=True), _col("request_id", KEY, null=True), _unsent(),
    _col("bulletin_id", KEY, null=True),
    *_queue_indexes("notice"),
    Index("ix_notice_request", "request_id", **_partial("request_id IS NOT NULL")),
    **_NEVER_REUSE,
)  # fmt: skip

from feeds.store import (  # noqa: E402, F401 (their tables belong to these)
    beside_tables,
    composing_tables,
    operating_tables,
    returns_tables,
    running_tables,
    translation_tables,
)
