"""What belongs to no item, and what belongs to one: links, lists, comments of readers, in other forms."""

from __future__ import annotations

import pytest

from feeds.model import Bulletin
from feeds.reading import ReadingOptions, read
from feeds.richtext import is_own_business, is_private_link

DAY = "<p>25 November 2026</p>"


def _read(text: str, name: str = "a.html") -> Bulletin:
    return read(name, text.encode(), ReadingOptions())


def _told(bulletin: Bulletin) -> list[tuple[int, str, str]]:
    return [(draft.date_on.day, draft.title, draft.summary) for draft in bulletin.drafts]


def _left_out(bulletin: Bulletin) -> str:
    return next((fault.detail for fault in bulletin.faults if fault.code == "lines-left-out"), "")


LINK = '<p><a href="https://ok.example/more">All the documents</a></p>'


def test_a_link_alone_under_a_text_is_no_title() -> None:
    first = f"{DAY}<p>Minister resigns</p><p>The text.</p>{LINK}"
    second = "<p>24 November 2026</p><p>School opens</p><p>At seven.</p>" + LINK
    assert _told(_read(first)) == [(25, "Minister resigns", "The text.\n\nAll the documents")]
    assert _told(_read(first + second)) == [
        (25, "Minister resigns", "The text.\n\nAll the documents"),
        (24, "School opens", "At seven.\n\nAll the documents"),
    ]


def test_a_link_right_at_its_date_is_a_title() -> None:
    listed = (
        f"{DAY}{LINK}<p>The text.</p><p>24 November 2026</p>{LINK.replace('All', 'Some')}<p>At seven.</p>"
    )
    assert _told(_read(listed)) == [
        (25, "All the documents", "The text."),
        (24, "Some the documents", "At seven."),
    ]
    above = f"{LINK}{DAY}<p>The text.</p>{LINK.replace('All', 'Some')}<p>24 November 2026</p><p>At seven.</p>"
    assert _told(_read(above)) == [
        (25, "All the documents", "The text."),
        (24, "Some the documents", "At seven."),
    ]


TRACKED = "https://click.mailer.example/c/eJx9kE1uwyAQhU8DOyyDf7AXLKq0vUbE.html".replace(".html", "")


def test_an_address_that_counts_who_goes_takes_no_words_with_it() -> None:
    page = f'<h2><a href="{TRACKED}">Ferry starts again</a></h2>{DAY}'
    page += f'<p>See <a href="{TRACKED}">the plan</a>.</p>'
    bulletin = _read(page)
    assert _told(bulletin) == [(25, "Ferry starts again", "See the plan.")]
    assert bulletin.drafts[0].link is None
    assert "mailer" not in bulletin.drafts[0].body
    plain = _read(f"25 November 2026\n\nTitle\n\nThe plan is here: {TRACKED}\n", "a.txt")
    assert plain.drafts[0].summary == "The plan is here:"


@pytest.mark.parametrize(
    ("address", "private", "own"),
    [
        (TRACKED, True, False), ("https://x.us1.list-manage.com/track/click?u=1", True, False),
        ("https://x.us1.list-manage.com/profile?u=1", True, True),
        ("https://m.example/unsubscribe?u=1", True, True),
        ("https://nam.safelinks.protection.outlook.com/?url=https%3A%2F%2Fm.x%2Funsubscribe", True, True),
        ("mailto:leave+unsubscribe@list.example", True, True), ("https://n.example/news", False, False),
        ("https://[broken", False, False),
    ],
)  # fmt: skip
def test_which_addresses_are_their_receivers_alone(address: str, private: bool, own: bool) -> None:
    assert (is_private_link(address), is_own_business(address)) == (private, own)


PROSE = "<p>The ferry runs every hour from six in the morning. Tickets are sold on board.</p>"


