"""A mail stands for its filters, and for what took their place when they were edited since."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from feeds.model import Cadence
from feeds.people.replaced import in_place_of
from feeds.store.subscribers import CHANGED, SubscriptionRow

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def at(day: int) -> datetime:
    return START + timedelta(days=day)


def row(number: int, text: str, begun: int, ended: int | None = None, why: str = CHANGED) -> SubscriptionRow:
    return SubscriptionRow(
        id=number, subscriber_id=1, filter_id=number, filter_text=text, cadence=Cadence.DAILY,
        created_at=at(begun), ended_at=None if ended is None else at(ended),
        ended_reason=None if ended is None else why,
    )  # fmt: skip


def ids(rows: list[SubscriptionRow], *texts: str) -> list[int]:
    return [each.id for each in in_place_of(rows, texts)]


def test_what_somebody_still_has_stands_for_itself_alone() -> None:
    rows = [row(1, "pa", 0), row(2, "hn", 0)]
    assert ids(rows, "pa") == [1]
    assert ids(rows, "pa", "hn", "mx") == [1, 2]
    assert ids(rows) == []


def test_what_was_edited_stands_for_what_it_is_now_over_any_number_of_edits() -> None:
    rows = [row(1, "pa", 0, 3), row(2, "hn", 0), row(3, "pa topic", 3, 5), row(4, "mx", 5)]
    assert ids(rows, "pa") == [4]
    assert ids(rows, "pa topic") == [4]
    assert ids(rows, "pa", "pa topic", "hn") == [2, 4]


def test_what_was_stopped_stands_for_nothing_even_if_something_began_then() -> None:
    stopped = row(1, "pa", 0, 3, why="unsubscribe link")
    assert ids([stopped, row(2, "hn", 3)], "pa") == []
    assert ids([row(1, "pa", 0, 3), row(2, "hn", 3, 4, why="unsubscribe link")], "pa") == []


def test_another_cadence_is_the_same_filter_going_on() -> None:
    assert ids([row(1, "pa", 0, 3), row(2, "pa", 3)], "pa") == [2]


def test_who_came_back_to_a_filter_has_it_and_not_what_once_took_its_place() -> None:
    rows = [row(1, "pa", 0, 3), row(2, "hn", 3), row(3, "pa", 6)]
    assert ids(rows, "pa") == [3]


def test_what_began_before_or_later_took_no_place() -> None:
    rows = [row(1, "hn", 3), row(2, "pa", 0, 3), row(3, "mx", 4)]
    assert ids(rows, "pa") == []
