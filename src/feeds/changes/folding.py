"""Which words are the same: two folds, a broad one for ids and a finer one for wordings (changes).

`fold` makes identities, and ids are made of those, so it never changes (P1).
`wording_fold` keeps what makes other words of the same letters and digits: the
signs inside numbers and addresses, and question marks. Texts that are one by
it are one by `fold`, too.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Signs that make another word of one: C++ is not C#, +2 % is not -2 %.
_APART = re.compile(r"[^\w+#%$€£@&=<>−]+|_+")
_MINUS = re.compile(r"(?<![\w+])[-−–](?=\d)")

_DASH = "-‐‑‒–—―"
_DASHES = re.compile(f"[{_DASH}]")
_SIGNS = ".,:;/⁄·×*'’|^~"
# Whether there may be anything to keep; most texts have nothing and are folded once.
_NUMBER = re.compile(rf"\d(?:[ ]*[{_DASH}]+[ ]*|[{_DASH}{_SIGNS}]+)\d")
_HOST_ENDING = re.compile(r"\.(?:com|org|net|int|edu|gov|gob|gouv|mil|info)\b")

_TELLING = re.compile(rf"(?<=\d)(?:[ ]*-+[ ]*|[-{_SIGNS}]+)(?=\d) | \?", re.VERBOSE)
# With the endings of countries alone ("first.It takes") a sentence without its space would be a host.
_TELLING_AND_ADDRESSES = re.compile(
    rf"""
      \bhttps?://\S*\w | (?<![\w.])www\.\S*\w
    | (?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+
    | (?<![\w.+-])\w[\w-]*(?:\.[\w-]+)*{_HOST_ENDING.pattern}(?:\.[a-z]{{2}}\b)?(?:/\S*\w)?
    | {_TELLING.pattern}
    """,
    re.VERBOSE,
)
_BETWEEN_DIGITS = str.maketrans({"⁄": "/", "’": "'", " ": ""})


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """NFKC, casefold, every run of characters other than letters, digits and telling signs one space."""
    return _APART.sub(" ", _evened(text)).strip()


@lru_cache(maxsize=4096)
def wording_fold(text: str) -> str:
    """The same, but ``3-5`` is not ``3.5``, ``a-b.org`` not ``a.b.org``, ``resigns?`` not ``resigns``."""
    evened = _evened(text)
    addresses = any(sign in evened for sign in ("@", "://", "www.")) or _HOST_ENDING.search(evened)
    if not addresses and "?" not in evened and not _NUMBER.search(evened):
        return fold(text)
    telling = _TELLING_AND_ADDRESSES if addresses else _TELLING
    evened = _DASHES.sub("-", evened)
    parts, end = [], 0
    for found in telling.finditer(evened):
        parts += [_APART.sub(" ", evened[end : found.start()]), _kept(found[0])]
        end = found.end()
    parts.append(_APART.sub(" ", evened[end:]))
    return " ".join("".join(parts).split())


def is_torn(summary: str) -> bool:
    """Whether a text says itself that it goes on elsewhere: it ends in an ellipsis."""
    return summary.rstrip("] \n").endswith(("…", "..."))


def is_cut_short(summary: str, whole: str) -> bool:
    """Whether a summary only stops earlier than the whole one, with or without an ellipsis."""
    if not fold(whole).startswith(fold(summary)):
        return False
    if not is_torn(summary):
        if fold(whole) == fold(summary):  # no word less, so it is other signs or none
            return wording_fold(whole) == wording_fold(summary)
        return _begins(fold(whole), fold(summary)) and _begins(wording_fold(whole), wording_fold(summary))
    return wording_fold(whole).startswith(wording_fold(_whole_words(summary)))


def is_part(one: str, other: str) -> bool:
    """Whether one of two texts is the other one, or its beginning.

    Whole texts are compared by the broad fold: a number corrected together with a title corrects both.
    """
    return fold(one) == fold(other) or is_cut_short(one, other) or is_cut_short(other, one)


def _begins(whole: str, part: str) -> bool:
    """Whether a folded text begins with another one's words: ``room 1`` does not begin ``room 12``."""
    return not part or whole == part or whole.startswith(part + " ")


def _whole_words(summary: str) -> str:
    """Without the word that the ellipsis tore: ``www.exam…`` is no address yet."""
    if not is_torn(summary):
        return summary
    words = summary.rstrip("] \n").rstrip(".…").rstrip("[")
    return words if words[-1:].isspace() else words[: -len(words.split()[-1])] if words else ""


@lru_cache(maxsize=512)
def _evened(text: str) -> str:
    return _MINUS.sub("−", unicodedata.normalize("NFKC", text).casefold()).replace(" %", "%")


def _kept(found: str) -> str:
    if found == "?":
        return " ? "
    if any(map(str.isalnum, found)):
        return found  # an address
    return re.sub("-+", "-", found.translate(_BETWEEN_DIGITS))
