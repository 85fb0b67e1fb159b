"""The words of one block with their form: as plain lines, and each line as markup of its own.

Owns that a line's markup is whole (what is open at its end is closed, and opened again on the next), so
that any line can be left out of a body. Must not know where its words come from.
"""

from __future__ import annotations

import html
from typing import NamedTuple

from feeds.reading.clean import clean

INLINE = {
    "b": "strong", "strong": "strong", "i": "em", "em": "em", "cite": "em", "code": "code", "kbd": "code",
    "tt": "code", "sub": "sub", "sup": "sup",
}  # fmt: skip
_MOST_OPEN = 20


class Line(NamedTuple):
    """One line: its words as they stand in the file, and the same as markup."""

    words: str
    markup: str

    @classmethod
    def of(cls, words: str) -> Line:
        """A line without any form."""
        return cls(words, html.escape(clean(words), quote=False))


class Phrase:
    """Collects the words of one block after the other."""

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._words: list[str] = []
        self._markup: list[str] = []
        self._open: list[tuple[str, str]] = []

    def __bool__(self) -> bool:
        return bool(self._words or self._lines)

    def say(self, words: str) -> None:
        """More words of the line."""
        self._words.append(words)
        self._markup.append(html.escape(clean(words), quote=False))

    def open(self, tag: str, link: str | None = None) -> None:
        """What follows is emphasised, or a link; a link to nowhere has no mark."""
        start = ""
        if len(self._open) < _MOST_OPEN:
            start = f'<a href="{html.escape(link)}">' if link else "" if tag == "a" else f"<{tag}>"
        self._open.append((tag, start))
        self._markup.append(start)

    def close(self, tag: str) -> None:
        """The last one of these ends; what stands open within it ends, too."""
        if not any(name == tag for name, _ in self._open):
            return
        while self._open:
            name, start = self._open.pop()
            self._markup.append(f"</{name}>" if start else "")
            if name == tag:
                return

    def end_line(self, *, broken: bool = False) -> None:
        """The line ends; `broken`: by a mark that readers are to see as a line's end."""
        closing = "".join(f"</{name}>" for name, start in reversed(self._open) if start)
        markup = "".join(self._markup) + closing + ("<br>" if broken else "")
        self._lines.append(Line("".join(self._words), markup))
        self._words, self._markup = [], [start for _, start in self._open]

    def take(self) -> list[Line]:
        """All lines so far; what is open goes on."""
        self.end_line()
        lines, self._lines = self._lines, []
        return lines
