"""Corrected and withdrawn items on their pages: said calmly, and nothing of a withdrawn text is left."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from feeds.model import ChangeKind, Item
from feeds.pages import Pages
from feeds.templating import environment
from golden.pages import sample

ENVIRONMENT = environment([sample.TEMPLATES])
PAGES = Pages(ENVIRONMENT, sample.site(), sample.VOCABULARY)
SPANISH = Pages(ENVIRONMENT, sample.site("es"), sample.VOCABULARY)
WHY = "The window opens in spring, not now."


def words(page: bytes) -> str:
    """What a person reads."""
    main = re.search(r"<main.*</main>", page.decode(), re.S)
    assert main
    text = re.sub(r"<[^>]+>", " ", main[0])
    return " ".join(text.split())


def gone_item(number: int = 0, reason: str = WHY) -> Item:
    return sample.withdrawn(number, reason).item


@pytest.mark.parametrize(("lang", "pages"), [("en", PAGES), ("es", SPANISH)])
def test_pages_of_changed_items_look_as_accepted(lang: str, pages: Pages) -> None:
    change = sample.corrected(0, "summary", "title", reason=WHY)
    sample.golden(f"pages/item-corrected-{lang}.html", pages.item(change.item, [change]).decode())
    sample.golden(f"pages/gone-{lang}.html", pages.gone(gone_item()).decode())


# Corrected


def test_a_corrected_item_says_once_when_and_what() -> None:
    change = sample.corrected(0, "summary", "title")
    earlier = replace(change, fields=("date",))
    page = words(PAGES.item(change.item, [earlier, change]))
    assert "Corrected on 20 November 2026: title, text." in page
    assert page.count("Corrected on") == 1
    assert "Corregida el 20 de noviembre de 2026: título, texto." in words(
        SPANISH.item(change.item, [change])
    )


def test_the_reason_of_a_correction_stands_beside_it() -> None:
    change = sample.corrected(0, "date", reason="Moved\nby a day.")
    assert "Corrected on 20 November 2026: date. Moved by a day." in words(PAGES.item(change.item, [change]))


def test_an_item_that_was_never_corrected_is_the_page_it_was() -> None:
    item = sample.item(0)
    relabelled = replace(sample.corrected(0), item=item, kind=ChangeKind.RELABELLED)
    assert PAGES.item(item, []) == PAGES.item(item, [relabelled]) == PAGES.item(item)
    assert b"orrected" not in PAGES.item(item)


def test_relabelling_after_a_correction_does_not_hide_it() -> None:
    change = sample.corrected(0, "title")
    later = replace(change, kind=ChangeKind.RELABELLED, n=2, fields=())
    assert "Corrected on 20 November 2026: title." in words(PAGES.item(change.item, [change, later]))


# Withdrawn


def test_the_page_of_a_withdrawn_item_tells_title_day_and_reason_but_no_text() -> None:
    item = gone_item()
    page = words(PAGES.gone(item))
    assert page.startswith("This item was withdrawn")
    assert item.title in page
    assert "The office took this item back on 20 November 2026." in page
    assert f"Reason: {WHY}" in page
    assert "coffee harvest" not in page
    assert "Why these labels?" not in page
    assert item.link
    assert item.link not in PAGES.gone(item).decode()
    assert "La oficina retiró esta noticia el 20 de noviembre de 2026." in words(SPANISH.gone(item))


def test_the_page_of_a_withdrawn_item_leads_to_its_feeds_and_to_the_news() -> None:
    links = re.findall(r'<a [^>]*href="([^"]+)"', PAGES.gone(gone_item()).decode())
    assert {"/", "/country/pa/", "/topic/labour-migration/"} <= set(links)
    assert "https://news.example.org/feeds/country/pa.atom" in links
    bare = PAGES.gone(gone_item(4)).decode()
    assert "Follow news like this" not in bare
    assert '<a href="/">Go to the latest news</a>' in bare


def test_the_page_of_a_withdrawn_item_is_not_to_be_found() -> None:
    page = PAGES.gone(gone_item()).decode()
    assert '<meta name="robots" content="noindex">' in page
    assert "canonical" not in page
    assert 'rel="alternate"' not in page


def test_without_a_reason_none_is_claimed() -> None:
    assert "Reason" not in words(PAGES.gone(gone_item(reason="")))


def test_only_a_withdrawn_item_is_gone() -> None:
    with pytest.raises(ValueError, match="not withdrawn"):
        PAGES.gone(sample.item(0))


def test_markup_in_reasons_and_titles_is_shown_not_obeyed() -> None:
    hostile = '<script>alert(1)</script> {{ 7*7 }} %(x)s </main> & "q"'
    change = sample.corrected(0, "title", reason=hostile)
    for page in (
        PAGES.gone(replace(gone_item(reason=hostile), title=hostile)),
        PAGES.item(change.item, [change]),
    ):
        assert b"<script" not in page
        assert b"&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }} %(x)s &lt;/main&gt;" in page
        assert page.count(b"</main>") == 1
