"""Lines of a text that say, like a head would, that it is not for publication, or not yet.

Owns the words of such lines, in five languages, and of titles that begin so. Only a whole line counts, near
the top of an item: "Status: draft", "NOT FOR PUBLICATION", "EMBARGOED UNTIL 30 November 2026, 10:00"; what
is said in capitals, or in words that mean nothing else, counts anywhere. Must not know where items begin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from feeds.model import Moment
from feeds.reading.head.meaning import Setting
from feeds.reading.head.moments import midnight, stamp
from feeds.reading.head.waiting_words import (
    BESIDE,
    DAY_OF,
    DRAFT,
    EMBARGO,
    FROM,
    LONGEST,
    MAYBE,
    NEVER,
    PRIVATE,
    STEMS,
    TO_PUBLISH,
    UNTIL,
)
from feeds.reading.head.withheld import says_so_plainly

_WHOLE = re.compile(
    rf"[\W_]*(?:{BESIDE}[\W_]+)?(?:(?:{DRAFT}|{PRIVATE}|{NEVER}|{EMBARGO})(?:[\W_]+|$)){{1,3}}"
    rf"(?:{BESIDE}[\W_]*)?(?:(?:v|ver|versi[oó]n|version|vers[ãa]o)?\.?\s?[0-9][0-9./ -]{{0,12}}[\W_]*)?"
    rf"(?:{UNTIL}\b.{{0,80}})?",
    re.IGNORECASE,
)
# Such words with their reason: "[Note to editors, not for publication: the mayor is ill]".
_TOLD_WHY = re.compile(
    rf"[\[({{*_\s]{{0,6}}(?:(?:note|nota|nb|remark|hinweis|anmerkung|remarque)\b[^.]{{0,40}}?[\s:,(–—-]+)?"
    rf"{TO_PUBLISH}(?:\s?(?:[:–—]|-\s|[)\]]).{{0,{LONGEST}}}|\W{{0,6}})",
    re.IGNORECASE,
)
# Within a line, of what else stands in it: "Contact (not for publication): Luis, 555 0100".
_IN_BRACKETS = re.compile(rf"[\[(]\s?{TO_PUBLISH}\s?[\])]", re.IGNORECASE)
_FOR_RELEASE = re.compile(rf"[\W_]*{EMBARGO} for (?:release|publication)\b.{{0,80}}", re.IGNORECASE)
_WHEN = (
    r"(?:for (?:release|publication)\W{1,3})?"
    rf"(?:(?:{UNTIL}|for|to|at|on|du|vom|el)\b\W{{0,3}})?(\S.{{3,80}}?)[\W_]*"
)
_HELD = re.compile(
    rf"[\W_]*(?:(?:(?:{EMBARGO}|{NEVER})\W{{0,4}}){{1,2}}|{FROM}\W{{0,4}}){_WHEN}", re.IGNORECASE
)
_DAY_OF = re.compile(rf"[\W_]*{DAY_OF}\W{{0,4}}{_WHEN}", re.IGNORECASE)
_FIELD = re.compile(r":?([^\W\d_][\w -]{1,30}?)\s?:\s*(\S.{0,60}?)\W?")
_HOUR_FIRST = re.compile(
    r"([0-2]?[0-9](?:[:.h][0-5][0-9])?\s?(?:[ap]\.?m\.?|h(?:rs|oras)?)?(?:\s(?!on\b|del?\b|le\b)[A-Z]{2,5})?)"
    r"\s?,?\s(?:on |del? |le )?(.+)",
    re.IGNORECASE,
)
# Words that mean nothing else wherever they are a line of their own; "BORRADOR v3" has capitals enough.
_PLAIN = re.compile(rf"[\W_]*(?:{BESIDE}[\W_]+)?(?:{NEVER}|{EMBARGO}\W{{0,4}}{UNTIL}\b)", re.IGNORECASE)
_CAPITALS = re.compile(r"[^a-zà-ÿ]{4,}(?:\sv[0-9.]{1,5}[^a-zà-ÿ]*)?$")
_ANYWHERE = (_CAPITALS, _PLAIN, _TOLD_WHY, _FOR_RELEASE)
_TITLE = re.compile(
    rf"\W{{0,3}}(?:{DRAFT}|{PRIVATE}|{NEVER}|{EMBARGO})(?:\s?[:\])]|\s[-–—]\s)", re.IGNORECASE
)
# The same at the end of a title: "Ferry starts again (DRAFT)".
_TITLE_END = re.compile(
    rf".*?(?:\s[-–—|:]\s|:\s|\s?([\[(]))\s?((?:(?:{DRAFT}|{PRIVATE}|{NEVER}|{EMBARGO})(?:[\W_]+|$)){{1,3}})"
    rf"(?:{UNTIL}\b.{{0,60}})?",
    re.IGNORECASE,
)
_NEVER = re.compile(rf"(?:.*\W)?{NEVER}\W*", re.IGNORECASE)


class Said(NamedTuple):
    """What a line says: that its text waits until `moment`, or for good where that is None."""

    moment: Moment | None


def may_say(row: str) -> bool:
    """Whether a line has a chance to say so: `said_by` costs more, and most lines have none."""
    if len(row) > LONGEST:
        return False
    words = row.lower()
    return ":" in row or any(stem in words for stem in STEMS)


def said_by(row: str, line: int, setting: Setting, *, first: bool = False) -> Said | None:
    """What a line that may say something says of its text; None if it says nothing.

    `first`: nothing but a title stands above it, so "Release date: …" is the text's own.
    """
    found = _HELD.fullmatch(row) or (_DAY_OF.fullmatch(row) if first else None)
    if found and (moment := _moment(found[1], row, line, setting)):
        return Said(moment)
    if any(told.fullmatch(row) for told in (_WHOLE, _TOLD_WHY, _FOR_RELEASE)) or _IN_BRACKETS.search(row):
        return Said(None)
    named = _FIELD.fullmatch(row)
    return Said(None) if named and says_so_plainly(named[1], named[2]) else None


def plainly_said(scan: str) -> Iterator[int]:
    """The rows (from 1) of a text whose lines say so wherever they stand, in order."""
    begin, others = MAYBE
    lines = chain(filter(None, [begin.match(scan)]), others.finditer(scan))
    told = {match.end() for match in lines if _is_plain(match[0].strip())}
    told |= {scan.find("\n", match.end()) for match in _IN_BRACKETS.finditer(scan)}
    row, counted = 1, 0
    for end in sorted(end if end >= 0 else len(scan) for end in told):
        row += scan.count("\n", counted, end)
        counted = end
        yield row


def _is_plain(words: str) -> bool:
    return may_say(words) and any(told.match(words) for told in _ANYWHERE)


def is_withheld_title(title: str, *, of_mail: bool = False) -> bool:
    """Whether a title begins so: "DRAFT: …", "[Embargoed] …", or ends so: "… (DRAFT)", "… – do not publish";
    in the subject of a mail in any case.
    """
    found = _TITLE.match(title)
    if found is not None and (of_mail or found[0].isupper() or found[0][0] in "[("):
        return True
    ended = _TITLE_END.fullmatch(title)
    return ended is not None and (
        of_mail or ended[2].isupper() or ended[1] == "[" or bool(_NEVER.fullmatch(ended[2]))
    )


def _moment(words: str, row: str, line: int, setting: Setting) -> Moment | None:
    turned = _HOUR_FIRST.fullmatch(words)
    for each in (words, f"{turned[2]} {turned[1]}" if turned else ""):
        if each and (found := stamp(each.strip(" ,."), setting.order, setting.zone)):
            at = found.at or midnight(found.day, setting.zone)
            return Moment(at=at, line=line, words=row)
    return None
