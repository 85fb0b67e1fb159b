"""Taking back by the folder: a held file that is deleted, moved or replaced; and every doubt about it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from feeds import config
from feeds.app.founding import with_values
from feeds.app.parts import Parts
from feeds.inbox.held import MARK
from feeds.intake.folders import WatchedFolder
from feeds.intake.letting_go import release_now
from feeds.model import FOLDER, WAITS, Act
from feeds.store import audit
from feeds.store.schema import notice
from holding import GLUED, NOW, drop, ingest, lying, put, rows, slip, summaries, titles


@pytest.fixture
def office(tmp_path: Path, founded: Path, tables: object) -> Iterator[Parts]:
    """A site that holds bulletins for ten minutes, lets doubtful ones wait and mails its receipts."""
    file = Path(shutil.copytree(founded, tmp_path / "office")) / "config" / "feeds.toml"
    values = {
        "inbox.hold": "10.0", "inbox.settle": "0.0", "inbox.doubtful": '"wait"',
        "inbox.receipts_to": '"press@example.org"',
    }  # fmt: skip
    file.write_text(with_values(file.read_text(encoding="utf-8"), values), encoding="utf-8")
    parts = Parts(config.load(file))
    parts.__dict__["_labels"] = tables
    yield parts
    parts.store.close()


@pytest.fixture
def folder(office: Parts) -> WatchedFolder:
    (folder,) = office.watched_folders
    return folder


def held(folder: WatchedFolder, name: str = "a.txt") -> Path:
    return folder.inbox.root / "held" / name


def mailed(folder: WatchedFolder) -> list[str]:
    with folder.store.read() as conn:
        return list(conn.scalars(select(notice.c.subject).order_by(notice.c.id)))


def acts(folder: WatchedFolder) -> list[tuple[Act, str]]:
    with folder.store.read() as conn:
        return [(line.act, line.way) for line in audit.listing(conn, limit=9)]


def undone(folder: WatchedFolder) -> list[bool]:
    return [row.receipt.undone_at is not None for row in rows(folder)]


@pytest.mark.parametrize("to", [None, "done/a.txt", "../a.txt"])
def test_a_held_file_that_is_deleted_or_moved_is_taken_back_at_the_second_look(
    folder: WatchedFolder, to: str | None
) -> None:
    drop(folder)
    ingest(folder)
    held(folder).unlink() if to is None else held(folder).rename(folder.inbox.root / to)
    ingest(folder, 1)
    assert undone(folder) == [False]  # one look is no look
    ingest(folder, 2)
    assert undone(folder) == [True]
    assert ingest(folder, 60 * 24).receipts == []
    assert summaries(folder) == []
    assert acts(folder) == [(Act.TAKEN_BACK, FOLDER.way)]
    assert "Taken back 18 November 2026, 12:02 UTC" in slip(folder, "undone")
    assert mailed(folder)[-1].startswith("Taken back: a.txt")


def test_the_deadline_between_the_two_looks_announces_nothing(folder: WatchedFolder) -> None:
    drop(folder)
    ingest(folder)
    held(folder).unlink()
    ingest(folder, 11)
    assert summaries(folder) == []
    ingest(folder, 12)
    assert undone(folder) == [True]
    assert summaries(folder) == []


def test_a_file_that_comes_back_between_two_looks_goes_at_its_time(folder: WatchedFolder) -> None:
    drop(folder)
    ingest(folder)
    aside = folder.inbox.root.parent / "aside.txt"
    held(folder).rename(aside)
    ingest(folder, 1)
    aside.rename(held(folder))
    ingest(folder, 2)
    held(folder).rename(aside)
    ingest(folder, 3)
    aside.rename(held(folder))
    assert len(ingest(folder, 11).receipts) == 1
    assert len(summaries(folder)) == 1


def test_a_file_that_is_replaced_in_held_is_read_anew(folder: WatchedFolder) -> None:
    drop(folder, what="WRONG")
    ingest(folder)
    held(folder).write_text(held(folder).read_text(encoding="utf-8").replace("WRONG", "RIGHT"))
    ingest(folder, 1)
    ingest(folder, 2)
    assert undone(folder) == [True, False]
    assert summaries(folder) == []
    ingest(folder, 14)
    assert ["RIGHT" in each for each in summaries(folder)] == [True]
    assert lying(folder, "held") == []


def test_a_file_that_is_moved_back_into_the_inbox_is_held_anew(folder: WatchedFolder) -> None:
    drop(folder)
    ingest(folder)
    held(folder).rename(folder.inbox.root / "a.txt")
    ingest(folder, 5)
    ingest(folder, 6)
    assert undone(folder) == [True, False]
    assert ingest(folder, 14).receipts == []
    assert len(ingest(folder, 17).receipts) == 1
    assert len(summaries(folder)) == 1


def test_a_file_in_doubt_is_taken_back_by_deleting_it(folder: WatchedFolder) -> None:
    put(folder, GLUED)
    ingest(folder)
    held(folder).unlink()
    ingest(folder, 1)
    ingest(folder, 2)
    assert undone(folder) == [True]


@pytest.mark.parametrize("what", ["folder", "mark", "other host", "other device"])
def test_in_any_doubt_it_waits_for_a_person_and_a_receipt_says_so(
    folder: WatchedFolder, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    drop(folder)
    ingest(folder)
    if what == "folder":
        shutil.rmtree(held(folder).parent)
    else:
        held(folder).unlink()
    if what == "mark":
        held(folder, MARK).unlink()
    if what == "other host":
        monkeypatch.setattr(folder.inbox.held, "host", "another")
    if what == "other device":
        here = folder.inbox.held.here
        monkeypatch.setattr(folder.inbox.held, "here", lambda: moved(here()))
    for minutes in (1, 2, 11):
        ingest(folder, minutes)
    (row,) = rows(folder)
    assert row.receipt.held_until == NOW + timedelta(minutes=10)  # its host may still come
    ingest(folder, 12)
    ingest(folder, 60 * 24)
    (row,) = rows(folder)
    assert (row.receipt.held_until, row.receipt.undone_at) == (WAITS, None)
    assert summaries(folder) == []
    assert [line.fault.code for line in row.receipt.lines if line.fault] == ["held-file-gone"]
    assert len([each for each in mailed(folder) if each.startswith("Waits for you: a.txt")]) == 1
    # A person decides, and the file counts no more.
    assert release_now(folder.store, row.id, NOW)
    ingest(folder, 60 * 25)
    assert len(summaries(folder)) == 1


def moved(place: object) -> object:
    from dataclasses import replace

    from feeds.inbox.held import Place

    return replace(place, device=place.device + 1) if isinstance(place, Place) else None


def test_a_file_that_lies_there_goes_whatever_the_host_is_called(
    folder: WatchedFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(folder)
    ingest(folder)
    monkeypatch.setattr(folder.inbox.held, "host", "another")
    ingest(folder, 11)
    assert len(summaries(folder)) == 1


def test_a_good_file_does_not_wait_for_a_doubtful_newer_one_which_says_so(folder: WatchedFolder) -> None:
    drop(folder)
    ingest(folder)
    put(folder, GLUED)
    ingest(folder, 5)
    assert [row.receipt.held_until for row in rows(folder)] == [NOW + timedelta(minutes=10), WAITS]
    (line,) = [line for line in rows(folder)[1].receipt.lines if line.fault and not line.line]
    assert line.fault is not None
    assert (line.fault.code, line.fault.detail) == ("earlier-held", "2026-11-18 12:10 (UTC)")
    ingest(folder, 11)
    assert titles(folder) == {"A school opens in Panama"}
    assert undone(folder) == [False, False]


def test_a_file_that_was_never_in_held_gives_way_to_the_one_that_replaced_it(
    folder: WatchedFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was overwritten in the inbox between its acceptance and its move."""
    drop(folder, what="WRONG")
    real = folder.inbox.file_away

    def overwritten(*args: object) -> str:
        put(folder, "18 November, 2026\n\nA school opens in Panama\n\nChildren and parents RIGHT there.\n")
        return real(*args)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(folder.inbox, "file_away", overwritten)
        ingest(folder)
    assert [row.place for row in rows(folder)] == [""]
    ingest(folder, 1)
    assert undone(folder) == [True, False]
    ingest(folder, 12)
    assert ["RIGHT" in each for each in summaries(folder)] == [True]


def test_bulletins_that_were_held_before_this_go_by_their_time(folder: WatchedFolder) -> None:
    """As a release before left them: nothing is known of where their files were put."""
    from feeds.store import bulletins

    drop(folder)
    ingest(folder)
    (row,) = rows(folder)
    folder.store.transact(lambda conn: bulletins.release(conn, row.id, NOW + timedelta(minutes=10)))
    held(folder).unlink()
    ingest(folder, 11)
    assert len(summaries(folder)) == 1
