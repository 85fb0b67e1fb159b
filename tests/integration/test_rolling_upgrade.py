"""Old and new version side by side on one PostgreSQL for one migration: both serve and send, nothing is lost.

The old version is the newest in this clone's history that has fewer migrations.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tarfile
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from email import message_from_bytes
from pathlib import Path

import pytest

from conftest import ROOT
from feeds.app.parts import Parts
from feeds.config import load
from feeds.model import DeliveryState
from feeds.store import deliveries
from integration.test_running import wait_until
from integration.test_several_hosts import drop, free_port, sent_of_each
from own_postgres import own_server
from smtp_server import ScriptedServer

pytestmark = pytest.mark.slow

VERSIONS = "src/feeds/store/migrations/versions"
PARTS_OF_A_RELEASE = ("src", "templates", "config", "pyproject.toml")


def git(*words: str) -> bytes:
    return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, check=True).stdout


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The source as it was when there were fewer migrations."""
    ours = len(list((ROOT / VERSIONS).glob("v*.py")))
    try:
        commits = git("log", "--first-parent", "--format=%H", "-500").decode().split()
        before = next(each for each in commits if _is_before(each, ours))
        packed = git("archive", before, *PARTS_OF_A_RELEASE)
    except (subprocess.CalledProcessError, FileNotFoundError, StopIteration):
        pytest.skip("the history of this clone does not reach the release before")
    folder = tmp_path / "old"
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def _is_before(commit: str, ours: int) -> bool:
    """Whether a commit has fewer migrations, each with a number of its own."""
    names = git("ls-tree", "--name-only", commit, f"{VERSIONS}/").decode().split()
    numbers = [name.removeprefix(f"{VERSIONS}/v")[:4] for name in names if "/v0" in name]
    return len(set(numbers)) == len(numbers) < ours


def feeds(source: Path, *words: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(source / "src")}
    command = [sys.executable, "-m", "feeds", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


@contextmanager
def running(source: Path, file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """All roles of one version; ended by SIGTERM."""
    command = [sys.executable, "-m", "feeds", "--config", str(file), "run"]
    with file.with_suffix(".log").open("ab") as log:
        environment = {**os.environ, "PYTHONPATH": str(source / "src")}
        made = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            yield made
        finally:
            made.terminate()
            assert made.wait(60) == 0


def settings_of(folder: Path, name: str, values: dict[str, str]) -> Path:
    """The site's configuration with a public folder and port of its own."""
    words = (folder / "config" / "feeds.toml").read_text(encoding="utf-8")
    own = {"listen": f'"127.0.0.1:{free_port()}"', "url": values["url"], "port": values["port"]}
    for key, value in {**values, **own}.items():
        words, times = re.subn(rf"(?m)^{key} = .*$", f"{key} = {value}", words, count=1)
        assert times == 1, key
    words = words.replace('path = "public"', f'path = "{name}"')
    file = folder / "config" / f"{name}.toml"
    file.write_text(words, encoding="utf-8")
    return file


def holds(parts: Parts, number: int) -> bool:
    """Whether this host's folder has so many items, and each reader their letters."""
    feed = parts.public.read("feeds/all.atom") or b""
    with parts.store.read() as conn:
        states = {state for state, _ in deliveries.accounting(conn)}
    return feed.count(b"<entry") == number and states <= {DeliveryState.SENT}


def _message_id(source: bytes) -> str:
    return str(message_from_bytes(source)["Message-ID"])


def answers(parts: Parts, paths: Sequence[str]) -> bool:
    base = f"http://{parts.settings.web.listen}"
    return all(urllib.request.urlopen(base + path, timeout=30).status == 200 for path in paths)


def test_old_and_new_serve_and_send_side_by_side_while_one_takes_the_place_of_the_other(
    old: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    feeds(old, "init", str(folder))
    with ExitStack() as stack:
        server, relay = stack.enter_context(own_server()), stack.enter_context(ScriptedServer())
        values = {
            "url": f'"{server.url}"', "transport": '"smtp"', "tls": '"none"', "port": str(relay.port),
            "max_age": "36500", "settle": "0.0", "rescan": "0.5", "hold": "0.0", "gap": "0.0",
        }  # fmt: skip
        before, after = (settings_of(folder, name, values) for name in ("before", "after"))
        feeds(old, "--config", str(before), "migrate")
        for name in ("ana", "ben"):
            wish = ("--filter", "all", "--cadence", "immediate", "--consent", "a test")
            feeds(old, "--config", str(before), "subscribers", "add", f"{name}@reader.example", *wish)
        with running(old, before):
            first, second = Parts(load(before)), Parts(load(after))
            drop(first, 0)
            plan = feeds(ROOT, "--config", str(after), "migrate", "--plan")
            assert plan.startswith("00")
            feeds(ROOT, "--config", str(after), "migrate")
            with running(ROOT, after):
                drop(first, 1)
                wait_until(lambda: holds(first, 2) and holds(second, 2), "both are up to date")
                pages = ("/feeds/all.atom", "/subscribe", "/filter?q=opens")
                assert answers(first, pages)
                assert answers(second, pages)
                drop(first, 2)
                wait_until(lambda: holds(first, 3) and holds(second, 3), "both are up to date")
        with running(ROOT, after):
            drop(first, 3)
            wait_until(lambda: holds(second, 4) and len(sent_of_each(second)) == 8, "what came last is sent")
        told = sent_of_each(second)
        assert (len(told), set(told.values())) == (8, {1})
        letters = Counter((each.recipients, _message_id(each.source)) for each in relay.messages)
        assert set(letters.values()) == {1}
        first.close()
        second.close()
