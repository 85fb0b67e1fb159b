"""P3: a kill or a loss of power at any step of publishing, and the next pass ends in the same folder."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feeds import config
from feeds.app.parts import Parts
from feeds.errors import FeedsError
from feeds.office import editing
from feeds.publishing import marks, plan
from feeds.publishing.publish import publish
from feeds.publishing.standing import waiting
from feeds.site import Disk, Site
from feeds.store import items
from taking import accept_one

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
NEWS = "{day} November, 2026\n\n{place} opens school {day}\n\nChildren of {place} learn to read there.\n"
PLACES = ("Panama", "Honduras", "Guyana", "Belize", "Haiti", "Peru")


def take(parts: Parts, day: int) -> None:
    text = NEWS.format(day=day, place=PLACES[day % len(PLACES)])
    accept_one(parts, f"{day}.txt", text.encode(), NOW, "all", filed=True)


@pytest.fixture
def begun(site: Parts, monkeypatch: pytest.MonkeyPatch) -> Parts:
    """A site with a published folder, and with news, a correction and a withdrawal since; parts are small."""
    monkeypatch.setattr(plan, "ITEMS_AT_ONCE", 4)
    monkeypatch.setattr(plan, "FEEDS_AT_ONCE", 60)
    for day in range(1, 4):
        take(site, day)
    publish(site.store, site.press)
    for day in range(4, 6):
        take(site, day)
    with site.store.read() as conn:
        *_, second, first = items.listing(conn, limit=10)
    editing.withdraw(site.store, first.id, "It was wrong", NOW)
    editing.correct(site.store, site.labeller, second.id, editing.Words(title="Put right"), "A slip", NOW)
    return site


def tree(root: Path) -> dict[str, bytes]:
    """Every file that a reader may see, without the mark, which tells the time."""
    paths = (path for path in sorted(root.rglob("*")) if path.is_file())
    found = {str(path.relative_to(root)): path.read_bytes() for path in paths}
    return {name: data for name, data in found.items() if name != marks.FILE}


def whole(parts: Parts, tmp_path: Path) -> dict[str, bytes]:
    """What a folder must hold that was filled at one go."""
    press = replace(parts.press, public=Site(tmp_path / "whole"))
    publish(parts.store, press)
    return tree(tmp_path / "whole")


def without_copies(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if not name.endswith((".gz", ".br"))}


# -- kills


@dataclass
class Deadly(Disk):
    """Kills its process at a step."""

    fatal: int
    steps: int = 0

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def create(self, folder: int, name: str, data: bytes, at_ns: int) -> None:
        self._step()
        if self.steps + 1 == self.fatal:  # in the middle of a file
            data = data[: len(data) // 2]
        super().create(folder, name, data, at_ns)

    def rename(self, source: int, temporary: str, folder: int, name: str) -> None:
        self._step()
        super().rename(source, temporary, folder, name)

    def unlink(self, folder: int, name: str) -> None:
        self._step()
        super().unlink(folder, name)

    def flush(self, root: int, files: Iterable[tuple[int, str]], folders: Iterable[int]) -> None:
        self._step()


def killed_at(fatal: int, parts: Parts, root: Path) -> bool:
    """Publish into a folder in a process that dies at its n-th step; False when it came to its end before."""
    child = os.fork()
    if child == 0:
        try:
            own = Parts(config.load(parts.settings.file))
            own.__dict__["_labels"] = parts._labels
            publish(own.store, replace(own.press, public=Site(root, Deadly(fatal))))
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_a_kill_at_any_step_leaves_whole_files_and_the_next_pass_ends_in_the_same_folder(
    begun: Parts, tmp_path: Path
) -> None:
    before = without_copies(tree(begun.public.root))
    wanted = whole(begun, tmp_path)
    fatal, killed = 1, True
    while killed:
        folder = tmp_path / "killed"
        shutil.copytree(begun.public.root, folder)
        killed = killed_at(fatal, begun, folder)
        for name, data in without_copies(tree(folder)).items():
            if not name.startswith(".writing/"):
                assert data in (before.get(name), wanted.get(name)), f"{name}, killed at step {fatal}"
        publish(begun.store, replace(begun.press, public=Site(folder)))
        assert tree(folder) == wanted, f"killed at step {fatal}"
        shutil.rmtree(folder)
        fatal += 47  # a step in forty-seven: what a kill leaves differs little from one to the next
    assert fatal > 150


# -- losses of power


@dataclass
class Lossy(Disk):
    """Forgets, when told, any of the bytes and names that were not flushed, each for itself."""

    undo: list[Callable[[], None]] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)
    steps: int = 0
    last: int = 10**9

    def _step(self) -> None:
        self.steps += 1
        if self.steps > self.last:
            raise OSError("the power is gone")

    def create(self, folder: int, name: str, data: bytes, at_ns: int) -> None:
        self._step()
        super().create(folder, name, data, at_ns)
        handle = os.open(name, os.O_WRONLY, dir_fd=folder)
        self.undo.append(lambda: os.truncate(handle, 0))
        self.handles.append(handle)

    def rename(self, source: int, temporary: str, folder: int, name: str) -> None:
        self._step()
        self._keep(folder, name)
        super().rename(source, temporary, folder, name)

    def unlink(self, folder: int, name: str) -> None:
        self._step()
        self._keep(folder, name)
        super().unlink(folder, name)

    def _keep(self, folder: int, name: str) -> None:
        """Have the name lead to what it led to, if that is undone."""
        path = Path(f"/proc/self/fd/{folder}").readlink() / name
        data, at_ns = (path.read_bytes(), path.stat().st_mtime_ns) if path.exists() else (None, 0)

        def back() -> None:
            path.unlink(missing_ok=True)
            if data is not None:
                path.write_bytes(data)
                os.utime(path, ns=(at_ns, at_ns))

        self.undo.append(back)

    def flush(self, root: int, files: Iterable[tuple[int, str]], folders: Iterable[int]) -> None:
        self._step()
        self.undo.clear()
        self.let_go()

    def let_go(self) -> None:
        """Close what was kept open to be forgotten."""
        while self.handles:
            os.close(self.handles.pop())

    def lose(self, chance: random.Random) -> None:
        """The power is gone: each unflushed change is there or not, whatever its neighbours."""
        for back in reversed(self.undo):
            if chance.random() < 0.5:
                back()
        self.let_go()


@pytest.mark.parametrize("seed", range(24))
def test_whatever_unflushed_change_a_loss_of_power_takes_no_file_is_half_and_nothing_is_forgotten(
    begun: Parts, tmp_path: Path, seed: int
) -> None:
    before = without_copies(tree(begun.public.root))
    wanted = whole(begun, tmp_path)
    chance = random.Random(seed)
    disk = Lossy(last=chance.randrange(1, 400))
    press = replace(begun.press, public=Site(begun.public.root, disk))
    with pytest.MonkeyPatch.context() as gone:
        gone.setattr("feeds.site.part.Part._discard", lambda *_: None)  # nobody tidies up after it
        try:
            publish(begun.store, press)
        except FeedsError:
            disk.lose(chance)
    for name, data in without_copies(tree(begun.public.root)).items():
        if not name.startswith(".writing/"):
            assert data in (before.get(name), wanted.get(name)), name
    publish(begun.store, begun.press)
    assert tree(begun.public.root) == wanted
    assert waiting(begun.store, begun.public) == 0
