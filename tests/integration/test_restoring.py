"""A withdrawal can be undone: same id, told once to those who were told of it; and who did what is kept."""

from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from conftest import RunFeeds
from feeds.app.parts import Parts, now
from feeds.errors import InputError
from feeds.model import Act, By, Cadence, Outcome
from feeds.office import editing
from feeds.publishing.publish import publish
from feeds.store import audit, items, reached
from feeds.web import create_app
from integration.test_corrections import FIRST, feed, join, outcomes, send, take, the_item

DESK = By("desk", "maria@example.org")


def told(site: Parts) -> dict[str, str]:
    return send(site)


def to_be_told(site: Parts, *ids: str) -> int:
    """How many people a restoring would be told, as the desk says before it is done."""
    with site.store.read() as conn:
        return reached.told_of_withdrawal(conn, [*ids, "unknown"])


def test_a_restored_item_stands_again_under_its_id_everywhere(site: Parts) -> None:
    take(site, FIRST)
    item = the_item(site)
    entry = feed(site, "country/pa").entries[0]
    editing.withdraw(site.store, item.id, "", now())
    assert feed(site, "country/pa").entries == []
    with TestClient(create_app(site.web_parts()), base_url="http://127.0.0.1:8000") as web:
        assert web.get(f"/items/{item.id}/").status_code == 410
        editing.restore(site.store, item.id, "It was right.", now())
        again = feed(site, "country/pa").entries[0]
        page = web.get(f"/items/{item.id}/")
    assert (again.id, again.title) == (entry.id, entry.title)
    assert again.updated > entry.updated
    assert page.status_code == 200
    assert "It was right." in page.text
    assert b"deleted-entry" not in site.press.public.read("feeds/country/pa.atom")


def test_those_who_were_told_of_the_withdrawal_are_told_once_that_it_was_a_mistake(site: Parts) -> None:
    join(site, "her@example.org", "country:pa", Cadence.IMMEDIATE)
    take(site, FIRST)
    assert set(told(site)) == {"her@example.org"}
    item = the_item(site)
    editing.withdraw(site.store, item.id, "", now())
    assert to_be_told(site, item.id) == 0
    assert "Withdrawn" in told(site)["her@example.org"]
    assert to_be_told(site, item.id) == 1
    editing.restore(site.store, item.id, "", now())
    again = told(site)
    assert "Restored" in again["her@example.org"]
    assert "by mistake" in again["her@example.org"]
    assert told(site) == {}


def test_who_was_never_told_of_the_withdrawal_hears_nothing_of_it(site: Parts) -> None:
    join(site, "her@example.org", "country:pa", Cadence.IMMEDIATE)
    take(site, FIRST)
    told(site)
    item = the_item(site)
    editing.withdraw(site.store, item.id, "", now())
    editing.restore(site.store, item.id, "", now())
    assert told(site) == {}


def test_a_restored_item_can_be_corrected_and_sent_again_like_any_other(site: Parts) -> None:
    take(site, FIRST)
    item = the_item(site)
    editing.withdraw(site.store, item.id, "", now())
    editing.restore(site.store, item.id, "", now())
    assert outcomes(take(site, FIRST)) == [(Outcome.SAME, "")]
    words = editing.Words(title="Another title")
    assert editing.correct(site.store, site.labeller, item.id, words, "", now()).id == item.id


def test_only_what_was_withdrawn_can_be_restored(site: Parts) -> None:
    take(site, FIRST)
    with pytest.raises(InputError, match="not withdrawn"):
        editing.restore(site.store, the_item(site).id, "", now())


def test_a_whole_bulletin_is_taken_back_and_restored_in_one_step(site: Parts, feeds: RunFeeds) -> None:
    text = "".join(f"{n} November, 2026\n\nNews {n} of Panama\n\nText {n}.\n\n" for n in (18, 17, 16))
    take(site, text)
    with site.store.read() as conn:
        every = items.listing(conn, limit=9)
    editing.withdraw(site.store, every[0].id, "", now())
    command = ("--config", site.settings.file, "bulletins")
    gone = feeds(*command, "withdraw", "1", "--reason", "All wrong")
    assert (gone.code, gone.out.count("withdrawn:")) == (0, 2)
    assert feeds(*command, "withdraw", "1", "--reason", "Again").code == 2
    back = feeds(*command, "restore", "1")
    assert back.out.count("restored:") == 3
    with site.store.read() as conn:
        assert all(each.withdrawn_at is None for each in items.listing(conn, limit=9))


def test_every_act_has_its_line_in_the_trail(site: Parts, feeds: RunFeeds) -> None:
    take(site, FIRST)
    item = the_item(site)
    editing.correct(site.store, site.labeller, item.id, editing.Words(title="New"), "typo", now(), DESK)
    editing.withdraw(site.store, item.id, "wrong", now(), DESK)
    editing.restore(site.store, item.id, "", now(), DESK)
    with site.store.read() as conn:
        lines = audit.listing(conn, limit=9, item_id=item.id)
    assert [line.act for line in lines] == [Act.RESTORED, Act.WITHDRAWN, Act.CORRECTED]
    assert {(line.who, line.way) for line in lines} == {("maria@example.org", "desk")}
    ran = feeds("--config", site.settings.file, "audit", "--item", item.id[:8], "--json")
    assert [json.loads(line)["reason"] for line in ran.out.splitlines()] == ["", "wrong", "typo"]


def test_what_fails_leaves_no_line(site: Parts) -> None:
    take(site, FIRST)
    with pytest.raises(InputError):
        editing.correct(site.store, site.labeller, the_item(site).id, editing.Words(), "", now(), DESK)
    with site.store.read() as conn:
        assert audit.listing(conn, limit=9) == []


def test_publishing_anew_after_a_restoring_gives_the_same_bytes(site: Parts) -> None:
    take(site, FIRST)
    item = the_item(site)
    editing.withdraw(site.store, item.id, "", now())
    publish(site.store, site.press)
    editing.restore(site.store, item.id, "", now())
    publish(site.store, site.press)
    assert publish(site.store, site.press, everything=True).written == []
