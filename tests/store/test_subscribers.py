"""Subscribers, their subscriptions and the audiences they share."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from feeds.model import Cadence, SubscriberState
from feeds.store import Store, digests, items, sharing, subscribers
from store.making import MINUTE, NOW, announce, audience, daily, item, person, put

LATER = NOW + MINUTE


def audiences_of(conn: Connection, subscriber_id: int) -> list[int]:
    return [each.audience_id for each in sharing.standings(conn, subscriber_id)]


def test_the_same_filter_is_one_row(store: Store) -> None:
    with store.write() as conn:
        panama = sharing.intern_filter(conn, "country:pa")
        assert sharing.intern_filter(conn, "country:hn") != panama
        assert sharing.intern_filter(conn, "country:pa") == panama


def test_a_filter_may_be_longer_than_an_index_row_of_postgresql(store: Store) -> None:
    long = "word:" + ",".join(f'"{n:x} {n**9:x} ñandú"' for n in range(1, 400))
    assert len(long) > 8_000
    with store.write() as conn:
        assert sharing.intern_filter(conn, long) == sharing.intern_filter(conn, long)


def test_an_address_is_added_once_however_it_is_written(store: Store) -> None:
    new = subscribers.NewSubscriber(
        address="Ana@example.org", address_key="ana@example.org", state=SubscriberState.PENDING,
        lang="es", zone="America/Panama", hour=7, weekday=3, consent="form",
    )  # fmt: skip
    with store.write() as conn:
        first = subscribers.add(conn, new, NOW)
        assert first is not None
        assert subscribers.add(conn, replace(new, address="ANA@example.org"), LATER) is None
        found = subscribers.by_address(conn, "ana@example.org")
        assert found == subscribers.get(conn, first)
        assert subscribers.by_address(conn, "Ana@example.org") is None
        assert subscribers.get(conn, first + 1) is None
    assert found is not None
    assert (found.address, found.state, found.weekday, found.consent_at) == (
        "Ana@example.org", SubscriberState.PENDING, 3, None,
    )  # fmt: skip
    assert (found.created_at, found.ended_at, found.ended_reason) == (NOW, None, None)


def test_a_state_ends_with_its_reason_and_may_begin_again(store: Store) -> None:
    with store.write() as conn:
        ana = person(conn, "ana")
        assert not subscribers.set_state(conn, ana, SubscriberState.ACTIVE, NOW)  # as it was
        assert subscribers.set_state(conn, ana, SubscriberState.LEFT, LATER, "asked")
        left = subscribers.get(conn, ana)
        assert subscribers.set_state(conn, ana, SubscriberState.ACTIVE, LATER)
        back = subscribers.get(conn, ana)
        assert not subscribers.set_state(conn, ana + 1, SubscriberState.LEFT, NOW)
    assert left is not None
    assert back is not None
    assert (left.state, left.ended_at, left.ended_reason) == (SubscriberState.LEFT, LATER, "asked")
    assert (back.state, back.ended_at, back.ended_reason) == (SubscriberState.ACTIVE, None, None)


def test_pages_of_subscribers_follow_each_other(store: Store) -> None:
    with store.write() as conn:
        everyone = [person(conn, name) for name in ("a", "b", "c")]
        person(conn, "d", SubscriberState.PENDING)
        active = SubscriberState.ACTIVE
        first = [row.id for row in subscribers.listing(conn, state=active, limit=2)]
        second = [row.id for row in subscribers.listing(conn, state=active, after_id=first[-1], limit=2)]
        assert first + second == everyone
        assert len(subscribers.listing(conn)) == 4
        assert subscribers.count(conn) == {active: 3, SubscriberState.PENDING: 1}


def test_one_active_subscription_for_a_filter(store: Store) -> None:
    with store.write() as conn:
        ana = person(conn, "ana")
        panama = sharing.intern_filter(conn, "country:pa")
        first = subscribers.subscribe(conn, ana, panama, Cadence.DAILY, NOW)
        assert subscribers.subscribe(conn, ana, panama, Cadence.DAILY, LATER) == first
        second = subscribers.subscribe(conn, ana, panama, Cadence.WEEKLY, LATER)
        active = subscribers.subscriptions_of(conn, ana)
        everything = subscribers.subscriptions_of(conn, ana, ended=True)
    assert [(row.id, row.cadence, row.filter_text) for row in active] == [
        (second, Cadence.WEEKLY, "country:pa")
    ]
    assert [(row.id, row.ended_at, row.ended_reason) for row in everything] == [
        (first, LATER, "changed"),
        (second, None, None),
    ]


def test_subscriptions_end_by_their_numbers_once_or_all_together(store: Store) -> None:
    with store.write() as conn:
        ana = person(conn, "ana")
        wishes = (
            ("country:pa", Cadence.DAILY),
            ("country:hn", Cadence.DAILY),
            ("topic:health", Cadence.WEEKLY),
        )
        for text, cadence in wishes:
            subscribers.subscribe(conn, ana, sharing.intern_filter(conn, text), cadence, NOW)
        ids = [row.id for row in subscribers.subscriptions_of(conn, ana) if row.filter_text != "topic:health"]
        ended = subscribers.end_subscriptions(conn, ana, LATER, "unsubscribed", ids=ids)
        assert ended == ["country:hn", "country:pa"]
        assert subscribers.end_subscriptions(conn, ana, LATER, "again", ids=ids) == []
        assert [row.filter_text for row in subscribers.subscriptions_of(conn, ana)] == ["topic:health"]
        assert subscribers.end_subscriptions(conn, ana, LATER, "none", ids=[]) == []
        assert subscribers.end_subscriptions(conn, ana, LATER, "all") == ["topic:health"]
        reasons = [row.ended_reason for row in subscribers.subscriptions_of(conn, ana, ended=True)]
    assert reasons == ["unsubscribed", "unsubscribed", "all"]


def test_the_same_wishes_at_the_same_time_are_one_audience(store: Store) -> None:
    with store.write() as conn:
        one = sharing.intern_audience(conn, daily(), ["country:pa", "country:hn"], NOW)
        assert (
            sharing.intern_audience(conn, daily(), ["country:hn", "country:pa", "country:pa"], LATER) == one
        )
        others = {
            sharing.intern_audience(conn, daily(), ["country:pa"], NOW),
            sharing.intern_audience(conn, daily(hour=8), ["country:pa", "country:hn"], NOW),
            sharing.intern_audience(conn, daily(lang="es"), ["country:pa", "country:hn"], NOW),
        }
        assert len(others | {one}) == 4


def test_a_new_audience_gets_no_old_news_and_all_that_comes_after(store: Store) -> None:
    with store.write() as conn:
        announce(conn, "old1", "old2")
        audience_id = audience(conn)
        # The same instant by the clock, and many at once: none may fall behind the audience.
        fresh = announce(conn, "new1", "new2", "new3")
        (row,) = digests.audiences(conn, ids=[audience_id])
        latest = items.latest_announced(conn)
        assert latest is not None
        got = items.announced_between(conn, row.covered_at, latest)
    assert [each.id for each in got] == [each.id for each in fresh]


def test_an_audience_that_everybody_left_begins_anew(store: Store) -> None:
    with store.write() as conn:
        ana = person(conn, "ana")
        audience_id = audience(conn, ana)
        sharing.set_memberships(conn, ana, [], NOW)
        (missed,) = announce(conn, "missed", now=LATER)
        assert audience(conn, ana, now=LATER + MINUTE) == audience_id
        (row,) = digests.audiences(conn, ids=[audience_id])
    assert row.covered_at > missed.accepted_at


def test_an_audience_with_members_stays_where_it_is(store: Store) -> None:
    with store.write() as conn:
        audience_id = audience(conn, person(conn, "ana"))
        (waiting,) = announce(conn, "waiting", now=LATER)
        audience(conn, person(conn, "bob"), now=LATER + MINUTE)
        (row,) = digests.audiences(conn, ids=[audience_id])
    assert row.covered_at < waiting.accepted_at
    assert row.members == 2


def test_a_digest_given_early_is_not_given_again_to_who_comes_back(store: Store) -> None:
    with store.write() as conn:
        ana = person(conn, "ana")
        audience_id = audience(conn, ana)
        assert digests.cover(conn, audience_id, NOW, NOW, "2026-11-22")
        sharing.set_memberships(conn, ana, [], NOW)
        sharing.intern_audience(conn, daily(), ["country:pa"], LATER, last_period="2026-11-21")
        (row,) = digests.audiences(conn, ids=[audience_id])
    assert (row.covered_at, row.last_period) == (LATER, "2026-11-22")


def test_who_comes_with_news_waiting_is_owed_it_until_it_was_given(store: Store) -> None:
    with store.write() as conn:
        ana, bob = person(conn, "ana"), person(conn, "bob")
        audience_id = audience(conn, bob, now=LATER)
        assert not digests.audiences(conn)[0].owes
        sharing.set_memberships(conn, ana, [audience_id], LATER, {audience_id: NOW})
        sharing.set_memberships(conn, ana, [audience_id], LATER)  # as it was
        (row,) = digests.audiences(conn)
        assert (row.owes, row.owed_from, row.members) == (True, NOW, 2)
        assert [(each.id, each.from_at) for each in digests.members(conn, audience_id)] == [
            (ana, NOW),
            (bob, None),
        ]
        assert [each.until_at for each in sharing.standings(conn, ana)] == [NOW]
        assert [each.until_at for each in sharing.standings(conn, bob)] == [row.covered_at]
        digests.caught_up(conn, audience_id, [bob])
        assert digests.audiences(conn)[0].owes
        digests.caught_up(conn, audience_id, [ana])
        assert not digests.audiences(conn)[0].owes


def test_who_is_ahead_of_their_audience_makes_it_owe_nothing(store: Store) -> None:
    with store.write() as conn:
        ana = person(conn, "ana")
        audience_id = audience(conn, person(conn, "bob"))
        sharing.set_memberships(conn, ana, [audience_id], LATER, {audience_id: LATER})
        (row,) = digests.audiences(conn)
        assert (row.owes, row.covered_at) == (False, NOW)
        assert [each.until_at for each in sharing.standings(conn, ana)] == [NOW]


def test_a_standing_names_the_filters_of_the_audience(store: Store) -> None:
    with store.write() as conn:
        ana = person(conn, "ana")
        wishes = [["country:hn", "country:pa"], ["all"]]
        mine = [sharing.intern_audience(conn, daily(), texts, NOW) for texts in wishes]
        sharing.set_memberships(conn, ana, mine, NOW)
        assert [each.texts for each in sharing.standings(conn, ana)] == list(map(frozenset, wishes))


def test_only_what_is_given_is_amended(store: Store) -> None:
    with store.write() as conn:
        ana, bob = person(conn, "ana"), person(conn, "bob")
        before = subscribers.get(conn, ana, lock=True)
        assert before is not None
        subscribers.amend(conn, ana)
        assert subscribers.by_address(conn, "ana@example.org", lock=True) == before
        subscribers.amend(conn, ana, lang="es", hour=0, consent="by phone", consent_at=LATER)
        changed = replace(before, lang="es", hour=0, consent="by phone", consent_at=LATER)
        assert subscribers.get(conn, ana) == changed
        untouched = subscribers.get(conn, bob)
    assert untouched is not None
    assert untouched.lang == "en"


def test_a_list_of_subscribers_counts_active_subscriptions(store: Store) -> None:
    with store.write() as conn:
        ana = person(conn, "ana")
        person(conn, "bob")
        for text in ("country:pa", "country:hn", "all"):
            subscribers.subscribe(conn, ana, sharing.intern_filter(conn, text), Cadence.DAILY, NOW)
        subscribers.subscribe(conn, ana, sharing.intern_filter(conn, "all"), Cadence.WEEKLY, LATER)
        assert [row.subscriptions for row in subscribers.listing(conn)] == [3, 0]


def test_memberships_are_exactly_those_given_and_old_ones_keep_their_date(store: Store) -> None:
    with store.write() as conn:
        ana = person(conn, "ana")
        one, two = (sharing.intern_audience(conn, daily(hour=hour), ["all"], NOW) for hour in (7, 8))
        sharing.set_memberships(conn, ana, [one], NOW)
        sharing.set_memberships(conn, ana, [two, one, one], LATER)
        assert audiences_of(conn, ana) == [one, two]
        sharing.set_memberships(conn, ana, [two], LATER)
        assert audiences_of(conn, ana) == [two]
        sharing.set_memberships(conn, ana, [], LATER)
        assert audiences_of(conn, ana) == []


def test_an_announcement_after_an_audience_is_never_dated_before_it(store: Store) -> None:
    with store.write() as conn:
        audience(conn, now=LATER)
        put(conn, item("late", *items.announce_instants(conn, 1, NOW)))  # a host whose clock is behind
        found = items.get(conn, "late")
    assert found is not None
    assert found.accepted_at > LATER


def test_wishes_are_those_of_people_who_get_mail_and_each_person_counts_once(store: Store) -> None:
    with store.write() as conn:
        ana, ben, eva = (person(conn, name) for name in ("ana", "ben", "eva"))
        panama, health, old = (
            sharing.intern_filter(conn, text) for text in ("country:pa", "topic:health", "topic:old")
        )
        for who, wish in ((ana, panama), (ana, health), (ben, health), (eva, old), (eva, panama)):
            subscribers.subscribe(conn, who, wish, Cadence.DAILY, NOW)
        subscribers.set_state(conn, eva, SubscriberState.BOUNCED, NOW)
        assert subscribers.wishes(conn) == {panama: "country:pa", health: "topic:health"}
        assert subscribers.count_of(conn, [panama, health, old]) == 2
        assert subscribers.count_of(conn, [old]) == subscribers.count_of(conn, []) == 0
        subscribers.end_subscriptions(conn, ben, NOW, "asked")
        assert subscribers.count_of(conn, [health]) == 1
