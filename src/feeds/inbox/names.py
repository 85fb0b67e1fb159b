"""Names of files in the inbox: which count, how they are shown, numbered and matched by receipts.

Names are as the operating system gives them: any bytes but ``/`` and NUL, the
undecodable ones as lone surrogates. Must not touch a file.
"""

from __future__ import annotations

import os
import re
import unicodedata
from hashlib import sha256
from pathlib import PurePosixPath

RECEIPT = ".receipt.txt"

_UNFINISHED = ("~", ".tmp", ".part", ".partial", ".filepart", ".swp", ".crdownload", ".download", RECEIPT)
# What desktops and editors leave in folders: previews, settings, locks, the half-written file of `sed -i`.
_OF_THE_DESKTOP = re.compile(
    r"(?i:(?:eh)?thumbs(?:_vista)?\.db|desktop\.ini|icon\r|__macosx|lost\+found|.*\.(?:lnk|sw[a-p]))$"
    r"|#.*#$|sed[A-Za-z0-9]{6}$|4913$",
    re.DOTALL,
)
_LONGEST_NAME = 255  # octets; NAME_MAX of every common file system
_LONGEST_SUFFIX = 20


def is_ignored(name: str) -> bool:
    """Names that are never looked at: hidden, unfinished, receipts, or a desktop's own."""
    lower = name.lower()
    return lower.startswith((".", "~")) or lower.endswith(_UNFINISHED) or bool(_OF_THE_DESKTOP.match(name))


def shown_name(name: str) -> str:
    """A file name fit for people, logs and the database: one line, no odd bytes, accents in one form."""
    plain = unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "backslashreplace"))
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in plain)


def numbered(name: str, number: int) -> str:
    """``a.txt``, ``a~2.txt``, ``a~3.txt`` …, never longer than a file name may be."""
    if number == 1:
        return name
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
    if len(os.fsencode(suffix)) > _LONGEST_SUFFIX:
        stem, suffix = name, ""
    tail = f"~{number}{suffix}"
    return _cut(stem, _LONGEST_NAME - len(os.fsencode(tail))) + tail


def receipt_name(name: str) -> str:
    """The receipt's name beside a file: ``a.txt.receipt.txt``, a digest for the rest of a long one."""
    if len(os.fsencode(name)) + len(RECEIPT) <= _LONGEST_NAME:
        return name + RECEIPT
    tail = f"~{sha256(os.fsencode(name)).hexdigest()[:8]}{RECEIPT}"
    return _cut(name, _LONGEST_NAME - len(tail)) + tail


def _cut(text: str, octets: int) -> str:
    while len(os.fsencode(text)) > octets:
        text = text[:-1]
    return text
