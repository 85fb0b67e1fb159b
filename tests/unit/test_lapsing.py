"""What readers hear of an item whose time was over, and when the loop wakes for what comes by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from feeds.app.pauses import until
from feeds.model import Item
from feeds.office.lapsing import reason
from feeds.reading.head import instant
from feeds.syndication.source import published_at

AT = datetime(2026, 12, 1, 11, tzinfo=UTC)
ITEM = Item(
    id="x", atom_id="tag:x", date_on=date(2026, 11, 28), title="T", summary="S", lang="en", accepted_at=AT,
    updated_at=AT,
)  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "zone", "words"),
    [
        ("en", "UTC", "Its time was over: 1 December 2026, 11:00 UTC."),
        ("en", "America/Panama", "Its time was over: 1 December 2026, 6:00, Panama time."),
        ("es", "America/Panama", "Su plazo terminó: 1 de diciembre de 2026, 6:00, hora de Panamá."),
        ("fr", "UTC", "Its time was over: 1 December 2026, 11:00 UTC."),
    ],
)
def test_readers_are_told_the_end_in_the_item_s_language_and_the_site_s_zone(
    lang: str, zone: str, words: str
) -> None:
    assert reason(replace(ITEM, lang=lang), AT, zone) == words


def test_the_loop_sleeps_until_the_next_instant_and_not_for_one_that_is_past() -> None:
    assert until(None, AT) is None
    assert until(AT + timedelta(seconds=3), AT) == pytest.approx(3.01)
    assert until(AT, AT) is None
    assert until(AT - timedelta(seconds=1), AT) is None


def test_what_waited_for_an_embargo_was_published_at_its_minute() -> None:
    assert published_at(ITEM) == datetime(2026, 11, 28, 12, tzinfo=UTC)
    late = replace(ITEM, accepted_at=AT + timedelta(seconds=4), not_before=AT)
    assert published_at(late) == AT
    assert published_at(replace(late, accepted_at=AT - timedelta(days=1))) == AT - timedelta(days=1)


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("2026-12-01 06:00 America/Panama", AT),
        ("  1 December 2026,  6 am America/Panama ", AT),
        ("2026-12-01T11:00:00Z", AT),
        ("2026-12-01", datetime(2026, 12, 1, 5, tzinfo=UTC)),
        ("soon", None),
    ],
)
def test_an_instant_is_read_as_in_the_head_of_a_file(words: str, at: datetime | None) -> None:
    assert instant(words, "dmy", "America/Panama") == at
