"""Items: identity for ever (P1), history, and what feeds and digests ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection

from feeds import changes
from feeds.changes import Wanted
from feeds.model import ChangeKind, Kind, Strength
from feeds.store import Store, history, items, wordings
from store.making import MINUTE, NOW, about, announce, item, put

MS = timedelta(milliseconds=1)
WHOLE = NOW.replace(microsecond=123000)


def test_instants_end_now_and_lie_a_millisecond_apart(store: Store) -> None:
    with store.write() as conn:
        assert items.announce_instants(conn, 3, NOW) == [WHOLE - 2 * MS, WHOLE - MS, WHOLE]


def test_instants_always_grow_even_when_the_clock_does_not(store: Store) -> None:
    with store.write() as conn:
        first = items.announce_instants(conn, 2, NOW)
        same = items.announce_instants(conn, 2, NOW)
        back = items.announce_instants(conn, 1, NOW - 60 * MINUTE)
        later = items.announce_instants(conn, 2, NOW + MINUTE)
    given = [*first, *same, *back, *later]
    assert given == sorted(set(given))
    assert later[-1] == WHOLE + MINUTE


def test_a_burst_begins_after_the_last_instant_not_before_it(store: Store) -> None:
    with store.write() as conn:
        items.announce_instants(conn, 1, NOW)
        burst = items.announce_instants(conn, 1000, NOW + MS)
    assert burst[0] == WHOLE + MS
    assert len(set(burst)) == 1000


def test_no_instants_move_nothing(store: Store) -> None:
    with store.write() as conn:
        assert items.announce_instants(conn, 0, NOW) == []
        assert items.announce_instants(conn, 1, NOW - MINUTE) == [WHOLE - MINUTE]


def test_instants_of_a_transaction_that_failed_were_never_given(store: Store) -> None:
    def work(conn: Connection) -> None:
        items.announce_instants(conn, 1, NOW + 60 * MINUTE)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.transact(work)
    with store.write() as conn:
        assert items.announce_instants(conn, 1, NOW) == [WHOLE]


def test_an_item_comes_back_as_it_was_stored(store: Store) -> None:
    labels = (about("pa"), about("ni", strength=Strength.MENTIONS), about("health", Kind.TOPIC))
    whole = item("a", link="https://example.org/a", mailable=False, labels=labels)
    bare = item("b", NOW + MINUTE, link=None, labels=())
    with store.write() as conn:
        put(conn, whole, bare)
        assert items.get(conn, "a") == whole
        assert items.get(conn, "b") == bare
        assert items.get(conn, "c") is None
        assert items.count(conn) == 2
        assert items.ids(conn) == ["a", "b"]


ELSEWHEN = date(2020, 1, 1)


def known_ids(conn: Connection, *, day: date = ELSEWHEN, title: str = "", identity: str = "") -> list[str]:
    wanted = Wanted({day}, {changes.title_key(title)}, {identity}, set())
    return [each.item_id for each in wordings.known(conn, wanted)]


def test_known_finds_items_by_day_by_title_and_by_what_they_once_were(store: Store) -> None:
    day = date(2026, 11, 20)
    with store.write() as conn:
        put(conn, item("a"), item("b", NOW + MINUTE, date_on=date(2026, 11, 1)))
        assert known_ids(conn, day=day) == ["a"]
        assert known_ids(conn, title="TITLE of  b!") == ["b"]
        first = changes.identity(day, "Title of a")
        history.revise(conn, replace(item("a"), title="Another"), NOW + 2 * MINUTE, fields=("title",))
        assert known_ids(conn, identity=first) == ["a"]
        assert known_ids(conn, title="Title of a") == []
        (found,) = wordings.known(conn, Wanted({day}, set(), set(), set()))
    assert (found.title, len(found.wordings), len(found.identities)) == ("Another", 2, 2)
    assert first in found.identities


def test_known_takes_more_than_goes_into_one_statement(store: Store) -> None:
    with store.write() as conn:
        put(conn, item("z"))
        many = {f"i{n:04}" for n in range(2_500)} | {changes.identity(date(2026, 11, 20), "Title of z")}
        assert [each.item_id for each in wordings.known(conn, Wanted(set(), set(), many, set()))] == ["z"]


def test_a_revision_keeps_the_old_state_and_the_id(store: Store) -> None:
    old = item("a")
    new = replace(old, title="Corrected", summary="New.", date_on=date(2026, 11, 19), labels=(about("hn"),))
    with store.write() as conn:
        put(conn, old)
        history.revise(conn, new, NOW + MINUTE, fields=("title", "summary", "date"), reason="a slip")
        history.revise(conn, replace(new, title="Again"), NOW + 2 * MINUTE, fields=("title",))
        assert items.get(conn, "a") == replace(new, title="Again", updated_at=NOW + 2 * MINUTE)
        before = history.revisions(conn, "a")
    assert [(each.n, each.title, each.fields, each.reason, each.at) for each in before] == [
        (1, "Title of a", ("title", "summary", "date"), "a slip", NOW + MINUTE),
        (2, "Corrected", ("title",), "", NOW + 2 * MINUTE),
    ]
    assert before[0].labels == old.labels
    assert before[0].date_on == old.date_on


def test_a_revision_never_moves_id_atom_id_or_acceptance(store: Store) -> None:
    old = item("a")
    forged = replace(old, atom_id="tag:other", accepted_at=NOW + MINUTE, mailable=False)
    with store.write() as conn:
        put(conn, old)
        history.revise(conn, forged, NOW + MINUTE)
        assert items.get(conn, "a") == replace(old, updated_at=NOW + MINUTE)


def test_relabelling_moves_no_instant_and_is_no_correction(store: Store) -> None:
    old = item("a")
    with store.write() as conn:
        put(conn, old)
        assert not history.is_labelled_by_hand(conn, "a")
        new = replace(old, labels=(about("hn"),))
        history.revise(conn, new, NOW + MINUTE, kind=ChangeKind.RELABELLED)
        assert items.get(conn, "a") == new
        assert history.is_labelled_by_hand(conn, "a")
        assert history.corrections_between(conn, NOW, NOW + MINUTE) == []
        assert items.latest_announced(conn) == NOW


def test_a_correction_is_told_with_its_last_change_once_and_only_of_what_is_mailed(store: Store) -> None:
    a, quiet = item("a"), item("q", NOW + MINUTE, mailable=False)
    with store.write() as conn:
        put(conn, a, quiet)
        history.revise(conn, replace(a, title="One"), NOW + 2 * MINUTE, fields=("title",))
        history.revise(conn, replace(a, title="Two"), NOW + 3 * MINUTE, fields=("title",), reason="why")
        history.revise(conn, replace(quiet, title="Three"), NOW + 4 * MINUTE, fields=("title",))
        (told,) = history.corrections_between(conn, NOW, NOW + 9 * MINUTE)
        assert (told.item.title, told.n, told.kind, told.reason) == ("Two", 2, ChangeKind.CORRECTED, "why")
        assert history.corrections_between(conn, NOW + 3 * MINUTE, NOW + 9 * MINUTE) == []
        # A page tells the last change alone, a mail all that came since the one before.
        last = history.last_changes(conn, ["a"])["a"]
        assert last.was is not None
        assert (last.was.title, replace(last, was=told.was)) == ("One", told)
        assert history.last_changes(conn, ["absent"]) == {}


def test_a_withdrawn_item_is_in_no_listing_and_in_no_digest(store: Store) -> None:
    a = item("a")
    with store.write() as conn:
        put(conn, a, item("b", NOW + MINUTE))
        gone = replace(a, withdrawn_at=NOW + 2 * MINUTE, withdrawn_reason="wrong")
        history.revise(conn, gone, NOW + 2 * MINUTE, kind=ChangeKind.WITHDRAWN)
        assert [each.id for each in items.listing(conn, limit=9)] == ["b"]
        assert [each.id for each in items.announced_between(conn, None, NOW + 9 * MINUTE)] == ["b"]
        assert items.count(conn) == 1
        assert items.feed_listings(conn)["country", "pa"][0] == 1
        assert items.updated_of(conn, "country", "pa") == NOW + 2 * MINUTE
        (found,) = items.withdrawn(conn, kind="country", code="pa", limit=9)
        assert (found.id, found.withdrawn_reason) == ("a", "wrong")
        assert items.withdrawn(conn, kind="country", code="hn", limit=9) == []
        assert known_ids(conn, day=a.date_on) == ["a", "b"]


def test_an_item_that_is_not_there_cannot_be_revised(store: Store) -> None:
    with pytest.raises(LookupError, match="no item absent"), store.write() as conn:
        history.revise(conn, item("absent"), NOW)


def test_find_takes_an_id_an_atom_id_or_the_beginning_of_one_id(store: Store) -> None:
    with store.write() as conn:
        put(conn, item("abc"), item("abcd", NOW + MINUTE), item("xyz", NOW + 2 * MINUTE))

        def found(ref: str) -> str | None:
            match = items.find(conn, ref)
            return match.id if match else None

        assert found("abc") == "abc"  # whole, though another begins so
        assert found("abcd") == "abcd"
        assert found("x") == "xyz"
        assert found("tag:example.org,2026:xyz") == "xyz"
        assert found("ab") is None  # two begin so
        assert found("q") is None
        assert found("%") is None
        assert found("x_z") is None


def test_listing_is_newest_first_by_date_then_by_update(store: Store) -> None:
    with store.write() as conn:
        put(
            conn,
            item("old", NOW + 3 * MINUTE, date_on=date(2026, 1, 1)),
            item("first", NOW),
            item("second", NOW + MINUTE),
        )
        assert [each.id for each in items.listing(conn, limit=9)] == ["second", "first", "old"]
        assert [each.id for each in items.listing(conn, limit=1, offset=1)] == ["first"]
        assert [each.id for each in items.listing(conn, since=date(2026, 1, 2), limit=9)] == [
            "second",
            "first",
        ]


@pytest.fixture
def labelled(store: Store) -> Store:
    with store.write() as conn:
        put(
            conn,
            item("panama", NOW),
            item("mentioned", NOW + MINUTE, labels=(about("pa", strength=Strength.MENTIONS),)),
            item(
                "topic", NOW + 2 * MINUTE, labels=(about("health", Kind.TOPIC),), date_on=date(2026, 11, 21)
            ),
            item("both", NOW + 3 * MINUTE, labels=(about("pa"), about("hn"), about("pa", Kind.TOPIC))),
        )
    return store


def test_listing_by_label_takes_only_what_is_about_it(labelled: Store) -> None:
    with labelled.read() as conn:
        by_code = items.listing(conn, kind="country", code="pa", limit=9)
        by_kind = items.listing(conn, kind="country", limit=9)
        assert [each.id for each in by_code] == ["both", "panama"]
        assert [each.id for each in by_kind] == ["both", "panama"]
        assert items.listing(conn, kind="region", code="pa", limit=9) == []
        assert [label.code for label in by_code[0].labels] == ["pa", "hn", "pa"]


def test_a_regions_listing_takes_in_the_regions_within_it(store: Store) -> None:
    with store.write() as conn:
        inner, outer = (about(code, Kind.REGION) for code in ("andean", "americas"))
        put(conn, item("inner", labels=(inner,)), item("outer", NOW + MINUTE, labels=(outer,)))
    with store.read() as conn:
        alone = items.listing(conn, kind="region", code="americas", limit=9)
        both = items.listing(conn, kind="region", code="americas", within=["andean"], limit=9)
        assert [each.id for each in alone] == ["outer"]
        assert sorted(each.id for each in both) == ["inner", "outer"]
        assert items.region_listing(conn, "americas", ["pe"], ["andean"])[0] == 2
        assert items.region_listing(conn, "andean", ["pe"])[0] == 1


def test_unlabelled_are_those_about_no_country(labelled: Store) -> None:
    with labelled.read() as conn:
        assert [each.id for each in items.listing(conn, unlabelled=True, limit=9)] == ["topic", "mentioned"]


def test_feed_listings_count_each_feed_once(labelled: Store) -> None:
    day = date(2026, 11, 20)
    with labelled.read() as conn:
        assert items.feed_listings(conn) == {
            ("country", "hn"): (1, day),
            ("country", "pa"): (2, day),
            ("topic", "health"): (1, date(2026, 11, 21)),
            ("topic", "pa"): (1, day),
            ("all", ""): (4, date(2026, 11, 21)),
            ("unlabelled", ""): (2, date(2026, 11, 21)),
        }


def test_feed_listings_of_an_empty_store_have_the_two_that_always_exist(store: Store) -> None:
    with store.read() as conn:
        assert items.feed_listings(conn) == {("all", ""): (0, None), ("unlabelled", ""): (0, None)}
        assert items.updated_of(conn, "all") is None
        assert items.latest_announced(conn) is None


def test_a_feed_is_as_new_as_its_last_change(labelled: Store) -> None:
    with labelled.read() as conn:
        assert items.updated_of(conn, "country", "pa") == NOW + 3 * MINUTE
        assert items.updated_of(conn, "topic", "health") == NOW + 2 * MINUTE
        assert items.updated_of(conn, "unlabelled") == NOW + 2 * MINUTE
        assert items.updated_of(conn, "all", "") == NOW + 3 * MINUTE
        assert items.updated_of(conn, "country", "xk") is None


def test_announced_between_leaves_out_the_first_instant_and_what_is_not_mailed(store: Store) -> None:
    with store.write() as conn:
        a, _, c = announce(conn, "a", "b", "c")
        (old,) = announce(conn, "old", mailable=False)
        (late,) = announce(conn, "late", now=NOW + MINUTE)

        def between(after: datetime | None, until: datetime) -> list[str]:
            return [each.id for each in items.announced_between(conn, after, until)]

        assert between(a.accepted_at, c.accepted_at) == ["b", "c"]
        assert between(None, late.accepted_at) == ["a", "b", "c", "late"]
        assert between(c.accepted_at, c.accepted_at) == []
        assert items.latest_announced(conn) == late.accepted_at
        assert old.accepted_at.tzinfo is UTC


def test_a_body_is_kept_and_its_former_state_with_the_revision(store: Store) -> None:
    with store.write() as conn:
        put(conn, item("a", body="<p>One</p>"), item("b", at=NOW + MINUTE))
        a = items.get(conn, "a")
        b = items.get(conn, "b")
        assert a is not None
        assert b is not None
        assert (a.body, b.body) == ("<p>One</p>", "")
        history.revise(conn, replace(a, body="<p>Two</p>"), NOW + 2 * MINUTE, fields=("summary",))
        history.revise(conn, replace(a, body=""), NOW + 3 * MINUTE, fields=("summary",))
        assert items.by_ids(conn, ["a"])["a"].body == ""
        assert [was.body for was in history.revisions(conn, "a")] == ["<p>One</p>", "<p>Two</p>"]


def test_reading_better_moves_no_instant_and_leaves_no_revision(store: Store) -> None:
    with store.write() as conn:
        put(conn, item("a"), item("b", at=NOW + MINUTE))
        a = items.get(conn, "a")
        assert a is not None
        items.read_better(
            conn, [replace(a, body="<ul><li>One</li></ul>", link="https://x.example/a", title="No")]
        )
        again = items.get(conn, "a")
        assert again == replace(a, body="<ul><li>One</li></ul>", link="https://x.example/a")
        assert history.revisions(conn, "a") == []
        assert items.get(conn, "b") == item("b", at=NOW + MINUTE)
