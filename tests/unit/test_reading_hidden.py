"""What a page or a document shows to nobody is left out and counted."""

from __future__ import annotations

import io
import zipfile

import pytest

from feeds.errors import BulletinError
from feeds.model import Bulletin
from feeds.reading import read

pytest.importorskip("mammoth")

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


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


# -- Word


def word(*paragraphs: str, styles: str = "", namespace: str = W) -> Bulletin:
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
        ' Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{namespace}"><w:body>'
        + "".join(one if one.startswith("<") else f"<w:p>{run(one)}</w:p>" for one in paragraphs)
        + "</w:body></w:document>",
        "word/styles.xml": f'<w:styles xmlns:w="{W}">{styles}</w:styles>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, text in parts.items():
            made.writestr(name, text)
    return read("b.docx", out.getvalue())


def run(words: str, marks: str = "") -> str:
    return f"<w:r><w:rPr>{marks}</w:rPr><w:t>{words}</w:t></w:r>"


def paragraph(*runs: str, style: str = "") -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{"".join(runs)}</w:p>'


HEAD = ("25 November 2026", "Ferry")
STYLES = (
    '<w:style w:type="character" w:styleId="Gone"><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Deeper"><w:basedOn w:val="Gone"/></w:style>'
    '<w:style w:type="character" w:styleId="Back"><w:basedOn w:val="Gone"/>'
    '<w:rPr><w:vanish w:val="0"/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Note"><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Round"><w:basedOn w:val="Round"/></w:style>'
)


@pytest.mark.parametrize(
    "part",
    [
        paragraph(run("No ", "<w:vanish/>"), run("Seen.")),
        paragraph(run("No ", '<w:vanish w:val="true"/>'), run("Seen.", '<w:vanish w:val="false"/>')),
        paragraph(run("No ", '<w:rStyle w:val="Gone"/>'), run("Seen.", '<w:rStyle w:val="Back"/>')),
        paragraph(run("No ", '<w:rStyle w:val="Deeper"/>'), run("Seen.")),
        paragraph(run("No "), run("Seen.", '<w:vanish w:val="0"/>'), style="Note"),
        paragraph(f"<w:hyperlink>{run('No ', '<w:vanish/>')}</w:hyperlink>", run("Seen."), style="Round"),
    ],
)
def test_hidden_text_of_word_is_left_out_and_counted(part: str) -> None:
    assert outcome(word(*HEAD, part, "Last.", styles=STYLES)) == (
        "Ferry", "Seen.\n\nLast.", [("lines-left-out", 3, "hidden 1")],
    )  # fmt: skip


def test_a_hidden_row_of_a_table_and_a_hidden_paragraph_are_left_out() -> None:
    cell = f"<w:tc><w:p>{run('No')}</w:p></w:tc>"
    rows = f"<w:tr><w:trPr><w:hidden/></w:trPr>{cell}</w:tr><w:tr>{cell.replace('No', 'Yes')}</w:tr>"
    table = f"<w:tbl>{rows}</w:tbl>"
    title, summary, faults = outcome(word(*HEAD, paragraph(run("No", "<w:vanish/>")), table))
    assert (title, summary) == ("Ferry", "Yes")
    assert [(code, detail) for code, _, detail in faults] == [("lines-left-out", "hidden 2")]


def test_the_paragraph_of_hidden_text_is_counted_as_those_that_are_seen() -> None:
    empty = "<w:p/>"
    found = word(empty, *HEAD, empty, "One.", paragraph(run("No", "<w:vanish/>")), "Two.")
    assert [(one.code, one.line) for one in found.faults] == [("lines-left-out", 4)]


def test_a_document_whose_style_hides_everything_says_nothing() -> None:
    styles = "<w:docDefaults><w:rPrDefault><w:rPr><w:vanish/></w:rPr></w:rPrDefault></w:docDefaults>"
    with pytest.raises(BulletinError):
        word(*HEAD, "No.", styles=styles)


def test_the_style_of_all_paragraphs_hides_unless_one_says_otherwise() -> None:
    styles = '<w:style w:type="paragraph" w:default="1" w:styleId="N"><w:rPr><w:vanish/></w:rPr></w:style>'
    seen = [paragraph(run(words, '<w:vanish w:val="0"/>')) for words in (*HEAD, "Seen.")]
    assert outcome(word(*seen, "No.", styles=styles)) == (
        "Ferry",
        "Seen.",
        [("lines-left-out", 4, "hidden 1")],
    )


def test_a_document_without_hidden_text_is_read_as_it_is() -> None:
    assert outcome(word(*HEAD, "Seen.")) == ("Ferry", "Seen.", [])
