"""What is published: the site, its feeds and how lists show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteInfo:
    """What a site says of itself in feeds, pages and mails.

    `base_url` has no trailing slash. `languages[0]` is the language of pages and feeds there; those in
    each further one stand below it, as ``/es/…``. `address` is the postal one. `created_at` stands in for
    `updated` while a feed is empty. `names` and `descriptions` are for other
    languages than the first. `logo` and `favicon` are paths on the site, `accent` and `accent_night`
    colours; all may be empty.
    `hub`: the address of its WebSub hub, if it has one.
    `demonstration`: mails are caught, and pages show a bar that says what can be tried.
    """

    name: str
    base_url: str
    languages: tuple[str, ...]
    description: str = ""
    publisher: str = ""
    contact: str = ""
    address: str = ""
    created_at: datetime
    descriptions: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    logo: str = ""
    favicon: str = ""
    accent: str = ""
    accent_night: str = ""
    demonstration: bool = False
    hub: str = ""

    @property
    def langs(self) -> tuple[str, ...]:
        """Its languages, each once, the first one first."""
        return _once_each(self.languages)

    def speaking(self, lang: str) -> SiteInfo:
        """The site under the name that it has in a language, which is its publisher's, too, where that is the
        same. It knows all of its names and may be asked again.
        """
        names = {self.langs[0]: self.name, **self.names}
        name = names.get(lang, names[self.langs[0]])
        publisher = name if self.publisher == self.name else self.publisher
        return self if name == self.name else replace(self, name=name, publisher=publisher, names=names)

    def described(self, lang: str, translated: Callable[[str], str]) -> str:
        """The sentence about the site in a language: the one that is set for it, else the one that is set,
        which may be a message (that of a new site is one).
        """
        return self.descriptions.get(lang) or (translated(self.description) if self.description else "")

    def below(self, lang: str) -> str:
        """The path below which pages and feeds in a language stand: empty, or ``/es`` for a further one.

        Empty too for a language that the site does not have.
        """
        return f"/{lang}" if lang in self.langs[1:] else ""

    def url(self, path: str, lang: str) -> str:
        """An absolute address: that of ``/country/pa/`` in a language."""
        return f"{self.base_url}{self.below(lang)}{path}"


@lru_cache(maxsize=64)
def _once_each(languages: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(languages))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedKey:
    """Names one published feed and its page.

    `kind` is ``all``, ``unlabelled``, ``country``, ``region``, ``topic``, ``filter`` or ``private``;
    `code` is empty for the first two, the canonical query of a filter, and the secret of a private feed.
    """

    kind: str
    code: str = ""

    @property
    def stem(self) -> str:
        """Path below ``/feeds/`` without extension: ``all``, ``country/pa``; of a filter its name in ids."""
        if self.kind == "filter":
            return f"filter?{self.code}"
        return f"{self.kind}/{self.code}" if self.code else self.kind

    @property
    def page(self) -> str:
        """Path of its HTML twin: ``/``, ``/country/pa/``, ``/filter?…``; where a private feed is made."""
        if self.kind == "filter":
            return f"/filter?{self.code}"
        if self.kind == "private":
            return "/preferences/"
        if self.kind == "all":
            return "/"
        return f"/{self.stem}/"

    def path(self, extension: str) -> str:
        """Path of the feed in a format: ``/feeds/country/pa.atom``, ``/filter.atom?…``."""
        if self.kind == "filter":
            return f"/filter.{extension}?{self.code}"
        if self.kind == "private":
            return f"/private/{self.code}.{extension}"
        return f"/feeds/{self.stem}.{extension}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedListing:
    """One feed as lists, OPML and tables show it. `items` counts all, not just those in the feed."""

    key: FeedKey
    title: str
    items: int
    newest_on: date | None = None
