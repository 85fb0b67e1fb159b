"""Real feed readers without their screens: each fetches a feed over HTTP and remembers what it has seen."""

from __future__ import annotations

import json
import mailbox
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Protocol

import feedparser

import needs


class FeedReader(Protocol):
    """Somebody's reader, following one feed."""

    def fetch(self) -> list[str]:
        """Ask for the feed, and read all that is new; the titles of that, sorted."""

    def shown(self) -> list[str]:
        """The titles of all that it shows, sorted; of a mailbox, as they were when they came."""


class Parsed:
    """feedparser with the few rules of a careful reader: ids are known for ever, tags are sent back."""

    keeps_up = True

    def __init__(self, url: str, _: Path) -> None:
        self._url, self._etag, self._modified = url, "", ""
        self._titles: dict[str, str] = {}

    def fetch(self) -> list[str]:
        found = feedparser.parse(self._url, etag=self._etag, modified=self._modified)
        assert not found.bozo, found.get("bozo_exception")
        assert found.status in (200, 304)
        if found.status == 304:
            return []
        self._etag, self._modified = found.get("etag", ""), found.get("modified", "")
        ids = [entry.id for entry in found.entries]
        assert len(set(ids)) == len(ids)
        new = [entry for entry in found.entries if entry.id not in self._titles]
        self._titles |= {entry.id: _plain(entry.title) for entry in found.entries}
        return sorted(_plain(entry.title) for entry in new)

    def shown(self) -> list[str]:
        return sorted(self._titles.values())


class Newsboat:
    """newsboat with a cache of its own."""

    keeps_up = True

    def __init__(self, url: str, folder: Path) -> None:
        self._program = needs.program("newsboat", package="newsboat")
        self._folder, self._cache = folder, folder / "cache.db"
        (folder / "urls").write_text(f"{url}\n")
        (folder / "config").write_text("")

    def fetch(self) -> list[str]:
        options = [f"-{letter}{self._folder / name}" for letter, name in (("C", "config"), ("u", "urls"))]
        done = subprocess.run(
            [self._program, *options, f"-c{self._cache}", "-x", "reload", "print-unread"],
            env={**os.environ, "HOME": str(self._folder), "LC_ALL": "C.UTF-8"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        unread = self._titles("WHERE unread = 1")
        assert len(unread) == int(re.findall(r"\d+", done.stdout)[0])
        with closing(sqlite3.connect(self._cache)) as cache, cache:
            cache.execute("UPDATE rss_item SET unread = 0")  # what a person does by pressing A
        return unread

    def shown(self) -> list[str]:
        return self._titles("")

    def _titles(self, where: str) -> list[str]:
        with closing(sqlite3.connect(self._cache)) as cache:
            return sorted(_shown(title) for (title,) in cache.execute(f"SELECT title FROM rss_item {where}"))


class Rss2Email:
    """rss2email into a mail folder: what is new comes as a mail, once."""

    keeps_up = False

    def __init__(self, url: str, folder: Path) -> None:
        self._program = needs.program("r2e", package="rss2email")
        self._folder = folder
        (folder / "config").write_text(
            "[DEFAULT]\nfrom = r2e@reader.example\nto = ana@reader.example\nforce-from = True\n"
            f"email-protocol = maildir\nmaildir-path = {folder}\nmaildir-mailbox = mail\n"
        )
        self._run("add", "news", url)
        self._seen: set[str] = set()

    def _run(self, *arguments: str) -> None:
        files = ("-c", str(self._folder / "config"), "-d", str(self._folder / "data.json"))
        done = subprocess.run(
            [self._program, *files, *arguments], capture_output=True, text=True, check=False,
            env={**os.environ, "HOME": str(self._folder), "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    def fetch(self) -> list[str]:
        self._run("run")
        box = mailbox.Maildir(self._folder / "mail", create=True)
        new = {key: _subject(message) for key, message in box.items() if key not in self._seen}
        self._seen |= new.keys()
        return sorted(new.values())

    def shown(self) -> list[str]:
        return sorted(_subject(message) for message in mailbox.Maildir(self._folder / "mail"))


class Lemon24:
    """reader, the library, with a database of its own; in a process, because a module here has its name."""

    keeps_up = True
    # It brings a feedparser of its own, which still looks for a module under its former name.
    ASK = """
import json, sys
import feedparser_sgmllib
sys.modules.setdefault("sgmllib", feedparser_sgmllib)
from reader import make_reader
own, url = make_reader(sys.argv[1]), sys.argv[2]
own.add_feed(url, exist_ok=True)
own.update_feed(url)  # now: it would wait for as long as the feed may be kept
(feed,) = own.get_feeds()
assert feed.last_exception is None, feed.last_exception
unread = list(own.get_entries(read=False))
for entry in unread:
    own.mark_entry_as_read(entry)
print(json.dumps([[entry.title for entry in unread], [entry.title for entry in own.get_entries()]]))
"""

    def __init__(self, url: str, folder: Path) -> None:
        self._command = [sys.executable, "-P", "-c", self.ASK, str(folder / "reader.db"), url]
        self._folder, self._shown = folder, list[str]()

    def fetch(self) -> list[str]:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            self._command, cwd=self._folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        unread, shown = json.loads(done.stdout)
        self._shown = sorted(map(_plain, shown))
        return sorted(map(_plain, unread))

    def shown(self) -> list[str]:
        return self._shown


def _plain(title: str) -> str:
    """A title as a person sees it, of one that may hold escapes."""
    return _shown(unescape(title))


def _shown(title: str) -> str:
    return " ".join(title.replace("\u2060", "").split())


def _subject(message: mailbox.MaildirMessage) -> str:
    from email.header import decode_header, make_header

    return _plain(str(make_header(decode_header(str(message["Subject"])))))
