"""Corrections and withdrawals: the id stays, feeds move, those who got it are told once, nobody else ever."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import feedparser
import pytest

from feeds.app.parts import Parts, now
from feeds.composing.compose import compose
from feeds.delivering.deliver import deliver
from feeds.errors import InputError
from feeds.filters import parse
from feeds.labels import read_choices
from feeds.model import BulletinReceipt, Cadence, Item, Kind, Outcome
from feeds.office import editing
from feeds.people import signup
from feeds.publishing.publish import publish
from feeds.store import history, items
from taking import accept_one

TEXT = "The migration service of Panama opens at seven and closes at four, every day of the week."
FIRST = f"18 November, 2026\n\nPanama opens earlier at the border\n\n{TEXT}\n"
CORRECTED = FIRST.replace("at seven", "at eight")
OTHER = "18 November, 2026\n\nHonduras counts its returning families\n\nFigures for the month, by town.\n"


def take(parts: Parts, text: str, name: str = "news.txt") -> BulletinReceipt:
    return accept_one(parts, name, text.encode(), now(), "all", filed=True).receipt


def outcomes(receipt: BulletinReceipt) -> list[tuple[Outcome, str]]:
    return [(line.outcome, line.reason) for line in receipt.lines]


def join(parts: Parts, address: str, text: str = "all", cadence: Cadence = Cadence.IMMEDIATE) -> int:
    joining = signup.Joining(
        address=address, filters=(parse(text),), cadence=cadence, lang="en", zone="UTC",
        hour=7, weekday=1, consent="a test",
    )  # fmt: skip
    return signup.join(parts.store, joining, parts.joining_defaults, now())


def send(parts: Parts, *, early: bool = False) -> dict[str, str]:
    """Compose, deliver, and give the text of each new mail by address."""
    before = set(parts.outbox.glob("*.eml"))
    compose(parts.store, parts.compose_rules, now(), early=early)
    asyncio.run(deliver(parts.store, parts.transports(), parts.deliver_rules))
    found = {}
    for path in set(parts.outbox.glob("*.eml")) - before:
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain",))
        assert body is not None
        found[str(message["To"])] = f"{message['Subject']}\n{body.get_content()}"
    return found


def the_item(parts: Parts) -> Item:
    with parts.store.read() as conn:
        return items.listing(conn, kind="country", code="pa", limit=1)[0]


def feed(parts: Parts, stem: str = "all") -> feedparser.FeedParserDict:
    publish(parts.store, parts.press)
    parsed = feedparser.parse(parts.press.public.read(f"feeds/{stem}.atom"))
    assert not parsed.bozo
    return parsed


def test_a_corrected_text_keeps_the_id_and_moves_updated(site: Parts) -> None:
    take(site, FIRST)
    before = feed(site, "country/pa").entries[0]
    assert outcomes(take(site, CORRECTED)) == [(Outcome.CHANGED, "summary")]
    after = feed(site, "country/pa").entries[0]
    assert after.id == before.id
    assert after.updated > before.updated
    assert "at eight" in after.summary


def test_typography_alone_moves_nothing(site: Parts) -> None:
    take(site, FIRST)
    publish(site.store, site.press)
    assert outcomes(take(site, FIRST.replace("earlier at", "earlier  at").upper())) == [(Outcome.SAME, "")]
    assert publish(site.store, site.press).written == []


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (FIRST.replace("opens earlier", "opens its doors earlier"), "title"),
        (FIRST.replace("18 November", "17 November"), "date"),
    ],
)
def test_a_corrected_title_or_date_is_the_same_item(site: Parts, text: str, field: str) -> None:
    take(site, FIRST)
    old = the_item(site)
    assert outcomes(take(site, text)) == [(Outcome.CHANGED, field)]
    assert the_item(site).id == old.id
    assert the_item(site).atom_id == old.atom_id


def test_an_old_capture_undoes_no_correction(site: Parts) -> None:
    take(site, FIRST)
    take(site, CORRECTED)
    assert outcomes(take(site, FIRST)) == [(Outcome.SAME, "earlier wording")]
    assert "at eight" in the_item(site).summary


def test_who_was_sent_the_item_is_told_once_and_others_never(site: Parts) -> None:
    join(site, "got@example.org")
    join(site, "honduras@example.org", "country:hn")
    take(site, FIRST)
    assert set(send(site)) == {"got@example.org"}
    join(site, "later@example.org")
    take(site, CORRECTED)
    told = send(site)
    assert set(told) == {"got@example.org"}
    assert "orrect" in told["got@example.org"].splitlines()[0]
    assert "at eight" in told["got@example.org"] or "Panama opens earlier" in told["got@example.org"]
    take(site, CORRECTED)
    take(site, OTHER)
    again = send(site)
    assert set(again) == {"got@example.org", "honduras@example.org", "later@example.org"}
    assert "Panama opens earlier" not in "".join(again.values())


def test_a_correction_before_the_digest_is_simply_the_news(site: Parts) -> None:
    join(site, "daily@example.org", cadence=Cadence.DAILY)
    take(site, FIRST)
    take(site, CORRECTED)
    mail = send(site, early=True)["daily@example.org"]
    assert mail.count("Panama opens earlier at the border") >= 1
    assert "at eight" in mail
    assert "orrected" not in mail


def test_who_was_sent_it_at_once_hears_of_the_correction_in_one_mail_only(site: Parts) -> None:
    join(site, "both@example.org", "country:pa", Cadence.IMMEDIATE)
    join(site, "both@example.org", "topic:border-management", Cadence.DAILY)
    take(site, FIRST)
    send(site)
    take(site, CORRECTED)
    first, second = send(site), send(site, early=True)
    assert "orrected" in first["both@example.org"]
    assert second == {}


def test_a_withdrawn_item_leaves_a_tombstone_a_note_and_a_mail(site: Parts) -> None:
    join(site, "got@example.org")
    take(site, FIRST + "\n" + OTHER)
    send(site)
    item = the_item(site)
    publish(site.store, site.press)
    editing.withdraw(site.store, item.id, "The hours were wrong.", now())
    data = site.press.public.read("feeds/country/pa.atom")
    assert feed(site, "country/pa").entries == []
    data = site.press.public.read("feeds/country/pa.atom")
    assert data is not None
    assert f'ref="{item.atom_id}"'.encode() in data
    assert len(feed(site).entries) == 1
    assert site.press.public.read(f"items/{item.id}/index.html") is None
    note = site.press.public.read(f"items/{item.id}/gone.html")
    assert note is not None
    assert b"The hours were wrong." in note
    told = send(site)["got@example.org"]
    assert "ithdrawn" in told
    assert "The hours were wrong." in told
    assert send(site) == {}


def test_what_was_withdrawn_does_not_come_again_with_an_old_capture(site: Parts) -> None:
    take(site, FIRST)
    editing.withdraw(site.store, the_item(site).id, "Wrong.", now())
    for text in (FIRST, CORRECTED):  # whatever it says: the receipt tells why nothing comes of it
        assert outcomes(take(site, text)) == [(Outcome.SAME, "withdrawn")]
    with site.store.read() as conn:
        assert items.count(conn) == 0


def test_a_withdrawn_item_that_nobody_was_sent_is_nobodys_mail(site: Parts) -> None:
    join(site, "daily@example.org", cadence=Cadence.DAILY)
    take(site, FIRST)
    editing.withdraw(site.store, the_item(site).id, "Wrong.", now())
    assert send(site, early=True) == {}


def test_the_office_corrects_by_command_and_the_history_keeps_what_was(site: Parts) -> None:
    take(site, FIRST)
    old = the_item(site)
    words = editing.Words(title="Panama opens later at the border")
    editing.correct(site.store, site.labeller, old.id[:6], words, "A slip.", now())
    with site.store.read() as conn:
        (before,) = history.revisions(conn, old.id)
    assert (before.title, before.reason, before.fields) == (old.title, "A slip.", ("title",))
    assert the_item(site).title == "Panama opens later at the border"
    with pytest.raises(InputError, match="nothing would change"):
        editing.correct(site.store, site.labeller, old.id, words, "", now())


def test_chosen_labels_move_feeds_are_nobodys_mail_and_outlive_a_correction(site: Parts) -> None:
    join(site, "got@example.org")
    take(site, FIRST)
    send(site)
    item = the_item(site)
    updated = feed(site).entries[0].updated
    choices = read_choices(["+country:cr", "-country:pa"], site.vocabulary)
    editing.relabel(site.store, item.id, choices, "It is about Costa Rica.", now())
    assert len(feed(site, "country/cr").entries) == 1
    assert feed(site, "country/pa").entries == []
    assert feed(site).entries[0].updated == updated
    assert send(site) == {}
    take(site, CORRECTED)
    with site.store.read() as conn:
        after = items.get(conn, item.id)
    assert after is not None
    assert after.codes(Kind.COUNTRY) == ("cr",)


def test_labels_that_a_head_named_outlive_a_correction_by_command(site: Parts) -> None:
    head = "---\ntitle: Panama opens earlier\ndate: 2026-11-18\ncountries: [cr]\n---\n"
    take(site, f"{head}\n{TEXT}\n", "news.md")
    with site.store.read() as conn:
        (item,) = items.listing(conn, limit=9)
    words = editing.Words(summary="The migration service of Honduras trains nurses for its clinics.")
    after = editing.correct(site.store, site.labeller, item.id, words, "", now())
    assert after.codes(Kind.COUNTRY) == ("cr",)
    assert after.codes(Kind.TOPIC) != item.codes(Kind.TOPIC)  # what nobody chose follows the words


def test_choices_that_make_no_sense_are_all_named(site: Parts) -> None:
    with pytest.raises(InputError) as caught:
        read_choices(["country:pa", "+country:zz", "-theme:health"], site.vocabulary)
    assert len(caught.value.problems) == 3


def test_an_item_that_is_gone_or_unknown_cannot_be_edited(site: Parts) -> None:
    take(site, FIRST)
    item = the_item(site)
    editing.withdraw(site.store, item.id, "Wrong.", now() + timedelta(seconds=1))
    with pytest.raises(InputError, match="withdrawn"):
        editing.withdraw(site.store, item.id, "Again.", now())
    with pytest.raises(InputError, match="no item"):
        editing.withdraw(site.store, "zzzz", "Never.", now())
