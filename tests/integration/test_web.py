"""The web site: published files, and leaving by link."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from feeds import config
from feeds.app.parts import Parts, now
from feeds.app.samples import WaitingSamples
from feeds.composing.compose import compose
from feeds.delivering.deliver import deliver
from feeds.filters import parse
from feeds.model import Cadence, SubscriberState, Wished
from feeds.office import editing
from feeds.people import changing, signup
from feeds.publishing.publish import publish
from feeds.store import items, subscribers
from feeds.web import create_app
from feeds.web.demonstration import Demonstration
from taking import accept_one

BULLETIN = "18 November, 2026\n\nPanama opens a <b>school</b>\n\nChildren learn in Panama & Colón.\n"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(scope="module")
def printed(founded: Path, tables: object, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with everything published once; tests get copies."""
    folder = tmp_path_factory.mktemp("printed") / "site"
    shutil.copytree(founded, folder)
    parts = opened(folder, tables)
    accept_one(parts, "one.txt", BULLETIN.encode(), now(), "all", filed=True)
    publish(parts.store, parts.press)
    parts.store.close()
    return folder


def opened(folder: Path, tables: object) -> Parts:
    parts = Parts(config.load(folder / "config" / "feeds.toml"))
    parts.__dict__["_labels"] = tables
    return parts


@pytest.fixture
def published(tmp_path: Path, printed: Path, tables: object) -> Iterator[Parts]:
    shutil.copytree(printed, tmp_path / "site")
    parts = opened(tmp_path / "site", tables)
    yield parts
    parts.store.close()


@pytest.fixture
def web(published: Parts) -> Iterator[TestClient]:
    shown = Demonstration(published.outbox, WaitingSamples(published.inbox.root, now))
    parts = replace(published.web_parts(), demonstration=shown)
    with TestClient(create_app(parts), base_url="https://news.example.org", follow_redirects=False) as client:
        yield client


def join(parts: Parts, address: str, text: str, cadence: Cadence = Cadence.IMMEDIATE) -> int:
    joining = signup.Joining(
        address=address, filters=(parse(text),), cadence=cadence, lang="en", zone="UTC",
        hour=7, weekday=1, consent="a test",
    )  # fmt: skip
    return signup.join(parts.store, joining, parts.joining_defaults, now())


def mail_to(parts: Parts, text: str = "all") -> EmailMessage:
    """A real letter to a new subscriber, as it left the house."""
    join(parts, "reader@example.org", text)
    fresh = BULLETIN.replace("opens", "closes").encode()
    accept_one(parts, "two.txt", fresh, now(), "all", filed=True)
    publish(parts.store, parts.press)
    compose(parts.store, parts.compose_rules, now())
    asyncio.run(deliver(parts.store, parts.transports(), parts.deliver_rules))
    (path,) = parts.outbox.glob("*.eml")
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def link_of(message: EmailMessage) -> str:
    return re.search(r"<(https:[^>]+)>", message["List-Unsubscribe"])[1]  # type: ignore[index]


def state(parts: Parts) -> SubscriberState:
    with parts.store.read() as conn:
        return subscribers.listing(conn)[0].state


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/country/pa/", "text/html; charset=utf-8"),
        ("/feeds/country/pa.atom", "application/atom+xml; charset=utf-8"),
        ("/feeds/all.rss", "application/rss+xml; charset=utf-8"),
        ("/feeds/all.json", "application/feed+json; charset=utf-8"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
    ],
)
def test_every_published_file_has_its_type_its_tag_and_a_304(
    web: TestClient, path: str, media_type: str
) -> None:
    first = web.get(path)
    assert first.status_code == 200
    assert first.headers["content-type"] == media_type
    again = web.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert web.head(path).headers["etag"] == first.headers["etag"]
    assert (
        web.get(
            path, headers={"if-none-match": '"old"', "if-modified-since": first.headers["last-modified"]}
        ).status_code
        == 200
    )
    assert web.get(path, headers={"if-modified-since": first.headers["last-modified"]}).status_code == 304


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/feeds/..%2f..%2fstate%2ffeeds.db",
        "/../state/secret.key",
        "/feeds//all.atom",
        "/feeds/country/",
        "/.sweep",
    ],
)
def test_what_is_not_published_is_not_there(web: TestClient, path: str) -> None:
    assert web.get(path).status_code == 404


def test_a_folder_without_its_slash_is_sent_on_within_this_site(web: TestClient) -> None:
    answer = web.get("/country/pa")
    assert (answer.status_code, answer.headers["location"]) == (301, "/country/pa/")


@pytest.mark.parametrize("path", ["/", "/country/pa/", "/nothing", "/outbox/", "/health", "/unsubscribe/x"])
def test_every_answer_forbids_scripts_and_frames(web: TestClient, path: str) -> None:
    headers = web.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_markup_in_a_bulletin_is_only_text_on_a_page(web: TestClient) -> None:
    page = web.get("/country/pa/").text
    assert "<b>school</b>" not in page
    assert "&lt;b&gt;school&lt;/b&gt;" in page


