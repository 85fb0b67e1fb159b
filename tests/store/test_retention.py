"""What is forgotten when its time has come: the words of digests, while who was sent what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from feeds.model import DeliveryState, NoticeKind, RenderedMail
from feeds.store import Connection, Store, bodies, by_hand, digests, notices, queueing
from feeds.store.by_hand import Act, Choice
from feeds.store.composing_tables import passage
from feeds.store.schema import delivery, digest, digest_item, notice
from store.making import NOW, queued

DAY = timedelta(days=1)


def made(store: Store, name: str, days_ago: int, body: str, state: DeliveryState = DeliveryState.SENT) -> int:
    """A digest of so many days ago that tells this body under a foot that all share; its number."""
    queued(store, name, period=name)
    with store.write() as conn:
        key = max(conn.scalars(select(digest.c.id)))
        parts = {body: (body, f"<p>{body}"), "foot": ("foot", "<p>foot")}
        ids = queueing.store_passages(conn, parts)
        values = {"body_id": ids[body], "foot_id": ids["foot"], "composed_at": NOW - days_ago * DAY}
        conn.execute(update(digest).where(digest.c.id == key).values(text="", html="", **values))
        conn.execute(update(delivery).where(delivery.c.digest_id == key).values(state=state))
    return key


def kept(conn: Connection) -> Sequence[str]:
    return conn.scalars(select(passage.c.key).order_by(passage.c.key)).all()


def forget(store: Store, most: int = bodies.SOME) -> int:
    return bodies.forget_before(store, NOW - 60 * DAY, most)


def test_a_body_goes_when_all_digests_that_tell_it_are_old_and_feet_stay(store: Store) -> None:
    made(store, "ana", 62, "a")
    made(store, "ben", 61, "both")
    made(store, "cem", 59, "both")
    made(store, "dan", 1, "d")
    with store.read() as conn:
        items = conn.execute(select(digest_item)).all()
        letters = conn.execute(select(delivery)).all()
    assert forget(store) == 2
    assert forget(store) == 0
    with store.read() as conn:
        assert kept(conn) == ["both", "d", "foot"]
        assert conn.execute(select(digest_item)).all() == items
        assert conn.execute(select(delivery)).all() == letters
    assert bodies.forget_before(store, NOW - 58 * DAY) == 1
    with store.read() as conn:
        assert kept(conn) == ["d", "foot"]


def test_what_may_still_leave_keeps_its_words_and_refused_letters_are_not_sent_empty(store: Store) -> None:
    for state in (DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.UNCERTAIN):
        made(store, state.value, 90, state.value, state)
    made(store, "refused", 90, "refused", DeliveryState.REFUSED)
    made(store, "young", 2, "young", DeliveryState.REFUSED)
    assert forget(store) == 1
    with store.write() as conn:
        assert kept(conn) == ["foot", "queued", "sending", "uncertain", "young"]
        refused = Choice(state=DeliveryState.REFUSED)
        assert by_hand.count(conn, Act.RETRY, refused, NOW) == by_hand.perform(conn, Act.RETRY, refused, NOW)
        again = select(delivery.c.address).where(delivery.c.state == DeliveryState.QUEUED)
        assert [each.partition("@")[0] for each in conn.scalars(again)] == ["queued", "young"]


def test_it_goes_on_where_it_was_a_bounded_number_at_a_time(store: Store) -> None:
    for number in range(5):
        made(store, f"p{number}", 90 - number, f"body {number}")
    assert [forget(store, 2) for _ in range(4)] == [2, 2, 1, 0]
    with store.read() as conn:
        assert kept(conn) == ["foot"]


def test_a_body_that_is_told_again_meanwhile_stays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    made(store, "ana", 90, "a")

    def tell_again(conn: Connection) -> None:
        row = conn.execute(select(digest)).mappings().one()
        again = {"id": row["id"] + 1, "period": "again", "page": None, "composed_at": NOW}
        conn.execute(digest.insert().values({**row, **again}))
        digests.lock_compose(conn)

    monkeypatch.setattr(bodies, "lock_compose", tell_again)
    assert forget(store) == 1
    with store.read() as conn:
        assert kept(conn) == ["a", "foot"]


def test_words_of_office_notices_go_and_that_they_were_queued_stays(store: Store) -> None:
    def tell(key: str, kind: NoticeKind = NoticeKind.RECEIPT) -> bool:
        mail = RenderedMail(subject="s", text="t", html="h")
        new = notices.NewNotice(
            key=key, kind=kind, address="a@example.org", lang="en", message_id=f"<{key}>", mail=mail
        )
        with store.write() as conn:
            return notices.queue(conn, new, NOW)

    for key in ("sent", "refused", "waits"):
        tell(key)
    with store.write() as conn:
        for state in (DeliveryState.SENT, DeliveryState.REFUSED):
            values = {"state": state, "finished_at": NOW}
            conn.execute(update(notice).where(notice.c.key == state.value).values(values))
        assert notices.forget_words(conn, NOW, 9) == 0
        assert notices.forget_words(conn, NOW + DAY, 9) == 1
        assert notices.forget_words(conn, NOW + DAY, 9) == 0
        words = conn.execute(select(notice.c.key, notice.c.html).order_by(notice.c.id)).all()
    assert [tuple(row) for row in words] == [("sent", ""), ("refused", "h"), ("waits", "h")]
    assert not tell("sent")
