"""Items that say the same in several languages know each other; a change of one is also theirs."""

from __future__ import annotations

from feeds.model import Version
from feeds.store import Store, publishing, translations
from store.making import NOW, announce


def stored(store: Store) -> None:
    with store.write() as conn:
        announce(conn, "en", "loose")
        announce(conn, "es", lang="es")
        announce(conn, "fr", lang="fr")
        announce(conn, "gone", lang="pt", withdrawn_at=NOW)
        every = ("en", "es", "fr", "gone")
        assert translations.put(conn, dict.fromkeys(every, "k")) == set(every)
        translations.put(conn, {"loose": "other"})


def test_versions_are_the_other_items_of_a_key_by_language_without_withdrawn_ones(store: Store) -> None:
    stored(store)
    with store.read() as conn:
        found = translations.versions(conn, ["en", "loose", "unknown", "es"])
    assert found == {
        "en": [Version(id="es", lang="es"), Version(id="fr", lang="fr")],
        "es": [Version(id="en", lang="en"), Version(id="fr", lang="fr")],
    }


def test_putting_tells_what_is_new_and_may_move_an_item(store: Store) -> None:
    stored(store)
    with store.write() as conn:
        assert translations.put(conn, {"en": "k", "es": "other"}) == {"es"}
        assert translations.put(conn, {}) == set()
    with store.read() as conn:
        assert translations.versions(conn, ["loose"]) == {"loose": [Version(id="es", lang="es")]}
        assert translations.siblings(conn, ["en"]) == {"fr", "gone"}
        assert translations.siblings(conn, ["en", "fr"]) == {"gone"}
        assert translations.siblings(conn, []) == set()


def test_the_pages_of_other_versions_become_stale_too(store: Store) -> None:
    stored(store)
    with store.write() as conn:
        before = publishing.latest_change(conn)
        publishing.mark_stale(conn, ["item/en", "country/pa"], NOW)
        changed = publishing.changes_between(conn, before, publishing.latest_change(conn), 99)
    assert set(changed) == {"item/en", "item/es", "item/fr", "item/gone", "country/pa"}
