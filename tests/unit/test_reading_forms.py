"""Markdown, HTML, mails and documents: what the golden cases do not show, and what is hostile."""

from __future__ import annotations

import sys
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chance import examples, part
from counting import calls
from feeds.errors import BulletinError
from feeds.model import Bulletin, Fault
from feeds.reading import REJECTING, ReadingOptions, read
from feeds.reading.clean import shown
from feeds.reading.markup.hypertext import MOST_DEPTH

DAY = "12 May 2025"
MAIL = "From: a@example.org\nSubject: Two towns\nDate: Tue, 12 May 2025 23:30:00 -0500\n"


def outcome(name: str, text: str | bytes) -> Bulletin | Fault:
    try:
        return read(name, text if isinstance(text, bytes) else text.encode())
    except BulletinError as error:
        return error.fault


def titles(name: str, text: str | bytes) -> list[str]:
    found = outcome(name, text)
    assert isinstance(found, Bulletin), found
    return [draft.title for draft in found.drafts]


# -- the head of a file


@pytest.mark.parametrize(
    ("head", "line"),
    [
        ("---\ntitle: T\nnot a pair\n---\n", 3),
        ("---\ndate: soon\n---\n", 2),
        ("---\ndate: 2026-02-31\n---\n", 2),
        ("---\nlang: <b>\n---\n", 2),
        ("---\nlang: en\ndate: soon\n---\n", 3),
        ("---\nid: a\ntitle: T\nid: b\n---\n", 4),
        ("---\nlink: a\nurl: b\n---\n", 3),
        ("---\ntitle: T\ndate: 2026-11-18\n\n", 1),
        ("\n---\nid: a\n\n", 2),
        ("---\ntitle: T\nid: " + "x" * 16_384 + "\n---\n", 1),
        ("+++\ntitle = 'T'\n\n", 1),
        ("+++\ntitle = T\n+++\n", 2),
        ("+++\ntitle = 'T'\ndate = 0001-01-01\n+++\n", 3),
        ("+++\ndate = 2200-01-01T00:00:00Z\n+++\n", 2),
        ("+++\nlink = 'a'\nurl = 'b'\n+++\n", 3),
        ("+++\na = 1\n\nb = " + "[" * 5_000 + "\n+++\n", 2),
    ],
)
def test_a_head_that_cannot_be_read_refuses_the_file_with_its_line(head: str, line: int) -> None:
    found = outcome("2026-11-18.md", head + "Text.")
    assert isinstance(found, Fault)
    assert found.code == "front-matter-broken"
    assert found.line is not None
    assert found.line == line or "[[[" in head  # too deep: the parser tells no line


def test_a_rule_over_a_text_is_no_head() -> None:
    assert titles("b.txt", f"---\n{DAY}\nOne\nText.\n---\n11 May 2025\nTwo\nText.") == ["One", "Two"]
    assert titles("b.txt", f"-----\n{DAY}\nOne\nText.") == ["One"]


@pytest.mark.parametrize("line", ["Date: 18 November 2026", "Country: Haiti", "Source: our office"])
def test_a_rule_over_a_text_that_begins_like_a_pair_is_no_head_that_is_not_closed(line: str) -> None:
    assert titles("b.txt", f"---\n{line}\n\n{DAY}\n\nOne\n\nText.")[-1] == "One"


def test_an_id_and_a_link_in_the_head_hold_for_the_one_dated_item_of_the_text() -> None:
    found = outcome("b.txt", f"---\nid: x\nlink: https://e.example\n---\n{DAY}\n\nOne\n\nText.")
    assert isinstance(found, Bulletin)
    assert [(d.external_id, d.link) for d in found.drafts] == [("x", "https://e.example")]
    assert found.faults == ()


@pytest.mark.parametrize(
    "items",
    [f"{DAY}\n\nOne\n\nText.\n\n11 May 2025\n\nTwo\n\nText.", f"{DAY}\n\nOne\n\nText.\n\n11 May 2025"],
)
def test_an_id_and_a_link_that_several_items_cannot_share_are_told_of_with_their_lines(items: str) -> None:
    found = outcome("b.txt", f"---\nlang: en\nid: x\nlink: https://e.example\n---\n{items}")
    assert isinstance(found, Bulletin)
    assert all((d.external_id, d.link) == (None, None) for d in found.drafts)
    told = [(fault.line, fault.detail) for fault in found.faults if fault.code == "head-of-one"]
    assert told == [(3, "id: x"), (4, "link: https://e.example")]


