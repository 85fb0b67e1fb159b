"""A filter is a page, a feed and a subscription: they hold the same items, on both databases."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from itertools import count
from urllib.parse import urlsplit

import feedparser
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from starlette.testclient import TestClient

import chance
from feeds import demo, filters
from feeds.app.parts import Parts, now
from feeds.composing.compose import compose
from feeds.model import Cadence, Filter, Item
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
STORIES = ("", "", "one", "two")
news = st.lists(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(DEEDS), st.sampled_from(STORIES)),
    min_size=1, max_size=8,
)  # fmt: skip
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


def announced(parts: Parts, told: list[tuple[str, str, str]]) -> dict[str, str]:
    """The ids of items that are announced now, of a day later than all before, and the story of each: items
    of one story are versions of one another.
    """
    number = next(NUMBERS)
    on = date(2020, 1, 1) + timedelta(days=number)
    with parts.store.read() as conn:
        before = {each.id for each in items.listing(conn, limit=100_000)}
    for n, (place, deed, story) in enumerate(told):
        same = f"translation-of: {story} {number}\n" if story else ""
        head = f"date: {on}\nlang: {'es' if 'abre' in deed else 'en'}\n{same}"
        title, text = f"{place} {deed}, number {n} of {number}", f"Work permits and café {n} of {number}."
        data = f'---\ntitle: "{title}"\n{head}---\n{text}\n'.encode()
        accept_one(parts, f"{number}-{n}.md", data, now(), "all", filed=True)
    with parts.store.read() as conn:
        new = [each for each in items.listing(conn, limit=100_000) if each.id not in before]
    assert len(new) == len(told)
    return {each.id: told[int(each.title.split()[-3])][2] for each in new}


def fitting(wanted: Filter, new: dict[str, str], parts: Parts) -> set[str]:
    """Which of these items a filter wants, as its words say it."""
    with parts.store.read() as conn:
        stored = items.by_ids(conn, sorted(new))
    found = [each for each in stored.values() if filters.match(wanted, each, parts.vocabulary)]
    if not wanted.prefer:
        return {each.id for each in found}

    def place(item: Item) -> tuple[int, datetime]:
        ranks = [n for n, lang in enumerate(wanted.prefer) if lang == item.lang]
        return (ranks[0] if ranks else 99), item.accepted_at

    alone = {each.id for each in found if not new[each.id]}
    told = ([each for each in found if new[each.id] == story] for story in ("one", "two"))
    return alone | {min(some, key=place).id for some in told if some}


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
@example(
    wanted=[
        Filter(prefer=("es",)),
        Filter(prefer=("en", "es")),
        Filter(countries=("pa",), prefer=("fr", "es")),
        Filter(all_words=("school",), prefer=("es",)),
        Filter(languages=("en",), prefer=("es",)),
    ],
    told=[
        ("Panama", "opens a school", "one"),
        ("Panama", "abre una escuela", "one"),
        ("Honduras", "abre una escuela", "two"),
        ("Panama", "opens a school", "two"),
        ("Panama", "opens a school", "two"),
        ("Panama", "opens a school", ""),
    ],
)
def test_page_feeds_and_digest_of_a_filter_hold_the_same_items(
    house: House, wanted: list[Filter], told: list[tuple[str, str, str]]
) -> None:
    parts = house.parts
    readers = [subscribed(parts, each) for each in wanted]
    new = announced(parts, told)
    publish(parts.store, parts.press)
    compose(parts.store, parts.compose_rules, now())
    for reader, each in zip(readers, wanted, strict=True):
        expected = fitting(each, new, parts)
        found = {form: ids & new.keys() for form, ids in shown(house.web, each).items()}
        assert {**found, "digest": mailed(parts, reader)} == dict.fromkeys((*found, "digest"), expected)
