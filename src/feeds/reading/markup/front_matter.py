"""The head of a text between two lines of marks: what the press office says of its item itself.

Owns the two ways of writing it: TOML between lines of ``+++``, and between
lines of ``---`` a small, safe part of YAML (docs/bulletins.md): one ``name:
value`` a line, lists in brackets or as lines with a dash. No anchors, no tags, no
nesting: nothing in it can grow. Must not know the text below.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from typing import NamedTuple, NoReturn

from feeds.errors import BulletinError
from feeds.model import Fault
from feeds.reading.clean import shown
from feeds.reading.faults import cut
from feeds.reading.page import Context
from feeds.reading.text import dates
from feeds.reading.text.countries import country_code
from feeds.reading.text.furniture import web_link

# A head is short. Anything longer that begins with three dashes is a text with a rule over it.
LONGEST = 16_384
MOST_VALUES = 100
_LONGEST_ID = 200
_MARKS = {"+++": ("+++",), "---": ("---", "...")}
_NAMES = {
    "title": "title",
    "date": "date",
    "lang": "lang",
    "language": "lang",
    "link": "link",
    "url": "link",
    "country": "countries",
    "countries": "countries",
    "topic": "topics",
    "topics": "topics",
    "id": "id",
}
_PAIR = re.compile(r"([^\W\d][\w-]{0,40})[ \t]*:(?:[ \t]+(.*))?")
_SET = re.compile(r"[ \t]*[\"']?([\w-]{1,40})[\"']?[ \t]*=")
_ITEM = re.compile(r"[ \t]*-[ \t]+(.*)")
_COMMENT = re.compile(r"(?:^|[ \t])#.*")
_LANG = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]{2,8})*", re.IGNORECASE)
_ISO = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ][0-9:.+Z -]{4,20}")

Value = str | date | list[str]


class _Said(NamedTuple):
    """The values of a head by their names of today, and the line of each."""

    values: dict[str, Value]
    lines: dict[str, int]


@dataclass(frozen=True, slots=True)
class Head:
    """What the head says, where the text below it begins, and how many lines stand above that."""

    context: Context
    faults: tuple[Fault, ...]
    start: int
    lines: int


def head_of(text: str, order: dates.DateOrder) -> Head | None:
    """The head of a text, None if it has none.

    BulletinError (`front-matter-broken`) with its line if there is one that cannot be read.
    `text` has line ends as ``\\\\n`` or ``\\\\r\\\\n``.
    """
    lines = text[:LONGEST].split("\n")
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    ends = _MARKS.get(lines[first].strip())
    if ends is None:
        return None
    last = next((at for at in range(first + 1, len(lines)) if lines[at].rstrip() in ends), None)
    inside = lines[first + 1 : last]
    if last is None:
        _check_open(lines, first)
        return None
    if not any(_PAIR.match(line) or "=" in line for line in inside):
        return None
    read = _toml if ends[0] == "+++" else _yaml
    said = read([line.rstrip("\r") for line in inside], first + 2)
    start = min(sum(len(line) + 1 for line in lines[: last + 1]), len(text))
    context, faults = _context(said, order)
    return Head(context, faults, start, last + 1)


def _check_open(lines: list[str], first: int) -> None:
    """A head that nothing closes, or only after too much, would be read as a text with a rule over it."""
    toml = lines[first].strip() == "+++"
    pairs = list(takewhile(bool, ((_SET if toml else _PAIR).match(line) for line in lines[first + 1 :])))
    names = {_NAMES[name] for pair in pairs if pair and (name := pair[1].lower()) in _NAMES}
    # "Date: …" and "Country: …" are the beginning of a text as often.
    if names and (toml or len(names) > 1 or not names & {"date", "countries"}):
        _broken(first + 1, f"{lines[first].strip()} {lines[first + 1]}")


def _toml(lines: list[str], number: int) -> _Said:
    try:
        table = tomllib.loads("\n".join(lines))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"at line ([0-9]+)", str(error))
        at = int(found[1]) - 1 if found else 0
        _broken(number + at, lines[min(at, len(lines) - 1)])
    said = _Said({}, {})
    for key, value in table.items():
        if name := _NAMES.get(key.lower()):
            at = next(
                (at for at, line in enumerate(lines) if (set_ := _SET.match(line)) and set_[1] == key), 0
            )
            _say(said, name, _plain(value), number + at, lines[at])
    return said


def _plain(value: object) -> Value:
    if isinstance(value, list):
        return [str(each) for each in value[:MOST_VALUES]]
    return value if isinstance(value, date) else str(value)


def _say(said: _Said, name: str, value: Value, at: int, line: str) -> None:
    """What is said twice, perhaps under two names, would be lost once."""
    if name in said.values:
        _broken(at, line)
    said.values[name] = value
    said.lines[name] = at


def _yaml(lines: list[str], number: int) -> _Said:
    said = _Said({}, {})
    name: str | None = None
    for at, line in enumerate(lines, number):
        bare = _COMMENT.sub("", line) if "#" in line and not line.rstrip().endswith(('"', "'")) else line
        if not bare.strip():
            continue
        if (item := _ITEM.fullmatch(bare)) and name is not None:
            _append(said.values, name, _unquoted(item[1]))
        elif pair := _PAIR.fullmatch(bare.rstrip()):
            name = _NAMES.get(pair[1].lower(), "")
            if name:
                _say(said, name, _value((pair[2] or "").strip(), at, line), at, line)
        elif not (name == "" and line[:1] in " \t-"):  # what belongs to a name that says nothing here
            _broken(at, line)
    return said


def _append(said: dict[str, Value], name: str, value: str) -> None:
    """One more of a list written as lines with a dash."""
    if not name:
        return
    before = said.get(name)
    values = before if isinstance(before, list) else []
    said[name] = [*values, value][:MOST_VALUES]


def _value(words: str, at: int, line: str) -> Value:
    if words.startswith("[") and words.endswith("]"):
        return [_unquoted(part) for part in words[1:-1].split(",") if part.strip()][:MOST_VALUES]
    if words[:1] in ("|", ">", "&", "*", "!", "{", "["):
        _broken(at, line)
    return _unquoted(words)


def _unquoted(words: str) -> str:
    words = words.strip()
    if len(words) > 1 and words[0] == words[-1] and words[0] in "\"'":
        quote = words[0]
        return words[1:-1].replace(quote * 2 if quote == "'" else '\\"', quote)
    return words


def _context(found: _Said, order: dates.DateOrder) -> tuple[Context, tuple[Fault, ...]]:
    faults: list[Fault] = []
    said, lines = found
    title, lang = shown(_one(said.get("title"))), _one(said.get("lang")).strip()
    if lang and not _LANG.fullmatch(lang):
        _broken(lines["lang"], lang)
    day = _day(said.get("date"), lines.get("date", 1), order)
    context = Context(
        date_on=day,
        title=title or None,
        lang=lang.replace("_", "-").partition("-")[0].lower() or None,
        link=web_link(_one(said.get("link"))),
        countries=_countries(said.get("countries"), lines.get("countries", 1), faults),
        topics=tuple(_many(said["topics"])) if "topics" in said else None,
        external_id=shown(_one(said.get("id")))[:_LONGEST_ID] or None,
        one_item=bool(title or day),
        said=tuple((name, lines[name], shown(_one(value))) for name, value in said.items()),
    )
    return context, tuple(faults)


def _day(value: Value | None, number: int, order: dates.DateOrder) -> date | None:
    if isinstance(value, datetime):
        value = value.date()
    words = shown(_one(value))
    if not words:
        return None
    instant = _ISO.fullmatch(words)
    reading = dates.parse(instant[1] if instant else words, order)
    if isinstance(reading, date):
        return reading
    raise BulletinError(Fault(code="front-matter-broken", line=number, detail=cut(f"date: {words}")))


def _countries(value: Value | None, number: int, faults: list[Fault]) -> tuple[str, ...] | None:
    if value is None:
        return None
    codes: list[str] = []
    for name in _many(value):
        code = country_code(name)
        if code:
            codes.append(code)
        else:
            faults.append(Fault(code="country-unknown", line=number, detail=cut(name)))
    return tuple(dict.fromkeys(codes))


def _one(value: Value | None) -> str:
    if isinstance(value, list):
        return value[0] if value else ""
    return value if isinstance(value, str) else "" if value is None else value.isoformat()


def _many(value: Value) -> list[str]:
    """A list, or one text with commas."""
    parts = value if isinstance(value, list) else _one(value).split(",")
    return list(dict.fromkeys(words for part in parts if (words := shown(part))))


def _broken(number: int, line: str) -> NoReturn:
    raise BulletinError(Fault(code="front-matter-broken", line=number, detail=cut(shown(line))))
