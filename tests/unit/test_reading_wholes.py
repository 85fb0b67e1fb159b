"""A heading that names the whole page ("News") is the title of no item, and holds no two items together."""

from __future__ import annotations

import pytest

from feeds.reading import read
from feeds.reading.text.wholes import names_whole

FERRY, SCHOOL = ("Ferry starts", "It runs."), ("School opens", "At seven.")


def _told(text: str, name: str = "a.html") -> list[tuple[int, str, str]]:
    return [(draft.date_on.day, draft.title, draft.summary) for draft in read(name, text.encode()).drafts]


@pytest.mark.parametrize(
    "name",
    ["News", "Latest news", "The latest announcements", "Weekly bulletin", "News and events",
     "What’s new", "Press releases",
     "Noticias", "Últimas noticias", "Comunicados de prensa", "Boletín semanal", "Sala de prensa",
     "Actualités",
     "Communiqués de presse", "Dernières nouvelles", "Notícias", "Notas à imprensa", "Aktuelles",
     "Pressemitteilungen",
     "News 2026", "NEWS:", "Press room »"],
)  # fmt: skip
def test_names_of_the_whole(name: str) -> None:
    assert names_whole(name)


@pytest.mark.parametrize(
    "title",
    ["News of the ferry", "Ferry starts", "Good news for the harbour", "Press release on the ferry",
     "Noticias falsas en la red",
     "Newsreader", "The bulletin board is full", "2026", "", "News " + "x" * 60],
)  # fmt: skip
def test_titles_that_only_begin_so(title: str) -> None:
    assert not names_whole(title)


@pytest.mark.parametrize(
    "page",
    [
        "<h1>News</h1><p>25 November 2026</p><p><b>Ferry starts</b></p><p>It runs.</p>"
        "<p>26 November 2026</p><p><b>School opens</b></p><p>At seven.</p>",
        "<h1>News</h1><p>25 November 2026</p><p>Ferry starts</p><p>It runs.</p>"
        "<p>26 November 2026</p><p>School opens</p><p>At seven.</p>",
        "<h1>News</h1><h2>Ferry starts</h2><p>25 November 2026</p><p>It runs.</p>"
        "<h2>School opens</h2><p>26 November 2026</p><p>At seven.</p>",
        "<h1>News</h1><dl><dt>25 November 2026</dt><dd><h3>Ferry starts</h3><p>It runs.</p></dd>"
        "<dt>26 November 2026</dt><dd><h3>School opens</h3><p>At seven.</p></dd></dl>",
    ],
)
def test_items_under_the_name_of_a_page_keep_their_own_days_and_titles(page: str) -> None:
    for whole in (page, page.replace("News", "Comunicados de prensa")):
        assert _told(f"<html><body>{whole}</body></html>") == [(25, *FERRY), (26, *SCHOOL)]


def test_links_under_the_name_of_a_page_are_items() -> None:
    page = (
        '<h1>News</h1><dl><dt>25 November 2026</dt><dd><a href="https://x.example/a">Ferry starts</a></dd>'
        '<dt>26 November 2026</dt><dd><a href="https://x.example/b">School opens</a></dd></dl>'
    )
    found = read("a.html", page.encode()).drafts
    assert [(draft.date_on.day, draft.title, draft.link) for draft in found] == [
        (25, "Ferry starts", "https://x.example/a"),
        (26, "School opens", "https://x.example/b"),
    ]


def test_items_under_the_name_of_a_markdown_text_keep_their_own() -> None:
    first = "# News\n\n25 November 2026\n\nFerry starts\n\nIt runs.\n\n"
    text = f"{first}26 November 2026\n\nSchool opens\n\nAt seven.\n"
    assert _told(text, "a.md") == [(25, *FERRY), (26, *SCHOOL)]


def test_another_heading_over_one_date_is_the_title_and_a_second_date_heads_nothing() -> None:
    page = "<h1>{}</h1><p>25 November 2026</p><p>It runs.</p><p>26 November 2026</p>"
    assert _told(page.format("Ferry starts")) == [(25, *FERRY)]
    text = "# Ferry starts\n\n25 November 2026\n\nIt runs.\n"
    assert _told(text, "a.md") == [(25, *FERRY)]


def test_such_a_heading_below_the_first_date_is_a_title() -> None:
    text = "## Ferry starts\n\n25 November 2026\n\nIt runs.\n\n## News\n\n26 November 2026\n\nAt seven.\n"
    assert [title for _, title, _ in _told(text, "a.md")] == ["Ferry starts", "News"]
