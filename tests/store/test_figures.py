"""Figures of what there is and what waits, notes of passes, counts of letters: on both databases."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import event

from feeds.model import BulletinReceipt, NoticeKind, RenderedMail
from feeds.operating.passing import EVERY, KEPT, LONG, LetterCount, Passes
from feeds.store import Store, bulletins, deliveries, figures, notices, passes, publishing
from feeds.store.figures import Figures
from store.making import NOW, new_bulletin, queued

MINUTE = timedelta(minutes=1)
# Walked by their newest row, or of few rows.
WALKED = {"bulletin", "counter", "pass_run"}


def found(store: Store, published: int = 0, now: datetime = NOW) -> Figures:
    with store.read() as conn:
        return figures.figures(conn, published, now)


def test_an_empty_site_has_nothing_that_waits(store: Store) -> None:
    empty = found(store)
    assert (empty.last_bulletin_at, empty.held, empty.unpublished, empty.unpublished_since) == (
        None,
        0,
        0,
        None,
    )
    assert (empty.digests.waiting, empty.digests.in_hand, empty.digests.due_at) == (0, 0, None)
    assert (empty.letters, empty.bounces, list(empty.passes)) == ({}, {}, [])


def test_letters_that_wait_and_are_in_hand_are_counted_apart(store: Store) -> None:
    queued(store, "ana", "bea", "carla")
    with store.write() as conn:
        deliveries.claim(conn, "me", NOW, MINUTE, 1)
        mail = RenderedMail(subject="s", text="t", html="h")
        new = notices.NewNotice(
            key="receipt/1/done", kind=NoticeKind.RECEIPT, address="office@example.org", lang="en",
            message_id="<1@example.org>", mail=mail,
        )  # fmt: skip
        notices.queue(conn, new, NOW + MINUTE)
    both = found(store)
    assert (both.digests.waiting, both.digests.in_hand, both.digests.due_at) == (2, 1, NOW)
    assert (both.notices.waiting, both.notices.in_hand, both.notices.due_at) == (1, 0, NOW + MINUTE)


def test_what_a_folder_lacks_is_counted_from_its_mark_and_the_oldest_of_it_is_the_first(store: Store) -> None:
    with store.write() as conn:
        publishing.mark_stale(conn, ["feed/all"], NOW)
        publishing.mark_stale(conn, ["feed/country/pa", "item/1"], NOW + MINUTE)
    assert (found(store).unpublished, found(store).unpublished_since) == (3, NOW)
    assert (found(store, 1).unpublished, found(store, 1).unpublished_since) == (2, NOW + MINUTE)
    assert (found(store, 3).unpublished, found(store, 3).unpublished_since) == (0, None)


def test_the_last_bulletin_is_one_that_was_taken_in(store: Store) -> None:
    def came(at: datetime, **fields: Any) -> Any:
        values = {"name": f"{at}.txt", "received_at": at, "rejected": False, "lines": ()}
        return new_bulletin(BulletinReceipt(**(values | fields)))

    later = NOW + MINUTE
    with store.write() as conn:
        bulletins.insert(conn, [came(NOW - MINUTE), came(NOW), came(later, rejected=True)])
        bulletins.insert(conn, [came(later, held_until=later)])
    assert (found(store).last_bulletin_at, found(store).held) == (NOW, 1)


def test_no_figure_walks_through_letters_items_or_people(store: Store, dialect: str) -> None:
    queued(store, "ana")
    said: list[tuple[str, Any]] = []
    with store.read() as conn:
        event.listen(conn, "before_cursor_execute", lambda *args: said.append((args[2], args[3])))
        figures.figures(conn, 0, NOW)
        statements = list(said)
    assert len(statements) >= 10
    if dialect != "sqlite":
        return  # with a handful of rows PostgreSQL takes no index; the same ones are there
    with store.read() as conn:
        steps = [
            row[3]
            for statement, values in statements
            for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
    walked = {step.split()[1] for step in steps if step.startswith("SCAN") and "USING" not in step}
    assert {each for each in walked if not each.startswith(("anon", "("))} <= WALKED


def process(store: Store, name: str = "one") -> tuple[Passes, list[datetime]]:
    clock = [NOW]
    return Passes(store, name, "news-1", lambda: clock[0]), clock


def noted(store: Store) -> list[tuple[str, bool, int, str]]:
    with store.read() as conn:
        return [(row.name, row.ended_at is None, row.took_ms, row.failed) for row in passes.listing(conn)]


def test_a_pass_is_noted_with_what_it_took_and_again_only_when_it_is_news(store: Store) -> None:
    mine, clock = process(store)
    mine.begun("publish")
    assert noted(store) == []
    clock[0] += timedelta(seconds=2)
    mine.ended("publish")
    assert noted(store) == [("publish", False, 2000, "")]
    mine.begun("publish")
    clock[0] += timedelta(seconds=3)
    mine.ended("publish")
    assert noted(store) == [("publish", False, 2000, "")]
    mine.begun("publish")
    mine.ended("publish", "disk full")
    assert noted(store) == [("publish", False, 0, "disk full")]


def test_a_long_pass_is_seen_while_it_runs_and_when_it_has_ended(store: Store) -> None:
    mine, clock = process(store)
    mine.begun("deliver")
    clock[0] += LONG - timedelta(seconds=1)
    mine.tell_long()
    assert noted(store) == []
    clock[0] += timedelta(seconds=1)
    mine.tell_long()
    assert noted(store) == [("deliver", True, 30_000, "")]
    clock[0] += timedelta(seconds=1)
    mine.ended("deliver")
    assert noted(store) == [("deliver", False, 31_000, "")]


def test_processes_note_apart_and_what_one_of_long_ago_left_is_forgotten(store: Store) -> None:
    first, _ = process(store, "one")
    first.begun("news")
    first.ended("news")
    second, clock = process(store, "two")
    clock[0] += EVERY
    second.begun("news")
    second.ended("news")
    assert len(noted(store)) == 2
    third, clock = process(store, "three")
    clock[0] += KEPT + EVERY
    third.begun("compose")
    third.ended("compose")
    assert [name for name, *_ in noted(store)] == ["compose", "news"]  # the one of exactly two days stays


def test_letters_are_counted_while_a_pass_goes_on_and_never_twice(store: Store) -> None:
    count, outcomes = LetterCount(store), Counter({"sent": 2})
    count.begin(outcomes)
    count.note()
    count.note()
    outcomes.update({"sent": 3, "refused": 1})
    count.note()
    assert found(store).letters == {"refused": 1, "sent": 5}
    outcomes.update({"sent": 1})  # could not be written before the pass ended
    count.begin(Counter({"sent": 4}))
    count.note()
    assert found(store).letters == {"refused": 1, "sent": 10}
