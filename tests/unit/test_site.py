"""Public files are whole, durable, rewritten only on change, and never outside the root."""

from __future__ import annotations

import gzip
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import brotli
import pytest

from feeds import site as site_module
from feeds.site import Disk, Site

KILLED = """
import os, signal, sys
from pathlib import Path
from feeds.site import Site
with Site(Path(sys.argv[1])).part() as part:
    part.put("all.atom", b"new, never seen")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "public")


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def kill_a_writer_in(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder)],
        env={**os.environ, "PYTHONPATH": str(Path(site_module.__file__).parents[2])},
        check=False,
    )
    assert done.returncode < 0
    assert len(list(folder.glob(".writing/*"))) == 1


def test_what_is_written_is_read_and_told_as_a_change(site: Site) -> None:
    assert site.write("feeds/country/pa.atom", b"one")
    assert site.read("feeds/country/pa.atom") == b"one"
    assert site.write("feeds/country/pa.atom", b"two")
    assert site.read("feeds/country/pa.atom") == b"two"
    assert files(site.root) == ["feeds/country/pa.atom"]


def test_equal_bytes_leave_the_file_untouched(site: Site) -> None:
    site.write("index.html", b"same")
    before = (site.root / "index.html").stat()
    assert not site.write("index.html", b"same")
    after = (site.root / "index.html").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_change_is_a_new_file_so_that_an_open_reader_keeps_the_old_bytes(site: Site) -> None:
    site.write("all.atom", b"old bytes")
    with (site.root / "all.atom").open("rb") as reader:
        site.write("all.atom", b"new")
        assert reader.read() == b"old bytes"


def test_an_empty_file_is_a_file(site: Site) -> None:
    assert site.write("empty", b"")
    assert not site.write("empty", b"")
    assert site.read("empty") == b""


def test_removing_tells_whether_there_was_a_file(site: Site) -> None:
    site.write("items/ab/index.html", b"x")
    assert site.remove("items/ab/index.html")
    assert not site.remove("items/ab/index.html")
    assert not site.remove("items/none/index.html")
    assert site.read("items/ab/index.html") is None


def test_nothing_is_read_before_anything_was_written(site: Site) -> None:
    assert site.read("all.atom") is None
    assert not site.remove("all.atom")
    assert site.sweep() == 0
    assert not site.root.exists()


@pytest.fixture
def strict_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("strict_umask")
def test_a_web_server_may_read_all_whatever_the_umask(site: Site) -> None:
    site.write("feeds/country/pa.atom", b"x")
    assert mode(site.root / "feeds/country/pa.atom") == 0o644
    assert [mode(path) for path in (site.root, site.root / "feeds", site.root / "feeds/country")] == [
        0o755
    ] * 3


def test_a_folder_that_a_killed_process_left_shut_is_opened(site: Site) -> None:
    site.root.mkdir()
    (site.root / "feeds").mkdir(mode=0o700)
    site.write("feeds/all.atom", b"x")
    assert mode(site.root / "feeds") == 0o755


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "/etc/passwd", "..", "../x", "feeds/../x", "feeds/./x", "feeds//x", "feeds/", "a..b",
        "Feeds/x", "a b", "a\\b", "a\nb", "a\0b", "a%2fb", "ñ", "x" * 201, ".writing", ".writing-0123",
    ],
)  # fmt: skip
def test_an_unsafe_path_is_refused_in_every_way(site: Site, path: str) -> None:
    for use in (lambda: site.write(path, b"x"), lambda: site.read(path), lambda: site.remove(path)):
        with pytest.raises(ValueError, match="unsafe path"):
            use()
    assert not site.root.exists()


def test_a_folder_that_is_a_link_leads_nowhere(site: Site, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    site.root.mkdir()
    (site.root / "feeds").symlink_to(outside)
    with pytest.raises(OSError, match="feeds"):
        site.write("feeds/all.atom", b"x")
    assert site.read("feeds/secret") is None
    assert not site.remove("feeds/secret")
    assert files(outside) == ["secret"]


def test_a_file_that_is_a_link_is_replaced_and_its_target_left_alone(site: Site, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"mine")
    site.root.mkdir()
    (site.root / "all.atom").symlink_to(target)
    assert site.read("all.atom") is None
    assert site.write("all.atom", b"mine")
    assert not (site.root / "all.atom").is_symlink()
    site.write("all.atom", b"new")
    assert target.read_bytes() == b"mine"


def test_a_pipe_in_the_way_is_not_waited_for(site: Site) -> None:
    site.root.mkdir()
    os.mkfifo(site.root / "all.atom")
    assert site.read("all.atom") is None
    assert site.write("all.atom", b"x")


def test_the_root_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "public").symlink_to(tmp_path / "real")
    site = Site(tmp_path / "public")
    assert site.write("all.atom", b"x")
    kill_a_writer_in(tmp_path / "real")
    assert site.sweep() == 1


def test_a_write_that_fails_leaves_nothing_behind(site: Site) -> None:
    site.write("feeds/all.atom", b"x")
    with pytest.raises(IsADirectoryError):
        site.write("feeds", b"y")
    assert files(site.root) == ["feeds/all.atom"]


def test_a_killed_writer_leaves_the_old_bytes_and_a_sweep_takes_the_rest(site: Site) -> None:
    site.write("all.atom", b"old")
    kill_a_writer_in(site.root)
    assert site.read("all.atom") == b"old"
    assert site.sweep() == 1
    assert site.sweep() == 0
    assert files(site.root) == ["all.atom"]


def test_one_is_alone_and_nobody_waits(site: Site) -> None:
    with site.alone() as first, site.alone() as second:
        assert (first, second) == (True, False)
    with site.alone() as again:
        assert again


# -- parts


def test_nothing_of_a_part_is_seen_before_its_commit_and_all_of_it_after(site: Site) -> None:
    site.write("b", b"old b")
    site.write("c", b"old c")
    with site.part() as part:
        assert part.put("a", b"new a")
        assert part.put("b", b"new b")
        assert not part.put("c", b"old c")
        assert part.remove("c")
        assert [site.read(name) for name in "abc"] == [None, b"old b", b"old c"]
        part.commit()
        assert [site.read(name) for name in "abc"] == [b"new a", b"new b", None]
    assert files(site.root) == ["a", "b"]


def test_what_is_not_committed_leaves_nothing_behind(site: Site) -> None:
    with site.part() as part:
        part.put("a", b"new", compressed=True)
        part.put_last("mark", b"1")
    assert files(site.root) == []


class Told(Disk):
    """Writes down what is done."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def create(self, folder: int, name: str, data: bytes, at_ns: int) -> None:
        self.done.append("create")
        super().create(folder, name, data, at_ns)

    def rename(self, source: int, temporary: str, folder: int, name: str) -> None:
        self.done.append(name)
        super().rename(source, temporary, folder, name)

    def unlink(self, folder: int, name: str) -> None:
        self.done.append(f"-{name}")
        super().unlink(folder, name)

    def flush(self, root: int, files: Iterable[tuple[int, str]], folders: Iterable[int]) -> None:
        self.done.append("flush")
        super().flush(root, files, folders)


