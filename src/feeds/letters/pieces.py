"""Pieces of digest mails: rendered once, cut out at the template's marks, and kept (pure).

Owns the marks and the order in which pieces stand. Must not know which of them a mail needs.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from feeds.i18n import Translator
from feeds.letters import links
from feeds.letters.cards import Card
from feeds.letters.changes import ChangeCard
from feeds.letters.digest import DigestLetters, Section
from feeds.letters.footing import foot_values
from feeds.model import Audience, Cadence, Filter
from feeds.templating import later

TEXT, HTML = "body.txt", "body.html"
FOOT = later("foot")
_MARK, _BEFORE, _AFTER = "\ufdd9", "<!--", "-->"
# In which order the pieces of a mail must come that is joined.
_ORDER = {
    HTML: (
        "top", "end", "open", "lead", "contents", "entry", "entries", "group", "card", "headlines", "listed",
        "headline", "closed", "more", "changes", "rest", "foot", "tail",
    ),
    TEXT: (
        "top", "end", "contents", "lead", "group", "card", "headlines", "listed", "headline", "more",
        "changes", "rest", "foot", "tail",
    ),
}  # fmt: skip
Cut = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the pieces, the same in all mails of a language. `marked`: the foot can be cut out;
    `joined`: all pieces can, and come in the order in which they are joined."""

    parts: Mapping[str, Mapping[str, str]]
    marked: bool
    joined: bool


class Pieces:
    """The pieces of one pass: items must stay as they are while it lives. Not for several threads."""

    def __init__(self, letters: DigestLetters) -> None:
        self.letters = letters
        self._known: dict[Hashable, str] = {}
        self._frames: dict[str, Frame] = {}
        self._values = lru_cache(8)(self._common_values)

    def frame(self, t: Translator) -> Frame:
        """The frame of a language."""
        frame = self._frames.get(t.lang)
        if frame is None:
            frame = self._frames[t.lang] = self._framed(t)
        return frame

    def find(self, key: Hashable) -> str | None:
        """The piece that is kept under this key."""
        return self._known.get(key)

    def keep(self, key: Hashable, piece: str) -> str:
        """Keep a piece."""
        self._known[key] = piece
        return piece

    def make(self, part: str, t: Translator, name: str, values: Mapping[str, Any]) -> list[str]:
        """All pieces of this name that a template gives for these values."""
        return [content for each, content in self.cut(part, t, values) if each == name]

    def cut(self, part: str, t: Translator, values: Mapping[str, Any]) -> Cut:
        """Everything that a template gives for these values, by its pieces."""
        return cut(self.letters.render_part(part, {**self._values(t), **values}))

    def _framed(self, t: Translator) -> Frame:
        bare = {part: self.cut(part, t, {}) for part in _ORDER}
        probe = _probe()
        marked = all({"foot", "tail"} <= dict(pieces).keys() for pieces in bare.values())
        joined = all(
            list(dict.fromkeys(name for name, _ in self.cut(part, t, probe))) == list(order)
            for part, order in _ORDER.items()
        )
        return Frame({part: dict(pieces) for part, pieces in bare.items()}, marked, marked and joined)

    def _common_values(self, t: Translator) -> dict[str, Any]:
        site, vocabulary = self.letters.site, self.letters.vocabulary
        bare = Audience(cadence=Cadence.IMMEDIATE, filters=(Filter(),), lang=t.lang)
        return {
            "t": t, "site": site.speaking(t.lang), "subject": later("subject"), "title": links.HEADING,
            "period": later("period"), "preheader": later("preheader"), "total": 2, "alone": False,
            "at_the_end": "", "web_url": links.digest_url(site),
            "privacy_url": self.letters.privacy_url(t.lang), **foot_values(bare, site, vocabulary, t),
            "lead": None, "sections": [], "headline_sections": [], "headline_count": 0, "contents": [],
            "more": 0, "changes": [], "told": 0, "more_changes": 0,
        }  # fmt: skip


def cut(rendered: str) -> Cut:
    """A marked mail by its pieces, in their order; the first is called top."""
    first, *rest = rendered.split(_MARK)
    pieces, comment = [("top", first)], first.endswith(_BEFORE)
    for name, content in zip(rest[::2], rest[1::2], strict=True):
        pieces.append((name, content.removeprefix(_AFTER) if comment else content))
    if comment:
        pieces = [(name, content.removesuffix(_BEFORE)) for name, content in pieces]
    return pieces


def without_foot(pieces: Cut) -> str:
    """All of it, with a slot where the foot was."""
    return "".join(FOOT if name == "foot" else content for name, content in pieces)


def _probe() -> dict[str, Any]:
    """Values with which a template shows each of its pieces."""
    card = Card(number=1, title="x", url="x", lang="", meta="x", text="x", html="x", included="x")
    change = ChangeCard(
        withdrawn=False, title="x", url="x", lang="", state="x", fields="x", passages=(), reason="x",
        meta="x", tagged="x",
    )  # fmt: skip
    section = Section("x", "x", (card, card))
    return {
        "at_the_end": "x", "lead": card, "sections": [section], "headline_sections": [section],
        "headline_count": 2, "contents": [("x", 1), ("x", 2)], "more": 1, "changes": [change], "told": 2,
        "more_changes": 1,
    }  # fmt: skip
