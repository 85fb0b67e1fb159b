"""The receipt as a mail: is all well, what to do, then the items; small enough whatever the bulletin held."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feeds.filters.members import Pace, Reach, Reached
from feeds.letters import Letters, needs_a_look
from feeds.letters.fitting import HTML_BUDGET, MOST_CARDS
from feeds.letters.receipt_mail import MOST_FAULTS
from feeds.model import WAITS, BulletinReceipt, Fault, Outcome, RenderedMail
from feeds.reading.faults import HELD_FILE_GONE
from feeds.templating import environment
from golden.pages import sample
from golden.pages.sample import receipt, receipt_fault, receipt_line

ENVIRONMENT = environment([sample.TEMPLATES])
LETTERS = Letters(ENVIRONMENT, sample.site(), sample.VOCABULARY)
SETTING = "inbox.receipts_to"
NEW, CHANGED, SAME = (
    receipt_line(one, n) for n, one in enumerate((Outcome.NEW, Outcome.CHANGED, Outcome.SAME))
)
BARE = replace(receipt_line(Outcome.NEW, 3), labels=())
EMPTY = Fault(code="file-empty")
FILE = "".join(f"Words of line {n}.\n" for n in range(1, 60)).replace("Words of line 43.", "")
REACH = Reach(
    Reached({Pace.AT_ONCE: 312, Pace.DAILY: 1046, Pace.WEEKLY: 0, Pace.OTHERWISE: 2}),
    {
        str(NEW.item_id): Reached({Pace.AT_ONCE: 312, Pace.DAILY: 1046, Pace.OTHERWISE: 2}),
        str(BARE.item_id): Reached({Pace.AT_ONCE: 0}),
    },
)


def mail(made: BulletinReceipt, lang: str = "en") -> RenderedMail:
    return LETTERS.receipt_mail(made, lang, SETTING)


def rejected(*faults: Fault) -> BulletinReceipt:
    return replace(receipt(*(receipt_fault(one) for one in faults)), rejected=True)


def held(*lines) -> BulletinReceipt:
    made = receipt(*lines)
    return replace(made, held_until=made.received_at + timedelta(minutes=30))


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("well", receipt(NEW, CHANGED, SAME)),
        ("check", sample.mixed_receipt()),
        ("rejected", rejected(EMPTY)),
        ("held", held(NEW, BARE, SAME)),
    ],
)
def test_receipt_mails_read_as_accepted(name: str, made: BulletinReceipt, lang: str) -> None:
    letters = Letters(ENVIRONMENT, sample.site(lang), sample.VOCABULARY)
    got = letters.receipt_mail(made, lang, SETTING, reach=REACH if name == "held" else None, text=FILE)
    sample.golden(f"mails/receipt-mail-{name}-{lang}.txt", f"Subject: {got.subject}\n\n{got.text}")
    sample.golden(f"mails/receipt-mail-{name}-{lang}.html", got.html)


# Taken back, gone, in the office's zone


def undone() -> BulletinReceipt:
    made = receipt(NEW, receipt_fault(EMPTY))
    return replace(made, undone_at=made.received_at + timedelta(minutes=3))


def gone() -> BulletinReceipt:
    return replace(receipt(receipt_fault(Fault(code=HELD_FILE_GONE), Outcome.WARNING), NEW), held_until=WAITS)


def test_a_bulletin_that_was_taken_back_says_so_and_asks_for_nothing() -> None:
    made = mail(undone())
    assert made.subject.startswith("Taken back: news.txt – ")
    words = " ".join(made.text.split())
    assert "nothing of it was announced" in words
    assert "The rest of the file was taken" not in words
    assert "/items/" not in made.text


def test_a_file_that_is_gone_waits_for_another_reason_than_doubtful_words() -> None:
    words = " ".join(mail(gone()).text.split())
    assert "it cannot be known whether somebody took it away" in words
    assert "two items may be one" not in words
    slip = " ".join(LETTERS.receipt(gone(), "en").split())
    assert "it cannot be known whether somebody took it away" in slip
    assert "two items may be one" not in slip
    doubtful = " ".join(LETTERS.receipt(replace(receipt(NEW), held_until=WAITS), "en").split())
    assert "two items may be one" in doubtful


def test_instants_are_told_in_the_office_s_zone() -> None:
    made = replace(held(NEW), received_at=datetime(2026, 11, 28, 15, 28, tzinfo=UTC))
    made = replace(made, held_until=datetime(2026, 11, 28, 15, 38, tzinfo=UTC))
    for text in (
        LETTERS.receipt_mail(made, "en", SETTING, "America/Panama").text,
        LETTERS.receipt(made, "en", "America/Panama"),
    ):
        words = " ".join(text.split())
        assert "28 November 2026, 10:38, Panama time" in words
        assert "Received 28 November 2026, 10:28, Panama time" in words
    spanish = " ".join(LETTERS.receipt(made, "es", "America/Panama").split())
    assert "Retenido hasta el 28 de noviembre de 2026, 10:38, hora de Panamá" in spanish


# Subjects


@pytest.mark.parametrize(
    ("made", "en", "es"),
    [
        (
            receipt(*[NEW] * 8, CHANGED),
            "Received: news.txt – 8 new, 1 changed",
            "Recibido: news.txt – 8 nuevas, 1 cambiada",
        ),
        (receipt(SAME), "Received: news.txt – 1 already known", "Recibido: news.txt – 1 ya conocida"),
        (
            receipt(NEW, receipt_fault(Fault(code="date-impossible", line=4, detail="31 February, 2026"))),
            "Please correct line 4 of news.txt",
            "Corrija la línea 4 de news.txt",
        ),
        (
            sample.mixed_receipt(),
            "Please correct line 44 of 2026-11-18-newsroom.txt",
            "Corrija la línea 44 de 2026-11-18-newsroom.txt",
        ),
        (
            receipt(*(receipt_fault(Fault(code="date-impossible", line=n)) for n in (13, 27))),
            "Please correct lines 13 and 27 of news.txt",
            "Corrija las líneas 13 y 27 de news.txt",
        ),
        (
            receipt(*(receipt_fault(Fault(code="date-impossible", line=n)) for n in (1, 2, 3, 4))),
            "Please check: news.txt – 4 items could not be read",
            "Por revisar: news.txt – 4 noticias no se pudieron leer",
        ),
        (
            receipt(NEW, receipt_fault(Fault(code="summary-missing", line=4), Outcome.WARNING)),
            "Please check: news.txt – 1 new, 1 to check",
            "Por revisar: news.txt – 1 nueva, 1 por revisar",
        ),
        (
            rejected(EMPTY),
            "Rejected: news.txt – The file is empty",
            "Rechazado: news.txt – El archivo está vacío",
        ),
        (
            held(NEW, CHANGED, SAME),
            "Held until 14:35: 2 items from news.txt",
            "Retenido hasta las 14:35: 2 noticias de news.txt",
        ),
        (
            replace(held(NEW), held_until=datetime(2026, 11, 29, 1, 5, tzinfo=UTC)),
            "Held until 29 November, 1:05: 1 item from news.txt",
            "Retenido hasta el 29 de noviembre, 1:05: 1 noticia de news.txt",
        ),
    ],
)
def test_the_subject_says_whether_all_is_well(made: BulletinReceipt, en: str, es: str) -> None:
    assert mail(made).subject == en
    assert mail(made, "es").subject == es


def test_a_long_name_leaves_room_for_what_the_subject_has_to_say() -> None:
    made = replace(receipt(NEW), name="x" * 251 + ".txt")
    assert mail(made).subject.endswith("… – 1 new")
    assert len(mail(made).subject) <= 120
    assert made.name in mail(made).text


def test_a_hostile_name_makes_no_header_no_markup_and_no_second_command() -> None:
    name = "a\r\nBcc: x@y.org\u202e <b>'; rm -rf ~ #.txt"
    got = mail(replace(held(NEW), name=name))
    assert not re.search(r"[\r\n\u202e]", got.subject)
    assert "<b>" not in got.html
    assert """feeds bulletins undo 'a Bcc: x@y.org <b>'"'"'; rm -rf ~ #.txt'""" in got.text


# What asks for a look


@pytest.mark.parametrize(
    ("made", "asks"),
    [
        (receipt(NEW, CHANGED, SAME), False),
        (held(NEW), False),
        (receipt(NEW, receipt_fault(EMPTY)), True),
        (receipt(NEW, receipt_fault(Fault(code="summary-missing"), Outcome.WARNING)), True),
        (rejected(EMPTY), True),
        (rejected(), True),
    ],
)
def test_faults_warnings_and_rejections_ask_for_a_look(made: BulletinReceipt, asks: bool) -> None:
    assert needs_a_look(made) is asks
    assert mail(made).subject.startswith(("Please c", "Rejected")) is asks


# Contents


def test_faults_with_line_and_remedy_stand_before_the_items() -> None:
    got = mail(sample.mixed_receipt())
    for part in (got.text, got.html.partition("<h1")[2]):
        order = ["Line 44", "31 February, 2026", "What to do: Correct the date", "Line 50", "/items/"]
        places = [part.index(words) for words in order]
        assert places == sorted(places)


def test_the_lines_of_the_file_stand_beside_what_is_wrong_in_them() -> None:
    made = LETTERS.receipt_mail(sample.mixed_receipt(), "en", SETTING, text=FILE)
    for told in (
        "\n    42 | Words of line 42.\n    43 |\n>   44 | Words of line 44.\n    45 | Words of line 45.\n",
        "\n>   50 | Words of line 50.\n\n",
    ):
        assert told in made.text
    assert "line 51" not in made.text + made.html
    assert made.html.count("Words of line 44.") == 1
    without = LETTERS.receipt_mail(sample.mixed_receipt(), "en", SETTING, text="too short")
    assert "too short" not in without.text + without.html


def test_each_item_says_whom_it_goes_to_and_one_without_labels_asks_for_a_look() -> None:
    text = " ".join(LETTERS.receipt_mail(held(NEW, BARE), "en", SETTING, reach=REACH).text.split())
    assert "Goes to: 312 at once, 1,046 daily, 2 on days of their own" in text
    assert "Goes to: nobody yet PLEASE LOOK: No country and no topic was recognised." in text
    uncounted = mail(held(replace(BARE, outcome=Outcome.SAME))).text
    assert "Goes to" not in uncounted
    assert "PLEASE LOOK" not in uncounted


def test_titles_lead_to_their_pages_where_there_is_one() -> None:
    withdrawn = receipt_line(Outcome.SAME, 3, reason="withdrawn")
    got = mail(receipt(NEW, CHANGED, SAME, withdrawn))
    for n, paged in ((0, 1), (1, 1), (2, 1), (3, 0)):
        address = f"https://news.example.org/items/{sample.item(n).id}/"
        assert (got.text.count(address), got.html.count(address)) == (paged, paged)
    assert "this item was withdrawn" in got.text


def test_what_is_held_has_no_page_yet_and_the_mail_says_how_it_is_taken_back() -> None:
    got = mail(held(NEW, SAME))
    assert sample.item(0).id not in got.text + got.html
    assert f"/items/{sample.item(2).id}/" in got.html
    for part in (got.text, got.html):
        assert "18 November 2026, 14:35 UTC" in part
        assert "feeds bulletins undo news.txt" in part


def test_items_that_are_not_mailed_say_so() -> None:
    got = mail(receipt(receipt_line(Outcome.NEW, 0, reason="not mailed")))
    assert "too old to be mailed" in got.text
    assert "too old to be mailed" in got.html


def test_the_mail_says_why_it_came_and_what_stops_it_and_is_no_list() -> None:
    got = LETTERS.receipt_mail(receipt(NEW), "en", "inbox.folders.es.receipts_to")
    for part in (got.text.replace("\n", " "), got.html):
        assert "inbox.folders.es.receipts_to of this site names your address" in part
        assert "nsubscribe" not in part


# Size


@pytest.mark.parametrize(
    ("new", "same", "faulty", "title"),
    [
        (2000, 0, 0, "A title of common length that says what happened and where"),
        (0, 2000, 0, "A title of common length that says what happened and where"),
        (1000, 500, 500, "&<>\"'" * 100),
        (0, 0, 1000, ""),
        (61, 0, 61, "ñ" * 500),
    ],
)
def test_the_html_stays_under_the_limit_and_accounts_for_every_line(
    new: int, same: int, faulty: int, title: str
) -> None:
    fault = Fault(code="date-impossible", line=7, detail="&" * 80)
    lines = [
        *[replace(NEW, title=title)] * new,
        *[replace(SAME, title=title)] * same,
        *[receipt_fault(fault)] * faulty,
    ]
    got = mail(receipt(*lines))
    assert len(got.html.encode()) <= HTML_BUDGET < 90_000
    faults, items = got.html.count("What to do:"), got.html.count("https://news.example.org/items/")
    assert (got.text.count("What to do:"), got.text.count("https://news.example.org/items/")) == (
        faults,
        items,
    )
    more = re.search(r"(\d+) more items? (?:is|are) in the receipt:", got.html)
    more_faults = re.search(r"(\d+) more (?:is|are) in the receipt:", got.html)
    assert items + int(more[1] if more else 0) == new + same
    assert faults + int(more_faults[1] if more_faults else 0) == faulty
    assert faults <= MOST_FAULTS
    assert ("feeds bulletins show news.txt" in got.text) is bool(more or more_faults)
    assert got.html.index("inbox.receipts_to") > 0


def test_what_is_known_already_is_headlines_only_and_what_is_new_comes_in_full() -> None:
    html = mail(receipt(*[SAME] * 9, *[NEW] * (MOST_CARDS + 5))).html
    assert len(re.findall(r"<h3", html)) == MOST_CARDS
    assert len(re.findall(r'class="also"', html)) == 5 + 9


def test_the_same_receipt_gives_the_same_mail_and_is_not_changed() -> None:
    made = sample.mixed_receipt()
    before = repr(made)
    assert mail(made) == Letters(
        environment([sample.TEMPLATES]), sample.site(), sample.VOCABULARY
    ).receipt_mail(made, "en", SETTING)
    assert repr(made) == before
