"""Hidden text of a Word document: what Word shows and prints to nobody.

Owns what makes a run of text hidden (`w:vanish`, in itself or by its styles) and takes it out before the
document is read on. Must not know what the text means.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_TRANSITIONAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TEXTS = re.compile(r"word/(?:document|footnotes|endnotes|header[0-9]*|footer[0-9]*|comments)[0-9]*\.xml")
_STYLES = re.compile(r"word/styles[0-9]*\.xml")
_OFF = frozenset({"0", "false", "off", "none"})
_MOST_STEPS = 20


class WithoutHidden(NamedTuple):
    """A document without its hidden text, and the paragraph (from 1, as they are shown) of each such text."""

    data: bytes
    paragraphs: list[int]


def without_hidden(data: bytes) -> WithoutHidden:
    """The same document without hidden text; ValueError, BadZipFile or LxmlError if it cannot be opened."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        raw = {
            name: parts.read(name)
            for name in parts.namelist()
            if _TEXTS.fullmatch(name) or _STYLES.fullmatch(name)
        }
        if not any(b"vanish" in text or b":hidden" in text for text in raw.values()):
            return WithoutHidden(data, [])
        styles = _Styles(text for name, text in raw.items() if _STYLES.fullmatch(name))
        found: list[int] = []
        made = {}
        for name, text in raw.items():
            if _TEXTS.fullmatch(name):
                made[name], paragraphs = _cleared(text, styles)
                found += paragraphs
        return WithoutHidden(_packed(parts, made), sorted(found))


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


def _cleared(text: bytes, styles: _Styles) -> tuple[bytes, list[int]]:
    """A part without hidden runs and rows, and the paragraphs in which they stood."""
    root = _parsed(text)
    gone: list[etree._Element] = []
    paragraphs: list[int] = []
    number, says = 0, False
    for node in root.iter(f"{_W}p", f"{_W}r", f"{_W}tr"):
        if node.tag == f"{_W}p":
            number, says = number + says, False
        hides = _is_hidden_row(node) if node.tag == f"{_W}tr" else node.tag == f"{_W}r" and styles.hide(node)
        if hides:
            gone.append(node)
            if _text(node):
                paragraphs.append(number + 1)
        elif node.tag == f"{_W}r":
            says = says or bool(_text(node))
    for node in gone:
        if (parent := node.getparent()) is not None:
            parent.remove(node)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True), paragraphs


def _text(node: etree._Element) -> str:
    return "".join(map(str, node.itertext())).strip()


def _is_hidden_row(row: etree._Element) -> bool:
    return _said(row.find(f"{_W}trPr/{_W}hidden")) is True


def _said(mark: etree._Element | None) -> bool | None:
    """What a mark says that may be there, be there with "0", or be missing."""
    return None if mark is None else (mark.get(f"{_W}val") or "1").lower() not in _OFF


class _Styles:
    """Which styles hide their text."""

    def __init__(self, texts: Iterator[bytes]) -> None:
        self._own: dict[str, bool | None] = {}
        self._based: dict[str, str] = {}
        self._paragraphs = ""
        self._always = False
        for root in map(_parsed, texts):
            self._always = self._always or _said(root.find(f".//{_W}rPrDefault/{_W}rPr/{_W}vanish")) is True
            for style in root.iter(f"{_W}style"):
                self._take(style)

    def _take(self, style: etree._Element) -> None:
        name = style.get(f"{_W}styleId") or ""
        self._own[name] = _said(style.find(f"{_W}rPr/{_W}vanish"))
        self._based[name] = _value(style.find(f"{_W}basedOn"))
        if style.get(f"{_W}type") == "paragraph" and (style.get(f"{_W}default") or "0").lower() not in _OFF:
            self._paragraphs = name

    def hide(self, run: etree._Element) -> bool:
        """Whether a run is hidden: by itself, else by its own style, else by that of its paragraph."""
        own = _said(run.find(f"{_W}rPr/{_W}vanish"))
        if own is None:
            own = self._by_style(_value(run.find(f"{_W}rPr/{_W}rStyle")))
        if own is None:
            around = next(run.iterancestors(f"{_W}p"), None)
            style = _value(around.find(f"{_W}pPr/{_W}pStyle")) if around is not None else ""
            own = self._by_style(style or self._paragraphs)
        return self._always if own is None else own

    def _by_style(self, name: str) -> bool | None:
        for _ in range(_MOST_STEPS):
            if not name or self._own.get(name) is not None:
                break
            name = self._based.get(name, "")
        return self._own.get(name)


def _value(node: etree._Element | None) -> str:
    return "" if node is None else node.get(f"{_W}val") or ""
