"""What of a mail is the bulletin: forwarded and answered mails, signatures, footers, parts, subjects."""

from __future__ import annotations

from datetime import date

import pytest

from feeds.errors import BulletinError
from feeds.model import Draft
from feeds.reading import read
from feeds.reading.mail.days import day_of
from feeds.reading.mail.letterhead import letter_of
from feeds.reading.mail.wording import is_phones_line, kind_of, without_prefixes

NEWS = "The ferry runs every hour from six in the morning."


def mail(text: str, subject: str = "Fwd: Ferry starts again", kind: str = "plain", more: str = "") -> bytes:
    head = (
        f"From: Ana <ana@office.example>\nSubject: {subject}\nDate: Fri, 27 Nov 2026 08:10:00 -0500\n{more}"
        f"MIME-Version: 1.0\nContent-Type: text/{kind}; charset=utf-8\n\n"
    )
    return (head + text).encode()


def items(data: bytes) -> list[Draft]:
    return list(read("mail.eml", data).drafts)


def only(data: bytes) -> Draft:
    (item,) = items(data)
    return item


def refused(data: bytes) -> str:
    with pytest.raises(BulletinError) as caught:
        read("mail.eml", data)
    return caught.value.fault.code


# -- forwarded mails, as mail programs of several languages write them

HEADS = {
    "gmail-en": "---------- Forwarded message ---------\nFrom: Luis <luis@m.example>\n"
    "Date: Wed, Nov 25, 2026 at 9:12 AM\nSubject: Ferry starts again\nTo: a@o.example, b@h.example\n",
    "gmail-es": "---------- Forwarded message ---------\nDe: Luis <luis@m.example>\n"
    "Date: mié, 25 nov 2026 a las 9:12\nSubject: Ferry starts again\nTo: Ana <ana@o.example>\n",
    "gmail-pt": "---------- Mensagem encaminhada ---------\nDe: Luis <luis@m.example>\n"
    "Data: quarta-feira, 25 de novembro de 2026 às 09:12\nAssunto: Ferry starts again\nPara: a@o.example\n",
    "outlook-en": "________________________________\nFrom: Luis <luis@m.example>\n"
    "Sent: Wednesday, November 25, 2026 9:12 AM\nTo: Ana <ana@o.example>\nSubject: FW: Ferry starts again\n",
    "outlook-es": "De: Luis <luis@m.example>\nEnviado: miércoles, 25 de noviembre de 2026 9:12\n"
    "Para: Ana <ana@o.example>\nCC: me@home.example\nAsunto: RV: Ferry starts again\n",
    "outlook-fr": "-----Message d'origine-----\nDe : Luis <luis@m.example>\n"
    "Envoyé : mercredi 25 novembre 2026 09:12\nÀ : Ana <ana@o.example>\nObjet : Ferry starts again\n",
    "outlook-de": "-----Ursprüngliche Nachricht-----\nVon: Luis <luis@m.example>\n"
    "Gesendet: Mittwoch, 25. November 2026 09:12\nAn: Ana <ana@o.example>\nBetreff: WG: Ferry starts again\n",
    "outlook-bold": "*From:* Luis <luis@m.example>\n*Sent:* Wednesday, 25 November 2026 09:12\n"
    "*To:* Ana <ana@o.example>;\n me@home.example\n*Subject:* Ferry starts again\n",
    "apple-en": "Begin forwarded message:\n\nFrom: Luis <luis@m.example>\n\nSubject: Ferry starts again\n\n"
    "Date: 25 November 2026 at 09:12:44 GMT-5\n\nTo: Ana <ana@o.example>\n",
    "apple-de": "Anfang der weitergeleiteten Nachricht:\n\n> Von: Luis <luis@m.example>\n"
    "> Betreff: Ferry starts again\n> Datum: 25. November 2026 um 09:12:44 MEZ\n> An: Ana <ana@o.example>\n>",
    "apple-fr": "Début du message transféré :\n\n> De: Luis <luis@m.example>\n> Objet: Ferry starts again\n"
    "> Date: 25 novembre 2026 à 09:12:44 UTC−5\n> À: Ana <ana@o.example>\n>",
    "thunderbird": "-------- Forwarded Message --------\nSubject: \tFerry starts again\n"
    "Date: \tWed, 25 Nov 2026 09:12:44 -0500\nFrom: \tLuis <luis@m.example>\nTo: \tAna <ana@o.example>\n",
}  # fmt: skip
PROGRAMS = pytest.mark.parametrize("head", HEADS.values(), ids=HEADS.keys())


