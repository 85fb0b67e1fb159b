"""A private feed: one's own news under a secret address, made and taken back on the preferences page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import count
from urllib.parse import urlencode

import feedparser
import pytest
from starlette.testclient import TestClient

from feeds import demo, filters, links
from feeds.app.parts import Parts, now
from feeds.intake.ingest import ingest_ready
from feeds.model import Cadence, LinkPurpose
from feeds.office import editing
from feeds.people import changing, erasing, leaving, private_feed, signup, sweeping
from feeds.publishing.publish import publish
from feeds.store import items
from feeds.store.schema import metadata
from feeds.web import create_app
from forms import Forms
from postgres import schemas

HOME = "http://127.0.0.1:8000"
OURS = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}
ADDRESS = re.compile(rf'href="{HOME}(/private/([\w-]+)\.(?:atom|rss|json))"')


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def parts(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tables: object
) -> Iterator[Parts]:
    """A demo site with its items on one database."""
    folder = tmp_path_factory.mktemp("private") / "site"
    with pytest.MonkeyPatch.context() as patched, ExitStack() as stack:
        if request.param == "postgresql":
            patched.setenv("FEEDS_STORE_URL", stack.enter_context(schemas())())
        made = demo.make_site(folder, 8000)
        made.__dict__["_labels"] = tables
        ingest_ready(made.watched_folders[0], now)
        publish(made.store, made.press)
        yield made
        made.store.close()


NETWORKS = count(1)


@pytest.fixture
def web(parts: Parts) -> Iterator[TestClient]:
    """A browser in a network of its own, because guesses are counted by network."""
    app, client = create_app(parts.web_parts()), (f"198.18.{next(NETWORKS)}.7", 40000)
    with TestClient(app, base_url=HOME, follow_redirects=False, client=client) as opened:
        yield opened


@pytest.fixture
def owner(parts: Parts, request: pytest.FixtureRequest, web: TestClient) -> int:
    """Somebody with two subscriptions, whose preferences are open in the browser."""
    joining = signup.Joining(
        address=f"{abs(hash(request.node.name))}@reader.example", lang="en", zone="UTC", hour=7, weekday=1,
        filters=(filters.parse("country:pa"), filters.parse("topic:health")), cadence=Cadence.WEEKLY,
        consent="a test",
    )  # fmt: skip
    number = signup.join(parts.store, joining, parts.joining_defaults, now())
    session = parts.store.transact(
        lambda conn: links.mint(conn, parts.tokens, LinkPurpose.SESSION, now(), subscriber_id=number)
    )
    web.cookies.set("preferences", session)
    return number


def press(web: TestClient, button: str, html: str = "") -> str:
    """Press a button of the preferences page, or of this one; the page that comes of it."""
    action, fields = Forms(html or web.get("/preferences/").text).press(button)
    answer = web.post(action, content=urlencode(fields), headers=OURS)
    return answer.text if answer.status_code == 200 else web.get(answer.headers["location"]).text


def addresses(html: str) -> list[str]:
    return [found[0] for found in ADDRESS.findall(html)]


def wanted(parts: Parts) -> set[str]:
    """The ids of the items that the owner's filters take."""
    asked = [filters.parse("country:pa"), filters.parse("topic:health")]
    with parts.store.read() as conn:
        found = items.listing(conn, limit=10_000)
    return {each.atom_id for each in found if any(filters.match(f, each, parts.vocabulary) for f in asked)}


def test_the_address_is_shown_once_and_holds_all_subscriptions_in_each_format(
    parts: Parts, web: TestClient, owner: int
) -> None:
    made = press(web, "Make an address")
    atom, rss, as_json = addresses(made)
    expected = wanted(parts)
    assert len(expected) > 3
    for path in (atom, rss):
        parsed = feedparser.parse(web.get(path).content)
        assert not parsed.bozo
        assert {entry.id for entry in parsed.entries} == expected
    assert {each["id"] for each in json.loads(web.get(as_json).content)["items"]} == expected
    page = web.get("/preferences/").text
    assert "/private/" not in page
    assert "It has an address since" in page


