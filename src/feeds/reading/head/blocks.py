"""A text with several heads: "Title: …", "Date: …" over each item, or heads between lines of ``---``.

Owns how such a text becomes one whose items begin with a date and a title, line for line as in the file, and
that an item whose head withholds it is taken out. Must not know where items end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from feeds.errors import BulletinError
from feeds.model import Fault, Moment
from feeds.reading.clean import clean
from feeds.reading.faults import cut
from feeds.reading.head import yaml_head
from feeds.reading.head.meaning import Setting, has_to_be_read, is_known, meaning
from feeds.reading.head.other_heads import BARE_NAMES
from feeds.reading.page import Context

_NAMES = yaml_head.Names(known=is_known, needed=has_to_be_read)
_PAIR = re.compile(r"([^\W\d_][\w -]{0,30}?)[ \t]?:(?:[ \t]+(\S.*)|$)")
_TITLE = re.compile(r"(?:title|headline|t[ií]tulo|titre)[ \t]?:[ \t]*\S", re.IGNORECASE)
_TITLES = re.compile(rf"^{_TITLE.pattern}", re.IGNORECASE | re.MULTILINE)
_KEPT = re.compile(r"(?:country|countries|link|url)[ \t]?:", re.IGNORECASE)
# The text itself, where it stands behind a name …
_TEXT = re.compile(
    r"(?:text|texto|texte|body|cuerpo|contenido|content|inhalt)[ \t]?:[ \t]*(?=\S)", re.IGNORECASE
)
# … and what is the text where there is no other.
_SHORT = re.compile(
    r"(?:summary|description|excerpt|abstract|resumen|descripci[oó]n|r[ée]sum[ée]|resumo|descri[cç][ãa]o)"
    r"[ \t]?:[ \t]*(?=\S)",
    re.IGNORECASE,
)
_TELLS = re.compile(rf"{_TEXT.pattern}|{_SHORT.pattern}", re.IGNORECASE)
_FENCE = "---"
_MOST_LINES = 60


class _Block(NamedTuple):
    """The lines of one head: its first, the one behind its last, and those that name something."""

    first: int
    end: int
    inside: range


@dataclass(slots=True)
class Blocks:
    """A text whose heads are dates and titles now; what they say of the whole file, and what was left out."""

    text: str
    faults: list[Fault] = field(default_factory=list)
    left_out: list[tuple[str, int]] = field(default_factory=list)
    not_before: Moment | None = None
    expires_at: Moment | None = None

    def context(self) -> Context:
        """What holds for all items."""
        return Context(not_before=self.not_before, expires_at=self.expires_at)


def blocks_of(text: str, setting: Setting, mark: str = "") -> Blocks | None:
    """The text, if it has two heads at least; `mark` is written before titles, to make them headings.

    BulletinError: `front-matter-broken` and the like, for a head that cannot be read.
    """
    if sum(1 for _ in islice(_TITLES.finditer(text), 2)) < 2:
        return None
    lines = [line.rstrip("\r") for line in text.split("\n")]
    found = list(_found(lines))
    if len(found) < 2:
        return None
    made = Blocks("")
    for block, end in zip(found, [*(block.first for block in found[1:]), len(lines)], strict=True):
        _write(made, lines, block, end, setting, mark)
    made.text = "\n".join(lines)
    return made


def _found(lines: Sequence[str]) -> Iterator[_Block]:
    at = 0
    while at < len(lines):
        block = _fenced(lines, at) if lines[at].rstrip() == _FENCE else _bare(lines, at)
        if block:
            yield block
        at = block.end if block else at + 1


def _fenced(lines: Sequence[str], at: int) -> _Block | None:
    """A head between two lines of dashes: names with values and a title among them, no blank line first."""
    last = next((to for to in range(at + 1, min(at + _MOST_LINES, len(lines))) if _closes(lines[to])), None)
    if last is None or not _PAIR.match(lines[at + 1]):
        return None
    inside = range(at + 1, last)
    return _Block(at, last + 1, inside) if any(_TITLE.match(lines[to]) for to in inside) else None


def _closes(line: str) -> bool:
    return line.rstrip() == _FENCE


def _bare(lines: Sequence[str], at: int) -> _Block | None:
    """Lines of "Name: value" under a blank one, a title and another known name among them."""
    if (at and lines[at - 1].strip()) or not _PAIR.fullmatch(lines[at].rstrip()):
        return None
    end = at
    while end < min(at + _MOST_LINES, len(lines)) and _PAIR.fullmatch(lines[end].rstrip()):
        end += 1
    names = {found[1].lower() for to in range(at, end) if (found := _PAIR.match(lines[to]))}
    titled = any(_TITLE.match(lines[to]) for to in range(at, end))
    known = [name for name in names if is_known(name) or name in BARE_NAMES]
    return _Block(at, end, range(at, end)) if titled and len(known) > 1 else None


def _write(made: Blocks, lines: list[str], block: _Block, end: int, setting: Setting, mark: str) -> None:
    """Put date and title in the place of a head; blank lines in the place of an item that is no item."""
    inside = [clean(lines[at]) for at in block.inside]
    entries = yaml_head.read(inside, block.inside[0] + 1, _NAMES)
    try:
        context, faults = meaning(entries, setting)
    except BulletinError as error:
        if error.fault.code != "not-for-publication":
            raise
        _take_out(made, lines, block, end, "item-not-for-publication", error.fault.detail)
        return
    if context.date_on is None:
        _take_out(made, lines, block, end, "date-missing", context.title or "")
        return
    made.faults += faults
    made.not_before = _later(made.not_before, context.not_before)
    made.expires_at = _sooner(made.expires_at, context.expires_at)
    kept = [clean(lines[at]) for at in block.inside if _KEPT.match(lines[at])]
    told = _TEXT if any(line.strip() for line in lines[block.end : end]) else _TELLS
    kept += [told.sub("", clean(lines[at]), count=1) for at in block.inside if told.match(lines[at])]
    idle = (at for at in block.inside if _is_idle(lines[at]) and not told.match(lines[at]))
    made.left_out += [("line-of-head", at + 1) for at in idle]
    written = [context.date_on.isoformat(), f"{mark}{context.title or ''}", *kept]
    for at in range(block.first, block.end):
        lines[at] = written.pop(0) if written else ""


def _is_idle(line: str) -> bool:
    """Whether a line of a head says what only a whole file can say."""
    found = _PAIR.match(line)
    said = _TITLE.match(line) or _KEPT.match(line)
    return found is not None and not said and found[1].lower() not in ("date", "fecha")


def _take_out(made: Blocks, lines: list[str], block: _Block, end: int, code: str, detail: str) -> None:
    made.faults.append(Fault(code=code, line=block.first + 1, detail=cut(detail)))
    for at in range(block.first, end):
        lines[at] = ""


def _later(one: Moment | None, other: Moment | None) -> Moment | None:
    both = [moment for moment in (one, other) if moment]
    return max(both, key=lambda moment: moment.at, default=None)


def _sooner(one: Moment | None, other: Moment | None) -> Moment | None:
    both = [moment for moment in (one, other) if moment]
    return min(both, key=lambda moment: moment.at, default=None)
