"""How much a filter brings, told before anybody gives an address."""

from __future__ import annotations

from datetime import timedelta

from feeds.filters import parse
from feeds.model import Filter, Kind, Term, Vocabulary
from feeds.people.estimating import Estimate, estimate
from feeds.store import Store
from store.making import NOW, announce

VOCABULARY = Vocabulary({(Kind.COUNTRY, "pa"): Term(kind=Kind.COUNTRY, code="pa", names={"en": "Panama"})})
PANAMA, MEXICO = parse("country:pa"), parse("country:mx")


def found(store: Store, wanted: Filter = PANAMA) -> Estimate:
    return estimate(store, VOCABULARY, wanted, NOW)


def published(store: Store, count: int, days_ago: int, name: str = "i") -> None:
    on = NOW.date() - timedelta(days=days_ago)
    with store.write() as conn:
        announce(conn, *(f"{name}{days_ago}-{n}" for n in range(count)), date_on=on)


def test_an_old_site_is_reckoned_by_the_year(store: Store) -> None:
    published(store, 1, 900)
    published(store, 36, 100)
    assert found(store).number == 36  # what is older than a year does not count
    assert round(found(store).a_month) == 3


def test_a_young_site_is_reckoned_by_its_own_time_and_by_a_month_at_least(store: Store) -> None:
    published(store, 6, 60)
    published(store, 6, 1)
    assert round(found(store).a_month) == 6
    assert round(found(store, parse("all")).a_month) == 6


def test_a_site_of_some_days_is_reckoned_by_a_month(store: Store) -> None:
    published(store, 4, 3)
    assert round(found(store).a_month) == 4


def test_the_last_five_are_shown_newest_first(store: Store) -> None:
    for days in (9, 7, 5, 3, 2, 1):
        published(store, 1, days)
    assert [item.id for item in found(store).newest] == ["i1-0", "i2-0", "i3-0", "i5-0", "i7-0"]


def test_a_filter_that_never_matched_finds_nothing(store: Store) -> None:
    published(store, 3, 2)
    assert (found(store, MEXICO).number, found(store, MEXICO).newest, found(store, MEXICO).a_month) == (
        0,
        (),
        0,
    )


def test_a_firehose_is_not_counted_to_its_end(store: Store) -> None:
    for days in range(20):
        published(store, 30, days + 1)
    firehose = found(store)
    assert firehose.at_least
    assert 800 < firehose.a_month < 1000
