"""Items are found by their words: the same on both databases, in the order of pages, as they stand now."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.filters import folded
from feeds.store import Store, publishing, searching
from feeds.store.searching import Indexed, place_of
from store.making import NOW, item, put

DAY = date(2026, 11, 20)
TEXTS = {
    "a": "Café y trabajo: 1,200 permisos",
    "b": "Work permits, and work",
    "c": "Straße nach Ķegums; O'Higgins / naïve ① ﬁsh",
    "d": "移民 工人 – العربية",
}


def stock(store: Store, texts: dict[str, str], day: date = DAY) -> None:
    with store.write() as conn:
        put(conn, *[item(name, NOW + timedelta(seconds=n)) for n, name in enumerate(texts)])
        index(conn, texts, day)


def index(conn, texts: dict[str, str], day: date = DAY) -> None:
    searching.put(
        conn,
        [
            Indexed(name, day, NOW + timedelta(seconds=n), sorted(set(folded(text))))
            for n, (name, text) in enumerate(texts.items())
        ],
    )


def names_at(conn, places: list[int]) -> list[str]:
    by_place = dict(searching.places(conn))
    return [by_place[place] for place in places]


def found(store: Store, *groups: list[str], below: int | None = None, limit: int = 100) -> list[str]:
    asked = [[tuple(folded(entry)) for entry in group] for group in groups]
    with store.read() as conn:
        return names_at(conn, searching.having(conn, asked, below, limit))


@pytest.mark.parametrize(
    ("groups", "names"),
    [
        ([["cafe"]], ["a"]),
        ([["work"]], ["b"]),
        ([["1"]], ["c", "a"]),
        ([["permisos"], ["trabajo"]], ["a"]),
        ([["permisos"], ["work"]], []),
        ([["permisos", "permits"]], ["b", "a"]),
        ([["work permits", "cafe"]], ["b", "a"]),
        ([["strasse"]], ["c"]),
        ([["o"], ["higgins"]], ["c"]),
        ([["fish"]], ["c"]),
        ([["移民"]], ["d"]),
        ([["العربية"]], ["d"]),
        ([["permis"]], []),
    ],
)
def test_items_are_found_by_whole_words_without_case_and_accents(
    store: Store, groups: list[list[str]], names: list[str]
) -> None:
    stock(store, TEXTS)
    assert found(store, *groups) == names


@pytest.mark.parametrize("hostile", ['"', "AND", "NOT a", "NEAR(x, 2)", "a*", "^a", "words:a", "'; --", "OR"])
def test_nothing_that_is_typed_is_a_command_of_the_index(store: Store, hostile: str) -> None:
    stock(store, TEXTS | {"e": f"so {hostile} too"})
    if folded(hostile):
        assert "e" in found(store, [hostile])


@pytest.mark.parametrize(
    ("group", "unwanted", "names"),
    [
        (["work", "cafe"], ["permits"], ["a"]),
        (["work", "cafe"], ["permits", "trabajo"], []),
        (["work", "cafe"], ["nothing"], ["b", "a"]),
        (["1"], ["o"], ["a"]),
    ],
)
def test_items_with_an_unwanted_word_are_left_out(
    store: Store, group: list[str], unwanted: list[str], names: list[str]
) -> None:
    stock(store, TEXTS)
    asked = [[tuple(folded(entry)) for entry in group]]
    with store.read() as conn:
        assert names_at(conn, searching.having(conn, asked, None, 9, unwanted)) == names


def test_what_changes_is_found_by_its_words_of_now(store: Store) -> None:
    stock(store, TEXTS)
    with store.write() as conn:
        index(conn, {"a": "Something else"})
    assert found(store, ["cafe"]) == []
    assert found(store, ["something"]) == ["a"]


def test_the_latest_come_first_and_the_next_ones_below(store: Store) -> None:
    names = {f"n{n}": "word" for n in range(7)}
    stock(store, names)
    with store.read() as conn:
        first = searching.having(conn, [[("word",)]], None, 3)
        rest = searching.having(conn, [[("word",)]], first[-1], 10)
        assert names_at(conn, [*first, *rest]) == [f"n{n}" for n in reversed(range(7))]


def test_two_items_of_one_day_and_moment_have_places_of_their_own(store: Store) -> None:
    with store.write() as conn:
        put(conn, *[item(name, NOW + timedelta(microseconds=n)) for n, name in enumerate("xyz")])
        for name in "xyz":
            searching.put(conn, [Indexed(name, DAY, NOW, ["same"])])
    assert sorted(found(store, ["same"])) == ["x", "y", "z"]


moments = st.integers(0, 6 * 10**12).map(
    lambda ms: datetime(2000, 1, 2, tzinfo=UTC) + timedelta(milliseconds=ms)
)
days = st.dates(date(1800, 1, 1), date(2300, 1, 1))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days, days, moments, moments)
def test_places_are_in_the_order_of_dates_then_of_changes(
    one: date, other: date, at: datetime, later: datetime
) -> None:
    places = place_of(one, at), place_of(other, later)
    assert all(0 <= place < 1 << 63 for place in places)
    if one != other:
        assert (places[0] < places[1]) == (one < other)
    elif abs(at - later) >= timedelta(milliseconds=1):
        assert (places[0] < places[1]) == (at < later)


def test_how_far_the_index_has_come_is_remembered(store: Store) -> None:
    with store.write() as conn:
        assert searching.hold(conn) == 0
        publishing.mark_stale(conn, ["item/a", "item/b", "country/pa"], NOW)
        assert searching.changed_after(conn, 0, 2) == [("item/a", 1), ("item/b", 2)]
        searching.come_to(conn, 2)
    with store.read() as conn:
        assert searching.indexed_up_to(conn) == 2
        assert searching.changed_after(conn, 2, 9) == [("country/pa", 3)]
