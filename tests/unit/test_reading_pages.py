# ruff: noqa: E501 (pieces of pages read best on one line)
"""Saved pages and Markdown: one article and nothing round it, its own address, the form of its text."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from lxml import html as lxml_html

from feeds.errors import BulletinError
from feeds.model import Draft
from feeds.reading import read
from feeds.reading.markup import articles
from feeds.reading.markup.frames import named_frame
from feeds.reading.markup.hypertext import structure_of
from feeds.reading.page import Rows
from feeds.reading.text.private import is_private_line, without_private_links

NEWS = "The ferry runs every hour from six in the morning, and on Sundays until ten."
DAY = date(2026, 11, 25)
TIME = '<time datetime="2026-11-25">November 25, 2026</time>'
OTHER = '<h4>Harbour feast</h4><time datetime="2026-11-19">19 November 2026</time><p>Music from noon.</p>'


def items(text: str, name: str = "page.html") -> list[Draft]:
    return list(read(name, text.encode()).drafts)


def page(body: str, head: str = "") -> str:
    return f"<html><head>{head}</head><body>{body}</body></html>"


def ferry(text: str) -> Draft:
    (item,) = items(text)
    assert (item.title, item.summary, item.date_on) == ("Ferry starts again", NEWS, DAY)
    return item


ROUND = [
    '<div class="related"><h3>Related</h3>{other}</div>',
    '<section id="related-posts">{other}</section>',
    '<div class="td_block_related_posts"><div>{other}</div><div>{other}</div></div>',
    '<section id="comments"><ul><li><article><h3>Angry Reader</h3>{time}<p>The mayor is a thief.</p></article></li></ul></section>',
    '<ol class="commentlist"><li>{other}</li></ol>',
    '<div class="share-buttons"><a href="https://s.example/?u=1">Send</a></div>',
    '<div class="author-box"><h3>Ana Writer</h3><p>Ana has written for us since 2009 and lives by the river.</p></div>',
    '<div class="newsletter-signup"><p>Get our letter every day.</p></div>',
    '<aside><h3>Most read</h3>{other}</aside>',
    "<footer>All rights reserved.</footer>",
    '<div id="sidebar"><h3>Popular</h3>{other}</div>',
    '<p>Share</p><p>Facebook</p><p>Print</p>',
    "<p>You might also like</p><ul><li><a href='https://x.example/1'>Night school opens</a></li></ul>",
]  # fmt: skip
ARTICLES = {
    "its text is marked": '<main><div class="entry"><h1>Ferry starts again</h1>{time}'
    '<a href="https://p.example/author/ana">Ana Writer</a><div class="entry-content"><p>{news}</p>{round}</div>{round}</div></main>',
    "one article": "<article><h1>Ferry starts again</h1><p>By Ana Writer</p><p>{time}</p><p>{news}</p>{round}</article>{round}",
    "a heading of its author": "<article><h1>Ferry starts again</h1><h2>By Ana Writer</h2>{time}"
    "<h3>Share this story</h3><p>{news}</p></article>{round}",
    "its body is an item property": '<div><h1>Ferry starts again</h1><p>{time}</p><div itemprop="articleBody"><p>{news}</p></div></div>{round}',
    "the date above": "<article><p>{time}</p><h1>Ferry starts again</h1><p>{news}</p>{round}</article>",
    "a date in words": "<article><h1>Ferry starts again</h1><p>Posted on 25 November 2026, 9:12 am | By Ana</p><p>{news}</p>{round}</article>",
}  # fmt: skip


@pytest.mark.parametrize("round_it", ROUND)
@pytest.mark.parametrize("made", ARTICLES.values(), ids=ARTICLES.keys())
def test_an_article_is_read_without_what_stands_round_it(made: str, round_it: str) -> None:
    beside = round_it.format(other=OTHER, time=TIME)
    ferry(page(made.format(time=TIME, news=NEWS, round=beside)))


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="og:type" content="article"><meta property="article:published_time" content="2026-11-25T09:00Z">',
        '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2026-11-25T09:00:00Z"}</script>',
        '<script type="application/ld+json">{"@graph":[{"@type":["Article"],"datePublished":"2026-11-25"}]}</script>',
        '<meta property="og:type" content="article"><meta itemprop="datePublished" content="2026-11-25">',
    ],
)  # fmt: skip
def test_what_a_page_says_of_itself_tells_its_day(head: str) -> None:
    ferry(page(f"<h1>Ferry starts again</h1><p>{NEWS}</p>", head))


CANONICAL = '<link rel="canonical" href="https://post.example/2026/11/25/ferry/?utm_source=x">'


@pytest.mark.parametrize(
    ("head", "link"),
    [
        (CANONICAL, "https://post.example/2026/11/25/ferry/"),
        ('<meta property="og:url" content="https://post.example/ferry">', "https://post.example/ferry"),
        ('<link rel="canonical" href="https://post.example/">', None),
        ('<link rel="canonical" href="/ferry">', None),
        ('<base href="https://post.example/news/">', None),
        ('<link rel="canonical" href="https://post.example/view-in-browser?u=1">', None),
        ("", None),
    ],
)
@pytest.mark.parametrize(
    "beside",
    [
        '<p><a href="https://post.example/author/ana">Ana Writer</a></p>',
        '<p><a href="https://other.example/story">Another story</a></p>',
        '<p><a href="https://post.example/unsubscribe?u=1">Unsubscribe</a></p>',
    ],
)
def test_the_link_is_the_pages_own_address_or_none(head: str, link: str | None, beside: str) -> None:
    (item,) = items(
        page(f"<article><h1>Ferry starts again</h1>{beside}<p>{TIME}</p><p>{NEWS}</p></article>", head)
    )
    assert item.link == link


def test_a_list_of_news_stays_a_list_whatever_its_page_says() -> None:
    news = "".join(
        f'<article><h2><a href="https://o.example/{n}">News {n}</a></h2><p>{n} November 2026</p><p>{NEWS}</p></article>'
        for n in (1, 2, 3)
    )
    found = items(
        page(
            f"<h1>News</h1><div class='entry-content'>{news}</div>",
            '<meta property="og:type" content="article">',
        )
    )
    assert [(item.title, item.link) for item in found] == [
        (f"News {n}", f"https://o.example/{n}") for n in (1, 2, 3)
    ]


def test_dates_as_headings_of_a_page_that_calls_itself_an_article_are_items() -> None:
    news = "".join(f"<h2>{n} November 2026</h2><h3>News {n}</h3><p>{NEWS}</p>" for n in (1, 2))
    found = items(page(f"<h1>News of the week</h1>{news}", '<meta property="og:type" content="article">'))
    assert [item.title for item in found] == ["News 1", "News 2"]


def test_a_part_that_holds_most_of_the_page_is_its_text_whatever_its_name() -> None:
    assert (
        NEWS in items(page(f"<div class='sidebar'><h1>Ferry</h1><p>{TIME}</p><p>{NEWS}</p></div>"))[0].summary
    )
    long = "".join(f"<p>Paragraph {n} of a long text that goes on and on.</p>" for n in range(60))
    found = items(page(f"<h1>Ferry</h1><p>{TIME}</p><div class='author'>{long}</div><p>Short end.</p>"))
    assert "Paragraph 59" in found[0].summary


@pytest.mark.parametrize(
    ("names", "rule"),
    [
        ("comments", "readers-comments"), ("comments-area", "readers-comments"), ("post-comments", "readers-comments"),
        ("relatedPosts", "related-stories"), ("js-share-bar", "share-line"), ("entry-author", "author-line"),
        ("no-sidebar", None), ("has-comments", None), ("share-prices", None), ("social-security", None),
        ("authority", None), ("entry-content", None), ("comment-closed news", None),
    ],
)  # fmt: skip
def test_whole_names_say_what_frames_a_page(names: str, rule: str | None) -> None:
    assert named_frame(lxml_html.fromstring(f'<div class="{names}">x</div>')) == rule
    assert named_frame(lxml_html.fromstring(f'<div id="{names.split()[0]}">x</div>')) == rule


def test_the_library_judges_only_where_the_page_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    prose = "".join(
        f"<p>Sentence number {n} of the article tells of the ferry and of its new captain.</p>"
        for n in range(20)
    )
    junk = "".join(f"<p><a href='https://x.example/{n}'>Teaser {n}</a></p>" for n in range(30))
    text = page(f"<article><h1>Ferry</h1><p>{TIME}</p>{prose}<div>{junk}</div></article>")
    assert "Sentence number 19" in items(text)[0].summary
    assert "Teaser 7" not in items(text)[0].summary
    monkeypatch.setattr(articles, "_main_text", lambda _: None)  # as without the extra
    assert "Sentence number 19" in items(text)[0].summary


@pytest.mark.parametrize(
    ("beside", "asked"),
    [("", 0), ("<h2>At the quay</h2>", 0), ("<p>Share</p>", 1), ("<h2><a href='https://x.example/1'>More</a></h2>", 1)],
)  # fmt: skip
def test_a_text_that_is_prose_from_end_to_end_needs_no_judge(
    monkeypatch: pytest.MonkeyPatch, beside: str, asked: int
) -> None:
    calls: list[object] = []
    monkeypatch.setattr(articles, "_main_text", calls.append)
    prose = "".join(f"<p>{NEWS} The ferry runs every hour, and that is number {n}.</p>" for n in range(12))
    assert items(page(f"<article><h1>Ferry</h1><p>{TIME}</p>{prose}{beside}</article>"))
    assert len(calls) == asked


def test_a_row_is_in_the_main_text_if_its_words_stand_there_in_that_order() -> None:
    rows = Rows()
    sentence = "Number {n} of the ferries goes to the island at noon, and comes back in the evening."
    for n in range(20):
        rows.block([sentence.format(n=n)], [1])
    for line in ("noon", "of the ferries", "ferries the of", "Teaser", "Teaser of the ferries"):
        rows.block([line], [1])
    kept = {row for row, words in enumerate(rows.text, 1) if words}
    told = " ".join(sentence.format(n=n) for n in range(20))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(articles, "_main_text", lambda _: told)
        left = articles.judged(kept, rows, lxml_html.fromstring("<p>x</p>"), known=False)
    assert {rows.text[row - 1] for row in kept - left} == {
        "ferries the of",
        "Teaser",
        "Teaser of the ferries",
    }


# -- private lines of newsletters

FEET = [
    '<p><a href="https://m.example/unsubscribe?u=1&amp;e=secret">Unsubscribe</a></p>',
    '<p><a href="/unsubscribe?u=1">Leave</a> <a href="https://x.example/share">Share</a></p><p>5 Quay Street</p>',
    "<p>You receive this letter because you asked for it.</p><p>5 Quay Street</p>",
    '<p><a href="https://us1.list-manage.com/profile?u=1">Your settings</a></p>',
    "<p>Si ya no desea recibir este boletín, escríbanos.</p>",
    "<p>Pour vous désabonner : https://m.example/x</p>",
    "<p>Caso queira cancelar a inscrição: </p><p>Para cancelar a inscrição, clique aqui.</p>",
    "<p>Diesen Newsletter im Browser ansehen</p><p>Abmelden</p>",
]


@pytest.mark.parametrize("foot", FEET)
def test_a_newsletters_foot_is_nobodys_news(foot: str) -> None:
    head = '<p><a href="https://m.example/view?u=abc&amp;id=1">View this email in your browser</a></p>'
    news = f"<h2>Ferry</h2><p>25 November 2026</p><p>{NEWS}</p><h2>School</h2><p>24 November 2026</p><p>It opens.</p>"
    found = items(page(head + news + foot))
    assert [(item.title, item.link) for item in found] == [("Ferry", None), ("School", None)]
    assert found[1].summary.split("\n")[0] == "It opens."
    assert "secret" not in str(found)
    assert "Quay" not in found[1].summary


@pytest.mark.parametrize(
    "line",
    ["Farmers unsubscribe from the scheme in May.", "If you want to come, write to us.", "Unsubscribed letters pile up",
     "https://news.example.org/how-to-unsubscribe-by-law", "To the browser of books, a new shop opens.",
     "You receive a ticket at the gate.", "Vous recevez un billet.", "Web versions of the map are ready"],
)  # fmt: skip
def test_a_sentence_of_news_is_no_private_line(line: str) -> None:
    assert not is_private_line(line)


def test_a_private_address_in_a_long_text_goes_and_the_text_stays() -> None:
    row = "See https://m.example/unsubscribe?u=1 or https://n.example/plan for more."
    assert without_private_links(row) == "See or https://n.example/plan for more."
    assert is_private_line(row)
    assert not is_private_line(row + " word" * 80)


# -- the form of a text


def body(markdown: str) -> str:
    (item,) = items(f"---\ntitle: T\ndate: 2026-11-25\n---\n\n{markdown}\n", "b.md")
    return item.body


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("Plain words.", ""),
        ("See [it](https://x.example/a).", '<p>See <a href="https://x.example/a">it</a>.</p>'),
        ("See [it](javascript:alert(1)) <script>x</script>now.", ""),
        ("*Soft* and **hard** and `code`", "<p><em>Soft</em> and <strong>hard</strong> and <code>code</code></p>"),
        ("* One\n* Two\n\n1. First\n2. Second", "<ul><li>One</li><li>Two</li></ul><ol><li>First</li><li>Second</li></ol>"),
        ("3. Three\n4. Four", '<ol start="3"><li>Three</li><li>Four</li></ol>'),
        ("- One\n  - Deep", "<ul><li>One<ul><li>Deep</li></ul></li></ul>"),
        ("> Said so.", "<blockquote><p>Said so.</p></blockquote>"),
        ("| a | b |\n|---|---|\n| c | d |", "<table><tbody><tr><th>a</th><th>b</th></tr><tr><td>c</td><td>d</td></tr></tbody></table>"),
        ("One<br>two", "<p>One<br> two</p>"),
        ("<mailto:a@x.example>", ""),
        ("    code\n    more", "<pre>code<br> more</pre>"),
        ("Word\nbroken **over\nlines**.", "<p>Word broken <strong>over</strong> <strong>lines</strong>.</p>"),
        ("<ul><li>One</li></ul>", "<ul><li>One</li></ul>"),
        ("Text.\n\n<ul><li>One</li></ul>", "<p>Text.</p><ul><li>One</li></ul>"),
    ],
)  # fmt: skip
def test_markdown_keeps_its_form(markdown: str, expected: str) -> None:
    assert body(markdown) == expected


@pytest.mark.parametrize(
    ("markdown", "summary"),
    [
        ("One<br>two", "One two"),
        ("![IMG_2041.JPG](a.jpg)\n\nText.", "Text."),
        ("![The quay](a.jpg)\n\nText.", "Text."),
        ("See ![photo.png](a) the quay.", "See the quay."),
        ("It ![sun](a) shines.", "It sun shines."),
        ("Text.[^1]\n\n[^1]: Only now.", "Text.[1]\n\n[1] Only now."),
        ("| a | b |\n|---|---|\n| c | d |", "a | b\n\nc | d"),
        (r"2 \* 3", "2 * 3"),
    ],
)
def test_the_words_of_markdown_are_without_its_marks(markdown: str, summary: str) -> None:
    (item,) = items(f"---\ntitle: T\ndate: 2026-11-25\n---\n\n{markdown}\n", "b.md")
    assert item.summary == summary


def test_newspapers_in_a_list_of_links_are_all_kept_and_none_is_the_link() -> None:
    text = "## 25 November 2026\n\n### Four papers\n\n* [North](https://n.example/a)\n* [South](https://s.example/b)\n"
    (item,) = items(text, "b.md")
    assert item.link is None
    assert item.body.count("<a ") == 2


def test_a_wrapped_entry_of_a_list_is_one_title() -> None:
    text = "## 2026-11-03\n\n* The board talked about lifeboats, which are stored in\n  the old shed.\n* It rested.\n"
    (item,) = items(text, "b.md")
    assert item.title == "The board talked about lifeboats, which are stored in the old shed."


def test_a_table_of_layout_is_no_table_and_one_of_figures_is() -> None:
    layout = f"<table><tr><td><table><tr><td><h2>Ferry</h2><p>{TIME}</p><p>{NEWS}</p></td></tr></table></td></tr></table>"
    assert items(page(layout))[0].body == ""
    figures = "<table><tr><th>Day</th><th>Boats</th></tr><tr><td>Monday</td><td>4</td></tr></table>"
    found = items(page(f"<h2>Ferry</h2><p>{TIME}</p><p>{NEWS}</p>{figures}"))[0]
    assert "<tr><td>Monday</td><td>4</td></tr>" in found.body
    assert found.summary == f"{NEWS}\n\nDay\n\nBoats\n\nMonday\n\n4"


@pytest.mark.parametrize(
    "text",
    [
        "<div>" * 3_000 + "x", "<b>" * 3_000 + "x", "<div class='comments'>" * 300 + "<h1>x</h1>",
        "<a href='" + "x" * 5_000 + "'>" * 50 + "x", "<table><tr><td>" * 500 + "x", "<ul><li>" * 500 + "x",
        "<p class='" + "related-" * 3_000 + "'>x</p>", "<script type='application/ld+json'>" + "[" * 50_000 + "</script><p>x",
        "<h1>a</h1>" * 2_000, "<p>You may also like</p><p><a href='https://x.example'>y</a></p>" * 500,
    ],
)  # fmt: skip
def test_hostile_pages_have_a_structure_or_a_reason(text: str) -> None:
    with suppress(BulletinError):  # anything else is a fault of ours
        structure_of(text)


def test_a_page_that_nothing_could_judge_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"<p>{NEWS * 5} Number {n}.</p>" for n in range(6))
    whole = f"<html><body><article><h1>Ferry</h1>{TIME}{text}</article></body></html>"

    def codes() -> list[str]:
        return [fault.code for fault in read("a.html", whole.encode()).faults]

    assert "text-unjudged" not in codes()
    monkeypatch.setattr(articles, "find_spec", lambda name: None)
    assert "text-unjudged" in codes()
    known = whole.replace(text, f'<div class="entry-content">{text}</div>')
    assert "text-unjudged" not in [fault.code for fault in read("a.html", known.encode()).faults]


@pytest.mark.parametrize(
    "words",
    ["Submitted by admin on Wed, 11/25/2026 - 09:12", "Publicado por prensa el Mié, 25/11/2026 - 09:12",
     "Posted by Ana Writer on November 25, 2026", "Par Anne Petit, le 25 novembre 2026",
     "Von Lutz Gerber, 25. November 2026"],
)  # fmt: skip
def test_the_day_beside_an_author_is_the_article_s(words: str) -> None:
    text = "The ferry runs every hour from six in the morning. Tickets are sold on board of it."
    page = (
        f'<main><h1>Ferry starts again</h1><article class="node"><div>{words}</div>'
        f'<div class="field-name-body"><p>{text}</p></div></article></main>'
    )
    (draft,) = read("a.html", page.encode()).drafts
    assert (draft.title, draft.date_on.isoformat(), draft.summary) == (
        "Ferry starts again",
        "2026-11-25",
        text,
    )


def test_a_link_to_read_more_at_the_end_of_a_sentence_is_left_out() -> None:
    page = (
        '<h2>Ferry</h2><p>25 November 2026</p><p>It <b>runs</b> hourly. <a href="https://a.example/f">Read more</a></p>'
        '<h2>School</h2><p>24 November 2026</p><p>See <a href="https://a.example/s">more information</a> on it.</p>'
    )
    found = read("a.html", page.encode())
    assert [draft.summary for draft in found.drafts] == ["It runs hourly.", "See more information on it."]
    assert [fault.detail for fault in found.faults] == ["read-more 1"]


@pytest.mark.parametrize(
    "words", ["3 Comments", "1 comment", "Leave a comment", "Sin comentarios", "12 Kommentare"]
)
def test_how_many_comments_there_are_is_no_text(words: str) -> None:
    page = f"<h2>Ferry</h2><p>25 November 2026</p><p>It runs.</p><p>{words}</p>"
    found = read("a.html", page.encode())
    assert [draft.summary for draft in found.drafts] == ["It runs."]
    assert [fault.detail for fault in found.faults] == ["readers-comments 1"]
