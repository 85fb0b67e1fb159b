"""What a status of a delivery report means for the mailbox that it is about (pure; RFC 3463).

A policy refusal is never held against a reader, and wins over whatever else the same report says.
"""

from __future__ import annotations

import re

from feeds.mail.returned import Kind
from feeds.mail.verdicts import GONE

_CODE = re.compile(r"(?<![\d.])([45])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_GENERAL = {(0, 0)}
# Our address or domain as sender, too big, protocol, content, security: RFC 3463 3.2, 3.4, 3.6 to 3.8.
_OURS = {(1, 7), (1, 8), (3, 4)}
_OUR_SUBJECTS = {5, 6, 7}

Code = tuple[int, int, int]


def codes(text: str) -> list[Code]:
    """The enhanced codes of failures in a text, in order."""
    return [(int(a), int(b), int(c)) for a, b, c in _CODE.findall(text)]


def judged(found: list[Code]) -> tuple[Kind, str]:
    """Hard, soft or policy, and the code that says so; soft and "" when nothing does."""
    for code in found:
        if code[1] in _OUR_SUBJECTS or code[1:] in _OURS:
            return Kind.POLICY, _text(code)
    for code in found:
        if code[0] == 5 and code[1:] in GONE:
            return Kind.HARD, _text(code)
    told = [code for code in found if code[1:] not in _GENERAL] or found
    return Kind.SOFT, _text(told[0]) if told else ""


def _text(code: Code) -> str:
    return ".".join(map(str, code))