@pytest.mark.parametrize(
    "heading",
    ["3 Comments", "Comments (2)", "Leave a Reply", "Comentarios", "Commentaires", "2 responses to “Ferry”"],
)
def test_what_stands_under_a_heading_of_comments_is_left_out(heading: str) -> None:
    end = (
        f"<h3>{heading}</h3><div><p>Reader says:</p><p>25 November 2026</p><p>The mayor is a thief.</p></div>"
    )
    bulletin = _read(f"<main><h1>Ferry starts again</h1>{DAY}{PROSE}{end}</main>")
    assert [draft.title for draft in bulletin.drafts] == ["Ferry starts again"]
    assert "thief" not in bulletin.drafts[0].summary
    assert "readers-comments 4" in _left_out(bulletin)


def test_other_stories_under_a_heading_are_left_out_and_the_next_item_stays() -> None:
    page = f"<h2>Ferry starts again</h2>{DAY}{PROSE}<h3>Related stories</h3><ul><li>Feast</li></ul>"
    bulletin = _read(page + f"<h2>School opens</h2><p>24 November 2026</p>{PROSE}")
    assert [(day, title) for day, title, _ in _told(bulletin)] == [
        (25, "Ferry starts again"),
        (24, "School opens"),
    ]
    assert "Feast" not in bulletin.drafts[0].summary
    assert "related-stories 2" in _left_out(bulletin)


def test_words_about_comments_that_head_no_comments_stay() -> None:
    page = f"<h2>Comments</h2>{DAY}{PROSE}<h2>Comments of the minister welcomed</h2>"
    page += f"<p>24 November 2026</p>{PROSE}<h3>Comments on the budget</h3><p>The minister spoke.</p>"
    assert "minister spoke" in _read(page).drafts[1].summary
    assert [title for _, title, _ in _told(_read(page))] == ["Comments", "Comments of the minister welcomed"]


LISTS = "Ferry board\n\n3 November 2026\n\n- The board met.\n- Captain chosen\n\n"
LISTS += "10 November 2026\n\n- Boats bought.\n"


@pytest.mark.parametrize("more", ["", "- Timetable\n\n17 November 2026\n\n- Rest.\n- Nothing\n"])
def test_entries_of_a_list_belong_to_the_date_above_them(more: str) -> None:
    found = _read(LISTS + "- Winter timetable\n" + more, "a.txt")
    assert found.drafts[0].summary.endswith("Captain chosen")
    assert [draft.date_on.day for draft in found.drafts] == [3, 10, 17][: 3 if more else 2]
    assert "Captain" not in found.drafts[1].title


def test_entries_of_a_list_in_plain_text_are_lines_of_their_own() -> None:
    text = "25 November 2026\n\nTitle\n\nThese:\n\n- One\n- Two\n  goes on\n\n1. First\n2. Second\n"
    (draft,) = _read(text, "a.txt").drafts
    assert draft.summary == "These:\n\n- One\n\n- Two goes on\n\n1. First\n\n2. Second"


@pytest.mark.parametrize("line", ["1. First", "2 Next", "12. Last"])
def test_an_entry_of_one_word_is_no_pager(line: str) -> None:
    (draft,) = _read(f"25 November 2026\n\nTitle\n\nText.\n\n{line}\n\nEnd.\n", "a.txt").drafts
    assert line in draft.summary


def test_a_pager_is_left_out() -> None:
    for line in ("« Previous 1 2 3 Next »", "Anterior Siguiente", "1 2 Next"):
        bulletin = _read(f"25 November 2026\n\nTitle\n\nText.\n\n{line}\n\nEnd.\n", "a.txt")
        assert _left_out(bulletin) == "pager 1"


def test_numbers_in_lists_are_figures_and_those_that_are_links_are_pages() -> None:
    page = f"<h1>Lottery</h1>{DAY}<p>Drawn:</p><ul><li>7</li><li>12</li></ul>"
    assert _read(page).drafts[0].summary == "Drawn:\n\n7\n\n12"
    linked = page.replace("<li>7</li>", '<li><a href="https://n.example/2">7</a></li>')
    assert _read(linked).drafts[0].summary == "Drawn:\n\n12"


