"""Signs that a text is in none of the four languages that labels are found in (labels, floor 1).

Owns: common words of some thirty other languages, letters that the four do not have, and what makes both
enough. To name the other language is nobody's need: unknown is the answer. Must not know the four.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache
from importlib.resources import files

# Letters of small words that none of the four languages has; capitals are in names everywhere.
_LETTERS = re.compile(r"(?<!\w)[a-zà-ÿ]\w*")
_ODD = frozenset(
    "äößåæøłżźśńćęąěřůčšžďťňőűșțşţğıđħķļņģūīēāăĩũẽỹạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉọỏốồổỗộớờởỡợụủứừửữựỳỷỹỵ"
)
_FEWEST = 2
_NEAREST = "gl"  # Galician shares most of its small words with Portuguese
_LETTERS_OF_A_WORD = 4


@lru_cache(maxsize=1)
def _sets() -> dict[str, frozenset[str]]:
    """The common words of each language; those of all of them under the empty name."""
    table = (files("feeds") / "labels" / "data" / "tongues.tsv").read_text(encoding="utf-8")
    rows = (row.split("\t") for row in table.splitlines() if row and not row.startswith("#"))
    found = {code: frozenset(words.split()) for code, words in rows}
    return {"": frozenset().union(*found.values()), **found}


def may_be_other(words: Collection[str], text: str, ours: frozenset[str]) -> bool:
    """Whether it is worth asking `is_other`: a quick look. `ours` are all common words of the four."""
    if len(_distinct(ours).intersection(words)) >= _FEWEST:
        return True
    if text.isascii():
        return False
    return any(char in _ODD or (char >= "\u0250" and char.isalpha()) for char in set(text))


@lru_cache(maxsize=1)
def _distinct(ours: frozenset[str]) -> frozenset[str]:
    """Common words of other languages that are none of the four."""
    return _sets()[""] - ours


def is_other(words: Collection[str], text: str, known: int) -> bool:
    """Whether a text is in another language: `words` are its different ones in lower case, `known` so many
    of which are of the likeliest of the four.
    """
    if not text.isascii() and _is_other_script(text):
        return True
    sets = _sets()
    ours = sets[""].intersection(words)
    strange = _strange(text) if not text.isascii() else 0
    if len(ours) + strange <= known:
        return False
    best = max(len(ours & own) - (code == _NEAREST) for code, own in sets.items() if code)
    fewest = _FEWEST + 1 if known else 1 if strange else _FEWEST
    return best + strange > known and best + strange >= fewest


def _strange(text: str) -> int:
    """How many different small words have a letter that none of the four languages has."""
    return len({word for word in _LETTERS.findall(text) if not _ODD.isdisjoint(word)})


def _is_other_script(text: str) -> bool:
    """Whether most of the text is in letters that are not Latin; one of East Asia stands for a word."""
    others = [char for char in text if char.isalpha() and char >= "\u0250"]
    others = [char for char in others if not unicodedata.name(char, "").startswith("LATIN")]
    weight = len(others) + _LETTERS_OF_A_WORD * sum(char >= "\u2e80" for char in others)
    return 2 * weight > sum(map(str.isalpha, text)) - len(others) + weight
