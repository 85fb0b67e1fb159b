"""All pages of the desk, together (pure)."""

from __future__ import annotations

from feeds.pages.desk.items import ItemPages


class DeskPages(ItemPages):
    """Every page of the press desk, in one language."""
