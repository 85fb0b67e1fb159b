"""What a page or a document shows to nobody is left out and counted."""

from __future__ import annotations

import pytest

from feeds.model import Bulletin
from feeds.reading import read


def outcome(found: Bulletin) -> tuple[str, str, list[tuple[str, int | None, str]]]:
    (draft,) = found.drafts
    return draft.title, draft.summary, [(one.code, one.line, one.detail) for one in found.faults]


# -- HTML


def page(*parts: str) -> Bulletin:
    text = "".join(
        ["<html><body><h1>Ferry</h1><p>25 November 2026</p><p>Seen.</p>", *parts, "</body></html>"]
    )
    return read("b.html", text.encode())


@pytest.mark.parametrize(
    "part",
    [
        "<p hidden>No</p>",
        "<p HIDDEN='until-found'>No</p>",
        '<div style="color: red; Display : NONE"><p>No</p><p>No</p></div>',
        '<p style="visibility:hidden">No</p>',
        '<p style="mso-hide:all">No</p>',
        '<p aria-hidden="true">No</p>',
        "<template><p>No</p></template>",
        "<noscript><p>No</p></noscript>",
        "<div hidden><div>No</div>No</div>",
        '<style>p{margin:0} .a, .x{display:none}</style><p class="b x">No</p>',
        '<style>/* .s{} */ #y { visibility : hidden }</style><section id="y">No</section>',
        '<style>.x{display:none}</style><table><tr class="x"><td>No</td></tr></table>',
    ],
)
def test_what_a_page_hides_is_left_out_and_counted(part: str) -> None:
    assert outcome(page(part)) == ("Ferry", "Seen.", [("lines-left-out", 1, "hidden 1")])


@pytest.mark.parametrize(
    "part",
    [
        "<p>Also</p>",
        '<p hidden-by="x">Also</p>',
        '<p aria-hidden="false" style="display:block">Also</p>',
        '<style>@media print{.x{display:none}} @media screen{.x{color:red}}</style><p class="x">Also</p>',
        '<style>.x p{display:none} div.x{display:none}</style><p class="x">Also</p>',
        '<p>Also</p><span hidden></span><i aria-hidden="true"> </i>',
    ],
)
def test_what_it_shows_stays(part: str) -> None:
    assert outcome(page(part)) == ("Ferry", "Seen.\n\nAlso", [])


def test_hidden_words_within_a_line_go_and_the_rest_stays() -> None:
    assert outcome(page("<p>One <b hidden>two</b> three</p>"))[1] == "Seen.\n\nOne three"


def test_a_page_that_hides_all_of_itself_until_its_script_has_run_is_read() -> None:
    text = '<html><body style="display:none"><h1>Ferry</h1><p>25 November 2026</p><p>Seen.</p></body></html>'
    assert outcome(read("b.html", text.encode())) == ("Ferry", "Seen.", [])


# -- HTML in Markdown


@pytest.mark.parametrize(
    ("part", "left"),
    [
        ("<p hidden>No</p>", ""),
        ("<div hidden>\n\nNo\n\n* No\n\n</div>", ""),
        ('<div style="display:none">\n\n<div>\n\nNo\n\n</div>\n\nNo\n\n</div>', ""),
        ("<template>\n\n    No\n\n</template>", ""),
        ('One <span style="display:none">no *no* no</span> two', "One two"),
        ("One <b aria-hidden='true'>no</b> two", "One two"),
        ("<div hidden><div>No</div><div>No</div></div>", ""),
        ("<div hidden><br>No<img></div>", ""),
        ("<div hidden>\n\nNo", ""),
    ],
)
def test_what_html_hides_in_markdown_is_left_out_and_counted(part: str, left: str) -> None:
    more = "" if part.endswith("No") else "Last."
    found = read("b.md", f"---\ntitle: T\ndate: 2026-11-25\n---\nSeen.\n\n{part}\n\n{more}\n".encode())
    title, summary, faults = outcome(found)
    assert (title, summary) == ("T", "\n\n".join(filter(None, ["Seen.", left, more])))
    assert [(code, detail) for code, _, detail in faults] == [("lines-left-out", "hidden 1")]


def test_other_html_in_markdown_hides_nothing() -> None:
    part = "<details>\n\nOne\n\n</details>\n\nTwo <span class='hidden-x'>three</span>"
    found = read("b.md", f"---\ntitle: T\ndate: 2026-11-25\n---\n{part}\n".encode())
    assert outcome(found) == ("T", "One\n\nTwo three", [])
