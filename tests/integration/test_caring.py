"""What an operator does for somebody who calls, by command."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conftest import Ran, RunFeeds
from feeds.model import Suppression
from feeds.people import ending
from feeds.store import Store, open_store, subscribers
from feeds.tokens import Tokens

ANA = "ana@example.org"


@pytest.fixture
def newsroom(feeds: RunFeeds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "newsroom"
    assert feeds("init", folder).code == 0
    monkeypatch.chdir(folder)
    add = (
        "subscribers",
        "add",
        ANA,
        "--filter",
        "country:pa",
        "--filter",
        "country:hn",
        "--cadence",
        "daily",
    )
    assert feeds(*add, "--consent", "by phone").code == 0
    return folder


def shown(feeds: RunFeeds, address: str = ANA) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(feeds("subscribers", "show", address, "--json").out)
    return found


def active(feeds: RunFeeds, address: str = ANA) -> dict[str, Any]:
    return {
        row["filter_text"]: row for row in shown(feeds, address)["subscriptions"] if row["ended_at"] is None
    }


def test_changing_a_filter_its_cadence_and_name_and_when_it_comes(feeds: RunFeeds, newsroom: Path) -> None:
    ran = feeds(
        "subscribers", "change", ANA, "--filter", "country:Panama", "--to", "country:mx", "--name", "North",
        "--cadence", "weekly", "--hour", "9", "--zone", "America/Panama", "--weekday", "friday",
        "--lang", "es",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert "weekly: “North” Mexico" in ran.out
    found = shown(feeds)["subscriber"]
    assert (found["hour"], found["zone"], found["weekday"], found["lang"]) == (9, "America/Panama", 5, "es")
    rows = active(feeds)
    assert {text: row["cadence"] for text, row in rows.items()} == {
        "country:hn": "daily", "country:mx": "weekly",
    }  # fmt: skip
    assert feeds("subscribers", "change", ANA, "--cadence", "immediate").code == 0
    assert {row["cadence"] for row in active(feeds).values()} == {"immediate"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("change", ANA, "--to", "country:mx"), "name the one filter"),
        (("change", ANA, "--filter", "country:mx", "--cadence", "daily"), "no subscription to “country:mx”"),
        (("change", ANA, "--zone", "Mars/Base"), "time zone such as"),
        (("change", "nobody@example.org", "--hour", "3"), "no such subscriber"),
        (("pause", ANA, "--until", "tomorrow"), "a day such as"),
        (("pause", ANA, "--until", "2020-01-01"), "ends in the future"),
        (("resume",), "name one, or give --since"),
        (("resume", "--since", "yesterday"), "an instant such as"),
        (("move", ANA, "not an address", "--consent", "x"), "address"),
        (("export", "nobody@example.org"), "no such subscriber"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_changed(
    feeds: RunFeeds, newsroom: Path, words: tuple[str, ...], told: str
) -> None:
    before = shown(feeds)
    ran: Ran = feeds("subscribers", *words)
    assert ran.code == 2
    assert told in ran.err
    assert shown(feeds) == before


def test_pausing_one_filter_and_all_of_them(feeds: RunFeeds, newsroom: Path) -> None:
    ran = feeds("subscribers", "pause", ANA, "--filter", "country:pa", "--until", "2100-01-01")
    assert "daily: Panama, paused until 2100-01-01 00:00 UTC" in ran.out
    assert shown(feeds)["subscriber"]["state"] == "active"
    assert feeds("subscribers", "pause", ANA, "--until", "2100-01-01", "--no-catch-up").code == 0
    assert shown(feeds)["subscriber"]["state"] == "paused"
    assert feeds("subscribers", "resume", ANA).code == 0
    assert shown(feeds)["subscriber"]["state"] == "active"
    assert {row["paused_until"] for row in active(feeds).values()} == {None}


def test_moving_keeps_filters_and_the_word_that_was_given(feeds: RunFeeds, newsroom: Path) -> None:
    ran = feeds("subscribers", "move", ANA, "new@example.net", "--consent", "called on Monday")
    assert ran.code == 0, ran.err
    assert feeds("subscribers", "show", ANA).code == 2
    assert set(active(feeds, "new@example.net")) == {"country:pa", "country:hn"}
    assert shown(feeds, "new@example.net")["subscriber"]["consent"].startswith("called on Monday")
    feeds("subscribers", "add", ANA, "--filter", "all", "--consent", "x")
    refused = feeds("subscribers", "move", ANA, "new@example.net", "--consent", "x")
    assert refused.code == 2
    assert "gets mail of its own already" in refused.err


def test_removing_one_filter_everything_and_for_good(feeds: RunFeeds, newsroom: Path) -> None:
    assert feeds("subscribers", "remove", ANA, "--filter", "country:pa").code == 0
    assert set(active(feeds)) == {"country:hn"}
    assert feeds("subscribers", "remove", ANA, "--reason", "wrote to us").code == 0
    found = shown(feeds)["subscriber"]
    assert (found["state"], found["ended_reason"]) == ("left", "wrote to us")
    assert feeds("subscribers", "remove", ANA, "--block").code == 0
    assert shown(feeds)["subscriber"]["state"] == "blocked"
    again = feeds("subscribers", "add", ANA, "--filter", "all", "--consent", "x")
    assert again.code == 2
    assert "blocked before" in again.err
    assert feeds("subscribers", "remove", "stranger@example.org", "--block").code == 0
    assert (
        "blocked before"
        in feeds("subscribers", "add", "stranger@example.org", "--filter", "all", "--consent", "x").err
    )
    assert feeds("subscribers", "add", ANA, "--filter", "all", "--consent", "x", "--again").code == 0
    assert shown(feeds)["subscriber"]["state"] == "active"


def store_of(newsroom: Path) -> Store:
    return open_store(f"sqlite:///{newsroom / 'state' / 'feeds.db'}")


def test_bounces_of_a_bad_hour_are_taken_back_together(feeds: RunFeeds, newsroom: Path) -> None:
    feeds("subscribers", "add", "bob@example.org", "--filter", "all", "--consent", "x")
    store, tokens = store_of(newsroom), Tokens([(newsroom / "state" / "secret.key").read_bytes().strip()])
    with store.read() as conn:
        ids = [row.id for row in subscribers.listing(conn)]
    for number, hour in zip(ids, (3, 9), strict=True):
        at = datetime(2026, 11, 20, hour, tzinfo=UTC)
        ending.end(store, tokens, number, Suppression.BOUNCED, "550", at)
    store.close()
    assert "1 who bounced get mail again" in feeds("subscribers", "resume", "--since", "2026-11-20T05:00").out
    assert [shown(feeds, one)["subscriber"]["state"] for one in (ANA, "bob@example.org")] == [
        "bounced", "active",
    ]  # fmt: skip
    assert feeds("subscribers", "resume", ANA).code == 0
    assert shown(feeds)["subscriber"]["state"] == "active"


def test_what_is_known_is_given_and_then_erased(
    feeds: RunFeeds, newsroom: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = json.loads(feeds("subscribers", "export", ANA).out)
    assert given["subscriber"]["address"] == ANA
    assert {row["filter_text"] for row in given["subscriptions"]} == {"country:pa", "country:hn"}
    assert feeds("subscribers", "erase", ANA).code != 0  # nobody there to say yes
    assert shown(feeds)["subscriber"]["state"] == "active"
    assert feeds("subscribers", "erase", ANA, "--yes").code == 0
    assert feeds("subscribers", "show", ANA).code == 2
    listed = feeds("subscribers", "list", "--json").out
    assert ANA not in listed