def test_all_bytes_are_on_the_disk_before_the_first_name_changes_and_all_names_before_the_mark(
    tmp_path: Path,
) -> None:
    disk = Told()
    site = Site(tmp_path / "public", disk)
    site.write("gone", b"x")
    disk.done.clear()
    with site.part() as part:
        part.put("feeds/a", b"a", compressed=True)
        part.remove("gone")
        part.put_last("mark", b"7")
        part.commit()
    assert disk.done == [*["create"] * 4, "flush", "a.gz", "a.br", "a", "-gone", "flush", "mark"]


def test_a_part_without_a_change_touches_nothing(tmp_path: Path) -> None:
    disk = Told()
    site = Site(tmp_path / "public", disk)
    site.write("a", b"a", compressed=True)
    disk.done.clear()
    assert not site.write("a", b"a", compressed=True)
    assert disk.done == []


def test_where_the_file_system_cannot_be_flushed_whole_each_file_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    real = os.fsync
    monkeypatch.setattr("feeds.site.disk._syncfs", lambda: None)
    monkeypatch.setattr(os, "fsync", lambda handle: (synced.append(handle), real(handle)))
    site = Site(tmp_path / "public")
    site.write("feeds/country/pa.atom", b"x")
    # The file; its folder, and the three in which a new folder was made.
    assert len(synced) >= 1 + 3
    assert site.read("feeds/country/pa.atom") == b"x"


