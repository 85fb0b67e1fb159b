"""Notes of passes: which runs are worth one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feeds.operating.passing import EVERY, is_news
from feeds.store.passes import PassRow

NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)


def ran(after_s: float, failed: str = "", *, runs: bool = False) -> PassRow:
    at = NOW + timedelta(seconds=after_s)
    return PassRow(process="p", name="publish", host="h", began_at=at, ended_at=None if runs else at,
                   took_ms=0, failed=failed)  # fmt: skip


@pytest.mark.parametrize(
    ("before", "row", "news"),
    [
        (None, ran(0), True),
        (ran(0), ran(1), False),
        (ran(0), ran(EVERY.total_seconds()), True),
        (ran(0), ran(1, "disk full"), True),
        (ran(0, "disk full"), ran(1, "disk full"), False),
        (ran(0, "disk full"), ran(1), True),
        (ran(0, runs=True), ran(1), True),  # it has ended
        (ran(0), ran(EVERY.total_seconds(), runs=True), True),
        (ran(0), ran(30, runs=True), False),
    ],
)
def test_a_run_is_news_when_it_is_the_first_ends_otherwise_or_some_time_has_passed(
    before: PassRow | None, row: PassRow, news: bool
) -> None:
    assert is_news(before, row) is news
