"""Changes -> a WebSub hub, once they stand in the public folder.

How far the hub was told is kept in the folder, beside the mark of what is published there: each folder
tells of what it serves. A hub that is new, or of another site, is told from here on. Publishing never waits
for it: what a hub did not take is told again, with what came meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from feeds import log
from feeds.hub import HubLine, HubRefusedError
from feeds.model import SiteInfo
from feeds.publishing import marks
from feeds.publishing.press import Press
from feeds.store import Store, publishing
from feeds.syndication.hub import is_told
from feeds.syndication.keys import feed_key

logger = log.get("hub")

FILE = ".hub.json"
_ALL_OF_THEM = 1 << 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Up to which change of a site a hub was told."""

    site: str
    hub: str
    seq: int

    def to_bytes(self) -> bytes:
        """As it is kept."""
        return (json.dumps(asdict(self)) + "\n").encode()


def told_of(data: bytes | None, site: str, hub: str, published: int) -> Told:
    """What was kept, if it is of this hub and site and not ahead of what is published; else all is told."""
    try:
        values: dict[str, Any] = json.loads(data or b"{}")
        kept = Told(site=str(values["site"]), hub=str(values["hub"]), seq=int(values["seq"]))
    except (ValueError, TypeError, KeyError):
        return Told(site=site, hub=hub, seq=published)
    known = (kept.site, kept.hub) == (site, hub) and kept.seq <= published
    return kept if known else Told(site=site, hub=hub, seq=published)


def topics(site: SiteInfo, feeds: Mapping[str, int], formats: Sequence[str]) -> dict[str, int]:
    """The addresses of feeds in each language and format, with the number of the change that they tell."""
    keys = [(feed_key(stem), seq) for stem, seq in feeds.items()]
    told = [(key.path(form), seq) for key, seq in keys if is_told(key) for form in formats]
    return {site.url(path, lang): seq for path, seq in told for lang in site.langs}


class HubTeller:
    """Tells a hub what has changed in a public folder. One is kept by a process."""

    def __init__(self, store: Store, press: Press, line: HubLine) -> None:
        self._store = store
        self._press = press
        self._line = line
        # Of a round that was broken off: a change is not told twice.
        self._taken: dict[str, int] = {}

    def tell(self, stopped: Callable[[], bool] = lambda: False) -> int:
        """Tell what is new since the last time; how many addresses. Raises HubAwayError: again later."""
        public, site = self._press.public, self._press.site
        mark = marks.read(public)
        if mark is None:
            return 0
        kept = public.read(FILE)
        told = told_of(kept, mark.site, site.hub, mark.seq)
        if told.seq < mark.seq and not self._tell_all(told.seq, mark.seq, stopped):
            return 0
        after = Told(site=mark.site, hub=site.hub, seq=mark.seq).to_bytes()
        if kept != after:
            public.write(FILE, after)
        taken, self._taken = len(self._taken), {}
        if taken:
            logger.info("hub-told", feeds=taken)
        return taken

    def _tell_all(self, after: int, until: int, stopped: Callable[[], bool]) -> bool:
        """Each address once; False if it was stopped before the last."""
        with self._store.read() as conn:
            changed = publishing.changes_between(conn, after, until, _ALL_OF_THEM)
        feeds = {key: seq for key, seq in changed.items() if not key.startswith(publishing.ITEM_PREFIX)}
        with closing(self._line):
            for address, seq in topics(self._press.site, feeds, self._press.formats).items():
                if stopped():
                    return False
                if self._taken.get(address) != seq:
                    self._tell_one(address)
                    self._taken[address] = seq
        return True

    def _tell_one(self, address: str) -> None:
        try:
            self._line.tell(address)
        except HubRefusedError as error:
            logger.warning("hub-refused", reason=str(error))
