"""A publisher that hangs, is paused, killed or has no room holds up nobody but its own folder."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from errno import ENOSPC
from pathlib import Path

import pytest

import needs
from conftest import ROOT, RunFeeds
from feeds import config
from feeds.app import fence
from feeds.app import running as app_running
from feeds.app.parts import Parts, now
from feeds.app.running import Running
from feeds.filters import parse
from feeds.model import Cadence
from feeds.people import signup
from feeds.publishing import marks
from feeds.publishing.publish import publish
from feeds.publishing.standing import waiting
from feeds.site import Disk, Site
from feeds.store import items
from postgres import schemas
from taking import accept_one

pytestmark = pytest.mark.slow

PATIENCE_S = 120.0
NEWS = "{day} November, 2026\n\nPanama opens school {day}\n\nChildren learn to read in room {day}.\n"


def wait_until(true: Callable[[], object], what: str) -> None:
    pause, waited = threading.Event(), 0.0
    while not true():
        waited += 0.05
        assert waited < PATIENCE_S, f"never happened: {what}"
        pause.wait(0.05)


def take(parts: Parts, day: int) -> None:
    accept_one(parts, f"{day}.txt", NEWS.format(day=day).encode(), now(), "all", filed=True)


def tree(root: Path) -> dict[str, bytes]:
    """What a reader may see."""
    paths = (path for path in sorted(root.rglob("*")) if path.is_file() and path.name != marks.FILE)
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


# -- a disk that hangs


@dataclass
class Hanging(Disk):
    """Flushes of this disk do not come back until it is told to go on."""

    asked: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def flush(self, root: int, files: Iterable[tuple[int, str]], folders: Iterable[int]) -> None:
        self.asked.set()
        assert self.go_on.wait(PATIENCE_S)
        super().flush(root, files, folders)


def test_while_a_publisher_hangs_news_is_taken_in_mailed_and_served(
    site: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app_running, "PUBLISHED_WITHIN_S", 0.2)
    monkeypatch.setattr(app_running, "FIRST_PUBLISHED_WITHIN_S", 0.2)
    joining = signup.Joining(
        address="ana@reader.example", filters=(parse("country:pa"),), cadence=Cadence.IMMEDIATE,
        consent="a test",
    )  # fmt: skip
    signup.join(site.store, joining, site.joining_defaults, now())
    site.settings.web.__dict__["listen"] = "127.0.0.1:0"
    disk = Hanging()
    site.__dict__["press"] = replace(site.press, public=Site(site.public.root, disk))
    path = site.inbox.root / "one.txt"
    path.write_text(NEWS.format(day=1), encoding="utf-8")
    os.utime(path, (0, 0))

    def watching() -> None:
        try:
            wait_until(disk.asked.is_set, "the publisher hangs")
            wait_until(lambda: list(site.outbox.glob("*.eml")), "the mail went out")
            assert not (site.public.root / "index.html").exists()
            disk.go_on.set()
            wait_until((site.public.root / "country/pa/index.html").exists, "the folder follows")
        finally:
            disk.go_on.set()
            loop.call_soon_threadsafe(process.stop.set)

    async def run() -> None:
        nonlocal loop
        loop = asyncio.get_running_loop()
        await asyncio.gather(process.run(), asyncio.to_thread(watching))

    process = Running(site)
    loop: asyncio.AbstractEventLoop
    try:
        asyncio.run(run())
    finally:
        process.watchdog.call_off()


# -- a disk without room


@dataclass
class Full(Disk):
    """A disk that has no room for a file, while it is full."""

    full: bool = True

    def create(self, folder: int, name: str, data: bytes, at_ns: int) -> None:
        if self.full:
            raise OSError(ENOSPC, os.strerror(ENOSPC), name)
        super().create(folder, name, data, at_ns)


def test_a_full_disk_is_told_in_a_line_once_a_minute_and_published_when_there_is_room(
    site: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, object]] = []
    monkeypatch.setattr(fence.logger, "error", lambda event, **facts: told.append({event: facts}))
    take(site, 1)
    disk = Full()
    site.__dict__["press"] = replace(site.press, public=Site(site.public.root, disk))
    process = Running(site)
    for _ in range(3):
        assert asyncio.run(process._publish()) is None
    ((line),) = told
    assert "No space left on device; what is missing there follows" in str(line)
    disk.full = False
    report = asyncio.run(process._publish())
    assert report is not None
    publish(site.store, site.press)
    assert waiting(site.store, site.public) == 0
    assert (site.public.root / "country/pa/index.html").exists()


@pytest.fixture
def little_room(tmp_path: Path) -> Iterator[Path]:
    """A file system of some kilobytes; only root may make one, and not everywhere."""
    folder = tmp_path / "little"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=160k", "tmpfs", str(folder)]
    mount = shutil.which("mount")
    if (
        os.geteuid() != 0
        or mount is None
        or subprocess.run(command, capture_output=True, check=False).returncode
    ):
        needs.absent("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_on_a_disk_that_is_really_full_the_command_says_so_in_one_line(
    site: Parts, little_room: Path, feeds: RunFeeds
) -> None:
    take(site, 1)
    shutil.rmtree(site.public.root, ignore_errors=True)
    site.public.root.symlink_to(little_room)
    ended = feeds("--config", site.settings.file, "publish")
    assert ended.code == 1
    assert ended.err.strip().splitlines() == [
        f"feeds: {site.public.root} cannot be written: No space left on device; what is missing there follows"
        " once it can"
    ]
    assert (
        not (little_room / "index.html").exists() or b"</html>" in (little_room / "index.html").read_bytes()
    )
    subprocess.run(["mount", "-o", "remount,size=64m", str(little_room)], check=True)
    again = feeds("--config", site.settings.file, "publish")
    assert (again.code, again.err) == (0, ""), again
    assert "files written" in again.out
    assert waiting(site.store, site.public) == 0
    assert list((little_room / ".writing").iterdir()) == []


# -- several processes


def another_host(parts: Parts, name: str) -> Parts:
    """The same site as it is configured on another host: with a public folder of its own, there."""
    other = parts.settings.file.with_name(f"{name}.toml")
    text = parts.settings.file.read_text(encoding="utf-8")
    other.write_text(text.replace('path = "public"', f'path = "{name}"'), encoding="utf-8")
    made = Parts(config.load(other))
    made.__dict__["_labels"] = parts._labels
    return made


@contextmanager
def running(parts: Parts, roles: str) -> Iterator[subprocess.Popen[bytes]]:
    """`feeds run` with these roles; killed at the end."""
    command = [sys.executable, "-m", "feeds", "--config", str(parts.settings.file), "run", "--roles", roles]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with (parts.settings.root / f"{parts.public.root.name}.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            yield process
        finally:
            process.kill()
            process.wait(60)


def follows(parts: Parts) -> bool:
    """Whether a folder has all that is stored."""
    return parts.public.read(marks.FILE) is not None and waiting(parts.store, parts.public) == 0


@pytest.fixture(params=["sqlite", "postgresql"])
def stored(
    request: pytest.FixtureRequest, site: Parts, tables: object, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Parts]:
    """A site on one database, its port a free one."""
    text = site.settings.file.read_text(encoding="utf-8")
    site.settings.file.write_text(text.replace('"127.0.0.1:8000"', '"127.0.0.1:0"'), encoding="utf-8")
    with ExitStack() as stack:
        if request.param == "postgresql":
            monkeypatch.setenv("FEEDS_STORE_URL", stack.enter_context(schemas())())
        parts = Parts(config.load(site.settings.file))
        parts.__dict__["_labels"] = tables
        if request.param == "postgresql":
            parts.store.migrate()
        yield parts
        parts.store.close()


def test_a_process_that_only_serves_keeps_a_folder_of_its_own(stored: Parts) -> None:
    web = another_host(stored, "web")
    take(stored, 1)
    with running(web, "web"):
        wait_until(lambda: follows(web), "the folder is filled")
        take(stored, 2)
        wait_until(lambda: follows(web), "the folder follows")
    assert b"school 2" in tree(web.public.root)["feeds/country/pa.atom"]
    assert not (stored.public.root / "index.html").exists()
    web.store.close()


@pytest.mark.parametrize("end", [signal.SIGSTOP, signal.SIGKILL], ids=["paused", "killed"])
def test_a_publisher_that_is_paused_or_killed_holds_up_no_other_and_catches_up(
    stored: Parts, end: signal.Signals
) -> None:
    first, second = another_host(stored, "first"), another_host(stored, "second")
    take(stored, 1)
    with running(first, "web") as one, running(second, "web"):
        wait_until(lambda: follows(first) and follows(second), "both folders are filled")
        one.send_signal(end)
        if end is signal.SIGKILL:
            one.wait(60)
        for day in (2, 3):
            take(stored, day)
            wait_until(lambda: follows(second), "the other folder follows")
        assert not follows(first)
        if end is signal.SIGSTOP:
            one.send_signal(signal.SIGCONT)
            wait_until(lambda: follows(first), "it catches up")
    with running(first, "web"):
        wait_until(lambda: follows(first), "it has caught up")
    with stored.store.read() as conn:
        assert items.count(conn) == 3
    assert tree(first.public.root) == tree(second.public.root)
    for each in (first, second):
        each.store.close()


def test_a_folder_that_is_ahead_of_a_restored_database_is_written_anew_by_a_running_process(
    stored: Parts,
) -> None:
    web = another_host(stored, "ahead")
    take(stored, 1)
    publish(web.store, web.press)
    mark = marks.read(web.public)
    assert mark is not None
    before = tree(web.public.root)
    web.public.write(marks.FILE, replace(mark, seq=mark.seq + 100).to_bytes())
    (web.public.root / "feeds" / "all.atom").write_bytes(b"of items that are no more")
    with running(web, "web"):
        wait_until(lambda: tree(web.public.root) == before, "it is as the database has it")
    web.store.close()