def test_only_the_reader_may_keep_it_and_asks_whether_it_changed(web: TestClient, owner: int) -> None:
    atom = addresses(press(web, "Make an address"))[0]
    web.cookies.clear()  # a feed reader has none
    first = web.get(atom, headers={"accept-encoding": "gzip"})
    assert first.headers["cache-control"] == "private, max-age=300"
    assert first.headers["x-robots-tag"] == "noindex"
    assert first.headers["vary"] == "accept-encoding"
    assert first.headers["content-encoding"] == "gzip"
    again = web.get(atom, headers={"accept-encoding": "gzip", "if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "private, max-age=300"
    assert web.head(atom).headers["etag"] == web.get(atom).headers["etag"]


def test_a_new_address_ends_the_old_one_and_the_feed_stays_the_same(web: TestClient, owner: int) -> None:
    old = addresses(press(web, "Make an address"))[0]
    before = feedparser.parse(web.get(old).content)
    new = addresses(press(web, "Make a new address"))[0]
    assert new != old
    gone = web.get(old)
    assert gone.status_code == 410
    assert gone.headers["x-robots-tag"] == "noindex"
    after = feedparser.parse(web.get(new).content)
    assert after.feed.id == before.feed.id
    assert new in str(after.feed.links)
    assert [entry.id for entry in after.entries] == [entry.id for entry in before.entries]


def test_it_is_taken_back_by_a_button_and_another_one_is_another_feed(web: TestClient, owner: int) -> None:
    made = press(web, "Make an address")
    old = addresses(made)[0]
    first = feedparser.parse(web.get(old).content).feed.id
    assert "works no more" in press(web, "Take the address back", made)
    assert web.get(old).status_code == 410
    new = addresses(press(web, "Make an address"))[0]
    assert feedparser.parse(web.get(new).content).feed.id != first


def test_it_follows_the_subscriptions_goes_on_in_a_pause_and_ends_with_the_last(
    parts: Parts, web: TestClient, owner: int
) -> None:
    atom = addresses(press(web, "Make an address"))[0]
    changing.pause(parts.store, owner, None, now() + timedelta(days=9), now())
    assert {entry.id for entry in feedparser.parse(web.get(atom).content).entries} == wanted(parts)
    leaving.leave(parts.store, owner, None, now(), "asked", tokens=parts.tokens)
    assert web.get(atom).status_code == 410


def test_what_the_office_takes_back_is_taken_back_there_too(
    parts: Parts, web: TestClient, owner: int
) -> None:
    atom = addresses(press(web, "Make an address"))[0]
    with parts.store.read() as conn:
        (item,) = items.listing(conn, kind="country", code="pa", limit=1)
    editing.withdraw(parts.store, item.id, "It was wrong", now())
    text = web.get(atom).text
    assert f'ref="{item.atom_id}"' in text
    assert item.title not in text


def test_it_is_erased_with_the_person_and_the_database_has_no_address(
    parts: Parts, web: TestClient, owner: int
) -> None:
    atom = addresses(press(web, "Make an address"))[0]
    secret = atom.removeprefix("/private/").partition(".")[0]
    with parts.store.read() as conn:
        rows = [str(tuple(row)) for table in metadata.sorted_tables for row in conn.execute(table.select())]
    assert [row for row in rows if secret in row] == []
    exported = erasing.export(parts.store, owner, now())
    assert exported is not None
    assert exported["private_feed_made_at"] is not None
    erasing.erase(parts.store, parts.tokens, owner, now())
    assert web.get(atom).status_code == 404


def test_no_sweep_ends_it_and_one_taken_back_is_remembered_for_a_year(
    parts: Parts, web: TestClient, owner: int
) -> None:
    atom = addresses(press(web, "Make an address"))[0]
    sweeping.sweep(parts.store, now() + timedelta(days=3650))
    assert web.get(atom).status_code == 200
    private_feed.take_back(parts.store, owner, now())
    sweeping.sweep(parts.store, now() + timedelta(days=300))
    assert web.get(atom).status_code == 410
    sweeping.sweep(parts.store, now() + timedelta(days=366))
    assert web.get(atom).status_code == 404


def test_wrong_addresses_are_counted_and_hold_up_no_right_one(
    parts: Parts, web: TestClient, owner: int
) -> None:
    atom = addresses(press(web, "Make an address"))[0]
    allowed = parts.people.limits.misses
    statuses = [web.get(f"/private/{n:032}.atom").status_code for n in range(allowed + 1)]
    assert statuses == [404] * allowed + [429]
    assert web.get(atom).status_code == 200
    assert web.get("/private/x.exe").status_code == 404


def test_each_subscription_leads_to_its_page_and_feeds(web: TestClient, owner: int) -> None:
    page = web.get("/preferences/").text
    for path in ("/country/pa/", "/topic/health/", "/feeds/country/pa.rss", "/feeds/topic/health.json"):
        assert path in page
        assert web.get(path).status_code == 200