@PROGRAMS
def test_the_forwarded_mail_counts_with_its_own_day_and_subject(head: str) -> None:
    quoted = "> " if "\n> " in head else ""
    note = "Please publish this today. My private number is 555 0100.\n\n-- \nAna\n555 0100\n\n"
    item = only(
        mail(f"{note}{head}\n{quoted}{NEWS}\n{quoted}\n{quoted}-- \n{quoted}Luis\n{quoted}555 0200\n")
    )
    assert (item.title, item.summary, item.date_on) == ("Ferry starts again", NEWS, date(2026, 11, 25))


@PROGRAMS
def test_a_forwarded_mail_of_html_counts_alike(head: str) -> None:
    lines = "<br>".join(line.lstrip("> ").replace("<", "&lt;") for line in head.split("\n"))
    item = only(mail(f"<p>Please publish. 555 0100</p><div>{lines}</div><p>{NEWS}</p>", kind="html"))
    assert (item.title, item.summary, item.date_on) == ("Ferry starts again", NEWS, date(2026, 11, 25))


def test_each_field_of_a_letterhead_may_be_a_block() -> None:
    head = "".join(
        f"<p><b>{name}:</b> {words}</p>"
        for name, words in [("From", "Luis &lt;l@m.example&gt;"), ("Sent", "25 November 2026 09:12"),
                            ("To", "ana@o.example"), ("Subject", "Ferry")]
    )  # fmt: skip
    item = only(mail(f"<p>My note</p>{head}<p>{NEWS}</p><ul><li>One</li></ul>", kind="html"))
    assert (item.title, item.summary, item.date_on) == ("Ferry", f"{NEWS}\n\nOne", date(2026, 11, 25))
    assert item.body == f"<p>{NEWS}</p><ul><li>One</li></ul>"


def test_of_a_mail_forwarded_twice_the_innermost_counts() -> None:
    outer = HEADS["gmail-en"].replace("25, 2026", "26, 2026").replace("Ferry starts again", "Fwd: x")
    item = only(mail(f"Note one\n\n{outer}\nNote two\n\n{HEADS['outlook-es']}\n{NEWS}"))
    assert (item.title, item.summary, item.date_on) == ("Ferry starts again", NEWS, date(2026, 11, 25))


def test_the_receipt_counts_what_was_left_out() -> None:
    found = read("mail.eml", mail(f"Note\n\n{HEADS['gmail-en']}\n{NEWS}\n\nSent from my iPhone\n"))
    (told,) = found.faults
    assert (told.code, told.detail) == ("lines-left-out", "mail-letterhead 5, mail-note 1, mail-signature 1")


def test_dated_items_in_a_forwarded_mail_are_items() -> None:
    text = "24 November 2026\n\nNight school\n\nClasses begin.\n\n23 November 2026\n\nMarket\n\nIt opens.\n"
    assert [item.title for item in items(mail(f"Note\n\n{HEADS['gmail-en']}\n{text}"))] == [
        "Night school",
        "Market",
    ]


def test_a_forwarded_mail_whose_day_cannot_be_read_is_refused() -> None:
    head = HEADS["gmail-en"].replace("Wed, Nov 25, 2026 at 9:12 AM", "last week")
    assert refused(mail(f"{head}\n{NEWS}")) == "mail-date-unknown"


def test_a_letterhead_without_a_word_of_forwarding_under_other_words_is_refused() -> None:
    head = HEADS["outlook-en"].replace("FW: ", "")
    assert refused(mail(f"We will see. 555 0100\n\n{head}\n{NEWS}", subject="Ferry")) == "mail-unclear"
    assert only(mail(f"{head}\n{NEWS}", subject="Ferry")).summary == NEWS


def test_a_mail_attached_as_a_whole_is_the_one_that_counts() -> None:
    inner = f"From: a@m.example\nSubject: Ferry\nDate: Wed, 25 Nov 2026 09:00:00 -0500\n\n{NEWS}\n"
    part = "--b\nContent-Type: message/rfc822\n\n" + inner
    text = "--b\nContent-Type: text/plain\n\nMy note 555 0100\n"
    head = "Subject: Fwd: x\nFrom: a@o.example\nDate: Fri, 27 Nov 2026 08:10:00 -0500\n"
    whole = head + "Content-Type: multipart/mixed; boundary=b\n\n" + text
    item = only((whole + part + "\n--b--\n").encode())
    assert (item.title, item.summary, item.date_on) == ("Ferry", NEWS, date(2026, 11, 25))
    assert refused((whole + part + "\n" + part + "\n--b--\n").encode()) == "mail-unclear"


# -- answers

