"""Where the rules of reading begin and end: figures, signs and kinds just on both sides of each."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
from lxml import html as lxml_html

from feeds.errors import BulletinError
from feeds.reading import read
from feeds.reading.encoding import decode
from feeds.reading.head.entries import MOST_DEPTH
from feeds.reading.mail.letterhead import is_letters_day
from feeds.reading.mail.message import MOST_PARTS
from feeds.reading.markup.articles import article_of, kept_rows
from feeds.reading.markup.page_head import head_of
from feeds.reading.markup.phrases import Line
from feeds.reading.markup.tables import is_data_table
from feeds.reading.page import Rows
from feeds.reading.text.dates import LONGEST, proven_order
from feeds.reading.text.layout import WRAP
from feeds.reading.text.slips import is_slip

DAY = date(2026, 11, 25)


def titles(text: str, name: str = "b.md") -> list[str]:
    return [draft.title for draft in read(name, text.encode()).drafts]


# -- letters and mails


@pytest.mark.parametrize(
    ("above", "below", "is_day"),
    [
        ("Ferry", "", False),
        ("Ferry", "It runs.", True),
        ("", "Ferry\nIt runs.", False),
        ("", "Ferry", True),
        ("", "It runs every hour.\nSo it is.", True),
        ("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl", "It runs.", False),
    ],
)
def test_the_day_of_a_letter_is_near_its_top_and_over_its_text(above: str, below: str, is_day: bool) -> None:
    rows = [*above.splitlines(), "25 November 2026", *below.splitlines()]
    assert is_letters_day(rows, len(above.splitlines())) is is_day


def test_of_a_mail_with_very_many_pieces_the_first_ones_are_read() -> None:
    pieces = "".join(
        f"--x\nContent-Type: text/plain\n\nPiece {n} of the news.\n\n" for n in range(MOST_PARTS + 3)
    )
    head = "Subject: News\nDate: Wed, 25 Nov 2026 09:00:00 +0000\nMIME-Version: 1.0\n"
    (item,) = read(
        "a.eml", f"{head}Content-Type: multipart/mixed; boundary=x\n\n{pieces}--x--".encode()
    ).drafts
    assert f"Piece {MOST_PARTS - 2} of" in item.summary
    assert f"Piece {MOST_PARTS - 1} of" not in item.summary


# -- bytes


def utf_16_of(data: bytes) -> str | None:
    """As which UTF-16 bytes without a mark are read."""
    with suppress(BulletinError):
        encoding = decode(data, "cp1252").encoding
        return encoding if encoding.startswith("utf-16") else None
    return None


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_text_whose_every_other_byte_is_zero_is_utf_16(encoding: str) -> None:
    letters = "It runs from six on"
    for text, found in ((letters + "s\u0400", encoding), (letters[:-1] + "\u0400", None)):
        data = text.encode(encoding)  # one letter in twenty may be of another kind, and no more
        assert utf_16_of(data) == found


# -- heads


@pytest.mark.parametrize(("start", "end"), [("[", "]"), ("{? ", "}"), ("{a: ", "}")])
def test_a_head_is_not_deeper_than_any_head_is(start: str, end: str) -> None:
    def head(deep: int) -> bytes:
        return f"---\ntitle: T\ndate: 2026-11-25\nx: {start * deep}y{end * deep}\n---\n\nText.\n".encode()

    assert read("a.md", head(MOST_DEPTH - 1)).drafts
    with pytest.raises(BulletinError) as error:
        read("a.md", head(MOST_DEPTH))
    assert error.value.fault.code == "front-matter-too-much"


# -- markup


@pytest.mark.parametrize(
    ("inner", "is_table"),
    [
        ("<tr><td>a</td><td>b</td></tr>" * 2, True),
        ("<tr><th>a</th><th>b</th></tr><tr><td>a</td><td>b</td></tr>", True),
        ("<tr><td>a</td><td>b</td></tr>", False),  # a single row
        ("<tr><td>a</td><td>b</td></tr><tr><td>c</td></tr>", True),
        ("<tr><td>a</td><td>b</td></tr><tr><td>c</td></tr><tr><td>d</td></tr>", False),  # mostly one column
        (f"<tr><td>a</td><td>{'b' * 300}</td></tr>" * 2, True),
        (f"<tr><td>a</td><td>{'b' * 301}</td></tr>" * 2, False),
        (f"<tr><td>a</td><td>b<i>{'c' * 299}</i></td></tr>" * 2, True),
        ("<tr><td>a</td><td><ul><li>b</li></ul></td></tr>" * 2, False),
    ],
)
def test_a_table_of_words_and_figures_has_rows_columns_and_short_cells(inner: str, is_table: bool) -> None:
    assert is_data_table(lxml_html.fromstring(f"<table>{inner}</table>"), []) is is_table


def test_links_are_titles_only_where_there_are_no_headings() -> None:
    item = "{n} November 2026\n\n## Title {n}\n\nText {n}.\n\n[A link](https://o.example/{n})\n\n"
    assert titles("".join(item.format(n=n) for n in (3, 10, 17))) == ["Title 3", "Title 10", "Title 17"]


@pytest.mark.parametrize(("headings", "found"), [(1, False), (2, False), (3, True)])
def test_dates_are_headings_if_more_than_half_of_them_are(headings: int, found: bool) -> None:
    days = [f"{'## ' if n < headings else ''}{n + 1} November 2026" for n in range(4)]
    text = "\n\n".join(
        f"Title {n}\n\n{day}\n\nThe text of this day is long. So it is." for n, day in enumerate(days)
    )
    assert (titles(text)[0] == "Title 0") is not found


# -- lines that are nearly dates


@pytest.mark.parametrize(("length", "told"), [(LONGEST, True), (LONGEST + 1, False)])
def test_a_longer_line_is_never_nearly_a_date(length: int, told: bool) -> None:
    assert is_slip("31 Febuary 2026".ljust(length, ")")) is told


@pytest.mark.parametrize(
    ("words", "is_near"),
    [
        ("25 Novemver 2026", True),
        ("25 Novembr 2026", True),
        ("25 Novemberr 2026", True),
        ("25 Novembex 2026", True),
        ("25 Noevmber 2026", True),
        ("25 Setembber 2026", True),
        ("25 Jul 2026", True),
        ("25 Noxexbe 2026", False),
        ("25 Jxxy 2026", False),
        ("25 Novexxxr 2026", False),
        ("25 boats 2026", False),
        ("25 Mayor 2026", False),
    ],
)
def test_a_month_is_misspelt_by_a_letter_or_a_long_one_by_two(words: str, is_near: bool) -> None:
    assert is_slip(words) is is_near


# -- mails that are forwarded


def test_a_letterhead_has_three_fields_at_least() -> None:
    outer = "From: a@x.example\nSubject: Fwd: Ferry\nDate: Fri, 27 Nov 2026 09:00:00 +0000\n\n"
    three = "From: Luis <l@m.example>\nDate: 25 November 2026\nSubject: Ferry\n\nIt runs.\n"
    (item,) = read("a.eml", f"{outer}{three}".encode()).drafts
    assert item.date_on == DAY
    two = three.replace("Date: 25 November 2026\n", "")
    with suppress(BulletinError):  # it says that it forwards a mail, and none is seen
        assert all(draft.date_on != DAY for draft in read("a.eml", f"{outer}{two}".encode()).drafts)


def test_of_many_mails_that_are_attached_five_are_named() -> None:
    inner = "Subject: Number {n}\nDate: Wed, 25 Nov 2026 09:00:00 +0000\n\nText.\n"
    pieces = "".join(f"--x\nContent-Type: message/rfc822\n\n{inner.format(n=n)}\n" for n in range(7))
    head = "Subject: Fwd\nDate: Wed, 25 Nov 2026 09:00:00 +0000\nMIME-Version: 1.0\n"
    with pytest.raises(BulletinError) as error:
        read("a.eml", f"{head}Content-Type: multipart/mixed; boundary=x\n\n{pieces}--x--".encode())
    assert "Number 4" in error.value.fault.detail
    assert "Number 5" not in error.value.fault.detail


# -- layouts


def test_the_source_of_an_item_in_its_own_box_is_all_of_it() -> None:
    box = "<article><h2>Title {n}</h2><p>{n} November 2026</p><p>It is so.</p></article>"
    found = read("a.html", "".join(box.format(n=n) for n in (3, 10)).encode()).drafts
    assert [draft.original.strip() for draft in found] == [
        f"Title {n}\n\n{n} November 2026\n\nIt is so." for n in (3, 10)
    ]


def test_one_heading_among_many_dates_is_no_layout() -> None:
    days = "\n\n".join(f"{n} November 2026\n\nFerry {n} starts\n\nIt runs every hour." for n in (3, 4, 5, 6))
    assert titles(f"{days}\n\n## More to come\n\nText.")[:3] == [
        "Ferry 3 starts",
        "Ferry 4 starts",
        "Ferry 5 starts",
    ]


@pytest.mark.parametrize(
    ("text", "order"),
    [("12/13/2021", "mdy"), ("13/12/2021", "dmy"), ("12/12/2021", None), ("13/12/2021\n12/13/2021", None),
     ("13/12/2021\n03/04/2021", "dmy")],
)  # fmt: skip
def test_a_number_above_twelve_proves_the_order_of_all(text: str, order: str | None) -> None:
    assert proven_order(text) == order


def test_a_page_s_title_names_which_of_its_first_headings_is_the_articles() -> None:
    page = (
        "<title>Ferry starts again in the harbour | Office</title><meta property='og:type' content='article'>"
        "<h1>Ferry</h1><h1>Ferry starts again in the harbour</h1><p>25 November 2026</p>"
        "<p>It runs every hour from six in the morning until ten at night, says the town.</p>"
    )
    assert titles(page, "b.html") == ["Ferry starts again in the harbour"]


def test_a_line_that_unsubscribes_is_left_out_and_told_of() -> None:
    line = "You receive this letter because you asked for it."
    found = read("a.txt", f"25 November 2026\n\nFerry\n\nIt runs.\n\n{line}\n\nIt stops.\n".encode())
    assert found.drafts[0].summary == "It runs.\n\nIt stops."
    assert [fault.detail for fault in found.faults] == ["private-line 1"]


def rows_of(*lines: str) -> Rows:
    rows = Rows()
    for line in lines:
        rows.block([line], [1])
    return rows


PROSE = "The ferry runs every hour from six in the morning until ten at night."


@pytest.mark.parametrize(("length", "day"), [(99, DAY), (100, DAY), (101, None)])
def test_a_day_beside_a_title_stands_in_a_short_line(length: int, day: date | None) -> None:
    line = "25 November 2026 | By ".ljust(length, "a")
    assert kept_rows(rows_of("Ferry", line, PROSE), 1, None)[1] == day


@pytest.mark.parametrize(("length", "day"), [(59, DAY), (60, None)])
def test_what_stands_below_the_first_whole_sentence_is_not_beside_the_title(
    length: int, day: date | None
) -> None:
    line = "The ferry runs".ljust(length - 1, "x") + "."
    assert kept_rows(rows_of("Ferry", line, "25 November 2026", PROSE), 1, None)[1] == day


def test_of_what_stands_between_title_and_text_names_days_and_the_title_again_go() -> None:
    rows = rows_of(
        "Ferry", "By Ana Ruiz", "25 November 2026", "FERRY", "At the quay", PROSE, "Read also:", "More"
    )
    kept, day = kept_rows(rows, 1, None)
    assert [rows.text[row - 1] for row in sorted(kept)] == ["At the quay", PROSE, "More"]
    assert day == DAY


@pytest.mark.parametrize(("length", "summary"), [(WRAP, "{line} It runs."), (WRAP + 1, "{line}\n\nIt runs.")])
def test_a_line_that_nobody_wraps_so_late_is_a_paragraph(length: int, summary: str) -> None:
    line = "The ferry runs " + "on" * 300
    line = line[:length]
    (item,) = read("a.txt", f"25 November 2026\n\nFerry\n\n{line}\nIt runs.\n".encode()).drafts
    assert item.summary == summary.format(line=line)


@pytest.mark.parametrize("nothing", ["null", "{}", '""'])
def test_what_a_head_leaves_empty_says_nothing(nothing: str) -> None:
    head = f'{{"title": "Ferry", "date": "2026-11-25", "description": {nothing}, "id": {nothing}}}'
    (item,) = read("a.md", f"{head}\n\nIt runs.\n".encode()).drafts
    assert (item.title, item.summary, item.external_id) == ("Ferry", "It runs.", None)
    (bare,) = read("a.md", f"{head}\n".encode()).drafts
    assert bare.summary == ""


@pytest.mark.parametrize(("says", "found"), [(True, True), (False, False)])
def test_several_articles_are_one_only_if_the_page_says_so(says: bool, found: bool) -> None:
    tree = lxml_html.document_fromstring(
        f"<article><h1>Ferry</h1><p>{PROSE}</p></article><article><h2>School</h2><p>{PROSE}</p></article>"
    )
    assert (article_of(tree, replace(head_of(tree), is_article=says)) is not None) is found


@pytest.mark.parametrize(
    ("words", "markup"), [("a < b", "a &lt; b"), ('say "so"', 'say "so"'), ("a & b", "a &amp; b")]
)
def test_a_line_without_form_is_its_words(words: str, markup: str) -> None:
    assert Line.of(words) == Line(words, markup)


def test_a_part_of_the_pages_title_names_its_article_if_it_is_long() -> None:
    page = "<title>Breaking: {title} on Friday</title><h1>Ferry</h1><h1>{title}</h1><p>{day}</p>{text}"
    kept = "<meta property='og:type' content='article'>"
    long = "Ferry starts again in the harbour"
    assert titles(kept + page.format(title=long, day="25 November 2026", text=PROSE), "b.html") == [long]


@pytest.mark.parametrize(
    "where", ["<base href='{}'>", "<link rel='canonical' href='{}'>", "<meta property='og:url' content='{}'>"]
)
def test_relative_addresses_are_relative_to_what_the_page_says(where: str) -> None:
    page = (
        where.format("https://o.example/news/")
        + "<h1>Ferry</h1><p>25 November 2026</p><p>See <a href='plan'>it</a>.</p>"
    )
    assert 'href="https://o.example/news/plan"' in read("b.html", page.encode()).drafts[0].body


def test_values_of_a_head_are_found_in_lists_in_lists() -> None:
    (item,) = read(
        "a.md", b"---\ntitle: T\ndate: 2026-11-25\ntags: [[[boats]], harbour]\n---\n\nText.\n"
    ).drafts
    assert item.tags == ("boats", "harbour")


@pytest.mark.parametrize(("first", "kind"), [("plain", "html"), ("html", "plain")])
def test_of_two_ways_to_say_the_same_one_is_read(first: str, kind: str) -> None:
    said = {"plain": "It runs every hour.", "html": "<p>It runs <b>every</b> hour.</p>"}
    pieces = "".join(f"--x\nContent-Type: text/{each}\n\n{said[each]}\n" for each in (first, kind))
    head = "Subject: Ferry\nDate: Wed, 25 Nov 2026 09:00:00 +0000\nMIME-Version: 1.0\n"
    (item,) = read(
        "a.eml", f"{head}Content-Type: multipart/alternative; boundary=x\n\n{pieces}--x--".encode()
    ).drafts
    assert item.summary == "It runs every hour."
