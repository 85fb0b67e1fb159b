"""What a page holds and shows to nobody, or strikes out: by an attribute, a style, a name, or what it is.

Owns taking it out. Such text is not for publication, whatever it was written for, so it is kept out and
counted: what is struck out was taken back by who wrote it. Must not know rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lxml import etree, html
from markdown_it.token import Token

from feeds.reading.markup.unseen import hides, hides_words, is_unseen

RULE, STRUCK = "hidden", "struck-out"
_STRIKES = re.compile(r"text-decoration(?:-line)?\s{0,5}:[^;]{0,40}line-through", re.IGNORECASE)
_STRUCK = frozenset({"del", "s", "strike"})
# Names under which most sites keep what only programs that read aloud are to have, and what is off.
_NAMES = frozenset(
    ".sr-only .sr-only-focusable .visually-hidden .visuallyhidden .screen-reader-text .screen-reader-only "
    ".element-invisible .assistive-text .offscreen .off-screen .d-none .invisible".split()
)
# "d-none d-md-block" is seen where there is room.
_SOMEWHERE = re.compile(r"(?:^|\s)(?:d|display|visible)-(?:sm|md|lg|xl|xxl)-")
_NEVER_SHOWN = frozenset({"template", "noscript"})
# A page that hides all of itself does so until a script of its own has run.
_WHOLE = frozenset({"html", "body"})
_MOST_STYLE = 200_000
_COMMENT = re.compile(r"/\*.{0,5000}?\*/", re.DOTALL)
# A rule for one class or id; those within "@media print {…}" begin deeper.
_STYLED = re.compile(r"(?:^|[};])\s*((?:[.#][\w-]{1,80}\s*,?\s*){1,10})\{([^{}]{0,2000})\}")
_FADED_IN = re.compile(r"opacity\s{0,5}:\s{0,5}(?:0?\.0{0,5}[1-9]|[1-9])")
_LONGEST_NAMES = 300
_NAME = re.compile(r"[.#][\w-]{1,80}")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s[^<>]*)?)>")
_WORDLY = re.compile(r"[^\W_]")
_SAYS_HIDDEN = re.compile(r"\s(?:hidden(?=[\s=/>]|$)|aria-hidden\s*=\s*[\"']?true)", re.IGNORECASE)
_STYLE = re.compile(r"\sstyle\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.IGNORECASE)
_COLOUR = re.compile(r"\scolor\s*=\s*[\"']?([#\w(), ]{3,30})", re.IGNORECASE)
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


def hidden_names(tree: html.HtmlElement) -> frozenset[str]:
    """The classes and ids (``.x``, ``#y``) that the page's own style shows to nobody."""
    found: set[str] = set()
    for node in tree.iter("style"):
        text = _COMMENT.sub("", (node.text or "")[:_MOST_STYLE])
        shown: set[str] = set()
        for names, said in _STYLED.findall(_outside_of_media(text)):
            if hides(said):
                found.update(name.strip() for name in names.split(",") if name.strip())
        if found and "opacity" in text:  # ".x.on { opacity: 1 }": a program shows it
            shown.update(_faded_in(text))
        found -= shown
    return frozenset(found) | _NAMES


def _faded_in(text: str) -> Iterator[str]:
    """The names in whose rules something gets seen."""
    for rule in text.split("}"):
        names, _, said = rule.rpartition("{")
        if _FADED_IN.search(said):
            yield from _NAME.findall(names[-_LONGEST_NAMES:])


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


def is_hidden(node: html.HtmlElement, names: frozenset[str], *, styled: bool = False) -> bool:
    """Whether nobody sees an element; `names` as `hidden_names` gives them, `styled` as in `is_unseen`."""
    if node.tag in _NEVER_SHOWN:
        return True
    if node.tag in _WHOLE:
        return False
    given = node.attrib
    if "hidden" in given or (given.get("aria-hidden") or "").lower() == "true":
        return True
    if ("style" in given or "color" in given) and is_unseen(node, styled):
        return True
    if "class" not in given and "id" not in given:
        return False
    return any(name in names for name in _names(node)) and not _SOMEWHERE.search(given.get("class") or "")


def is_struck(node: html.HtmlElement) -> bool:
    """Whether an element is struck out."""
    return node.tag in _STRUCK or (
        "style" in node.attrib and bool(_STRIKES.search(node.attrib["style"][:2_000]))
    )


def _names(node: html.HtmlElement) -> Iterator[str]:
    yield from (f".{name}" for name in (node.get("class") or "")[:500].split())
    yield f"#{node.get('id') or ''}"


class Curtain:
    """Takes what is hidden out of the pieces of HTML in a Markdown text, in their order.

    `drawn`: an element that hides what stands in it is still open, so the Markdown that follows is
    hidden, too. `taken`: the rule of each such element so far.
    """

    def __init__(self) -> None:
        self.taken: list[str] = []
        self._name = ""
        self._depth = 0
        self._struck = 0

    @property
    def drawn(self) -> bool:
        return bool(self._name)

    def visible(self, piece: str, *, within: bool = False) -> str:
        """The piece without what is hidden; `within`: it stands in a line, and is not read as HTML later."""
        kept, at = list[str](), 0
        for tag in _TAG.finditer(piece):
            name, closes = tag[2].lower(), bool(tag[1])
            if self._name:
                self._depth += (name == self._name) * (-1 if closes else 1)
                if not self._depth:
                    self._name, at = "", tag.end()
            elif not closes and name not in _VOID and (rule := _rule(name, tag[3], within=within)):
                kept.append(piece[at : tag.start()])
                self._name, self._depth = name, 1
                self.taken.append(rule)
        return "".join(kept) if self._name else "".join([*kept, piece[at:]])

    def seen(self, children: Sequence[Token]) -> list[Token]:
        """The pieces of a Markdown paragraph that are not hidden."""
        kept: list[Token] = []
        for child in children:
            if child.type == "html_inline":
                child.content = self.visible(child.content, within=True)
            if child.type in ("s_open", "s_close"):  # ~~struck out~~
                self._struck += child.nesting
                if child.nesting > 0 and not self._name:
                    self.taken.append(STRUCK)
            elif self._struck:
                continue
            if child.content and self._name:
                continue
            kept.append(child)
        return kept


def take_hidden(tree: html.HtmlElement) -> list[tuple[str, int]]:
    """Take what nobody sees, or is struck out, from a page; rule and line of each that has words."""
    names = hidden_names(tree)
    styled = any(_is_style(node) for node in tree.iter("style", "link"))
    found: list[tuple[str, html.HtmlElement]] = []
    walker = etree.iterwalk(tree, events=("start",))
    for _, node in walker:
        if not isinstance(node.tag, str):
            continue
        rule = RULE if is_hidden(node, names, styled=styled) else STRUCK if is_struck(node) else ""
        if rule:
            found.append((rule, node))
            walker.skip_subtree()
    taken = []
    for rule, node in found:
        if any(_WORDLY.search(text) for text in node.itertext()):
            taken.append((rule, node.sourceline or 1))
        if node.getparent() is not None:
            node.drop_tree()
    return taken


def _is_style(node: html.HtmlElement) -> bool:
    return node.tag == "style" or "stylesheet" in (node.get("rel") or "").lower()


def _rule(name: str, attributes: str, *, within: bool) -> str:
    """Why a tag takes what stands in it out; empty if it does not."""
    style = found[1] or found[2] if (found := _STYLE.search(attributes)) else ""
    if name in _NEVER_SHOWN or _SAYS_HIDDEN.search(attributes) or hides(style):
        return RULE
    if within and hides_words(style):
        return RULE
    if (
        name == "font"
        and (colour := _COLOUR.search(attributes))
        and hides_words(f"color:{colour[1]};{style}")
    ):
        return RULE
    return STRUCK if name in _STRUCK or _STRIKES.search(style) else ""
