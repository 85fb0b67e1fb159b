"""Tables that every user of a database server can read are told of, with what to do (PostgreSQL)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from feeds.store import Store, open_store
from postgres import schemas


@pytest.fixture
def store() -> Iterator[Store]:
    with schemas() as make:
        made = open_store(make())
        made.migrate()
        yield made
        made.close()


def test_tables_that_are_open_to_the_public_are_named_and_no_others(store: Store) -> None:
    assert store.open_to_others() == []
    with store.write() as conn:
        conn.exec_driver_sql(
            "GRANT SELECT ON subscriber, delivery TO PUBLIC; GRANT INSERT ON audit TO PUBLIC"
        )
    assert store.open_to_others() == [
        "every user of the database server can read delivery, subscriber: "
        "REVOKE ALL ON delivery, subscriber FROM PUBLIC"
    ]
