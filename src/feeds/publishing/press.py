"""What publishing works with, and what it keeps in mind from one pass to the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from feeds.model import SiteInfo, Vocabulary
from feeds.pages.archive_pages import ArchivePages
from feeds.publishing.catalogue import Catalogue
from feeds.publishing.fragments import Fragments
from feeds.site import Site
from feeds.store import Connection, publishing
from feeds.syndication.keys import ITEM_PREFIX

# More changes than these since the last pass, and the catalogue is read anew.
_MOST_CHANGES = 5_000


class Memory:
    """All items without words, and the fragments of some, as of the last pass of this process."""

    def __init__(self) -> None:
        self._fragments: dict[str, Fragments] = {}
        self.published: set[str] = set()
        self._catalogue: Catalogue | None = None

    def fragments(self, lang: str) -> Fragments:
        """The fragments of items in a language."""
        return self._fragments.setdefault(lang, Fragments())

    def up_to_date(self, conn: Connection, site: str) -> Catalogue:
        """The catalogue as of this transaction; fragments of changed items are forgotten."""
        head = publishing.latest_change(conn)
        kept = self._catalogue
        if kept is not None and kept.site == site and kept.seq <= head:
            changed = publishing.changes_between(conn, kept.seq, head, _MOST_CHANGES + 1)
            if len(changed) <= _MOST_CHANGES:
                ids = [key.removeprefix(ITEM_PREFIX) for key in changed if key.startswith(ITEM_PREFIX)]
                for each in self._fragments.values():
                    each.drop(ids)
                kept.read(conn, ids)
                kept.seq = head
                return kept
        return self._anew(conn, site, head)

    def _anew(self, conn: Connection, site: str, head: int) -> Catalogue:
        self._fragments.clear()
        self.published = publishing.remembered(conn)
        made = Catalogue(site, head)
        made.read(conn)
        self._catalogue = made
        return made


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """What publishing works with.

    `look` is a digest of templates and settings: when it changes, everything is
    rewritten, by the process that was `started_at` last: an older one with an
    older look does not write it back. `assets` are files that stand at the root of
    the site: its icon and its logo.
    """

    public: Site
    site: SiteInfo
    vocabulary: Vocabulary
    pages: ArchivePages
    tag: str
    length: int
    formats: Sequence[str]
    style: bytes
    look: str
    started_at: datetime
    assets: Mapping[str, bytes] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory, compare=False)
    now: Callable[[], datetime] = _now