def test_a_title_over_several_dated_items_is_told_of() -> None:
    head = "---\nid: x\ntitle: News\ndate: 2025-05-12\n---\n"
    found = outcome("b.txt", f"{head}{DAY}\n\nOne\n\nText.\n\n11 May 2025\n\nTwo\n\nText.")
    assert isinstance(found, Bulletin)
    assert [d.title for d in found.drafts] == ["News"]
    assert [(fault.code, fault.line, fault.detail) for fault in found.faults] == [
        ("head-of-one", 3, "title: News")
    ]
    found = outcome("b.txt", f"{head}They met on\n\n{DAY}\n\nand then again on\n\n11 May 2025")
    assert isinstance(found, Bulletin)
    assert found.faults == ()


def test_a_title_alone_in_the_head_takes_its_date_from_the_text_or_the_name() -> None:
    for text, name in (
        (f"---\ntitle: T\n---\n{DAY}\n\nText.", "b.md"),
        ("---\ntitle: T\n---\nText.", "2025-05-12.md"),
    ):
        found = outcome(name, text)
        assert isinstance(found, Bulletin)
        (draft,) = found.drafts
        assert (draft.title, draft.date_on, draft.summary) == ("T", date(2025, 5, 12), "Text.")


def test_an_id_and_a_link_are_not_shared_by_several_items() -> None:
    found = outcome(
        "b.md", "---\ndate: 2025-05-12\nid: x\nlink: https://e.example\n---\n# One\n\nA.\n\n# Two\n\nB."
    )
    assert isinstance(found, Bulletin)
    assert [(d.title, d.external_id, d.link) for d in found.drafts] == [
        ("One", None, None),
        ("Two", None, None),
    ]


def test_an_empty_list_of_countries_says_none_and_no_list_says_nothing() -> None:
    empty, silent = (
        outcome("b.md", f"---\ntitle: T\ndate: 2025-05-12\n{said}---\nText.")
        for said in ("countries: []\n", "")
    )
    assert isinstance(empty, Bulletin)
    assert isinstance(silent, Bulletin)
    assert (empty.drafts[0].countries, silent.drafts[0].countries) == ((), None)


def test_the_lang_of_the_head_goes_before_that_of_the_folder() -> None:
    from feeds.reading import ReadingOptions

    found = read(
        "b.md", b"---\ntitle: T\ndate: 2025-05-12\nlang: es-PA\n---\nTexto.", ReadingOptions(lang="en")
    )
    assert found.drafts[0].lang == "es"


# -- web pages and mails


def test_what_frames_a_page_and_what_would_run_is_no_text() -> None:
    page = (
        f"<body><nav>{DAY}</nav><script>1</script><style>x</style><div hidden>x</div><h2>Two towns</h2>"
        f"<p>{DAY}<p>Text.<form>x</form><noscript>x</noscript><footer>x</footer>"
    )
    found = outcome("b.html", page)
    assert isinstance(found, Bulletin)
    assert [(d.title, d.summary) for d in found.drafts] == [("Two towns", "Text.")]


def test_a_date_within_a_sentence_of_a_page_is_prose() -> None:
    met = "<p>They met on <time datetime='2025-05-01'>1 May 2025</time> again.</p>"
    page = f"<h2>Two towns</h2><p>{DAY}</p>{met}"
    found = outcome("b.html", page)
    assert isinstance(found, Bulletin)
    assert found.drafts[0].summary == "They met on 1 May 2025 again."


def test_a_script_is_no_address() -> None:
    found = outcome("b.html", f"<h2><a href='javascript:alert(1)'>Two towns</a></h2><p>{DAY}</p><p>Text.</p>")
    assert isinstance(found, Bulletin)
    assert found.drafts[0].link is None


def test_an_html_page_is_read_in_the_encoding_it_names() -> None:
    page = f"<html><meta charset='cp1250'><h2>Łódź</h2><p>{DAY}</p><p>Text.</p>"
    assert titles("b.html", page.encode("cp1250")) == ["Łódź"]


def test_a_mail_without_text_is_refused() -> None:
    found = outcome("b.eml", MAIL + "Content-Type: image/png\n\nxx")
    assert isinstance(found, Fault)
    assert found.code == "text-missing"


def test_a_text_that_begins_with_a_pair_is_no_mail() -> None:
    assert titles("b.txt", f"{DAY}\nDate: soon\nTo: all\nSubject: none") == ["Date: soon"]


@pytest.mark.parametrize(("name", "start"), [("b.pdf", b"%PDF-1.7\n"), ("b.docx", b"PK\x03\x04junk")])
def test_a_document_without_the_extra_names_what_to_install(
    name: str, start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)
    monkeypatch.setitem(sys.modules, "mammoth", None)
    found = outcome(name, start)
    assert isinstance(found, Fault)
    assert found.code == "extra-missing"


