"""The one cleaner at the door: what no item may carry further in.

Owns the list of characters that are dropped and the white space that is
shown. Everything after it (XML, mail, logs, pages) may trust its output.
Must not know of dates, items or files.
"""

from __future__ import annotations

import re
import unicodedata

# What ends a line: LF, CR, CRLF, VT (Word's soft break), FF (a page), NEL, U+2028, U+2029.
BREAKS = "\n\r\v\f\x85\u2028\u2029"
_BREAK = re.compile(f"\r\n|[{BREAKS}]")
_PLAIN = bytes(range(0x20, 0x7F)) + b"\t\n\r"
_NO_BREAKS = dict.fromkeys(map(ord, BREAKS))

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF)
)
_DROPPED = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but \t and \n, DEL, C1: illegal or harmful in XML and mail
    "\ud800-\udfff"  # surrogates: cannot be written as UTF-8
    "\u202a-\u202e\u2066-\u2069"  # bidi embeddings, overrides, isolates: spoof what is read
    "\xad\u200b\u2060\ufeff"  # soft hyphen and zero-width: split words that look whole
    f"{_NONCHARACTERS}]"
)

# Unicode UAX 15, Stream-Safe Text Format. Without the limit, bringing a run of marks
# into canonical order costs the square of its length.
MAX_MARKS = 30
_MARKS_MAYBE = re.compile(f"[^\x00-\u02ff]{{{MAX_MARKS + 1},}}")


def odd(text: str) -> str:
    """Each character of a text that is not printable ASCII, a tab, LF or CR, once, in no order.

    A few, even in a mebibyte: what is asked of all of a text is asked of these instead.
    """
    # Deleting ASCII bytes leaves whole characters: UTF-8 uses none of them within another.
    left = text.encode("utf-8", "surrogatepass").translate(None, _PLAIN)
    return "".join(set(left.decode("utf-8", "surrogatepass")))


def is_tidy(text: str, different: str) -> bool:
    """Whether `clean` would change nothing in a text but its line ends; `different` is its `odd`."""
    different = different.translate(_NO_BREAKS)
    if _DROPPED.search(different):
        return False
    # Normalising costs the square of a run of marks, so that one is never tried.
    if any(map(unicodedata.combining, different)) and _MARKS_MAYBE.search(text):
        return False
    return unicodedata.is_normalized("NFC", text)


def clean(text: str) -> str:
    """The same text with line ends as ``\\n``, without harmful characters, in NFC.

    Never fails, never adds a line, and cleaning twice changes nothing more.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _DROPPED.sub("", _BREAK.sub("\n", text))
    return unicodedata.normalize("NFC", _MARKS_MAYBE.sub(_limit_marks, text))


def shown(text: str) -> str:
    """One line or paragraph as people see it: clean, each run of white space one space, stripped.

    NBSP is white space. A space that the source forgot is not added.
    """
    # Spaces first: most lines that are not plain ASCII are so by an NBSP alone.
    spaced = " ".join(text.split())
    cleaned = clean(spaced)
    return cleaned if cleaned is spaced else " ".join(cleaned.split())


def _limit_marks(run: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for char in run[0]:
        # U+0344 and the like are one character but two marks once in order.
        marks = marks + len(unicodedata.normalize("NFD", char)) if unicodedata.combining(char) else 0
        if marks <= MAX_MARKS:
            kept.append(char)
    return "".join(kept)
