"""What may stand in the body of an item, and nothing else: the one use of nh3."""

from __future__ import annotations

import re

import nh3

from feeds.richtext.links import public_link

LONGEST_BODY = 250_000
"""A longer body is dropped, and the item keeps its plain text alone."""

_TAGS = {
    "p", "br", "a", "ul", "ol", "li", "em", "strong", "b", "i", "blockquote", "pre", "code", "sub", "sup",
    "table", "tbody", "tr", "td", "th", "h3", "h4",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}, "td": {"colspan"}, "th": {"colspan"}}
_NUMBER = re.compile(r"[0-9]{1,3}")
_BARE_LINK = re.compile(r"<a>(.*?)</a>", re.DOTALL)


def safe(markup: str) -> str:
    """The markup with only the tags of a body, its links absolute and public; empty if it is too long.

    nh3 parses as a browser does, so that nothing hides between what it sees and what a browser sees.
    Links are checked here once more: its own check of schemes has let odd spellings through.
    """
    if len(markup) > LONGEST_BODY:
        return ""
    cleaned = nh3.clean(
        markup,
        tags=_TAGS,
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    return _BARE_LINK.sub(r"\1", cleaned).strip()


def _attribute(tag: str, _name: str, value: str) -> str | None:
    if tag == "a":
        return public_link(value)
    return value if _NUMBER.fullmatch(value) else None