def test_one_click_leaves_at_once_and_says_so_the_second_time_too(published: Parts, web: TestClient) -> None:
    message = mail_to(published)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = link_of(message)
    assert link.startswith("https://news.example.org/unsubscribe/")
    for _ in range(2):
        answer = web.post(link, data=ONE_CLICK)
        assert answer.status_code == 200
    assert state(published) is SubscriberState.LEFT


def test_one_click_may_come_as_multipart(published: Parts, web: TestClient) -> None:
    link = link_of(mail_to(published))
    assert web.post(link, files={"List-Unsubscribe": (None, "One-Click")}).status_code == 200
    assert state(published) is SubscriberState.LEFT


def test_one_click_in_an_old_mail_stops_what_took_its_place_since(published: Parts, web: TestClient) -> None:
    link = link_of(mail_to(published))
    edited(published, "country:hn word:secret")
    asked = web.get(link).text
    assert "What you changed to after this email" in asked
    assert web.post(link, data=ONE_CLICK).status_code == 200
    assert state(published) is SubscriberState.LEFT


@pytest.mark.parametrize("do", ["leave", "weekly", "month", "all"])
def test_a_forwarded_mail_does_not_tell_what_its_owner_changed_to(
    published: Parts, web: TestClient, do: str
) -> None:
    link = link_of(mail_to(published))
    edited(published, "country:hn word:secret")
    done = web.post(link, data={"do": do}).text
    assert "1 other subscription, which this email does not name" in done
    pages = [web.get(link).text, done]
    if found := re.search(r'name="undo" value="([^"]+)"', done):
        pages.append(web.post("/undo", data={"undo": found[1]}).text)
        assert state(published) is SubscriberState.ACTIVE
    assert not any("secret" in page or "Honduras" in page for page in pages)


def edited(parts: Parts, text: str) -> None:
    """The one reader has another filter now in place of theirs."""
    with parts.store.read() as conn:
        (old,) = subscribers.subscriptions_of(conn, 1)
    wished = Wished(filter=parse(text), cadence=Cadence.IMMEDIATE)
    assert changing.edit_as(parts.store, parts.vocabulary, 1, old.id, wished, now())


def test_following_every_link_of_a_mail_changes_nothing(published: Parts, web: TestClient) -> None:
    message = mail_to(published)
    bodies = [str(part.get_content()) for part in message.walk() if part.get_content_maintype() == "text"]
    links = {link for body in bodies for link in re.findall(r"https://news\.example\.org[^\s\"<>)]*", body)}
    assert any("/unsubscribe/" in link for link in links)
    for link in [*links, link_of(message)]:
        assert web.get(link.replace("&amp;", "&")).status_code == 200, link
        assert web.head(link).status_code == 200, link
    assert state(published) is SubscriberState.ACTIVE


def test_the_page_behind_the_link_speaks_the_language_of_the_mail(published: Parts, web: TestClient) -> None:
    joining = signup.Joining(
        address="lectora@example.org", filters=(parse("country:pa"),), cadence=Cadence.DAILY, lang="es",
        consent="a test",
    )  # fmt: skip
    reader = signup.join(published.store, joining, published.joining_defaults, now())
    link = f"/unsubscribe/{published.tokens.unsubscribe(reader, 1)}"
    asked, done = web.get(link).text, web.post(link).text
    for page in (asked, done):
        assert '<html lang="es"' in page
        assert "Panamá" in page


def test_the_page_behind_the_link_asks_and_its_button_acts(published: Parts, web: TestClient) -> None:
    message = mail_to(published, "country:pa")
    join(published, "reader@example.org", "topic:health", Cadence.WEEKLY)
    page = web.get(link_of(message)).text
    assert "reader@example.org" not in page
    assert "Panama" in page
    assert 'method="post"' in page
    web.post(link_of(message))
    with published.store.read() as conn:
        left = subscribers.subscriptions_of(conn, 1)
    assert [row.filter_text for row in left] == ["topic:health"]
    web.post(link_of(message), data={"everything": "1"})
    assert state(published) is SubscriberState.LEFT


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "A", lambda t: t.swapcase(), lambda _: "x" * 40]
)
def test_a_forged_link_changes_nothing(published: Parts, web: TestClient, change: object) -> None:
    link = link_of(mail_to(published))
    base, _, token = link.rpartition("/")
    forged = f"{base}/{change(token)}"  # type: ignore[operator]
    assert web.get(forged).status_code == 404
    assert web.post(forged, data=ONE_CLICK).status_code == 404
    assert state(published) is SubscriberState.ACTIVE


def test_a_long_body_is_refused(published: Parts, web: TestClient) -> None:
    assert web.post(link_of(mail_to(published)), content=b"x" * 20_000).status_code == 413


