"""Where the head of a file begins and ends, and in which of four ways it is written.

Owns the marks: YAML between lines of ``---``, TOML between lines of ``+++``, a JSON object, and lines of
"Name: value" over a blank line. Must not know the text below, nor what a name means.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile

from feeds.model import Fault
from feeds.reading.clean import clean
from feeds.reading.head import other_heads, yaml_head
from feeds.reading.head.entries import LONGEST, Entry, broken
from feeds.reading.head.meaning import Setting, has_to_be_read, is_known, meaning, strict_name
from feeds.reading.page import Context

_NAMES = yaml_head.Names(known=is_known, needed=has_to_be_read)
_ENDS = {"+++": ("+++",), "---": ("---", "...")}


@dataclass(frozen=True, slots=True)
class Head:
    """What the head says, where the text below it begins, and how many lines stand above that."""

    context: Context
    faults: tuple[Fault, ...]
    start: int
    lines: int


def head_of(text: str, setting: Setting) -> Head | None:
    """The head of a text, None if it has none.

    BulletinError with its line: `front-matter-broken` or `front-matter-too-much` if there is one that
    cannot be read, `not-for-publication` if it says so. `text` has line ends as ``\\\\n`` or ``\\\\r\\\\n``.
    """
    begin = text[:200].lstrip()
    if begin.startswith(tuple(_ENDS)):
        return _fenced(text, setting)
    if begin.startswith("{"):
        found = other_heads.json_head(text[: 2 * LONGEST], is_known)
        return _head(found[0], text, found[1], setting) if found else None
    if begin[:1].isalpha() and ":" in begin[:40]:
        unfenced = other_heads.bare(text[:LONGEST])
        return _head(unfenced[0], text, _after(text, unfenced[1]), setting) if unfenced else None
    return None


def _head(entries: list[Entry], text: str, start: int, setting: Setting) -> Head:
    context, faults = meaning(entries, setting)
    return Head(context, faults, start, text.count("\n", 0, start))


def _after(text: str, lines: int) -> int:
    """Where the line begins that so many lines stand above."""
    at = 0
    for _ in range(lines):
        at = text.find("\n", at) + 1 or len(text)
    return at


def _fenced(text: str, setting: Setting) -> Head | None:
    lines = text[:LONGEST].split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    mark = lines[first].strip()
    if mark not in _ENDS:
        return None
    last = next((at for at in range(first + 1, len(lines)) if lines[at].rstrip() in _ENDS[mark]), None)
    inside = [clean(line.rstrip("\r")) for line in lines[first + 1 : last]]
    if last is None:
        _check_open(inside, first + 1, mark)
        return None
    if not _begins_as_head(inside, mark):
        return None
    if mark == "+++":
        entries = other_heads.toml(inside, first + 2)
    else:
        entries = yaml_head.read(inside, first + 2, _NAMES)
    return _head(entries, text, _after(text, last + 1), setting)


def _begins_as_head(inside: list[str], mark: str) -> bool:
    """Whether the first line that says anything is a name with a value: two rules may stand round a text."""
    first = next((line for line in inside if line.strip() and not line.lstrip().startswith("#")), "")
    if mark == "+++":
        return any("=" in line for line in inside)
    return bool(yaml_head.PAIR.match(first.strip()))


def _check_open(inside: list[str], number: int, mark: str) -> None:
    """A head that nothing closes, or only after too much, would be read as a text with a rule over it."""
    pair = other_heads.SET if mark == "+++" else yaml_head.PAIR
    pairs = list(takewhile(bool, (pair.match(line) for line in inside)))
    names = {strict_name(found["name"].lower()) for found in pairs if found}
    names -= {""}
    # "Date: …" and "Country: …" are the beginning of a text as often.
    if names and (mark == "+++" or len(names) > 1 or not names & {"date", "countries"}):
        raise broken(number, f"{mark} {inside[0]}")
