"""What the tests of held bulletins share: files that are dropped, and what became of them."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from feeds.intake.folders import IngestReport, WatchedFolder
from feeds.intake.ingest import ingest_ready
from feeds.store import bulletins, items

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
NEWS = "18 November, 2026\n\nA school opens in Panama\n\nChildren and parents learn {what} there.\n"
GLUED = (
    "18 November, 2026\n\nA school opens in Panama\n\nChildren learn there.\n\n"
    "28 Novembr\n\nA port closes in Honduras\n\nShips wait.\n\n"
    "17 November, 2026\n\nA road opens in Mexico\n\nLorries pass.\n"
)


def drop(folder: WatchedFolder, name: str = "a.txt", what: str = "to read") -> None:
    path = folder.inbox.root / name
    path.write_text(NEWS.format(what=what), encoding="utf-8")
    os.utime(path, (NOW.timestamp() - 60,) * 2)


def ingest(folder: WatchedFolder, minutes: int = 0) -> IngestReport:
    return ingest_ready(folder, lambda: NOW + timedelta(minutes=minutes))


def lying(folder: WatchedFolder, where: str) -> list[str]:
    paths = (folder.inbox.root / where).iterdir()
    return sorted(path.name for path in paths if not path.name.startswith("."))


def slip(folder: WatchedFolder, where: str, name: str = "a.txt") -> str:
    return (folder.inbox.root / where / f"{name}.receipt.txt").read_text(encoding="utf-8")


def rows(folder: WatchedFolder) -> list[bulletins.BulletinRow]:
    with folder.store.read() as conn:
        return bulletins.listing(conn, 99)[::-1]


def summaries(folder: WatchedFolder) -> list[str]:
    with folder.store.read() as conn:
        return [one.summary for one in items.listing(conn, limit=99)]


def put(folder: WatchedFolder, text: str, name: str = "a.txt") -> None:
    path = folder.inbox.root / name
    path.write_text(text, encoding="utf-8")
    os.utime(path, (NOW.timestamp() - 60,) * 2)


def titles(folder: WatchedFolder) -> set[str]:
    with folder.store.read() as conn:
        return {one.title for one in items.listing(conn, limit=99)}
