"""Is this whole line a date, and which?

Owns the grammar of date lines (docs/bulletins.md lists what it takes), where
one can stand in a text, and what a file proves of day and month. A date
inside a sentence is none of its business: whoever asks gives a whole line.
Must not know the clock: a year that is missing is a fault, never a guess.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from feeds.reading.clean import shown
from feeds.reading.text.dress import LONGEST as LONGEST_DRESSED
from feeds.reading.text.dress import undressed
from feeds.reading.text.eras import STARTS as ERAS
from feeds.reading.text.eras import common_date, without_era
from feeds.reading.text.months import FULL, MONTHS, WEEKDAYS

DateOrder = Literal["dmy", "mdy"]

LONGEST = 60
# What a date line can begin with: a figure, or a letter that begins a month, a weekday or "le".
_STARTS = (
    frozenset("0123456789")
    | {form(word[0]) for word in (*MONTHS, *WEEKDAYS, "el", "premier") for form in (str.lower, str.upper)}
    | frozenset("０１２３")
    | ERAS
)
# Lines that may be dates, for one quick search of a whole text; `parse` decides. Spaces at
# either end and runs of them within are the source's, so more than LONGEST may stand here.
# Possessive (++) where giving back could not help: a long line costs one look.
_FIGURE_NEAR = rf"(?=[^\n0-9０-９๐-๙元]{{0,{LONGEST}}}[0-9０-９๐-๙元])"
_REST = rf"[^\n]{{4,{2 * LONGEST}}}+)[^\S\n]*+$"
_MAYBE = rf"[^\S\n]*+({_FIGURE_NEAR}[{''.join(sorted(_STARTS))}]{_REST}"
# The same where characters that nobody sees may stand anywhere.
_MAYBE_HIDDEN = rf"({_REST}"
# For the first line, and for every other: a pattern that begins with one character is found fast.
MAYBE = re.compile(_MAYBE, re.MULTILINE), re.compile("\n" + _MAYBE, re.MULTILINE)
MAYBE_HIDDEN = re.compile(_MAYBE_HIDDEN, re.MULTILINE), re.compile("\n" + _MAYBE_HIDDEN, re.MULTILINE)
_YEARS = range(1900, 2200)
_DIGIT = re.compile("[0-9０-９๐-๙元]")
_WIDE = re.compile("[０-９๐-๙]")
_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+|\S")
_WEEKDAY = re.compile(r"([a-z]+(?:-feira)?)(?:[.,] ?| )")
_WEEKDAY_LAST = re.compile(r"(?:, ?| )\(?([a-z]+(?:-feira)?)$")
# "25.XI.2026"
_ROMAN = re.compile(r"([0-9]{1,2}) ?([/.-]|(?= )) ?([ivx]{1,4}) ?\2 ?([0-9]{4})")
_ROMANS = ("", *"i ii iii iv v vi vii viii ix x xi xii".split())
# As it is written in Chinese, Japanese and Korean, perhaps with the day of the week.
_EASTERN = re.compile(
    r"([0-9]{4}) ?[年년] ?([0-9]{1,2}) ?[月월] ?([0-9]{1,2}) ?[日号號일]"
    r"(?: ?\(?(?:星期|周|週)?[一二三四五六日天月火水木金土월화수목금토](?:曜日?|요일)?)?"
)
_NUMERIC = re.compile(r"([0-9]{1,4}) ?([/.-]) ?([0-9]{1,2}) ?\2 ?([0-9]{1,4})")
# An instant as machines write it: the day as written, whatever its zone.
_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})t[0-9]{2}:[0-9]{2}[0-9:.]{0,20}(?:z|[+-][0-9]{2}:?[0-9]{2})?"
)
_FIGURES = re.compile(
    r"([0-3]?[0-9]) ?([/.-]) ?([0-3]?[0-9]) ?\2 ?[0-9]{4}(?![0-9])[^\n]{0,30}$", re.MULTILINE
)
# The commonest forms, looked at first: only for speed.
_DAY_MONTH = re.compile(r"([0-9]{1,2}) (?:de )?([a-z]+),? (?:de )?([0-9]{4})")
MONTHS_IN_A_YEAR = 12
_FIRST = frozenset({"primero", "primeiro", "premier"})
# Words and marks that a date may have between its parts.
FILLERS = (
    frozenset({",", ".", "-", "/", "de", "del", "do", "of", "el", "le", "den"})
    | frozenset({"day", "dia", "dias", "mes", "ano"})  # "25th day of", "25 días del mes de … del año"
    | frozenset(
        {"st", "nd", "rd", "th", "er", "ro", "ero", "o", "º", "ª", "°"}  # 1st, 1er, 1ro, 1º
    )
    | frozenset("'’")
)  # '26


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
    if not line or len(line) > LONGEST or line[0] not in _STARTS or not line[-1].isalnum():
        return None
    return known(line, order)


# Items of one day and days of one month stand in file after file.
@lru_cache(maxsize=16_384)
def known(line: str, order: DateOrder) -> Reading:
    """`parse` of a line that has passed its quick checks, remembered."""
    if not _DIGIT.search(line):
        return None
    plain = folded(in_ascii(line) if _WIDE.search(line) else line)
    if common := _DAY_MONTH.fullmatch(plain):
        day, month, year = common.groups()
        if month in MONTHS:
            return _day(year, MONTHS[month], day)
    # As it stands first: "mar 27, 2021" is a day in March, "mar 27 abr 2021" a Tuesday.
    return _read(plain, order) or _read(_without_weekday(plain), order)


class OrderOf:
    """The order in which a date of this text is to be read: proven by the text, else as configured.

    The text is looked at once, and only if a date in figures is met.
    """

    def __init__(self, text: str, configured: DateOrder) -> None:
        self.proven: DateOrder | None = None
        self.settled = False
        self.order = configured
        self._text = text

    def __call__(self, line: str) -> DateOrder:
        """The order for a shown line."""
        if not self.settled and ("/" in line or "." in line or "-" in line):
            self.settled, self.proven = True, proven_order(self._text)
            self.order = self.proven or self.order
        return self.order


def proven_order(text: str) -> DateOrder | None:
    """The order of day and month that the figures of a text prove; None if nothing does.

    ``27/04/2021`` can only be day first, ``04/27/2021`` only month first. A file with both
    proves nothing, nor does one without either. `text` has line ends as ``\\n``.
    """
    day_first = month_first = False
    for match in _FIGURES.finditer(text):
        first, last = int(match[1]) > MONTHS_IN_A_YEAR, int(match[3]) > MONTHS_IN_A_YEAR
        if first == last:
            continue
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.end()]
        if _proves(shown(line), "dmy" if first else "mdy"):
            day_first, month_first = day_first or first, month_first or last
        if day_first and month_first:
            return None
    return "dmy" if day_first else "mdy" if month_first else None


def _proves(line: str, order: DateOrder) -> bool:
    return isinstance(parse(line, order) or (dressed(line, order) or [None])[0], date)


@lru_cache(maxsize=4_096)
def dressed(line: str, order: DateOrder) -> tuple[date | NotADay, bool] | None:
    """The day of a shown line that is a date with something beside it ("Date: …"), and whether it is `soft`.

    A day and month alone are none: "27 April, 10:30" is when something happens.
    """
    if len(line) > LONGEST_DRESSED or parse(line, order) is not None:
        return None
    for core, soft in undressed(line):
        reading = parse(core, order)
        if reading is not None and reading != _INCOMPLETE:
            return reading, soft
    return None


def _read(plain: str, order: DateOrder) -> Reading:
    if instant := _INSTANT.fullmatch(plain):
        return _day(instant[1], int(instant[2]), instant[3])
    if not plain.isascii() and (eastern := _EASTERN.fullmatch(in_ascii(plain))):
        return _day(eastern[1], int(eastern[2]), eastern[3])
    if not plain.isascii() and (other := common_date(in_ascii(plain))):
        return _day(str(other[0]), other[1], str(other[2]))
    if (roman := _ROMAN.fullmatch(plain)) and roman[3] in _ROMANS:
        return _day(roman[4], _ROMANS.index(roman[3]), roman[1])
    if numeric := _NUMERIC.fullmatch(plain):
        return _in_figures(numeric[1], numeric[3], numeric[4], order)
    return _in_words(without_era(plain) if plain[-1] in "0123456789e" else plain)


def _in_figures(first: str, middle: str, last: str, order: DateOrder) -> Reading:
    if len(first) == 4 and len(last) <= 2:
        return _day(first, int(middle), last)
    if len(first) > 2 or len(last) not in (2, 4):
        return None
    if len(last) == 2:
        return _INCOMPLETE
    day, month = (first, middle) if order == "dmy" else (middle, first)
    return _day(last, int(month), day)


def _in_words(plain: str) -> Reading:
    shape, found = "", {"d": "", "m": "", "y": ""}
    for token in _TOKEN.findall(plain):
        if token not in FILLERS:
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


def folded(line: str) -> str:
    """Lower case without accents, so that "Miércoles" and "miercoles" are one word."""
    if line.isascii():
        return line.lower()
    marked = unicodedata.normalize("NFD", line.casefold())
    return "".join(char for char in marked if not unicodedata.combining(char))


def in_ascii(line: str) -> str:
    """The line with the figures of other scripts, and signs of double width, as those of ASCII."""
    if line.isascii():
        return line
    wide = unicodedata.normalize("NFKC", line)
    return "".join(str(unicodedata.decimal(char, char)) for char in wide)


def _without_weekday(plain: str) -> str:
    if (match := _WEEKDAY.match(plain)) and match[1] in WEEKDAYS:
        return plain[match.end() :]
    last = _WEEKDAY_LAST.search(plain)
    return plain[: last.start()] if last and last[1] in WEEKDAYS else plain
