"""The hold window: nothing is announced before it ends, and till then the whole file can be taken back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conftest import RunFeeds
from feeds import config
from feeds.app.founding import with_values
from feeds.app.parts import Parts, now
from feeds.cli.site import facts
from feeds.inbox import shown_name
from feeds.intake import examining, filing, releasing
from feeds.intake.acceptance import let_go
from feeds.intake.examining import examine
from feeds.intake.failing import FAILURES_UNTIL_PARKED
from feeds.intake.folders import WatchedFolder
from feeds.intake.ingest import ingest_ready
from feeds.intake.undoing import undo
from feeds.model import Act, BulletinReceipt, Outcome
from feeds.publishing.publish import publish
from feeds.store import audit, bulletins, history
from holding import GLUED, NEWS, NOW, drop, ingest, lying, put, rows, slip, summaries, titles


@pytest.fixture
def holding(tmp_path: Path, founded: Path, tables: object) -> Iterator[Parts]:
    """A site that holds bulletins for ten minutes."""
    file = Path(shutil.copytree(founded, tmp_path / "holding")) / "config" / "feeds.toml"
    values = {"inbox.hold": "10.0", "inbox.settle": "0.0"}
    file.write_text(with_values(file.read_text(encoding="utf-8"), values), encoding="utf-8")
    parts = Parts(config.load(file))
    parts.__dict__["_labels"] = tables
    yield parts
    parts.store.close()


@pytest.fixture
def folder(holding: Parts) -> WatchedFolder:
    (folder,) = holding.watched_folders
    return folder


def test_a_held_bulletin_is_announced_when_its_time_is_over_and_not_before(
    holding: Parts, folder: WatchedFolder
) -> None:
    drop(folder)
    (receipt,) = ingest(folder).receipts
    assert receipt.count(Outcome.NEW) == 1
    assert facts(holding)["held_bulletins"] == 1
    assert "Held until 18 November 2026, 12:10 UTC" in " ".join(slip(folder, "held").split())
    publish(holding.store, holding.press)
    assert b"<entry" not in (holding.press.public.read("feeds/all.atom") or b"")
    assert ingest(folder, 9).receipts == []
    (done,) = ingest(folder, 11).receipts
    assert done.held_until is None
    publish(holding.store, holding.press)
    assert (holding.press.public.read("feeds/all.atom") or b"").count(b"<entry") == 1
    assert lying(folder, "done") == ["a.txt", "a.txt.receipt.txt"]
    assert lying(folder, "held") == []
    assert ingest(folder, 12).receipts == []


def test_a_newer_file_of_the_name_corrects_the_held_one_before_anything_is_announced(
    folder: WatchedFolder,
) -> None:
    drop(folder, what="WRONG")
    ingest(folder)
    drop(folder, what="RIGHT")
    ingest(folder, 6)
    assert ingest(folder, 11).receipts == []  # the first one waits for the second
    first, second = ingest(folder, 17).receipts
    assert [one.lines[0].outcome for one in (first, second)] == [Outcome.NEW, Outcome.CHANGED]
    (only,) = summaries(folder)
    assert "RIGHT" in only


def test_undo_by_name_takes_back_every_held_file_of_the_name(
    folder: WatchedFolder, holding: Parts, feeds: RunFeeds
) -> None:
    for what in ("WRONG", "RIGHT"):
        drop(folder, what=what)
        assert feeds("--config", holding.settings.file, "ingest").code == 0
    drop(folder, "b.txt", "to count")
    assert feeds("--config", holding.settings.file, "ingest").code == 0
    done = feeds("--config", holding.settings.file, "bulletins", "undo", "a.txt")
    assert done.code == 0
    assert "2 files of that name" in done.out
    assert ingest_ready(folder, lambda: datetime.now(UTC) + timedelta(hours=1)).count(Outcome.NEW) == 1
    assert [one.receipt.undone_at is not None for one in rows(folder)] == [True, True, False]
    assert lying(folder, "undone") == ["a.txt", "a.txt.receipt.txt", "a~2.txt", "a~2.txt.receipt.txt"]
    again = feeds("--config", holding.settings.file, "bulletins", "undo", "a.txt")
    assert (again.code, "was undone before" in again.err) == (2, True)


def test_undo_by_number_takes_back_that_file_alone(
    folder: WatchedFolder, holding: Parts, feeds: RunFeeds
) -> None:
    for what in ("one", "two"):
        drop(folder, what=what)
        assert feeds("--config", holding.settings.file, "ingest").code == 0
    assert feeds("--config", holding.settings.file, "bulletins", "undo", str(rows(folder)[1].id)).code == 0
    ingest_ready(folder, lambda: datetime.now(UTC) + timedelta(hours=1))
    (only,) = summaries(folder)
    assert "one" in only


def test_an_undone_bulletin_is_never_announced_and_says_so(
    folder: WatchedFolder, holding: Parts, feeds: RunFeeds
) -> None:
    drop(folder)
    ingest(folder)
    assert undo(folder, rows(folder)[0], NOW + timedelta(minutes=2))
    assert not undo(folder, rows(folder)[0], NOW + timedelta(minutes=3))
    assert ingest(folder, 60 * 24).receipts == []
    assert summaries(folder) == []
    words = "Taken back 18 November 2026, 12:02 UTC: nothing of it was announced."
    assert words in slip(folder, "undone")
    assert words in feeds("--config", holding.settings.file, "bulletins", "show", "a.txt").out
    told = feeds("--config", holding.settings.file, "bulletins", "show", "a.txt", "--json").out
    assert '"state": "undone"' in told


def test_a_file_that_could_not_be_moved_to_held_is_not_taken_in_after_its_undo(
    folder: WatchedFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> str:
        raise PermissionError(13, "Permission denied")

    drop(folder)
    with monkeypatch.context() as patch:
        patch.setattr(folder.inbox, "file_away", refuse)
        ((_, reason),) = ingest(folder).failed
    assert reason == "it was taken in, but cannot be moved (Permission denied)"
    assert undo(folder, rows(folder)[0], NOW)
    assert lying(folder, "undone") == ["a.txt", "a.txt.receipt.txt"]
    assert ingest(folder, 11).receipts == []
    assert summaries(folder) == []


def test_a_kill_after_letting_go_files_the_bulletin_at_the_next_start(folder: WatchedFolder) -> None:
    drop(folder)
    ingest(folder)
    with folder.store.read() as conn:
        ((row, data),) = bulletins.held(conn, NOW + timedelta(minutes=11))
    let_go(folder.store, folder.rules, row, examine(folder.rules, row.name, data), NOW)
    assert ingest(folder, 12).receipts == []
    assert lying(folder, "done") == ["a.txt", "a.txt.receipt.txt"]
    assert lying(folder, "held") == []


def test_a_name_that_is_no_utf8_is_released_and_retried_like_any_other(folder: WatchedFolder) -> None:
    name = os.fsdecode(b"bolet\xedn.txt")
    drop(folder, name)
    ingest(folder)
    ingest(folder, 11)
    assert (folder.inbox.root / "done" / name).exists()
    assert lying(folder, "held") == []
    assert folder.inbox.put_back(shown_name(name), "done") == name
    assert (folder.inbox.root / name).exists()


def test_a_held_bulletin_that_fails_holds_up_no_other_and_is_parked_at_the_third_time(
    folder: WatchedFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(rules: examining.IngestRules, name: str, data: bytes) -> examining.Examined:
        if b"boom" in data:
            raise ZeroDivisionError
        return examine(rules, name, data)

    drop(folder, "boom.txt", "boom")
    ingest(folder)
    monkeypatch.setattr(releasing, "examine", failing)
    outcomes: list[list[tuple[str, bool]]] = []
    for time in range(FAILURES_UNTIL_PARKED):
        drop(folder, f"good-{time}.txt", f"number {time}")
        outcomes.append([(one.name, one.rejected) for one in ingest(folder, 11 + time).receipts])
    good = [[(f"good-{time}.txt", False)] for time in range(FAILURES_UNTIL_PARKED)]
    assert outcomes == [*good[:-1], [("boom.txt", True), *good[-1]]]
    assert lying(folder, "rejected") == ["boom.txt", "boom.txt.receipt.txt"]
    assert "That is our fault, not yours" in " ".join(slip(folder, "rejected", "boom.txt").split())


def test_a_held_bulletin_that_cannot_be_moved_holds_up_no_other_and_is_moved_later(
    folder: WatchedFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.txt", "b.txt"):
        drop(folder, name, name)
    ingest(folder)

    def refuse(*_: object) -> str:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(folder.inbox, "refile", refuse)
        report = ingest(folder, 11)
    assert [name for name, _ in report.failed] == ["a.txt", "b.txt"]
    assert len(report.receipts) == 2
    ingest(folder, 12)
    assert len(lying(folder, "done")) == 4
    assert lying(folder, "held") == []


def test_retry_leaves_a_held_bulletin_where_it_is(
    folder: WatchedFolder, holding: Parts, feeds: RunFeeds
) -> None:
    drop(folder)
    ingest(folder)
    found = feeds("--config", holding.settings.file, "bulletins", "retry", "a.txt")
    assert (found.code, "is held" in found.err) == (2, True)
    assert lying(folder, "held") == ["a.txt", "a.txt.receipt.txt"]


def test_a_correction_held_after_its_item_was_announced_is_one_revision(folder: WatchedFolder) -> None:
    drop(folder, what="to read")
    ingest(folder)
    ingest(folder, 11)
    drop(folder, what="to write")
    ingest(folder, 12)
    receipt: BulletinReceipt = ingest(folder, 23).receipts[0]
    assert receipt.lines[0].outcome is Outcome.CHANGED
    with folder.store.read() as conn:
        assert len(history.revisions(conn, str(receipt.lines[0].item_id))) == 1


EMBARGOED = (
    "---\ntitle: Minister resigns\ndate: 2026-11-18\nembargo: {}\n---\n\nThe text that nobody may read yet.\n"
)


@pytest.mark.parametrize("named", [False, True])
def test_a_file_whose_head_names_an_instant_to_come_is_held_until_then(
    site: Parts, named: bool, feeds: RunFeeds, tmp_path: Path
) -> None:
    (folder,) = site.watched_folders
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    text = EMBARGOED.format(later.isoformat())
    path = (tmp_path if named else folder.inbox.root) / "a.md"
    path.write_text(text, encoding="utf-8")
    os.utime(path, (1, 1))
    if named:
        assert feeds("--config", site.settings.file, "ingest", path).code == 0
    else:
        (receipt,) = ingest_ready(folder, lambda: datetime.now(UTC)).receipts
        assert receipt.held_until == later
        assert [line.fault.code for line in receipt.lines if line.fault] == ["embargoed"]
    (row,) = rows(folder)
    assert row.receipt.held_until == later
    assert summaries(folder) == []  # nothing of it is outside (P12)
    assert ingest_ready(folder, lambda: later - timedelta(seconds=1)).receipts == []
    (done,) = ingest_ready(folder, lambda: later).receipts
    assert (done.count(Outcome.NEW), done.held_until) == (1, None)
    assert summaries(folder) == ["The text that nobody may read yet."]
    assert [line.fault for line in done.lines if line.fault] == []


def test_an_embargo_and_a_hold_wait_for_the_later_of_the_two(folder: WatchedFolder) -> None:
    for name, minutes in (("a.md", 3), ("b.md", 90)):
        at = NOW + timedelta(minutes=minutes)
        (folder.inbox.root / name).write_text(EMBARGOED.format(at.isoformat()), encoding="utf-8")
        os.utime(folder.inbox.root / name, (1, 1))
    ingest(folder)
    assert [row.receipt.held_until for row in rows(folder)] == [
        NOW + timedelta(minutes=10), NOW + timedelta(minutes=90),
    ]  # fmt: skip


def of_doubtful(tmp_path: Path, founded: Path, tables: object, values: dict[str, str]) -> Parts:
    file = Path(shutil.copytree(founded, tmp_path / "doubtful")) / "config" / "feeds.toml"
    values = {"inbox.settle": "0.0", "inbox.doubtful": '"wait"', **values}
    file.write_text(with_values(file.read_text(encoding="utf-8"), values), encoding="utf-8")
    parts = Parts(config.load(file))
    parts.__dict__["_labels"] = tables
    return parts


@pytest.fixture
def waiting(tmp_path: Path, founded: Path, tables: object) -> Iterator[Parts]:
    """A site in which a doubtful file waits for the press office, which gets receipts."""
    parts = of_doubtful(tmp_path, founded, tables, {"inbox.receipts_to": '"press@example.org"'})
    yield parts
    parts.store.close()


def test_a_file_in_doubt_waits_whatever_time_passes_and_says_why(waiting: Parts) -> None:
    (folder,) = waiting.watched_folders
    put(folder, GLUED)
    ingest(folder)
    ingest(folder, minutes=60 * 24 * 365)
    assert titles(folder) == set()
    told = slip(folder, "held")
    assert "in doubt" in told
    assert "28 Novembr" in told
    assert "9999" not in told


def test_a_person_lets_it_go_and_that_is_written_down(waiting: Parts, feeds: RunFeeds) -> None:
    (folder,) = waiting.watched_folders
    put(folder, GLUED)
    ingest(folder)
    ran = feeds("--config", waiting.settings.file, "bulletins", "release", "a.txt")
    assert ran.code == 0
    ingest_ready(folder, now)
    assert len(titles(folder)) == 2
    assert lying(folder, "held") == []
    with folder.store.read() as conn:
        assert [line.act for line in audit.listing(conn, limit=9)] == [Act.RELEASED]
    assert feeds("--config", waiting.settings.file, "bulletins", "release", "a.txt").code == 2


def test_the_mended_file_takes_the_place_of_the_one_that_waits(waiting: Parts, feeds: RunFeeds) -> None:
    (folder,) = waiting.watched_folders
    put(folder, GLUED)
    ingest(folder)
    put(folder, GLUED.replace("28 Novembr\n", "16 November, 2026\n"))
    ingest(folder, minutes=1)
    assert len(titles(folder)) == 3
    assert [row.receipt.undone_at is not None for row in rows(folder)] == [True, False]
    assert lying(folder, "undone") == ["a.txt", "a.txt.receipt.txt"]
    assert feeds("--config", waiting.settings.file, "bulletins", "release", "1").code == 2


def test_the_old_one_gives_way_also_when_a_kill_came_between(
    waiting: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it could be let go later, and its old words would take the place of the mended ones."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    (folder,) = waiting.watched_folders
    put(folder, GLUED)
    ingest(folder)
    put(folder, GLUED.replace("28 Novembr\n", "16 November, 2026\n"))
    with monkeypatch.context() as patched:
        patched.setattr(filing, "replace_waiting", killed)
        with pytest.raises(KeyboardInterrupt):
            ingest(folder, minutes=1)
    assert [row.receipt.undone_at is not None for row in rows(folder)] == [False, False]
    ingest(folder, minutes=2)
    assert [row.receipt.undone_at is not None for row in rows(folder)] == [True, False]
    assert len(titles(folder)) == 3


@pytest.mark.parametrize(
    "text", [NEWS.format(what="x"), GLUED.replace("28 Novembr\n", "16 November, 2026\n")]
)
def test_a_file_without_doubt_does_not_wait(waiting: Parts, text: str) -> None:
    (folder,) = waiting.watched_folders
    put(folder, text)
    ingest(folder)
    assert titles(folder)


@pytest.mark.parametrize(
    "line",
    ["31 November, 2026", "Sept 31st, 2026", "24 November", "28 November, 2062"],
)
def test_days_that_are_none_or_lie_ahead_are_in_doubt(waiting: Parts, line: str) -> None:
    (folder,) = waiting.watched_folders
    put(folder, f"18 November, 2026\n\nOne\n\nText.\n\n{line}\n\nTwo\n\nText two.\n")
    ingest(folder)
    assert titles(folder) == set()


def test_an_embargo_holds_also_after_a_person_let_the_file_go(waiting: Parts, feeds: RunFeeds) -> None:
    (folder,) = waiting.watched_folders
    put(folder, "---\nembargo: 2099-01-01 10:00\n---\n\n" + GLUED)
    ingest(folder)
    assert feeds("--config", waiting.settings.file, "bulletins", "release", "a.txt").code == 0
    ingest_ready(folder, now)
    assert titles(folder) == set()
    (row,) = rows(folder)
    assert row.receipt.held_until is not None
    assert row.receipt.held_until.year in (2098, 2099)


def test_where_nobody_hears_of_it_the_file_goes_without_what_is_in_doubt(
    tmp_path: Path, founded: Path, tables: object
) -> None:
    parts = of_doubtful(tmp_path, founded, tables, {})
    (folder,) = parts.watched_folders
    put(folder, GLUED)
    ingest(folder)
    assert titles(folder) == {"A road opens in Mexico"}
    told = slip(folder, "done")
    assert "so it was not taken" in " ".join(told.split())
    parts.store.close()


def test_a_file_that_a_person_names_never_waits(waiting: Parts, feeds: RunFeeds, tmp_path: Path) -> None:
    path = tmp_path / "named.txt"
    path.write_text(GLUED, encoding="utf-8")
    feeds("--config", waiting.settings.file, "ingest", path)
    (folder,) = waiting.watched_folders
    assert len(titles(folder)) == 2


def test_a_new_site_is_safe_and_one_that_is_there_is_told(feeds: RunFeeds, tmp_path: Path) -> None:
    assert feeds("init", tmp_path / "new").code == 0
    file = tmp_path / "new" / "config" / "feeds.toml"
    settings = config.load(file)
    assert (settings.inbox.hold, settings.inbox.doubtful) == (10.0, "wait")
    assert "receipts_to is empty" in feeds("--config", file, "check").out
    text = file.read_text(encoding="utf-8")
    file.write_text("\n".join(line for line in text.splitlines() if not line.startswith('doubtful = "wait"')))
    assert "inbox.doubtful is not set" in feeds("--config", file, "check").out
