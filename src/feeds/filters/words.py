"""Words of a filter: how they are tidied, quoted and compared.

Owns folding, the one rule by which two spellings are the same word. Knows
neither the grammar of filters nor items.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

MAX_WORD_CHARS = 60

# Telephones and word processors turn straight quotation marks into these.
STRAIGHT = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_TOKEN = re.compile(r"[^\W_]+")
_PLAIN_WORD = re.compile(r"[\w-]+")


@lru_cache(maxsize=2048)
def fold(text: str) -> str:
    """Words as they are compared: no case, no accents, no punctuation, one space between."""
    return " ".join(folded(text))


def folded(text: str) -> list[str]:
    """The words of a text, one by one, as they are compared."""
    bare = text.casefold()
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        bare = "".join(c for c in apart if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    return _TOKEN.findall(bare)


def tidy(word: str) -> str:
    """Lower case, composed, single spaces, no quotation marks; nothing invisible gets into mails this way."""
    bare = word.translate(STRAIGHT).replace('"', "")
    seen = "".join(c if c.isprintable() else " " * c.isspace() for c in bare)
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", seen).lower()).split())


def distinct(words: Iterable[str]) -> tuple[str, ...]:
    """The words tidied and sorted, those that fold alike as one, those that fold to nothing left out."""
    # Accents sort after plain letters, so of "migracion" and "migración" the well-spelt one stays.
    by_fold = {fold(word): word for word in sorted(map(tidy, words))}
    return tuple(sorted(word for folded, word in by_fold.items() if folded))


def quoted(value: str) -> str:
    """A value as the text form writes it: in quotation marks where it would fall apart without."""
    return value if _PLAIN_WORD.fullmatch(value) else f'"{value}"'
