"""WebSub: what is told of which feed, and what a hub's answer means."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feeds.app.hubs import links_of
from feeds.app.pauses import longer
from feeds.config import Settings
from feeds.config.sections import PublishSection, SiteSection
from feeds.hub import HubAwayError, HubRefusedError, fault_of
from feeds.model import FeedKey
from feeds.publishing.hub import Told, told_of, topics
from feeds.syndication import FORMATS
from feeds.syndication.hub import is_told, link_header
from golden.feeds.sample import SITE, source

HUB = "https://hub.example.org/?x=1"
TOLD = Told(site="s", hub=HUB, seq=7)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (FeedKey(kind="all"), True),
        (FeedKey(kind="unlabelled"), True),
        (FeedKey(kind="country", code="pa"), True),
        (FeedKey(kind="topic", code="archive"), True),
        (FeedKey(kind="country", code="pa/archive/2026-11"), False),
        (FeedKey(kind="all", code="archive/2026-11"), False),
        (FeedKey(kind="filter", code="country=hn,pa"), False),
        (FeedKey(kind="private", code="secret"), False),
    ],
)
def test_only_published_feeds_are_told_of(key: FeedKey, told: bool) -> None:
    assert is_told(key) is told


def test_each_format_of_a_changed_feed_has_an_address_and_private_ones_have_none() -> None:
    site = replace(SITE, base_url="https://x.example", languages=("en",))
    assert topics(site, {"all": 9, "country/pa": 8, "private/s": 7}, ["atom", "json"]) == {
        "https://x.example/feeds/all.atom": 9,
        "https://x.example/feeds/all.json": 9,
        "https://x.example/feeds/country/pa.atom": 8,
        "https://x.example/feeds/country/pa.json": 8,
    }


def test_a_feed_is_told_in_each_language_of_the_site() -> None:
    site = replace(SITE, base_url="https://x.example", languages=("en", "es"))
    assert topics(site, {"all": 9}, ["rss"]) == {
        "https://x.example/feeds/all.rss": 9,
        "https://x.example/es/feeds/all.rss": 9,
    }


def test_a_hub_is_told_from_where_it_was_told_last() -> None:
    assert told_of(TOLD.to_bytes(), "s", HUB, 7) == TOLD
    assert told_of(TOLD.to_bytes(), "s", HUB, 9) == TOLD


@pytest.mark.parametrize(
    ("kept", "site", "hub", "published"),
    [
        (None, "s", HUB, 9),
        (b"{", "s", HUB, 9),
        (b"{}", "s", HUB, 9),
        (b"[]", "s", HUB, 9),
        (TOLD.to_bytes(), "another", HUB, 9),
        (TOLD.to_bytes(), "s", "https://other.example/", 9),
        (TOLD.to_bytes(), "s", HUB, 6),
    ],
)
def test_a_new_hub_or_another_site_is_told_nothing_of_before(
    kept: bytes | None, site: str, hub: str, published: int
) -> None:
    assert told_of(kept, site, hub, published) == Told(site=site, hub=hub, seq=published)


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (199, HubAwayError), (200, None), (204, None), (299, None), (300, HubRefusedError),
        (404, HubRefusedError), (408, HubAwayError), (429, HubAwayError), (499, HubRefusedError),
        (500, HubAwayError), (503, HubAwayError),
    ],
)  # fmt: skip
def test_an_answer_means_taken_later_or_never(status: int, fault: type[Exception] | None) -> None:
    assert fault_of(status) is fault


def test_the_header_names_hub_and_feed() -> None:
    assert link_header(HUB, "https://x.example/a.atom") == (
        f'<{HUB}>; rel="hub", <https://x.example/a.atom>; rel="self"'
    )


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("atom", '<link rel="hub" href="https://hub.example.org/?x=1"/>'),
        ("rss", '<atom:link rel="hub" href="https://hub.example.org/?x=1"/>'),
        ("json", '"url": "https://hub.example.org/?x=1"'),
    ],
)
def test_documents_lead_to_the_hub_if_there_is_one(form: str, said: str) -> None:
    feed = source([])
    with_hub = replace(feed, site=replace(SITE, hub=HUB))
    assert said in FORMATS[form].write(with_hub).decode()
    assert "hub" not in FORMATS[form].write(feed).decode()
    private = replace(with_hub, key=FeedKey(kind="private", code="s"))
    assert "hub" not in FORMATS[form].write(private).decode()


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/feeds/all.atom", True),
        ("/feeds/country/pa.rss", True),
        ("/es/feeds/all.atom", True),
        ("/fr/feeds/all.atom", False),
        ("/en/feeds/all.atom", False),
        ("/feeds/country/pa.json", False),
        ("/feeds/country/pa/archive/2026-11.atom", False),
        ("/feeds.opml", False),
        ("/style.css", False),
        ("/items/x.atom", False),
    ],
)
def test_published_feeds_have_a_link_header_and_nothing_else_has(path: str, told: bool) -> None:
    known = Settings.model_construct(
        publish=PublishSection(hub=HUB, formats=["atom", "rss"]),
        site=SiteSection(base_url="https://x.example"),
    )
    wanted = link_header(HUB, f"https://x.example{path}") if told else ""
    assert links_of(known)(path) == wanted
    without = known.model_copy(update={"publish": PublishSection()})
    assert links_of(without)(path) == ""


@pytest.mark.parametrize("address", ["", "https://hub.example.org", "http://127.0.0.1:80/a?b=c&d=e"])
def test_a_hub_is_a_web_address_or_none(address: str) -> None:
    assert PublishSection(hub=address).hub == address


@pytest.mark.parametrize(
    "address", ["hub.example.org", "ftp://hub.example.org", 'https://h/"x', "https://h/a b"]
)
def test_what_is_no_web_address_is_no_hub(address: str) -> None:
    with pytest.raises(ValueError, match="address of a WebSub hub"):
        PublishSection(hub=address)


@pytest.mark.parametrize(
    ("before", "after"), [(0.0, 5.0), (5.0, 10.0), (149.0, 298.0), (151.0, 300.0), (300.0, 300.0)]
)
def test_a_hub_that_is_away_is_asked_ever_more_seldom(before: float, after: float) -> None:
    assert longer(before) == after
