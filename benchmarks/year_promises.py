"""What a simulated year must show at its end, asked of rows, letters and files (year.py)."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, String, cast, func, literal, select

from feeds.model import Cadence, DeliveryState, SubscriberState
from feeds.people.sweeping import BODIES_KEPT, BOUNCES_KEPT, KEPT
from feeds.publishing.publish import publish
from feeds.site import Site
from feeds.store import Store, deliveries
from feeds.store.composing_tables import passage
from feeds.store.returns_tables import bounce
from feeds.store.running_tables import departure
from feeds.store.schema import (
    attempt,
    audience,
    bulletin,
    delivery,
    digest,
    digest_item,
    item,
    metadata,
    subscriber,
)

if TYPE_CHECKING:
    from year import Year

Said = Iterator[tuple[bool, str]]
Promise = Callable[["Year"], Said]
# A sweep runs at each tick, a part at a time.
SLACK = timedelta(days=2)


def atom_ids(store: Store, ids: Sequence[str]) -> list[tuple[str, str]]:
    """The Atom ids of items, by id."""
    with store.read() as conn:
        found = conn.execute(select(item.c.id, item.c.atom_id).where(item.c.id.in_(ids)))
        return [(row.id, row.atom_id) for row in found]


def identity(year: Year) -> Said:
    """P1, P2: read once more, every file is known, and every item is what it was."""
    store = year.parts.store
    for name, data in year.files:
        year.take(name, data)
    with store.read() as conn:
        now = {row.id: row.atom_id for row in conn.execute(select(item.c.id, item.c.atom_id))}
        names = conn.scalar(select(func.count(func.distinct(bulletin.c.name))))
    yield now == year.ids, f"P1: {len(now)} items have the ids that they were announced under"
    yield names == len(year.files), f"P2: {names} bulletins came, and read again they told nothing new"


def whole_feeds(year: Year) -> Said:
    """P3: another folder, made anew from the same database, holds the same bytes."""
    parts = year.parts
    publish(parts.store, parts.press)
    with tempfile.TemporaryDirectory() as folder:
        publish(parts.store, replace(parts.press, public=Site(Path(folder))), everything=True)
        ours, anew = _files(parts.public.root), _files(Path(folder))
    odd = sorted(name for name in ours.keys() | anew.keys() if ours.get(name) != anew.get(name))
    yield not odd, f"P3: {len(anew)} files made anew are the same, byte for byte{_few(odd)}"


def _files(folder: Path) -> dict[str, bytes]:
    files = (
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix in (".atom", ".rss", ".json", ".html")
    )
    return {
        str(path.relative_to(folder)): path.read_bytes() for path in files if path.name != ".published.json"
    }


def at_most_once(year: Year) -> Said:
    """P4: no letter left twice, no item was told twice to the same person."""
    twice = [key for key, times in Counter(key for _, _, key in year.sink.took).items() if times > 1]
    told = (
        select(delivery.c.subscriber_id, digest_item.c.item_id)
        .join(digest_item, digest_item.c.digest_id == delivery.c.digest_id)
        .where(delivery.c.state == DeliveryState.SENT)
        .group_by(delivery.c.subscriber_id, digest_item.c.item_id, digest_item.c.change)
        .having(func.count() > 1)
    )
    with year.parts.store.read() as conn:
        doubled = conn.execute(told).all()
    yield not twice, f"P4: {len(year.sink.took)} letters left, each once"
    yield not doubled, f"P4: nobody was told the same item, or the same change of it, twice{_few(doubled)}"


def accounting(year: Year) -> Said:
    """P5: members of a digest are its letters by state; what the sink took is what is noted as sent."""
    with year.parts.store.read() as conn:
        totals = deliveries.accounting(conn)
        letters = conn.scalar(select(func.count()).select_from(delivery)) or 0
        keys = set(conn.scalars(select(delivery.c.message_id).where(delivery.c.state == DeliveryState.SENT)))
        empty = select(digest.c.id).where(~digest.c.id.in_(select(delivery.c.digest_id)))
        without = list(conn.scalars(empty))
    states = Counter[str]()
    for (state, _), number in totals.items():
        states[state] += number
    words = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    yield sum(states.values()) == letters, f"P5: {letters} letters are {words}"
    yield keys == {key for _, _, key in year.sink.took}, "P5: what is noted as sent is what left"
    yield not without, f"P5: each digest has members{_few(without)}"


def leaving(year: Year) -> Said:
    """P6: nothing left for somebody who had left."""
    late = [each for at, each, _ in year.sink.took if each in year.left and at > year.left[each]]
    gone = len(year.left) - len(year.erased)
    with year.parts.store.read() as conn:
        still = list(
            conn.scalars(
                select(delivery.c.id)
                .join(subscriber, subscriber.c.id == delivery.c.subscriber_id)
                .where(delivery.c.state == DeliveryState.QUEUED, subscriber.c.state != SubscriberState.ACTIVE)
            )
        )
    yield (
        not late,
        f"P6: {gone} people left and {len(year.erased)} were erased; none got mail after that{_few(late)}",
    )
    yield not still, f"P6: nothing waits for somebody who gets no mail{_few(still)}"


def on_time(year: Year) -> Said:
    """P7: one digest a period, made on its local day when its hour had passed."""
    query = select(
        digest.c.audience_id, digest.c.period, digest.c.composed_at, audience.c.zone, audience.c.hour
    ).join(audience, audience.c.id == digest.c.audience_id)
    with year.parts.store.read() as conn:
        rows = conn.execute(query.where(audience.c.cadence == Cadence.DAILY)).all()
    early = [row for row in rows if not _is_its_hour(row, year)]
    yield (
        not early,
        f"P7: {len(rows)} daily digests were made at the first tick after their hour{_few(early)}",
    )
    with year.parts.store.read() as conn:
        sent = (
            select(delivery.c.subscriber_id, delivery.c.period, delivery.c.audience_id)
            .group_by(delivery.c.subscriber_id, delivery.c.period, delivery.c.audience_id)
            .having(func.count() > 1)
        )
        doubled = conn.execute(sent).all()
    yield not doubled, "P7: nobody got two digests of one period"


def _is_its_hour(row: Row[Any], year: Year) -> bool:
    """Whether it was made at the first tick after the hour of its day, by the clock of its zone."""
    day = datetime.fromisoformat(row.period).replace(tzinfo=ZoneInfo(row.zone))
    late = row.composed_at - day.replace(hour=row.hour).astimezone(UTC)
    max_late = timedelta(hours=year.parts.settings.digest.max_late)
    return bool(timedelta() <= late <= (max_late if row.composed_at == year.woke else year.step))


def retention(year: Year) -> Said:
    """What is forgotten after its time, and what is kept."""
    with year.parts.store.read() as conn:
        old = digest.c.composed_at < year.now - BODIES_KEPT - SLACK
        live = select(delivery.c.digest_id).where(
            delivery.c.state.in_([DeliveryState.QUEUED, DeliveryState.UNCERTAIN])
        )
        worded = conn.scalar(
            select(func.count()).where(old, digest.c.body_id.is_not(None), ~digest.c.id.in_(live))
        )
        bodies = select(digest.c.body_id).where(digest.c.body_id.is_not(None))
        feet = select(digest.c.foot_id).where(digest.c.foot_id.is_not(None))
        lost = conn.scalar(select(func.count()).where(~passage.c.id.in_(bodies), ~passage.c.id.in_(feet)))
        told = conn.scalar(select(func.count()).select_from(digest_item))
        olds = {
            name: conn.scalar(select(func.count()).where(column < year.now - kept - SLACK))
            for name, column, kept in (
                ("attempts", attempt.c.at, KEPT), ("departures", departure.c.at, KEPT),
                ("bounces", bounce.c.at, BOUNCES_KEPT),
            )
        }  # fmt: skip
    yield (
        worded == 0,
        f"no digest older than {BODIES_KEPT.days} days has its words; {told} lines of what each told stand",
    )
    yield lost == 0, "no body is kept that no digest tells"
    yield not any(olds.values()), f"older than their time: {olds}"
    found = sorted(set(_traces(year.parts.store, year.erased)))
    yield not found, f"of {len(year.erased)} erased addresses no column of any table knows one{_few(found)}"


def _traces(store: Store, addresses: Sequence[str]) -> Iterator[str]:
    """Columns in which one of these addresses stands, in whatever words."""
    with store.read() as conn:
        for table in metadata.sorted_tables:
            for column in table.columns:
                words = func.lower(cast(column, String))
                for address in addresses:
                    near = words.like(literal(f"%{address}%"))
                    if conn.scalar(select(func.count()).select_from(table).where(near)):
                        yield f"{table.name}.{column.name}"
                        break


def _few(odd: Sequence[object]) -> str:
    return f"; odd: {', '.join(map(str, odd[:3]))} and {len(odd)} in all" if odd else ""


ALL: tuple[Promise, ...] = (
    identity, whole_feeds, at_most_once, accounting, leaving, on_time, retention
)  # fmt: skip
