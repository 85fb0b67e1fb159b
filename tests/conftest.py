"""What all tests share: a clean environment, a site, a command line, and the seeds."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from feeds.app.parts import Parts

# Looked at less often: thousands of small tests leave few cycles, and the tables are big.
gc.set_threshold(50_000, 20, 20)

ROOT = Path(__file__).resolve().parents[1]
SEEDS = ROOT.parent / "shared" / "seeds"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's own sites gets into a test."""
    for name in [
        name for name in os.environ if name.startswith("FEEDS_") and not name.startswith("FEEDS_TEST")
    ]:
        if name not in ("FEEDS_ACCEPT", "FEEDS_FEEDVALIDATOR", "FEEDS_FEEDVALIDATOR_PYTHON"):
            monkeypatch.delenv(name)


@pytest.fixture
def seeds() -> list[Path]:
    """The two real bulletins. They are not part of the repository."""
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
