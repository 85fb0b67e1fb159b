"""What goes into a column comes out again, the same on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.dialects import sqlite

from chance import examples
from feeds.store import Store, bulletins, items, publishing, subscribers
from feeds.store.columns import Instant
from feeds.store.schema import change, clock
from store.making import NOW, bulletin, item, person, put

DIALECT: Any = sqlite.dialect()
INSTANTS = st.datetimes(
    min_value=datetime(1000, 1, 1),  # noqa: DTZ001 (Hypothesis adds the zones)
    max_value=datetime(9998, 12, 31),  # noqa: DTZ001
    timezones=st.timezones(),
    allow_imaginary=False,
)


@examples(60)
@given(INSTANTS, INSTANTS)
def test_text_order_is_the_order_of_time(one: datetime, other: datetime) -> None:
    first, second = (Instant().process_bind_param(each, DIALECT) or "" for each in (one, other))
    assert len(first) == len("2026-11-21T20:41:00.123456Z")
    assert (first < second) == (one.astimezone(UTC) < other.astimezone(UTC))
    assert Instant().process_result_value(first, DIALECT) == one.astimezone(UTC)


def test_an_instant_without_a_zone_is_a_fault_of_ours(store: Store) -> None:
    with pytest.raises(ValueError, match="needs a time zone"), store.write() as conn:
        conn.execute(clock.insert().values(name="x", at=NOW.replace(tzinfo=None)))


def test_instants_come_back_in_utc_to_the_microsecond(store: Store) -> None:
    there = NOW.astimezone(timezone(timedelta(hours=5, minutes=45)))
    with store.write() as conn:
        conn.execute(clock.insert().values(name="x", at=there))
        found = conn.scalar(select(clock.c.at))
    assert found == NOW
    assert found.tzinfo is UTC


def test_both_databases_sort_text_by_its_bytes(store: Store) -> None:
    keys = ["a", "B", "á", "_", "a-b", "ab", "Z", "\U0001f1f5"]
    with store.write() as conn:
        publishing.mark_stale(conn, keys, NOW)
        assert list(conn.scalars(select(change.c.key).order_by(change.c.key))) == sorted(keys)


def test_any_text_of_an_item_comes_back_letter_for_letter(store: Store) -> None:
    title = "Ñandú 'x' \"y\" %s :z {} \\ \U0001f1f5\U0001f1e6 \ufdd0 \u2028 ; DROP TABLE item --"
    with store.write() as conn:
        put(conn, item("a", title=title, summary="", link="https://example.org/?a=1&b=%20"))

        found = items.get(conn, "a")
    assert found == item("a", title=title, summary="", link="https://example.org/?a=1&b=%20")


def test_file_names_that_are_no_utf8_are_kept_readable(store: Store) -> None:
    name = b"caf\xe9\n.txt".decode("utf-8", "surrogateescape")
    with store.write() as conn:
        bulletin_id = bulletin(conn, name)
        bulletins.filed(conn, {bulletin_id: name}, NOW)
        found = bulletins.find(conn, name)
    assert found is not None
    assert (found.id, found.name, found.filed_as) == (bulletin_id, "caf\\udce9\n.txt", "caf\\udce9\n.txt")


def test_a_stored_address_stays_as_it_was_typed(store: Store) -> None:

    with store.write() as conn:
        found = subscribers.get(conn, person(conn, "ana"))
    assert found is not None
    assert (found.address, found.address_key) == ("Ana@example.org", "ana@example.org")
