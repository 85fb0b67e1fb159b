"""P2: kill -9 at any step of taking in files, and the next run ends in the same database and folders."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from feeds.app.parts import Parts
from feeds.intake import parting
from feeds.intake.ingest import ingest_ready
from killing import killed_at, opened

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
FILES = 20
# A change's number tells how often it was made, which is nobody's concern.
COLUMNS = {"change": "key"}
ORDER = {"bulletin_line": "1, 2", "wording": "1, 2", "label": "1, 2, 3", "revision": "1, 2"}
TABLES = ("bulletin", "bulletin_line", "item", "wording", "label", "revision", "change", "clock")
# The second half corrects the first: a kill may stand between an item and its correction.
ITEM = "{day} November, 2026\n\nA school opens in {place}\n\nChildren learn to {what} there from Monday on.\n"
PLACES = ("Panama", "Peru", "Chile", "Cuba", "Belize", "Haiti", "Mexico", "Brazil", "Bolivia", "Ecuador")


@pytest.fixture
def at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several transactions, though there are few items."""
    monkeypatch.setattr(parting, "ITEMS_AT_ONCE", 7)


def fill(parts: Parts) -> None:
    for number in range(FILES):
        half, which = divmod(number, FILES // 2)
        words = ITEM.format(day=1 + which, place=PLACES[which], what=("read", "write")[half])
        path = parts.inbox.root / f"file-{number:02}.txt"
        path.write_text(
            words if which else words.replace("2026", "20 26"), encoding="utf-8"
        )  # some are faulty
        os.utime(path, (NOW.timestamp() - 600 + number,) * 2)


def take_in(parts: Parts) -> None:
    ingest_ready(parts.watched_folders[0], lambda: NOW, "all")


def state(parts: Parts) -> dict[str, list[object]]:
    """Every row and every file."""
    with parts.store.read() as conn:
        found: dict[str, list[object]] = {
            name: list(
                conn.execute(
                    text(f"SELECT {COLUMNS.get(name, '*')} FROM {name} ORDER BY {ORDER.get(name, 1)}")
                )
            )
            for name in TABLES
        }
    root = parts.inbox.root
    paths = (path for path in sorted(root.rglob("*")) if path.is_file() and path.suffix != ".tmp")
    found["files"] = [(str(path.relative_to(root)), path.read_bytes()) for path in paths]
    return found


@pytest.mark.usefixtures("at_a_time")
def test_a_kill_at_any_step_of_twenty_files_ends_in_the_same_rows_and_files(
    site: Parts, tmp_path: Path, tables: object
) -> None:
    fill(site)
    site.store.close()
    whole = tmp_path / "whole"
    shutil.copytree(site.settings.root, whole)
    parts = opened(whole, tables)
    take_in(parts)
    wanted = state(parts)
    parts.store.close()
    assert len(wanted["item"]) == 9
    assert len(wanted["revision"]) == 9

    fatal, killed = 1, True
    while killed:
        folder = tmp_path / "killed"
        shutil.copytree(site.settings.root, folder)
        killed = killed_at(fatal, folder, tables, take_in)
        parts = opened(folder, tables)
        take_in(parts)
        found = state(parts)
        parts.store.close()
        for name, rows in wanted.items():
            assert found[name] == rows, f"{name}, killed at step {fatal}"
        shutil.rmtree(folder)
        fatal += 3  # a step in three: each file has the same ones
    assert fatal > 60
