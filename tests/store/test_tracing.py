"""Which bulletins a change or a digest is about, on both databases."""

from __future__ import annotations

from feeds.store import Store, items, publishing, tracing
from feeds.store.schema import item as item_table
from store.making import NOW, announce, audience, bulletin, digest, person


def brought(store: Store) -> tuple[list[int], int]:
    """Three items of three bulletins, marked as changes 1 to 3; the bulletins and an audience."""
    with store.write() as conn:
        made = announce(conn, "a", "b", "c")
        numbers = [bulletin(conn, f"{each.id}.txt") for each in made]
        for each, number in zip(made, numbers, strict=True):
            conn.execute(item_table.update().where(item_table.c.id == each.id).values(bulletin_id=number))
            publishing.mark_stale(conn, [f"item/{each.id}"], NOW)
        publishing.mark_stale(conn, ["feed/all"], NOW)
        return numbers, audience(conn, person(conn, "ana"))


def test_changes_are_about_the_bulletins_of_their_items(store: Store) -> None:
    numbers, _ = brought(store)
    with store.read() as conn:
        assert tracing.of_changes(conn, 0, 4) == numbers
        assert tracing.of_changes(conn, 1, 2) == numbers[1:2]
        assert tracing.of_changes(conn, 3, 4) == []


def test_digests_are_about_the_bulletins_of_what_they_tell(store: Store) -> None:
    numbers, audience_id = brought(store)
    with store.write() as conn:
        made = items.by_ids(conn, ["a", "b", "c"])
        first = digest(conn, audience_id, [made["a"], made["b"]], period="1")
        second = digest(conn, audience_id, [made["c"]], period="2")
        assert first is not None
        assert second is not None
        assert tracing.of_digests(conn, {first, second}) == numbers
        assert tracing.of_digests(conn, {second}) == numbers[2:]
        assert tracing.of_digests(conn, set()) == []
        assert tracing.of_newest_digests(conn, 1) == numbers[2:]
        assert tracing.of_newest_digests(conn, 2) == numbers
