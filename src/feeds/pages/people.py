"""All pages for those who get mail, together (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from feeds.model import SiteInfo, Vocabulary
from feeds.pages.asking import AskingPages
from feeds.pages.leaving import LeavingPages
from feeds.pages.mine import MinePages
from feeds.pages.privacy import PrivacyPages
from feeds.templating import Environment


@dataclass(frozen=True, slots=True)
class PeoplePages:
    """Each part of the way, in one language."""

    asking: AskingPages
    mine: MinePages
    leaving: LeavingPages
    privacy: PrivacyPages

    def speaking(self, lang: str) -> PeoplePages:
        """The same in another language."""
        return PeoplePages(*(getattr(self, each.name).speaking(lang) for each in fields(self)))


def people_pages(
    environment: Environment,
    site: SiteInfo,
    vocabulary: Vocabulary,
    formats: Sequence[str] = ("atom", "rss", "json"),
) -> PeoplePages:
    """The pages of one site, in its first language; `formats` are the extensions of its feeds."""
    parts = (environment, site, vocabulary)
    mine = MinePages(*parts, formats)
    return PeoplePages(AskingPages(*parts), mine, LeavingPages(*parts), PrivacyPages(*parts))
