"""Which files may cost more to read than their size says?

Owns that decision, made from the beginning of the bytes and the name, without reading. Plain text
and Markdown cost time in proportion to their size; documents unfold, and markup can be made to
cost far more than its size.
"""

from __future__ import annotations

import re

_MARKUP = (b"html", b"htm", b"xhtml", b"eml", b"mht", b"mhtml")
_MARKED = (b"md", b"markdown", b"mdown")
_DOCUMENTS = (b"%PDF-", b"PK\x03\x04")
_TAG = re.compile(rb"<[a-zA-Z!/?]")
_MAIL_HEAD = re.compile(rb"^(?:MIME-Version|Received|Content-Type|Message-ID):", re.IGNORECASE | re.MULTILINE)

# Of markup so small even the worst costs little.
HARMLESS_BYTES = 16_384


def may_be_costly(name: str, data: bytes) -> bool:
    """Whether a file is to be read where memory and time are limited."""
    if data.startswith(_DOCUMENTS):
        return True
    if len(data) <= HARMLESS_BYTES:
        return False
    ending = name.lower().rpartition(".")[2].encode("utf-8", "replace")
    if ending in _MARKUP or _is_wide(data):
        return True
    if ending in _MARKED:
        return _TAG.search(data) is not None
    return _TAG.search(data[:4_096]) is not None or _MAIL_HEAD.search(data[:4_096]) is not None


def _is_wide(data: bytes) -> bool:
    """Whether the bytes are UTF-16, so that tags are not seen in them."""
    return data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:64]