def test_the_outbox_shows_a_mail_as_html_text_and_source(published: Parts, web: TestClient) -> None:
    message = mail_to(published)
    listing = web.get("/outbox/").text
    name = re.search(r'href="(/outbox/[^"]+/)"', listing)[1]  # type: ignore[index]
    page = web.get(name).text
    assert message["Message-ID"].strip("<>").partition("@")[0] in page
    framed = web.get(f"{name}mail.html")
    assert "sandbox" in framed.headers["content-security-policy"]
    assert "closes a &lt;b&gt;school" in framed.text
    assert web.get("/outbox/..%2fsecret/").status_code == 404


def test_a_real_site_shows_no_outbox(published: Parts) -> None:
    with TestClient(create_app(published.web_parts()), base_url="https://news.example.org") as client:
        assert client.get("/outbox/").status_code == 404


def test_health_tells_whether_the_database_can_be_used(published: Parts, web: TestClient) -> None:
    assert web.get("/health").json() == {"status": "ok"}
    published.store.close()
    published.settings.path("state/feeds.db").rename(published.settings.path("state/gone.db"))
    assert web.get("/health").status_code == 503


def test_a_withdrawn_item_is_gone_and_says_so_even_to_those_who_know_it(
    published: Parts, web: TestClient
) -> None:
    path = re.search(r'href="(/items/[^"]+/)"', web.get("/").text)[1]  # type: ignore[index]
    known = web.get(path)
    assert known.status_code == 200
    folder = published.settings.path("public").joinpath(*path.strip("/").split("/"))
    (folder / "gone.html").write_text("<h1>Taken back</h1>")
    assert web.get(path).status_code == 200
    (folder / "index.html").unlink()
    conditions = {"if-none-match": f"*, {known.headers['etag']}", "if-modified-since": "Fri, 01 Jan 2100"}
    for headers in ({}, conditions):
        answer = web.get(path, headers=headers)
        assert (answer.status_code, answer.text) == (410, "<h1>Taken back</h1>")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "public, max-age=300"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert (web.head(path).status_code, web.head(path).content) == (410, b"")
    assert web.get(path + "gone.html").status_code == 410
    bare = web.get(path.rstrip("/"))
    assert (bare.status_code, bare.headers["location"]) == (301, path)


# --- a digest as a page


def page_link(message: EmailMessage) -> str:
    body = message.get_body(("html",))
    assert body is not None
    return re.search(r"https://news\.example\.org(/digests/[^\"]+)", body.get_content())[1]  # type: ignore[index]


def test_a_digest_opens_as_a_page_of_its_items_as_they_are_now(published: Parts, web: TestClient) -> None:
    link = page_link(mail_to(published))
    answer = web.get(link)
    assert answer.status_code == 200
    assert "Panama closes a &lt;b&gt;school&lt;/b&gt;" in answer.text
    assert answer.headers["x-robots-tag"] == "noindex"
    assert len(link.split("/")[2]) >= 22  # 128 bits
    with published.store.read() as conn:
        (item,) = [each for each in items.listing(conn, limit=9) if "closes" in each.title]
    editing.withdraw(published.store, item.id, "", now())
    assert "closes" not in web.get(link).text


def test_the_page_of_a_digest_is_gone_after_a_while_and_unknown_keys_are_not_there(
    published: Parts, web: TestClient
) -> None:
    link = page_link(mail_to(published))
    parts = replace(published.web_parts(), now=lambda: now() + timedelta(days=61))
    with TestClient(create_app(parts), base_url="https://news.example.org") as later:
        assert later.get(link).status_code == 410
    assert web.get("/digests/unknown/").status_code == 404
    assert web.get("/digests/none/").status_code == 404


# The demo


def test_a_sample_is_shown_by_get_and_dropped_by_post_into_the_inbox(
    web: TestClient, published: Parts
) -> None:
    shown = web.get("/demo/")
    assert shown.status_code == 200
    assert not list(published.inbox.root.glob("2026-11-22*"))
    (name,) = re.findall(r'name="name" value="([^"]+)"', shown.text)
    dropped = web.post("/demo/", data={"name": name})
    assert (dropped.status_code, dropped.headers["location"]) == (303, "/demo/?dropped")
    assert (published.inbox.root / name).read_text(encoding="utf-8")
    again = web.get("/demo/?dropped").text
    assert "It is on its way" in again
    assert f'value="{name}"' not in again


def test_no_other_site_can_drop_it_and_a_real_site_has_nothing_to_drop(
    web: TestClient, published: Parts
) -> None:
    headers = {"origin": "https://evil.example"}
    assert web.post("/demo/", data={"name": "2026-11-22-newsroom.txt"}, headers=headers).status_code == 403
    assert not list(published.inbox.root.glob("*.txt"))
    with TestClient(create_app(published.web_parts()), base_url="https://news.example.org") as real:
        assert [real.get(path).status_code for path in ("/demo/", "/outbox/")] == [404, 404]
        assert real.post("/demo/", data={"name": "x"}).status_code in (404, 405)
