"""The operator's question: why did she, or did she not, get this? One sentence, and it is true."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from conftest import RunFeeds
from feeds.app.parts import Parts, now
from feeds.composing.compose import compose
from feeds.model import Cadence, Item, RequestKind, Suppression
from feeds.office import editing
from feeds.people import changing, ending, leaving
from feeds.store import items, requests, subscribers
from integration.test_corrections import join, send
from taking import accept_one

NEWS = "27 November, 2026\n\nCosta Rica opens a harbour school\n\nTeachers from Panama were guests.\n"


@pytest.fixture
def item(site: Parts) -> Item:
    join(site, "before@example.org", "country:cr", Cadence.IMMEDIATE)
    accept_one(site, "one.txt", NEWS.encode(), now(), "all", filed=True)
    with site.store.read() as conn:
        (found,) = items.listing(conn, limit=9)
    assert found.codes(found.labels[0].kind) == ("cr",)
    return found


@pytest.fixture
def why(site: Parts, feeds: RunFeeds):
    def ask(*words: str) -> tuple[str, str]:
        ran = feeds("--config", site.settings.file, "why", *words, "--json")
        assert ran.code == 0, ran.err
        told = json.loads(ran.out)
        plain = feeds("--config", site.settings.file, "why", *words)
        assert plain.out.startswith(told["sentence"])
        return told["code"], told["sentence"]

    return ask


def person(site: Parts, address: str) -> int:
    with site.store.read() as conn:
        found = subscribers.by_address(conn, address)
    assert found is not None
    return found.id


def test_whoever_got_it_is_told_with_the_answer_of_the_server(site: Parts, item: Item, why) -> None:
    send(site)
    code, sentence = why("before@example.org", item.id)
    assert code == "sent"
    assert "was sent to before@example.org" in sentence


def test_a_letter_that_waits_is_told(site: Parts, item: Item, why) -> None:
    assert why("before@example.org", item.id)[0] == "waiting"
    compose(site.store, site.compose_rules, now())
    code, sentence = why("before@example.org", item.id)
    assert (code, "It waits to before@example.org since" in sentence) == ("queued", True)


def test_a_digest_that_is_not_due_yet_is_told_with_its_hour(site: Parts, why) -> None:
    join(site, "weekly@example.org", "country:cr", Cadence.WEEKLY)
    accept_one(site, "one.txt", NEWS.encode(), now(), "all", filed=True)
    with site.store.read() as conn:
        (found,) = items.listing(conn, limit=9)
    code, sentence = why("weekly@example.org", found.id)
    assert code == "waiting"
    assert "weekly on Monday" in sentence
    assert "at 07:00 (UTC)" in sentence


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("country:pa", "asks for Panama; the item is about Costa Rica and only mentions"),
        ("country:hn", "asks for Honduras; the item is about Costa Rica."),
        ("country:cr topic:health", "about health; the item is about "),
        ("country:cr word:volcano", "the item has not the words"),
        ("country:cr -word:harbour", "the item has what the filter excludes"),
        ("country:cr language:es", "the item is in English"),
    ],
)
def test_what_the_filter_lacks_is_told_as_the_nearest_miss(
    site: Parts, item: Item, why, wanted: str, said: str
) -> None:
    join(site, "her@example.org", wanted, Cadence.IMMEDIATE)
    code, sentence = why("her@example.org", item.id)
    assert code == "filtered"
    assert said in sentence


def test_the_nearest_of_several_filters_is_told(site: Parts, item: Item, why) -> None:
    for wanted in ("country:hn topic:health word:snow", "country:cr word:snow"):
        join(site, "her@example.org", wanted, Cadence.IMMEDIATE)
    assert "asks for Costa Rica, with the word “snow”" in why("her@example.org", item.id)[1]


def test_who_asked_later_is_told_so(site: Parts, item: Item, why) -> None:
    join(site, "late@example.org", "country:cr", Cadence.IMMEDIATE)
    assert why("late@example.org", item.id)[0] == "asked-later"


def test_nobody_and_somebody_unconfirmed_are_told_apart(site: Parts, item: Item, why) -> None:
    assert why("nobody@example.org", item.id) == ("unknown", "Nobody subscribes as nobody@example.org.")
    asked = requests.NewRequest(
        kind=RequestKind.SIGNUP, address="soon@example.org", address_key="soon@example.org", lang="en",
        zone="UTC", hour=7, weekday=1, network="192.0.2.0/24", page="/subscribe", words="Yes",
        asked_at=now(), ends_at=now() + timedelta(hours=48),
    )  # fmt: skip
    site.store.transact(lambda conn: requests.add(conn, asked))
    code, sentence = why("soon@example.org", item.id)
    assert (code, "has not confirmed" in sentence) == ("unconfirmed", True)


def test_a_pause_is_told(site: Parts, item: Item, why) -> None:
    changing.pause(site.store, person(site, "before@example.org"), None, now() + timedelta(days=9), now())
    assert why("before@example.org")[0] == "paused"


def test_who_left_is_told_with_the_day(site: Parts, item: Item, why) -> None:
    leaving.leave(site.store, person(site, "before@example.org"), None, now(), "asked by phone")
    code, sentence = why("before@example.org", item.id)
    assert code == "left"
    assert "asked by phone" in sentence


def test_a_mailbox_that_refuses_is_told(site: Parts, item: Item, why) -> None:
    number = person(site, "before@example.org")
    ending.end(site.store, site.tokens, number, Suppression.BOUNCED, "550 5.1.1 no such user", now())
    assert why("before@example.org", item.id)[0] == "bounced"


def test_old_news_and_withdrawn_items_are_told(site: Parts, why) -> None:
    join(site, "her@example.org", "country:cr", Cadence.IMMEDIATE)
    accept_one(site, "one.txt", NEWS.encode(), now(), "none", filed=True)
    with site.store.read() as conn:
        (found,) = items.listing(conn, limit=9)
    assert why("her@example.org", found.id)[0] == "too-old"
    editing.withdraw(site.store, found.id, "it was wrong", now())
    code, sentence = why("her@example.org", found.id)
    assert (code, "it was wrong" in sentence) == ("withdrawn", True)


def test_an_item_alone_is_told_by_state(site: Parts, item: Item, feeds: RunFeeds) -> None:
    send(site)
    ran = feeds("--config", site.settings.file, "why", item.id[:8], "--json")
    (row,) = [json.loads(line) for line in ran.out.splitlines()]
    assert (row["state"], row["letters"]) == ("sent", 1)


@pytest.mark.parametrize(
    "words", [("zzzz",), ("abc", "def"), ("no address@", "x"), ("a@example.org", "zzzz")]
)
def test_what_is_not_there_is_told_without_a_traceback(
    site: Parts, feeds: RunFeeds, words: tuple[str, ...]
) -> None:
    ran = feeds("--config", site.settings.file, "why", *words)
    assert ran.code == 2
    assert ran.err.startswith("feeds: ")


def test_ten_reasons_each_in_a_sentence_of_its_own(site: Parts, item: Item, feeds: RunFeeds) -> None:
    send(site)
    ended = ("left", "bounced", "complained", "paused")
    for name in ended:
        join(site, f"{name}@example.org", "country:cr", Cadence.DAILY)
    for name, wanted in (("far", "country:pa"), ("wordy", "country:cr word:snow"), ("late", "country:cr")):
        join(site, f"{name}@example.org", wanted, Cadence.IMMEDIATE)
    leaving.leave(site.store, person(site, "left@example.org"), None, now(), "asked by phone")
    for name in (Suppression.BOUNCED, Suppression.COMPLAINED):
        ending.end(site.store, site.tokens, person(site, f"{name}@example.org"), name, "550 no", now())
    changing.pause(site.store, person(site, "paused@example.org"), None, now() + timedelta(days=9), now())
    for name, notify in (("old", "none"), ("new", "all")):
        accept_one(site, f"{name}.txt", NEWS.replace("harbour", name).encode(), now(), notify, filed=True)
    with site.store.read() as conn:
        new, old, _ = items.listing(conn, limit=9)
    told = {}
    for name, about, code, said in (
        ("before", item, "sent", "was sent to before@example.org"),
        ("far", item, "filtered", "asks for Panama; the item is about Costa Rica and only mentions"),
        ("wordy", item, "filtered", "“snow”"),
        ("late", item, "asked-later", "They asked for it on"),
        ("left", item, "left", "asked by phone"),
        ("bounced", item, "bounced", "550 no"),
        ("complained", item, "complained", "550 no"),
        ("paused", new, "paused", "It is paused until"),
        ("before", old, "too-old", "old news"),
        ("nobody", item, "unknown", "Nobody subscribes as nobody@example.org."),
    ):  # fmt: skip
        found = feeds("--config", site.settings.file, "why", f"{name}@example.org", about.id, "--json")
        answer = json.loads(found.out)
        assert (name, answer["code"], said in answer["sentence"]) == (name, code, True), answer
        told[name, about.id] = answer["sentence"]
    assert len(set(told.values())) == 10
    print(*told.values(), sep="\n")


def test_who_asks_for_one_language_gets_no_other_version_of_what_they_had(site: Parts, why) -> None:
    """Whenever it comes; who had none of them gets the one that is new."""
    said = "---\nid: {0}\ntranslation-of: story\nlang: {0}\ntitle: {1}\ndate: 2026-11-27\n---\n{1}.\n"
    join(site, "both@example.org", "country:pa", Cadence.IMMEDIATE)
    join(site, "once@example.org", "country:pa prefer:es", Cadence.IMMEDIATE)
    accept_one(site, "en.md", said.format("en", "Panama opens a school").encode(), now(), "all", filed=True)
    send(site)
    join(site, "late@example.org", "country:pa prefer:es", Cadence.IMMEDIATE)
    accept_one(site, "es.md", said.format("es", "Panama abre una escuela").encode(), now(), "all", filed=True)
    send(site)
    with site.store.read() as conn:
        by_lang = {each.lang: each.id for each in items.listing(conn, limit=9)}
    assert why("both@example.org", by_lang["es"])[0] == "sent"
    assert why("late@example.org", by_lang["es"])[0] == "sent"
    assert why("once@example.org", by_lang["en"])[0] == "sent"
    code, sentence = why("once@example.org", by_lang["es"])
    assert code == "other-version"
    assert f"{by_lang['en']} (en)" in sentence
