"""What every kind of head is brought into: names, values as texts, and the line of each.

Owns the limits on a head, and the fault for one that cannot be read. Must not know what a name means.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from itertools import islice
from typing import NamedTuple

from feeds.errors import BulletinError
from feeds.model import Fault
from feeds.reading.clean import shown
from feeds.reading.faults import cut

# A head is short. Anything longer that begins with three dashes is a text with a rule over it.
LONGEST = 16_384
MOST_VALUES = 100
MOST_DEPTH = 20
_CODE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_TAG = re.compile(
    r"</?(?:a|abbr|b|br|cite|code|em|i|mark|q|s|small|span|strong|sub|sup|u)(?:\s[^<>]{0,300})?/?>"
)

Value = str | list[str]


class Entry(NamedTuple):
    """One thing that a head says: a name in lower case (``params.draft`` for one in a table), what, where.

    `written` is the name as the head has it.
    """

    name: str
    value: Value
    line: int
    written: str = ""

    def words(self) -> str:
        """What the head says, for people."""
        return f"{self.written or self.name}: {words(self.value)}"


class TooMuchError(Exception):
    """A head that would unfold into too much: a bomb, or no head at all."""


def broken(number: int, line: str) -> BulletinError:
    """The fault of a head that cannot be read on a line of the file."""
    return BulletinError(Fault(code="front-matter-broken", line=number, detail=cut(shown(line))))


def too_much(number: int, line: str) -> BulletinError:
    """The fault of a head that unfolds into too much."""
    return BulletinError(Fault(code="front-matter-too-much", line=number, detail=cut(shown(line))))


def entries_of(name: str, value: object, line: int) -> Iterator[Entry]:
    """The entries of one name, whose value is what a parser of TOML, JSON or YAML makes of it."""
    name = name.strip()
    if isinstance(value, Mapping):
        for inner, each in islice(value.items(), MOST_VALUES):
            if not isinstance(each, Mapping):
                both = f"{name}.{str(inner).strip()}"
                yield Entry(both.lower(), plain(each), line, both)
    else:
        yield Entry(name.lower(), plain(value), line, name)


def plain(value: object) -> Value:
    """A value as a text or a list of texts; what is nested deeper is flattened."""
    if isinstance(value, list):
        return list(islice(_flat(value, MOST_DEPTH), MOST_VALUES))
    return _text(value)


def _flat(values: Iterable[object], depth: int) -> Iterator[str]:
    for value in values:
        if isinstance(value, list):
            if depth:
                yield from _flat(value, depth - 1)
        elif isinstance(value, Mapping):
            yield from (
                f"{name}: {_text(each)}" for name, each in value.items() if not isinstance(each, list)
            )
        else:
            yield _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return "" if value is None or isinstance(value, Mapping) else str(value)


def words(value: Value | None) -> str:
    """A value as one shown text, with the codes that stand for letters read: ``&#8217;``, ``\\u00e9``."""
    text = (value[0] if value else "") if isinstance(value, list) else value or ""
    return shown(decoded(text))


def decoded(text: str) -> str:
    """A text without the codes that other systems write into heads."""
    if "\\u" in text:
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if "&" in text:
        text = _CODE.sub(lambda found: html.unescape(found[0]), text)
    return text


def untagged(text: str) -> str:
    """A text without the tags that give words their look."""
    return _TAG.sub("", text) if "<" in text else text
