"""The body of an item: a small, safe part of HTML, and what becomes of it as text (pure).

Paragraphs, links, lists, emphasis, quotations, simple tables; nothing else. Owns what may stand in
a body (`safe`, the only user of nh3), how one is put together (`Builder`), how plain text becomes one
(`from_plain`), how one reads as plain text (`plain`), and which addresses are nobody's but the
receiver's (`public_link`). Must not know items, files or pages.
"""

from feeds.richtext.building import Builder, Place
from feeds.richtext.cleaning import LONGEST_BODY, safe
from feeds.richtext.links import is_own_business, is_private_link, public_link, readable_link, unwrapped_link
from feeds.richtext.plain_text import as_html, from_plain, shown_text, trimmed
from feeds.richtext.walking import plain, shortened

__all__ = [
    "LONGEST_BODY",
    "Builder",
    "Place",
    "as_html",
    "from_plain",
    "is_own_business",
    "is_private_link",
    "plain",
    "public_link",
    "readable_link",
    "safe",
    "shortened",
    "shown_text",
    "trimmed",
    "unwrapped_link",
]