# -- copies


def test_copies_unpack_to_the_bytes_and_are_of_the_same_instant(site: Site) -> None:
    data = b"<feed>" + b"news " * 500
    site.write("all.atom", data, compressed=True)
    assert gzip.decompress(site.read("all.atom.gz") or b"") == data
    assert brotli.decompress(site.read("all.atom.br") or b"") == data
    instants = {path.stat().st_mtime_ns for path in site.root.iterdir() if path.is_file()}
    assert len(instants) == 1


def test_the_same_bytes_give_the_same_copies(site: Site) -> None:
    for name in ("a", "b"):
        site.write(name, b"news " * 500, compressed=True)
    assert site.read("a.gz") == site.read("b.gz")
    assert site.read("a.br") == site.read("b.br")


@pytest.mark.parametrize("ending", [".gz", ".br"])
def test_a_copy_that_is_lost_or_older_is_made_again(site: Site, ending: str) -> None:
    site.write("a", b"news", compressed=True)
    copy = site.root / f"a{ending}"
    good = copy.read_bytes()
    before = (site.root / "a").stat()
    copy.unlink()
    assert not site.write("a", b"news", compressed=True)
    assert copy.read_bytes() == good
    copy.write_bytes(b"old")
    assert not site.write("a", b"news", compressed=True)
    assert copy.read_bytes() == good
    assert (site.root / "a").stat().st_ino == before.st_ino


def test_copies_go_with_their_file(site: Site) -> None:
    site.write("a", b"news", compressed=True)
    assert site.remove("a")
    assert files(site.root) == []


def test_other_bytes_get_a_later_second_even_within_one_or_when_the_clock_was_put_back(site: Site) -> None:
    """Web servers tell seconds, and newsboat drops what is not newer than what it has."""
    seconds = []
    for n in range(4):
        site.write("a", str(n).encode(), compressed=True)
        seconds.append(int((site.root / "a").stat().st_mtime))
    assert seconds == sorted(set(seconds))
    ahead = time.time_ns() + 10**12
    os.utime(site.root / "a", ns=(ahead, ahead))
    site.write("a", b"after the clock was put back", compressed=True)
    assert {path.stat().st_mtime_ns for path in site.root.iterdir() if path.is_file()} == {
        (ahead // 10**9 + 1) * 10**9
    }


def test_many_writers_and_a_reader_see_only_whole_files(site: Site) -> None:
    versions = {bytes([65 + n]) * 50_000 for n in range(4)}
    site.write("all.atom", b"A" * 50_000)
    stop = threading.Event()
    faults: list[BaseException] = []

    def write(data: bytes) -> None:
        try:
            for _ in range(12):
                site.write("all.atom", data)
        except OSError as fault:
            faults.append(fault)

    def read() -> None:
        while not stop.is_set():
            if site.read("all.atom") not in versions:
                faults.append(AssertionError("a torn file"))

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(data,)) for data in versions]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    reader.join()
    assert faults == []
    assert files(site.root) == ["all.atom"]
