"""Sites full of items for the benchmarks: thousands of different ones, put into the store set by set.

Not by reading bulletins: what reading costs is measured elsewhere. Countries and topics are drawn by Zipf's
law over 50 and all of the site's; words over 5,000, so that some are in nearly every item and most in few.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from feeds.app.parts import Parts
from feeds.model import BulletinReceipt, Item, Kind, Label, Strength
from feeds.store import bulletins, items, publishing
from feeds.syndication.keys import stale_keys

AT_ONCE = 2_000
FIRST_DAY = date(2016, 1, 1)


def stock(parts: Parts, count: int, seed: int = 1) -> None:
    """`count` items of ten years, announced day by day, all marked as changed."""
    made = list(drawn(parts, count, random.Random(seed)))
    receipt = BulletinReceipt(name="stock.txt", received_at=made[0].accepted_at, rejected=False, lines=())
    one = bulletins.NewBulletin(receipt=receipt, sha256="stock", size=1, encoding="utf-8", stays=True)
    (bulletin_id,) = parts.store.transact(lambda conn: bulletins.insert(conn, [one]))
    for start in range(0, count, AT_ONCE):
        some = made[start : start + AT_ONCE]

        def run(conn: object, some: list[Item] = some) -> None:
            rows = [items.NewItem(item=each, line=1, bulletin_id=bulletin_id) for each in some]
            items.insert(conn, rows)  # type: ignore[arg-type]
            keys = {key for each in some for key in stale_keys(each)}
            publishing.mark_stale(conn, keys, some[-1].accepted_at)  # type: ignore[arg-type]

        parts.store.transact(run)
    latest = made[-1].accepted_at
    parts.store.transact(lambda conn: items.announced_up_to(conn, None, 1, latest))


def drawn(parts: Parts, count: int, chance: random.Random) -> Iterator[Item]:
    """The items, oldest first."""
    countries = [term.code for term in parts.vocabulary.of(Kind.COUNTRY)][:50]
    topics = [term.code for term in parts.vocabulary.of(Kind.TOPIC)]
    words = [f"{chance.choice('bcdfghjklm')}{chance.choice('aeiou')}word{n}" for n in range(5_000)]
    weights = [1 / (n + 1) for n in range(5_000)]
    span = 3_650 / count
    for n in range(count):
        on = FIRST_DAY + timedelta(days=int(n * span))
        at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC) + timedelta(milliseconds=n)
        text = chance.choices(words, weights, k=90)
        labels = [
            Label(kind=kind, code=code, strength=Strength.ABOUT, evidence=())
            for kind, codes in ((Kind.COUNTRY, countries), (Kind.TOPIC, topics))
            for code in dict.fromkeys(chance.choices(codes, weights[: len(codes)], k=2))
        ]
        yield Item(
            id=f"bench{n:011d}", atom_id=f"tag:bench.example,2026:bench{n:011d}", date_on=on,
            title=" ".join([f"Item {n}", *text[:8]]), summary=" ".join(text) + ".",
            lang=chance.choice(["en", "es"]), accepted_at=at, updated_at=at, mailable=True,
            labels=tuple(labels),
        )  # fmt: skip
