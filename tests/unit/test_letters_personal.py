"""Mails about somebody's own subscriptions: safe before they are confirmed, no link that works."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feeds.errors import MailError
from feeds.letters import links
from feeds.letters.personal import PersonalLetters, subscribe_url
from feeds.model import (
    Cadence,
    Confirming,
    Filter,
    Habits,
    Linking,
    Moved,
    Moving,
    Place,
    RenderedMail,
    SigningIn,
    Welcoming,
    Wished,
)
from feeds.templating import environment
from golden.pages import sample

AT = datetime(2026, 11, 28, 16, 28, tzinfo=UTC)
ENVIRONMENT = environment([sample.TEMPLATES])
LABOUR = Filter(countries=("hn", "pa"), topics=("labour-migration",))
WEEKLY = (Wished(filter=LABOUR, cadence=Cadence.WEEKLY),)
TYPED = Filter(
    countries=("pa",), words=("buy-pills.example",), all_words=("cheap", "loans"), without=("doctor",)
)
KINDS = ("confirm", "welcome", "preferences", "move", "moved", "sign-in", "sign-in-operator")
TOKENS = {links.UNSUBSCRIBE: "u-1", links.CHANGE: "c-2", links.PAUSE: "p-3", links.LINK: "l-4"}


def letters(lang: str = "en") -> PersonalLetters:
    return PersonalLetters(ENVIRONMENT, sample.site(lang), sample.VOCABULARY, "news@example.org")


def habits(lang: str = "en") -> dict[str, object]:
    return {"lang": lang, "zone": "America/Panama", "hour": 7, "weekday": 1}


def confirming(wishes: tuple[Wished, ...] = WEEKLY, lang: str = "en", *, known: bool = False) -> Confirming:
    return Confirming(
        wishes=wishes, address="ana@example.net", asked_at=AT, until_at=AT + timedelta(hours=48),
        known=known, **habits(lang),
    )  # type: ignore[arg-type]  # fmt: skip


def welcoming(wishes: tuple[Wished, ...] = WEEKLY, lang: str = "en", news: int = 5) -> Welcoming:
    return Welcoming(
        wishes=wishes, confirmed_at=AT, first_at=AT + timedelta(days=2),
        newest=tuple(sample.items(news)), **habits(lang),
    )  # type: ignore[arg-type]  # fmt: skip


def every_mail(lang: str) -> dict[str, RenderedMail]:
    made, zone = letters(lang), "America/Panama"
    soon = AT + timedelta(hours=1)
    return {
        "confirm": made.confirm(confirming(lang=lang)),
        "welcome": made.welcome(welcoming(lang=lang)),
        "preferences": made.preferences(Linking(lang=lang, zone=zone, asked_at=AT, until_at=soon)),
        "sign-in": made.sign_in(
            SigningIn(place=Place.DESK, lang=lang, zone=zone, asked_at=AT, until_at=soon)
        ),
        "sign-in-operator": made.sign_in(
            SigningIn(place=Place.OPERATOR, lang=lang, zone=zone, asked_at=AT, until_at=soon)
        ),
        "move": made.moving(
            Moving(lang=lang, zone=zone, address="new@example.net", asked_at=AT, until_at=soon)
        ),
        "moved": made.moved(Moved(lang=lang, zone=zone, address="n…@example.net", moved_at=AT)),
    }


MADE = {lang: every_mail(lang) for lang in ("en", "es")}


@pytest.mark.parametrize("lang", MADE)
@pytest.mark.parametrize("kind", KINDS)
def test_personal_mails_read_as_accepted(kind: str, lang: str) -> None:
    mail = links.filled(MADE[lang][kind], TOKENS)
    sample.golden(f"mails/{kind}-{lang}.txt", f"Subject: {mail.subject}\n\n{mail.text}")
    sample.golden(f"mails/{kind}-{lang}.html", mail.html)


@pytest.mark.parametrize("lang", MADE)
@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_holds_no_token_until_it_is_sent_and_the_same_links_in_both_parts(
    kind: str, lang: str
) -> None:
    mail = MADE[lang][kind]
    for slot in links.SLOTS:
        assert (slot in mail.text) == (slot in mail.html)
        assert slot not in mail.subject
    expected = {"welcome": set(links.SLOTS[:3]), "moved": set()}.get(kind, {links.LINK})
    assert {slot for slot in links.SLOTS if slot in mail.html} == expected


def test_a_slot_without_a_token_or_a_token_that_breaks_a_link_stops_the_letter() -> None:
    mail = MADE["en"]["welcome"]
    with pytest.raises(MailError):
        links.filled(mail, {links.UNSUBSCRIBE: "u-1"})
    with pytest.raises(MailError):
        links.filled(mail, {**TOKENS, links.PAUSE: 'x"><script>'})
    text = links.filled(mail, TOKENS).text
    assert "/change/c-2\n" in text
    assert "/pause/p-3\n" in text
    assert "/unsubscribe/u-1\n" in text


@pytest.mark.parametrize("known", [False, True])
def test_nothing_that_was_typed_stands_in_a_mail_that_asks_for_confirmation(known: bool) -> None:
    wishes = (Wished(filter=TYPED, cadence=Cadence.DAILY, name="CALL 0800 NOW"),)
    mail = letters().confirm(confirming(wishes, known=known))
    for part in (mail.subject, mail.text, mail.html):
        assert "pills" not in part
        assert "loans" not in part
        assert "doctor" not in part
        assert "0800" not in part
    assert "(with the words that were typed)" in " ".join(mail.text.split())


@pytest.mark.parametrize("typed", ["words", "all_words", "without"])
def test_that_words_were_typed_is_told_without_them(typed: str) -> None:
    wanted = replace(Filter(countries=("pa",)), **{typed: ("pills",)})
    mail = letters().confirm(confirming((Wished(filter=wanted, cadence=Cadence.DAILY),)))
    assert "(with the words that were typed)" in " ".join(mail.text.split())
    assert "pills" not in mail.text + mail.html + mail.subject
    plain = letters().confirm(confirming())
    assert "that were typed" not in plain.text


def test_who_gets_mail_already_is_told_that_it_goes_on() -> None:
    assert "goes on as it is" in " ".join(letters().confirm(confirming(known=True)).text.split())
    assert "we delete this address" not in letters().confirm(confirming(known=True)).text
    assert "we delete this address" in " ".join(letters().confirm(confirming()).text.split())


@pytest.mark.parametrize(
    ("wishes", "subject"),
    [
        (WEEKLY, "Please confirm: Honduras or Panama, about labour migration, every Monday"),
        (
            (Wished(filter=Filter(), cadence=Cadence.IMMEDIATE),),
            "Please confirm: everything, as it is published",
        ),
        ((*WEEKLY, Wished(filter=TYPED, cadence=Cadence.DAILY)), "Please confirm: 2 subscriptions"),
    ],
)
def test_a_subject_says_what_and_how_often(wishes: tuple[Wished, ...], subject: str) -> None:
    assert letters().confirm(confirming(wishes)).subject == subject


def test_a_subject_of_many_countries_stays_short_and_keeps_how_often() -> None:
    many = Filter(countries=("gt", "hn", "jp", "mx", "pa"), topics=("labour-migration", "health"))
    subject = letters().confirm(confirming((Wished(filter=many, cadence=Cadence.WEEKLY),))).subject
    assert len(subject) <= 80
    assert subject.endswith("…, every Monday")


def test_wishes_of_different_cadences_say_theirs_each() -> None:
    both = (*WEEKLY, Wished(filter=Filter(countries=("mx",)), cadence=Cadence.IMMEDIATE))
    text = " ".join(letters().confirm(confirming(both)).text.split())
    assert "about labour migration (every Monday)" in text
    assert "Mexico (as it is published)" in text


def test_a_welcome_without_a_start_or_a_fixed_hour_has_no_empty_part() -> None:
    plain = replace(welcoming(news=0), first_at=None)
    mail = letters().welcome(plain)
    assert "THE LAST" not in mail.text
    assert "as soon as something fits" in mail.text
    assert "<h2" in mail.html
    assert mail.html.count("<h2") == 1


def test_the_forwarded_mail_offers_the_same_filter_and_nobodys_settings() -> None:
    site = sample.site()
    assert subscribe_url(site, [LABOUR], "en").endswith("/subscribe?country=hn,pa&topic=labour-migration")
    assert subscribe_url(site, [Filter()], "en") == "https://news.example.org/subscribe"
    spanish = replace(site, languages=("en", "es"))
    assert subscribe_url(spanish, [Filter()], "es") == "https://news.example.org/es/subscribe"


@pytest.mark.parametrize("kind", KINDS)
def test_a_personal_mail_loads_nothing_and_runs_nothing(kind: str) -> None:
    html = MADE["en"][kind].html
    assert not re.search(r"<(script|img|link|iframe|form)|url\(|@import|@font-face", html)
    assert len(html.encode()) < 20_000
    assert html.count("<h1") == 1


def test_lines_of_the_text_part_fit_a_narrow_window() -> None:
    for mails in MADE.values():
        for mail in mails.values():
            assert [line for line in mail.text.splitlines() if len(line) > 76 and "://" not in line] == []


def test_habits_are_those_that_were_asked_for() -> None:
    evening = replace(confirming(), hour=19, weekday=5, zone="Europe/Madrid")
    assert isinstance(evening, Habits)
    assert "every Friday at 19:00, Madrid time" in " ".join(letters().confirm(evening).text.split())
