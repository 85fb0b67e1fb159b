"""The orders of feeds and pages, whatever is stored: compared with plain sorting."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from pyroaring import BitMap

from feeds.model import FeedKey, Kind, Term, Vocabulary
from feeds.publishing import catalogue as module
from feeds.publishing.catalogue import Catalogue
from feeds.store.outlines import Outline, OutlinedLabel

START = datetime(2026, 1, 1, 9, tzinfo=UTC)
WORDS = Vocabulary(
    {
        (term.kind, term.code): term
        for term in (
            Term(kind=Kind.REGION, code="isthmus", names={}, members=("pa", "cr")),
            Term(kind=Kind.REGION, code="north", names={}, members=("pa", "cr", "mx")),
        )
    }
)


@dataclass
class Stored:
    """Stands for the store: rows by id, and their labels."""

    rows: dict[str, Outline]
    labels: dict[str, list[str]]

    def outlines(self, _: object, ids: list[str] | None) -> Iterator[Outline]:
        yield from (row for key, row in self.rows.items() if ids is None or key in ids)

    def outlined_labels(self, _: object, ids: list[str] | None) -> Iterator[OutlinedLabel]:
        for key, codes in self.labels.items():
            if ids is None or key in ids:
                for code in codes:
                    yield OutlinedLabel(key, *code.split(":"), "about")  # type: ignore[call-arg]


def text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def row(name: str, day: date, at: datetime, **fields: object) -> Outline:
    values = {"updated_at": text(at), "mailable": True, "withdrawn_at": None, "lang": "en"} | fields
    return Outline(id=name, date_on=day, accepted_at=text(at), **values)  # type: ignore[arg-type]


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Stored:
    made = Stored({}, {})
    monkeypatch.setattr(module, "outlines", made)
    monkeypatch.setattr(module.translations, "linked", lambda conn, item_ids: ())
    return made


def read(stored: Stored, *rows: Outline, labels: dict[str, list[str]] | None = None) -> Catalogue:
    stored.rows.update({each.id: each for each in rows})
    stored.labels.update(labels or {})
    known = Catalogue("site", 0)
    known.read(None)  # type: ignore[arg-type]
    return known


def everything(known: Catalogue) -> BitMap:
    return known.feed(FeedKey(kind="all"), WORDS)


def day(n: int) -> date:
    return START.date() + timedelta(days=n)


def at(n: int) -> datetime:
    return START + timedelta(days=n)


def test_feeds_hold_what_was_announced_last_first_and_pages_go_by_date(stored: Stored) -> None:
    known = read(stored, row("late", day(1), at(9)), row("new", day(8), at(8)), row("old", day(3), at(3)))
    assert known.newest(everything(known), 2) == ["late", "new"]
    assert known.by_date(everything(known), 2) == ["new", "old"]


def test_what_came_as_old_news_stands_in_feeds_by_its_date(stored: Stored) -> None:
    archive = [row(f"archive{n}", day(n), at(20) + timedelta(seconds=n), mailable=False) for n in (2, 5)]
    known = read(stored, row("before", day(4), at(4)), row("last", day(19), at(19)), *archive)
    assert known.newest(everything(known), 9) == ["last", "archive5", "before", "archive2"]


def test_old_news_of_one_day_stands_in_the_order_in_which_it_came(stored: Stored) -> None:
    same = [row(f"{n}", day(2), at(20) + timedelta(seconds=n), mailable=False) for n in (1, 3, 2)]
    known = read(stored, *same)
    assert known.newest(everything(known), 9) == ["3", "2", "1"]


def test_old_news_dated_ahead_is_not_first_for_ever(stored: Stored) -> None:
    ahead = row("ahead", day(300), at(1), mailable=False)
    known = read(stored, ahead, row("new", day(2), at(2)))
    assert known.newest(everything(known), 9) == ["new", "ahead"]


@pytest.mark.parametrize("few", [0, 1000])
def test_any_items_come_in_the_order_of_plain_sorting(
    stored: Stored, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FEW", few)
    chance = random.Random(few)
    rows = [
        row(
            f"{n}",
            day(chance.randrange(40)),
            accepted := at(chance.randrange(40)) + timedelta(milliseconds=n),
            updated_at=text(accepted + timedelta(hours=chance.choice([0, 0, 90]))),
            mailable=chance.random() < 0.7,
            withdrawn_at=text(at(50 + n)) if chance.random() < 0.1 else None,
        )
        for n in range(300)
    ]
    codes = {each.id: chance.sample(["country:pa", "country:mx", "topic:x"], 2) for each in rows}
    known = read(stored, *rows, labels=codes)
    # Some change, and are read again.
    moved = [each._replace(date_on=day(5), mailable=True) for each in chance.sample(rows, 40)]
    for each in moved:
        stored.rows[each.id] = each
        stored.labels[each.id] = ["country:cr"]
    known.read(None, [each.id for each in moved])  # type: ignore[arg-type]

    def listed(each: Outline) -> tuple[str, str]:
        noon = f"{each.date_on}T12:00:00.000000Z"
        return (each.accepted_at if each.mailable else min(noon, each.accepted_at)), each.accepted_at

    for key, wanted in {"country/pa": {"country:pa"}, "region/isthmus": {"country:pa", "country:cr"}}.items():
        kind, code = key.split("/")
        inside = [each for each in stored.rows.values() if wanted & set(stored.labels[each.id])]
        live = [each for each in inside if each.withdrawn_at is None]
        among = known.feed(FeedKey(kind=kind, code=code), WORDS)
        assert known.count(among) == len(live)
        newest = sorted(live, key=listed, reverse=True)
        assert known.newest(among, 50) == [each.id for each in newest][:50]
        dated = sorted(live, key=lambda each: (each.date_on, each.updated_at), reverse=True)
        assert known.by_date(among, 50) == [each.id for each in dated][:50]
        gone = sorted((each for each in inside if each.withdrawn_at), key=lambda each: each.withdrawn_at)
        assert known.taken_back(among, 3) == [each.id for each in gone[::-1]][:3]
        last = known.updated_at(among)
        assert last is not None
        assert text(last) == max(each.updated_at for each in inside)


def test_a_region_holds_its_own_its_countries_and_the_regions_within_it(stored: Stored) -> None:
    rows = [row(name, day(1), at(n)) for n, name in enumerate("abcd")]
    labels = {"a": ["region:north"], "b": ["country:mx"], "c": ["region:isthmus"], "d": ["topic:x"]}
    known = read(stored, *rows, labels=labels)
    assert known.newest(known.feed(FeedKey(kind="region", code="north"), WORDS), 9) == ["c", "b", "a"]
    assert known.newest(known.feed(FeedKey(kind="region", code="isthmus"), WORDS), 9) == ["c"]
    assert known.newest(known.feed(FeedKey(kind="unlabelled"), WORDS), 9) == ["d", "c", "a"]
    assert known.codes(Kind.COUNTRY) == ["mx"]


def test_an_empty_feed_has_no_items_and_no_instant(stored: Stored) -> None:
    known = read(stored)
    empty = known.feed(FeedKey(kind="country", code="xx"), WORDS)
    assert (known.newest(empty, 5), known.by_date(empty, 5), known.count(empty)) == ([], [], 0)
    assert known.updated_at(empty) is None


@pytest.mark.parametrize("seed", range(8))
def test_the_items_beside_one_are_those_before_and_after_it_in_plain_sorting(
    stored: Stored, seed: int
) -> None:
    chance = random.Random(seed)
    rows = [
        row(f"i{n}", day(chance.randrange(9)), at(n), updated_at=text(at(chance.randrange(10_000) * 60 + n)))
        for n in range(30)
    ]
    known = read(stored, *rows)
    among = BitMap(chance.sample(range(30), 20))
    order = known.by_date(among, 99)
    for place, item_id in enumerate(order):
        assert known.walk(item_id, among, 2, later=True) == order[:place][::-1][:2]
        assert known.walk(item_id, among, 2, later=False) == order[place + 1 :][:2]


def test_withdrawn_items_are_beside_nothing(stored: Stored) -> None:
    rows = [
        row("a", day(1), at(1)),
        row("b", day(2), at(2), withdrawn_at=text(at(9))),
        row("c", day(3), at(3)),
    ]
    known = read(stored, *rows)
    assert known.walk("a", everything(known), 1, later=True) == ["c"]
    assert known.walk("c", everything(known), 1, later=False) == ["a"]


def test_labels_that_items_share_are_counted_those_with_most_first(stored: Stored) -> None:
    rows = [row(name, day(n), at(n)) for n, name in enumerate("abc")]
    rows.append(row("gone", day(9), at(9), withdrawn_at=text(at(10))))
    labels = {
        "a": ["country:pa", "topic:health"], "b": ["country:pa", "topic:law", "country:hn"],
        "c": ["country:hn", "topic:health"], "gone": ["topic:law", "country:pa"],
    }  # fmt: skip
    known = read(stored, *rows, labels=labels)
    every = everything(known)
    assert known.shared(every, Kind.TOPIC, 9) == [("health", 2), ("law", 1)]
    assert known.shared(every, Kind.COUNTRY, 9) == [("hn", 2), ("pa", 2)]
    assert known.shared(every, Kind.COUNTRY, 1) == [("hn", 2)]
    assert known.shared(known.labelled("topic", "law"), Kind.COUNTRY, 9) == [("hn", 1), ("pa", 1)]
    assert known.shared(BitMap(), Kind.TOPIC, 9) == []


def test_the_newest_months_can_be_asked_for_alone(stored: Stored) -> None:
    days = [date(2026, 3, 1), date(2026, 3, 9), date(2026, 1, 1), date(2025, 12, 31)]
    rows = [row(f"i{n}", on, at(400 + n), mailable=False) for n, on in enumerate(days)]
    known = read(stored, *rows)
    every = everything(known)
    assert known.months(every) == [("2026-03", 2), ("2026-01", 1), ("2025-12", 1)]
    assert known.months(every, 2) == [("2026-03", 2), ("2026-01", 1)]
    assert known.months(every, 3) == known.months(every)


def test_items_are_counted_from_a_day_on_withdrawn_ones_left_out(stored: Stored) -> None:
    gone = row("gone", day(5), at(5), withdrawn_at=text(at(6)))
    known = read(stored, row("a", day(2), at(9)), row("b", day(3), at(9)), row("c", day(3), at(3)), gone)
    assert [known.count_since(everything(known), day(n)) for n in (1, 2, 3, 4)] == [3, 3, 2, 0]
    assert known.count_since(known.numbers(["b", "gone"]), day(2)) == 1


def test_the_oldest_day_is_that_of_an_item_that_is_not_withdrawn(stored: Stored) -> None:
    assert read(stored).oldest() is None
    gone = row("gone", day(1), at(1), withdrawn_at=text(at(6)))
    assert read(stored, gone, row("late", day(8), at(8)), row("old", day(3), at(9))).oldest() == day(3)
