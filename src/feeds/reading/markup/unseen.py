"""Styles that show a text to nobody: see-through, clipped away, too small, in the colour of its ground.

Owns these signs. What a style says alone is sure; a size holds until an inner element names another, and a
colour is told from the ground that is known. Where the ground is not known, the text is seen. Must not know
rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice

from lxml import html

# Said alone, these hide all that stands in an element.
_GONE = re.compile(
    r"display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}(?:hidden|collapse)|mso-hide\s{0,5}:\s{0,5}all"
    r"|(?<![\w-])(?:left|top|right|bottom|text-indent|margin-left|margin-top)\s{0,5}:\s{0,5}-[0-9]{3,6}"
    r"(?:px|pt|r?em|v[wh]|%)"
    r"|transform\s{0,5}:[^;]{0,60}(?:translate[xy]?\(\s?-[0-9]{3,6}(?:px|pt|r?em|v[wh]|%)|scale[xy]?\(\s?0\s?[,)])"
    r"|clip\s{0,5}:\s{0,5}rect\(\s?[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?[\s,]+[01](?:px)?\s?\)"
    r"|clip-path\s{0,5}:\s{0,5}inset\(\s?(?:50|[1-9][0-9]{2})%",
    re.IGNORECASE,
)
# So quick a look is enough for nearly all styles.
_PERHAPS = re.compile(r"opacity|height|width|font|color", re.IGNORECASE)
# What moves or fades in is seen in the end.
_MOVES = ("transition", "transform", "animation", "will-change")
_NOTHING = re.compile(r"0*(?:\.0+)?(?:px|pt|em|rem|%)?")
_TINY = re.compile(r"(?:0*(?:\.[0-9]+)?|0*1(?:\.0+)?)(?:px|pt)|0+(?:\.0+)?(?:r?em|%)?")
_FONT_SIZE = re.compile(r"(?<![\w.-])([0-9.]+(?:px|pt|r?em|%)?)(?=\s*/|\s)")
_RGB = re.compile(r"rgba?\(\s*([0-9]{1,3})[\s,]+([0-9]{1,3})[\s,]+([0-9]{1,3})(?:[\s,/]+([0-9.]+%?))?\s*\)")
_HEX = re.compile(r"#(?:([0-9a-f])([0-9a-f])([0-9a-f])|([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2}))")
_NAMED = {"white": (255, 255, 255), "black": (0, 0, 0), "snow": (255, 250, 250), "red": (255, 0, 0),
          "blue": (0, 0, 255), "yellow": (255, 255, 0), "green": (0, 128, 0)}  # fmt: skip
_WHITE = (255, 255, 255)
_CLEAR = re.compile(r"transparent|rgba\([^)]*[,/]\s*0*(?:\.0+)?%?\s*\)|#[0-9a-f]{6}00|#[0-9a-f]{3}0")
_ALIKE = 8
_MOST_UP = 40
_LONGEST = 2_000

Colour = tuple[int, int, int]


def hides(style: str) -> bool:
    """Whether a style alone says that all in its element is unseen."""
    style = style[:_LONGEST]
    if _GONE.search(style):
        return True
    if not _PERHAPS.search(style):
        return False
    said = declared(style)
    return _is_clear(said) or _is_folded(said)


def hides_words(style: str) -> bool:
    """The same for an element within a line, of which nothing is known but its style: its ground is white."""
    said = declared(style[:_LONGEST]) if _PERHAPS.search(style) else {}
    return hides(style) or _is_tiny(said) or _is_blank(said, _ground(said) or ("", _WHITE))


def is_unseen(node: html.HtmlElement, styled: bool) -> bool:
    """Whether the style of an element, and the ground under it, show it to nobody.

    `styled`: the page has styles that we don't know all of, so a class may bring a ground.
    """
    style, colour = (node.get("style") or "")[:_LONGEST], node.get("color") or ""
    if not colour and not _PERHAPS.search(style):
        return bool(style) and hides(style)
    if hides(style):
        return True
    said = declared(style)
    if _is_tiny(said) and not _resets(node, "font"):
        return True
    if colour and node.tag == "font":
        said = {"color": colour.lower(), **said}
    if "color" not in said:
        return False
    return _is_blank(said, _ground_under(node, styled)) and not _resets(node, "color")


def declared(style: str) -> Mapping[str, str]:
    """What a style says, by name, both in lower case."""
    pairs = (part.partition(":") for part in style.lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs if value}


def _is_clear(said: Mapping[str, str]) -> bool:
    opaque = said.get("opacity")
    seen = opaque is None or not _NOTHING.fullmatch(opaque) or any(name in said for name in _MOVES)
    return not seen


def _is_folded(said: Mapping[str, str]) -> bool:
    """Whether an element has no room and shows nothing beyond it."""
    sizes = [said[name] for name in ("height", "max-height", "width", "max-width") if name in said]
    hidden = any(
        said.get(name, "").startswith(("hidden", "clip")) for name in ("overflow", "overflow-x", "overflow-y")
    )
    return hidden and any(size and _NOTHING.fullmatch(size) for size in sizes)


def _is_tiny(said: Mapping[str, str]) -> bool:
    size = said.get("font-size")
    if size is None and "font" in said:
        found = _FONT_SIZE.search(said["font"] + " ")
        size = found[1] if found else None
    return bool(size) and _TINY.fullmatch(size or "") is not None


def _is_blank(said: Mapping[str, str], ground: tuple[str, Colour | None]) -> bool:
    """Whether the words have the colour of what they stand on."""
    words = said.get("color", "")
    if _CLEAR.fullmatch(words):
        return not any("clip" in name or "fill" in name or "shadow" in name for name in said)
    own, under = _colour(words), ground[1]
    return (
        own is not None
        and under is not None
        and all(abs(a - b) <= _ALIKE for a, b in zip(own, under, strict=True))
    )


def _ground(said: Mapping[str, str]) -> tuple[str, Colour | None] | None:
    """The ground that a style gives, None if it gives none; a picture is one that is not known."""
    if said.get("background-image", "none") != "none":
        return "picture", None
    words = said.get("background-color") or said.get("background")
    if not words or words in ("none", "transparent", "inherit", "initial", "0 0"):
        return None
    return words, _colour(words)


def _ground_under(node: html.HtmlElement, styled: bool) -> tuple[str, Colour | None]:
    """The nearest ground from an element outwards: white under all, not known where a class may give one."""
    up: html.HtmlElement | None = node
    for _ in range(_MOST_UP):
        if up is None:
            return "", _WHITE
        style = up.get("style") or ""
        found = _ground(declared(style[:_LONGEST])) if "background" in style.lower() else None
        if found is None and (attribute := up.get("bgcolor")):
            found = attribute, _colour(attribute.lower().strip())
        if found is not None:
            return found
        if up.get("background") or (styled and (up.get("class") or up.get("id"))):
            break
        up = up.getparent()
    return "", None


def _colour(words: str) -> Colour | None:
    if words in _NAMED:
        return _NAMED[words]
    if found := _HEX.fullmatch(words):
        return (
            (int(found[1] * 2, 16), int(found[2] * 2, 16), int(found[3] * 2, 16))
            if found[1]
            else (int(found[4], 16), int(found[5], 16), int(found[6], 16))
        )
    found = _RGB.fullmatch(words)
    if not found or (found[4] or "1") not in ("1", "100%", "1.0"):
        return None
    return int(found[1]), int(found[2]), int(found[3])


def _resets(node: html.HtmlElement, name: str) -> bool:
    """Whether an element within gives itself another size or colour; seen or not."""
    inner = islice(node.iterdescendants(), 100_000)
    return any(name in (each.get("style") or "") or (name == "color" and each.get("color")) for each in inner)
