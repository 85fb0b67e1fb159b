"""Sections of a saved page that their own headings name: what readers say, and which other stories there are.

Owns the words of such headings. Pages that do not name these parts in their markup still head them for
people. Must not know HTML.
"""

from __future__ import annotations

import re

from feeds.reading.page import LINK_ALONE, Rows

_COMMENTS = re.compile(
    r"(?:[0-9]{1,5}|no|leave an?|add a|post a|deja(?:r)? un|deje un|laisser un|deixe um)?\s?"
    r"(?:readers['’]? )?(?:comments?|repl(?:y|ies)|responses?|comentarios?|commentaires?|coment[áa]rios?"
    r"|kommentare?)(?: de (?:los )?lectores)?\s?(?:\(?[0-9]{0,5}\)?)?\s?[:.…]{0,3}"
    r"|[0-9]{1,5} (?:comments?|repl(?:y|ies)|responses?|thoughts?|comentarios?|commentaires?|kommentare?)"
    r" (?:to|on|en|a|sur|em|zu)\b.{0,120}",
    re.IGNORECASE,
)
OFFERS = re.compile(
    r"(?:you (?:may|might) also (?:like|be interested in)|(?:read|see) (?:also|more|next)|related(?: \w+)?"
    r"|more from .{1,40}|recommended(?: for you)?"
    r"|(?:le|te) puede interesar|tambi[eé]n (?:le|te) puede interesar|lea tambi[eé]n|noticias relacionadas"
    r"|vous aimerez aussi|(?:[aà] )?lire aussi|voir aussi|sur le m[eê]me sujet|articles li[eé]s"
    r"|leia tamb[eé]m|veja tamb[eé]m|not[ií]cias relacionadas"
    r"|weitere artikel|mehr zum thema|lesen sie auch"
    r"|das (?:thema )?k[oö]nnte (?:sie|dich|ihnen) .{0,30}interessieren"
    r")\s?[:.…]{0,3}",
    re.IGNORECASE,
)


def take_sections(rows: Rows, days: dict[int, tuple[int, ...]]) -> None:
    """Clear the rows of such sections: down to the next heading that is higher, or as high over stories.

    The first row is none: a page may be about comments.
    """
    rule, level = "", 0
    for row in range(2, len(rows) + 1):
        mark = rows.marks.get(row)
        heading = mark.heading if mark and 0 < mark.heading < LINK_ALONE else 0
        if rule and heading and (heading < level or (heading == level and rule == "related-stories")):
            rule = ""
        if heading and not rule and (named := _named(rows.text[row - 1])):
            rule, level = named, heading
        if rule and rows.text[row - 1]:
            rows.left_out.append((rule, rows.numbers[row - 1]))
            rows.clear(row)
            days.pop(row, None)


def _named(words: str) -> str:
    if _COMMENTS.fullmatch(words):
        return "readers-comments"
    return "related-stories" if OFFERS.fullmatch(words) else ""
