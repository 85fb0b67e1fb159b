"""kill -9 at each step of holding and releasing, with files deleted, replaced and moved meanwhile: nothing is
announced that was taken back, nothing is forgotten, and a withdrawal reaches letters that wait."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from sqlalchemy import select

from feeds import filters
from feeds.app.founding import with_values
from feeds.app.parts import Parts
from feeds.composing.compose import compose
from feeds.intake.ingest import ingest_ready
from feeds.intake.letting_go import release_now
from feeds.intake.undoing import undo
from feeds.model import COMMAND_LINE, WAITS, Cadence
from feeds.office import editing
from feeds.people import signup
from feeds.store import bulletins, items
from holding import NEWS, NOW, put
from killing import killed_at, opened

pytestmark = pytest.mark.slow

MINUTE = timedelta(minutes=1)
TITLE = "A school opens in Panama"
Hand = Callable[[Path], None]


def ingest(parts: Parts, minutes: float) -> None:
    ingest_ready(parts.watched_folders[0], lambda: NOW + minutes * MINUTE)


def site_of(folder: Path, founded: Path, tables: object) -> Path:
    """A site that holds for ten minutes, with one file in its inbox."""
    shutil.copytree(founded, folder)
    file = folder / "config" / "feeds.toml"
    values = {
        "inbox.hold": "10.0", "inbox.settle": "0.0", "inbox.receipts_to": '"press@office.example"',
        "digest.max_age": "36500",
    }  # fmt: skip
    file.write_text(with_values(file.read_text(encoding="utf-8"), values), encoding="utf-8")
    parts = opened(folder, tables)
    put(parts.watched_folders[0], NEWS.format(what="to read"))
    parts.store.close()
    return folder


def words(parts: Parts) -> list[str]:
    with parts.store.read() as conn:
        return [item.summary for item in items.listing(conn, limit=9)]


def rows(parts: Parts) -> list[bulletins.BulletinRow]:
    with parts.store.read() as conn:
        return bulletins.listing(conn, 9)[::-1]


def nothing(_: Path) -> None:
    """The office leaves it as it is."""


def delete(inbox: Path) -> None:
    """Wherever it lies by now."""
    for where in ("", "held"):
        (inbox / where / "a.txt").unlink(missing_ok=True)


def move(inbox: Path) -> None:
    for where in ("", "held"):
        if (inbox / where / "a.txt").exists():
            (inbox / where / "a.txt").rename(inbox.parent / "aside.txt")


def replace_it(inbox: Path) -> None:
    """In its place, wherever it lies by now."""
    for where in ("", "held"):
        path = inbox / where / "a.txt"
        if path.exists():
            path.write_text(NEWS.format(what="RIGHT"), encoding="utf-8")


def every_kill(
    tmp_path: Path,
    start: Path,
    tables: object,
    run: Callable[[Parts], None],
    check: Callable[[Path, int], None],
) -> int:
    """Kill a run at each of its steps, on a fresh copy each time, and check what is left; how many steps."""
    fatal, killed = 0, True
    while killed:
        fatal += 1
        folder = tmp_path / "killed"
        shutil.copytree(start, folder)
        killed = killed_at(fatal, folder, tables, run)
        check(folder, fatal)
        shutil.rmtree(folder)
    return fatal


@pytest.mark.parametrize(
    ("hand", "wanted"),
    [(nothing, ["to read"]), (delete, []), (move, []), (replace_it, ["RIGHT"])],
)
def test_a_kill_at_any_step_of_holding(
    tmp_path: Path, founded: Path, tables: object, hand: Hand, wanted: list[str]
) -> None:
    """The office acts right after the kill; then the site goes on through the deadline and a day beyond."""

    def check(folder: Path, fatal: int) -> None:
        parts = opened(folder, tables)
        taken = rows(parts)
        known = bool(taken) and taken[0].filed_at is not None
        hand(parts.inbox.root)
        for minutes in (2, 3, 11, 12, 14, 60 * 24):
            ingest(parts, minutes)
        found = words(parts)
        told = f"killed at step {fatal}: {found}"
        assert [any(what in each for each in found) for what in wanted] == [True] * len(wanted), told
        assert len(found) == len(wanted), told
        if not wanted and taken and not known:
            # It was accepted, and nobody wrote down that it lay in held/: in doubt.
            (row,) = rows(parts)
            assert row.receipt.held_until == WAITS, told
        elif not wanted:
            assert all(row.receipt.undone_at for row in rows(parts)), told
        else:
            assert all(row.receipt.held_until is None for row in rows(parts)), told
        parts.store.close()

    start = site_of(tmp_path / "start", founded, tables)
    steps = every_kill(tmp_path, start, tables, lambda parts: ingest(parts, 0), check)
    assert steps > 4


@pytest.mark.parametrize(
    ("hand", "wanted"),
    [(nothing, ["to read"]), (delete, []), (replace_it, ["RIGHT"])],
)
def test_a_kill_at_any_step_of_the_looks_and_of_the_release(
    tmp_path: Path, founded: Path, tables: object, hand: Hand, wanted: list[str]
) -> None:
    """The office acts while it is held; the looks, the taking back and the release die at each step."""
    start = site_of(tmp_path / "start", founded, tables)
    parts = opened(start, tables)
    ingest(parts, 0)
    hand(parts.inbox.root)
    parts.store.close()

    def run(parts: Parts) -> None:
        for minutes in (1, 2, 11, 12, 13):
            ingest(parts, minutes)

    def check(folder: Path, fatal: int) -> None:
        parts = opened(folder, tables)
        for minutes in (14, 15, 30, 60 * 24):
            ingest(parts, minutes)
        found = words(parts)
        told = f"killed at step {fatal}: {found}"
        assert len(found) == len(wanted), told
        assert all(what in each for what, each in zip(wanted, found, strict=True)), told
        assert all(row.receipt.held_until is None for row in rows(parts)), told
        assert not (parts.inbox.root / "held" / "a.txt").exists(), told
        parts.store.close()

    assert every_kill(tmp_path, start, tables, run, check) > 4


def test_a_kill_at_any_step_of_taking_back_by_a_person_announces_nothing(
    tmp_path: Path, founded: Path, tables: object
) -> None:
    start = site_of(tmp_path / "start", founded, tables)
    parts = opened(start, tables)
    ingest(parts, 0)
    parts.store.close()

    def run(parts: Parts) -> None:
        undo(parts.watched_folders[0], rows(parts)[0], NOW + MINUTE, COMMAND_LINE)

    def check(folder: Path, fatal: int) -> None:
        parts = opened(folder, tables)
        before = rows(parts)[0].receipt.undone_at
        ingest(parts, 11)
        assert bool(words(parts)) is (before is None), fatal  # not marked yet: nobody was told that it was
        parts.store.close()

    every_kill(tmp_path, start, tables, run, check)


def test_a_kill_at_any_step_of_a_release_by_a_person_forgets_nothing(
    tmp_path: Path, founded: Path, tables: object
) -> None:
    start = site_of(tmp_path / "start", founded, tables)
    parts = opened(start, tables)
    ingest(parts, 0)
    parts.store.close()

    def run(parts: Parts) -> None:
        release_now(parts.store, rows(parts)[0].id, NOW + MINUTE)
        ingest(parts, 1)

    def check(folder: Path, fatal: int) -> None:
        parts = opened(folder, tables)
        ingest(parts, 11)
        ingest(parts, 12)
        assert len(words(parts)) == 1, fatal
        assert (parts.inbox.root / "done" / "a.txt").exists(), fatal
        parts.store.close()

    every_kill(tmp_path, start, tables, run, check)


def test_a_kill_at_any_step_of_a_withdrawal_lets_no_letter_go_with_what_was_withdrawn(
    tmp_path: Path, founded: Path, tables: object
) -> None:
    """Letters wait in the queue; the withdrawal dies at each step; then all that may go out does."""
    import asyncio

    from feeds.delivering.deliver import deliver

    now = datetime.now(UTC)
    start = site_of(tmp_path / "start", founded, tables)
    parts = opened(start, tables)
    joining = signup.Joining(
        address="ana@reader.example", filters=(filters.parse("all"),), cadence=Cadence.IMMEDIATE, lang="en",
        zone="UTC", hour=7, weekday=1, consent="a test",
    )  # fmt: skip
    signup.join(parts.store, joining, parts.joining_defaults, NOW - timedelta(days=1))
    folder = parts.watched_folders[0]
    ingest_ready(folder, lambda: now - 20 * MINUTE)
    ingest_ready(folder, lambda: now - 5 * MINUTE)
    compose(parts.store, parts.compose_rules, now)
    parts.store.close()

    def run(parts: Parts) -> None:
        with parts.store.read() as conn:
            (item,) = items.listing(conn, limit=9)
        editing.withdraw(parts.store, item.id, "", now)

    def check(folder: Path, fatal: int) -> None:
        parts = opened(folder, tables)
        gone = not words(parts)
        compose(parts.store, parts.compose_rules, datetime.now(UTC))
        asyncio.run(deliver(parts.store, parts.transports(), parts.deliver_rules))
        mails = [
            message_from_bytes(path.read_bytes(), policy=policy.default)
            for path in parts.outbox.glob("*.eml")
        ]
        told = [mail for mail in mails if mail["To"] == "ana@reader.example"]
        assert bool(told) is not gone, fatal
        parts.store.close()

    every_kill(tmp_path, start, tables, run, check)


def test_what_waits_for_a_person_is_found_by_them(tmp_path: Path, founded: Path, tables: object) -> None:
    """Killed between acceptance and move, and the file deleted: it waits, is mailed about, can be let go."""
    from feeds.store.schema import notice

    start = site_of(tmp_path / "start", founded, tables)

    def run(parts: Parts) -> None:
        ingest(parts, 0)

    for fatal in range(1, 40):
        folder = tmp_path / "killed"
        shutil.copytree(start, folder)
        killed_at(fatal, folder, tables, run)
        parts = opened(folder, tables)
        if rows(parts) and not (parts.inbox.root / "held" / "a.txt").exists():
            break
        parts.store.close()
        shutil.rmtree(folder)
    else:
        pytest.fail("no step lies between acceptance and move")
    (parts.inbox.root / "a.txt").unlink()
    for minutes in (1, 11, 13):
        ingest(parts, minutes)
    with parts.store.read() as conn:
        assert any(subject.startswith("Waits for you") for subject in conn.scalars(select(notice.c.subject)))
    assert release_now(parts.store, rows(parts)[0].id, NOW + 14 * MINUTE)
    ingest(parts, 15)
    assert len(words(parts)) == 1
    parts.store.close()
