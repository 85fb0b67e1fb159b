"""Every string that people read can be translated: a language in which each message stands in brackets.

What stands outside of them, on a page, in a mail or in a feed, must be data: of items, the site, the
vocabulary, or what somebody typed. All else was written past the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from gettext import NullTranslations
from html.parser import HTMLParser
from typing import Any

import pytest

from feeds import i18n
from feeds.letters import Letters
from feeds.letters.personal import PersonalLetters
from feeds.model import Fault, FeedKey, Filter, Kind, Outcome
from feeds.pages.archive_pages import ArchivePages
from feeds.pages.archives import Month, MonthPage
from feeds.pages.people import people_pages
from feeds.pages.searching import Selection
from feeds.reading import faults
from feeds.templating import environment
from golden.pages import sample
from unit import test_letters_personal as personal
from unit import test_pages as reading
from unit import test_pages_people as people

LANG = "sv"  # any that has no catalogue; its dates come from CLDR
OPEN, CLOSE = "⟦", "⟧"
CLDR = (
    "date", "full_date", "weekday", "language", "city", "day_month", "short_date", "month", "month_alone",
    "day_range", "instant",
)  # fmt: skip
READ = ("aria-label", "title", "alt", "placeholder")
TOLD = ("description", "og:description", "og:title")
# Names of formats, and what is written alike in all languages.
NAMES = {"Atom", "RSS", "JSON", "OPML", "UTC", "English", "Español", "HTML", "kB", "inbox"}
_WORD = re.compile(r"[^\W\d_]{2,}")
_ADDRESS = re.compile(r"https?://\S+|\S+@\S+|/\S+/|\S+\.(?:txt|toml|example|md|atom)\b")


class Catalogue(NullTranslations):
    def gettext(self, message: str) -> str:
        return f"{OPEN}{message}{CLOSE}"

    def ngettext(self, one: str, many: str, n: int) -> str:
        return f"{OPEN}{one if n == 1 else many}{CLOSE}"


class Pseudo(i18n.Translator):
    """What CLDR says is no message, and needs no translation of ours."""

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        return (lambda *given: f"{OPEN}{found(*given)}{CLOSE}") if name in CLDR else found

    def _listed(self, names: Any, style: str) -> str:
        return re.sub(r" (?:och|eller) ", " · ", super()._listed(names, style))


@pytest.fixture(autouse=True)
def pseudo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    i18n.translator.cache_clear()
    monkeypatch.setattr(i18n, "catalogues", lambda: ("en", LANG))
    monkeypatch.setattr(i18n, "_catalogue", lambda _: Catalogue())
    monkeypatch.setattr(i18n, "Translator", Pseudo)
    yield
    i18n.translator.cache_clear()


ENVIRONMENT = environment([sample.TEMPLATES])
SITE = replace(sample.site(), languages=(LANG,))


def data() -> str:
    """All that is no message."""
    items = [sample.item(n) for n in range(5)]
    texts = [text for item in items for text in (item.title, item.summary, item.link or "")]
    names = [
        name
        for kind in Kind
        for term in sample.VOCABULARY.of(kind)
        for name in (*term.names.values(), term.code)
    ]
    said = [SITE.name, SITE.description, SITE.contact, *NAMES]
    typed = [
        "Mexico desk", "Panama desk", "ana new example net", "Nowhere", "pills", "buy", "cheap", "loans",
        "doctor", "Subject From To Ana X-Mailer The text part Content 4 new:", "school", "told twice",
        "Wrong:", "Please choose how often", "Please type your email address", "is no time zone that we know",
        "Saved", "inbox", "but",
    ]  # fmt: skip
    return " ".join(" ".join(each.split()) for each in (*texts, *names, *said, *typed))


class Shown(HTMLParser):
    """The texts of a page outside of brackets, and its attributes that are read out or shown."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._depth = 0
        self._skipped = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._skipped = tag in ("style", "script", "pre", "textarea")
        given = dict(attrs)
        shown = [given.get(name) or "" for name in READ]
        if tag == "meta" and (given.get("name") in TOLD or given.get("property") in TOLD):
            shown.append(given.get("content") or "")
        self.texts += [outside(text, 0)[0] for text in shown]

    def handle_endtag(self, tag: str) -> None:
        self._skipped = False

    def handle_data(self, text: str) -> None:
        if not self._skipped:
            left, self._depth = outside(text, self._depth)
            self.texts.append(left)


def outside(text: str, depth: int) -> tuple[str, int]:
    """What stands outside of brackets, with a gap where they were, and how many are open at the end."""
    left = []
    for character in text:
        if character == OPEN:
            depth += 1
        elif character == CLOSE:
            depth = max(0, depth - 1)
        else:
            left.append("\n" if depth else character)
    return "".join(left), depth