def test_a_sentence_that_goes_on_is_one_title() -> None:
    text = "## 2026-11-03\n\nThe board spoke of boats that are stored in\nthe shed (the old one)."
    text += "\n\nIt rested.\n"
    assert _told(_read(text, "a.md")) == [
        (3, "The board spoke of boats that are stored in the shed (the old one).", "It rested.")
    ]
    parted = "## 2026-11-03\n\nThe board met\nThey spoke of boats.\n\nIt rested.\n"
    assert _told(_read(parted, "a.md")) == [(3, "The board met", "They spoke of boats.\n\nIt rested.")]


MAIL = "From: a@b.example\nSubject: {0}\nDate: Fri, 27 Nov 2026 09:00:00 +0000\n"


def test_letters_in_a_subject_that_no_code_stands_for_are_read() -> None:
    for codec in ("utf-8", "cp1252"):
        data = MAIL.format("Región número 12").encode(codec) + b"\nThe ferry runs.\n"
        assert read("a.eml", data, ReadingOptions()).drafts[0].title == "Región número 12"


def test_a_plain_part_that_only_excuses_itself_is_not_the_text() -> None:
    parts = "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=x\n\n"
    parts += "--x\nContent-Type: text/plain\n\n"
    parts += "{0}\n--x\nContent-Type: text/html\n\n<p>The ferry runs every hour.</p>\n--x--\n"
    for words, shown in (
        ("Your mail program does not show HTML.", "The ferry runs every hour."),
        ("The boats lie in the harbour.", "The boats lie in the harbour."),
    ):
        assert _read(MAIL.format("Ferry") + parts.format(words), "a.eml").drafts[0].summary == shown


@pytest.mark.parametrize(
    "farewell",
    ["Best regards,", "Kind regards", "Atentamente,", "Saludos cordiales", "Cordialement", "Viele Grüße"],
)
def test_a_farewell_with_a_name_and_how_to_reach_it_is_a_signature(farewell: str) -> None:
    signed = (
        f"\nThe ferry runs every hour.\n\n{farewell}\n\nAna Perez\nTel. +507 555 0100\nana@home.example\n"
    )
    bulletin = _read(MAIL.format("Ferry") + signed, "a.eml")
    assert bulletin.drafts[0].summary == "The ferry runs every hour."
    assert _left_out(bulletin) == "mail-signature 4"


@pytest.mark.parametrize(
    "below",
    ["", "A sentence that is longer than any line of a signature may be stands under it, and goes on.\n",
     "25 November, 2026\n\nSchool opens\n", "Ana\n\nThe ferry runs every hour from six.\n", "Line.\n" * 13],
)  # fmt: skip
def test_a_farewell_above_more_than_a_name_ends_nothing(below: str) -> None:
    bulletin = _read(MAIL.format("Ferry") + f"\nThe ferry runs.\n\nThank you\n\n{below}", "a.eml")
    assert "Thank you" in str(
        [draft.original for draft in bulletin.drafts] + [f.detail for f in bulletin.faults]
    )
    assert "signature" not in _left_out(bulletin)


def test_the_day_of_a_letter_may_stand_behind_its_place() -> None:
    text = "\nEstimados amigos:\n\nPanamá, 25 de noviembre de 2026\n\nEl ferry sale cada hora.\n"
    assert [(day, title) for day, title, _ in _told(_read(MAIL.format("Carta") + text, "a.eml"))] == [
        (25, "Carta")
    ]


def test_a_day_after_a_letter_was_sent_is_part_of_its_text() -> None:
    text = "\nThe ferry runs. It starts on:\n\n5 December 2026\n\nAll are welcome.\n"
    (told,) = _told(_read(MAIL.format("Ferry") + text, "a.eml"))
    assert told == (27, "Ferry", "The ferry runs. It starts on:\n\n5 December 2026\n\nAll are welcome.")


