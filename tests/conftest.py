"""What all tests share: a clean environment, a site, a command line, and the seeds."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import needs

if TYPE_CHECKING:
    from feeds.app.parts import Parts

# What is imported and collected stays: it is never looked through for garbage. What tests leave, seldom.
gc.disable()
gc.set_threshold(50_000, 20, 20)

ROOT = Path(__file__).resolve().parents[1]
SEEDS = ROOT.parent / "shared" / "seeds"
OWN_SEEDS = Path(__file__).resolve().parent / "bulletins"


# The longest come first, so that no worker is left with one of them at the end.
FOLDERS = ("slow", "browser", "integration", "store", "house", "unit")
# What `./dev test` leaves out and `./dev check` runs; single tests elsewhere may carry the mark as well.
SLOW = ("slow", "browser")


def folder_of(nodeid: str) -> str:
    """`unit` for tests/unit/test_x.py::test_y."""
    return nodeid.split("/")[1] if nodeid.startswith("tests/") else ""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark whole folders as slow; give several workers the long files first."""
    for item in items:
        if folder_of(item.nodeid) in SLOW:
            item.add_marker(pytest.mark.slow)
    if os.environ.get("PYTEST_XDIST_WORKER"):
        places = {name: place for place, name in enumerate(FOLDERS)}
        items.sort(key=lambda item: places.get(folder_of(item.nodeid), 0))


_SKIPPED: list[str] = []
_LEFT = pytest.StashKey[int]()
_SLOW = "feeds_slow_left_out"


def pytest_deselected(items: list[pytest.Item]) -> None:
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        slow[0].config.stash[_LEFT] = len(slow)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and isinstance(report.longrepr, tuple):
        _SKIPPED.append(str(report.longrepr[2]).removeprefix("Skipped: "))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker tells its controller how many tests it was not asked for."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[_SLOW] = session.config.stash.get(_LEFT, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    node.config.stash[_LEFT] = getattr(node, "workeroutput", {}).get(_SLOW, 0)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last line of a run says what it did not try."""
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        print(needs.left_out(_SKIPPED, config.stash.get(_LEFT, 0)))


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file stays with one worker, whose site and tables it shares; all of the browser's are one file."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "browser" if folder_of(nodeid) == "browser" else super()._split_scope(nodeid)

    return ByFile(config, log)


@pytest.fixture(autouse=True, scope="session")
def _clean_environment() -> Iterator[None]:
    """Nothing of the developer's own sites gets into a test."""
    kept = ("FEEDS_ACCEPT", "FEEDS_FEEDVALIDATOR", "FEEDS_FEEDVALIDATOR_PYTHON")
    with pytest.MonkeyPatch.context() as patched:
        for name in [name for name in os.environ if name.startswith("FEEDS_")]:
            if name not in kept and not name.startswith("FEEDS_TEST"):
                patched.delenv(name)
        yield


@pytest.fixture(autouse=True)
def _usual_umask() -> None:
    """The program takes rights from what it makes, for the whole process: no test inherits another's."""
    os.umask(0o022)


@pytest.fixture(autouse=True)
def _plain_logging() -> None:
    """As the program writes its log, not as structlog does by itself, which paints each traceback; and not
    at the level that a site of an earlier test had.
    """
    import structlog

    structlog.reset_defaults()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(),
        ]
    )


@pytest.fixture(params=["own", "real"])
def seeds(request: pytest.FixtureRequest) -> list[Path]:
    """Two bulletins of ten items each: our own, and the real ones, which the repository does not hold."""
    if request.param == "own":
        return sorted(OWN_SEEDS.glob("*.txt"))
    found = sorted(SEEDS.glob("*.txt"))
    if not found:
        pytest.skip("the seed bulletins are not beside this checkout (../shared/seeds)")
    return found


@dataclass(frozen=True)
class Ran:
    """What a command gave back."""

    code: int
    out: str
    err: str


RunFeeds = Callable[..., Ran]


@pytest.fixture
def feeds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> RunFeeds:
    """`feeds("status", "--json")`: the real command line, in this process."""
    import structlog

    from feeds.cli import main

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["feeds", *map(str, arguments)])
        before, logging = os.umask(0o022), structlog.get_config()
        capsys.readouterr()
        try:
            with pytest.raises(SystemExit) as ended:
                main()
        finally:
            os.umask(before)
            structlog.configure(**logging)  # a site's own level must not outlive its command
        captured = capsys.readouterr()
        return Ran(int(ended.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def tables() -> object:
    """The shipped tables, built once: they are the same in every site of these tests."""
    from feeds import config
    from feeds.labels import build

    settings = config.load(ROOT / "config" / "feeds.toml")
    return build(settings.topics, settings.places)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site as `feeds init` makes it; tests get copies, because founding one takes its time."""
    from feeds.app.founding import found

    values = {
        "site.name": '"Test Newsroom"',
        "site.base_url": '"https://news.example.org"',
        "site.tag_domain": '"news.example.org"',
        "mail.from": '"newsroom@news.example.org"',
        "log.level": '"error"',
    }
    folder = tmp_path_factory.mktemp("founded") / "site"
    found(folder, values).store.close()
    return folder


@pytest.fixture
def site(tmp_path: Path, founded: Path, tables: object) -> Iterator[Parts]:
    """A new site with mails caught in a folder, for the length of one test."""
    from feeds import config
    from feeds.app.parts import Parts

    shutil.copytree(founded, tmp_path / "site")
    parts = Parts(config.load(tmp_path / "site" / "config" / "feeds.toml"))
    parts.__dict__["_labels"] = tables
    yield parts
    parts.reader.close()
    parts.store.close()
