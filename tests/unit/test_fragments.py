"""Fragments are made once, in bounded memory, and forgotten when their item changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from feeds.pages import Card
from feeds.pages.views import Entry
from feeds.publishing.fragments import Fragment, Fragments

CARD = Card(Entry(title="t", url="u", lang="en", summary="", labels=()), date(2026, 1, 1))


class Maker:
    """Makes fragments of a size, and remembers which."""

    def __init__(self, size: int = 100) -> None:
        self.size = size
        self.made: list[Sequence[str]] = []

    def __call__(self, ids: Sequence[str]) -> dict[str, Fragment]:
        self.made.append(list(ids))
        return {each: Fragment({"atom": each.encode() * self.size}, CARD) for each in ids}


def test_each_is_made_once_and_all_that_are_missing_at_once() -> None:
    kept, make = Fragments(), Maker()
    kept.of(["a", "b", "a"], make)
    found = kept.of(["b", "c", "d"], make)
    assert make.made == [["a", "b"], ["c", "d"]]
    assert list(found) == ["b", "c", "d"]
    assert found["c"].entries["atom"] == b"c" * 100


def test_what_changed_is_made_anew() -> None:
    kept, make = Fragments(), Maker()
    kept.of(["a", "b"], make)
    kept.drop(["a", "unknown"])
    kept.of(["a", "b"], make)
    assert make.made == [["a", "b"], ["a"]]
    kept.clear()
    kept.of(["b"], make)
    assert make.made[-1] == ["b"]


def test_those_not_asked_for_the_longest_give_way() -> None:
    size = Fragment({"atom": b"x" * 100}, CARD).size
    kept, make = Fragments(most_bytes=2 * size), Maker()
    kept.of(["a"], make)
    kept.of(["b"], make)
    kept.of(["a"], make)
    kept.of(["c"], make)  # b goes
    kept.of(["a"], make)
    kept.of(["b"], make)
    assert make.made == [["a"], ["b"], ["c"], ["b"]]


def test_all_that_are_asked_for_are_given_even_where_they_do_not_fit() -> None:
    kept, make = Fragments(most_bytes=1), Maker()
    assert list(kept.of(["a", "b", "c"], make)) == ["a", "b", "c"]
    assert list(kept.of(["a", "b"], make)) == ["a", "b"]
