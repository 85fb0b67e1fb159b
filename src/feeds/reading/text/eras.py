"""Dates that count their years otherwise: Japanese eras, the Republic of China, the Buddhist era.

Owns these calendars, in which months and days are the ones that everybody has, and the names of Thai
months. Must not know where a date may stand.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

# The year before the first of each era, and the days on which it began and ended.
_ERAS = {
    "令和": (2018, date(2019, 5, 1), date.max),
    "平成": (1988, date(1989, 1, 8), date(2019, 4, 30)),
    "昭和": (1925, date(1926, 12, 25), date(1989, 1, 7)),
    "大正": (1911, date(1912, 7, 30), date(1926, 12, 24)),
    "中華民國": (1911, date(1912, 1, 1), date.max),
    "中華民国": (1911, date(1912, 1, 1), date.max),
    "民國": (1911, date(1912, 1, 1), date.max),
    "民国": (1911, date(1912, 1, 1), date.max),
}
STARTS = frozenset(name[0] for name in _ERAS) | frozenset("วพ๐๑๒๓")
_FIRST_YEAR = "元"
_BUDDHIST = 543
_THAI = (
    "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",
    "ม.ค. ก.พ. มี.ค. เม.ย. พ.ค. มิ.ย. ก.ค. ส.ค. ก.ย. ต.ค. พ.ย. ธ.ค.",
)
_THAI_WEEKDAYS = "จันทร์|อังคาร|พุธ|พฤหัสบดี|ศุกร์|เสาร์|อาทิตย์"
_WEEKDAY = r"(?: ?\(?(?:星期|周|週)?[一二三四五六日天月火水木金土](?:曜日?)?\)?)?"
_IN_ERA = re.compile(
    rf"({'|'.join(_ERAS)}) ?([0-9]{{1,3}}|{_FIRST_YEAR}) ?年 ?([0-9]{{1,2}}) ?月 ?([0-9]{{1,2}}) "
    rf"?[日號号]{_WEEKDAY}"
)
_OF_BUDDHA = re.compile(
    r"(.{5,40}?),? ?\(?b\.? ?e\.? ?(2[4-7][0-9]{2})\)?|(.{5,40}?),? (2[4-7][0-9]{2}) ?\(?b\.? ?e\.?\)?"
)


def _plain(words: str) -> str:
    """As `dates.folded` leaves them: without the marks that are written over a letter."""
    marked = unicodedata.normalize("NFD", words.casefold())
    return "".join(char for char in marked if not unicodedata.combining(char))


_THAI_MONTHS = {_plain(name): at for row in _THAI for at, name in enumerate(row.split(), 1)}
_IN_THAI = re.compile(
    rf"(?:{_plain('วัน')}(?:{_plain('ที่')} ?|(?:{_plain(_THAI_WEEKDAYS)})(?:{_plain('ที่')})? ?))?([0-9]{{1,2}}) "
    rf"?({'|'.join(map(re.escape, _THAI_MONTHS))}) ?(?:{re.escape(_plain('พ.ศ.'))} ?)?([0-9]{{4}})"
)


def common_date(plain: str) -> tuple[int, int, int] | None:
    """Year (of the common era), month and day of a folded line that is a date of another era; None for any
    other line. What is no day of its era has the year 0.
    """
    if found := _IN_ERA.fullmatch(plain):
        return _of_era(found[1], found[2], int(found[3]), int(found[4]))
    if found := _IN_THAI.fullmatch(plain):
        year = int(found[3])
        # Thai texts count from the Buddha; some write the year of the common era.
        return year - _BUDDHIST if year > 2400 else year, _THAI_MONTHS[found[2]], int(found[1])
    return None


def without_era(plain: str) -> str:
    """A folded line in which a year is marked as one of the Buddhist era, with that of the common era."""
    found = _OF_BUDDHA.fullmatch(plain)
    if not found:
        return plain
    words, year = found[1] or found[3], found[2] or found[4]
    return f"{words} {int(year) - _BUDDHIST}"


def _of_era(name: str, count: str, month: int, day: int) -> tuple[int, int, int]:
    before, first, last = _ERAS[name]
    year = before + (1 if count == _FIRST_YEAR else int(count))
    try:
        lies_within = first <= date(year, month, day) <= last
    except ValueError:
        return year, month, day
    return (year if lies_within else 0), month, day
