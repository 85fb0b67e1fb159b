"""Does a line that is no date look like one that was misspelt?

Owns that shape: a day, a month that is nearly a month's name, a year that is nearly a year.
Every word of the line must have its part in it, so prose and figures do not. Must not know
where the line stands.
"""

from __future__ import annotations

import re
from functools import lru_cache

from feeds.reading.text.dates import FILLERS, LONGEST, folded, in_ascii
from feeds.reading.text.dress import without_hour, without_label
from feeds.reading.text.months import ABROAD, FULL, MONTHS, WEEKDAYS

_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+|\S")
_FIGURES = re.compile(
    r"(?:[0-9]{1,3}/[0-9]{1,3}/|[0-9]{1,2} ?[ /.,-] ?[0-9]{1,2} ?[ /.,-] ?)(?:19|2[01])[0-9]{2,3}"
    r"|(?:19|2[01])[0-9]{2,3}(?:/[0-9]{1,3}/[0-9]{1,3}| ?[ /.,-] ?[0-9]{1,2} ?[ /.,-] ?[0-9]{1,2})"
)
_NEAR_MONTHS = tuple(name for name in FULL if len(name) > 4)
# Names up to this length have too many ordinary words two letters away.
_SHORT = 6
# A whole date, one word before it ("Tuesdy", "Georgetown") and a few behind ("at noon"), in kinds as below.
_BESIDE_WORDS = re.compile(r"\??(?:d *m|m *d) *y *(?:\? *){0,3}")
# A day and a year round a word in other letters than ours: "25 ноября 2026 г."
_FOREIGN = re.compile(
    r"[0-3]?[0-9]\.? ([^\x00-\u024f\s][^\x00-\u024f\n]{1,20}),? (?:19|2[01])[0-9]{2}(?: \w{1,2}\.?)?"
)
_ABROAD = re.compile(r"d *a *y *")
_MOST_NUMBERS = 4
# "28 Novembr", "Novembr 28": without a year only where nothing else is on the line.
_WITHOUT_YEAR = ("dM", "Md")
_YEARS = range(1900, 2200)


@lru_cache(maxsize=4_096)
def is_slip(line: str) -> bool:
    """Whether a shown line that is no date was plainly meant as one."""
    if len(line) > LONGEST or not any(char.isdigit() for char in line):
        return False
    words = without_hour(without_label(in_ascii(line).strip("()[]*_.:;,- "))).strip("*_ ")
    if _FIGURES.fullmatch(words) or _FOREIGN.fullmatch(words):
        return True
    kinds = "".join(_kind(token) for token in _TOKEN.findall(folded(words)))
    if _ABROAD.fullmatch(kinds):
        return True
    if "?" in kinds:  # a sentence may be as short
        return line[-1] != "." and bool(_BESIDE_WORDS.fullmatch(kinds))
    return _is_misspelt(kinds.replace(" ", ""))


def _is_misspelt(kinds: str) -> bool:
    """d: could be a day; y: a year; n: another number; m: a month; M: nearly; a: abroad; ?: another word."""
    numbers = len(kinds.replace("m", "").replace("M", ""))
    if len(kinds) != numbers + 1 or numbers > _MOST_NUMBERS:
        return False
    return numbers > 1 or ("y" in kinds and "m" in kinds) or kinds in _WITHOUT_YEAR


def _kind(token: str) -> str:
    if token in FILLERS or token in WEEKDAYS or (len(token) == 1 and not token.isdigit()):
        return " "
    if token.isdigit():
        if len(token) == 4 and int(token) in _YEARS:
            return "y"
        return "d" if len(token) <= 2 else "n" if len(token) <= 6 else "?"
    if token in MONTHS:
        return "m"
    return "a" if token in ABROAD else "M" if _is_near_month(token) else "?"


@lru_cache(maxsize=1_024)
def _is_near_month(word: str) -> bool:
    """Whether a word is one slip away from a month's name, or two from a long one."""
    return any(
        _distance(word, name, 2 if len(name) > _SHORT else 1) for name in _NEAR_MONTHS if word[:1] == name[:1]
    ) or any(_distance(word, name, 1) for name in _NEAR_MONTHS)


def _distance(word: str, name: str, most: int) -> bool:
    """Whether at most so many letters were added, lost, changed or swapped."""
    if abs(len(word) - len(name)) > most:
        return False
    before: list[int] = []
    row = list(range(len(name) + 1))
    for at, letter in enumerate(word, 1):
        older, before, row = before, row, [at]
        for to, other in enumerate(name, 1):
            cost = min(row[-1] + 1, before[to] + 1, before[to - 1] + (letter != other))
            if older and to > 1 and letter == name[to - 2] and word[at - 2] == other:
                cost = min(cost, older[to - 2] + 1)
            row.append(cost)
    return row[-1] <= most
