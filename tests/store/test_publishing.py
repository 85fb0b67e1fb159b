"""What changed has a number, in the order of commits."""

from __future__ import annotations

from sqlalchemy import Connection

from feeds.store import Store, publishing
from feeds.store.schema import stale
from store.making import MINUTE, NOW, together

EVER = 1_000_000


def changed(conn: Connection, after: int = 0, until: int = EVER, limit: int = EVER) -> dict[str, int]:
    return publishing.changes_between(conn, after, until, limit)


def test_each_change_has_a_number_of_its_own_and_feeds_come_after_the_pages_they_lead_to(
    store: Store,
) -> None:
    with store.write() as conn:
        assert publishing.latest_change(conn) == 0
        publishing.mark_stale(conn, ["country/pa", "all", "item/b", "item/a", "all"], NOW)
        assert changed(conn) == {"country/pa": 4, "all": 3, "item/b": 2, "item/a": 1}
        assert publishing.latest_change(conn) == 4


def test_what_changes_again_has_only_its_last_number(store: Store) -> None:
    with store.write() as conn:
        publishing.mark_stale(conn, ["all", "item/a"], NOW)
        publishing.mark_stale(conn, ["all", "item/b"], NOW - MINUTE)  # whatever the clock did
        assert changed(conn) == {"all": 4, "item/b": 3, "item/a": 1}


def test_who_has_come_to_a_number_is_told_what_lies_above_it_the_latest_first(store: Store) -> None:
    with store.write() as conn:
        publishing.mark_stale(conn, [f"item/{n}" for n in range(5)], NOW)
        publishing.mark_stale(conn, ["all"], NOW)
        assert list(changed(conn, after=4)) == ["all", "item/4"]
        assert list(changed(conn, after=1, until=3)) == ["item/2", "item/1"]
        assert list(changed(conn, limit=2)) == ["all", "item/4"]
        assert publishing.count_changes(conn, 4) == 2
        assert publishing.changed_feeds(conn, 0, EVER) == ["all"]
        assert publishing.changed_feeds(conn, 6, EVER) == []
        assert publishing.changed_feeds(conn, 0, 5) == []


def test_it_is_known_since_when_a_change_waits(store: Store) -> None:
    with store.write() as conn:
        assert publishing.waiting_since(conn, 0) is None
        publishing.mark_stale(conn, ["all"], NOW)
        publishing.mark_stale(conn, ["item/a"], NOW + MINUTE)
        assert publishing.waiting_since(conn, 0) == NOW
        assert publishing.waiting_since(conn, 1) == NOW + MINUTE
        assert publishing.waiting_since(conn, 2) is None


def test_numbers_follow_the_order_of_commits(store: Store) -> None:
    """Whoever has read up to one number misses none that is committed later."""
    seen: list[int] = []

    def mark(name: str) -> None:
        for n in range(10):
            with store.write() as conn:
                publishing.mark_stale(conn, [f"item/{name}{n}", f"{name}/{n}"], NOW)

    def read() -> None:
        last = 0
        while last < 40:
            with store.read() as conn:
                head = publishing.latest_change(conn)
                seen.extend(sorted(changed(conn, after=last, until=head).values()))
            last = head

    together(lambda: mark("a"), lambda: mark("b"), read)
    assert seen == list(range(1, 41))


def test_marking_nothing_and_marking_much_both_work(store: Store) -> None:
    with store.write() as conn:
        publishing.mark_stale(conn, [], NOW)
        publishing.mark_stale(conn, [f"item/{n}" for n in range(2500)], NOW)
        assert len(changed(conn)) == 2500


def test_what_the_release_before_marks_is_taken_over(store: Store) -> None:
    with store.write() as conn:
        assert not publishing.is_stale(conn)
        publishing.mark_stale(conn, ["all"], NOW)
        rows = [{"key": "all", "at": NOW}, {"key": "item/a", "at": NOW + MINUTE}]
        conn.execute(stale.insert(), rows)
        assert publishing.is_stale(conn)
        publishing.adopt_stale(conn)
        assert not publishing.is_stale(conn)
        assert changed(conn) == {"all": 3, "item/a": 2}
        publishing.adopt_stale(conn)
        assert publishing.latest_change(conn) == 3


def test_a_restored_backup_is_another_place_to_publish_from(store: Store) -> None:
    with store.write() as conn:
        assert publishing.epoch(conn) == ""
        publishing.set_meta(conn, publishing.BACKUP, "then")
        waiting = publishing.epoch(conn)
        publishing.set_meta(conn, publishing.EPOCH, "now")
        publishing.take_meta(conn, publishing.BACKUP)
        assert len({"", waiting, publishing.epoch(conn)}) == 3


def test_facts_are_replaced(store: Store) -> None:
    with store.write() as conn:
        assert publishing.get_meta(conn, "look") is None
        publishing.set_meta(conn, "look", "1")
        publishing.set_meta(conn, "look", "2")
        assert publishing.get_meta(conn, "look") == "2"


def test_what_a_site_decided_first_holds_for_ever(store: Store) -> None:
    first, second = together(
        lambda: store.transact(lambda conn: publishing.site_facts(conn, "tag:a.org,2026:", NOW)),
        lambda: store.transact(lambda conn: publishing.site_facts(conn, "tag:b.org,2026:", NOW + MINUTE)),
    )
    assert first == second
    with store.write() as conn:
        assert publishing.site_facts(conn, "tag:c.org,2026:", NOW) == first
