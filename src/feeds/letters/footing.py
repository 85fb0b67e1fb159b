"""The foot of a digest: why it comes, how often, and how to change that (pure).

The links that are the reader's own are slots (`links`); the others serve whoever gets the mail forwarded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from feeds import timewords
from feeds.filters import everything, to_query
from feeds.i18n import Translator
from feeds.letters import links
from feeds.letters.headers import unsubscribe_url
from feeds.letters.personal import subscribe_url
from feeds.model import Audience, Filter, Kind, SiteInfo, Vocabulary
from feeds.templating import clip, one_line
from feeds.wording import describe, in_sentence, single_feed

FILTERS_SHOWN = 10
FEEDS_SHOWN = 3
_HEADING_LIMIT = 90


def foot_values(audience: Audience, site: SiteInfo, vocabulary: Vocabulary, t: Translator) -> dict[str, Any]:
    """What the foot of the mail says."""
    wishes = [clip(describe(one, vocabulary, t), 300) for one in audience.filters]
    return {
        "wishes": wishes[:FILTERS_SHOWN],
        "more_wishes": max(0, len(wishes) - FILTERS_SHOWN),
        "promise": promise(audience, t),
        "change_url": links.change_url(site),
        "pause_url": links.pause_url(site),
        "unsubscribe_url": unsubscribe_url(site, links.UNSUBSCRIBE),
        "subscribe_url": subscribe_url(site, audience.filters, t.lang),
        "feed_urls": [feed_url(one, site, t.lang) for one in audience.filters[:FEEDS_SHOWN]],
    }


def promise(audience: Audience, t: Translator) -> str:
    """When the next mails come, as a sentence."""
    when = timewords.promise_words(audience.cadence, audience.hour, audience.weekday, audience.zone, t)
    return t.gettext("It comes %(when)s.") % {"when": when}


def feed_url(wanted: Filter, site: SiteInfo, lang: str) -> str:
    """The feed that holds what a filter asks for, in a language."""
    feed = single_feed([wanted])
    if feed is not None:
        return site.url(f"/feeds/{feed.stem}.atom", lang)
    return site.url(f"/filter.atom?{to_query(wanted)}", lang)


def heading_words(filters: Sequence[Filter], vocabulary: Vocabulary, t: Translator) -> str:
    """What stands over a digest whose subscription has no name: ``Panama and Honduras``, ``All news``."""
    said = "; ".join(_heading(one, vocabulary, t) for one in filters)
    if len(said) <= _HEADING_LIMIT or len(filters) == 1:
        return clip(said, _HEADING_LIMIT)
    return t.gettext("Your subscriptions")


def _heading(wanted: Filter, vocabulary: Vocabulary, t: Translator) -> str:
    if everything(wanted):
        return t.gettext("All news")
    places = [vocabulary.name(Kind.COUNTRY, code, t.lang) for code in wanted.countries]
    places += [vocabulary.name(Kind.REGION, code, t.lang) for code in wanted.regions]
    topics = [vocabulary.name(Kind.TOPIC, code, t.lang) for code in wanted.topics]
    topics = topics[:1] + [in_sentence(name) for name in topics[1:]]
    words = [one_line(word) for word in wanted.words]
    parts = [t.all_of(part) for part in (topics, places, words) if part]
    return ": ".join(parts) if parts else t.gettext("All news")
