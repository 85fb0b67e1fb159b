"""What frames the text of a web page and is none of it: menus, comments, share buttons, related stories.

Owns the names by which such parts are known. Whole names count, never a part of one, and no part
that holds the page's title or most of its text is taken for a frame. Must not know rows or items.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from lxml import etree, html

from feeds.reading.clean import shown
from feeds.reading.text.furniture import rule_of

_DROPPED = frozenset(
    "script style noscript template svg math iframe object embed audio video canvas form button select "
    "input textarea nav footer aside head frameset applet map dialog".split()
)
_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary", "menu", "dialog"})

# What a part is for, by a word of its class or id, and the name under which the receipt counts it.
_KINDS = {
    "readers-comments": "comment comments commentlist respond disqus replies",
    "related-stories": "related recommended recommendation recommendations outbrain taboola trending popular "
    "mostread readnext morefrom",
    "share-line": "share sharing sharedaddy shares social socials addtoany addthis sharebar",
    "author-line": "author authors authorbox authorbio bio byline bylines",
    "outside-items": "newsletter signup subscribe breadcrumb breadcrumbs sidebar cookie cookies consent gdpr "
    "ad ads advert adverts advertisement adsbygoogle sponsored promo promoted pagination pager footer "
    "masthead toolbar menu navigation nav navbar skiplink",
}
_STRONG = {word: rule for rule, words in _KINDS.items() for word in words.split()}
# Words that say where a part stands or how it is made, and nothing of what is in it.
_FAINT = frozenset(
    """
    post posts entry article articles story stories page node block widget widgets section module
    content contents wp jp c js l m o u the single main site td box boxes area list lists wrap wrapper
    container inner outer item items news links link buttons button icons icon bar title heading header
    form more also read text info name media image img avatar card row col group holder panel field meta
    data count thread responses top bottom left right primary secondary sm md lg xs desktop mobile full
    wide small large v2 component wpb vc elementor view views region label labels by of to on for and
    this
    """.split()
)
_NAME = re.compile(r"[A-Z]?[a-z]+[0-9]*|[A-Z]+(?![a-z])|[0-9]+")
# A page may have more comments than text.
_SURE = frozenset({"readers-comments", "related-stories"})
_UNSEEN = frozenset({"script", "style", "noscript", "template", "svg"})
_MOST_TEXT = 1_500
_WORDLY = re.compile(r"[^\W_]")
_KEPT = frozenset({"html", "body", "main", "h1"})
# So many parts may turn out to hold the page's text itself; then names tell nothing on this page.
_MOST_REFUSED = 20
_LONGEST_NAMES = 400


def is_frame(node: html.HtmlElement) -> bool:
    """What frames the content of a page by its tag or role, or is hidden."""
    if node.tag in _DROPPED or node.get("hidden") is not None or node.get("aria-hidden") == "true":
        return True
    if (node.get("role") or "").lower() in _ROLES:
        return True
    return node.tag == "header" and not any(up.tag in ("article", "main") for up in node.iterancestors())


def named_frame(node: html.HtmlElement) -> str | None:
    """The kind of frame that the names of a part say it is; None for others."""
    if node.tag in _KEPT:
        return None
    names = f"{node.get('id') or ''} {node.get('class') or ''}"[:_LONGEST_NAMES].split()
    return next((rule for name in names if (rule := _rule_of(name))), None)


@lru_cache(maxsize=4096)
def _rule_of(name: str) -> str | None:
    words = [word.lower() for word in _NAME.findall(name)]
    rules = [_STRONG[word] for word in words if word in _STRONG]
    if rules and all(word in _STRONG or word in _FAINT or word.isdigit() for word in words):
        return rules[0]
    return None


def take_out(tree: html.HtmlElement) -> list[tuple[str, int, str]]:
    """Take the parts that names say are frames out of a page; each with its kind, line and words."""
    titled = _round_titles(tree)
    found = list(_named(tree, titled))
    half = sum(map(len, _texts(tree))) // 2
    taken: list[tuple[str, int, str]] = []
    refused = 0
    for rule, node in found:
        if refused > _MOST_REFUSED:
            break
        most = half if rule in _SURE else min(half, _MOST_TEXT)
        surely = titled and rule == "readers-comments"
        if node in titled or not (surely or not _is_longer(node, most)):
            refused += 1
        elif node.getparent() is not None:
            taken.append((rule, node.sourceline or 1, "\n".join(node.itertext())))
            node.drop_tree()
    return taken


def take_more(tree: html.HtmlElement) -> list[tuple[str, int, str]]:
    """Take "Read more" and the like out where it is a link at the end of a sentence; as `take_out` tells."""
    taken: list[tuple[str, int, str]] = []
    for node in list(tree.iter("a")):
        words = shown("".join(islice(node.itertext(), 5)))
        if rule_of(words, alone=False) == "read-more" and _ends_sentence(node):
            taken.append(("read-more", node.sourceline or 1, words))
            node.drop_tree()
    return taken


def _ends_sentence(node: html.HtmlElement) -> bool:
    """Whether words stand right before an element, and none behind it; the space between goes."""
    parent, before = node.getparent(), node.getprevious()
    if parent is None or node.getnext() is not None or _WORDLY.search(node.tail or ""):
        return False
    words = (parent.text if before is None else before.tail) or ""
    if not _WORDLY.search(words):
        return False
    if before is None:
        parent.text = words.rstrip()
    else:
        before.tail = words.rstrip()
    return True


def _round_titles(tree: html.HtmlElement) -> set[html.HtmlElement]:
    """All elements round the first headings of the highest kind."""
    titles = islice(tree.iter("h1"), _MOST_REFUSED)
    return {node for title in titles for node in title.iterancestors()}


def _named(tree: html.HtmlElement, titled: set[html.HtmlElement]) -> Iterator[tuple[str, html.HtmlElement]]:
    """The outermost parts that names say are frames, in order."""
    walker = etree.iterwalk(tree, events=("start",))
    for _, node in walker:
        if not isinstance(node.tag, str) or node.tag in _DROPPED:
            walker.skip_subtree()
        elif node is not tree and (rule := named_frame(node)):
            yield rule, node
            if node not in titled:
                walker.skip_subtree()


def _is_longer(node: html.HtmlElement, most: int) -> bool:
    """Whether a part holds more text than a frame does."""
    size = 0
    for text in _texts(node):
        size += len(text)
        if size > most:
            return True
    return False


def _texts(node: html.HtmlElement) -> Iterator[str]:
    """The texts of an element, without programs and styles."""
    for each in node.iter():
        if isinstance(each.tag, str) and each.tag not in _UNSEEN:
            yield (each.text or "").strip()
        if each is not node:
            yield (each.tail or "").strip()
