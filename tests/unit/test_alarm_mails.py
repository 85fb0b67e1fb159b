"""The mails of alarms: what is broken since when, what to do, what readers notice; and that it is over."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from feeds.alarms import Alarm, Trouble
from feeds.letters.alarm import AlarmLetters
from feeds.letters.alarm_words import WORDS
from feeds.model import SiteInfo
from feeds.shipped import folder
from feeds.templating import environment

SINCE = datetime(2026, 11, 28, 14, 50, tzinfo=UTC)
PAGE = "https://news.example.org/operator/"
VALUES = {
    "days": "12", "reason": "smtp.example.org: 421 <too many>", "waiting": "1214", "folder": "public",
    "free": "1412000000", "total": "50000000000", "number": "34", "sent": "12000",
}  # fmt: skip
SITE = SiteInfo(
    name="Regional Newsroom", base_url="https://news.example.org", languages=("en", "es"), description="",
    publisher="Regional Office", contact="press@example.org", address="1 Main Street",
    created_at=SINCE - timedelta(days=90),
)  # fmt: skip


def letters(page: str = PAGE) -> AlarmLetters:
    return AlarmLetters(environment([str(folder("templates"))]), SITE, "America/Panama", "alarms.to", page)


def alarm(trouble: Trouble) -> Alarm:
    return Alarm(trouble=trouble, since=SINCE, values=VALUES)


def test_every_trouble_has_its_words() -> None:
    assert set(WORDS) == set(Trouble)
    assert all(words.steps and words.well and words.meanwhile for words in WORDS.values())


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("trouble", list(Trouble))
def test_each_says_what_is_broken_what_to_do_and_when_it_is_over(trouble: Trouble, lang: str) -> None:
    up = letters().raised(alarm(trouble), "news-1", lang)
    over = letters().cleared(alarm(trouble), SINCE + timedelta(hours=2), "news-1", lang)
    for mail in (up, over):
        assert "%(" not in mail.subject + mail.text + mail.html
        assert len(mail.subject) <= 100
        assert max(map(len, mail.text.splitlines())) <= 76
        assert "news-1" in mail.text
        assert PAGE in mail.text
        assert f'lang="{lang}"' in mail.html
    commands = [command for _, command in WORDS[trouble].steps if command]
    places = [up.text.index(f"       {command}\n") for command in commands]
    assert places == sorted(places)
    assert not any(command in over.text for command in commands)
    assert up.subject != over.subject


def test_an_alarm_in_full() -> None:
    mail = letters().raised(alarm(Trouble.MAIL), "news-1", "en")
    assert mail.subject == "Alarm: mail is behind; waiting: 1,214"
    lines = [re.sub(" +", " ", line.strip()) for line in mail.text.splitlines()]
    for told in (
        "ALARM: Mail is behind; waiting: 1,214",
        "Since Saturday 28 November 2026 at 9:50, Panama time",
        "What it says smtp.example.org: 421 <too many>",
        "Waiting 1,214",
        "Free 1,412 MB",
        "Readers notice their mails are late",
        "Host news-1",
        "WHAT TO DO",
        "1. See whether the mail server answers now.",
        "Your address stands in the setting alarms.to.",
    ):
        assert told in lines, told
    assert "421 &lt;too many&gt;" in mail.html
    assert "feeds check --smtp</span>" in mail.html


def test_that_it_is_over_in_full() -> None:
    mail = letters("").cleared(alarm(Trouble.MAIL), SINCE + timedelta(hours=2), "news-1", "en")
    assert mail.subject == "Over: mail is on time again"
    lines = [re.sub(" +", " ", line.strip()) for line in mail.text.splitlines()]
    assert "Began Saturday 28 November 2026 at 9:50, Panama time" in lines
    assert "Ended Saturday 28 November 2026 at 11:50, Panama time" in lines
    assert "Nothing has to be done." in lines
    assert "WHAT TO DO" not in lines
    assert "/operator/" not in mail.text + mail.html


def test_what_is_not_known_is_left_out() -> None:
    bare = Alarm(trouble=Trouble.PUBLISHING, since=SINCE, values={"reason": ""})
    text = letters().raised(bare, "news-1", "en").text
    assert "What it says" not in text
    assert "Waiting" not in text


def test_a_long_reason_is_cut_and_stays_on_its_line() -> None:
    long = Alarm(trouble=Trouble.DNS, since=SINCE, values={"reason": "a\nb " + "word " * 200})
    text = letters().raised(long, "news-1", "en").text
    assert "a b word" in text
    assert text.count("word") < 100
