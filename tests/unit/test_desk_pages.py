"""The press desk in words: what waits, what is held and how long still."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feeds.model import WAITS, BulletinReceipt, Fault, Outcome, ReceiptLine, Staff
from feeds.pages.desk.frame import Seen
from feeds.pages.desk.listing import heading_of, state_of
from feeds.pages.desk.pages import DeskPages
from feeds.templating import environment
from golden.pages import sample

NOW = datetime(2026, 11, 28, 19, 17, tzinfo=UTC)
PAGES = DeskPages(environment([sample.TEMPLATES]), sample.site(), sample.VOCABULARY)
ANA = Seen(Staff(address="ana@example.org", lang="en", zone="America/Panama"), "stamp", NOW)
ITEM = ReceiptLine(outcome=Outcome.NEW, line=3, title="A border post opens")


def receipt(*lines: ReceiptLine, **fields: Any) -> BulletinReceipt:
    return BulletinReceipt(
        **{"name": "b.txt", "received_at": NOW, "rejected": False, "lines": lines or (ITEM,)} | fields
    )


@dataclass(frozen=True)
class Row:
    id: int = 1
    name: str = "b.txt"
    accepted_at: datetime = NOW
    receipt: BulletinReceipt = field(default_factory=receipt)


HELD = Row(receipt=receipt(held_until=NOW + timedelta(minutes=23)))
WAITING = Row(id=2, receipt=receipt(held_until=WAITS))
REJECTED = Row(id=3, receipt=receipt(ReceiptLine(outcome=Outcome.FAULTY, line=1), rejected=True))
UNDONE = Row(id=4, receipt=receipt(undone_at=NOW))


@pytest.mark.parametrize(
    ("row", "state"),
    [(Row(), "done"), (HELD, "held"), (WAITING, "waits"), (REJECTED, "rejected"), (UNDONE, "undone")],
)
def test_a_bulletin_is_in_one_state(row: Row, state: str) -> None:
    assert state_of(row.receipt) == state


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(minutes=23), "23 minutes left"),
        (timedelta(minutes=22, seconds=1), "23 minutes left"),
        (timedelta(seconds=1), "1 minute left"),
        (timedelta(0), "0 minutes left"),
        (timedelta(minutes=-5), "0 minutes left"),
        (timedelta(minutes=119), "119 minutes left"),
        (timedelta(minutes=120), "2 hours left"),
        (timedelta(hours=47), "47 hours left"),
        (timedelta(hours=48), "2 days left"),
        (timedelta(hours=61), "3 days left"),
    ],
)
def test_the_time_left_counts_what_has_begun(ahead: timedelta, words: str) -> None:
    assert PAGES.left(NOW + ahead, NOW) == words


def test_an_hour_is_told_in_their_zone_with_its_day_unless_it_is_today() -> None:
    assert PAGES.hour(NOW, ANA) == "14:17"
    assert PAGES.hour(datetime(2026, 11, 29, 4, 5, tzinfo=UTC), ANA) == "23:05"
    assert PAGES.hour(datetime(2026, 11, 29, 5, 5, tzinfo=UTC), ANA) == "29 November, 0:05"


def test_a_bulletin_is_called_by_its_first_title_and_else_by_its_file() -> None:
    more = ", and %(num)s more"
    assert heading_of("b.txt", receipt(), more) == "A border post opens"
    two = receipt(ReceiptLine(outcome=Outcome.WARNING, line=1, title="no item"), ITEM, ITEM, ITEM)
    assert heading_of("b.txt", two, more) == "A border post opens, and 2 more"
    assert heading_of("b\n.txt", REJECTED.receipt, more) == "b .txt"
    long = heading_of("b.txt", receipt(replace(ITEM, title="word " * 60), ITEM), more)
    assert long.endswith("…, and 1 more")
    assert len(long) <= 110


def words(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())


def test_the_day_begins_with_what_needs_somebody() -> None:
    page = words(PAGES.bulletins([HELD, WAITING, REJECTED], [Row(id=9)], ANA, older=8))
    assert "1 waits for you. 1 is held and goes out at 14:40. 1 was rejected." in page
    assert "◷ Held until 14:40 – 23 minutes left. Then it goes out by itself. 1 item." in page
    assert "◷ Waits for you Nobody outside sees it until you release it. 1 item." in page
    assert "! Rejected Nothing was read from it, and nothing was sent. 1 line to look at." in page
    assert "As of 14:17, Panama time." in page
    assert "Older bulletins" in page
    assert "ana@example.org" in page


def test_an_empty_desk_says_so() -> None:
    page = words(PAGES.bulletins([], [], ANA, older=None))
    assert "Nothing waits for you." in page
    assert "No bulletin has come in yet." in page
    assert "Older bulletins" not in page
    assert "As of" in page


def test_the_first_of_several_that_are_held_is_told() -> None:
    later = Row(id=5, receipt=receipt(held_until=NOW + timedelta(hours=2)))
    assert "2 are held; the first goes out at 14:40." in words(PAGES.bulletins([later, HELD], [], ANA, None))


def test_faults_are_counted_and_notes_are_not() -> None:
    lines = (
        ReceiptLine(outcome=Outcome.WARNING, line=1, fault=Fault(code="x")),
        ReceiptLine(outcome=Outcome.FAULTY, line=2),
        ReceiptLine(outcome=Outcome.NOTE, line=3),
    )
    told = PAGES.told("waits", receipt(*lines), 0, ANA)
    assert told == "Nobody outside sees it until you release it. 2 lines to look at."


def test_the_desk_speaks_spanish() -> None:
    spanish = PAGES.speaking("es")
    page = words(spanish.bulletins([HELD], [], ANA, older=None))
    assert "1 está retenido y sale a las 14:40." in page
    assert "quedan 23 minutos" in page