QUOTES = [
    "On Thu, 26 Nov 2026 at 09:00, Luis Gomez <luis@m.example> wrote:\n> Old words 555 0100\n>\n> More",
    "On Thu, 26 Nov 2026 at 09:00, Luis Gomez\n<luis@m.example> wrote:\n\n> Old words",
    "El jue, 26 nov 2026 a las 9:00, Luis (<luis@m.example>) escribió:\n> Old words",
    "Le jeu. 26 nov. 2026 à 09:00, Luis <luis@m.example> a écrit :\n> Old words",
    "Em qui., 26 de nov. de 2026 às 09:00, Luis <luis@m.example> escreveu:\n> Old words",
    "Am Do., 26. Nov. 2026 um 09:00 Uhr schrieb Luis <luis@m.example>:\n> Old words",
    "-----Original Message-----\nFrom: Luis <luis@m.example>\nSent: Thursday, November 26, 2026 9:00 AM\n"
    "To: Ana <ana@o.example>\nSubject: Ferry\n\nOld words",
    "De: Luis <luis@m.example>\nEnviado: jueves, 26 de noviembre de 2026 9:00\nPara: Ana <ana@o.example>\n"
    "Asunto: Ferry\n\nOld words",
]


@pytest.mark.parametrize("quote", QUOTES)
def test_what_an_answer_quotes_is_left_out(quote: str) -> None:
    item = only(mail(f"{NEWS}\n\n{quote}\n", subject="Re: Ferry starts again"))
    assert (item.title, item.summary, item.date_on) == ("Ferry starts again", NEWS, date(2026, 11, 27))


def test_an_answer_below_what_it_quotes_is_read_there() -> None:
    item = only(mail(f"{QUOTES[0]}\n\n{NEWS}\n", subject="AW: Ferry"))
    assert item.summary == NEWS


def test_an_answer_with_nothing_new_is_refused() -> None:
    assert refused(mail(QUOTES[0], subject="Re: Ferry")) == "mail-unclear"


@pytest.mark.parametrize(
    "text",
    [
        "The minister wrote:\n\nWe will build the bridge.",
        "From: the harbour\nTo: the old town\n\nthe ferry runs every hour.",
        "Date: to be told\nSubject: to weather\n\nThe boats sail.",
        "> a line that somebody set apart",
        "A rule of its own\n\n-----\n\nThe boats sail.",
    ],
)
def test_what_only_looks_like_a_letterhead_stays(text: str) -> None:
    last = text.rsplit("\n", 1)[-1].lstrip("> ")
    assert last in only(mail(text, subject="Ferry")).summary


# -- under the text


@pytest.mark.parametrize(
    "end",
    [
        "-- \nLuis Gomez\n555 0100",
        "Sent from my iPhone",
        "Sent from Outlook for Android",
        "Get Outlook for iOS",
        "Enviado desde mi iPhone",
        "Enviado desde mi Samsung Galaxy",
        "Envoyé de mon iPhone",
        "Envoyé depuis l’application Yahoo Mail",
        "Enviado do meu iPhone",
        "Von meinem iPhone gesendet",
        "Gesendet mit der Yahoo Mail App",
        "_______________________________________________\nPress mailing list\nPress@lists.example\n"
        "https://lists.example/listinfo/press",
        "To unsubscribe: https://lists.example/unsubscribe?u=1",
        "You are receiving this message because you asked for it.",
        "This e-mail and any attachments are confidential and meant for the addressee alone.",
        "Este correo y sus anexos son confidenciales y van dirigidos a su destinatario.",
    ],
)
def test_signatures_and_footers_are_left_out(end: str) -> None:
    assert only(mail(f"{NEWS}\n\n{end}\n", subject="Ferry")).summary == NEWS


@pytest.mark.parametrize(
    "row", ["Sent from the port, the boats are full.", "Enviado de paz llega a Colón", "Phone"]
)
def test_a_sentence_that_begins_alike_is_no_telephones_line(row: str) -> None:
    assert not is_phones_line(row)


# -- subjects


@pytest.mark.parametrize(
    ("subject", "title", "kind"),
    [
        ("Ferry", "Ferry", ""),
        ("Fwd: Re: Ferry", "Ferry", "forwards"),
        ("RE: FW: Ferry", "Ferry", "answers"),
        ("[EXTERNAL] Fwd: Ferry", "Ferry", "forwards"),
        ("[press-list] [EXT] Ferry", "Ferry", ""),
        ("Fwd: [EXTERNAL] Ferry", "Ferry", "forwards"),
        ("RV: Ferry", "Ferry", "forwards"),
        ("WG: AW: Ferry", "Ferry", "forwards"),
        ("TR : Ferry", "Ferry", "forwards"),
        ("RES: ENC: Ferry", "Ferry", "answers"),
        ("[river] Ferry", "Ferry", ""),
        ("[Covid-19] Ferry", "[Covid-19] Ferry", ""),
        ("[Update] Ferry", "[Update] Ferry", ""),
        ("Report: ferry", "Report: ferry", ""),
        ("Fwd:", "Fwd:", "forwards"),
    ],
)
def test_a_subject_is_the_title_without_what_programs_put_before_it(
    subject: str, title: str, kind: str
) -> None:
    lists = frozenset({"river"})
    assert without_prefixes(subject, lists) == title
    assert kind_of(subject, lists) == kind


