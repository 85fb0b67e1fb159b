"""What a page holds and shows to nobody: hidden by an attribute, by its style, or by what it is.

Owns those signs. Such text is not for publication, whatever it was written for, so it is kept out and
counted. Must not know rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml import etree, html
from markdown_it.token import Token

RULE = "hidden"
_UNSEEN = re.compile(
    r"display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}(?:hidden|collapse)|mso-hide\s{0,5}:\s{0,5}all"
    r"|(?<![\w-])(?:left|top|text-indent)\s{0,5}:\s{0,5}-[0-9]{3,6}(?:px|pt|r?em)",
    re.IGNORECASE,
)
# Not opacity, font size or height: whole pages have them at 0 until a script, or an inner element, says else.
_NEVER_SHOWN = frozenset({"template", "noscript"})
# A page that hides all of itself does so until a script of its own has run.
_WHOLE = frozenset({"html", "body"})
_MOST_STYLE = 200_000
_COMMENT = re.compile(r"/\*.{0,5000}?\*/", re.DOTALL)
# A rule for one class or id; those within "@media print {…}" begin deeper.
_STYLED = re.compile(r"(?:^|[};])\s*((?:[.#][\w-]{1,80}\s*,?\s*){1,10})\{([^{}]{0,2000})\}")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s[^<>]*)?)>")
_WORDLY = re.compile(r"[^\W_]")
_SAYS_HIDDEN = re.compile(r"\s(?:hidden(?=[\s=/>]|$)|aria-hidden\s*=\s*[\"']?true)", re.IGNORECASE)
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


def hidden_names(tree: html.HtmlElement) -> frozenset[str]:
    """The classes and ids (``.x``, ``#y``) that the page's own style shows to nobody."""
    found: set[str] = set()
    for node in tree.iter("style"):
        text = _COMMENT.sub("", (node.text or "")[:_MOST_STYLE])
        if _UNSEEN.search(text):
            for names, said in _STYLED.findall(_outside_of_media(text)):
                if _UNSEEN.search(said):
                    found.update(name.strip() for name in names.split(",") if name.strip())
    return frozenset(found)


def _outside_of_media(text: str) -> str:
    """A style sheet without what holds on some screens, or on paper, only."""
    kept, depth, outer, start = list[str](), 0, 0, 0
    for sign in re.finditer(r"[{}]", text):
        depth += 1 if sign[0] == "{" else -1
        if sign[0] == "{" and depth == 1 and "@" in text[start : sign.start()]:
            kept.append(text[start : text.rfind("@", start, sign.start())])
            outer = 1
        elif depth <= 0:
            if not outer:
                kept.append(text[start : sign.end()])
            depth, outer, start = 0, 0, sign.end()
    return "".join(kept)


def is_hidden(node: html.HtmlElement, names: frozenset[str]) -> bool:
    """Whether nobody sees an element; `names` as `hidden_names` gives them."""
    if node.tag in _NEVER_SHOWN:
        return True
    if node.tag in _WHOLE:
        return False
    given = node.attrib
    if "hidden" in given or (given.get("aria-hidden") or "").lower() == "true":
        return True
    if "style" in given and _UNSEEN.search(given["style"][:2_000]):
        return True
    return bool(names) and any(name in names for name in _names(node))


def _names(node: html.HtmlElement) -> Iterator[str]:
    yield from (f".{name}" for name in (node.get("class") or "")[:500].split())
    yield f"#{node.get('id') or ''}"


class Curtain:
    """Takes what is hidden out of the pieces of HTML in a Markdown text, in their order.

    `drawn`: an element that hides what stands in it is still open, so the Markdown that follows is
    hidden, too. `count`: how many such elements there were.
    """

    def __init__(self) -> None:
        self.count = 0
        self._name = ""
        self._depth = 0

    @property
    def drawn(self) -> bool:
        return bool(self._name)

    def visible(self, piece: str) -> str:
        """The piece without what is hidden."""
        kept, at = list[str](), 0
        for tag in _TAG.finditer(piece):
            name, closes = tag[2].lower(), bool(tag[1])
            if self._name:
                self._depth += (name == self._name) * (-1 if closes else 1)
                if not self._depth:
                    self._name, at = "", tag.end()
            elif not closes and name not in _VOID and (name in _NEVER_SHOWN or _hides(tag[3])):
                kept.append(piece[at : tag.start()])
                self._name, self._depth, self.count = name, 1, self.count + 1
        return "".join(kept) if self._name else "".join([*kept, piece[at:]])

    def seen(self, children: Sequence[Token]) -> list[Token]:
        """The pieces of a Markdown paragraph that are not hidden."""
        kept: list[Token] = []
        for child in children:
            if child.type == "html_inline":
                child.content = self.visible(child.content)
            if child.content and self._name:
                continue
            kept.append(child)
        return kept


def take_hidden(tree: html.HtmlElement) -> list[tuple[str, int]]:
    """Take what nobody sees out of a page; RULE and the line of each that says something."""
    names = hidden_names(tree)
    found: list[html.HtmlElement] = []
    walker = etree.iterwalk(tree, events=("start",))
    for _, node in walker:
        if isinstance(node.tag, str) and is_hidden(node, names):
            found.append(node)
            walker.skip_subtree()
    taken = []
    for node in found:
        if any(_WORDLY.search(text) for text in node.itertext()):
            taken.append((RULE, node.sourceline or 1))
        if node.getparent() is not None:
            node.drop_tree()
    return taken


def _hides(attributes: str) -> bool:
    return bool(_SAYS_HIDDEN.search(attributes) or _UNSEEN.search(attributes))
