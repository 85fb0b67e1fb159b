"""All pages of the desk, together (pure)."""

from __future__ import annotations

from feeds.pages.desk.listing import ListingPages


class DeskPages(ListingPages):
    """Every page of the press desk, in one language."""
