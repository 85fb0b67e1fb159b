"""Marks of site generators in a text: shortcodes, tags and variables, and what they comment out.

Owns which signs those are (Hugo, Jekyll, Liquid, kramdown, MDX, Obsidian). They are dropped, for a reader
sees them as signs; the words between two of them stay. Lines stay where they are. Must not know Markdown or
items.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_OPENS = re.compile(r"\{[{%#]")
_CLOSES = {"{{": "}}", "{%": "%}", "{#": "#}"}
_LONGEST = 4_000
# Everything between these two is not meant for readers.
_SILENT = frozenset({"comment"})
_NAME = re.compile(r"\{[{%]-?[<%]?-?\s*(/?\s*[\w-]+)")
# kramdown: "{: .lead}", "{:toc}", "{::comment}", and Pandoc's "{#anchor .class}" behind a heading.
_ATTRIBUTES = re.compile(
    r"\{::?[^{}\n]{0,200}\}|(?<=[^\s\n])[ \t]{1,8}\{[#.][\w-][^{}\n]{0,200}\}[ \t]*$", re.MULTILINE
)

# MDX: "import Box from '../Box.astro'", on a line of its own.
_IMPORTS = re.compile(r"^import [^\n]{0,300}? from ([\"'])[^\"'\n]{1,200}\1;?[ \t]*$", re.MULTILINE)
# Obsidian: "%% what nobody is to read %%", in a line or over several.
_SILENCED = re.compile(r"(?<![\w%])%%(?!%)(?:[^%]|%(?!%)){0,4000}+%%(?!%)")


def without_marks(text: str) -> tuple[str, list[int]]:
    """The text without such marks, and the line (from 1) of each that was dropped."""
    if "{" not in text and "import " not in text and "%%" not in text:
        return text, []
    kept, lines, at, row = list[str](), list[int](), 0, 1
    for start, end in _marks(text):
        kept.append(text[at:start])
        if text.startswith("](", start - 2):  # the address of a link, which leads nowhere then
            kept.append("#")
        row += text.count("\n", at, start)
        lines.append(row)
        dropped = text.count("\n", start, end)
        kept.append("\n" * dropped)
        row += dropped
        at = end
    kept.append(text[at:])
    return "".join(kept), lines


def _marks(text: str) -> Iterator[tuple[int, int]]:
    """Where each mark begins and ends, in order and apart."""
    silent: tuple[int, str] | None = None
    last = 0
    for start, end in _spans(text):
        if start < last:
            continue
        found = _NAME.match(text, start, end)
        name = found[1].replace(" ", "") if found else ""
        if silent:
            if name in (f"end{silent[1]}", f"/{silent[1]}"):
                yield silent[0], end
                silent, last = None, end
            continue
        if name in _SILENT and not text[start:end].endswith(("/>}}", "/%}}")):
            silent = start, name
            continue
        yield start, end
        last = end
    if silent:  # nothing says where it ends: what was meant for nobody stays with nobody
        yield silent[0], len(text)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """All that opens and closes like a mark. The next of each closing sign is looked for once."""
    nearest: dict[str, int] = {}
    spans = []
    for opened in _OPENS.finditer(text):
        sign, start = _CLOSES[opened[0]], opened.start()
        if nearest.get(sign, 0) < start + 2:
            found = text.find(sign, start + 2)
            nearest[sign] = found if found >= 0 else len(text) + _LONGEST + 1
        if nearest[sign] - start <= _LONGEST:
            spans.append((start, nearest[sign] + 2))
    spans += [
        found.span()
        for found in (*_ATTRIBUTES.finditer(text), *_IMPORTS.finditer(text), *_SILENCED.finditer(text))
    ]
    return iter(sorted(spans))