# -- hostile files: bounded, and never more than a fault

LAUGHS = "<!DOCTYPE html [<!ENTITY a 'aaaa'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(10)
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("b.html", "<div>" * 30_000 + f"<h1>T</h1><p>{DAY}"),
        ("b.html", "<html>" + "<b>" * (2 * MOST_DEPTH) + f"T {DAY}"),
        ("b.html", f"<p {' '.join(f'a{n}=1' for n in range(20_000))}>{DAY}</p><h1>T</h1>x"),
        ("b.html", LAUGHS + f"]><html><p>{DAY}</p><h1>T &k;</h1><p>&k;</p>"),
        ("b.html", f"<!DOCTYPE html [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><p>{DAY}<h1>T &a;</h1><p>&a;"),
        ("b.html", "<html>" + "<a href='http://[::1'>a" * 500),
        ("b.html", "<html>" + f"<p>{DAY}</p>" * 1_500),
        ("b.html", "<html>" + "<" * 30_000),
        ("b.md", ">" * 20_000),
        ("b.md", "[" * 600 + "![a" * 600),
        ("b.md", "".join(" " * 2 * n + "- a\n" for n in range(200))),
        (
            "b.eml",
            MAIL + "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(400)),
        ),
        ("b.eml", MAIL + "Content-Type: message/rfc822\n\n" * 1_500 + "x"),
        ("b.eml", MAIL + "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n" * 2_000),
        ("b.eml", "From: a\nSubject: " + "=?utf-8?q?x?= " * 3_000 + "\nDate: x\n\nText."),
        ("b.eml", MAIL.replace("2025", "99999") + "Content-Type: text/plain; charset=zip\n\nText."),
    ],
)
def test_a_hostile_file_gives_items_or_a_fault(name: str, text: str) -> None:
    found = outcome(name, text)
    if isinstance(found, Bulletin):
        assert len(found.faults) <= 1_001
        assert all("root:" not in draft.summary and len(draft.title) <= 500 for draft in found.drafts)
    else:
        assert found.code in REJECTING


def test_a_page_that_is_all_too_deep_says_so() -> None:
    for deep in (MOST_DEPTH, 10_000):
        found = outcome("b.html", "<html>" + "<div>" * deep + f"<h1>T</h1><p>{DAY}<p>Text.")
        assert isinstance(found, Fault)
        assert found.code == "form-broken"


PIECE = st.sampled_from(
    [
        *(DAY, "11/05/2025", "Title", "Text.", "Panama", "", "---", "+++", "title: T", "date: 2025-05-12"),
        *("# H", "## 12 May 2025", "- a", "[a](b)", "From: a", "<h2>T</h2>", "<p>", "<li>", "</div>"),
        "<time datetime='2025-05-12'>",
    ]
)


@examples(50)
@given(st.lists(PIECE, max_size=12), st.sampled_from(["b.md", "b.html", "b.eml", "2025-05-12.txt", "b.txt"]))
def test_any_file_of_any_form_gives_items_fit_to_be_shown_or_a_fault(pieces: list[str], name: str) -> None:
    found = outcome(name, "\n".join(pieces))
    if isinstance(found, Bulletin):
        for draft in found.drafts:
            assert draft.title == shown(draft.title) != ""
            assert draft.line <= draft.end_line
        assert found == outcome(name, "\n".join(pieces))
    else:
        assert found.code in REJECTING


@pytest.mark.parametrize(
    ("name", "piece"),
    [
        ("many.md", "## 18 November, 2026: A title\n\nIts text.\n\n"),
        ("linked.md", "[A title](https://news.example.org)\n\n18 November, 2026\n\nIts text.\n\n"),
        ("brackets.md", "["),
        ("images.md", "!["),
        ("stars.md", "*a **b "),
        ("near.txt", "Panama, 17 November 2026\n\n"),
        ("dressed.txt", "Panama, 17 November 2026\n\nA title\n\nIts text.\n\n"),
        ("undated.md", "## A title\n\nIts text.\n\n"),
        ("list.html", "<li><p>A title</p><p>Its text.</p><p>18 November 2026</p></li>"),
        ("undated.html", "<article><h2>A title</h2><p>Its text.</p></article>"),
        ("many.html", "<article><h2>A title</h2><time>18 November 2026</time><p>Its text.</p></article>"),
    ],
)
def test_a_file_twice_as_long_costs_no_more_than_twice_as_many_steps(name: str, piece: str) -> None:
    def steps(times: int) -> int:
        day = "18 November, 2026"
        first = (
            f"<article><h2>A</h2><p>{day}</p></article>" if name.endswith("html") else f"{day}\n\nA title\n\n"
        )
        text = first + piece * times
        return calls(lambda: read(name, text.encode(), ReadingOptions(max_bytes=1 << 24)))

    steps(10)  # patterns and parsers are made
    assert steps(2 * part(120)) < 2.4 * steps(part(120))


