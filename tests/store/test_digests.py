"""Audiences as composing sees them, and one digest for each audience, period and variant."""

from __future__ import annotations

from sqlalchemy import select

from feeds.model import Cadence, DeliveryState, Filter, Reason, SubscriberState
from feeds.store import Store, deliveries, digests, sharing
from feeds.store.schema import digest as digest_
from feeds.store.schema import digest_item
from store.making import MINUTE, NOW, PANAMA, announce, audience, daily, digest, person

LATER = NOW + MINUTE


def test_an_audience_comes_back_with_its_filters(store: Store) -> None:
    wishes = ["country:hn,pa topic:health", "all"]
    with store.write() as conn:
        audience_id = sharing.intern_audience(conn, daily(), wishes, NOW)
        (row,) = digests.audiences(conn)
    assert row.id == audience_id
    assert row.audience == daily(filters=(Filter(), Filter(countries=("hn", "pa"), topics=("health",))))
    assert (row.covered_at, row.last_period, row.members) == (NOW, None, 0)


def test_audiences_can_be_asked_for_by_cadence_and_by_id(store: Store) -> None:
    with store.write() as conn:
        one = audience(conn)
        two = audience(conn, cadence=Cadence.WEEKLY, weekday=1)
        assert [row.id for row in digests.audiences(conn)] == [one, two]
        assert [row.id for row in digests.audiences(conn, Cadence.WEEKLY)] == [two]
        assert [row.audience.filters for row in digests.audiences(conn, ids=[one])] == [(PANAMA,)]
        assert digests.audiences(conn, Cadence.WEEKLY, ids=[one]) == []
        assert digests.audiences(conn, ids=[]) == []


def test_only_active_people_are_members(store: Store) -> None:
    with store.write() as conn:
        ana = person(conn, "ana")
        away = [person(conn, state.value, state) for state in SubscriberState if state.value != "active"]
        audience_id = audience(conn, ana, *away)
        member = digests.MemberRow(id=ana, address="Ana@example.org", from_at=None)
        assert digests.members(conn, audience_id) == [member]
        assert [row.members for row in digests.audiences(conn)] == [1]
        assert digests.members(conn, audience_id + 1) == []


def test_covering_is_won_once(store: Store) -> None:
    with store.write() as conn:
        audience_id = audience(conn)
        assert digests.cover(conn, audience_id, NOW, LATER, "2026-11-21")
        assert not digests.cover(conn, audience_id, NOW, LATER + MINUTE, "2026-11-22")
        assert digests.cover(conn, audience_id, LATER, LATER + MINUTE, None)  # nothing was in it
        (row,) = digests.audiences(conn)
    assert (row.covered_at, row.last_period) == (LATER + MINUTE, "2026-11-21")


def test_a_digest_is_stored_once_for_audience_period_and_variant(store: Store) -> None:
    with store.write() as conn:
        audience_id = audience(conn)
        made = announce(conn, "b", "a")
        first = digest(conn, audience_id, made)
        assert first is not None
        assert digest(conn, audience_id, made) is None
        assert digest(conn, audience_id, made[:1], variant="v") not in (None, first)
        assert digest(conn, audience_id, made, period="2026-11-22") is not None
        row = conn.execute(select(digest_).where(digest_.c.id == first)).one()
        columns = (digest_item.c.item_id, digest_item.c.reason)
        mine = select(*columns).where(digest_item.c.digest_id == first).order_by(digest_item.c.position)
        items = [tuple(each) for each in conn.execute(mine)]
    assert (row.items, row.lang, row.subject, row.text) == (2, "en", "1 new: Panama", "text \ufdd0")
    reason = Reason(countries=("pa",))
    assert items == [("b", reason), ("a", reason)]


def test_what_was_mailed_in_any_audience_is_known_unless_it_was_suppressed(store: Store) -> None:
    with store.write() as conn:
        ana, bob, eve = (person(conn, name) for name in ("ana", "bob", "eve"))
        one, two = audience(conn, ana, bob), audience(conn, ana, bob, eve, hour=8)
        a, b, c = announce(conn, "a", "b", "c")
        first = digest(conn, one, [a, b])
        assert first is not None
        rows = [
            deliveries.NewDelivery(subscriber_id=each, address="x@example.org", message_id=f"<{each}@x>")
            for each in (ana, bob)
        ]
        deliveries.queue(conn, first, rows, NOW)
        wanted = [each.id for each in (a, b, c)]
        both = {"a": NOW, "b": NOW}
        assert digests.already_mailed(conn, two, wanted) == {ana: both, bob: both}
        assert digests.already_mailed(conn, two, ["b", "c"]) == {ana: {"b": NOW}, bob: {"b": NOW}}
        assert digests.already_mailed(conn, two, []) == {}
        deliveries.suppress_for(conn, bob, None, "left", NOW)
        assert digests.already_mailed(conn, two, wanted) == {ana: both}
        (claimed,) = deliveries.claim(conn, "me", NOW, MINUTE, 9)
        deliveries.finish(conn, claimed.id, "me", DeliveryState.REFUSED, "no such box", NOW)
        assert digests.already_mailed(conn, two, wanted) == {ana: both}
