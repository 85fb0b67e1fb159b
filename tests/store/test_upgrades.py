"""A site of each earlier version upgrades: people, filters, items and letters are what they were. And hosts
that are not upgraded yet go on working beside."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Boolean, Connection, Integer, LargeBinary, MetaData, Table, select, text

from feeds.errors import StoreError
from feeds.store import Store, deliveries, items, migrating, subscribers
from feeds.store.engine import make_engine, parse_url

AT = "2026-01-01T00:00:00.000000Z"
ROWS: dict[str, dict[str, Any]] = {
    "bulletin": {"id": 1, "name": "one.txt", "notify": "default"},
    "item": {
        "id": "0a1b2c", "atom_id": "tag:x,2026:0a1b2c", "title": "Panama opens a school", "lang": "en",
        "bulletin_id": 1, "date_on": date(2026, 1, 1), "mailable": True,
    },
    "label": {"item_id": "0a1b2c", "kind": "country", "code": "pa", "strength": "about", "evidence": "[]"},
    "filter": {"id": 1, "key": "k", "text": "country:pa"},
    "subscriber": {
        "id": 7, "address": "ana@example.org", "address_key": "ana@example.org", "state": "active",
        "lang": "es", "zone": "America/Panama", "hour": 7, "weekday": 1,
    },
    "subscription": {"id": 9, "subscriber_id": 7, "filter_id": 1, "cadence": "daily"},
    "audience": {"id": 3, "key": "a", "cadence": "daily", "lang": "es", "zone": "America/Panama", "hour": 7},
    "audience_filter": {"audience_id": 3, "filter_id": 1, "position": 0},
    "membership": {"subscriber_id": 7, "audience_id": 3},
    "digest": {"id": 4, "audience_id": 3, "period": "2026-01-01", "variant": "", "items": 1, "lang": "es"},
    "digest_item": {"digest_id": 4, "item_id": "0a1b2c", "position": 0, "reason": "{}", "change": 0},
    "delivery": {
        "id": 5, "digest_id": 4, "audience_id": 3, "period": "2026-01-01", "subscriber_id": 7,
        "address": "ana@example.org", "message_id": "<x@example.org>", "state": "sent", "tries": 1,
    },
}  # fmt: skip
EARLIER = migrating.revisions()[:-1]


def upgrade_to(store: Store, revision: str) -> None:
    """The tables as that version made them."""
    store._make_private()
    engine = make_engine(
        parse_url(str(store._url.render_as_string(hide_password=False))), busy_timeout_s=1, migrating=True
    )
    with engine.begin() as conn:
        config = migrating._config()
        config.attributes["connection"] = conn
        command.upgrade(config, revision)
        for name, given in ROWS.items():
            put(conn, name, given)
    engine.dispose()


def put(conn: Connection, name: str, given: dict[str, Any]) -> None:
    """A row with what is given, and something plausible in each other column that needs a value."""
    table = Table(name, MetaData(), autoload_with=conn)
    values = {key: value for key, value in given.items() if key in table.c}
    for column in table.c:
        if column.name not in values and not column.nullable and column.server_default is None:
            values[column.name] = plausible(column.name, column.type)
    conn.execute(table.insert(), values)


def plausible(name: str, kind: Any) -> Any:
    """By what columns are called here."""
    if name.endswith("_at"):
        return AT
    if isinstance(kind, Boolean):
        return False
    return 0 if isinstance(kind, Integer) else b"" if isinstance(kind, LargeBinary) else ""


@pytest.mark.parametrize("revision", EARLIER)
def test_a_site_of_each_earlier_version_keeps_people_filters_items_and_letters(
    empty: Store, revision: str
) -> None:
    upgrade_to(empty, revision)
    assert empty.pending() == migrating.revisions()[migrating.revisions().index(revision) + 1 :]
    empty.migrate()
    empty.require_current()
    with empty.read() as conn:
        for name, given in ROWS.items():
            table = Table(name, MetaData(), autoload_with=conn)
            (row,) = conn.execute(select(table)).all()
            assert {key: row._mapping[key] for key in given if key in row._mapping} == given
        person = subscribers.by_address(conn, "ana@example.org")
        assert person is not None
        assert [row.filter_text for row in subscribers.subscriptions_of(conn, person.id)] == ["country:pa"]
        assert items.ids(conn) == ["0a1b2c"]
        assert {state for state, _ in deliveries.accounting(conn)} == {"sent"}  # nobody is mailed anew


def test_a_host_of_the_release_before_goes_on_beside_tables_that_only_grew(empty: Store) -> None:
    empty.migrate()
    newer(empty, migrating.revisions()[-1])
    assert empty.pending() == []
    empty.require_current()


def test_tables_that_an_older_program_may_not_touch_are_refused(empty: Store) -> None:
    empty.migrate()
    newer(empty, "0998")
    with pytest.raises(StoreError, match="newer version"):
        empty.require_current()
    with empty.write() as conn:
        conn.execute(text("DELETE FROM meta WHERE key = 'runs-with'"))
    with pytest.raises(StoreError, match="newer version"):
        empty.require_current()


def newer(store: Store, runs_with: str) -> None:
    """As a later release would leave it."""
    with store.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '0999'"))
        conn.execute(text("UPDATE meta SET value = :it WHERE key = 'runs-with'"), {"it": runs_with})
