"""What people write round a date on its line: brackets, stars, "Date:", the hour, the place, a full stop.

Owns what can be taken off such a line so that a bare date is left, by shape alone. Whether
the rest is a date, and whether the line heads an item, is for others to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

# No date with a place, an hour and a label is longer.
LONGEST = 100
# A date of any kind has a year, perhaps misspelt; most lines with figures have none.
MAYBE_YEAR = (
    r"(?:(?<![0-9])(?:(?:19|2[01])[0-9]{2,3}|20[0-9])(?![0-9])|['’][0-9]{2}(?![0-9])"
    r"|[１２][０-９]{3}|[١٢][٠-٩]{3}|[۱۲][۰-۹]{3}|[१२][०-९]{3})"
)
_SAID = (
    r"posted|published|issued|released|publicad[oa]|emitid[oa]|difundid[oa]|divulgad[oa]|publié(?:e)?"
    r"|diffusé(?:e)?|émis(?:e)?|veröffentlicht|erschienen|herausgegeben"
)
_ON = r"on|el(?: d[ií]a)?|em|le|am|vom"
_OUT = r"publication|publicación|publicação|issue|release|emisión|difusión|emissão|divulgação|diffusion"
LABEL = (
    rf"(?:(?:{_SAID})(?: (?:{_ON}))?|(?:date|fecha|data|datum)(?: (?:of|de|da) (?:{_OUT}))?"
    r"|(?:issue|release|publication) date|date (?:issued|released|published|posted)|dated"
    r"|for(?: immediate)? release(?: on)?)"
)
_LABEL = re.compile(rf"({LABEL})\s?(:?)[*_]{{0,3}}\s*(?=\S)", re.IGNORECASE)
_NEEDS_COLON = ("date", "fecha", "data", "datum", "issue date", "release date", "publication date", "for ")
# "Posted by Ana Writer on …", "By Ana Writer, …"
_BY = re.compile(
    rf"((?:{_SAID}|written|escrito|submitted|enviado|soumis|eingereicht) )?"
    r"(?:by|por|par|von) ([^\W\d_][^\n0-9:]{1,60}?)"
    rf"(?:\s(?:{_ON})\s|\s?[,|–—]\s(?:(?:{_ON})\s)?|\s-\s)(?=[^\W_])",
    re.IGNORECASE,
)
# "Ciudad de México, a 25 de noviembre de 2026", "Berlin, den 25. November 2026"
_ARTICLES = ("the ", "our ", "la ", "el ", "los ", "le ", "les ", "o ", "a ", "der ", "die ")
_PREPOSITION = re.compile(r"(?:a(?: los)?|al|(?:on )?th(?:e|is)|on|em|le|am|vom)\s(?=[0-9])", re.IGNORECASE)
_GIVEN = re.compile(
    r"(?:dad[oa] en|hecho en|given (?:at|in)|done (?:at|in)|fait à|feito em|dado em|gegeben zu)\s(?=\S)",
    re.IGNORECASE,
)
_OUTSIDE = re.compile(r"^[\W_]+|[\W_]+$")
_STOPS = frozenset(".:;,…")
_ZONE = r"(?:\s?(?:z|utc|gmt|(?:gmt|utc)?\s?[+-][0-9]{1,2}(?::?[0-9]{2})?)\b)?"
_HOUR = re.compile(
    r"(?<=[0-9])(?:\s?,)?\s?(?:\s(?:at|a las?|às|as|à|-|–|—|\|)\s|\s)"
    r"(?:[0-2]?[0-9](?:[:.h][0-5][0-9]){1,2}(?:\s?(?:h|hs|hrs?|horas))?|[0-2]?[0-9]\s?h)"
    rf"(?:\s?[ap]\.?\s?m\.?)?{_ZONE}$|(?<=[0-9])(?:\s?,)?\s(?:at )?[01]?[0-9]\s?[ap]\.?\s?m\.?$",
    re.IGNORECASE,
)
_APART = re.compile(r",\s|\s?[–—|]\s|\s[-/]\s|\s?\(")
_MOST_PARTS = 5
_LONGEST_PLACE = 45
_MOST_WORDS = 6
_SMALL = frozenset("de del la las el los of the and y e et da do das dos du des".split())
# Capitalised like a place, but said of the file, not of where it was written.
_NO_PLACE = re.compile(
    r"(?:last |últim[ao] )?(?:updat|actuali[sz]|atuali[sz]|modif|mis\b|vers)", re.IGNORECASE
)


class Undressed(NamedTuple):
    """What may be a bare date, and whether a full stop or a place stood beside it: then prose is near."""

    core: str
    soft: bool


def undressed(line: str) -> Iterator[Undressed]:
    """The bare dates that a shown line may hold, the likeliest first; never the line itself."""
    bare = _OUTSIDE.sub("", line)
    soft = bool(_STOPS.intersection(line[line.rfind(bare) + len(bare) :])) if bare else False
    core = without_hour(without_label(bare))
    if core != line:
        yield Undressed(core, soft)
    for rest in chain(_without_author(core), _without_place(core)):
        yield Undressed(without_hour(rest), True)


def without_label(words: str) -> str:
    """The words after "Date:", "Published on" and the like; all of them if there is none."""
    found = _LABEL.match(words)
    if not found or (not found[2] and found[1].lower().startswith(_NEEDS_COLON)):
        return _PREPOSITION.sub("", words, count=1) if _PREPOSITION.match(words) else words
    return words[found.end() :]


def without_hour(words: str) -> str:
    """The words before the hour at their end."""
    found = _HOUR.search(words)
    return words[: found.start()] if found else words


def _without_author(words: str) -> Iterator[str]:
    """What may be a date behind "Posted by …"."""
    found = _BY.match(words)
    if not found:
        return
    login = found[1] and " " not in found[2]  # "Posted by admin on …"
    if login or found[2][0].isupper() or found[2].startswith(_ARTICLES):
        yield words[found.end() :]


def _without_place(words: str) -> Iterator[str]:
    """The words less a place before or behind them: a comma or a dash must part the two."""
    if given := _GIVEN.match(words):
        words = words[given.end() :]
    parts = list(_APART.finditer(words))[:_MOST_PARTS]
    for part in parts:
        if is_place(words[: part.start()]):
            yield _PREPOSITION.sub("", words[part.end() :], count=1)
    for part in reversed(parts):
        if is_place(words[part.end() :].rstrip(")")):
            yield words[: part.start()]


def is_place(words: str) -> bool:
    """Whether words have the shape of a place: few, without figures, and capitalised."""
    each = words.replace(",", " ").split()
    if not each or len(words) > _LONGEST_PLACE or len(each) > _MOST_WORDS or _NO_PLACE.match(words):
        return False
    return (
        each[0][0].isupper()
        and all(word[0].isupper() or word in _SMALL for word in each if word[0].isalpha())
        and not any(char.isdigit() for char in words)
    )
