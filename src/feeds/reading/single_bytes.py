"""Bytes of one letter each: those of Windows, of an old Macintosh, or of DOS?

Owns telling them apart by what they spell. Read in a wrong encoding, words have signs and capitals in their
middle ("rŽgion", "ni¤o"). What is configured stands unless it spells so and another one does not: dashes and
apostrophes within words prove nothing. Must not know what a text means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

OTHERS = ("mac_roman", "cp850")
_WINDOWS = frozenset({"cp1252", "windows-1252", "iso8859-1", "iso-8859-1", "latin-1", "latin1"})
_LETTERS = frozenset("áéíóúüñçàâãêèëïîôõöœæùûìòåøäßýÿÁÉÍÓÚÜÑÇÀÂÃÊÈËÏÎÔÕÖŒÆÙÛÌÒÅØÄÝ")
_APART = frozenset("“”„«»¿¡–—…•")  # they never stand between two letters
_SIGNS = frozenset("‘’ºª°€§©®™£\xa0·") | _APART
# What stands in no word, and nowhere behind one.
_NO_LETTERS = frozenset("‚„‡†ˆ‰‹›¢£¤¥¦§¨©¬\xad®¯±²³´µ¶·¸¹¼½¾×÷ƒ")
_NOT_BEHIND = frozenset("‚„‡¢¤¥¦¨¬¯´¸ƒˆ")
_OTHER = re.compile(r"[^\x00-\x7f]")
# So many letters are looked at: a text is of one kind throughout.
_MOST = 2_000
_FEWEST = 3


def encoding_of(data: bytes, configured: str) -> str:
    """`configured`, unless it is one of Windows and the bytes spell ill in it and well in another one."""
    if configured.lower() not in _WINDOWS or not _is_telling(list(_letters(data, configured))):
        return configured
    return next((other for other in OTHERS if _spells_well(data, other)), configured)


def _letters(data: bytes, encoding: str) -> Iterator[tuple[str, str, str]]:
    """Each letter or sign beyond ASCII with those before and behind it."""
    text = f" {data.decode(encoding, 'replace')} "
    for place, found in enumerate(_OTHER.finditer(text)):
        if place == _MOST:
            return
        at = found.start()
        yield text[at - 1], text[at], text[at + 1]


def _is_telling(letters: Sequence[tuple[str, str, str]]) -> bool:
    """Whether letters spell ill, and are enough to judge by: one odd byte may be a slip."""
    return len(letters) >= _FEWEST and any(_is_ill(*each) for each in letters)


def _spells_well(data: bytes, encoding: str) -> bool:
    return all(_is_well(*each) for each in _letters(data, encoding))


def _is_ill(before: str, letter: str, behind: str) -> bool:
    """Whether a letter cannot stand there: a sign within a word, a capital behind a small letter."""
    if letter == "\ufffd" or "\x80" <= letter <= "\x9f":
        return True
    if letter.isupper():
        return before.islower() or (before.isalpha() and behind.islower())
    if letter in _NOT_BEHIND and before.isalpha():
        return True
    return letter in _NO_LETTERS and before.isalpha() and behind.isalpha()


def _is_well(before: str, letter: str, behind: str) -> bool:
    if letter in _LETTERS:
        return not _is_ill(before, letter, behind)
    return letter in _SIGNS and not (letter in _APART and before.isalpha() and behind.isalpha())
