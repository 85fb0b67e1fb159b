"""A site in each of its languages: the same items and feeds, with other words around them.

The first language stands at the root, each further one below its code (``/es/``). What decides which items
stand where knows no language; here is only how it is said, and where those files are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from feeds.i18n import catalogues
from feeds.model import FeedKey, SiteInfo
from feeds.pages.archive_pages import ArchivePages
from feeds.publishing.press import Press
from feeds.syndication import FORMATS, FeedSource


@dataclass(frozen=True, slots=True)
class Edition:
    """Pages and feeds in one language; `folder` is where its files are: empty, or ``es/``."""

    lang: str
    folder: str
    pages: ArchivePages


def editions(press: Press) -> list[Edition]:
    """Those of a site, the first language first."""
    return [Edition(lang, folder(press.site, lang), press.pages.speaking(lang)) for lang in press.site.langs]


def folder(site: SiteInfo, lang: str) -> str:
    """Where the files of a language are, below the public folder; with a slash at the end, or empty."""
    below = site.below(lang)
    return f"{below[1:]}/" if below else ""


def feed_source(press: Press, key: FeedKey, updated_at: datetime | None, lang: str) -> FeedSource:
    """A feed without items, with its words in a language. An empty feed is as old as the site.

    A feed is another one in each language, and has an id of its own there; its entries keep theirs.
    """
    pages = press.pages.speaking(lang)
    return FeedSource(
        key=key,
        feed_id=feed_id(press, key.stem, lang),
        title=pages.feed_title(key),
        subtitle=pages.feed_description(key),
        lang=lang,
        site=press.site.speaking(lang),
        vocabulary=press.vocabulary,
        updated_at=updated_at or press.site.created_at,
        items=(),
    )


def feed_id(press: Press, name: str, lang: str) -> str:
    """What tells a feed from all others, for ever (P1)."""
    return f"{press.tag}feed/{folder(press.site, lang)}{name}"


def given_up(press: Press) -> list[str]:
    """Languages that have files in the public folder although the site does not have them any more."""
    others = [lang for lang in catalogues() if not press.site.below(lang)]
    return [lang for lang in others if (press.public.root / lang).is_dir()]


def all_paths(items: Iterable[str], feeds: Iterable[FeedKey], *, site: bool) -> Iterator[str]:
    """Every file that an edition may have of these items and feeds."""
    for item_id in items:
        yield from (f"items/{item_id}/index.html", f"items/{item_id}/gone.html")
    for key in feeds:
        yield from (f"feeds/{key.stem}.{form.extension}" for form in FORMATS.values())
        yield f"{key.stem}/index.html"
    if site:
        yield from ("index.html", "directory/index.html", "feeds.opml", "404.html")
