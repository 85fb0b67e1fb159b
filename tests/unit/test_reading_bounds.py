"""Where rules of reading turn: one word, line or letter more or less on either side."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from feeds.errors import BulletinError
from feeds.model import Bulletin
from feeds.reading import read
from feeds.reading.mail.letterhead import letter_of
from feeds.reading.mail.wording import is_farewell
from feeds.reading.text.layout import WRAP, wrapped_title
from feeds.reading.text.near import _ends_with_day
from feeds.reading.text.slips import _distance

DAY = "25 November 2026"


def titles(found: Bulletin) -> list[str]:
    return [draft.title for draft in found.drafts]


# -- lines that are nearly dates


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (f"Bulletin {DAY}", True),
        (f"Bulletin of the port and town {DAY}", True),
        (f"Bulletin of the old port and town {DAY}", False),
        (f"Stand: {DAY}", True),
        (f"{DAY}", False),
        (f"Walk in the hills of {DAY}", False),
    ],
)
def test_words_that_name_a_day_before_it_are_six_at_most(words: str, told: bool) -> None:
    assert _ends_with_day(words) is told


@pytest.mark.parametrize(
    ("word", "name", "most", "near"),
    [
        ("novmeber", "november", 1, True),  # two letters swapped are one slip
        ("nvoember", "november", 1, True),
        ("novebmre", "november", 1, False),
        ("novebmre", "november", 2, True),
        ("onvember", "november", 1, True),
        ("ovember", "november", 1, True),
        ("xnovember", "november", 1, True),
        ("oxvember", "november", 1, False),
        ("mai", "may", 0, False),
    ],
)
def test_two_letters_that_changed_places_are_one_slip(word: str, name: str, most: int, near: bool) -> None:
    assert _distance(word, name, most) is near


@pytest.mark.parametrize(("second", "found"), [("Tomorrow", True), ("tomorrow", False)])
def test_in_a_file_without_blank_lines_a_capital_begins_the_text(second: str, found: bool) -> None:
    around = "24 November 2026\nHarbour feast\nMusic from noon.\n"
    item = f"Published: {DAY}\nThe ferry runs to the island\n{second} it runs to the other one.\n"
    assert (len(titles(read("a.txt", (around + item + around).encode()))) == 3) is found


def test_a_date_in_dress_over_nothing_but_a_title_heads_nothing_in_a_file_without_blank_lines() -> None:
    around = "24 November 2026\nHarbour feast\nMusic from noon.\n"
    assert len(titles(read("a.txt", f"{around}Published: {DAY}\nFerry starts\n{around}".encode()))) == 2


@pytest.mark.parametrize("between", [1, 2])
def test_under_headings_a_date_in_dress_stands_right_beside_one(between: int) -> None:
    gap = "\n\nSome words stand here.\n\n" * (between - 1) or "\n\n"
    text = (
        f"# Ferry starts\n\n24 November 2026\n\nIt runs.\n\n# School opens{gap}Issued: {DAY}\n\nAt seven.\n"
    )
    assert len(titles(read("a.md", text.encode()))) == 3 - between


# -- layouts


@pytest.mark.parametrize(("width", "wrapped"), [(WRAP, True), (WRAP + 1, False)])
def test_nobody_wraps_a_title_beyond_a_line(width: int, wrapped: bool) -> None:
    first = "x" * (width - 3)
    assert wrapped_title([first, "word and more"], width) is wrapped


@pytest.mark.parametrize(("last", "wrapped"), [("abc", False), ("abcd", True)])
def test_a_word_that_would_have_fitted_is_on_the_next_line_for_a_reason(last: str, wrapped: bool) -> None:
    assert wrapped_title(["x" * 16, f"{last} and more"], 20) is wrapped


def test_a_rule_between_a_link_and_its_date_is_nothing() -> None:
    item = "[Ferry {n}](https://o.example/{n})\n\n- - -\n\n{n} November 2026\n\nText {n}.\n\n"
    text = "".join(item.format(n=n) for n in (3, 10, 17)).replace("- - -", "\\-\\-\\-")
    assert titles(read("a.md", text.encode())) == ["Ferry 3", "Ferry 10", "Ferry 17"]


def test_of_dates_that_are_headings_a_lower_one_under_a_title_is_its_day() -> None:
    item = "# Ferry {n}\n\n## {n} November 2026\n\nText {n}.\n\n"
    found = read("a.md", "".join(item.format(n=n) for n in (3, 10, 17)).encode())
    assert titles(found) == ["Ferry 3", "Ferry 10", "Ferry 17"]
    item = "## {n} November 2026\n\n### Ferry {n}\n\nText {n}.\n\n"
    found = read("a.md", ("# Board\n\n" + "".join(item.format(n=n) for n in (3, 10, 17))).encode())
    assert titles(found) == ["Ferry 3", "Ferry 10", "Ferry 17"]


def test_one_date_between_two_headings_as_near_is_that_of_the_upper_one() -> None:
    text = f"# Ferry starts\n\n{DAY}\n\n# School opens\n\nAt seven.\n"
    assert titles(read("a.md", text.encode())) == ["Ferry starts"]


def test_two_dates_with_a_heading_as_near_on_either_side_are_those_of_the_lower_ones() -> None:
    text = f"# News\n\n{DAY}\n\n# Ferry starts\n\n24 November 2026\n\n# School opens\n\nAt seven.\n"
    assert titles(read("a.md", text.encode())) == ["Ferry starts", "School opens"]


def test_of_a_paragraph_the_lines_that_a_sentence_goes_on_over_are_the_title() -> None:
    text = "---\ndate: 2026-11-25\n---\n\nThe ferry runs\nagain\nIt starts at six.\n\nTickets are sold.\n"
    (draft,) = read("a.md", text.encode()).drafts
    assert (draft.title, draft.summary) == (
        "The ferry runs again",
        "It starts at six.\n\nTickets are sold.",
    )


def test_a_list_above_a_date_and_one_below_are_those_of_two_days() -> None:
    day = "{n} November 2026\n\n- The board met on fees.\n\n- It chose a captain\n\n"
    found = read("a.txt", ("Ferry board\n\n" + "".join(day.format(n=n) for n in (3, 10, 17))).encode())
    assert [draft.date_on.day for draft in found.drafts] == [3, 10, 17]
    assert all("The board met on fees." in draft.title for draft in found.drafts)


def test_an_item_of_a_head_alone_stands_on_the_first_line() -> None:
    (draft,) = read("a.md", b"---\ntitle: T\ndate: 2026-11-25\ndescription: It runs.\n---\n").drafts
    assert (draft.line, draft.summary) == (1, "It runs.")


# -- mails


def mail(plain: str, rich: str) -> Bulletin:
    message = EmailMessage()
    message["Subject"], message["From"], message["Date"] = (
        "Ferry",
        "a@b.example",
        "Wed, 25 Nov 2026 09:00:00 +0000",
    )
    message.set_content(plain)
    message.add_alternative(rich, subtype="html")
    return read("a.eml", message.as_bytes())


WORDS = [f"word{n}" for n in range(20)]


@pytest.mark.parametrize(("more", "is_rich"), [(1, True), (2, False)])
def test_a_form_is_taken_if_nineteen_words_of_twenty_are_the_same(more: int, is_rich: bool) -> None:
    plain = " ".join(WORDS[: 20 - more])
    for one, other in ((plain, " ".join(WORDS)), (" ".join(WORDS), plain)):
        (draft,) = mail(one + "\n", f"<p><b>{other}</b></p>").drafts
        assert bool(draft.body) is is_rich


@pytest.mark.parametrize(
    ("row", "leaves"),
    [("Best regards,", True), ("*Saludos cordiales*", True), ("Mit freundlichen Grüßen", True),
     ("Best regards to all who came to the harbour", False), ("Best regards," + " " * 47, True),
     ("Best regards," + " " * 48, False)],
)  # fmt: skip
def test_a_farewell_is_a_short_line_of_its_own(row: str, leaves: bool) -> None:
    assert is_farewell(row) is leaves


FORWARDED = ["From: Luis <luis@o.example>", f"Date: {DAY}", "Subject: Ferry", "", "It runs."]


@pytest.mark.parametrize(
    ("mark", "forwards", "answers", "kept"),
    [
        ("---------- Forwarded message ---------", False, False, ["It runs."]),
        ("---------- Forwarded message ---------", False, True, ["It runs."]),
        ("", True, False, ["It runs."]),
        ("", True, True, ["A note."]),  # "Re: Fwd: …": what is new in it
        ("-----Original Message-----", False, True, ["A note."]),
        ("-----Original Message-----", False, False, []),  # unclear
    ],
)
def test_a_mark_or_the_subject_says_that_a_mail_is_forwarded(
    mark: str, forwards: bool, answers: bool, kept: list[str]
) -> None:
    lines = ["A note.", "", mark, *FORWARDED]
    letter = letter_of(lines, forwards=forwards, answers=answers)
    assert [lines[at] for at in letter.kept] == kept
    assert bool(letter.unclear) is not kept


def test_a_letterhead_at_the_top_of_a_mail_is_that_of_the_mail_which_it_forwards() -> None:
    letter = letter_of(FORWARDED, forwards=False, answers=False)
    assert [FORWARDED[at] for at in letter.kept] == ["It runs."]
    assert letter.said == {"from": "Luis <luis@o.example>", "date": DAY, "subject": "Ferry"}


@pytest.mark.parametrize(
    ("below", "is_signature"),
    [(1, True), (12, True), (13, False), (0, False)],
)
def test_a_signature_under_a_farewell_has_twelve_lines_at_most(below: int, is_signature: bool) -> None:
    lines = ["It runs.", "", "Best regards,", *(f"Name {n}" for n in range(below))]
    letter = letter_of(lines, forwards=False, answers=False)
    assert ("Best regards," not in [lines[at] for at in letter.kept]) is is_signature


# -- heads


def test_a_value_of_a_bare_head_goes_on_over_lines_that_are_set_in() -> None:
    text = f"Title: Ferry starts\n    again today\nDate: {DAY}\n\nIt runs.\n"
    assert titles(read("a.txt", text.encode())) == ["Ferry starts again today"]
    text = f"Title: Ferry starts\nDate: {DAY}\nSummary: Short\n\tand clear.\n\n"
    assert [draft.summary for draft in read("a.txt", text.encode()).drafts] == ["Short and clear."]
    with pytest.raises(BulletinError):
        read("a.txt", f"    again today\n{text}".replace(DAY, "soon").encode())


def test_in_a_head_that_is_no_yaml_each_name_keeps_the_lines_below_it() -> None:
    head = "title: Ferry: it starts\ncountries:\n  - Panama\n  - Cuba\ntopics: [x]\nother: [ {\nlang: en"
    (draft,) = read("a.md", f"---\n{head}\ndate: 2026-11-25\n---\n\nIt runs.\n".encode()).drafts
    assert (draft.title, draft.countries, draft.topics, draft.lang) == (
        "Ferry: it starts", ("pa", "cu"), ("x",), "en",
    )  # fmt: skip


# -- web pages


def test_entries_of_a_list_are_items_if_each_has_a_text() -> None:
    entry = "<li><span>{n} November 2026</span> <b>Ferry {n}</b><p>At {n}.</p></li>"
    found = read("a.html", ("<ul>" + "".join(entry.format(n=n) for n in (3, 10, 17)) + "</ul>").encode())
    assert [(draft.title, draft.summary) for draft in found.drafts] == [
        (f"Ferry {n}", f"At {n}.") for n in (3, 10, 17)
    ]  # fmt: skip


PROSE = "The ferry runs every hour from six in the morning on, and back from seven."


@pytest.mark.parametrize(("inside", "outside", "known"), [(1, 1, True), (1, 2, False), (2, 1, True)])
def test_the_part_that_is_called_the_text_holds_half_of_the_prose_at_least(
    inside: int, outside: int, known: bool
) -> None:
    body = "".join(f"<p>{n} {PROSE}</p>" for n in range(inside))
    rest = "".join(f"<p>{n} {PROSE}</p>" for n in range(5, 5 + outside))
    page = (
        f'<main><article><h1>Ferry starts</h1><time datetime="2026-11-25">{DAY}</time>'
        f'<div class="entry-content">{body}</div>{rest}</article></main>'
    )
    (draft,) = read("a.html", page.encode()).drafts
    assert (f"5 {PROSE}" in draft.summary) is not known


def test_a_title_that_is_a_sentence_is_no_part_of_the_text() -> None:
    title = "The ferry runs again between the two banks of the river from Monday on."
    page = (
        f"<main><article><h1>{title}</h1><p>{DAY}</p>"
        f'<div class="entry-content"><p>{PROSE}</p></div></article></main>'
    )
    (draft,) = read("a.html", page.encode()).drafts
    assert (draft.title, draft.summary) == (title, PROSE)


def test_a_sentence_between_title_and_text_leads_in() -> None:
    lead = "From Monday the ferry runs again between the two banks of the river, says the office."
    page = (
        f"<main><article><h1>Ferry starts</h1><p>{lead}</p><p>{DAY}</p>"
        f'<div class="entry-content"><p>{PROSE}</p></div></article></main>'
    )
    (draft,) = read("a.html", page.encode()).drafts
    assert draft.summary == f"{lead}\n\n{PROSE}"


@pytest.mark.parametrize(
    "marked",
    ['<time itemprop="datePublished" datetime="2026-11-25">Wednesday</time>',
     '<meta itemprop="datePublished" content="2026-11-25T09:00">',
     '<span itemprop="datePublished" content="2026-11-25">two days ago</span>'],
)  # fmt: skip
def test_the_day_of_an_article_may_be_marked_in_its_text(marked: str) -> None:
    page = (
        f"<html><body><article><h1>Ferry starts</h1>{marked}"
        f'<div class="entry-content"><p>{PROSE}</p></div></article></body></html>'
    )
    (draft,) = read("a.html", page.encode()).drafts
    assert draft.date_on.isoformat() == "2026-11-25"
