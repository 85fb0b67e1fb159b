"""The dateline that opens a summary: "Tegucigalpa, 3 May (Office) – " (labels, floor 1).

Owns: where it ends. Does not know which places stand in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from feeds.labels.folding import DASH
from feeds.labels.places import Hit
from feeds.labels.scanner import Text

_MONTHS = (
    "january february march april may june july august september october november december"
    " jan feb mar apr jun jul aug sep sept oct nov dec enero febrero marzo abril mayo junio julio agosto"
    " septiembre setiembre octubre noviembre diciembre ene ago dic janvier février mars avril mai juin"
    " juillet août septembre octobre novembre décembre janeiro fevereiro"
    " março maio junho julho setembro outubro dezembro"
).split()
_SMALL = "de del la las los el y e and of the da do dos das au aux le les du sur en".split()
_DATELINE_WORDS = frozenset(_MONTHS) | frozenset(_SMALL)
_DATELINE = re.compile(
    r"\s*([^\n\u2013\u2014|:]{2,90}?)\s*"
    r"(?:\.?\s*[\u2013\u2014|]|\.\s?-+\s|\s-{1,2}\s|(:)\s|(?<=\d\d\d\d)(\.)\s)"
)
_DATELINE_SIGNS = ("\u2013", "\u2014", ":", "|", " -", "--", ".-")
_YEAR_STOP = re.compile(r"\d{4}\. ")
_DATELINE_TOKEN = re.compile(r"[^\W_]+")


def dateline_end(summary: str) -> int:
    """Length of the dateline that opens a summary ("Tegucigalpa, 3 May (Office) – "), else 0.

    Before its dash or colon stand only capitalised words, numbers, months and small words;
    with a colon or a full stop, a number too: "Georgetown, Guyana 23 August 2021:".
    """
    head = summary[:110]
    for sign in _DATELINE_SIGNS:
        if sign in head:
            break
    else:
        if ". " not in head or not _YEAR_STOP.search(head):
            return 0
    match = _DATELINE.match(head)
    if match is None:
        return 0
    tokens = _DATELINE_TOKEN.findall(match[1])
    if len(tokens) > 14 or not any(token[0].isupper() for token in tokens):
        return 0
    if (match[2] or match[3]) and not any(token.isdigit() for token in tokens):
        return 0
    plain = all(t[0].isupper() or t[0].isdigit() or t.lower() in _DATELINE_WORDS for t in tokens)
    return match.end() if plain else 0


_BETWEEN = re.compile(r", ?|/| ?\(")
_DATE = rf"(?:,? ?(?:\d{{1,2}}(?:st|nd|rd|th)?|(?:de|of|del)|{'|'.join(_MONTHS)}|\d{{4}})\b\.?,?)*"
_BEHIND = re.compile(rf"\)?{_DATE}(?:\. ?| ?[|]| )", re.IGNORECASE)
_BEGINS = re.compile(r"(?:The|An?|This|In|El|La|L[oe]s?|Las|Una?|Une|L['’]|Os?|As?|Um|Uma)\b")


def opening_places(text: Text, hits: Sequence[Hit]) -> int:
    """Where a dateline without a dash ends in the folded text: "Dakar, Senegal The agency …",
    "GABORONE, BOTSWANA, 25 August 2023" as a paragraph, "Kuala Lumpur. The forum …". 0 if there is none.
    """
    end = start = text.edge + 2
    for hit in hits:
        if hit.start < text.edge:
            continue
        if hit.start != start and not (hit.start > end and _BETWEEN.fullmatch(text.plain, end, hit.start)):
            break
        start, end = -1, hit.end
    if start != -1:
        return 0
    behind = _BEHIND.match(text.plain, end)
    if behind is None or text.words(end - 1, end).isspace():
        return 0
    if behind[0].rstrip()[-1:] in (".", DASH):
        return end
    begins, last = behind.end(), len(text.plain)
    return end if begins < last and _BEGINS.match(text.words(begins, min(begins + 8, last))) else 0
