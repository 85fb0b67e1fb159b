"""A file that somebody is still writing is not taken; one that changes after all is read again (F7)."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from feeds.app.parts import Parts, now
from feeds.inbox import Inbox
from feeds.intake.folders import FolderMemory, WatchedFolder
from feeds.intake.ingest import ingest_inbox, ingest_ready
from feeds.model import Outcome
from feeds.store import items

HALF = b"25 November, 2026\n\nFerry starts again\n\nIt runs every hour.\n\n"
REST = b"25 November, 2026\n\nNight school opens\n\nClasses begin at seven.\n"


def still(path: Path) -> None:
    """As if nobody had touched it for a minute."""
    os.utime(path, (time.time() - 60,) * 2)


@pytest.fixture
def folder(site: Parts) -> WatchedFolder:
    (found,) = site.watched_folders
    return found


def lies(folder: WatchedFolder, where: str = "") -> set[str]:
    return {path.name for path in (folder.inbox.root / where).iterdir() if path.is_file()}


@pytest.mark.parametrize("mode", ["wb", "r+b", "ab"])
def test_a_file_that_is_open_for_writing_is_not_taken_however_long_it_stands_still(
    folder: WatchedFolder, mode: str
) -> None:
    path = folder.inbox.root / "slow.txt"
    path.write_bytes(HALF)
    with path.open(mode) as file:
        file.write(HALF)
        file.flush()
        still(path)
        report = ingest_ready(folder, now)
        assert (report.receipts, report.failed, report.settling) == ([], [], 1)
        file.seek(0, os.SEEK_END)
        file.write(REST)
    still(path)
    (receipt,) = ingest_ready(folder, now).receipts
    assert receipt.count(Outcome.NEW) == 2


def test_a_file_that_somebody_only_reads_is_taken(folder: WatchedFolder) -> None:
    path = folder.inbox.root / "read.txt"
    path.write_bytes(HALF)
    still(path)
    with path.open("rb"):
        assert len(ingest_ready(folder, now).receipts) == 1


def test_room_that_is_reserved_is_waited_for_but_not_for_ever(folder: WatchedFolder) -> None:
    path = folder.inbox.root / "room.txt"
    path.write_bytes(HALF + b"\0" * 4096)
    still(path)
    assert ingest_ready(folder, now).receipts == []
    os.utime(path, (time.time() - 3600,) * 2)
    assert [receipt.rejected for receipt in ingest_ready(folder, now).receipts] == [True]


def test_a_filed_file_that_is_written_to_goes_back_and_is_read_again(
    folder: WatchedFolder, site: Parts
) -> None:
    memory = FolderMemory()

    def look() -> list[int]:
        report = ingest_inbox(folder, memory, now, time.monotonic)
        return [receipt.count(Outcome.NEW) for receipt in report.receipts]

    path = folder.inbox.root / "slow.txt"
    path.write_bytes(HALF)
    still(path)
    assert look() == [1]
    filed = folder.inbox.root / "done" / "slow.txt"
    with filed.open("ab") as file:
        file.write(REST)
    still(filed)
    assert look() == [1]
    assert look() == []
    assert lies(folder, "done") == {"slow.txt", "slow.txt.receipt.txt"}
    with site.store.read() as conn:
        assert items.count(conn) == 2


def restarted(folder: WatchedFolder) -> WatchedFolder:
    """The folder as another process opens it: it remembers nothing."""
    inbox = folder.inbox
    return replace(folder, inbox=Inbox(inbox.root, settle_s=inbox.settle_s, max_bytes=inbox.max_bytes))


def test_a_filed_file_that_is_written_to_while_no_process_runs_is_read_again(folder: WatchedFolder) -> None:
    path = folder.inbox.root / "slow.txt"
    path.write_bytes(HALF)
    still(path)
    assert len(ingest_ready(folder, now).receipts) == 1
    filed = folder.inbox.root / "done" / "slow.txt"
    again = restarted(folder)
    memory = FolderMemory()
    ingest_inbox(again, memory, now, time.monotonic)
    assert lies(again) == set()
    with filed.open("ab") as file:
        file.write(REST)
    ahead = time.time() + 1
    os.utime(filed, (ahead, ahead))
    last = restarted(folder)
    ingest_inbox(last, FolderMemory(), now, time.monotonic)
    assert lies(last) == {"slow.txt"}
    still(folder.inbox.root / "slow.txt")
    (receipt,) = ingest_ready(restarted(folder), now).receipts
    assert (receipt.count(Outcome.SAME), receipt.count(Outcome.NEW)) == (1, 1)


def test_a_filed_file_that_nobody_wrote_to_stays_however_other_it_is(folder: WatchedFolder) -> None:
    path = folder.inbox.root / "a.txt"
    path.write_bytes(HALF)
    still(path)
    ingest_ready(folder, now)
    filed = folder.inbox.root / "done" / "a.txt"
    filed.write_bytes(REST)
    still(filed)  # older than its filing: put there by somebody, not written on
    ingest_inbox(restarted(folder), FolderMemory(), now, time.monotonic)
    assert lies(folder) == set()


def test_one_name_in_two_spellings_is_one_name(folder: WatchedFolder, site: Parts) -> None:
    for name, text in (("boletín.txt", HALF), ("boleti\u0301n.txt", HALF.replace(b"again", b"anew"))):
        (folder.inbox.root / name).write_bytes(
            text + b"Tickets are sold on board, and nowhere else at all.\n"
        )
        still(folder.inbox.root / name)
        (receipt,) = ingest_ready(folder, now).receipts
        assert receipt.name == "boletín.txt"
    assert receipt.count(Outcome.CHANGED) == 1
    for name in ("boletín.txt", "boleti\u0301n.txt"):
        (folder.inbox.root / name).write_bytes(HALF)
        still(folder.inbox.root / name)
    assert len(ingest_ready(folder, now).receipts) == 2  # both at once, too
    assert lies(folder) == set()
