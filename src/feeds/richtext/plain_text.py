"""Plain text as a body: escaped paragraphs, in which addresses are links."""

from __future__ import annotations

import html
import re

from feeds.richtext.links import public_link
from feeds.richtext.walking import plain

_ADDRESS = re.compile(
    r"(?<![\w@/.])(?:https?://|www\.)[^\s<>\"“”«»]+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+",
    re.IGNORECASE,
)
_AFTER = ".,;:!?'’*_…"
_PAIRS = {")": "(", "]": "[", "}": "{"}


def from_plain(text: str) -> str:
    """Paragraphs (a blank line apart) as HTML, fit to stand in a ``<div>``."""
    parts = (part.strip() for part in text.split("\n\n"))
    return "\n".join(f"<p>{with_links(part)}</p>" for part in parts if part)


def as_html(body: str, summary: str) -> str:
    """What there is to read of an item, as safe HTML: its body, else its summary's paragraphs."""
    return body or from_plain(summary)


def with_links(words: str) -> str:
    """One paragraph, escaped, its public addresses made links; the full stop behind one is none of it."""
    if "@" not in words and "://" not in words and "www." not in words.lower():
        return html.escape(words, quote=False)
    made, end = [], 0
    for found in _ADDRESS.finditer(words):
        address = trimmed(found[0])
        href = public_link(address if "@" not in address or "/" in address else f"mailto:{address}")
        if href is None:
            continue
        shown = html.escape(address, quote=False)
        made += [
            html.escape(words[end : found.start()], quote=False),
            f'<a href="{html.escape(href)}">{shown}</a>',
        ]
        end = found.start() + len(address)
    return "".join([*made, html.escape(words[end:], quote=False)])


def trimmed(address: str) -> str:
    """An address without the signs of the sentence that it stands in."""
    while address:
        last = address[-1]
        if last in _AFTER or (last in _PAIRS and address.count(last) > address.count(_PAIRS[last])):
            address = address[:-1]
        else:
            break
    return address


def shown_text(body: str, summary: str) -> str:
    """What there is to read of an item, as text: its body with lists and addresses, else its summary."""
    return plain(body) if body else summary
