"""How filters are said, how text is cut, what the receipt of a bulletin tells."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from chance import examples
from feeds.i18n import translator
from feeds.letters import Letters, describe
from feeds.model import BulletinReceipt, Fault, Filter, Outcome, ReceiptLine
from feeds.templating import clip, environment, one_line, paragraphs, wrapped
from feeds.wording import corrected_line, corrected_words, withdrawn_words
from golden.pages import sample

ENVIRONMENT = environment([sample.TEMPLATES])
LETTERS = Letters(ENVIRONMENT, sample.site(), sample.VOCABULARY)
AT = datetime(2026, 11, 18, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wanted", "en", "es"),
    [
        (Filter(), "everything", "todo"),
        (Filter(countries=("pa",)), "Panama", "Panamá"),
        (
            Filter(countries=("pa", "hn"), topics=("labour-migration",)),
            "Panama or Honduras, about labour migration",
            "Panamá u Honduras, sobre migración laboral",
        ),
        (
            Filter(regions=("central-america",), countries=("mx",)),
            "Mexico or Central America",
            "México o Centroamérica",
        ),
        (Filter(topics=("covid-19", "health")), "COVID-19 or health", "COVID-19 o salud"),
        (
            Filter(words=("visa",), without=("football", "chess")),
            "everything, with the word “visa”, but without “football” or “chess”",
            "todo, con la palabra «visa», pero sin «football» o «chess»",
        ),
        (
            Filter(countries=("pa",), words=("oro", "plata"), mentions=True),
            "Panama, with the words “oro” or “plata”, even where they are only mentioned",
            "Panamá, con las palabras «oro» o «plata», también donde solo se mencionan",
        ),
        (
            Filter(regions=("central-america",), topics=("health",), members=False),
            "Central America, about health, only items about the region itself",
            "Centroamérica, sobre salud, solo noticias sobre la propia región",
        ),
        (
            Filter(countries=("pa",), without=("chess",), prefer=("es",)),
            "Panama, but without “chess”, each in one language only, Spanish first",
            "Panamá, pero sin «chess», cada noticia en un solo idioma, primero en español",
        ),
        (
            Filter(prefer=("es", "en")),
            "everything, each in one language only, in this order: Spanish, English",
            "todo, cada noticia en un solo idioma, en este orden: español, inglés",
        ),
        (Filter(countries=("zz",), topics=("old-slug",)), "ZZ, about old-slug", "ZZ, sobre old-slug"),
    ],
)
def test_a_filter_is_said_in_one_sentence(wanted: Filter, en: str, es: str) -> None:
    assert describe(wanted, sample.VOCABULARY, translator("en")) == en
    assert describe(wanted, sample.VOCABULARY, translator("es")) == es


# Changes


@pytest.mark.parametrize(
    ("fields", "en", "es", "line"),
    [
        (
            ("title",),
            "On 20 November 2026 the title was corrected.",
            "El 20 de noviembre de 2026 se corrigió el título.",
            "Corrected on 20 November 2026: title.",
        ),
        (
            ("date", "summary", "title"),
            "On 20 November 2026 the title, the text and the date were corrected.",
            "El 20 de noviembre de 2026 se corrigieron el título, el texto y la fecha.",
            "Corrected on 20 November 2026: title, text, date.",
        ),
        (
            ("link", "unheard-of"),
            "On 20 November 2026 the link was corrected.",
            "El 20 de noviembre de 2026 se corrigió el enlace.",
            "Corrected on 20 November 2026: link.",
        ),
        (
            (),
            "Corrected on 20 November 2026.",
            "Corregida el 20 de noviembre de 2026.",
            "Corrected on 20 November 2026.",
        ),
    ],
)
def test_a_correction_names_what_changed_in_reading_order(
    fields: tuple[str, ...], en: str, es: str, line: str
) -> None:
    change, day = sample.corrected(0, *fields), date(2026, 11, 20)
    assert corrected_words(change, day, translator("en")) == en
    assert corrected_words(change, day, translator("es")) == es
    assert corrected_line(change, day, translator("en")) == line


def test_a_withdrawal_says_who_did_it_and_when() -> None:
    day = date(2026, 11, 20)
    assert withdrawn_words(day, translator("en")) == "The office took this item back on 20 November 2026."
    assert (
        withdrawn_words(day, translator("es")) == "La oficina retiró esta noticia el 20 de noviembre de 2026."
    )


# Text


@examples(60)
@given(st.text(max_size=300), st.integers(min_value=2, max_value=80))
def test_a_cut_text_fits_stands_on_one_line_and_begins_like_the_whole(text: str, limit: int) -> None:
    cut = clip(text, limit)
    assert len(cut) <= limit
    assert len(cut.splitlines()) <= 1
    assert one_line(text).startswith(cut.removesuffix("…"))


def test_a_text_is_cut_between_words_and_only_if_it_must() -> None:
    assert clip("one two three", 13) == "one two three"
    assert clip("one two three", 12) == "one two…"
    assert clip("one two, three", 9) == "one two…"
    assert clip("unbreakable", 6) == "unbre…"


def test_paragraphs_are_parted_by_blank_lines_only() -> None:
    assert paragraphs("One\nline.\n\n\n\nTwo. \n\n") == ["One line.", "Two."]


def test_wrapping_keeps_long_words_whole() -> None:
    address = "https://example.org/" + "x" * 90
    assert wrapped(f"see {address} there", 2) == f"  see\n  {address}\n  there"


def test_a_template_that_asks_for_a_value_nobody_gave_fails() -> None:
    with pytest.raises(UndefinedError):
        ENVIRONMENT.from_string("{{ missing }}").render()


# Receipts


def line(outcome: Outcome, number: int | None, **more: object) -> ReceiptLine:
    item = sample.item(0)
    told = {"title": item.title, "date_on": item.date_on, "labels": item.labels}
    return ReceiptLine(outcome=outcome, line=number, **({} if "fault" in more else told), **more)


MIXED = BulletinReceipt(
    name="2026-11-18-newsroom.txt",
    received_at=AT,
    rejected=False,
    lines=(
        line(Outcome.NEW, 1),
        line(Outcome.NEW, 9),
        line(Outcome.CHANGED, 20, reason="title, summary"),
        line(Outcome.SAME, 31),
        line(
            Outcome.FAULTY,
            44,
            fault=Fault(code="date-impossible", line=44, detail="31 February, 2026"),
        ),
        line(Outcome.WARNING, 50, fault=Fault(code="summary-missing", line=50, detail="A map")),
    ),
)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_receipts_read_as_accepted(lang: str) -> None:
    sample.golden(f"mails/receipt-{lang}.txt", LETTERS.receipt(MIXED, lang))


def test_a_receipt_opens_with_what_became_of_the_items() -> None:
    text = LETTERS.receipt(MIXED, "en")
    assert "\n2 new, 1 changed, 1 already known, 1 could not be read, 1 to check.\n" in text
    assert "Received 18 November 2026, 14:05 UTC" in text
    assert "the title is different, the summary is different" in text
    assert "Countries: Panama\n  Topics: labour migration\n  Only mentioned: Japan" in text


def test_what_did_not_occur_is_not_counted() -> None:
    only = BulletinReceipt(name="a.txt", received_at=AT, rejected=False, lines=(line(Outcome.SAME, 1),))
    assert "\n1 already known.\n" in LETTERS.receipt(only, "en")
    assert "\n1 ya conocida.\n" in LETTERS.receipt(only, "es")
    none = BulletinReceipt(name="a.txt", received_at=AT, rejected=False, lines=())
    assert "\nno items.\n" in LETTERS.receipt(none, "en")


def test_a_rejected_file_says_why_and_what_to_do_and_counts_nothing() -> None:
    fault = Fault(code="file-empty")
    rejected = BulletinReceipt(
        name="a.txt",
        received_at=AT,
        rejected=True,
        lines=(ReceiptLine(outcome=Outcome.FAULTY, line=None, fault=fault),),
    )
    text = LETTERS.receipt(rejected, "en")
    assert "This file was set aside." in text
    assert "The file is empty." in text
    assert "What to do:" in text
    assert "could not be read" not in text


def test_a_receipt_says_when_nothing_is_mailed() -> None:
    quiet = BulletinReceipt(
        name="a.txt", received_at=AT, rejected=False, lines=(line(Outcome.NEW, 1),), mailed=False
    )
    assert "not sent by\ne-mail" in LETTERS.receipt(quiet, "en")
    assert "e-mail" not in LETTERS.receipt(MIXED, "en")


def test_a_hostile_file_name_stays_on_its_line() -> None:
    name = "a\nReceived never\x1b[2J.txt"
    text = LETTERS.receipt(
        BulletinReceipt(name=name, received_at=AT, rejected=False, lines=(), mailed=True), "en"
    )
    assert text.splitlines()[0] == "a Received never [2J.txt"


def test_dates_in_a_receipt_follow_the_language() -> None:
    assert sample.item(0).date_on == date(2026, 11, 18)
    assert "Línea 1, 18 de noviembre de 2026" in LETTERS.receipt(MIXED, "es")
