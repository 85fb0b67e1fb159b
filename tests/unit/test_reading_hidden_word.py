"""What a Word document shows to nobody, has struck out or says in a comment is left out and counted."""

from __future__ import annotations

import io
import zipfile

import pytest

from feeds.errors import BulletinError
from feeds.model import Bulletin
from feeds.reading import read

pytest.importorskip("mammoth")

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


MORE = (
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:v="urn:schemas-microsoft-com:vml"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)


def outcome(found: Bulletin) -> tuple[str, str, list[tuple[str, int | None, str]]]:
    (draft,) = found.drafts
    return draft.title, draft.summary, [(one.code, one.line, one.detail) for one in found.faults]


def word(*paragraphs: str, styles: str = "", namespace: str = W, ground: str = "") -> Bulletin:
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
        ' Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{namespace}" {MORE}>{ground}<w:body>'
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


# -- white on white, and the like


COLOUR = '<w:color w:val="{}"/>'
SHADE = '<w:shd w:val="clear" w:fill="{}"/>'
WHITE = COLOUR.format("FFFFFF")


def table(cell: str = "", style: str = "") -> str:
    """A table whose one cell has white words."""
    return f"<w:tbl>{style}<w:tr><w:tc>{cell}{paragraph(run('Seen.', WHITE))}</w:tc></w:tr></w:tbl>"


LOOKS = (
    f'<w:style w:type="character" w:styleId="White"><w:rPr>{WHITE}</w:rPr></w:style>'
    f'<w:style w:type="paragraph" w:styleId="Dark"><w:pPr>{SHADE.format("000080")}</w:pPr></w:style>'
)


@pytest.mark.parametrize(
    "part",
    [
        paragraph(run("No ", WHITE), run("Seen.")),
        paragraph(run("No ", '<w:color w:val="000000" w:themeColor="background1"/>'), run("Seen.")),
        paragraph(run("No ", '<w:rStyle w:val="White"/>'), run("Seen.")),
        paragraph(run("No ", COLOUR.format("ff0000") + SHADE.format("FF0000")), run("Seen.")),
        paragraph(run("No ", COLOUR.format("000080")), run("Seen."), style="Dark"),
        paragraph(run("No ", WHITE + '<w:highlight w:val="white"/>'), run("Seen.")),
        paragraph(run("No ", '<w:sz w:val="2"/>'), run("Seen.")),
    ],
)
def test_words_in_the_colour_of_their_ground_and_tiny_ones_are_left_out(part: str) -> None:
    assert outcome(word(*HEAD, part, styles=LOOKS)) == ("Ferry", "Seen.", [("lines-left-out", 3, "hidden 1")])


@pytest.mark.parametrize(
    "part",
    [
        paragraph(run("Seen.", WHITE + SHADE.format("000080"))),
        paragraph(run("Seen.", WHITE), style="Dark"),
        paragraph(run("Seen.", WHITE + '<w:highlight w:val="darkBlue"/>')),
        paragraph(run("Seen.", COLOUR.format("FF0000"))),
        paragraph(run("Seen.", COLOUR.format("auto") + SHADE.format("FFFFFF"))),
        paragraph(run("Seen.", '<w:rStyle w:val="White"/>' + COLOUR.format("333333"))),
        paragraph(run("Seen.", '<w:sz w:val="3"/>' + COLOUR.format("333333"))),
        table("<w:tcPr>" + SHADE.format("000080") + "</w:tcPr>"),
        table(style='<w:tblPr><w:tblStyle w:val="Grid"/></w:tblPr>'),
    ],
)
def test_words_on_another_ground_or_one_that_is_not_known_stay(part: str) -> None:
    assert outcome(word(*HEAD, part, styles=LOOKS)) == ("Ferry", "Seen.", [])


def test_the_ground_of_the_page_counts() -> None:
    dark = '<w:background w:color="000080"/>'
    assert outcome(word(*HEAD, paragraph(run("Seen.", WHITE)), ground=dark))[1] == "Seen."
    found = word(*HEAD, paragraph(run("No ", COLOUR.format("000080")), run("Seen.")), ground=dark)
    assert outcome(found)[1] == "Seen."


# -- struck out, deleted, commented


DELETED = '<w:del w:id="1" w:author="A"><w:r><w:delText>No </w:delText></w:r></w:del>'


@pytest.mark.parametrize(
    "part",
    [
        paragraph(run("No ", "<w:strike/>"), run("Seen.")),
        paragraph(run("No ", "<w:dstrike/>"), run("Seen.", '<w:strike w:val="0"/>')),
        paragraph(DELETED, run("Seen.")),
        paragraph('<w:moveFrom w:id="1">' + run("No ") + "</w:moveFrom>", run("Seen.")),
    ],
)
def test_what_is_struck_out_or_deleted_with_a_trace_is_left_out_and_said(part: str) -> None:
    assert outcome(word(*HEAD, part, "Last.")) == (
        "Ferry", "Seen.\n\nLast.", [("lines-left-out", 3, "struck-out 1")],
    )  # fmt: skip


def test_what_is_put_in_with_a_trace_stays() -> None:
    assert outcome(word(*HEAD, paragraph(f'<w:ins w:id="1">{run("Seen.")}</w:ins>')))[1:] == ("Seen.", [])


def test_a_comment_beside_the_text_is_told_of() -> None:
    part = paragraph(run("Seen."), '<w:r><w:commentReference w:id="1"/></w:r>')
    assert outcome(word(*HEAD, part)) == ("Ferry", "Seen.", [("lines-left-out", 3, "editors-comment 1")])


@pytest.mark.parametrize(
    "box",
    [
        '<w:pict><v:shape style="visibility:hidden"><v:textbox>{}</v:textbox></v:shape></w:pict>',
        '<w:pict><v:rect style="top:1; display : none"><v:textbox>{}</v:textbox></v:rect></w:pict>',
        '<mc:AlternateContent><mc:Choice><w:drawing><wp:docPr id="1" hidden="1"/></w:drawing></mc:Choice>'
        "<mc:Fallback><w:pict><v:shape><v:textbox>{}</v:textbox></v:shape></w:pict></mc:Fallback>"
        "</mc:AlternateContent>",
    ],
)
def test_a_text_box_that_is_hidden_is_left_out(box: str) -> None:
    inside = f"<w:txbxContent><w:p>{run('No')}</w:p></w:txbxContent>"
    part = paragraph(f"<w:r>{box.format(inside)}</w:r>", run("Seen."))
    title, summary, faults = outcome(word(*HEAD, part))
    assert (title, summary) == ("Ferry", "Seen.")
    assert [(code, detail) for code, _, detail in faults] == [("lines-left-out", "hidden 1")]


def test_a_text_box_that_is_seen_stays_whatever_its_words_look_like() -> None:
    inside = f"<w:txbxContent><w:p>{run('Also.', WHITE)}</w:p></w:txbxContent>"
    box = f"<w:r><w:pict><v:shape><v:textbox>{inside}</v:textbox></v:shape></w:pict></w:r>"
    assert "Also." in outcome(word(*HEAD, paragraph(run("Seen.")), paragraph(box)))[1]
