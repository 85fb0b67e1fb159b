"""The journal of who left: what a line says, what holds in the end, and a file that loses none of it."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feeds.people.departing import FILTER, line_of
from feeds.people.signup import ADDRESS
from feeds.restoring.journal import Gone, Journal, Line, gone, read_line
from feeds.store.departures import DepartureRow
from feeds.tokens import Tokens

AT = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
ANA, EVA, PANAMA, HEALTH = ("a" * 64, "e" * 64, "1" * 64, "2" * 64)
TOKENS = Tokens([b"k" * 32])


def line(minute: int, what: str, who: str = ANA, filter: str = "") -> Line:
    return Line(at=AT + timedelta(minutes=minute), what=what, who=who, filter=filter)


def test_a_line_is_read_as_it_was_written() -> None:
    for each in (line(0, "left", filter=PANAMA), line(1, "-left", filter=PANAMA), line(2, "erased")):
        assert read_line(str(each)) == each


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-28T12:00:00+00:00 left " + ANA,  # which filter?
        "2026-11-28T12:00:00+00:00 erased " + ANA + " " + PANAMA,
        "2026-11-28T12:00:00+00:00 erased " + ANA[1:],
        "2026-11-28T12:00:00 erased " + ANA,  # whose clock?
        "yesterday erased " + ANA,
        "2026-11-28T12:00:00+00:00 erased " + ANA + "\n",
    ],
)
def test_what_is_no_line_of_ours_is_passed_over(text: str) -> None:
    assert read_line(text) is None


def test_of_each_thing_the_last_line_counts_whatever_the_order_in_the_file() -> None:
    lines = [
        line(3, "-left", filter=PANAMA), line(1, "left", filter=PANAMA), line(2, "left", filter=HEALTH),
        line(4, "bounced", EVA), line(5, "-bounced", EVA), line(6, "bounced", EVA),
    ]  # fmt: skip
    assert gone(lines) == {
        ANA: Gone(left={HEALTH: AT + timedelta(minutes=2)}, suppressed={}),
        EVA: Gone(left={}, suppressed={"bounced": AT + timedelta(minutes=6)}),
    }


def test_who_took_everything_back_is_not_gone() -> None:
    assert gone([line(1, "left", filter=PANAMA), line(2, "-left", filter=PANAMA)]) == {}


def test_a_line_holds_no_address_and_no_filter() -> None:
    row = DepartureRow(
        id=1, at=AT, what="left", hash=None, address_key="ana@example.org", filter_key="country:pa"
    )
    told = line_of(row, TOKENS)
    assert told.who == TOKENS.hash(ADDRESS, "ana@example.org")
    assert told.filter == TOKENS.hash(FILTER, "country:pa")
    assert told.filter != Tokens([b"x" * 32]).hash(FILTER, "country:pa")


def test_a_hash_that_is_stored_already_is_taken_as_it_is() -> None:
    row = DepartureRow(id=1, at=AT, what="erased", hash=ANA, address_key=None, filter_key=None)
    assert line_of(row, TOKENS) == line(0, "erased")


def test_a_journal_is_for_our_eyes_only_and_takes_each_line_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "departures.log")
    assert journal.lines() == []
    assert journal.add([line(1, "erased"), line(1, "erased")]) == 1
    assert journal.add([line(1, "erased"), line(2, "blocked")]) == 1
    assert journal.lines() == [line(1, "erased"), line(2, "blocked")]
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600


def test_two_processes_write_one_journal_without_saying_things_twice(tmp_path: Path) -> None:
    one, other = (Journal(tmp_path / "departures.log") for _ in range(2))
    assert (one.add([line(1, "erased")]), other.add([line(1, "erased")])) == (1, 0)
    assert (other.add([line(2, "erased")]), one.add([line(2, "erased"), line(3, "erased")])) == (1, 1)
    assert [each.at.minute for each in one.lines()] == [1, 2, 3]


def test_a_line_torn_by_a_loss_of_power_spoils_no_other(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "departures.log")
    whole = str(line(1, "erased"))
    journal.path.write_text(f"{whole}\n{whole[:40]}")
    assert journal.add([line(1, "erased"), line(2, "erased")]) == 1
    assert journal.lines() == [line(1, "erased"), line(2, "erased")]
    assert journal.add([line(3, "erased")]) == 1
    assert journal.path.read_text().count("\n\n") == 0


def test_a_journal_that_was_taken_away_is_begun_anew_whole(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "departures.log")
    journal.add([line(1, "erased"), line(2, "erased")])
    journal.path.unlink()
    assert journal.add([line(1, "erased"), line(2, "erased")]) == 2
    assert len(journal.lines()) == 2
