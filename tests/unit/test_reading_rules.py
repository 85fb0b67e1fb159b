"""Where the rules of reading begin and end: figures, signs and kinds just on both sides of each."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from lxml import html as lxml_html

from feeds.errors import BulletinError
from feeds.reading import read
from feeds.reading.encoding import decode
from feeds.reading.head.yaml_head import MOST_DEPTH
from feeds.reading.mail.letterhead import letter_day
from feeds.reading.mail.message import MOST_PARTS
from feeds.reading.markup.tables import is_data_table
from feeds.reading.text.dates import LONGEST
from feeds.reading.text.slips import is_slip

DAY = date(2026, 11, 25)


def titles(text: str, name: str = "b.md") -> list[str]:
    return [draft.title for draft in read(name, text.encode()).drafts]


# -- letters and mails


@pytest.mark.parametrize(
    ("rows", "is_day"),
    [
        (["Ferry", "25 November 2026"], False),  # nothing stands below it
        (["Ferry", "25 November 2026", "It runs."], True),
        (["25 November 2026", "Ferry", "It runs."], False),  # a title below, none above: an item of its own
        (["25 November 2026", "Ferry"], True),
        (["25 November 2026", "It runs every hour.", "So it is."], True),
        (["Ferry", "25 November 2026", "It runs.", "26 November 2026"], False),
        (["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "25 November 2026", "It runs."], False),
    ],
)
def test_the_day_of_a_letter_is_its_only_date_near_the_top_over_a_text(rows: list[str], is_day: bool) -> None:
    assert letter_day(rows, "dmy") is is_day


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
