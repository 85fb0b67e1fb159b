"""The inbox on a real file system: odd files, odd names, crashes, replaced files, events."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from feeds.errors import BulletinError
from feeds.inbox import Inbox, events, read_regular, receipt_name, settled, watch

RECEIPT_TEXT = "accepted: 3 items\n"


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "inbox", max_bytes=1000)


def drop(inbox: Inbox, name: str, data: bytes = b"news\n") -> Path:
    path = inbox.root / name
    path.write_bytes(data)
    return path


def names(inbox: Inbox) -> set[str]:
    return {sight.name for sight in inbox.look()}


def fault(call: Callable[[], object]) -> str:
    with pytest.raises(BulletinError) as caught:
        call()
    return caught.value.fault.code


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.is_dir()}


def test_a_new_inbox_has_its_folders_and_keeps_those_it_finds(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir(mode=0o750)
    inbox = Inbox(tmp_path / "inbox")
    assert (inbox.root / "done").is_dir()
    assert (inbox.root / "rejected").is_dir()
    assert inbox.root.stat().st_mode & 0o777 == 0o750


def test_a_look_shows_files_and_odd_things_and_folders_called_like_files_but_no_others(inbox: Inbox) -> None:
    for name in ("a.txt", "b.csv", ".hidden.txt", "a.txt~", "a.tmp", "a.txt.receipt.txt"):
        drop(inbox, name)
    (inbox.root / "folder.txt").mkdir()
    (inbox.root / "folder").mkdir()
    (inbox.root / "link.txt").symlink_to("/etc/passwd")
    os.mkfifo(inbox.root / "pipe.txt")
    assert {(sight.name, sight.odd) for sight in inbox.look()} == {
        ("a.txt", False), ("b.csv", False), ("folder.txt", True), ("link.txt", True), ("pipe.txt", True),
    }  # fmt: skip
    assert inbox.waiting() == ["a.txt"]


def test_a_folder_called_like_a_bulletin_is_set_aside_whole_with_a_receipt(inbox: Inbox) -> None:
    (inbox.root / "x.txt").mkdir()
    drop(inbox, "x.txt/inside.txt", b"kept")
    with pytest.raises(BulletinError) as refusal:
        inbox.take("x.txt")
    assert refusal.value.fault.code == "file-not-regular"
    inbox.file_away("x.txt", "rejected", "why")
    assert (inbox.root / "rejected" / "x.txt" / "inside.txt").read_bytes() == b"kept"
    assert (inbox.root / "rejected" / "x.txt.receipt.txt").read_text() == "why\n"


def test_a_file_is_read_whole(inbox: Inbox) -> None:
    drop(inbox, "a.txt", b"x" * 1000)
    assert inbox.take("a.txt") == b"x" * 1000
    drop(inbox, "empty.txt", b"")
    assert inbox.take("empty.txt") == b""


def test_a_file_over_the_limit_is_refused_unread_even_when_it_is_all_holes(inbox: Inbox) -> None:
    drop(inbox, "a.txt", b"x" * 1001)
    assert fault(lambda: inbox.take("a.txt")) == "file-too-large"
    with (inbox.root / "sparse.txt").open("wb") as file:
        file.truncate(1 << 30)
    assert fault(lambda: inbox.take("sparse.txt")) == "file-too-large"


def make_link(path: Path) -> None:
    (path.parent.parent / "secret.txt").write_text("secret")
    path.symlink_to(path.parent.parent / "secret.txt")


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        here = Path.cwd()
        os.chdir(path.parent)  # the names of sockets are short
        try:
            made.bind(path.name)
        finally:
            os.chdir(here)


def make_device(path: Path) -> None:
    try:
        os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))  # /dev/zero
    except PermissionError:
        pytest.skip("only root may make a device")


@pytest.mark.parametrize(
    "make",
    [
        make_link,
        lambda path: path.symlink_to("/nowhere"),
        lambda path: path.symlink_to("/etc"),
        os.mkfifo,
        make_socket,
        make_device,
        lambda path: path.mkdir(),
    ],
    ids=["link", "dangling", "link-to-folder", "fifo", "socket", "device", "folder"],
)
def test_what_is_no_regular_file_is_never_opened_and_can_be_filed_away(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None]
) -> None:
    odd = inbox.root / "odd.txt"
    make(odd)
    kind = odd.lstat().st_mode
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", lambda *args: pytest.fail("it was opened"))
        assert fault(lambda: inbox.take("odd.txt")) == "file-not-regular"
    assert inbox.file_away("odd.txt", "rejected", "no bulletin") == "odd.txt"
    assert (inbox.root / "rejected" / "odd.txt").lstat().st_mode == kind
    assert names(inbox) == set()


def test_a_name_of_another_kind_is_told_so(inbox: Inbox) -> None:
    drop(inbox, "a.csv")
    drop(inbox, "B.TXT")
    assert fault(lambda: inbox.take("a.csv")) == "file-kind"
    assert inbox.take("B.TXT") == b"news\n"


def test_a_file_that_is_gone_has_vanished(inbox: Inbox) -> None:
    assert fault(lambda: inbox.take("gone.txt")) == "file-vanished"


def test_a_file_that_cannot_be_read_is_a_fault_not_a_crash() -> None:
    memory = Path("/proc/self/mem")  # a regular file whose first byte cannot be read, even by root
    assert fault(lambda: read_regular(memory, max_bytes=10)) == "file-unreadable"


def test_a_file_on_another_device_is_not_read(inbox: Inbox) -> None:
    path = drop(inbox, "a.txt")
    assert (
        fault(lambda: read_regular(path, max_bytes=10, device=path.stat().st_dev + 1)) == "file-not-regular"
    )


@pytest.mark.parametrize("make", [make_link, os.mkfifo], ids=["link", "fifo"])
def test_a_file_swapped_for_an_odd_one_before_it_is_opened_is_not_followed(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None]
) -> None:
    path = drop(inbox, "a.txt")
    lstat = os.lstat

    def then_swap(where: Any) -> os.stat_result:
        found = lstat(where)
        path.unlink()
        make(path)
        return found

    monkeypatch.setattr(os, "lstat", then_swap)
    assert fault(lambda: read_regular(path, max_bytes=10)) == "file-not-regular"


@pytest.mark.parametrize("written", [b"longer than before\n", b"other"])
def test_a_file_written_to_while_it_is_read_is_left_for_the_next_look(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, written: bytes
) -> None:
    path = drop(inbox, "a.txt", b"short")
    os.utime(path, (1, 1))
    read = os.read

    def disturbed(handle: int, size: int) -> bytes:
        data = read(handle, size)
        path.write_bytes(written)
        return data

    monkeypatch.setattr(os, "read", disturbed)
    assert fault(lambda: inbox.take("a.txt")) == "file-changing"


@pytest.mark.parametrize("name", ["", ".", "..", "../a.txt", "done/a.txt", "/etc/passwd", "a\0b"])
def test_a_name_with_a_path_in_it_is_a_bug(inbox: Inbox, name: str) -> None:
    with pytest.raises(ValueError, match="one part"):
        inbox.take(name)
    with pytest.raises(ValueError, match="one part"):
        inbox.file_away(name, "done", "x")


@pytest.mark.parametrize("where", ["done", "rejected"])
def test_a_file_is_filed_with_its_receipt_beside_it(inbox: Inbox, where: Any) -> None:
    drop(inbox, "a.txt")
    inbox.take("a.txt")
    assert inbox.file_away("a.txt", where, "accepted: ñ") == "a.txt"
    assert files_in(inbox.root) == set()
    assert files_in(inbox.root / where) == {"a.txt", "a.txt.receipt.txt"}
    assert (inbox.root / where / "a.txt.receipt.txt").read_bytes() == "accepted: ñ\n".encode()


def test_nothing_is_overwritten(inbox: Inbox) -> None:
    for number in (1, 2, 3):
        drop(inbox, "a.txt", b"version %d" % number)
        inbox.take("a.txt")
        inbox.file_away("a.txt", "done", f"receipt {number}")
    done = inbox.root / "done"
    assert [(done / name).read_bytes() for name in ("a.txt", "a~2.txt", "a~3.txt")] == [
        b"version 1", b"version 2", b"version 3",
    ]  # fmt: skip
    assert (done / "a~2.txt.receipt.txt").read_text() == "receipt 2\n"


def test_a_file_replaced_after_it_was_read_stays_as_another_bulletin(inbox: Inbox) -> None:
    drop(inbox, "a.txt", b"first")
    inbox.take("a.txt")
    drop(inbox, "new", b"second").replace(inbox.root / "a.txt")
    inbox.file_away("a.txt", "done", RECEIPT_TEXT)
    assert (inbox.root / "a.txt").read_bytes() == b"second"
    assert files_in(inbox.root / "done") == {"a.txt.receipt.txt"}


def test_a_file_that_nobody_took_is_not_moved(inbox: Inbox) -> None:
    drop(inbox, "a.txt")
    inbox.file_away("a.txt", "done", RECEIPT_TEXT)
    assert names(inbox) == {"a.txt"}


def test_a_file_replaced_in_the_instant_of_filing_is_put_back(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(inbox, "a.txt", b"first")
    inbox.take("a.txt")
    rename = os.rename

    def late(source: Any, target: Any, **how: Any) -> None:
        if Path(source).parent == inbox.root:
            monkeypatch.setattr(os, "rename", rename)
            drop(inbox, ".new", b"second").replace(source)
        rename(source, target, **how)

    monkeypatch.setattr(os, "rename", late)
    inbox.file_away("a.txt", "done", RECEIPT_TEXT)
    assert (inbox.root / "a.txt").read_bytes() == b"second"
    assert files_in(inbox.root / "done") == {"a.txt.receipt.txt"}


def test_a_file_that_is_gone_still_gets_its_receipt(inbox: Inbox) -> None:
    path = drop(inbox, "a.txt")
    inbox.take("a.txt")
    path.unlink()
    assert inbox.file_away("a.txt", "done", RECEIPT_TEXT) == "a.txt"
    assert inbox.file_away("a.txt", "done", RECEIPT_TEXT) == "a.txt"
    assert files_in(inbox.root / "done") == {"a.txt.receipt.txt"}


def test_filing_twice_is_filing_once(inbox: Inbox) -> None:
    drop(inbox, "a.txt")
    inbox.take("a.txt")
    inbox.file_away("a.txt", "done", RECEIPT_TEXT)
    assert Inbox(inbox.root).file_away("a.txt", "done", RECEIPT_TEXT) == "a.txt"
    assert files_in(inbox.root / "done") == {"a.txt", "a.txt.receipt.txt"}


class Killed(BaseException):
    """Stands for a kill: nobody catches it, nothing is tidied up."""


STEPS = ("open", "fsync", "replace", "rename", "mkdir", "unlink")


def killed_at(monkeypatch: pytest.MonkeyPatch, fatal: int, call: Callable[[], object]) -> bool:
    """Run `call` and die at its n-th step on the file system; False when it came to its end before."""
    count = 0

    def step(real: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            nonlocal count
            count += 1
            if count == fatal:
                raise Killed
            return real(*args, **kwargs)

        return run

    with monkeypatch.context() as patch:
        for name in STEPS:
            patch.setattr(os, name, step(getattr(os, name)))
        try:
            call()
        except Killed:
            return True
    return False


@pytest.mark.parametrize("earlier", [False, True])
def test_filing_ends_in_the_same_state_after_a_kill_at_any_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, earlier: bool
) -> None:
    expected = {"a.txt", "a.txt.receipt.txt"} | ({"a~2.txt", "a~2.txt.receipt.txt"} if earlier else set())
    kills = 0
    for fatal in range(1, 50):
        inbox = Inbox(tmp_path / str(fatal))
        if earlier:
            drop(inbox, "a.txt", b"earlier")
            inbox.take("a.txt")
            inbox.file_away("a.txt", "done", "earlier receipt")
        drop(inbox, "a.txt", b"mine")
        inbox.take("a.txt")
        killed = killed_at(
            monkeypatch,
            fatal,
            lambda: (inbox.file_away("a.txt", "done", RECEIPT_TEXT), inbox.sync()),  # noqa: B023
        )
        again = Inbox(inbox.root)
        if "a.txt" in names(again):
            assert again.take("a.txt") == b"mine"
        assert again.file_away("a.txt", "done", RECEIPT_TEXT) == ("a~2.txt" if earlier else "a.txt")
        assert names(again) == set()
        assert {name for name in files_in(inbox.root / "done") if name[0] != "."} == expected
        if not killed:
            break
        kills += 1
    assert kills >= 6


def test_a_receipt_that_cannot_be_written_leaves_the_file_where_it_is(inbox: Inbox) -> None:
    drop(inbox, "a.txt")
    inbox.take("a.txt")
    (inbox.root / "done").rmdir()
    (inbox.root / "done").symlink_to("nowhere")
    with pytest.raises(OSError, match="exists"):
        inbox.file_away("a.txt", "done", RECEIPT_TEXT)
    assert (inbox.root / "a.txt").exists()


def test_a_receipt_whose_name_is_taken_gets_the_next_one(inbox: Inbox) -> None:
    drop(inbox, "a.txt")
    inbox.take("a.txt")
    (inbox.root / "done" / "a.txt.receipt.txt").mkdir()
    assert inbox.file_away("a.txt", "done", RECEIPT_TEXT) == "a~2.txt"
    assert files_in(inbox.root / "done") == {"a~2.txt", "a~2.txt.receipt.txt"}


@pytest.mark.parametrize(
    "raw",
    [b"two\nlines.txt", b"caf\xe9.txt", b"x" * 251 + b".txt", "ñ".encode() * 125 + b"x.txt", b"-rf.txt"],
)
def test_odd_names_go_all_the_way(inbox: Inbox, raw: bytes) -> None:
    name = os.fsdecode(raw)
    for filed in (name, None):
        drop(inbox, name)
        assert inbox.waiting() == [name]
        assert inbox.take(name) == b"news\n"
        made = inbox.file_away(name, "done", RECEIPT_TEXT)
        assert filed in (made, None)
        assert (inbox.root / "done" / made).read_bytes() == b"news\n"
        assert (inbox.root / "done" / receipt_name(made)).read_text() == RECEIPT_TEXT
    assert len(files_in(inbox.root / "done")) == 4


def test_a_burst_of_300_files_is_seen_in_one_look(inbox: Inbox) -> None:
    for number in range(300):
        drop(inbox, f"{number:03}.txt")
    ready, _ = settled({}, inbox.look(), time.monotonic(), 2.0, wall=time.time() + 60)
    assert len(ready) == 300


def test_an_inbox_that_was_removed_is_made_again(inbox: Inbox) -> None:
    shutil.rmtree(inbox.root)
    assert inbox.look() == []
    assert (inbox.root / "done").is_dir()
    assert inbox.trouble is None


def test_an_inbox_that_cannot_be_read_says_so_and_comes_back(inbox: Inbox) -> None:
    shutil.rmtree(inbox.root)
    inbox.root.write_text("in the way")
    assert inbox.look() == []
    assert inbox.trouble is not None
    inbox.root.unlink()
    inbox.look()
    drop(inbox, "a.txt")
    assert names(inbox) == {"a.txt"}
    assert inbox.trouble is None


# Events


class Watched:
    """A running watch whose wake-ups can be waited for."""

    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.stop = asyncio.Event()

    async def wakes(self) -> None:
        await asyncio.wait_for(self.woken.wait(), 20)
        self.woken.clear()


def watching(
    monkeypatch: pytest.MonkeyPatch, root: Path, script: Callable[[Watched], Awaitable[None]], **how: bool
) -> None:
    monkeypatch.setattr(events, "_RETRY_S", 0.05)
    monkeypatch.setattr(events, "_POLL_S", 0.02)

    async def run() -> None:
        watched = Watched()
        task = asyncio.create_task(watch(root, watched.woken.set, watched.stop, **how))
        await script(watched)
        watched.stop.set()
        await asyncio.wait_for(task, 20)

    asyncio.run(run())


@pytest.mark.parametrize("polling", [False, True])
def test_a_dropped_file_wakes_and_stop_ends_the_watch(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, polling: bool
) -> None:
    async def script(watched: Watched) -> None:
        await watched.wakes()  # for what came before
        drop(inbox, "a.txt")
        await watched.wakes()

    watching(monkeypatch, inbox.root, script, polling=polling)


@pytest.mark.parametrize("polling", [False, True])
def test_the_watch_outlives_its_folder(inbox: Inbox, monkeypatch: pytest.MonkeyPatch, polling: bool) -> None:
    async def script(watched: Watched) -> None:
        await watched.wakes()
        await asyncio.to_thread(inbox.root.rename, inbox.root.with_name("moved"))
        inbox.prepare()
        await watched.wakes()
        drop(inbox, "a.txt")
        await watched.wakes()

    watching(monkeypatch, inbox.root, script, polling=polling)


def test_a_watch_on_nothing_waits_until_the_folder_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def script(watched: Watched) -> None:
        await asyncio.to_thread((tmp_path / "later").mkdir)
        await watched.wakes()

    watching(monkeypatch, tmp_path / "later", script)


def test_without_inotify_the_watch_polls(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_inotify(*args: Any, **kwargs: Any) -> Any:
        raise OSError("OS file watch limit reached")

    monkeypatch.setattr(events, "awatch", no_inotify)

    async def script(watched: Watched) -> None:
        await watched.wakes()
        drop(inbox, "a.txt")
        await watched.wakes()

    watching(monkeypatch, inbox.root, script)


def test_a_name_that_is_no_utf8_does_not_end_the_watch(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(watched: Watched) -> None:
        await watched.wakes()
        drop(inbox, os.fsdecode(b"caf\xe9.txt"))
        await watched.wakes()
        drop(inbox, "after.txt")
        await watched.wakes()

    watching(monkeypatch, inbox.root, script)


def test_cancelling_the_watch_stops_nothing_else(inbox: Inbox) -> None:
    async def run() -> bool:
        watched = Watched()
        task = asyncio.create_task(watch(inbox.root, watched.woken.set, watched.stop))
        await watched.wakes()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 20)
        return watched.stop.is_set()

    assert asyncio.run(run()) is False


def test_folders_that_nobody_reads_are_named_if_bulletins_lie_in_them(inbox: Inbox) -> None:
    for folder in ("de", "es", "empty", "held", ".hidden"):
        (inbox.root / folder).mkdir()
    for name in ("de/a.txt", "es/a.txt", "empty/notes.csv", "held/a.txt", ".hidden/a.txt"):
        drop(inbox, name)
    assert inbox.unread_folders(["es"]) == ["de"]


def test_a_second_name_of_a_file_elsewhere_is_refused_like_any_link(inbox: Inbox, tmp_path: Path) -> None:
    (tmp_path / "secret.toml").write_text("password", encoding="utf-8")
    os.link(tmp_path / "secret.toml", inbox.root / "a.txt")
    with pytest.raises(BulletinError) as refusal:
        inbox.take("a.txt")
    assert refusal.value.fault.code == "file-not-regular"


def test_the_receipt_of_a_file_that_was_replaced_is_not_written_over(inbox: Inbox) -> None:
    drop(inbox, "a.txt", b"first")
    inbox.take("a.txt")
    replaced = inbox.root / "new"
    replaced.write_bytes(b"second")
    replaced.rename(inbox.root / "a.txt")
    assert inbox.file_away("a.txt", "done", "of the first") == "a.txt"  # its file is gone
    assert inbox.take("a.txt") == b"second"
    assert inbox.file_away("a.txt", "done", "of the second") == "a~2.txt"
    done = inbox.root / "done"
    assert (done / "a.txt.receipt.txt").read_text() == "of the first\n"
    assert (done / "a~2.txt").read_bytes() == b"second"
