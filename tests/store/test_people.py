"""What people do by themselves, on both databases: ask, confirm, change, pause, leave, move, erase."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from feeds import filters, links
from feeds.errors import InputError
from feeds.model import (
    Cadence,
    DeliveryState,
    Filter,
    Habits,
    LinkPurpose,
    RenderedMail,
    SubscriberState,
    Suppression,
    Vocabulary,
    Wished,
)
from feeds.people import (
    asking,
    changing,
    ending,
    erasing,
    kept,
    leaving,
    moving,
    opening,
    signup,
    sweeping,
)
from feeds.people.rules import JoiningDefaults, Limited, Limits, PeopleRules
from feeds.store import Store, deliveries, digests, limits, notices, secrets, sharing, subscribers
from feeds.store.schema import metadata
from feeds.tokens import Tokens
from store.making import NOW, announce, digest, together

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PANAMA, HAITI = (Filter(countries=(code,)) for code in ("pa", "ht"))
HABITS = Habits(lang="es", zone="America/Panama", hour=6, weekday=2)


class PlainMails:
    """Writes what it is told in one line, with the slot of a secret link."""

    def _mail(self, told: object) -> RenderedMail:
        return RenderedMail(subject=type(told).__name__, text=f"{told} {links.LINK}", html="")

    confirm = welcome = preferences = moving = moved = _mail


_numbers = itertools.count()


@pytest.fixture
def rules() -> PeopleRules:
    return PeopleRules(
        mails=PlainMails(), tokens=Tokens([b"k" * 32]), vocabulary=Vocabulary({}),
        defaults=JoiningDefaults(lang="en", zone="UTC", hour=7, weekday="monday"),
        message_id=lambda: f"<{next(_numbers)}@example.org>", newest=lambda _: (),
        limits=Limits(per_network=1000, per_site=1000),
    )  # fmt: skip


def asked(name: str, *wishes: Wished, **given: Any) -> asking.Asking:
    values: dict[str, Any] = {
        "address": f"{name}@example.org", "wishes": wishes or (Wished(filter=PANAMA, cadence=Cadence.DAILY),),
        "network": "192.0.2.7", "page": "/subscribe", "words": "I want this", "lang": "es",
        "zone": "America/Panama", "hour": 6, "weekday": 2,
    }  # fmt: skip
    return asking.Asking(**(values | given))


def letters(store: Store, rules: PeopleRules, at: datetime = NOW) -> list[notices.ClaimedNotice]:
    """Take every notice that is due in hand, as delivering does, and record it as sent."""
    with store.write() as conn:
        claimed = notices.claim(conn, "me", at, HOUR, 100, ahead=True)
        made = []
        for each in claimed:
            found = links.for_notice(conn, rules.tokens, each, at)
            made.append(replace(each, text=links.filled(each.text, found)))
            notices.finish(conn, each.id, "me", DeliveryState.SENT, "ok", at)
    return made


def secret_of(letter: notices.ClaimedNotice) -> str:
    return letter.text.split()[-1]


def joined(store: Store, rules: PeopleRules, name: str, *wishes: Wished, at: datetime = NOW) -> int:
    """Somebody who signed up and confirmed."""
    asking.ask(store, rules, asked(name, *wishes), at)
    (letter,) = letters(store, rules, at)
    made = asking.confirm(store, rules, secret_of(letter), None, at)
    letters(store, rules, at)
    assert made is not None
    return made.subscriber_id


def person(store: Store, name: str) -> subscribers.SubscriberRow | None:
    with store.read() as conn:
        return subscribers.by_address(conn, f"{name}@example.org")


def state(store: Store, number: int) -> SubscriberState:
    with store.read() as conn:
        row = subscribers.get(conn, number)
    assert row is not None
    return row.state


def wishes(store: Store, number: int) -> dict[str, str]:
    with store.read() as conn:
        return {row.filter_text: row.cadence.value for row in subscribers.subscriptions_of(conn, number)}


def everything(store: Store) -> str:
    """All that the database holds, as text."""
    with store.read() as conn:
        return "\n".join(
            str(tuple(row)) for table in metadata.sorted_tables for row in conn.execute(table.select())
        )


# Asking and confirming


def test_only_the_button_behind_the_mailed_link_makes_a_subscriber(store: Store, rules: PeopleRules) -> None:
    asking.ask(store, rules, asked("ana", Wished(filter=PANAMA, cadence=Cadence.DAILY, name="Home")), NOW)
    assert person(store, "ana") is None
    (letter,) = letters(store, rules)
    secret = secret_of(letter)
    for _ in range(2):
        seen = asking.pending(store, rules, secret, NOW)
        assert seen is not None
        assert (seen.wishes[0].name, seen.hour, seen.known) == ("Home", 6, False)
    assert person(store, "ana") is None
    made = asking.confirm(store, rules, secret, None, NOW + HOUR)
    assert made is not None
    row = person(store, "ana")
    assert row is not None
    assert (row.state, row.lang, row.zone, row.hour, row.weekday) == (
        SubscriberState.ACTIVE, "es", "America/Panama", 6, 2,
    )  # fmt: skip
    assert wishes(store, row.id) == {"country:pa": "daily"}
    assert "192.0.2.7" in row.consent
    assert "I want this" in row.consent
    assert [each.kind.value for each in letters(store, rules, NOW + HOUR)] == ["welcome"]


def test_a_link_confirms_once_and_tells_who_presses_again_that_it_did(
    store: Store, rules: PeopleRules
) -> None:
    asking.ask(store, rules, asked("ana"), NOW)
    (letter,) = letters(store, rules)
    assert asking.already(store, rules, secret_of(letter)) is None
    first = asking.confirm(store, rules, secret_of(letter), None, NOW)
    assert asking.confirm(store, rules, secret_of(letter), None, NOW) is None
    assert asking.pending(store, rules, secret_of(letter), NOW) is None
    again = asking.already(store, rules, secret_of(letter))
    assert first is not None
    assert again is not None
    assert again.subscriber_id == first.subscriber_id


def test_a_link_ends_after_48_hours_and_what_was_asked_is_erased(store: Store, rules: PeopleRules) -> None:
    asking.ask(store, rules, asked("ana"), NOW)
    (letter,) = letters(store, rules)
    late = NOW + 2 * DAY
    assert asking.pending(store, rules, secret_of(letter), late - HOUR) is not None
    assert asking.confirm(store, rules, secret_of(letter), None, late) is None
    assert sweeping.sweep(store, late - HOUR).erased == 0
    assert "ana@example.org" in everything(store)
    assert sweeping.sweep(store, late).erased == 1
    sweeping.sweep(store, NOW + 40 * DAY)
    assert "ana@example.org" not in everything(store)


def test_a_letter_that_waited_for_its_server_has_its_48_hours_all_the_same(
    store: Store, rules: PeopleRules
) -> None:
    asking.ask(store, rules, asked("ana"), NOW)
    (letter,) = letters(store, rules, NOW + 40 * HOUR)
    assert sweeping.sweep(store, NOW + 60 * HOUR).erased == 0
    assert asking.confirm(store, rules, secret_of(letter), None, NOW + 87 * HOUR) is not None


def test_a_letter_that_never_left_is_erased_with_what_was_asked(store: Store, rules: PeopleRules) -> None:
    """Else it would ask for a link to what is gone, and hold up all letters behind it."""
    number = joined(store, rules, "ben")
    moving.ask_move(store, rules, number, "new@example.org", "192.0.2.7", "/preferences/", NOW)
    asking.ask(store, rules, asked("ana"), NOW)
    assert sweeping.sweep(store, NOW + 2 * DAY).erased == 2
    assert "ana@example.org" not in everything(store)
    assert "new@example.org" not in everything(store)
    assert letters(store, rules, NOW + 2 * DAY) == []
    asking.ask(store, rules, asked("eva"), NOW + 2 * DAY)
    assert len(letters(store, rules, NOW + 2 * DAY)) == 1


def test_t11_the_database_holds_no_usable_link(store: Store, rules: PeopleRules) -> None:
    asking.ask(store, rules, asked("ana"), NOW)
    before = everything(store)
    (letter,) = letters(store, rules)
    number = joined(store, rules, "ben")
    opening.ask_link(store, rules, "ben@example.org", "192.0.2.7", NOW)
    (opens,) = letters(store, rules)
    session = opening.use_link(store, rules, secret_of(opens), NOW)
    left = leaving.leave(store, number, None, NOW, "asked", tokens=rules.tokens)
    assert session is not None
    assert left is not None
    assert left.undo is not None
    dump = before + everything(store)
    for secret in (secret_of(letter), secret_of(opens), session, left.undo):
        assert len(secret) >= 22
        assert secret not in dump
    for token in (rules.tokens.unsubscribe(number, 1), rules.tokens.pause(number, 1)):
        assert token not in dump
    hashes = [word.strip("'(),") for word in dump.split() if len(word.strip("'(),")) == 64]
    assert hashes != []
    for each in hashes:
        assert asking.pending(store, rules, each, NOW) is None
        assert opening.session(store, rules, each, NOW) is None


@pytest.mark.parametrize("purpose", [LinkPurpose.MOVE, LinkPurpose.PREFERENCES, LinkPurpose.SESSION])
def test_t11_a_link_is_good_for_its_purpose_only(
    store: Store, rules: PeopleRules, purpose: LinkPurpose
) -> None:
    asking.ask(store, rules, asked("ana"), NOW)
    (letter,) = letters(store, rules)
    with store.write() as conn:
        assert links.use(conn, rules.tokens, purpose, secret_of(letter), NOW) is None
        assert links.good(conn, rules.tokens, LinkPurpose.CONFIRM, secret_of(letter), NOW) is not None


@pytest.mark.parametrize("secret", ["", "x", "' OR 1=1 --", "é" * 32, "a" * 10_000, "\x00", "%", "_" * 32])
def test_t16_a_secret_that_is_none_is_nobody_s(store: Store, rules: PeopleRules, secret: str) -> None:
    joined(store, rules, "ana")
    assert asking.pending(store, rules, secret, NOW) is None
    assert asking.confirm(store, rules, secret, None, NOW) is None
    assert opening.use_link(store, rules, secret, NOW) is None
    assert opening.session(store, rules, secret, NOW) is None
    assert moving.move(store, rules, secret, NOW) is None
    assert leaving.come_back(store, rules.tokens, secret, NOW) is None


def test_what_is_unticked_on_the_confirming_page_is_not_subscribed_to(
    store: Store, rules: PeopleRules
) -> None:
    both = [Wished(filter=each, cadence=Cadence.DAILY) for each in (PANAMA, HAITI)]
    asking.ask(store, rules, asked("ana", *both), NOW)
    (letter,) = letters(store, rules)
    none = asking.Choice(wishes=(), lang="en", zone="UTC", hour=1, weekday=1)
    with pytest.raises(InputError):
        asking.confirm(store, rules, secret_of(letter), none, NOW)
    one = replace(none, wishes=(replace(both[1], cadence=Cadence.WEEKLY),))
    made = asking.confirm(store, rules, secret_of(letter), one, NOW)
    assert made is not None
    assert wishes(store, made.subscriber_id) == {"country:ht": "weekly"}
    row = person(store, "ana")
    assert row is not None
    assert (row.lang, row.hour) == ("en", 1)


def test_the_mail_says_whether_its_owner_gets_mail_already(store: Store, rules: PeopleRules) -> None:
    """The mail, which only the owner sees, and the page behind its link; nobody else (T10)."""
    joined(store, rules, "ana")
    later = NOW + 2 * DAY
    for name, known in (("ana", True), ("eva", False)):
        asking.ask(store, rules, asked(name, Wished(filter=HAITI, cadence=Cadence.DAILY)), later)
        (letter,) = letters(store, rules, later)
        assert f"known={known}" in letter.text
        found = asking.pending(store, rules, secret_of(letter), later)
        assert found is not None
        assert found.known is known


def test_who_gets_mail_already_keeps_what_they_chose(store: Store, rules: PeopleRules) -> None:
    number = joined(store, rules, "ana")
    later = NOW + 2 * DAY
    more = asked(
        "ana", Wished(filter=HAITI, cadence=Cadence.WEEKLY), lang="en", zone="UTC", hour=9, weekday=5
    )
    asking.ask(store, rules, more, later)
    (letter,) = letters(store, rules, later)
    seen = asking.pending(store, rules, secret_of(letter), later)
    assert seen is not None
    assert (seen.known, seen.lang, seen.hour) == (True, "es", 6)
    asking.confirm(store, rules, secret_of(letter), None, later)
    row = person(store, "ana")
    assert row is not None
    assert (row.id, row.lang, row.zone, row.hour, row.weekday) == (number, "es", "America/Panama", 6, 2)
    assert wishes(store, number) == {"country:pa": "daily", "country:ht": "weekly"}


def test_a_second_request_within_a_day_joins_the_first_and_sends_no_second_mail(
    store: Store, rules: PeopleRules
) -> None:
    asking.ask(store, rules, asked("ana"), NOW)
    (letter,) = letters(store, rules)
    asking.ask(store, rules, asked("ana", Wished(filter=HAITI, cadence=Cadence.WEEKLY)), NOW + HOUR)
    assert letters(store, rules, NOW + HOUR) == []
    made = asking.confirm(store, rules, secret_of(letter), None, NOW + HOUR)
    assert made is not None
    assert wishes(store, made.subscriber_id) == {"country:pa": "daily", "country:ht": "weekly"}


def test_an_address_gets_one_confirmation_a_day_and_three_until_it_confirms(
    store: Store, rules: PeopleRules
) -> None:
    sent = []
    for hours in range(0, 24 * 10, 6):
        at = NOW + hours * HOUR
        asking.ask(store, rules, asked("ana"), at)
        sent += [hours for _ in letters(store, rules, at)]
    assert sent == [0, 24, 48]
    at = NOW + 31 * DAY
    asking.ask(store, rules, asked("ana"), at)
    (letter,) = letters(store, rules, at)
    assert asking.confirm(store, rules, secret_of(letter), None, at) is not None
    letters(store, rules, at)
    asking.ask(store, rules, asked("ana"), at)  # confirmed: it begins anew
    assert len(letters(store, rules, at)) == 1


def test_t9_a_thousand_hostile_requests_from_many_networks_make_one_mail_an_address(
    store: Store, rules: PeopleRules
) -> None:
    """1,000 over 500 networks, spread over two hours and more, against ten people in many spellings (T9)."""
    strict = replace(rules, limits=Limits())
    for n in range(1000):
        spelt = f"Victim{n % 10}" if n % 3 else f"victim{n % 10}"
        at = NOW + timedelta(seconds=8 * n)  # slower than any limit but that of an address
        asking.ask(store, strict, asked(spelt, network=f"10.{n % 2}.{n % 250}.{n % 7}"), at)
    sent = [each.address.casefold() for each in letters(store, rules, NOW + DAY)]
    assert sorted(sent) == [f"victim{n}@example.org" for n in range(10)]


def test_t9_a_flood_is_stopped_for_its_network_and_for_everybody(store: Store, rules: PeopleRules) -> None:
    strict = replace(rules, limits=Limits(per_network=5, per_site=40))
    stopped, waits = {"network": 0, "site": 0}, set()
    for n in range(60):
        try:
            asking.ask(store, strict, asked(f"victim{n}", network=f"10.0.{n % 9}.{n}"), NOW)
        except Limited as limited:
            stopped["site" if limited.site else "network"] += 1
            waits.add(limited.retry_after_s)
    assert stopped == {"network": 8, "site": 12}
    assert waits == {3600}
    assert len(letters(store, rules)) == 40


def test_a_network_has_its_own_share_and_gets_it_back(store: Store, rules: PeopleRules) -> None:
    strict = replace(rules, limits=Limits(per_network=2, per_site=100))
    for n in range(2):
        asking.ask(store, strict, asked(f"a{n}", network=f"203.0.113.{n}"), NOW)
    with pytest.raises(Limited) as limited:
        asking.ask(store, strict, asked("b", network="203.0.113.200"), NOW + HOUR / 2)
    assert (limited.value.site, limited.value.retry_after_s) == (False, 1800)
    asking.ask(store, strict, asked("c", network="203.0.114.1"), NOW + HOUR / 2)
    asking.ask(store, strict, asked("b", network="203.0.113.200"), NOW + HOUR)
    assert "203.0.113" not in "\n".join(_rows(store, "attempt"))


def _rows(store: Store, table: str) -> list[str]:
    with store.read() as conn:
        return [str(tuple(row)) for row in conn.execute(text(f"SELECT * FROM {table}"))]


@pytest.mark.parametrize("why", [Suppression.COMPLAINED, Suppression.BLOCKED])
def test_who_complained_or_is_blocked_gets_no_confirmation(
    store: Store, rules: PeopleRules, why: Suppression
) -> None:
    number = joined(store, rules, "ana")
    assert ending.end(store, rules.tokens, number, why, "by mail", NOW)
    assert not ending.end(store, rules.tokens, number, why, "by mail", NOW)
    asking.ask(store, rules, asked("ana"), NOW + 3 * DAY)
    assert letters(store, rules, NOW + 3 * DAY) == []
    assert state(store, number).value == why.value


def test_a_block_that_comes_between_the_mail_and_the_button_counts(store: Store, rules: PeopleRules) -> None:
    asking.ask(store, rules, asked("ana"), NOW)
    (letter,) = letters(store, rules)
    ending.block(store, rules.tokens, "Ana@Example.org", NOW)
    assert asking.pending(store, rules, secret_of(letter), NOW) is None
    assert asking.confirm(store, rules, secret_of(letter), None, NOW) is None
    assert person(store, "ana") is None


def test_who_bounced_comes_back_by_confirming_with_what_they_had(store: Store, rules: PeopleRules) -> None:
    number = joined(store, rules, "ana")
    ending.end(store, rules.tokens, number, Suppression.BOUNCED, "no such box", NOW)
    assert state(store, number) is SubscriberState.BOUNCED
    with pytest.raises(InputError, match="bounced"):
        _by_hand(store, rules, "ana")
    at = NOW + 2 * DAY
    assert joined(store, rules, "ana", Wished(filter=HAITI, cadence=Cadence.DAILY), at=at) == number
    assert state(store, number) is SubscriberState.ACTIVE
    assert set(wishes(store, number)) == {"country:pa", "country:ht"}
    with store.read() as conn:
        hashes = rules.tokens.hashes(signup.ADDRESS, "ana@example.org")
        assert secrets.suppressed(conn, hashes) == frozenset()


def _by_hand(store: Store, rules: PeopleRules, name: str, *, again: bool = False) -> int:
    joining = signup.Joining(address=f"{name}@example.org", filters=(PANAMA,), consent="a list")
    return signup.join(store, joining, rules.defaults, NOW, again=again, tokens=rules.tokens)


def test_a_mistaken_bounce_is_taken_back_and_nothing_was_lost(store: Store, rules: PeopleRules) -> None:
    number = joined(store, rules, "ana")
    with store.write() as conn:
        (audience,) = digests.audiences(conn)
    ending.end(store, rules.tokens, number, Suppression.BOUNCED, "", NOW + HOUR)
    with store.write() as conn:
        announce(conn, "meanwhile", now=NOW + 2 * HOUR)
        assert digests.cover(conn, audience.id, audience.covered_at, NOW + 3 * HOUR, None)
    assert ending.bounced_since(store, NOW + 2 * HOUR) == []
    assert ending.bounced_since(store, NOW + HOUR) == [number]
    assert ending.restore(store, rules.tokens, number, NOW + 4 * HOUR)
    assert not ending.restore(store, rules.tokens, number, NOW + 4 * HOUR)
    with store.read() as conn:
        (audience,) = digests.audiences(conn)
    assert state(store, number) is SubscriberState.ACTIVE
    assert audience.owes


# Getting in


def test_a_preferences_link_opens_once_and_for_an_hour(store: Store, rules: PeopleRules) -> None:
    number = joined(store, rules, "ana")
    opening.ask_link(store, rules, "ANA@example.org", "192.0.2.7", NOW)
    (letter,) = letters(store, rules)
    secret = secret_of(letter)
    assert opening.openable(store, rules, secret, NOW)
    assert not opening.openable(store, rules, secret, NOW + HOUR)
    session = opening.use_link(store, rules, secret, NOW)
    assert session is not None
    assert opening.use_link(store, rules, secret, NOW) is None
    assert not opening.openable(store, rules, secret, NOW)
    assert opening.session(store, rules, session, NOW + HOUR / 2) == number
    assert opening.session(store, rules, session, NOW + HOUR) is None
    assert opening.session(store, rules, secret, NOW) is None
    opening.close(store, rules, session)
    assert opening.session(store, rules, session, NOW) is None


def test_nobody_unknown_is_mailed_a_link_and_nobody_is_flooded(store: Store, rules: PeopleRules) -> None:
    joined(store, rules, "ana")
    for name in ("ana", "nobody") * 5:
        opening.ask_link(store, rules, f"{name}@example.org", "192.0.2.7", NOW)
    assert [each.address for each in letters(store, rules)] == ["ana@example.org"] * 3


def test_the_change_link_of_a_mail_only_mails_its_owner(store: Store, rules: PeopleRules) -> None:
    number = joined(store, rules, "ana")
    told = opening.ask_link_by(store, rules, rules.tokens.change(number, 1), NOW)
    assert told == opening.Told(address_hint="a…@example.org", lang="es")
    (letter,) = letters(store, rules)
    assert letter.address == "ana@example.org"
    for wrong in (rules.tokens.pause(number, 1), rules.tokens.unsubscribe(number, 1), "x"):
        assert opening.ask_link_by(store, rules, wrong, NOW) is None
    assert opening.ask_link_by(store, rules, rules.tokens.change(number + 1, 1), NOW) is None


# Changing


def test_what_somebody_has_is_told_with_what_it_brought(store: Store, rules: PeopleRules) -> None:
    number = joined(store, rules, "ana", Wished(filter=PANAMA, cadence=Cadence.DAILY, name="Home"))
    _sent_digest(store, number, "2026-11-21")
    found = opening.person(store, number, NOW)
    assert found is not None
    (held,) = found.subscriptions
    assert (found.address, held.name, held.sent, held.last_sent_at) == ("ana@example.org", "Home", 1, NOW)
    assert held.next_at is not None
    assert NOW < held.next_at <= NOW + DAY
    assert opening.person(store, number + 1, NOW) is None


def _sent_digest(
    store: Store, number: int, period: str, state: DeliveryState | None = DeliveryState.SENT
) -> int:
    """A digest of their first audience, sent or still queued."""
    with store.write() as conn:
        (audience, *_) = digests.audiences(conn)
        digest_id = digest(conn, audience.id, announce(conn, f"item-{period}"), period=period)
        assert digest_id is not None
        new = deliveries.NewDelivery(
            subscriber_id=number, address="ana@example.org", message_id=f"<{period}@example.org>"
        )
        deliveries.queue(conn, digest_id, [new], NOW)
        if state is not None:
            (claimed,) = deliveries.claim(conn, "me", NOW, HOUR, 1)
            deliveries.finish(conn, claimed.id, "me", state, "250 ana@example.org ok", NOW)
    return digest_id


def test_editing_puts_the_new_wish_in_the_place_of_the_old(store: Store, rules: PeopleRules) -> None:
    number = joined(store, rules, "ana")
    held = _held(store, number)
    new = Wished(filter=HAITI, cadence=Cadence.WEEKLY, name="Island")
    assert changing.edit(store, rules, number, held.id, new, NOW)
    assert not changing.edit(store, rules, number, held.id, new, NOW)  # that one has ended
    assert wishes(store, number) == {"country:ht": "weekly"}
    assert _held(store, number).name == "Island"
    changing.add(store, rules, number, Wished(filter=PANAMA, cadence=Cadence.DAILY), NOW)
    with pytest.raises(InputError):
        changing.edit(
            store, rules, number, _held(store, number).id, Wished(filter=PANAMA, cadence=Cadence.DAILY), NOW
        )


def _held(store: Store, number: int, position: int = 0) -> kept.Held:
    found = opening.person(store, number, NOW)
    assert found is not None
    return found.subscriptions[position]


def test_an_edited_filter_takes_over_what_waited_for_the_old_one(store: Store, rules: PeopleRules) -> None:
    number = joined(store, rules, "ana")
    with store.write() as conn:
        (before,) = digests.audiences(conn)
        announce(conn, "waits", now=NOW + HOUR)
    wider = Wished(filter=Filter(countries=("ht", "pa")), cadence=Cadence.DAILY)
    changing.edit(store, rules, number, _held(store, number).id, wider, NOW + 2 * HOUR)
    with store.read() as conn:
        (standing,) = sharing.standings(conn, number)
    assert standing.texts == {"country:ht,pa"}
    assert standing.until_at == before.covered_at


def test_a_name_lives_on_through_another_cadence(store: Store, rules: PeopleRules) -> None:
    number = joined(store, rules, "ana", Wished(filter=PANAMA, cadence=Cadence.IMMEDIATE, name="Home"))
    assert changing.less_often(store, number, None, NOW) == 1
    assert changing.less_often(store, number, None, NOW) == 0
    held = _held(store, number)
    assert (held.cadence, held.name) == (Cadence.WEEKLY, "Home")
    assert changing.rename(store, number, held.id, "")
    assert _held(store, number).name == ""
    assert not changing.rename(store, number + 1, held.id, "x")


def test_another_hour_and_language_hold_for_all_mails(store: Store, rules: PeopleRules) -> None:
    number = joined(store, rules, "ana")
    assert changing.set_habits(store, number, Habits(lang="en", zone="Asia/Tokyo", hour=23, weekday=7), NOW)
    with store.read() as conn:
        mine = [each.audience_id for each in sharing.standings(conn, number)]
        (audience,) = digests.audiences(conn, ids=mine)
    assert (audience.audience.lang, audience.audience.zone, audience.audience.hour) == (
        "en",
        "Asia/Tokyo",
        23,
    )
    assert not changing.set_habits(store, number + 1, HABITS, NOW)


def test_a_pause_ends_by_itself_and_owes_what_came_meanwhile(store: Store, rules: PeopleRules) -> None:
    number = joined(store, rules, "ana")
    until = NOW + 7 * DAY
    with pytest.raises(InputError):
        changing.pause(store, number, None, NOW, NOW)
    assert changing.pause(store, number, None, until, NOW) == 1
    assert state(store, number) is SubscriberState.PAUSED
    assert _held(store, number).paused_until == until
    with store.write() as conn:
        announce(conn, "meanwhile", now=NOW + DAY)
    assert sweeping.sweep(store, until - HOUR).resumed == 0
    assert sweeping.sweep(store, until).resumed == 1
    assert sweeping.sweep(store, until).resumed == 0
    assert state(store, number) is SubscriberState.ACTIVE
    with store.read() as conn:
        (audience,) = digests.audiences(conn)
    assert audience.owes
    assert audience.owed_from is not None
    assert audience.owed_from <= NOW


@pytest.mark.parametrize(
    ("chosen", "asked_for", "owes"), [(True, False, False), (False, None, False), (False, True, True)]
)
def test_what_came_in_a_pause_is_sent_only_if_it_is_wanted(
    store: Store, rules: PeopleRules, chosen: bool, asked_for: bool | None, owes: bool
) -> None:
    number = joined(store, rules, "ana")
    changing.pause(store, number, None, NOW + DAY, NOW, catch_up=chosen)
    with store.write() as conn:
        announce(conn, "meanwhile", now=NOW + HOUR)
    assert changing.resume(store, number, None, NOW + 2 * HOUR, catch_up=asked_for) == 1
    with store.read() as conn:
        (audience,) = digests.audiences(conn)
    assert audience.owes is owes


def test_one_filter_pauses_and_the_other_goes_on(store: Store, rules: PeopleRules) -> None:
    both = [Wished(filter=each, cadence=Cadence.DAILY) for each in (PANAMA, HAITI)]
    number = joined(store, rules, "ana", *both)
    assert changing.pause(store, number, [_held(store, number).id], NOW + DAY, NOW) == 1
    assert state(store, number) is SubscriberState.ACTIVE
    with store.read() as conn:
        (standing,) = sharing.standings(conn, number)
    assert standing.texts == {"country:ht"}
    assert changing.resume(store, number, None, NOW + HOUR) == 1
    with store.read() as conn:
        (standing,) = sharing.standings(conn, number)
    assert standing.texts == {"country:ht", "country:pa"}


def test_a_queued_letter_is_not_sent_into_a_pause_and_its_items_are_owed(
    store: Store, rules: PeopleRules
) -> None:
    number = joined(store, rules, "ana")
    _sent_digest(store, number, "2026-11-21", None)
    changing.pause(store, number, None, NOW + DAY, NOW)
    with store.write() as conn:
        assert deliveries.claim(conn, "me", NOW, HOUR, 10) == []
    with store.read() as conn:
        (row,) = subscribers.subscriptions_of(conn, number)
    assert row.owed_from is not None
    assert row.owed_from <= NOW


# Leaving and coming back


def test_leaving_can_be_taken_back_at_once_and_nothing_is_lost(store: Store, rules: PeopleRules) -> None:
    both = [Wished(filter=each, cadence=Cadence.DAILY, name="n") for each in (PANAMA, HAITI)]
    number = joined(store, rules, "ana", *both)
    with store.read() as conn:
        (audience,) = digests.audiences(conn)
    left = leaving.leave(store, number, audience.id, NOW + HOUR, "unsubscribe link", tokens=rules.tokens)
    assert left is not None
    assert left.everything
    assert left.undo is not None
    assert state(store, number) is SubscriberState.LEFT
    again = leaving.leave(store, number, audience.id, NOW + HOUR, "unsubscribe link", tokens=rules.tokens)
    assert again is not None
    assert (again.filters, again.undo) == ((), None)
    with store.write() as conn:
        announce(conn, "meanwhile", now=NOW + 2 * HOUR)
    back = leaving.come_back(store, rules.tokens, left.undo, NOW + 3 * HOUR)
    assert back is not None
    assert set(back.filters) == {PANAMA, HAITI}
    assert leaving.come_back(store, rules.tokens, left.undo, NOW + 3 * HOUR) is None
    assert state(store, number) is SubscriberState.ACTIVE
    assert _held(store, number).name == "n"
    with store.read() as conn:
        (after,) = digests.audiences(conn)
    assert after.owes
    assert after.owed_from == audience.covered_at


def test_leaving_one_of_the_filters_of_a_mail_leaves_the_others(store: Store, rules: PeopleRules) -> None:
    both = [Wished(filter=each, cadence=Cadence.DAILY) for each in (PANAMA, HAITI)]
    number = joined(store, rules, "ana", *both)
    with store.read() as conn:
        (audience,) = digests.audiences(conn)
    offered = leaving.offer(store, number, audience.id)
    assert offered is not None
    assert [each.filter for each in offered.subscriptions] == [PANAMA, HAITI]
    one = offered.subscriptions[0].id
    left = leaving.leave(store, number, audience.id, NOW, "asked", ids=[one])
    assert left is not None
    assert (left.filters, left.everything) == ((PANAMA,), False)
    assert wishes(store, number) == {"country:ht": "daily"}
    assert state(store, number) is SubscriberState.ACTIVE


def test_each_ending_moves_the_counter_that_senders_look_at(store: Store, rules: PeopleRules) -> None:
    number = joined(store, rules, "ana", Wished(filter=PANAMA, cadence=Cadence.DAILY))

    def moved(act: Any) -> bool:
        with store.read() as conn:
            before = limits.value(conn, subscribers.ENDINGS)
        act()
        with store.read() as conn:
            return limits.value(conn, subscribers.ENDINGS) > before

    assert moved(lambda: changing.pause(store, number, None, NOW + DAY, NOW))
    assert not moved(lambda: changing.resume(store, number, None, NOW))
    edited = Wished(filter=HAITI, cadence=Cadence.DAILY)
    assert moved(lambda: changing.edit(store, rules, number, _held(store, number).id, edited, NOW))
    assert moved(lambda: ending.end(store, rules.tokens, number, Suppression.BOUNCED, "", NOW))
    ending.restore(store, rules.tokens, number, NOW)
    assert moved(lambda: leaving.leave(store, number, None, NOW, "asked"))
    assert moved(lambda: erasing.erase(store, rules.tokens, number, NOW))


# Moving


def test_another_address_is_confirmed_there_and_keeps_filters_and_waiting_letters(
    store: Store, rules: PeopleRules
) -> None:
    number = joined(store, rules, "ana")
    _sent_digest(store, number, "2026-11-21", None)
    session = _session(store, rules, "ana")
    assert moving.ask_move(store, rules, number, "new@example.net", "192.0.2.7", "/preferences", NOW)
    (letter,) = letters(store, rules)
    assert letter.address == "new@example.net"
    assert person(store, "ana") is not None
    seen = moving.movable(store, rules, secret_of(letter), NOW)
    assert seen is not None
    assert seen.address == "new@example.net"
    moved = moving.move(store, rules, secret_of(letter), NOW)
    assert moved == moving.MovedTo(address_hint="n…@example.net", lang="es")
    assert moving.move(store, rules, secret_of(letter), NOW) is None
    assert person(store, "ana") is None
    assert wishes(store, number) == {"country:pa": "daily"}
    assert opening.session(store, rules, session, NOW) is None
    (old,) = letters(store, rules)
    assert (old.address, old.kind.value) == ("ana@example.org", "moved")
    assert "new@example.net" not in old.text
    with store.write() as conn:
        (waiting,) = deliveries.claim(conn, "me", NOW, HOUR, 10)
    assert waiting.address == "new@example.net"


def _session(store: Store, rules: PeopleRules, name: str) -> str:
    opening.ask_link(store, rules, f"{name}@example.org", "192.0.2.7", NOW)
    (letter,) = letters(store, rules)
    session = opening.use_link(store, rules, secret_of(letter), NOW)
    assert session is not None
    return session


def test_nobody_moves_to_an_address_that_has_mail_of_its_own(store: Store, rules: PeopleRules) -> None:
    number, other = joined(store, rules, "ana"), joined(store, rules, "ben")
    at = NOW + 2 * DAY
    moving.ask_move(store, rules, number, "ben@example.org", "192.0.2.7", "/preferences", at)
    (letter,) = letters(store, rules, at)
    assert isinstance(moving.move(store, rules, secret_of(letter), at), moving.Taken)
    assert state(store, other) is SubscriberState.ACTIVE
    leaving.leave(store, other, None, at, "asked")
    moving.move_by_hand(store, rules.tokens, number, "ben@example.org", "by phone", at)
    row = person(store, "ben")
    assert row is not None
    assert row.id == number
    assert row.consent.startswith("by phone")
    assert state(store, other) is SubscriberState.ERASED


# Erasing


def test_erasing_reaches_every_table_and_only_they_themselves_come_back(
    store: Store, rules: PeopleRules
) -> None:
    number = joined(store, rules, "ana", Wished(filter=PANAMA, cadence=Cadence.DAILY, name="My own name"))
    _sent_digest(store, number, "2026-11-20")
    _sent_digest(store, number, "2026-11-21", None)
    _session(store, rules, "ana")
    opening.ask_link(store, rules, "ana@example.org", "192.0.2.7", NOW)
    with store.read() as conn:
        before = deliveries.accounting(conn)
    exported = erasing.export(store, number, NOW)
    assert exported is not None
    assert exported["subscriber"]["address"] == "ana@example.org"
    assert [each["filter_text"] for each in exported["subscriptions"]] == ["country:pa"]
    assert len(exported["mails"]) == 2
    assert len(exported["requests"]) == 1
    assert erasing.erase(store, rules.tokens, number, NOW)
    assert not erasing.erase(store, rules.tokens, number, NOW)
    assert erasing.export(store, number, NOW) is None
    dump = everything(store).lower()
    for trace in ("ana@example.org", "my own name", "192.0.2.7"):
        assert trace not in dump
    with store.write() as conn:
        assert deliveries.claim(conn, "me", NOW, HOUR, 10) == []
        assert sum(deliveries.accounting(conn).values()) == sum(before.values())
    assert letters(store, rules) == []
    assert leaving.offer(store, number, 1) is None
    assert leaving.leave(store, number, None, NOW, "link") is None
    with pytest.raises(InputError, match="erased"):
        _by_hand(store, rules, "ana")
    back = joined(store, rules, "ana", at=NOW + 2 * DAY)
    assert back != number
    assert _by_hand(store, rules, "ana") == back


def test_the_operator_s_word_lifts_a_suppression_and_a_list_never_does(
    store: Store, rules: PeopleRules
) -> None:
    ending.block(store, rules.tokens, "ana@example.org", NOW)
    with pytest.raises(InputError, match="blocked before"):
        _by_hand(store, rules, "ana")
    assert person(store, "ana") is None
    assert state(store, _by_hand(store, rules, "ana", again=True)) is SubscriberState.ACTIVE


def test_filters_are_those_that_were_asked_for(store: Store, rules: PeopleRules) -> None:
    number = joined(
        store, rules, "ana", Wished(filter=filters.parse('word:"a, b" topic:x'), cadence=Cadence.DAILY)
    )
    assert list(wishes(store, number)) == ['topic:x word:"a, b"']


def test_what_is_erased_is_in_no_page_of_the_file_either(sqlite: Store, rules: PeopleRules) -> None:
    number = joined(sqlite, rules, "ana", Wished(filter=PANAMA, cadence=Cadence.DAILY, name="My own name"))
    erasing.erase(sqlite, rules.tokens, number, NOW)
    sqlite.close()
    assert b"ana@example.org" not in Path(sqlite.where).read_bytes()
    assert b"My own name" not in Path(sqlite.where).read_bytes()


def test_two_who_press_the_same_button_at_once_make_one_subscriber(store: Store, rules: PeopleRules) -> None:
    asking.ask(store, rules, asked("ana"), NOW)
    (letter,) = letters(store, rules)
    presses = [lambda: asking.confirm(store, rules, secret_of(letter), None, NOW)] * 4
    assert [each is not None for each in together(*presses)].count(True) == 1
    with store.read() as conn:
        assert subscribers.count(conn) == {SubscriberState.ACTIVE: 1}


def test_many_who_ask_for_one_address_at_once_cause_one_mail(store: Store, rules: PeopleRules) -> None:
    together(*[lambda: asking.ask(store, rules, asked("ana"), NOW)] * 4)
    assert len(letters(store, rules)) == 1
    strict = replace(rules, limits=Limits(per_network=2, per_site=1000))

    def ask(n: int) -> bool:
        try:
            asking.ask(store, strict, asked(f"b{n}", network="203.0.113.9"), NOW)
        except Limited:
            return False
        return True

    assert sum(together(*[lambda n=n: ask(n) for n in range(5)])) == 2  # type: ignore[misc]


def test_a_pause_and_a_leaving_at_once_end_in_one_of_the_two(store: Store, rules: PeopleRules) -> None:
    number = joined(store, rules, "ana")
    together(
        lambda: changing.pause(store, number, None, NOW + DAY, NOW),
        lambda: leaving.leave(store, number, None, NOW, "link"),
        lambda: changing.less_often(store, number, None, NOW),
    )
    assert state(store, number) is SubscriberState.LEFT
    assert wishes(store, number) == {}
