"""P12: what is corrected or taken back before its letter is handed over is composed anew, or not sent."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email import message_from_bytes, policy

from feeds.app.parts import Parts, now
from feeds.composing.compose import compose
from feeds.composing.renewing import EMPTY
from feeds.delivering.deliver import deliver
from feeds.filters import parse
from feeds.model import Cadence, DeliveryState
from feeds.office import editing
from feeds.people import signup
from feeds.store import deliveries, items
from taking import accept_one

NEWS = "{day} November, 2026\n\n{title}\n\nChildren learn to read there.\n"
LEASE = timedelta(minutes=20)


def take(site: Parts, *titles: str) -> dict[str, str]:
    """Announced items; their ids by title."""
    text = "\n".join(NEWS.format(day=day, title=title) for day, title in enumerate(titles, 1))
    accept_one(site, f"{titles[0]}.txt", text.encode(), now(), "all", filed=True)
    with site.store.read() as conn:
        return {item.title: item.id for item in items.listing(conn, limit=99)}


def join(site: Parts, name: str) -> None:
    joining = signup.Joining(
        address=f"{name}@example.org", filters=(parse("all"),), cadence=Cadence.IMMEDIATE, lang="en",
        zone="UTC", hour=7, weekday=1, consent="a test",
    )  # fmt: skip
    signup.join(site.store, joining, site.joining_defaults, now())


def send(site: Parts) -> dict[str, int]:
    return dict(asyncio.run(deliver(site.store, site.transports(), site.deliver_rules)).outcomes)


def mails(site: Parts) -> list[str]:
    found = []
    for path in sorted(site.outbox.glob("*.eml"), key=lambda each: each.stat().st_mtime_ns):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))  # type: ignore[attr-defined]
        found.append(f"{message['Subject']}\n{body.get_content()}")
    return found


def states(site: Parts) -> dict[tuple[DeliveryState, str], int]:
    with site.store.read() as conn:
        return deliveries.accounting(conn)


def composed(site: Parts) -> None:
    compose(site.store, site.compose_rules, now())


def test_what_is_withdrawn_while_its_letter_waits_or_is_claimed_is_not_in_it(site: Parts) -> None:
    join(site, "waits")
    join(site, "claimed")
    ids = take(site, "Panama opens a school", "Panama opens a museum")
    composed(site)
    with site.store.write() as conn:
        (claimed,) = deliveries.claim(conn, "slow", now(), LEASE, 1)
    editing.withdraw(site.store, ids["Panama opens a school"], "", now())
    # From that moment on, before anybody composes, no letter with it can go.
    with site.store.write() as conn:
        assert deliveries.QUEUE.put_back(conn, [claimed.id], "slow") == 1
    assert send(site) == {}
    composed(site)
    assert send(site) == {"sent": 2}
    for mail in mails(site):
        assert "museum" in mail
        assert "school" not in mail
    composed(site)
    assert send(site) == {}  # nobody who never had it hears of it


def test_a_letter_that_is_left_empty_is_suppressed_with_that_reason(site: Parts) -> None:
    join(site, "ana")
    ids = take(site, "Panama opens a school")
    composed(site)
    editing.withdraw(site.store, ids["Panama opens a school"], "", now())
    composed(site)
    assert send(site) == {}
    assert states(site) == {(DeliveryState.SUPPRESSED, EMPTY): 1}


def test_a_correction_reaches_a_letter_that_waits_and_is_told_to_nobody_twice(site: Parts) -> None:
    join(site, "ana")
    ids = take(site, "Panama opens a school")
    composed(site)
    words = editing.Words(title="Panama opens two schools")
    editing.correct(site.store, site.labeller, ids["Panama opens a school"], words, "", now())
    composed(site)
    composed(site)
    assert send(site) == {"sent": 1}
    (mail,) = mails(site)
    assert "two schools" in mail
    assert "opens a school" not in mail


def test_a_letter_that_was_handed_over_keeps_its_words_and_the_note_follows(site: Parts) -> None:
    join(site, "ana")
    ids = take(site, "Panama opens a school", "Panama opens a museum")
    composed(site)
    with site.store.write() as conn:
        (claimed,) = deliveries.claim(conn, "slow", now(), LEASE, 1)
    editing.withdraw(site.store, ids["Panama opens a school"], "", now())
    composed(site)
    with site.store.write() as conn:
        (row,) = deliveries.listing(conn, DeliveryState.SENDING, limit=9)
        assert row.digest_id == claimed.digest_id
        deliveries.finish(conn, claimed.id, "slow", DeliveryState.SENT, "250 ok", now())
    assert send(site) == {"sent": 1}
    (note,) = mails(site)
    assert "Panama opens a school" in note
    assert "museum" not in note


def test_changed_twice_while_it_waits_it_is_composed_anew_twice(site: Parts) -> None:
    join(site, "ana")
    ids = take(site, "Panama opens a school", "Panama opens a museum", "Panama opens a bridge")
    composed(site)
    for title in ("Panama opens a school", "Panama opens a museum"):
        editing.withdraw(site.store, ids[title], "", now())
        composed(site)
    assert send(site) == {"sent": 1}
    (mail,) = mails(site)
    assert "bridge" in mail
    assert "school" not in mail
    assert "museum" not in mail
