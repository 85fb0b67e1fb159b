"""Which tables of a page are tables of words and figures, and which only lay the page out.

Mails and old pages are made of tables. One is shown as a table if it has rows and columns of short cells
and holds no other table, heading or list. Must not know rows or items.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import html

from feeds.richtext import Place

_NO_TABLE = frozenset("table h1 h2 h3 h4 h5 h6 ul ol article section img picture video iframe".split())
_LONGEST_CELL = 300


def is_data_table(node: html.HtmlElement, places: Sequence[Place]) -> bool:
    """Whether an element is a table of words and figures, or a row or cell of the one that stands open."""
    if node.tag == "table":
        return _is_data(node)
    return bool(places) and places[-1].tag in ("table", "tr")


def _is_data(table: html.HtmlElement) -> bool:
    rows = wide = 0
    for node in table.iterdescendants():
        if node.tag in _NO_TABLE:
            return False
        if node.tag == "tr":
            rows += 1
            wide += sum(each.tag in ("td", "th") for each in node) > 1
        elif node.tag in ("td", "th") and sum(map(len, node.itertext())) > _LONGEST_CELL:
            return False
    return rows > 1 and 2 * wide >= rows