def test_a_paragraph_with_more_marks_than_a_person_writes_is_read_as_it_stands() -> None:
    text = "# A title\n\n18 November, 2026\n\n" + "*so* " * 600
    (draft,) = read("a.md", text.encode()).drafts
    assert draft.summary == " ".join(["*so*"] * 600)
    (draft,) = read("a.md", text.replace("*so* " * 600, "*so* " * 400).encode()).drafts
    assert draft.summary == " ".join(["so"] * 400)


# -- entries of a page that are not made alike


def entry(title: str, date: str, tag: str = "article") -> str:
    return f"<{tag}>{title}{date}<p>Text of it.</p></{tag}>"


A, B, C = ("<h2>First</h2>", "<h2>Second</h2>", "<h2>Third</h2>")
DAYS = ("<time datetime='2026-11-18'>Wed</time>", "<span>17 November 2026</span>", "<p>16 November 2026</p>")


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("tag", ["article", "li", "div"])
def test_an_entry_without_a_date_among_dated_ones_is_a_fault_wherever_it_stands(at: int, tag: str) -> None:
    days = [day if place != at else "" for place, day in enumerate(DAYS)]
    page = "<ul>\n" + "\n".join(map(entry, (A, B, C), days, [tag] * 3)) + "</ul>"
    found = outcome("b.html", page)
    assert isinstance(found, Bulletin)
    left = ["First", "Second", "Third"]
    missing = left.pop(at)
    assert [draft.title for draft in found.drafts] == left
    assert [(fault.code, fault.line, fault.detail) for fault in found.faults] == [
        ("date-missing", at + 2, missing)
    ]


@pytest.mark.parametrize("tag", ["li", "div", "article"])
@pytest.mark.parametrize(
    "title", ["<h3>{}</h3>", "<a href='https://e.example'>{}</a>", "<p>{}</p>", "<b>{}</b>"]
)
def test_entries_with_their_dates_at_different_places_stay_apart(tag: str, title: str) -> None:
    first, second = title.format("First"), title.format("Second")
    page = (
        f"<div><{tag}><time datetime='2026-11-16'>16 Nov</time>{first}<p>Text one.</p></{tag}>"
        f"<{tag}>{second}<p>Text two.</p><span>17 November 2026</span></{tag}></div>"
    )
    found = outcome("b.html", page)
    assert isinstance(found, Bulletin)
    assert [(d.date_on.day, d.title, d.summary) for d in found.drafts] == [
        (16, "First", "Text one."),
        (17, "Second", "Text two."),
    ]


def test_an_entry_without_a_heading_among_those_with_one_is_an_item() -> None:
    page = "<ul>" + entry(A, DAYS[0], "li") + entry("<p>Second</p>", DAYS[1], "li") + entry(C, DAYS[2], "li")
    assert titles("b.html", page + "</ul>") == ["First", "Second", "Third"]


def test_what_is_no_entry_of_the_list_stays_the_frame_of_the_page() -> None:
    news = "<ul>" + entry(A, DAYS[0], "li") + entry(B, DAYS[1], "li") + "<li><a href='/2'>Next</a></li></ul>"
    found = outcome(
        "b.html", news + "<div><h2>About us</h2><p>We are an office.</p></div><ul><li>Home</li></ul>"
    )
    assert isinstance(found, Bulletin)
    assert [fault.code for fault in found.faults] == ["lines-left-out"]


def test_a_head_may_name_the_item_that_it_says_in_another_language() -> None:
    for name in ("translation-of", "translation_of", "Translation-Of"):
        found = outcome("b.txt", f"---\nid: y\n{name}: x\n---\n{DAY}\n\nOne\n\nText.")
        assert isinstance(found, Bulletin)
        assert [(d.external_id, d.translation_of) for d in found.drafts] == [("y", "x")]
        assert found.faults == ()
    whole = outcome("b.md", "---\ntitle: One\ndate: 2025-05-11\ntranslation-of: x\n---\nText.")
    assert isinstance(whole, Bulletin)
    assert [(d.external_id, d.translation_of) for d in whole.drafts] == [(None, "x")]
