"""What follows from what is known of an address; networks; proofs; addresses of the plain kind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds import links
from feeds.errors import InputError
from feeds.mail import addresses
from feeds.model import (
    Audience,
    Cadence,
    Filter,
    Habits,
    LinkPurpose,
    SubscriberState,
    Suppression,
    Wished,
)
from feeds.people import deciding, placing
from feeds.people.deciding import Known
from feeds.people.networks import network_of
from feeds.people.rules import Limits
from feeds.people.signup import proofs_with
from feeds.tokens import Tokens

LIMITS = Limits()
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def known(
    state: SubscriberState | None = None, *suppressed: Suppression, lately: int = 0, in_all: int = 0
) -> Known:
    return Known(state=state, suppressed=frozenset(suppressed), mails_lately=lately, mails_in_all=in_all)


@pytest.mark.parametrize(
    "state", [None, *(each for each in SubscriberState if each.value not in ("complained", "blocked"))]
)
@pytest.mark.parametrize("suppressed", [(), (Suppression.BOUNCED,), (Suppression.ERASED,)])
def test_who_is_new_known_bounced_or_erased_gets_a_confirmation(
    state: SubscriberState | None, suppressed: tuple[Suppression, ...]
) -> None:
    assert deciding.held_back(known(state, *suppressed), LIMITS) == ""
    assert deciding.comes_back(known(state, *suppressed))


@pytest.mark.parametrize(
    "one",
    [
        known(SubscriberState.COMPLAINED),
        known(SubscriberState.BLOCKED),
        known(None, Suppression.BLOCKED),
        known(SubscriberState.ACTIVE, Suppression.BOUNCED, Suppression.COMPLAINED),
    ],
)
def test_who_complained_or_is_blocked_gets_none_and_confirms_nothing(one: Known) -> None:
    assert "no mail at all" in deciding.held_back(one, LIMITS)
    assert not deciding.comes_back(one)


def test_one_mail_in_the_gap_and_three_until_it_is_confirmed() -> None:
    assert "short time" in deciding.held_back(known(lately=1, in_all=1), LIMITS)
    assert deciding.held_back(known(lately=0, in_all=2), LIMITS) == ""
    assert "several" in deciding.held_back(known(lately=0, in_all=3), LIMITS)
    assert deciding.comes_back(known(lately=1, in_all=3))


def wish(code: str, cadence: Cadence = Cadence.DAILY) -> Wished:
    return Wished(filter=Filter(countries=(code,)), cadence=cadence)


def test_a_second_request_adds_and_its_word_on_the_same_filter_counts() -> None:
    assert deciding.joined((wish("pa"), wish("hn")), (wish("pa", Cadence.WEEKLY), wish("mx"))) == (
        wish("pa", Cadence.WEEKLY), wish("hn"), wish("mx"),
    )  # fmt: skip
    many = tuple(wish(f"{a}{b}") for a in "abcdef" for b in "abcdef")
    assert deciding.joined(many[:15], many[15:30]) == many[30 - deciding.MAX_WISHES : 30]


@pytest.mark.parametrize(
    ("client", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.200", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_a_client_is_counted_with_its_network(client: str, network: str) -> None:
    assert network_of(client) == network


def test_proofs_are_kept_newest_first_and_once() -> None:
    one = proofs_with("web form", NOW, "by\n phone", always=False)
    assert one == "by phone\n2026-11-28T12:00:00Z: web form"
    assert proofs_with(one, NOW, "web form", always=False) is None
    assert proofs_with(one, NOW, "by phone", always=False) is None
    assert proofs_with("web form", None, "web form", always=True) == "web form\nnot confirmed: web form"


@examples(150)
@given(
    local=st.text("ab1-_.+A@ ", max_size=8),
    domain=st.sampled_from(
        (
            "example.org",
            "x.test",
            "A-b.c",
            "mail.local",
            "a.b1",
            "1.2.3.4",
            "ex--ample.org",
            "localhost",
            "a_b.org",
        )
    )
    | st.text("ab1-.Z", max_size=9),
)
def test_plain_addresses_are_judged_as_the_validator_judges_them(local: str, domain: str) -> None:
    assert _judged(f"{local}@{domain}") == _judged(f"{local}@{domain}", by_validator=True)


def _judged(address: str, *, by_validator: bool = False) -> str | None:
    plain = addresses._PLAIN
    try:
        addresses._PLAIN = re.compile(r"(?!)") if by_validator else plain
        return addresses.normal_address(address)
    except InputError:
        return None
    finally:
        addresses._PLAIN = plain


# Links that vouch for themselves


def marked(purpose: LinkPurpose, number: str, tokens: Tokens) -> str:
    return number + tokens.hash(f"made.{purpose}", number)[:16]


def test_a_secret_of_ours_is_known_by_its_mark_for_its_purpose_alone() -> None:
    tokens, later = Tokens([b"a" * 32]), Tokens([b"b" * 32, b"a" * 32])
    secret = marked(LinkPurpose.CONFIRM, "x" * 24, tokens)
    assert links.ours(tokens, LinkPurpose.CONFIRM, secret)
    assert links.ours(later, LinkPurpose.CONFIRM, secret)  # the key that made it is an old one now
    assert not links.ours(Tokens([b"b" * 32]), LinkPurpose.CONFIRM, secret)
    for purpose in set(LinkPurpose) - {LinkPurpose.CONFIRM}:
        assert not links.ours(tokens, purpose, secret)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: "y" + s[1:], lambda s: s[:-1], lambda s: s + "0", lambda s: s[-16:], lambda s: "",
        lambda s: "é" + s, lambda s: s[:-16] + "é" * 16, lambda s: s[:-16] + "0" * 16, lambda s: "x" * 10_000,
    ],
)  # fmt: skip
def test_what_was_not_made_by_us_has_no_mark(change: Callable[[str], str]) -> None:
    tokens = Tokens([b"a" * 32])
    secret = change(marked(LinkPurpose.CONFIRM, "x" * 24, tokens))
    assert not links.ours(tokens, LinkPurpose.CONFIRM, secret)


PANAMA = Habits(lang="es", zone="America/Panama", hour=6, weekday=1)


def test_people_share_an_audience_whatever_of_their_habits_its_cadence_does_not_use() -> None:
    elsewhere, another_day = replace(PANAMA, zone="Asia/Tokyo", hour=9), replace(PANAMA, weekday=5)
    audience = placing.audience_without_filters
    at_once = Audience(cadence=Cadence.IMMEDIATE, filters=(), lang="es")
    assert [audience(each, Cadence.IMMEDIATE) for each in (PANAMA, elsewhere, another_day)] == [at_once] * 3
    daily = Audience(cadence=Cadence.DAILY, filters=(), lang="es", zone="America/Panama", hour=6)
    assert audience(PANAMA, Cadence.DAILY) == audience(another_day, Cadence.DAILY) == daily
    assert audience(elsewhere, Cadence.DAILY) == replace(daily, zone="Asia/Tokyo", hour=9)
    assert audience(another_day, Cadence.WEEKLY) == replace(daily, cadence=Cadence.WEEKLY, weekday=5)


def test_who_is_new_gets_no_digest_of_the_period_that_runs_already() -> None:
    daily = placing.audience_without_filters(PANAMA, Cadence.DAILY)
    assert placing.running_period(daily, NOW) == "2026-11-28"
    assert placing.running_period(replace(daily, hour=8), NOW) == "2026-11-27"
    assert placing.running_period(replace(daily, cadence=Cadence.IMMEDIATE), NOW) is None
