"""Is this whole line a date, and which?

Owns the grammar of date lines (docs/bulletins.md lists what it takes). A date
inside a sentence is none of its business: whoever asks gives a whole line.
Must not know the clock: a year that is missing is a fault, never a guess.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

from feeds.reading.months import FULL, MONTHS, WEEKDAYS

DateOrder = Literal["dmy", "mdy"]

LONGEST = 60
_YEARS = range(1900, 2200)
_DIGIT = re.compile("[0-9]")
_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+|\S")
_WEEKDAY = re.compile(r"([a-z]+(?:-feira)?)(?:[.,] ?| )")
_NUMERIC = re.compile(r"([0-9]{1,4}) ?([/.-]) ?([0-9]{1,2}) ?\2 ?([0-9]{1,4})")
_FIRST = frozenset({"primero", "primeiro", "premier"})
_FILLERS = frozenset({",", ".", "-", "/", "de", "del", "do", "of", "el", "le"}) | frozenset(
    {"st", "nd", "rd", "th", "er", "ro", "ero", "o", "º", "ª", "°"}  # 1st, 1er, 1ro, 1º
)


@dataclass(frozen=True, slots=True)
class NotADay:
    """A whole line in the shape of a date that names no day; `code` is its fault."""

    code: Literal["date-impossible", "date-incomplete"]


_IMPOSSIBLE = NotADay("date-impossible")
_INCOMPLETE = NotADay("date-incomplete")
Reading = date | NotADay | None


def parse(line: str, order: DateOrder = "dmy") -> Reading:
    """The day that a shown line names, or why it names none; None if it is not a date.

    `order` decides ``03/04/2021``. A full stop or colon at the end makes a line prose:
    it is the last line of a hard-wrapped sentence, or a dateline.
    """
    if len(line) > LONGEST or not line[-1:].isalnum() or not _DIGIT.search(line):
        return None
    folded = _folded(line)
    # As it stands first: "mar 27, 2021" is a day in March, "mar 27 abr 2021" a Tuesday.
    return _read(folded, order) or _read(_without_weekday(folded), order)


def _read(folded: str, order: DateOrder) -> Reading:
    if numeric := _NUMERIC.fullmatch(folded):
        return _in_figures(numeric[1], numeric[3], numeric[4], order)
    return _in_words(folded)


def _in_figures(first: str, middle: str, last: str, order: DateOrder) -> Reading:
    if len(first) == 4 and len(last) <= 2:
        return _day(first, int(middle), last)
    if len(first) > 2 or len(last) not in (2, 4):
        return None
    if len(last) == 2:
        return _INCOMPLETE
    day, month = (first, middle) if order == "dmy" else (middle, first)
    return _day(last, int(month), day)


def _in_words(folded: str) -> Reading:
    shape, found = "", {"d": "", "m": "", "y": ""}
    for token in _TOKEN.findall(folded):
        if token not in _FILLERS:
            kind = _kind(token)
            shape += kind
            found[kind] = token
    if shape in ("dmy", "mdy", "ymd"):
        return _day(found["y"], MONTHS[found["m"]], found["d"])
    # A short form without a year ("Set 1", "Out 2") is too often something else.
    if shape in ("dmd", "mdd") or (shape in ("dm", "md") and found["m"] in FULL):
        return _INCOMPLETE
    return None


def _kind(token: str) -> str:
    if token in MONTHS:
        return "m"
    if token in _FIRST or (token.isdigit() and len(token) <= 2):
        return "d"
    return "y" if token.isdigit() and len(token) == 4 else "?"


def _day(year: str, month: int, day: str) -> date | NotADay:
    if int(year) not in _YEARS:
        return _IMPOSSIBLE
    try:
        return date(int(year), month, 1 if day in _FIRST else int(day))
    except ValueError:
        return _IMPOSSIBLE


def _folded(line: str) -> str:
    """Lower case without accents, so that "Miércoles" and "miercoles" are one word."""
    if line.isascii():
        return line.lower()
    marked = unicodedata.normalize("NFD", line.casefold())
    return "".join(char for char in marked if not unicodedata.combining(char))


def _without_weekday(folded: str) -> str:
    match = _WEEKDAY.match(folded)
    return folded[match.end() :] if match and match[1] in WEEKDAYS else folded