def untranslated(texts: list[str]) -> list[str]:
    """Of these texts what is no data."""
    known = data()
    words = set(_WORD.findall(known.casefold()))
    found = []
    for text in texts:
        for piece in text.split("\n"):
            line = " ".join(_ADDRESS.sub(" ", piece).split()).strip(" ·–-,;:().“”«»…|×‹›\ufffd")
            if _WORD.search(line) and line not in known and not set(_WORD.findall(line.casefold())) <= words:
                found.append(line)
    return found


def reading_pages() -> dict[str, bytes]:
    pages = ArchivePages(ENVIRONMENT, SITE, sample.VOCABULARY).speaking(LANG)
    busy = {Kind.COUNTRY: ["pa"], Kind.TOPIC: ["health"]}
    wanted = Filter(
        countries=("pa",),
        all_words=("school",),
        languages=("es",),
        not_topics=("health",),
        without=("loans",),
    )
    panama, months = FeedKey(kind="country", code="pa"), [Month("2026-11", 3), Month("2025-01", 1)]
    shown = MonthPage(
        key=panama, month="2026-11", number=2, pages=3, total=110, earlier="2026-10", later="2026-12"
    )
    many = Selection(wanted=wanted, total=1001, page=2, size=20, more=True)
    return {
        **reading.every_page(pages),
        "search": pages.search(busy),
        "found": pages.filtered(many, sample.items(3), busy),
        "nothing-found": pages.filtered(Selection(wanted=wanted, total=0, page=1, size=20), [], busy),
        "directory": pages.directory(sample.listings()),
        "months": pages.months(panama, months),
        "month": pages.month(shown, [pages.card(item) for item in sample.items(3)]),
        "digest": pages.digest(sample.items(2), date(2026, 11, 18)),
        "gone": pages.gone(sample.withdrawn(0, "told twice").item),
        "corrected": pages.item(sample.item(0), [sample.corrected(0, "title", "summary", "date")]),
    }


def test_every_string_of_the_reading_pages_can_be_translated() -> None:
    found = {name: untranslated(Shown(page.decode()).texts) for name, page in reading_pages().items()}
    assert {name: left for name, left in found.items() if left} == {}


def test_every_string_of_the_pages_for_those_who_get_mail_can_be_translated() -> None:
    pages = people_pages(ENVIRONMENT, SITE, sample.VOCABULARY).speaking(LANG)
    found = {
        name: untranslated(Shown(page.decode()).texts) for name, page in people.every_page(pages).items()
    }
    assert {name: left for name, left in found.items() if left} == {}


def mails() -> dict[str, Any]:
    letters = Letters(ENVIRONMENT, SITE, sample.VOCABULARY)
    changed = (sample.corrected(1, "title", "summary"), sample.withdrawn(2, "told twice"))
    made: dict[str, Any] = {
        "digest": letters.digest(sample.digest(5, LANG)),
        "changed": letters.digest(sample.changed_digest(2, *changed, lang=LANG)),
        "receipt": letters.receipt_mail(sample.mixed_receipt(), LANG, "inbox.receipts_to"),
    }
    own = PersonalLetters(ENVIRONMENT, SITE, sample.VOCABULARY, "news@example.org")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(personal, "letters", lambda _: own)
        return made | personal.every_mail(LANG)


def test_every_string_of_mails_can_be_translated() -> None:
    found = {
        name: untranslated(
            [*Shown(mail.html).texts, *(outside(each, 0)[0] for each in (mail.subject, mail.text))]
        )
        for name, mail in mails().items()
    }
    assert {name: left for name, left in found.items() if left} == {}


def test_every_fault_of_a_receipt_can_be_translated() -> None:
    letters, found = Letters(ENVIRONMENT, SITE, sample.VOCABULARY), {}
    for code in sorted(faults.BLOCKING | faults.WARNINGS | faults.NOTES | faults.REJECTING):
        lines = [sample.receipt_fault(Fault(code=code)), sample.receipt_line(Outcome.NEW, 0)]
        told = letters.receipt(sample.receipt(*lines), LANG)
        found[code] = untranslated([outside(told, 0)[0]])
    assert {code: left for code, left in found.items() if left} == {}


def test_titles_and_descriptions_of_feeds_can_be_translated() -> None:
    pages = ArchivePages(ENVIRONMENT, SITE, sample.VOCABULARY).speaking(LANG)
    keys = [FeedKey(kind=kind) for kind in ("all", "unlabelled", "private")]
    keys += [FeedKey(kind="country", code="pa"), FeedKey(kind="topic", code="health")]
    keys += [FeedKey(kind="filter", code="country=pa,hn&q=school&language=es&mentions=yes")]
    said = [text for key in keys for text in (pages.feed_title(key), pages.feed_description(key))]
    said += [pages.group_title(kind) for kind in ("all", "country", "region", "topic")]
    assert untranslated([outside(text, 0)[0] for text in said]) == []


def test_a_string_that_is_written_past_the_catalogue_is_found() -> None:
    page = "<p>⟦Read <b>on⟧</b> Panama</p><p>Read more</p><img alt='A dog'><a aria-label='⟦Close⟧'>×</a>"
    assert untranslated(Shown(page).texts) == ["Read more", "A dog"]
