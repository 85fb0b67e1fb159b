"""What is stale stays stale until exactly that state was written."""

from __future__ import annotations

from feeds.store import Store, publishing
from store.making import MINUTE, NOW, together


def test_a_key_is_stale_until_it_was_written(store: Store) -> None:
    with store.write() as conn:
        publishing.mark_stale(conn, ["country/pa", "all", "all"], NOW)
        assert publishing.stale(conn) == {"all": NOW, "country/pa": NOW}
        assert publishing.fresh(conn, "all", NOW)
        assert not publishing.fresh(conn, "all", NOW)
        assert list(publishing.stale(conn)) == ["country/pa"]


def test_what_was_marked_again_while_it_was_written_stays_stale(store: Store) -> None:
    for again_at in (NOW + MINUTE, NOW, NOW - MINUTE):  # whatever the clock did
        with store.write() as conn:
            publishing.mark_stale(conn, ["all"], NOW)
            seen = publishing.stale(conn)["all"]
            publishing.mark_stale(conn, ["all"], again_at)
            assert not publishing.fresh(conn, "all", seen)
            assert publishing.fresh(conn, "all", publishing.stale(conn)["all"])


def test_marking_nothing_and_marking_much_both_work(store: Store) -> None:
    with store.write() as conn:
        publishing.mark_stale(conn, [], NOW)
        publishing.mark_stale(conn, [f"item/{n}" for n in range(2500)], NOW)
        assert len(publishing.stale(conn)) == 2500


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
