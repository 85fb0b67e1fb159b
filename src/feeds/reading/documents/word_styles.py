"""How the runs of a Word document look: what is hidden, struck out, white on white or too small to be read.

Owns which style gives a run its look: its own marks, those of its style, of its paragraph's, of all
paragraphs. Where its ground is not known (a text box, a table with a style), it is seen. Must not know what
becomes of a run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OFF = frozenset({"0", "false", "off", "none"})
_MOST_STEPS = 20
_WHITE, _UNKNOWN = "FFFFFF", "?"
# In half points: nobody reads what is one point high.
_TINY = 2

Look = Mapping[str, str]


class _Style(NamedTuple):
    own: Look
    based: str


def said(mark: etree._Element | None) -> bool | None:
    """What a mark says that may be there, be there with "0", or be missing."""
    return None if mark is None else (mark.get(f"{W}val") or "1").lower() not in _OFF


def value(node: etree._Element | None) -> str:
    """The value of a mark, empty where it is missing."""
    return "" if node is None else node.get(f"{W}val") or ""


class Styles:
    """The looks of all runs; `texts` are the parts of the document that hold its styles, parsed."""

    def __init__(self, roots: Iterator[etree._Element]) -> None:
        self._styles: dict[str, _Style] = {}
        self._paragraphs = ""
        self._always: Look = {}
        self._looks: dict[tuple[str, str], Look] = {}
        for root in roots:
            self._always = {**self._always, **_look(root.find(f".//{W}rPrDefault/{W}rPr"))}
            for style in root.iter(f"{W}style"):
                self._take(style)

    def _take(self, style: etree._Element) -> None:
        name = style.get(f"{W}styleId") or ""
        ground = _fill(style.find(f"{W}pPr/{W}shd"))
        own = {**({"ground": ground} if ground else {}), **_look(style.find(f"{W}rPr"))}
        self._styles[name] = _Style(own, value(style.find(f"{W}basedOn")))
        if style.get(f"{W}type") == "paragraph" and (style.get(f"{W}default") or "0").lower() not in _OFF:
            self._paragraphs = name

    def hide(self, run: etree._Element) -> bool:
        """Whether nobody sees a run."""
        look = self._of(run)
        if look.get("vanish") == "1":
            return True
        size, words = look.get("size", ""), look.get("color", "")
        if size.isdecimal() and int(size) <= _TINY:
            return True
        return bool(words) and words != "auto" and words == _ground(run, look)

    def strike(self, run: etree._Element) -> bool:
        """Whether a run is struck out."""
        look = self._of(run)
        return "1" in (look.get("strike"), look.get("dstrike"))

    def _of(self, run: etree._Element) -> Look:
        own = _look(run.find(f"{W}rPr"))
        around = next(run.iterancestors(f"{W}p"), None)
        paragraph = value(around.find(f"{W}pPr/{W}pStyle")) if around is not None else ""
        names = (paragraph or self._paragraphs, value(run.find(f"{W}rPr/{W}rStyle")))
        if names not in self._looks:
            self._looks[names] = {**self._always, **self._by_style(names[0]), **self._by_style(names[1])}
        return {**self._looks[names], **own} if own else self._looks[names]

    def _by_style(self, name: str) -> Look:
        looks: list[Look] = []
        while name in self._styles and len(looks) < _MOST_STEPS:
            style = self._styles[name]
            looks.append(style.own)
            name = style.based
        return {key: each for look in reversed(looks) for key, each in look.items()}


def _look(marks: etree._Element | None) -> Look:
    """What the marks of a run or a style say."""
    if marks is None:
        return {}
    found = {}
    for name in ("vanish", "strike", "dstrike"):
        if (told := said(marks.find(f"{W}{name}"))) is not None:
            found[name] = str(int(told))
    if (colour := marks.find(f"{W}color")) is not None:
        themed = (colour.get(f"{W}themeColor") or "").lower() in ("background1", "light1")
        found["color"] = _WHITE if themed else (value(colour) or "auto").upper().replace("AUTO", "auto")
    if size := value(marks.find(f"{W}sz")):
        found["size"] = size
    if ground := _fill(marks.find(f"{W}shd")):
        found["fill"] = ground
    if light := value(marks.find(f"{W}highlight")):
        found["fill"] = _WHITE if light == "white" else "" if light == "none" else _UNKNOWN
    return found


def _fill(shading: etree._Element | None) -> str:
    """The colour of a ground; empty for none."""
    if shading is None:
        return ""
    fill = (shading.get(f"{W}fill") or "auto").upper()
    if shading.get(f"{W}themeFill") or value(shading) not in ("", "clear", "nil"):
        return _UNKNOWN
    return "" if fill == "AUTO" else fill


def _ground(run: etree._Element, look: Look) -> str:
    """The colour of the ground on which a run stands."""
    if look.get("fill"):
        return look["fill"]
    for up in run.iterancestors(f"{W}p", f"{W}tc", f"{W}txbxContent", f"{W}tbl"):
        if up.tag == f"{W}p":
            fill = _fill(up.find(f"{W}pPr/{W}shd")) or look.get("ground", "")
        elif up.tag == f"{W}tc":
            fill = _fill(up.find(f"{W}tcPr/{W}shd"))
        else:
            styled = up.tag == f"{W}txbxContent" or up.find(f"{W}tblPr/{W}tblStyle") is not None
            fill = _UNKNOWN if styled else ""
        if fill:
            return fill
    page = run.getroottree().getroot().find(f"{W}background")
    return (page.get(f"{W}color") or _WHITE).upper() if page is not None else _WHITE
