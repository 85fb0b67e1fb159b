"""Text of a Word document that is none for readers: hidden, struck out, deleted with a trace, or a comment.

Owns taking it out before the document is read on, and counting it. Must not know what the text means.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from typing import NamedTuple

from lxml import etree

from feeds.reading.documents.word_styles import Styles, W, said

_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_TRANSITIONAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TEXTS = re.compile(r"word/(?:document|footnotes|endnotes|header[0-9]*|footer[0-9]*|comments)[0-9]*\.xml")
_STYLES = re.compile(r"word/styles[0-9]*\.xml")
# A document without any of these has nothing to take out, and is not unpacked and packed again.
_SIGNS = re.compile(
    rb"vanish|:hidden\b|hidden=|strike\b|:del\b|:moveFrom\b|commentReference|visibility\s*:|display\s*:"
    rb"|background1|light1|:sz [^>]{0,200}\"[012]\"",
    re.IGNORECASE,
)
_COLOURS = re.compile(rb":color [^>]{0,200}val=\"([0-9A-Fa-f]{6})\"")
_FILLS = re.compile(rb"(?:fill|:background [^>]{0,80}color)=\"([0-9A-Fa-f]{6})\"")
_UNSEEN = re.compile(r"visibility\s*:\s*hidden|display\s*:\s*none", re.IGNORECASE)
_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_SHAPES = "{urn:schemas-microsoft-com:vml}*"
_CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_DELETED = (f"{W}del", f"{W}moveFrom")
HIDDEN, STRUCK, COMMENT = "hidden", "struck-out", "editors-comment"


class WithoutHidden(NamedTuple):
    """A document without such text; the rule of each, and its paragraph (from 1, as they are shown)."""

    data: bytes
    taken: list[tuple[str, int]]


def without_hidden(data: bytes) -> WithoutHidden:
    """The same document without hidden text; ValueError, BadZipFile or LxmlError if it cannot be opened."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        raw = {
            name: parts.read(name)
            for name in parts.namelist()
            if _TEXTS.fullmatch(name) or _STYLES.fullmatch(name)
        }
        if not any(map(_SIGNS.search, raw.values())) and not _is_blank(raw.values()):
            return WithoutHidden(data, [])
        styles = Styles(_parsed(text) for name, text in raw.items() if _STYLES.fullmatch(name))
        found: list[tuple[str, int]] = []
        made = {}
        for name, text in raw.items():
            if _TEXTS.fullmatch(name):
                made[name], taken = _cleared(text, styles)
                found += taken
        return WithoutHidden(_packed(parts, made), sorted(found, key=lambda one: one[1]))


def _is_blank(texts: Iterable[bytes]) -> bool:
    """Whether words may have the colour of a ground: of the page, or one that is named."""
    colours, grounds = set[bytes](), {b"FFFFFF"}
    for text in texts:
        colours.update(map(bytes.upper, _COLOURS.findall(text)))
        grounds.update(map(bytes.upper, _FILLS.findall(text)))
    return not colours.isdisjoint(grounds)


def _packed(parts: zipfile.ZipFile, made: dict[str, bytes]) -> bytes:
    """The same parts, those in `made` instead of their own."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as copy:
        for name in dict.fromkeys(parts.namelist()):
            copy.writestr(name, made[name] if name in made else parts.read(name))
    return out.getvalue()


def _parsed(text: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(text.replace(_STRICT, _TRANSITIONAL), parser)


def _cleared(text: bytes, styles: Styles) -> tuple[bytes, list[tuple[str, int]]]:
    """A part without such text, and the rules and paragraphs of what stood there."""
    root = _parsed(text)
    gone: list[etree._Element] = []
    inside = set[etree._Element]()
    taken: list[tuple[str, int]] = []
    number, says = 0, False
    for node in root.iter(f"{W}p", f"{W}r", f"{W}tr", *_DELETED, _DRAWN, _SHAPES):
        if node.tag == f"{W}p":
            number, says = number + says, False
        elif node.tag == f"{W}r" and node.getparent() in inside:
            continue
        elif rule := _rule(node, styles):
            whole = _whole(node)
            gone.append(whole)
            inside.add(whole)
            if _text(whole):
                taken.append((rule, number + 1))
        elif node.tag == f"{W}r":
            says = says or bool(_text(node))
            if node.find(f"{W}commentReference") is not None:
                taken.append((COMMENT, number + 1))
    for node in gone:
        if (parent := node.getparent()) is not None:
            parent.remove(node)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True), taken


def _rule(node: etree._Element, styles: Styles) -> str:
    """Why a part of a text goes; empty if it stays."""
    if node.tag in _DELETED:
        return STRUCK
    if node.tag == f"{W}tr":
        return HIDDEN if said(node.find(f"{W}trPr/{W}hidden")) else ""
    if node.tag == f"{W}r":
        return HIDDEN if styles.hide(node) else STRUCK if styles.strike(node) else ""
    drawn = node.get("hidden") in ("1", "true") or bool(_UNSEEN.search(node.get("style") or ""))
    return HIDDEN if drawn else ""


def _whole(node: etree._Element) -> etree._Element:
    """What goes with a part: a drawing goes with its older form, which stands beside it."""
    if node.tag.startswith(W):
        return node
    drawn = list(node.iterancestors(_CHOICE, f"{W}drawing", f"{W}pict"))
    return next((up for up in drawn if up.tag == _CHOICE), drawn[0] if drawn else node)


def _text(node: etree._Element) -> str:
    return "".join(map(str, node.itertext())).strip()
