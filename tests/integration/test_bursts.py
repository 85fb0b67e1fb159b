"""Many files at once: each becomes what it would have become alone."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conftest import RunFeeds
from feeds.app.ahead import FEWEST_FILES, examiner_for
from feeds.app.parts import Parts
from feeds.intake import ingest, parting
from feeds.intake.examining import Examined, IngestRules
from feeds.intake.failing import FAILURES_UNTIL_PARKED
from feeds.intake.folders import IngestReport
from feeds.intake.ingest import ingest_ready
from feeds.intake.parting import AT_ONCE, Examiner
from feeds.model import Outcome
from feeds.store import Refused, bulletins, history, items

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
TEXT = "Children and their parents learn there to read, to write and to reckon, every day from Monday on."


def drop(parts: Parts, name: str, text: str) -> None:
    path = parts.inbox.root / name
    path.write_text(text, encoding="utf-8")
    os.utime(path, (NOW.timestamp() - 600 + len(list(parts.inbox.root.iterdir())),) * 2)


def item(day: int, title: str, text: str = TEXT) -> str:
    return f"{day} November, 2026\n\n{title}\n\n{text}\n\n"


def take_in(parts: Parts, examiner: Examiner = AT_ONCE) -> IngestReport:
    return ingest_ready(parts.watched_folders[0], lambda: NOW, "all", examiner=examiner)


def outcomes(report: IngestReport) -> list[list[tuple[str, str]]]:
    return [[(str(line.outcome), line.reason) for line in one.lines] for one in report.receipts]


def test_a_correction_in_the_same_burst_as_its_item_is_a_revision_of_it(site: Parts) -> None:
    drop(site, "a.txt", item(1, "A school opens in Panama"))
    drop(site, "b.txt", item(1, "A school opens in Panama", TEXT.replace("Monday", "Tuesday")))
    drop(site, "c.txt", item(1, "A school opens in Panama"))
    found = take_in(site)
    assert outcomes(found) == [[("new", "")], [("changed", "summary")], [("same", "earlier wording")]]
    with site.store.read() as conn:
        (one,) = items.listing(conn, limit=9)
        (before,) = history.revisions(conn, one.id)
    assert "Tuesday" in one.summary
    assert "Monday" in before.summary
    assert one.updated_at > one.accepted_at


def test_two_items_of_one_day_and_title_in_a_file_stay_two_when_the_file_is_read_again(site: Parts) -> None:
    twice = item(1, "A school opens in Panama") + item(1, "A school opens in Panama", "Later there is more.")
    drop(site, "a.txt", twice)
    assert outcomes(take_in(site)) == [[("new", ""), ("new", ""), ("note", "")]]
    for _ in range(2):
        drop(site, "a.txt", twice)
        assert outcomes(take_in(site)) == [[("same", ""), ("same", "")]]


@pytest.mark.parametrize("at_once", [1, 3, 10_000])
def test_how_many_share_a_transaction_changes_nothing(
    site: Parts, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(parting, "ITEMS_AT_ONCE", at_once)
    for number in range(8):
        drop(site, f"{number}.txt", item(number % 4 + 1, f"A school opens in Panama {number % 4}"))
    drop(site, "bad.txt", "no date here\n")
    report = take_in(site)
    assert [report.count(outcome) for outcome in (Outcome.NEW, Outcome.SAME)] == [4, 4]
    assert sorted(path.name for path in (site.inbox.root / "rejected").iterdir()) == [
        "bad.txt",
        "bad.txt.receipt.txt",
    ]
    with site.store.read() as conn:
        instants = [one.updated_at for one in items.listing(conn, limit=9)]
    assert len(set(instants)) == 4


def test_a_file_that_we_fail_on_in_a_burst_stays_and_the_others_are_taken(
    site: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ingest.accept

    def failing(store, rules, files, *rest, **named):
        if any(file.name == "2.txt" for file in files):
            raise ZeroDivisionError
        return whole(store, rules, files, *rest, **named)

    monkeypatch.setattr(ingest, "accept", failing)
    for number in range(5):
        drop(site, f"{number}.txt", item(number + 1, f"A school opens in Panama {number}"))
    report = take_in(site)
    assert report.failed == [("2.txt", "this program failed on it (ZeroDivisionError); it is tried again")]
    assert report.count(Outcome.NEW) == 4
    assert [path.name for path in site.inbox.root.glob("*.txt")] == ["2.txt"]


@pytest.fixture
def burst(site: Parts) -> Parts:
    for number in range(FEWEST_FILES):
        drop(site, f"{number:03}.txt", item(number % 28 + 1, f"School number {number} opens in Panama"))
    return site


def contents(parts: Parts) -> list[tuple[str, ...]]:
    with parts.store.read() as conn:
        found = items.listing(conn, limit=FEWEST_FILES)
    return sorted((one.id, one.title, one.summary, str(one.labels)) for one in found)


def test_a_second_process_reads_what_one_alone_would(burst: Parts, feeds: RunFeeds) -> None:
    parts = burst
    alone = {path.name: path.read_bytes() for path in parts.inbox.root.glob("*.txt")}
    found = feeds("--config", parts.settings.file, "ingest", "--notify")
    assert found.code == 0
    with_help = contents(parts)
    assert len(with_help) == FEWEST_FILES
    for name, data in alone.items():
        (parts.inbox.root / "done" / name).unlink()
        drop(parts, name, data.decode())
    assert take_in(parts).count(Outcome.SAME) == FEWEST_FILES
    assert contents(parts) == with_help


def test_when_the_second_process_is_killed_the_first_reads_on(burst: Parts) -> None:
    with examiner_for(burst.watched_folders) as examiner:
        (child,) = _children()
        begun = []

        def begin(*file: object) -> object:
            begun.append(file)
            if len(begun) == FEWEST_FILES // 2:
                os.kill(child, signal.SIGKILL)
            return examiner.begin(*file)

        report = take_in(burst, Examiner(examiner.ahead, begin))
    assert report.failed == []
    assert report.count(Outcome.NEW) == FEWEST_FILES
    assert _children() == []


def test_a_few_files_need_no_second_process(site: Parts) -> None:
    drop(site, "a.txt", item(1, "A school opens in Panama"))
    with examiner_for(site.watched_folders) as examiner:
        assert examiner is AT_ONCE
        assert _children() == []


def _children() -> list[int]:
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def test_a_date_from_tomorrow_on_is_warned_of_and_the_item_is_taken(site: Parts) -> None:
    drop(site, "a.txt", item(18, "A school opens in Panama"))
    drop(site, "b.txt", item(19, "A school opens in Peru"))
    assert outcomes(take_in(site)) == [[("new", "")], [("new", ""), ("warning", "")]]
    receipt = (site.inbox.root / "done" / "b.txt.receipt.txt").read_text(encoding="utf-8")
    assert "Line 1: The item is dated ahead, and shown now all the same: 2026-11-19." in receipt


def test_the_offices_own_id_finds_the_item_again_through_a_new_title_day_and_text(site: Parts) -> None:
    head = "---\nid: press-118\ntitle: {}\ndate: {} November, 2026\n---\n\n{}\n"
    drop(site, "a.md", head.format("A school opens in Panama", 1, TEXT))
    drop(site, "b.md", head.format("Many schools open in Panama", 16, "Quite another text."))
    drop(site, "c.md", head.format("A school opens in Panama", 1, TEXT).replace("118", "119"))
    first, second, third = outcomes(take_in(site))
    assert (first, second, third) == ([("new", "")], [("changed", "title, date, summary")], [("new", "")])
    with site.store.read() as conn:
        assert [one.title for one in items.listing(conn, limit=9)] == [
            "Many schools open in Panama",
            "A school opens in Panama",
        ]


def test_of_two_that_take_in_one_burst_each_file_is_taken_by_one(site: Parts) -> None:
    for number in range(6):
        drop(site, f"{number}.txt", item(number + 1, f"A school opens in Panama {number}"))

    def begin(rules: IngestRules, name: str, data: bytes) -> Callable[[], Examined]:
        """By the time the last file is read here, another process has taken in all."""
        if name == "5.txt":
            others.append(take_in(opened(site)))
        return AT_ONCE.begin(rules, name, data)

    others: list[IngestReport] = []
    mine = take_in(site, Examiner(ahead=0, begin=begin))
    assert [len(others[0].receipts), len(mine.receipts)] == [6, 0]
    assert len(list((site.inbox.root / "done").glob("*.receipt.txt"))) == 6
    with site.store.read() as conn:
        assert len(bulletins.listing(conn, 99)) == 6


def opened(parts: Parts) -> Parts:
    """The same site in another process, as far as its parts know."""
    other = Parts(parts.settings)
    other.__dict__["_labels"] = parts._labels
    return other


@pytest.mark.parametrize("where", ["reading", "storing"])
def test_a_file_on_which_we_fail_is_parked_at_the_third_time_whatever_process_tries(
    site: Parts, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def failing() -> Examined:
        raise ZeroDivisionError

    def accept(store, rules, files, *rest, **named):
        return (
            [failing()] if any(file.drafts for file in files) else whole(store, rules, files, *rest, **named)
        )

    whole, examiner = ingest.accept, AT_ONCE
    if where == "reading":
        examiner = Examiner(ahead=0, begin=lambda *_: failing)
    else:
        monkeypatch.setattr(ingest, "accept", accept)
    drop(site, "a.txt", item(1, "A school opens in Panama"))
    for _ in range(FAILURES_UNTIL_PARKED - 1):
        report = take_in(opened(site), examiner)
        assert (len(report.failed), report.receipts) == (1, [])
    (receipt,) = take_in(opened(site), examiner).receipts
    assert receipt.rejected
    assert (site.inbox.root / "rejected" / "a.txt").exists()


def test_rows_that_the_database_refuses_hold_up_no_other_file(
    site: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ingest.accept

    def refusing(store, rules, files, *rest, **named):
        if any(file.name == "2.txt" and file.drafts for file in files):
            raise Refused("The database refused rows that break its rules.")
        return whole(store, rules, files, *rest, **named)

    monkeypatch.setattr(ingest, "accept", refusing)
    for number in range(4):
        drop(site, f"{number}.txt", item(number + 1, f"A school opens in Panama {number}"))
    report = take_in(site)
    assert (report.count(Outcome.NEW), [name for name, _ in report.failed]) == (3, ["2.txt"])
    for _ in range(FAILURES_UNTIL_PARKED - 1):
        report = take_in(site)
    assert [one.rejected for one in report.receipts] == [True]


def test_a_file_that_we_cannot_even_open_holds_up_no_other(
    site: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def take(name: str) -> bytes:
        return {}[name] if name == "1.txt" else whole(name)

    (folder,) = site.watched_folders
    whole = folder.inbox.take
    monkeypatch.setattr(folder.inbox, "take", take)
    for number in range(3):
        drop(site, f"{number}.txt", item(number + 1, f"A school opens in Panama {number}"))
    report = ingest_ready(folder, lambda: NOW, "all")
    assert (report.count(Outcome.NEW), [name for name, _ in report.failed]) == (2, ["1.txt"])