def test_the_name_of_the_list_is_known_from_its_own_header() -> None:
    assert only(mail(NEWS, subject="[boats] Ferry", more="List-Id: <boats.lists.example>\n")).title == "Ferry"


def test_a_letter_with_one_date_near_its_top_keeps_its_subject() -> None:
    item = only(mail(f"Dear friends of the harbour\n\n25 November 2026\n\n{NEWS}\n", subject="Letter 12"))
    assert (item.title, item.date_on) == ("Letter 12", date(2026, 11, 25))
    assert item.summary == f"Dear friends of the harbour\n\n{NEWS}"


def test_a_mail_in_the_form_of_a_bulletin_keeps_its_titles() -> None:
    text = f"25 November 2026\n\nFerry starts again\n\n{NEWS}\n"
    assert only(mail(text, subject="Bulletin")).title == "Ferry starts again"


# -- parts


def parts(kind: str, *every: tuple[str, str]) -> bytes:
    head = "Subject: Ferry\nFrom: a@o.example\nDate: Fri, 27 Nov 2026 08:10:00 -0500\n"
    whole = head + f"Content-Type: multipart/{kind}; boundary=b\n\n"
    return (
        whole + "".join(f"--b\nContent-Type: {type_}\n\n{text}\n" for type_, text in every) + "--b--\n"
    ).encode()


def test_an_empty_plain_part_gives_way_to_the_html() -> None:
    item = only(parts("alternative", ("text/plain", " \n"), ("text/html", f"<p>{NEWS}</p>")))
    assert item.summary == NEWS


def test_a_plain_part_that_hardly_says_anything_gives_way_to_the_html() -> None:
    item = only(
        parts("alternative", ("text/plain", "Use HTML."), ("text/html", f"<p>{NEWS}</p><p>{NEWS}</p>"))
    )
    assert NEWS in item.summary


def test_html_that_says_the_same_gives_the_form() -> None:
    html = f'<p>{NEWS} See <a href="https://n.example/t">the plan</a>.</p><ul><li>One</li></ul>'
    plain = f"{NEWS} See the plan <https://n.example/t>.\n\n* One\n"
    assert only(parts("alternative", ("text/plain", plain), ("text/html", html))).body == html
    other = parts(
        "alternative", ("text/plain", NEWS), ("text/html", "<p>The boats lie in the harbour all day.</p>")
    )
    assert only(other).summary == NEWS


@pytest.mark.parametrize(
    "second", [("text/plain", "It ends at ten."), ("text/html", "<p>It ends at ten.</p>")]
)
def test_text_behind_a_picture_is_read_too(second: tuple[str, str]) -> None:
    item = only(parts("mixed", ("text/plain", NEWS), ("image/png", "xx"), second))
    assert item.summary == f"{NEWS}\n\nIt ends at ten."


def test_an_attached_text_is_not_read() -> None:
    item = only(
        parts("mixed", ("text/plain", NEWS), ("text/plain\nContent-Disposition: attachment", "Private"))
    )
    assert item.summary == NEWS


# -- days and cost


@pytest.mark.parametrize(
    "words",
    [
        "Wed, Nov 25, 2026 at 9:12 AM", "Wed, 25 Nov 2026 09:12:44 -0500", "mié. 25 de nov de 2026 9:12",
        "mercredi 25 novembre 2026 à 09h12", "quarta-feira, 25 de novembro de 2026 09:12", "2026-11-25 09:12",
        "Mittwoch, 25. November 2026 um 09:12 Uhr", "11/25/2026 9:12 AM", "25.11.2026 09:12", "*25 Nov 2026*",
        "mercoledì 25 novembre 2026 09:12", "Nov 25, 2026, at 9:12 AM",
    ],
)  # fmt: skip
def test_the_day_of_a_letterhead_is_read_in_many_dresses(words: str) -> None:
    assert day_of(words) == date(2026, 11, 25)


@pytest.mark.parametrize("words", ["", "yesterday", "25 November", "9:12", "99/99/2026"])
def test_no_day_is_guessed(words: str) -> None:
    assert day_of(words) is None


@pytest.mark.parametrize(
    "line", ["From: a", "On Thu, 26 Nov", "> a", "----", "Para: a@b.example", "Sent: ", "wrote:"]
)
def test_hostile_mails_cost_no_more_than_their_length(line: str) -> None:
    lines = [line] * 4_000
    for forwards in (True, False):
        letter = letter_of(lines, forwards=forwards, answers=not forwards)
        assert len(letter.kept) <= 4_000
