"""Labels of stored items: found by code, replaced in one go, with what was before kept."""

from __future__ import annotations

from dataclasses import replace

from feeds.model import ChangeKind, Kind, Strength
from feeds.store import Store, history, items, labels
from store.making import NOW, about, announce, item, put


def test_items_are_found_by_codes_of_a_kind_in_any_strength_up_to_a_limit(store: Store) -> None:
    named = about("old", Kind.TOPIC)
    only_named = about("old", Kind.COUNTRY, Strength.MENTIONS)
    with store.write() as conn:
        announce(conn, "a", "b", "c", labels=(named, about("pa")))
        announce(conn, "d", labels=(about("new", Kind.TOPIC),))
        announce(conn, "e", labels=(only_named,))
        announce(conn, "f", labels=(about("older", Kind.TOPIC),), withdrawn_at=NOW)

        def found(kind: Kind, codes: list[str], limit: int = 9) -> list[str]:
            return sorted(each.id for each in labels.items_with(conn, kind, codes, limit))

        assert found(Kind.TOPIC, ["old", "older"]) == ["a", "b", "c", "f"]
        assert found(Kind.TOPIC, ["old"], 2) == ["a", "b"]
        assert found(Kind.COUNTRY, ["old"]) == ["e"]
        assert found(Kind.TOPIC, []) == []


def test_labels_are_replaced_in_their_order_and_nothing_else_moves(store: Store) -> None:
    with store.write() as conn:
        before, other = announce(conn, "a", "b", labels=(about("pa"), about("x", Kind.TOPIC)))
        given = (about("hn"), about("pa", strength=Strength.MENTIONS))
        labels.replace(conn, [replace(before, title="not written", labels=given)])
        assert items.get(conn, "a") == replace(before, labels=given)
        assert items.get(conn, "b") == other
        labels.replace(conn, [replace(before, labels=())])
        assert items.get(conn, "a") == replace(before, labels=())
        labels.replace(conn, [])


def test_the_state_before_a_relabelling_is_kept_and_is_nobodys_choice_by_hand(store: Store) -> None:
    with store.write() as conn:
        first, second = announce(conn, "a", "b")
        history.revise(conn, replace(first, title="Corrected"), NOW, fields=("title",))
        corrected = items.get(conn, "a")
        assert corrected is not None
        history.keep_labels(conn, [corrected, second], NOW)
        kinds = [(each.n, each.kind, each.fields, each.labels) for each in history.revisions(conn, "a")]
        assert kinds[1] == (2, ChangeKind.LABELLED_ANEW, ("labels",), corrected.labels)
        assert [each.n for each in history.revisions(conn, "b")] == [1]
        assert history.labelled_by_hand(conn, ["a", "b"]) == set()
        history.revise(conn, second, NOW, kind=ChangeKind.RELABELLED, fields=("labels",))
        assert history.labelled_by_hand(conn, ["a", "b"]) == {"b"}
        assert history.is_labelled_by_hand(conn, "b")


def test_a_relabelling_is_no_correction_that_anybody_is_told(store: Store) -> None:
    with store.write() as conn:
        (made,) = announce(conn, "a")
        latest = items.latest_announced(conn)
        history.keep_labels(conn, [made], NOW.replace(year=2027))
        assert items.latest_announced(conn) == latest
        assert history.corrections_between(conn, NOW.replace(year=2020), NOW.replace(year=2030)) == []
        assert history.last_changes(conn, ["a"]) == {}


def test_what_a_head_stated_is_kept_with_the_item(store: Store) -> None:
    with store.write() as conn:
        put(conn, item("a", stated=(Kind.COUNTRY, Kind.TOPIC)), item("b", at=NOW.replace(hour=1)))
        stored = items.by_ids(conn, ["a", "b"])
        assert [stored[name].stated for name in "ab"] == [(Kind.COUNTRY, Kind.TOPIC), ()]


def test_renames_are_kept_once_replaced_on_purpose_and_forgotten_by_slug(store: Store) -> None:
    with store.write() as conn:
        labels.keep_renames(conn, {})
        labels.keep_renames(conn, {"a": "b", "c": "b"})
        labels.keep_renames(conn, {"a": "x"})
        assert labels.renames(conn) == {"a": "b", "c": "b"}
        labels.keep_renames(conn, {"a": "d"}, replacing=True)
        labels.forget_renames(conn, ["c", "never"])
        assert labels.renames(conn) == {"a": "d"}
