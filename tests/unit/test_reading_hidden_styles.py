"""What the style of a page shows to nobody, and what is struck out, is left out and counted."""

from __future__ import annotations

import pytest

from feeds.model import Bulletin
from feeds.reading import read

SHEET = "<link rel=stylesheet href=a.css>"


def page(*parts: str, head: str = "") -> Bulletin:
    text = f"<html><head>{head}</head><body><h1>Ferry</h1>\n<p>25 November 2026</p>\n<p>Seen.</p>\n"
    return read("b.html", (text + "".join(parts) + "</body></html>").encode())


def outcome(found: Bulletin) -> tuple[str, list[tuple[str, int | None, str]]]:
    (draft,) = found.drafts
    return draft.summary, [(one.code, one.line, one.detail) for one in found.faults]


HIDDEN = [
    '<p style="opacity:0">No</p>',
    '<div style="Opacity : 0.0 !important; color:red"><p>No</p></div>',
    '<p style="font-size:0">No</p>',
    '<div style="font-size:0px"><b>No</b></div>',
    '<p style="font: 0/0 a">No</p>',
    '<p style="font-size:1px;line-height:1px">No</p>',
    '<div style="max-height:0;overflow:hidden">No</div>',
    '<div style="width:0; height:0; overflow-y: hidden">No</div>',
    '<p style="position:absolute; margin-left:-9999px">No</p>',
    '<p style="position:absolute; right: -200vw">No</p>',
    '<p style="transform: translateX(-9999px)">No</p>',
    '<p style="transform:scale(0)">No</p>',
    '<p style="clip:rect(0 0 0 0);position:absolute">No</p>',
    '<p style="clip: rect(1px, 1px, 1px, 1px)">No</p>',
    '<p style="clip-path: inset(50%)">No</p>',
    '<p style="color:#fff">No</p>',
    '<p style="color: white; background: #ffffff">No</p>',
    '<p style="color:rgb(254, 254, 254)">No</p>',
    '<p style="color:transparent">No</p>',
    '<p style="color:rgba(0,0,0,0)">No</p>',
    '<p><font color="white">No</font></p>',
    '<div style="background-color:#000"><p style="color:black">No</p></div>',
    '<table bgcolor="#000"><tr><td style="color:#000000">No</td></tr></table>',
    '<p class="sr-only">No</p>',
    '<p class="x visually-hidden">No</p>',
    '<p class="d-none">No</p>',
]


@pytest.mark.parametrize("part", HIDDEN)
def test_what_a_style_hides_is_left_out_and_counted(part: str) -> None:
    assert outcome(page(part)) == ("Seen.", [("lines-left-out", 4, "hidden 1")])


@pytest.mark.parametrize(
    ("rule", "part"),
    [
        (".x{opacity:0}", '<p class="x">No</p>'),
        (".x{clip:rect(0,0,0,0)}", '<p class="x">No</p>'),
        ("#y{height:0;overflow:hidden}", '<p id="y">No</p>'),
    ],
)
def test_what_the_page_s_own_rule_hides_is_left_out(rule: str, part: str) -> None:
    assert outcome(page(part, head=f"<style>{rule}</style>"))[0] == "Seen."


@pytest.mark.parametrize(
    "part",
    [
        '<p style="opacity:0.9">Also</p>',
        '<p style="opacity:0;transition:opacity 1s">Also</p>',
        '<p style="opacity:0;transform:translateY(20px)">Also</p>',
        '<div style="font-size:0"><p style="font-size:16px">Also</p></div>',
        '<p style="font-size:0.9em">Also</p>',
        '<p style="font:10px/0 serif">Also</p>',
        '<div style="max-height:0">Also</div>',
        '<div style="height:0;overflow:visible">Also</div>',
        '<p style="margin-left:-15px">Also</p>',
        '<p style="clip-path:inset(0%)">Also</p>',
        '<p style="color:#fff;background:#06c">Also</p>',
        '<table><tr><td bgcolor="navy"><font color="#ffffff">Also</font></td></tr></table>',
        '<div style="background:url(a.png)"><p style="color:#fff">Also</p></div>',
        '<div style="color:#fff"><p style="color:#000">Also</p></div>',
        '<p style="color:transparent;-webkit-background-clip:text">Also</p>',
        '<p style="color:#c00">Also</p>',
        '<p class="d-none d-md-block">Also</p>',
    ],
)
def test_what_is_seen_stays(part: str) -> None:
    assert outcome(page(part)) == ("Seen.\n\nAlso", [])


def test_white_words_stay_where_a_style_that_is_not_known_may_give_them_a_ground() -> None:
    part = '<div class="banner"><p style="color:#fff">Also</p></div>'
    assert outcome(page(part, head=SHEET)) == ("Seen.\n\nAlso", [])
    assert outcome(page(part))[0] == "Seen."


def test_what_a_rule_shows_again_is_no_hidden_text() -> None:
    sheet = "<style>.x{opacity:0} .x.on{opacity:1}</style>"
    assert outcome(page('<p class="x">Also</p>', head=sheet)) == ("Seen.\n\nAlso", [])


@pytest.mark.parametrize(
    "part",
    [
        "<p>One <del>two</del> three</p>",
        "<p>One <s>two</s> three</p>",
        "<p>One <strike>two</strike> three</p>",
        '<p>One <span style="text-decoration: line-through">two</span> three</p>',
        '<p>One <span style="text-decoration-line:underline line-through">two</span> three</p>',
    ],
)
def test_what_is_struck_out_is_left_out_and_counted(part: str) -> None:
    assert outcome(page(part)) == ("Seen.\n\nOne three", [("lines-left-out", 4, "struck-out 1")])


def test_what_is_put_in_and_what_is_underlined_stay() -> None:
    part = '<p>One <ins>two</ins> <u style="text-decoration:underline">three</u></p>'
    assert outcome(page(part)) == ("Seen.\n\nOne two three", [])


@pytest.mark.parametrize(
    ("part", "left", "said"),
    [
        ("One ~~two~~ three", "One three", "struck-out 1"),
        ("One <del>two</del> three", "One three", "struck-out 1"),
        ("One ~~two *and* [three](https://a.example)~~ four", "One four", "struck-out 1"),
        ("~~One two~~", "", "struck-out 1"),
        ('One <span style="opacity:0">two</span> three', "One three", "hidden 1"),
        ('One <span style="color:#fff">two</span> three', "One three", "hidden 1"),
        ('One <font color="white">two</font> three', "One three", "hidden 1"),
        ('One <span style="font-size:0">two</span> three', "One three", "hidden 1"),
        ('<p style="color:white">Two</p>', "", "hidden 1"),
    ],
)
def test_markdown_tells_the_line_of_what_it_hides(part: str, left: str, said: str) -> None:
    found = read("b.md", f"---\ntitle: T\ndate: 2026-11-25\n---\nSeen.\n\n{part}\n\nLast.\n".encode())
    assert outcome(found) == (
        "\n\n".join(filter(None, ["Seen.", left, "Last."])), [("lines-left-out", 7, said)],
    )  # fmt: skip


@pytest.mark.parametrize(
    "part", ["One ~two three", "A price of ~~ two", 'Big <span style="color:#fff;background:#000">two</span>']
)
def test_signs_that_strike_nothing_out_stay(part: str) -> None:
    found = read("b.md", f"---\ntitle: T\ndate: 2026-11-25\n---\n{part}\n".encode())
    assert outcome(found)[1] == []