@pytest.mark.parametrize(
    "host", ["localhost:1313", "127.0.0.1", "192.168.1.4", "10.0.0.1", "172.20.0.2", "x.local"]
)
def test_addresses_that_nobody_outside_can_reach_are_no_links(host: str) -> None:
    head = f'<link rel="canonical" href="http://{host}/x/"><meta property="og:url" content="https://post.example/x/">'
    page = f"<html><head>{head}</head><body><article><h1>Ferry starts again</h1>{DAY}{PROSE}</article>"
    assert _read(page).drafts[0].link == "https://post.example/x/"


def test_what_is_moved_off_the_screen_is_hidden_and_what_fades_in_is_not() -> None:
    page = f'<h1>A</h1>{DAY}<p style="position:absolute; left: -9999px">Secret</p>'
    bulletin = _read(
        page
        + '<div style="opacity:0;transition:opacity 1s"><p>Shown</p></div><p style="margin-left:-9px">Too</p>'
    )
    assert bulletin.drafts[0].summary == "Shown\n\nToo"
    assert _left_out(bulletin) == "hidden 1"


NOTICE = (
    " This e-mail and any attachments are for the sole use of its recipient" + ", whoever that is" * 40 + "."
)


@pytest.mark.parametrize(
    "words",
    ["CONFIDENTIALITY NOTICE:" + NOTICE, "Legal disclaimer:" + NOTICE, "Disclaimer:" + NOTICE,
     "AVISO DE CONFIDENCIALIDAD: Este correo y sus anexos son para su destinatario.",
     "Aviso legal: la información de este mensaje es para su destinatario.",
     "Avis de confidentialité : ce courriel est destiné à la personne nommée.",
     "Vertraulichkeitshinweis: Diese Nachricht ist für den Empfänger bestimmt.",
     "Please consider the environment before printing this page.",
     "Antes de imprimir, piense en el medio ambiente."],
)  # fmt: skip
def test_what_companies_write_under_their_mails_is_nobody_s_news(words: str) -> None:
    mail = (
        f"From: a@b.example\nSubject: Ferry\nDate: Wed, 25 Nov 2026 09:00:00 +0000\n\nIt runs.\n\n{words}\n"
    )
    (draft,) = read("a.eml", mail.encode()).drafts
    assert draft.summary == "It runs."


@pytest.mark.parametrize(
    "words",
    ["Privacy statement of the harbour is on the wall.", "Legal notice of a sale of boats at the quay."],
)
def test_notices_of_other_kinds_are_news(words: str) -> None:
    (draft,) = read("a.txt", f"25 November 2026\n\nFerry\n\nIt runs.\n\n{words}\n".encode()).drafts
    assert words in draft.summary


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See https://ana:pw@x.example/y now.", "See now."),
        ("See https://staging.x.example/y now.", "See now."),
        ("At https://x.example/reset?token=1. Go.", "At Go."),
        (
            "At https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fx.example%2Fa&data=05. Go.",
            "At https://x.example/a. Go.",
        ),
        (
            "At https://eur01.safelinks.protection.outlook.com/?url=http%3A%2F%2Flocalhost%2Fa&data=05 Go.",
            "At Go.",
        ),
        ("At https://www.google.com/url?q=https://x.example/a&sa=D Go.", "At https://x.example/a Go."),
        (
            "At  https://x.example/a?b=c  (and www.x.example).",
            "At https://x.example/a?b=c (and www.x.example).",
        ),
    ],
)
def test_addresses_in_a_text_are_those_that_everybody_may_follow(text: str, expected: str) -> None:
    (draft,) = _read(f"25 November, 2026\n\nFerry\n\nIt runs. {text}\n", "a.txt").drafts
    assert draft.summary == f"It runs. {expected}"


