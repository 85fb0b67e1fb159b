"""Rows for store tests, made with as few words as possible."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from feeds.model import (
    Audience,
    BulletinReceipt,
    Cadence,
    Digest,
    DigestEntry,
    DigestGroup,
    Evidence,
    Filter,
    Item,
    Kind,
    Label,
    Period,
    Reason,
    RenderedDigest,
    Strength,
    SubscriberState,
)
from feeds.store import Store, bulletins, by_hand, deliveries, digests, items, sharing, subscribers

NOW = datetime(2026, 11, 21, 20, 41, 0, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PANAMA = Filter(countries=("pa",))


def about(code: str, kind: Kind = Kind.COUNTRY, strength: Strength = Strength.ABOUT) -> Label:
    words = Evidence(field="title", start=0, end=6, words="Panamá", rule="name", role="plain")
    return Label(kind=kind, code=code, strength=strength, evidence=(words,))


def item(name: str, at: datetime = NOW, **fields: Any) -> Item:
    values: dict[str, Any] = {
        "id": name, "atom_id": f"tag:example.org,2026:{name}", "date_on": date(2026, 11, 20),
        "title": f"Title of {name}", "summary": "One.\n\nTwo.", "lang": "en",
        "accepted_at": at, "updated_at": at, "labels": (about("pa"),),
    }  # fmt: skip
    return Item(**(values | fields))


def bulletin(conn: Connection, name: str = "news.txt") -> int:
    receipt = BulletinReceipt(name=name, received_at=NOW, rejected=False, lines=())
    (key,) = bulletins.insert(conn, [new_bulletin(receipt)])
    return key


def new_bulletin(receipt: BulletinReceipt, **fields: Any) -> bulletins.NewBulletin:
    values: dict[str, Any] = {"sha256": "0" * 64, "size": 1, "encoding": "utf-8"}
    return bulletins.NewBulletin(receipt=receipt, **(values | fields))


def put(conn: Connection, *made: Item) -> None:
    """Store these items as coming from one bulletin."""
    bulletin_id = bulletin(conn)
    items.insert(conn, [items.NewItem(item=each, bulletin_id=bulletin_id, line=1) for each in made])


def announce(conn: Connection, *names: str, now: datetime = NOW, **fields: Any) -> list[Item]:
    """Store items at the next instants, as acceptance does."""
    instants = items.announce_instants(conn, len(names), now)
    made = [item(name, at, **fields) for name, at in zip(names, instants, strict=True)]
    put(conn, *made)
    return made


def retry(conn: Connection, number: int | str, at: datetime) -> bool:
    """Send a letter once more by hand; whether it could be."""
    return by_hand.perform(conn, by_hand.Act.RETRY, by_hand.Choice(numbers=(str(number),)), at) == 1


def person(conn: Connection, name: str, state: SubscriberState = SubscriberState.ACTIVE) -> int:
    new = subscribers.NewSubscriber(
        address=f"{name.title()}@example.org", address_key=f"{name}@example.org", state=state,
        lang="en", zone="America/Panama", hour=7, weekday=1, consent="web form", consent_at=NOW,
    )  # fmt: skip
    added = subscribers.add(conn, new, NOW)
    assert added is not None
    return added


def daily(**fields: Any) -> Audience:
    values: dict[str, Any] = {
        "cadence": Cadence.DAILY, "filters": (PANAMA,), "lang": "en", "zone": "America/Panama", "hour": 7,
    }  # fmt: skip
    return Audience(**(values | fields))


def audience(conn: Connection, *members: int, now: datetime = NOW, **fields: Any) -> int:
    audience_id = sharing.intern_audience(conn, daily(**fields), ["country:pa"], now)
    for each in members:
        filter_id = sharing.intern_filter(conn, "country:pa")
        subscribers.subscribe(conn, each, filter_id, daily(**fields).cadence, now)
        before = [own.audience_id for own in sharing.standings(conn, each)]
        sharing.set_memberships(conn, each, [*before, audience_id], now)
    return audience_id


def digest(conn: Connection, audience_id: int, made: Sequence[Item], **fields: Any) -> int | None:
    """Store a digest of these items; `period` and `variant` can be given."""
    entries = tuple(DigestEntry(item=each, reason=Reason(countries=("pa",))) for each in made)
    whole = Digest(
        audience=daily(), period=Period(key=fields.get("period", "2026-11-21"), due_at=NOW), since_at=NOW,
        until_at=NOW, groups=(DigestGroup(kind=Kind.COUNTRY, code="pa", entries=entries),),
    )  # fmt: skip
    rendered = RenderedDigest(subject="1 new: Panama", text="text \ufdd0", html="<p>html \ufdd0</p>")
    return digests.insert_digest(
        conn,
        audience_id,
        whole,
        variant=fields.get("variant", ""),
        rendered=rendered,
        page=secrets.token_urlsafe(16),
        composed_at=NOW,
    )


def queued(store: Store, *names: str, period: str = "2026-11-21") -> dict[str, int]:
    """Active members of one audience with one queued delivery each; subscriber ids by name."""
    with store.write() as conn:
        people = {name: person(conn, name) for name in names}
        audience_id = audience(conn, *people.values())
        digest_id = digest(conn, audience_id, announce(conn, f"item-{period}"), period=period)
        assert digest_id is not None
        rows = [
            deliveries.NewDelivery(
                subscriber_id=each, address=f"{name}@example.org", message_id=f"<{name}-{period}@example.org>"
            )
            for name, each in people.items()
        ]
        assert deliveries.queue(conn, digest_id, rows, NOW) == len(names)
    return people


def together(*works: Callable[[], Any]) -> list[Any]:
    """The results of all works, each in its thread, all let go at one moment."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        start.wait(timeout=30)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))
