"""Lines of a text that say, like a head would, that it is not for publication, or not yet.

Owns the words of such lines, in five languages, and of titles that begin so. Only a whole line counts, near
the top of an item: "Status: draft", "NOT FOR PUBLICATION", "EMBARGOED UNTIL 30 November 2026, 10:00"; what
is said in capitals, or in words that mean nothing else, counts anywhere. Must not know where items begin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from feeds.model import Moment
from feeds.reading.head.meaning import Setting
from feeds.reading.head.moments import midnight, stamp
from feeds.reading.head.withheld import says_so_plainly

LONGEST = 120
_DRAFT = r"draft|borrador|brouillon|rascunho|entwurf"
_PRIVATE = (
    r"(?:strictly )?confidential|(?:estrictamente )?confidencial|(?:strictement )?confidentiel|vertraulich"
)
_NEVER = (
    r"(?:strictly )?not (?:yet )?for (?:publication|release|broadcast)|do not (?:publish|release|circulate)"
    r"|(?:for )?internal use only|no (?:publicar|difundir|divulgar)(?: a[uú]n| todav[ií]a)?"
    r"|(?:solo|s[oó]lo) para uso interno|ne pas (?:publier|diffuser|divulguer)|n[ãa]o (?:publicar|divulgar)"
    r"|apenas para uso interno|nicht (?:ver[oö]ffentlichen|zur ver[oö]ffentlichung)"
    r"|nur f[uü]r internen gebrauch"
)
_EMBARGO = (
    r"(?:strictly )?(?:under )?embargo(?:ed)?|embargad[oa]|bajo embargo|sous embargo|sob embargo|sperrfrist"
)
_UNTIL = (
    r"until|till|before|hasta(?: el| las?)?|antes(?: del?| de las?)?|jusqu['’]?(?:au|à)?|avant|at[ée]|bis|vor"
)
_WHOLE = re.compile(
    rf"[\W_]*(?:(?:{_DRAFT}|{_PRIVATE}|{_NEVER}|{_EMBARGO})(?:[\W_]+|$)){{1,3}}"
    rf"(?:(?:{_UNTIL})\b.{{0,80}})?",
    re.IGNORECASE,
)
_STEMS = (
    "draft", "borrador", "brouillon", "rascunho", "entwurf", "confiden", "vertraulich", "embarg", "publi",
    "release", "broadcast", "circulat", "internal use", "difund", "divulg", "diffus", "interno",
    "veröffentlich", "veroffentlich", "internen", "sperrfrist",
)  # fmt: skip
_HELD = re.compile(
    rf"[\W_]*(?:{_EMBARGO}|{_NEVER})\W{{0,4}}(?:(?:{_UNTIL}|for|to)\b\W{{0,3}})?(\S.{{3,80}}?)[\W_]*",
    re.IGNORECASE,
)
_FIELD = re.compile(r":?([^\W\d_][\w -]{1,30}?)\s?:\s*(\S.{0,60}?)\W?")
_HOUR_FIRST = re.compile(
    r"([0-2]?[0-9](?:[:.h][0-5][0-9])?\s?(?:[ap]\.?m\.?|h(?:rs|oras)?)?(?:\s[A-Z]{2,5})?)"
    r"\s?,?\s(?:on |del? |le )?(.+)",
    re.IGNORECASE,
)
# Words that mean nothing else wherever they are a line of their own.
_PLAIN = re.compile(rf"[\W_]*(?:{_NEVER}|(?:{_EMBARGO})\W{{0,4}}(?:{_UNTIL})\b)", re.IGNORECASE)
# One quick search of a whole text for lines that may say so, found by their first words.
_BEGINS = (
    r"[^\w\n]{0,12}(?i:draft|borr|brou|rasc|entw|strict|estrict|confiden|vertr|not|no|do|for|internal|solo|sólo"
    r"|ne|não|nao|apenas|nicht|nur|under|embarg|bajo|sous|sob|sperr)"
)
_MAYBE = rf"{_BEGINS}[^\n]{{0,{LONGEST + 20}}}+$"
_FIRST, _OTHERS = re.compile(_MAYBE, re.MULTILINE), re.compile("\n" + _MAYBE, re.MULTILINE)
_TITLE = re.compile(
    rf"\W{{0,3}}(?:{_DRAFT}|{_PRIVATE}|{_NEVER}|{_EMBARGO})(?:\s?[:\])]|\s[-–—]\s)", re.IGNORECASE
)


class Said(NamedTuple):
    """What a line says: that its text waits until `moment`, or for good where that is None."""

    moment: Moment | None


def may_say(row: str) -> bool:
    """Whether a line has a chance to say so: `said_by` costs more, and most lines have none."""
    if len(row) > LONGEST:
        return False
    words = row.lower()
    return ":" in row or any(stem in words for stem in _STEMS)


def said_by(row: str, line: int, setting: Setting) -> Said | None:
    """What a line that may say something says of its text; None if it says nothing."""
    if (found := _HELD.fullmatch(row)) and (moment := _moment(found[1], row, line, setting)):
        return Said(moment)
    if _WHOLE.fullmatch(row):
        return Said(None)
    named = _FIELD.fullmatch(row)
    return Said(None) if named and says_so_plainly(named[1], named[2]) else None


def plainly_said(scan: str) -> Iterator[int]:
    """The rows (from 1) of a text whose lines say so wherever they stand."""
    row, counted = 1, 0
    found = [first] if (first := _FIRST.match(scan)) else []
    for match in (*found, *_OTHERS.finditer(scan)):
        words = match[0].strip()
        if not may_say(words) or not (words.isupper() or _PLAIN.match(words)):
            continue
        row += scan.count("\n", counted, match.end())
        counted = match.end()
        yield row


def is_withheld_title(title: str, *, of_mail: bool = False) -> bool:
    """Whether a title begins so: "DRAFT: …", "[Embargoed] …"; in the subject of a mail in any case."""
    found = _TITLE.match(title)
    return found is not None and (of_mail or found[0].isupper() or found[0][0] in "[(")


def _moment(words: str, row: str, line: int, setting: Setting) -> Moment | None:
    turned = _HOUR_FIRST.fullmatch(words)
    for each in (words, f"{turned[2]} {turned[1]}" if turned else ""):
        if each and (found := stamp(each.strip(" ,."), setting.order, setting.zone)):
            at = found.at or midnight(found.day, setting.zone)
            return Moment(at=at, line=line, words=row)
    return None
