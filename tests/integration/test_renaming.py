"""Topics that were renamed or merged: nothing that anybody had breaks, and nobody is mailed again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy

import feedparser
import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from conftest import RunFeeds
from feeds import config
from feeds.app.noticing import tell_missing_topics
from feeds.app.parts import Parts, now
from feeds.composing.compose import compose
from feeds.delivering.deliver import deliver
from feeds.filters import canonical, parse
from feeds.labels import read_choices
from feeds.model import Cadence, FeedKey, Item, Kind, SubscriberState
from feeds.office import editing
from feeds.people import signup
from feeds.publishing.publish import publish
from feeds.publishing.renaming import carry_over, missing_topics
from feeds.store import items, labels, publishing, subscribers
from feeds.web import create_app
from taking import accept_one

OLD, NEW = "topic:border-management", "topic:borders"
FIRST = "18 November, 2026\n\nPanama opens a border post\n\nThe border post of Paso Canoas opens at seven.\n"
SECOND = (
    "19 November, 2026\n\nHonduras repairs a border post\n\nThe border post of Agua Caliente has light.\n"
)
BOTH = "19 November, 2026\n\nTraffickers held at a border post\n\nBorder guards of Honduras freed victims.\n"
HEADED = "---\ntopics: border-management\n---\n17 November, 2026\n\nAn announcement\n\nMore follows soon.\n"


def take(parts: Parts, text: str, name: str = "news.txt") -> None:
    accept_one(parts, name, text.encode(), now(), "all", filed=True)


def retold(parts: Parts, edit: Callable[[str], str]) -> Parts:
    """The same site, opened anew after somebody edited its topics.toml."""
    file = parts.settings.root / "config" / "topics.toml"
    file.write_text(edit(file.read_text(encoding="utf-8")), encoding="utf-8")
    return Parts(config.load(parts.settings.file))


def renamed(text: str) -> str:
    return text.replace(
        "[topics.border-management]\n", '[topics.borders]\nrenamed_from = ["border-management"]\n'
    )


def merged(text: str) -> str:
    """Trafficking goes into the topic of borders, its own section is taken out."""
    head, _, rest = renamed(text).partition("[topics.trafficking-smuggling]")
    text = head + rest[rest.index("[topics.") :]
    return text.replace('= ["border-management"]', '= ["border-management", "trafficking-smuggling"]')


@pytest.fixture
def later(site: Parts) -> Iterator[Parts]:
    """A site with one published item whose topic was renamed since."""
    take(site, FIRST)
    publish(site.store, site.press)
    site.store.close()
    parts = retold(site, renamed)
    yield parts
    parts.store.close()


def join(parts: Parts, address: str, *texts: str, cadence: Cadence = Cadence.IMMEDIATE) -> None:
    joining = signup.Joining(
        address=address, filters=tuple(map(parse, texts)), cadence=cadence, lang="en", zone="UTC",
        hour=7, weekday=1, consent="a test",
    )  # fmt: skip
    signup.join(parts.store, joining, parts.joining_defaults, now())


def send(parts: Parts, *, early: bool = False) -> list[tuple[str, str]]:
    """Compose, deliver, and give address and source text of each new mail."""
    before = set(parts.outbox.glob("*.eml"))
    compose(parts.store, parts.compose_rules, now(), early=early)
    asyncio.run(deliver(parts.store, parts.transports(), parts.deliver_rules))
    mails = []
    for path in sorted(set(parts.outbox.glob("*.eml")) - before):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))  # type: ignore[attr-defined]
        mails.append((str(message["To"]), body.get_content()))
    return mails


def stored(parts: Parts) -> list[Item]:
    with parts.store.read() as conn:
        return items.listing(conn, limit=10)


def topics(item: Item) -> tuple[str, ...]:
    return item.codes(Kind.TOPIC)


def test_publishing_puts_stored_items_under_the_new_slug_with_their_ids(later: Parts) -> None:
    old = feedparser.parse(later.press.public.read("feeds/topic/border-management.atom"))
    publish(later.store, later.press)

    new = feedparser.parse(later.press.public.read("feeds/topic/borders.atom"))
    assert [entry.id for entry in new.entries] == [entry.id for entry in old.entries] != []
    assert [entry.updated for entry in new.entries] == [entry.updated for entry in old.entries]
    assert new.entries[0].tags[-1].term == "borders"
    assert topics(stored(later)[0]) == ("borders",)


def test_feeds_stay_at_their_old_address_with_the_bytes_of_the_new_one(later: Parts) -> None:
    publish(later.store, later.press)
    read = later.press.public.read
    for extension in ("atom", "rss", "json"):
        data = read(f"feeds/topic/borders.{extension}")
        assert data is not None
        assert read(f"feeds/topic/border-management.{extension}") == data
    take(later, SECOND, "two.txt")
    publish(later.store, later.press)
    assert read("feeds/topic/border-management.atom") == read("feeds/topic/borders.atom")
    assert len(feedparser.parse(read("feeds/topic/border-management.atom")).entries) == 2


def test_the_old_page_leads_to_the_new_one_on_any_static_server(later: Parts) -> None:
    publish(later.store, later.press)
    page = (later.press.public.read("topic/border-management/index.html") or b"").decode()
    assert '<link rel="canonical" href="https://news.example.org/topic/borders/">' in page
    assert '<meta http-equiv="refresh" content="0; url=/topic/borders/">' in page


def test_a_later_publish_of_everything_leaves_old_addresses_as_they_are(later: Parts) -> None:
    publish(later.store, later.press)
    later.store.transact(lambda conn: publishing.mark_stale(conn, ["topic/border-management"], now()))
    assert publish(later.store, later.press).written == []
    assert publish(later.store, later.press, everything=True).written == []


def test_the_built_in_server_redirects_old_addresses_for_good(later: Parts) -> None:
    publish(later.store, later.press)
    with TestClient(
        create_app(later.web_parts()), base_url="http://127.0.0.1", follow_redirects=False
    ) as web:
        for old, new in {
            "/topic/border-management/": "/topic/borders/",
            "/topic/border-management": "/topic/borders/",
            "/feeds/topic/border-management.atom": "/feeds/topic/borders.atom",
            "/feeds/topic/border-management.rss": "/feeds/topic/borders.rss",
            "/feeds/topic/border-management.json": "/feeds/topic/borders.json",
        }.items():
            answer = web.get(old)
            assert (answer.status_code, answer.headers["location"]) == (301, new)
            assert web.get(new).status_code == 200
        assert web.get("/feeds/topic/border-management").status_code == 404
        for name in ("border-management.xyz", "border-management.atom.html", "border-management.html"):
            assert web.get(f"/feeds/topic/{name}").status_code == 404


def test_a_site_below_a_folder_redirects_into_that_folder(later: Parts) -> None:
    file = later.settings.file
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace('"https://news.example.org"', '"https://example.org/news"'), encoding="utf-8"
    )
    parts = Parts(config.load(file))
    with TestClient(
        create_app(parts.web_parts()), base_url="http://127.0.0.1", follow_redirects=False
    ) as web:
        assert web.get("/topic/border-management/").headers["location"] == "/news/topic/borders/"
        assert web.get("/country/pa").headers["location"] == "/news/country/pa/"
    parts.store.close()


def test_who_asked_for_the_old_slug_gets_the_new_topic_in_one_mail(site: Parts) -> None:
    join(site, "old@example.org", OLD)
    join(site, "both@example.org", OLD, "topic:trafficking-smuggling")
    parts = retold(site, merged)
    take(parts, SECOND)
    mails = send(parts)
    assert sorted(address for address, _ in mails) == ["both@example.org", "old@example.org"]
    for _, text in mails:
        assert text.count("because you follow border management.") == 1  # what they asked for, told once
        assert "https://news.example.org/feeds/topic/borders.atom" in text
        assert text.count("Honduras repairs a border post") == 1
    with parts.store.read() as conn:
        rows = [row.filter_text for row in subscribers.subscriptions_of(conn, 1)]
    assert rows == [OLD]  # what they asked for stands as they wrote it
    parts.store.close()


def test_two_wishes_that_became_one_are_mailed_once_at_any_cadence(site: Parts) -> None:
    join(site, "twice@example.org", OLD, cadence=Cadence.IMMEDIATE)
    join(site, "twice@example.org", "topic:borders", cadence=Cadence.DAILY)
    parts = retold(site, renamed)
    take(parts, SECOND)
    assert len(send(parts)) == 1
    assert send(parts, early=True) == []
    parts.store.close()


def test_who_asks_anew_by_the_new_slug_changes_the_wish_they_have(feeds: RunFeeds, site: Parts) -> None:
    join(site, "one@example.org", OLD, cadence=Cadence.WEEKLY)
    parts = retold(site, renamed)
    asked = ("subscribers", "add", "one@example.org", "--filter", NEW, "--consent", "a test")
    assert feeds("--config", site.settings.file, *asked).out.count("weekly: border management") == 1
    changed = feeds("--config", site.settings.file, *asked, "--cadence", "daily")
    assert [line for line in changed.out.splitlines() if "border management" in line] == [
        "  daily: border management"
    ]
    with parts.store.read() as conn:
        rows = subscribers.subscriptions_of(conn, 1)
    assert [(row.filter_text, row.cadence) for row in rows] == [(OLD, Cadence.DAILY)]
    parts.store.close()


def test_renaming_mails_nothing_again(site: Parts) -> None:
    join(site, "old@example.org", OLD)
    join(site, "all@example.org", "all", cadence=Cadence.DAILY)
    take(site, FIRST)
    publish(site.store, site.press)
    assert len(send(site, early=True)) == 2
    parts = retold(site, renamed)
    join(parts, "new@example.org", NEW)
    publish(parts.store, parts.press)
    assert send(parts, early=True) == []
    take(parts, SECOND)
    assert sorted(address for address, _ in send(parts)) == ["new@example.org", "old@example.org"]
    parts.store.close()


def test_compose_before_publish_matches_items_that_carry_the_old_slug(site: Parts) -> None:
    join(site, "new@example.org", NEW, cadence=Cadence.DAILY)
    take(site, FIRST)
    parts = retold(site, renamed)
    assert [address for address, _ in send(parts, early=True)] == ["new@example.org"]
    parts.store.close()


def test_labels_of_merged_topics_become_one_with_the_evidence_of_both(site: Parts) -> None:
    take(site, BOTH)
    (before,) = stored(site)
    assert set(topics(before)) == {"border-management", "trafficking-smuggling"}
    parts = retold(site, merged)
    assert carry_over(parts.store, parts.vocabulary, now()) == 1
    (after,) = stored(parts)
    assert topics(after) == ("borders",)
    (label,) = [each for each in after.labels if each.kind is Kind.TOPIC]
    assert set(label.evidence) == {
        e for each in before.labels if each.kind is Kind.TOPIC for e in each.evidence
    }
    assert after.updated_at == before.updated_at
    assert carry_over(parts.store, parts.vocabulary, now()) == 0
    parts.store.close()


def test_carrying_over_goes_on_where_it_was_killed(site: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.publishing.renaming.BATCH", 1)
    take(site, FIRST)
    take(site, SECOND, "two.txt")
    parts = retold(site, renamed)
    rest = iter([True, False])
    with pytest.MonkeyPatch.context() as killed:
        killed.setattr("feeds.publishing.renaming._is_due", lambda *_: next(rest))
        assert carry_over(parts.store, parts.vocabulary, now()) == 1
    assert {code for item in stored(parts) for code in topics(item)} == {"borders", "border-management"}
    assert carry_over(parts.store, parts.vocabulary, now()) == 1
    assert {code for item in stored(parts) for code in topics(item)} == {"borders"}
    parts.store.close()


def test_people_may_go_on_writing_the_old_slug(later: Parts) -> None:
    assert canonical(parse(OLD, later.vocabulary)) == NEW
    take(later, HEADED, "headed.md")
    item = next(each for each in stored(later) if each.title == "An announcement")
    assert topics(item) == ("borders",)
    taken = read_choices(["-topic:border-management"], later.vocabulary)
    for each in stored(later):  # one of them still carries the old slug
        assert topics(editing.relabel(later.store, each.id, taken, "", now())) == ()
    given = read_choices(["+topic:border-management"], later.vocabulary)
    assert topics(editing.relabel(later.store, item.id, given, "", now())) == ("borders",)


def test_a_slug_given_back_is_a_feed_of_its_own_again(later: Parts) -> None:
    publish(later.store, later.press)
    again = '[topics.border-management]\nnames.en = "Posts"\npatterns.en = ["posts"]\n\n[topics.borders]'
    parts = retold(
        later,
        lambda text: text.replace('[topics.borders]\nrenamed_from = ["border-management"]', again),
    )
    publish(parts.store, parts.press)
    assert feedparser.parse(parts.press.public.read("feeds/topic/border-management.atom")).entries == []
    with parts.store.read() as conn:
        assert FeedKey(kind="topic", code="border-management").stem in publishing.remembered(conn)
        assert labels.renames(conn) == {}  # taken out later, it does not lead to the other topic once more
    parts.store.close()


def renamed_again(text: str) -> str:
    """As an operator writes it who knows only the last slug."""
    return text.replace(
        '[topics.borders]\nrenamed_from = ["border-management"]',
        '[topics.frontiers]\nrenamed_from = ["borders"]',
    )


def test_a_second_rename_that_names_only_the_last_slug_keeps_the_first(later: Parts) -> None:
    join(later, "old@example.org", OLD)
    publish(later.store, later.press)
    parts = retold(later, renamed_again)
    take(parts, SECOND, "two.txt")
    publish(parts.store, parts.press)
    assert [address for address, _ in send(parts)] == ["old@example.org"]
    read = parts.press.public.read
    for old in ("border-management", "borders"):
        assert read(f"feeds/topic/{old}.atom") == read("feeds/topic/frontiers.atom")
        with TestClient(
            create_app(parts.web_parts()), base_url="http://127.0.0.1", follow_redirects=False
        ) as web:
            answer = web.get(f"/feeds/topic/{old}.atom")
            assert (answer.status_code, answer.headers["location"]) == (301, "/feeds/topic/frontiers.atom")
    assert len(feedparser.parse(read("feeds/topic/frontiers.atom")).entries) == 2
    with parts.store.read() as conn:
        assert labels.renames(conn) == {"border-management": "frontiers", "borders": "frontiers"}
        assert missing_topics(conn, parts.vocabulary) == []
    parts.store.close()


def test_a_rename_back_leads_from_the_slug_in_between(later: Parts) -> None:
    publish(later.store, later.press)
    back = '[topics.border-management]\nrenamed_from = ["borders"]'
    parts = retold(
        later, lambda text: text.replace('[topics.borders]\nrenamed_from = ["border-management"]', back)
    )
    publish(parts.store, parts.press)
    assert parts.vocabulary.renamed == {"borders": "border-management"}
    assert len(feedparser.parse(parts.press.public.read("feeds/topic/border-management.atom")).entries) == 1
    parts.store.close()


def test_an_older_process_does_not_undo_what_a_newer_one_says(later: Parts) -> None:
    publish(later.store, later.press)
    newer = retold(later, renamed_again)
    publish(newer.store, newer.press)
    publish(later.store, later.press)
    with newer.store.read() as conn:
        assert labels.renames(conn) == {"border-management": "frontiers", "borders": "frontiers"}
    newer.store.close()


def taken_out(text: str) -> str:
    head, _, rest = text.partition("[topics.border-management]")
    return head + rest[rest.index("[topics.") :]


def test_a_topic_taken_out_is_told_as_long_as_somebody_counts_on_it(feeds: RunFeeds, site: Parts) -> None:
    join(site, "one@example.org", OLD)
    join(site, "one@example.org", OLD + " country:pa", cadence=Cadence.DAILY)
    join(site, "gone@example.org", OLD)
    with site.store.write() as conn:
        gone = subscribers.by_address(conn, "gone@example.org")
        assert gone is not None
        subscribers.set_state(conn, gone.id, SubscriberState.BOUNCED, now())
    config_file = site.settings.file
    assert "all good" in feeds("--config", config_file, "check").out
    parts = retold(site, taken_out)
    told = "this site has no topic 'border-management', which filters of 1 subscriber name: in topics.toml"
    ran = feeds("--config", config_file, "check")
    assert (ran.code, told in ran.out, "usable, with 1 warning\n" in ran.out) == (0, True, True)
    assert told in feeds("--config", config_file, "status").out
    facts = json.loads(feeds("--config", config_file, "status", "--json").out)
    assert facts["missing_topics"] == [{"slug": "border-management", "subscribers": 1, "published": False}]
    with capture_logs() as logged:
        tell_missing_topics(parts)
    assert [(each["event"], each["slug"]) for each in logged] == [("topic-missing", "border-management")]
    parts.store.close()


def test_a_published_feed_without_its_topic_is_told_until_the_topic_is_retired(
    feeds: RunFeeds, site: Parts
) -> None:
    publish(site.store, site.press)
    retold(site, taken_out).store.close()
    assert (
        "no topic 'border-management', which a published feed names"
        in feeds("--config", site.settings.file, "check").out
    )
    section = '\n[topics.border-management]\nnames.en = "Borders"\nretired = true\n'
    retold(site, lambda text: text + section).store.close()
    assert "all good" in feeds("--config", site.settings.file, "check").out
