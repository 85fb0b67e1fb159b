"""Translations are complete and alive; dates and lists read as the language writes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from importlib.resources import files

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from feeds.i18n import catalogues, translator
from golden.pages.sample import ROOT

KEYWORDS = {"gettext": None, "_": None, "N_": None, "ngettext": (1, 2)}
TEMPLATES = (".html", ".txt")
SLOTS = re.compile(r"%\(\w+\)s|\{detail\}|%%")


@lru_cache(maxsize=1)
def messages() -> frozenset[str | tuple[str, str]]:
    """Every message of code and templates; a plural is a pair."""
    found: set[str | tuple[str, str]] = set()
    for file in sorted((ROOT / "src" / "feeds").rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if "gettext(" in text or "N_(" in text:  # tokenising every file would take a second
            found |= {message[1] for message in extract_from_file("python", file, keywords=KEYWORDS)}
    for file in sorted(path for path in (ROOT / "templates").rglob("*.*") if path.suffix in TEMPLATES):
        method, options = "jinja2.ext:babel_extract", {"trimmed": "true"}
        told = extract_from_file(method, file, keywords=KEYWORDS, options=options)
        found |= {message[1] for message in told}
    return frozenset(found)


def catalogue(lang: str) -> Catalog:
    with (files("feeds") / "locale" / f"{lang}.po").open("rb") as source:
        return read_po(source, locale=lang)


def translated() -> Iterator[tuple[str, Message]]:
    for lang in catalogues()[1:]:
        yield from ((lang, message) for message in catalogue(lang) if message.id)


def test_templates_and_code_do_speak_through_the_catalogue() -> None:
    found = messages()
    assert "Unsubscribe" in found
    assert ("1 item", "%(num)s items") in found
    assert "The file is empty." in found


@pytest.mark.parametrize("lang", catalogues()[1:])
def test_every_message_is_translated_and_no_translation_is_dead(lang: str) -> None:
    kept = {message.id: message for message in catalogue(lang) if message.id}
    filled = {key for key, message in kept.items() if message.string and all(message.string)}
    wanted = messages()
    assert sorted(map(str, wanted - filled)) == [], f"missing or empty in {lang}.po"
    assert sorted(map(str, set(kept) - wanted)) == [], f"used nowhere, delete from {lang}.po"


def test_a_translation_keeps_the_slots_of_its_message() -> None:
    for lang, message in translated():
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for source, target in zip(ids, strings, strict=True):
            assert sorted(SLOTS.findall(source)) == sorted(SLOTS.findall(target)), (lang, source)


def test_no_translation_is_fuzzy() -> None:
    assert [message.id for _, message in translated() if message.fuzzy] == []


@pytest.mark.parametrize(
    ("lang", "long", "short"),
    [
        ("en", "18 November 2026", "18 Nov 2026"),
        ("es", "18 de noviembre de 2026", "18 nov 2026"),
        ("es-PA", "18 de noviembre de 2026", "18 nov 2026"),
    ],
)
def test_dates_are_written_day_first(lang: str, long: str, short: str) -> None:
    day = date(2026, 11, 18)
    assert translator(lang).date(day) == long
    assert translator(lang).short_date(day) == short


@pytest.mark.parametrize(
    ("first", "last", "en", "es"),
    [
        (date(2026, 9, 14), date(2026, 9, 20), "14–20 September 2026", "14–20 de septiembre de 2026"),
        (
            date(2026, 9, 28),
            date(2026, 10, 4),
            "28 September – 4 October 2026",
            "28 de septiembre – 4 de octubre de 2026",
        ),
        (
            date(2025, 12, 29),
            date(2026, 1, 4),
            "29 December 2025 – 4 January 2026",
            "29 de diciembre de 2025 – 4 de enero de 2026",
        ),
        (date(2026, 9, 20), date(2026, 9, 20), "20 September 2026", "20 de septiembre de 2026"),
        (date(2026, 9, 21), date(2026, 9, 20), "20 September 2026", "20 de septiembre de 2026"),
    ],
)
def test_a_range_says_once_what_its_ends_share(first: date, last: date, en: str, es: str) -> None:
    assert translator("en").day_range(first, last) == en
    assert translator("es").day_range(first, last) == es


def test_an_instant_is_told_in_utc_whatever_its_zone() -> None:
    panama = timezone(timedelta(hours=-5))
    assert translator("en").instant(datetime(2026, 11, 18, 22, 30, tzinfo=panama)) == (
        "19 November 2026, 03:30 UTC"
    )
    assert translator("es").instant(datetime(2026, 11, 19, 3, 30, tzinfo=UTC)) == (
        "19 de noviembre de 2026, 03:30 UTC"
    )


@pytest.mark.parametrize(
    ("names", "either", "both"),
    [
        (["Panamá"], "Panamá", "Panamá"),
        (["Panamá", "México"], "Panamá o México", "Panamá y México"),
        (["Panamá", "Honduras"], "Panamá u Honduras", "Panamá y Honduras"),
        (["Haití", "Omán"], "Haití u Omán", "Haití y Omán"),
        (["Perú", "India"], "Perú o India", "Perú e India"),
        (["Perú", "Irak"], "Perú o Irak", "Perú e Irak"),
        (["Perú", "Islandia", "Italia"], "Perú, Islandia o Italia", "Perú, Islandia e Italia"),
        (["agua", "hielo"], "agua o hielo", "agua y hielo"),
        ([], "", ""),
    ],
)
def test_spanish_conjunctions_change_before_their_own_sound(names: list[str], either: str, both: str) -> None:
    assert translator("es").any_of(names) == either
    assert translator("es").all_of(names) == both


def test_english_lists_and_numbers() -> None:
    t = translator("en")
    assert t.any_of(["Panama", "Honduras", "Mexico"]) == "Panama, Honduras or Mexico"
    assert t.number(12345) == "12,345"
    assert translator("es").number(12345) == "12.345"


def test_plurals_follow_the_number() -> None:
    t = translator("es")
    one, many = "1 item", "%(num)s items"
    assert t.ngettext(one, many, 1) == "1 noticia"
    assert t.ngettext(one, many, 3) % {"num": 3} == "3 noticias"


@pytest.mark.parametrize("lang", ["qq", "de", "", "../es", "not a language"])
def test_a_language_without_catalogue_is_english_throughout(lang: str) -> None:
    t = translator(lang)
    assert (t.lang, t.dir) == ("en", "ltr")
    assert t.gettext("Unsubscribe") == "Unsubscribe"
    assert t.date(date(2026, 11, 18)) == "18 November 2026"


def test_an_empty_message_stays_empty() -> None:
    assert translator("es").gettext("") == ""


def test_translators_are_made_once() -> None:
    assert translator("es") is translator("es")
