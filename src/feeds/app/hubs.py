"""The wiring of a WebSub hub: which published files lead to it, and who tells it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from feeds.app.fence import Fence
from feeds.app.pauses import longer
from feeds.config import Settings
from feeds.hub import HubLine
from feeds.publishing.hub import HubTeller
from feeds.syndication.hub import is_told, link_header
from feeds.syndication.keys import feed_key
from feeds.web.memory import PublishedMemory

if TYPE_CHECKING:
    from feeds.app.parts import Parts

FEEDS = "/feeds/"


def links_of(settings: Settings) -> Callable[[str], str]:
    """The Link header of what stands under a path: that of a published feed leads to its hub."""
    hub, base_url = settings.publish.hub, settings.site.base_url
    below = ("", *(f"/{lang}" for lang in settings.site.languages[1:]))
    folders = tuple(f"{each}{FEEDS}" for each in below)

    def link(path: str) -> str:
        if not hub or not path.startswith(folders):
            return ""
        stem, _, form = path.partition(FEEDS)[2].rpartition(".")
        told = form in settings.publish.formats and is_told(feed_key(stem))
        return link_header(hub, base_url + path) if told else ""

    return link


def memory_of(settings: Settings) -> PublishedMemory:
    """The published files of a site as they are served."""
    return PublishedMemory(settings.path(settings.publish.path), link=links_of(settings))


def teller_of(parts: Parts) -> HubTeller:
    """Who tells the hub of the site what has changed."""
    return HubTeller(parts.store, parts.press, HubLine(parts.settings.publish.hub))


async def hub_loop(parts: Parts, fence: Fence, wake: asyncio.Event, stop: asyncio.Event) -> None:
    """Tell the hub what stands in the folder; one that is away is asked again, ever more seldom."""
    teller, away_s = teller_of(parts), 0.0
    while not stop.is_set():
        wake.clear()
        told = await fence.run("hub", lambda: teller.tell(stop.is_set))
        away_s = 0.0 if told is not None else longer(away_s)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for((stop if away_s else wake).wait(), away_s or None)
