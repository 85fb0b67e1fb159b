"""The body of an item: what may stand in it, what it says as text, and which addresses are nobody's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds import richtext
from feeds.richtext import Builder, Place, from_plain, plain, public_link, safe, shortened, shown_text


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p onclick=x>Words</p>", "<p>Words</p>"),
        ("<script>alert(1)</script><p>Words</p>", "<p>Words</p>"),
        ("<p style='color:red' class=a id=b>Words</p>", "<p>Words</p>"),
        ("<svg><a href='javascript:alert(1)'>x</a></svg>Words", "Words"),
        ("<a href='javascript:alert(1)'>Words</a>", "Words"),
        ("<a href='jav&#x09;ascript:alert(1)'>Words</a>", "Words"),
        ("<a href='data:text/html,x'>Words</a>", "Words"),
        ("<a href='/there'>Words</a>", "Words"),
        ("<a href='//x.example/there'>Words</a>", "Words"),
        ("<a href='https://x.example/' target=_blank rel=x>Words</a>", '<a href="https://x.example/">Words</a>'),
        ("<a href='mailto:a@x.example?bcc=all'>Words</a>", '<a href="mailto:a@x.example">Words</a>'),
        ("<img src=x onerror=alert(1)>Words", "Words"),
        ("<ol start=3><li>Three</ol>", '<ol start="3"><li>Three</li></ol>'),
        ("<ol start='3;x'><li>Three</ol>", "<ol><li>Three</li></ol>"),
        ("<iframe src='https://x.example'>old</iframe>Words", "oldWords"),
        ("Words <!-- a note -->", "Words"),
    ],
)  # fmt: skip
def test_a_body_holds_nothing_but_the_form_of_its_text(markup: str, expected: str) -> None:
    assert safe(markup) == expected


def test_a_body_that_is_too_long_is_dropped() -> None:
    whole = "a" * richtext.LONGEST_BODY
    assert safe(whole) == whole
    assert safe(whole + "a") == ""


@pytest.mark.parametrize(
    "address",
    [
        "https://mail.example.net/unsubscribe?u=1&e=secret",
        "https://mail.example.net/Unsubscribe.php?u=1",
        "https://unsubscribe.mail.example.net/x",
        "https://mail.example.net/click?unsubscribe=1",
        "https://mail.example.net/view?u=abc&id=1",
        "https://mail.example.net/preferences?token=abc",
        "https://mail.example.net/l/view-in-browser/77",
        "https://mail.example.net/darse-de-baja/77",
        "https://us1.list-manage.com/track/click?u=1&id=2",
        "https://u77.ct.sendgrid.net/ls/click?upn=abc",
        "https://x.example/wf/click?upn=abc",
        "https://click.news.example/u/AbCdEfGhIjKlMnOpQrStUvWx",
        "mailto:list@x.example?subject=unsubscribe",
        "mailto:list+unsubscribe@x.example",
        "https://ana:secret@x.example/",
        "https://staging.x.example/ferry",
        "https://www.staging.x.example/ferry",
        "https://ferry-preview.x.example/",
        "https://x.example/?p=12&preview=true",
        "https://x.example/?preview_id=12",
        "https://x.example/wp-admin/post.php?post=12&action=edit",
        "https://x.example/wp-login.php",
        "https://x.example/node/12/edit",
        "https://docs.google.com/document/d/abc/edit?usp=sharing",
        "https://x.example/ferry?PHPSESSID=77aa",
        "https://x.example/ferry;jsessionid=77aa",
        "https://x.example/reset?token=abc",
        "https://x.example/account/verify?code=1",
        "https://x.example/file?access_token=1",
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fx.example%2Funsubscribe&data=ana",
        "https://[bad",
        "ftp://x.example/file",
        "https://x.example/a b",
        "https://x.example/" + "a" * 2_000,
        "https:///nowhere",
        "/there",
        "",
    ],
)
def test_what_is_one_receivers_own_is_no_public_address(address: str) -> None:
    assert public_link(address) is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://news.example.org/ferry", "https://news.example.org/ferry"),
        (" www.example.org/ferry ", "https://www.example.org/ferry"),
        ("https://news.example.org/how-to-unsubscribe-by-law", None),
        ("https://news.example.org/view?page=2", None),
        ("https://news.example.org/preferences", None),
        ("https://news.example.org/staging/opera", None),
        ("https://staging-post.example.org/", None),
        ("https://news.example.org/?preview=2026", None),
        ("https://news.example.org/verify", None),
        ("https://news.example.org/verify?page=2", None),
        ("https://news.example.org/ferry?token=abc", None),
        ("https://docs.google.com/document/d/abc/view", None),
        ("https://docs.google.com/document/d/e/abc/pub", None),
        ("https://news.example.org/node/12", None),
        ("https://news.example.org/a?utm_source=x&id=3&mc_eid=77", "https://news.example.org/a?id=3"),
        ("https://news.example.org/a?b=%20c&d=", None),
        ("https://www.google.com/url?q=https://x.example/a&sa=D", "https://x.example/a"),
        ("https://www.google.com/maps?ll=1,2", None),
        ("https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fx.example%2Fa&data=me", "https://x.example/a"),
        ("https://click.example/short", None),
        ("MAILTO:Ana@x.example", "mailto:Ana@x.example"),
    ],
)  # fmt: skip
def test_public_addresses_stay_without_what_only_counts_visits(address: str, expected: str | None) -> None:
    assert public_link(address) == (expected or address)


BODY = (
    '<p>See <a href="https://x.example/t">the timetable</a>.</p><ul><li>One</li><li>Two'
    '<ol start="3"><li>Deep</li></ol></li></ul><blockquote><p>Said</p><p>More</p></blockquote>'
    "<table><tbody><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></tbody></table><p>End</p>"
)


def test_a_body_reads_as_text_with_lists_addresses_quotations_and_tables() -> None:
    assert plain(BODY) == (
        "See the timetable (https://x.example/t).\n\n- One\n- Two\n  3. Deep\n\n"
        "> Said\n>\n> More\n\na | b\nc | d\n\nEnd"
    )
    assert plain(BODY, addresses=False).startswith("See the timetable.\n")


def test_numbers_go_on_and_a_second_paragraph_of_an_entry_hangs() -> None:
    body = "<ol><li><p>First</p><p>its end</p></li><li>Second<br>line</li></ol>"
    assert plain(body) == "1. First\n  its end\n2. Second\n   line"


def test_an_address_that_says_itself_is_said_once() -> None:
    assert plain('<p><a href="https://www.x.example/a/">x.example/a</a></p>') == "x.example/a"
    assert plain('<p><a href="mailto:a@x.example">a@x.example</a></p>') == "a@x.example"
    assert plain('<p><a href="mailto:a@x.example">Ana</a></p>') == "Ana (a@x.example)"


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (12, '<p>See <a href="https://x.example/t">the…</a></p>'),
        (23, '<p>See <a href="https://x.example/t">the timetable</a>.</p><ul><li>One…</li></ul>'),
        (10_000, BODY),
    ],
)
def test_a_short_form_ends_between_words_with_its_tags_closed(limit: int, expected: str) -> None:
    assert shortened(BODY, limit) == expected


def test_a_long_address_does_not_cut_what_stands_behind_it() -> None:
    address = "https://x.example/" + "a" * 300
    cut = shortened(from_plain(f"See {address} and come."), 100)
    assert plain(cut) == f"See {address} and come."


def test_addresses_weigh_so_that_a_mail_does_not_grow_by_them() -> None:
    link = f'<a href="https://x.example/{"a" * 1_900}">x</a> '
    assert shortened(f"<p>{link * 400}</p>", 400).count("<a ") < 4


@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<ul>",
                "<li>",
                "a b",
                "<b>",
                "</li>",
                "<a href='https://x.example'>",
                "&lt;",
                "<td>",
            ]
        ),
        max_size=30,
    ),
    st.integers(0, 60),
)
@examples(150)
def test_a_short_form_is_a_body_itself(parts: list[str], limit: int) -> None:
    body = safe("".join(parts))
    cut = shortened(body, limit)
    assert safe(cut) == cut
    assert len(plain(cut, addresses=False)) <= 4 * (limit + len(parts)) + 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One <b>\n\nTwo & three", "<p>One &lt;b&gt;</p>\n<p>Two &amp; three</p>"),
        ("At https://x.example/t.", '<p>At <a href="https://x.example/t">https://x.example/t</a>.</p>'),
        ("(www.x.org/a_(b)), so", '<p>(<a href="https://www.x.org/a_(b)">www.x.org/a_(b)</a>), so</p>'),
        ("Write to a.b@x.example!", '<p>Write to <a href="mailto:a.b@x.example">a.b@x.example</a>!</p>'),
        ("https://x.example/unsubscribe?u=1", "<p>https://x.example/unsubscribe?u=1</p>"),
        ('https://x.example/"onclick=1', '<p><a href="https://x.example/">https://x.example/</a>"onclick=1</p>'),
        ("https://x.example/a?b=1&c=2", '<p><a href="https://x.example/a?b=1&amp;c=2">https://x.example/a?b=1&amp;c=2</a></p>'),
        ("no@ address: //x", "<p>no@ address: //x</p>"),
        ("", ""),
    ],
)  # fmt: skip
def test_plain_text_becomes_paragraphs_in_which_addresses_are_links(text: str, expected: str) -> None:
    assert from_plain(text) == expected
    assert safe(expected) == expected


def test_what_is_shown_as_text_is_the_body_else_the_summary() -> None:
    assert shown_text("<ul><li>One</li></ul>", "One") == "- One"
    assert shown_text("", "One") == "One"
    assert richtext.as_html("<ul><li>One</li></ul>", "One") == "<ul><li>One</li></ul>"
    assert richtext.as_html("", "One") == "<p>One</p>"


def test_lines_are_put_together_by_the_places_that_they_stood_in() -> None:
    made = Builder()
    made.add("Intro", [Place("p", 1)])
    made.add("goes on", [Place("p", 1)])
    made.add("One", [Place("ul", 2), Place("li", 3)])
    made.add("Two", [Place("ul", 2), Place("li", 4)])
    made.add("Deep", [Place("ul", 2), Place("li", 4), Place('ol start="2"', 5), Place("li", 6)])
    made.add("Other", [Place("ul", 7), Place("li", 8)])
    assert made.body() == (
        '<p>Intro goes on</p><ul><li>One</li><li>Two<ol start="2"><li>Deep</li></ol></li></ul>'
        "<ul><li>Other</li></ul>"
    )


def test_a_body_is_not_deeper_than_people_write() -> None:
    made = Builder()
    made.add("Deep", [Place("blockquote", n) for n in range(500)])
    assert made.body() == "<blockquote>" * 8 + "Deep" + "</blockquote>" * 8
