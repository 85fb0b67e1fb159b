"""A filter is a page, a feed and a subscription: they hold the same items, on both databases."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from itertools import count
from urllib.parse import urlsplit

import feedparser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from starlette.testclient import TestClient

import chance
from feeds import demo, filters
from feeds.app.parts import Parts, now
from feeds.composing.compose import compose
from feeds.model import Cadence, Filter
from feeds.pages.views import feed_of
from feeds.people import signup
from feeds.publishing.publish import publish
from feeds.store import items
from feeds.store.schema import delivery, digest_item
from feeds.web import create_app
from postgres import schemas
from random_filters import written
from taking import accept_one

PLACES = ("Panama", "Honduras", "Mexico", "Central America", "Panama's and Mexico's ministers", "nobody")
DEEDS = (
    "opens a school", "agrees on labour contracts", "registers the coffee harvest", "abre una escuela",
    "vaccinates children against measles",
)  # fmt: skip
news = st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(DEEDS)), min_size=1, max_size=8)
NUMBERS = count(1)
pytestmark = pytest.mark.slow


class House:
    """A site and a browser. (hypothesis prints what a test is given: a site would be a book.)"""

    def __init__(self, parts: Parts, web: TestClient) -> None:
        self.parts, self.web = parts, web


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tables: object
) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("same") / "site"
    with pytest.MonkeyPatch.context() as patched, ExitStack() as stack:
        if request.param == "postgresql":
            patched.setenv("FEEDS_STORE_URL", stack.enter_context(schemas())())
        made = demo.make_site(folder, 8000)
        made.__dict__["_labels"] = tables
        with TestClient(create_app(made.web_parts()), base_url="http://127.0.0.1:8000") as web:
            yield House(made, web)
        made.store.close()


def announced(parts: Parts, told: list[tuple[str, str]]) -> set[str]:
    """The ids of items that are announced now, of a day later than all before."""
    number = next(NUMBERS)
    on = date(2020, 1, 1) + timedelta(days=number)
    day = f"{on.day} {on:%B}, {on.year}"
    text = "".join(
        f"{day}\n\n{place} {deed}, number {n} of {number}\n\nWork permits and café {n} of {number}.\n\n"
        for n, (place, deed) in enumerate(told)
    )
    with parts.store.read() as conn:
        before = {each.id for each in items.listing(conn, limit=100_000)}
    accept_one(parts, f"{number}.txt", text.encode(), now(), "all", filed=True)
    with parts.store.read() as conn:
        return {each.id for each in items.listing(conn, limit=100_000)} - before


def subscribed(parts: Parts, wanted: Filter) -> int:
    joining = signup.Joining(
        address=f"reader{next(NUMBERS)}@reader.example", filters=(wanted,), cadence=Cadence.IMMEDIATE,
        consent="a test",
    )  # fmt: skip
    return signup.join(parts.store, joining, parts.joining_defaults, now())


def mailed(parts: Parts, reader: int) -> set[str]:
    """The ids of the items in somebody's digests."""
    wanted = select(digest_item.c.item_id).join(delivery, delivery.c.digest_id == digest_item.c.digest_id)
    with parts.store.read() as conn:
        return set(conn.scalars(wanted.where(delivery.c.subscriber_id == reader)))


def shown(web: TestClient, wanted: Filter) -> dict[str, set[str]]:
    """The ids of the items on the page and in each feed."""
    key = feed_of(wanted)
    page = web.get(key.page)
    assert page.status_code == 200
    found = {"page": set(re.findall(r'href="/items/([a-z0-9]+)/"', page.text))}
    for form in ("atom", "rss"):
        parsed = feedparser.parse(web.get(key.path(form)).content)
        assert not parsed.bozo
        found[form] = {urlsplit(entry.link).path.split("/")[2] for entry in parsed.entries}
    feed = json.loads(web.get(key.path("json")).content)
    found["json"] = {urlsplit(each["url"]).path.split("/")[2] for each in feed["items"]}
    return found


@settings(chance.examples(12), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(wanted=st.lists(written, min_size=1, max_size=4), told=news)
def test_page_feeds_and_digest_of_a_filter_hold_the_same_items(
    house: House, wanted: list[Filter], told: list[tuple[str, str]]
) -> None:
    parts = house.parts
    readers = [subscribed(parts, each) for each in wanted]
    new = announced(parts, told)
    publish(parts.store, parts.press)
    compose(parts.store, parts.compose_rules, now())
    with parts.store.read() as conn:
        stored = items.by_ids(conn, sorted(new))
    for reader, each in zip(readers, wanted, strict=True):
        fitting = {item.id for item in stored.values() if filters.match(each, item, parts.vocabulary)}
        found = {form: ids & new for form, ids in shown(house.web, each).items()}
        assert {**found, "digest": mailed(parts, reader)} == dict.fromkeys((*found, "digest"), fitting)
