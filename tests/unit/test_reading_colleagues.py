"""A mail's words to the colleague who publishes it: a request above the text, a visiting card below."""

from __future__ import annotations

import pytest

from feeds.reading import read
from feeds.reading.mail.colleagues import end_of_note, is_card

NEWS = "The ferry runs every hour from six in the morning. Tickets are sold on board."
HEAD = (
    "From: Ana <ana@office.example>\nSubject: Ferry starts again\nDate: Fri, 27 Nov 2026 08:10:00 -0500\n"
    "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
)


def _summary(text: str) -> tuple[str, str]:
    bulletin = read("mail.eml", (HEAD + text).encode())
    (draft,) = bulletin.drafts
    left_out = "".join(fault.detail for fault in bulletin.faults if fault.code == "lines-left-out")
    return draft.summary, left_out


@pytest.mark.parametrize(
    "note",
    [
        "Hi Tom,\n\nplease put this on the site today.",
        "Hi Tom, please publish this today, my number is 555 0100.",
        "Please post this today.",
        "Could you upload this before noon? The mayor is waiting.",
        "Good morning,\n\nplease find below the press release for today.",
        "Hola Ana:\n\nPor favor publica esta nota hoy.",
        "Estimada Ana,\n\nA continuación le envío el comunicado de hoy.",
        "¿Podrías subir esto hoy? Mi móvil es el 555 0100.",
        "Bonjour,\n\nMerci de mettre en ligne ce texte.",
        "Veuillez trouver ci-joint le communiqué du jour.",
        "Olá Rui,\n\nPor favor publica esta notícia.",
        "Segue abaixo a nota de hoje.",
        "Hallo Tom,\n\nbitte heute noch veröffentlichen.",
        "Anbei die Pressemitteilung von heute.",
    ],
)
def test_a_request_above_the_text_is_left_out(note: str) -> None:
    summary, left_out = _summary(f"{note}\n\n{NEWS}\n")
    assert summary == NEWS
    assert "mail-note" in left_out


@pytest.mark.parametrize(
    "text",
    [
        "Dear friends of the harbour,\n\nthe ferry runs again.",  # a letter to everybody
        "Hi all!\n\nThe ferry runs again.\n\nPlease put this on the board at home.",  # asked below
        "Please publish this today.",  # nothing else is there
        "Hi Tom,\n\nplease publish this today.",
        "Please bring water and a hat.\n\nThe ferry has no roof.",
        "Could you swim to the island? Forty people did.\n\nThe ferry brought them back.",
        "Here is the timetable.\n\nThe ferry runs every hour.",
    ],
)
def test_what_everybody_is_told_stays(text: str) -> None:
    assert _summary(text + "\n")[0] == text.strip()


def test_a_long_paragraph_is_no_note() -> None:
    assert end_of_note(["Please publish this. " + "x" * 379, "", "News"]) == 1
    assert end_of_note(["Please publish this. " + "x" * 380, "", "News"]) == 0


def test_a_greeting_that_is_long_is_none() -> None:
    ask = ["", "please publish this", "", "News"]
    assert end_of_note(["Dear " + "x" * 54 + ",", *ask]) == 3
    assert end_of_note(["Dear " + "x" * 56 + ",", *ask]) == 0
    assert end_of_note(["Hi, " + "x" * 56, *ask]) == 3
    assert end_of_note(["Hi, " + "x" * 57, *ask]) == 0


def test_a_note_is_one_paragraph_below_a_greeting() -> None:
    assert end_of_note(["Hi Tom,", "", "please", "publish this", "", "News"]) == 4
    assert end_of_note(["", "Please publish this", "", "Please publish that", "", "News"]) == 2
    assert end_of_note(["Hi", "", "How are you", "", "please publish this", "", "News"]) == 0
    assert end_of_note([]) == 0


@pytest.mark.parametrize(
    "card",
    [
        "Ana Perez\nPress Officer | Harbour Board\nM: +507 555 0100 | "
        "ana@office.example\nwww.harbour.example",
        "Ana María de la Cruz\nana@office.example",
        "Ana Perez\nJefa de prensa\nTel. 555 0100",
        "Luis Gomez,\nHarbour Board\nPhone: (507) 555-0100",
        "Luis Gomez\nHarbour Board\nMóvil 555 0100",
    ],
)
def test_a_visiting_card_below_the_text_is_left_out(card: str) -> None:
    summary, left_out = _summary(f"{NEWS}\n\n{card}\n")
    assert summary == NEWS
    assert "mail-signature" in left_out


@pytest.mark.parametrize(
    "end",
    [
        "Media contact:\nAna Perez\nana@office.example",
        "Fire Brigade\n555 0100",
        "Fire Brigade\nTel. 555 0100",  # two lines: a number that everybody may call
        "Questions go to Ana Perez.\nana@office.example",
        "Harbour Board\nOpen from nine",
        "Ana Perez\nShe runs the ferry: ana@office.example.",
    ],
)
def test_what_only_looks_like_a_card_stays(end: str) -> None:
    assert not is_card(end.split("\n"))
    summary, _ = _summary(f"{NEWS}\n\n{end}\n")
    assert end.split("\n")[0] in summary


def test_a_card_is_short_and_ends_the_letter() -> None:
    rows = ["Ana Perez", "ana@office.example"]
    assert is_card([*rows, *["Harbour Board"] * 6])
    assert not is_card([*rows, *["Harbour Board"] * 7])
    assert is_card([*rows, "x" * 90])
    assert not is_card([*rows, "x" * 91])
    assert not is_card(rows[:1])
    assert (
        "Ana Perez"
        in _summary(f"{NEWS}\n\nAna Perez\nana@office.example\n\nThe ferry is green and has no roof.\n")[0]
    )


def test_a_mail_that_is_nothing_but_a_card_is_read() -> None:
    assert "ana@office.example" in _summary("Ana Perez\nana@office.example\n")[0]