@pytest.mark.parametrize(
    ("line", "link", "text"),
    [
        ("Link: https://x.example/a", "https://x.example/a", ""),
        ("The ferry runs. More: https://x.example/a", None, "The ferry runs. More: https://x.example/a"),
        ("Does it run? See: https://x.example/a", None, "Does it run? See: https://x.example/a"),
        ("It runs; see: https://x.example/a", None, "It runs; see: https://x.example/a"),
    ],
)
def test_words_of_a_sentence_before_an_address_are_no_label_of_it(
    line: str, link: str | None, text: str
) -> None:
    (draft,) = _read(f"25 November, 2026\n\nFerry\n\n{line}\n", "a.txt").drafts
    assert (draft.link, draft.summary) == (link, text)


@pytest.mark.parametrize(
    "line",
    ["Click here to leave this list: https://l.example/u?x=1", "To stop getting these mails, write to us.",
     "Para salir de la lista escriba a la oficina", "Pour quitter cette liste : https://l.example/u",
     "Para sair desta lista: https://l.example/u", "Leave our newsletter"],
)  # fmt: skip
def test_how_to_leave_a_list_is_nobodys_news(line: str) -> None:
    bulletin = _read(f"25 November, 2026\n\nFerry\n\nIt runs.\n\n{line}\n", "a.txt")
    (draft,) = bulletin.drafts
    assert (draft.summary, draft.link, _left_out(bulletin)) == ("It runs.", None, "private-line 1")


def test_leaving_a_list_of_something_else_is_news() -> None:
    text = "Leave this beach at five.\n\nTwo countries leave the list of ports."
    assert _read(f"25 November, 2026\n\nFerry\n\n{text}\n", "a.txt").drafts[0].summary == text


def test_a_head_whose_address_is_the_offices_own_is_told_of() -> None:
    head = "---\ntitle: Ferry\ndate: 2026-11-25\nlink: {}\n---\n\nIt runs.\n"
    own = _read(head.format("https://x.example/wp-admin/post.php?post=12"), "a.md")
    assert own.drafts[0].link is None
    assert [(fault.code, fault.line) for fault in own.faults] == [("head-link", 4)]
    public = _read(head.format("https://x.example/ferry"), "a.md")
    assert (public.drafts[0].link, public.faults) == ("https://x.example/ferry", ())


def test_comments_of_a_word_processor_that_were_pasted_are_left_out() -> None:
    text = (
        "It runs.\n\nComment [AP1]: is this right?\n\nComentado [LG12]: sí.\n\nComment [sic]: it runs well."
    )
    bulletin = _read(f"25 November, 2026\n\nFerry\n\n{text}\n", "a.txt")
    assert bulletin.drafts[0].summary == "It runs.\n\nComment [sic]: it runs well."
    assert _left_out(bulletin) == "private-line 2"


@pytest.mark.parametrize(
    ("text", "seen", "dropped"),
    [
        ("It runs. %% call Luis %% Daily.", "It runs. Daily.", 1),
        ("It runs.\n\n%%\ncall Luis\n\nand Ana\n%%\n\nDaily.", "It runs.\n\nDaily.", 1),
        ("It runs %%a%% and %%b%%.", "It runs and .", 2),
        ("It runs at 100 %% of its speed.", "It runs at 100 %% of its speed.", 0),
        ("It runs at 100%% and 90%% of it.", "It runs at 100%% and 90%% of it.", 0),
        ("%%% 5 %%%", "%%% 5 %%%", 0),
    ],
)
def test_what_obsidian_shows_to_nobody_is_left_out_of_markdown(text: str, seen: str, dropped: int) -> None:
    bulletin = _read(f"---\ntitle: Ferry\ndate: 2026-11-25\n---\n\n{text}\n", "a.md")
    assert bulletin.drafts[0].summary == seen
    assert _left_out(bulletin) == (f"template-mark {dropped}" if dropped else "")
