"""The press desk in words: what waits, what is held and how long still."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feeds.filters.members import Pace, Reached
from feeds.model import WAITS, Act, BulletinReceipt, Fault, Filter, Outcome, ReceiptLine, Staff
from feeds.pages.desk.bulletin import Deed, Opened, OpenItem
from feeds.pages.desk.frame import Seen
from feeds.pages.desk.items import Letter
from feeds.pages.desk.lines import Line, Role
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


def golden(name: str, page: bytes) -> None:
    sample.golden(f"pages/desk-{name}.html", page.decode())


FIRST, SECOND = sample.items(2)
PANAMA = Filter(countries=("pa",))
TRAIL = (
    Deed(at=NOW - timedelta(minutes=7), who="ana@example.org", way="desk", act=Act.CAME_IN, reason=""),
    Deed(at=NOW - timedelta(minutes=9), who="", way="folder", act=Act.TAKEN_BACK, reason="a newer one"),
    Deed(at=NOW, who="root", way="command line", act=Act.CHOSEN, reason="+country:pa"),
)
DATE_FAULT = Fault(code="date-like-line", line=2, detail="28 Novembr")
HELD_OPEN = Opened(
    row=replace(HELD, id=48),
    items=(
        OpenItem(number=1, item=FIRST, outcome=Outcome.NEW, reached=934),
        OpenItem(number=2, item=replace(SECOND, labels=()), outcome=Outcome.CHANGED, reached=0),
    ),
    lines=(
        Line(1, "27 November 2026", Role.DATE, 1),
        Line(2, "28 Novembr", Role.TEXT, 1, (DATE_FAULT,)),
        Line(3, FIRST.title, Role.TITLE, 1),
        Line(4, "", Role.BLANK),
        Line(5, "Contact <us>", Role.LEFT),
    ),
    faults=((None, "What is wrong.", "What to do."), (7, "Another.", "")),
    reach=Reached({Pace.AT_ONCE: 212, Pace.DAILY: 408, Pace.WEEKLY: 640, Pace.OTHERWISE: 0}),
    trail=TRAIL, text="27 November 2026\n<b>", before="abc", embargo_at=datetime(2026, 12, 1, 11, tzinfo=UTC),
)  # fmt: skip
FREE_OPEN = replace(HELD_OPEN, embargo_at=None)
DONE_OPEN = Opened(
    row=Row(id=47),
    items=(
        OpenItem(number=1, item=FIRST, outcome=Outcome.NEW),
        OpenItem(number=2, item=replace(SECOND, withdrawn_at=NOW), outcome=Outcome.SAME),
    ),
    told=1260, told_gone=40, trail=TRAIL[:1],
)  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "es"])
def test_pages_of_the_desk_read_as_accepted(lang: str) -> None:
    pages, seen = PAGES.speaking(lang), replace(ANA, staff=replace(ANA.staff, lang=lang))
    golden(f"held-{lang}", pages.bulletin(HELD_OPEN, seen, said=pages.done("mended")))
    golden(f"done-{lang}", pages.bulletin(DONE_OPEN, seen))
    golden(f"item-{lang}", pages.item_desk(FIRST, seen, 1260, TRAIL, bulletin=47))
    gone = replace(FIRST, withdrawn_at=NOW, withdrawn_reason="A mistake.")
    golden(f"item-gone-{lang}", pages.item_desk(gone, seen, 2, (), said=pages.done("withdrawn")))
    golden(f"labels-{lang}", pages.choose_labels(FIRST, "/desk/x", "/desk/", seen, pages.nobody_told()))
    golden(
        f"new-{lang}", pages.new(seen, ["*.txt", "*.md"], "1", "typed", "name", {"text": pages.no_bulletin()})
    )
    letter = Letter(
        wanted="country:pa", lang=lang, told=pages.filter_words(PANAMA), faults={},
        subject="A <subject>", text="The\ntext",
    )  # fmt: skip
    largest = [("country:pa", PANAMA, 1260), ("all", Filter(), 40)]
    golden(f"mail-{lang}", pages.mail(seen, "/desk/bulletins/48/", letter, ["Panama"], largest, ("en", "es")))
    golden(f"list-{lang}", pages.bulletins([replace(HELD, id=48)], [Row(id=47)], seen, older=40))
    golden(f"history-{lang}", pages.history([(deed, "/desk/items/x/") for deed in TRAIL], seen))


def test_a_bulletin_says_what_each_button_does_and_to_how_many() -> None:
    page = words(PAGES.bulletin(HELD_OPEN, ANA))
    assert "212 readers get it within minutes" in page
    assert "Release it at the chosen time, to 1,260 readers" in page
    assert "At once, when it goes out 212" in page
    assert "On days of their own" not in page  # nobody
    assert "Embargo: 1 December, 6:00. It does not go out before, unless another time is set here." in page
    assert "5 lines, 2 items" in page
    assert "Corrects an item that is out" in page
    assert "No label: only readers who follow everything" in page
    done = words(PAGES.bulletin(DONE_OPEN, ANA))
    assert "Withdraw 1 item; 1,260 readers are told" in done
    assert "Restore 1 withdrawn item; 40 readers are told" in done
    assert "Release it" not in done


def test_readers_that_are_being_counted_are_told_as_such_and_by_no_number() -> None:
    page = words(PAGES.bulletin(replace(HELD_OPEN, reach=None), ANA))
    assert "How many people will get it is being counted" in page
    assert "Release it at the chosen time Take back" in page
    assert "readers get it" not in page


def test_an_embargo_to_come_is_the_time_that_is_ticked_and_one_that_is_over_is_not_told() -> None:
    page = PAGES.bulletin(HELD_OPEN, ANA).decode()
    assert 'value="at" checked' in page
    assert 'value="2026-12-01"' in page
    assert 'value="06:00"' in page
    for over in (NOW, None):
        page = PAGES.bulletin(replace(HELD_OPEN, embargo_at=over), ANA).decode()
        assert 'value="soon" checked' in page
        assert "Embargo:" not in page


def test_what_happened_is_told_oldest_first_with_who_and_how() -> None:
    told = [what for _, _, what, _ in PAGES.trail(TRAIL, ANA)]
    assert told == [
        "Taken back, by the folder",
        "Came in, ana@example.org, at the desk",
        "Labels chosen, root, by command",
    ]


@pytest.mark.parametrize("act", list(Act))
def test_every_act_has_its_words(act: Act) -> None:
    (row,) = PAGES.trail([replace(TRAIL[0], act=act, way="elsewhere")], ANA)
    assert row[2].endswith(", ana@example.org, elsewhere")


def test_the_form_offers_a_time_that_is_to_come() -> None:
    late = replace(ANA, now=datetime(2026, 11, 29, 4, 30, tzinfo=UTC))  # 23:30 in Panama
    assert 'value="2026-11-29"' in PAGES.bulletin(FREE_OPEN, late).decode()
    assert 'value="01:00"' in PAGES.bulletin(FREE_OPEN, late).decode()
    noon = PAGES.bulletin(FREE_OPEN, ANA).decode()
    assert 'value="2026-11-28"' in noon
    assert 'value="16:00"' in noon


def test_what_was_just_done_is_told_and_nothing_for_what_is_not_ours() -> None:
    assert PAGES.done("<script>") == ""
    assert PAGES.done("released") == "It is released and goes out within seconds."


def test_whoever_presses_without_looking_has_time_to_take_it_back() -> None:
    assert 'value="soon" checked' in PAGES.bulletin(FREE_OPEN, ANA).decode()
