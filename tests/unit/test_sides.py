"""Beside the news of a country, region or topic stands what its own items go with, and their months."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from feeds.model import FeedKey, Kind, Neighbour, Term, Version, Vocabulary
from feeds.pages import Pages
from feeds.pages.archives import Month
from feeds.pages.lists import first_feed
from feeds.pages.sides import SHOWN, Sides, addable, others, together
from feeds.templating import environment
from golden.pages import sample

PANAMA, HEALTH, REGION = (
    FeedKey(kind="country", code="pa"), FeedKey(kind="topic", code="health"),
    FeedKey(kind="region", code="central-america"),
)  # fmt: skip
PAGES = Pages(environment([sample.TEMPLATES]), sample.site(), sample.VOCABULARY)
SIDES = Sides(
    topics=[("labour-migration", 1240), ("health", 1)], countries=[("pa", 9), ("hn", 3)],
    months=[Month("2026-11", 4), Month("2025-12", 1)],
)  # fmt: skip


def page(key: FeedKey, sides: Sides = SIDES) -> str:
    return PAGES.feed(key, "", "", sample.items(2), 2, sides).decode()


def rows(text: str, panel: str) -> list[tuple[str, str, str]]:
    part = text.partition(f'<section aria-labelledby="{panel}">')[2].partition("</section>")[0]
    return re.findall(r'<li><a href="([^"]+)">([^<]+)</a> <span class="n">([^<]+)<', part)


@pytest.mark.parametrize(
    ("key", "kind", "code", "there"),
    [
        (PANAMA, Kind.TOPIC, "health", "/filter?country=pa&topic=health"),
        (HEALTH, Kind.COUNTRY, "pa", "/filter?country=pa&topic=health"),
        (REGION, Kind.TOPIC, "health", "/filter?region=central-america&topic=health"),
        (PANAMA, Kind.COUNTRY, "hn", "/country/hn/"),
        (REGION, Kind.COUNTRY, "pa", "/country/pa/"),
        (HEALTH, Kind.TOPIC, "covid-19", "/topic/covid-19/"),
        (FeedKey(kind="unlabelled"), Kind.TOPIC, "health", "/topic/health/"),
    ],
)
def test_a_row_leads_to_both_together_where_a_filter_can_ask_for_both(
    key: FeedKey, kind: Kind, code: str, there: str
) -> None:
    """Two countries, or two topics, are either of them: then the other one's own page is meant."""
    assert together(key, kind, code) == there


def test_a_page_counts_its_topics_and_what_is_in_the_same_news_but_not_itself() -> None:
    text = page(PANAMA)
    assert rows(text, "by-topic") == [
        ("/filter?country=pa&amp;topic=labour-migration", "Labour migration", "1,240"),
        ("/filter?country=pa&amp;topic=health", "Health", "1"),
    ]
    assert rows(text, "by-country") == [("/country/hn/", "Honduras", "3")]
    assert others(SIDES.topics, HEALTH, Kind.TOPIC) == [("labour-migration", 1240)]
    assert others(SIDES.countries, HEALTH, Kind.COUNTRY) == SIDES.countries


def test_a_long_list_is_folded() -> None:
    many = [("labour-migration", 9), ("covid-19", 8), ("border-management", 7), ("health", 6)] * 2
    text = page(PANAMA, Sides(topics=many))
    shown, _, folded = text.partition("<summary>")
    assert len(rows(shown, "by-topic")) == SHOWN
    assert folded.startswith("2 more</summary>")
    assert "<summary>" not in page(PANAMA, Sides(topics=many[:SHOWN]))


def test_months_stand_beside_the_news_with_their_year_where_it_is_another() -> None:
    months = re.findall(
        r'<li><a href="([^"]+)" aria-label="([^"]+)">([^<]+)</a> <span class="n">(\d+)', page(PANAMA)
    )
    assert months == [
        ("/country/pa/archive/2026-11/", "November 2026", "Nov", "4"),
        ("/country/pa/archive/2025-12/", "December 2025", "Dec 2025", "1"),
    ]


def test_a_form_adds_a_condition_and_keeps_the_pages_own() -> None:
    text = page(PANAMA)
    assert '<input type="hidden" name="country" value="pa">' in text
    assert '<select id="more" name="topic">' in text
    assert "Combine Panama with" in text
    topic = page(HEALTH)
    assert '<input type="hidden" name="topic" value="health">' in topic
    assert re.findall(r'<option value="([^"]*)">', topic) == ["", "hn", "pa"]
    assert "Combine" not in page(FeedKey(kind="unlabelled"))


def test_only_topics_that_are_in_use_can_be_added() -> None:
    terms = dict(sample.VOCABULARY.terms)
    terms[Kind.TOPIC, "old"] = Term(kind=Kind.TOPIC, code="old", names={"en": "Old"}, retired=True)
    kind, codes = addable(PANAMA, SIDES, Vocabulary(terms))
    assert kind is Kind.TOPIC
    assert set(codes) == {term.code for term in sample.VOCABULARY.of(Kind.TOPIC)}


def test_a_page_without_anything_beside_it_has_no_rail() -> None:
    assert '<div class="rail">' not in page(FeedKey(kind="unlabelled"), Sides())


def test_an_item_leads_on_in_time_and_on_its_subject() -> None:
    item, older = sample.item(0), sample.item(1)
    beside = {0: Neighbour("older1", older.title, "en", older.date_on)}
    text = PAGES.item(item, beside=beside).decode()
    step = text.partition("Older in Panama, <time")[2].partition("</div>")[0]
    assert '<a href="/items/older1/" rel="prev"' in step
    assert older.title in step
    assert "This is the newest in Panama." in text
    assert (
        '<a href="/filter?country=pa&amp;topic=labour-migration">Panama, about labour migration</a>' in text
    )
    bare = PAGES.item(replace(item, labels=())).decode()
    assert "Older in All news" in bare
    assert "On the same subject" not in bare
    assert first_feed([]) == FeedKey(kind="all")
    assert first_feed([HEALTH, PANAMA]) == HEALTH


def test_an_item_in_another_language_than_the_page_says_so_in_lists_and_on_its_own_page() -> None:
    item = next(each for each in sample.items(6) if each.lang == "es")
    listed = PAGES.feed(HEALTH, "", "", [replace(item, labels=())], 1).decode()
    assert '<span class="soft">In Spanish</span>' in listed
    assert " · In Spanish</p>" in PAGES.item(item).decode()
    spanish = PAGES.speaking("es")
    assert "In Spanish" not in spanish.item(item).decode()
    assert "En español" not in spanish.feed(HEALTH, "", "", [item], 1).decode()


VERSION = Version(id="es1", lang="es")


def both_languages() -> Pages:
    return Pages(
        environment([sample.TEMPLATES]), replace(sample.site(), languages=("en", "es")), sample.VOCABULARY
    )


def test_an_item_leads_to_its_other_versions_in_their_languages() -> None:
    item, pages = sample.item(0), both_languages()
    text = pages.item(item, versions=[VERSION, Version(id="fr1", lang="fr")]).decode()
    assert '<a href="/es/items/es1/" lang="es" hreflang="es">Español</a> · <a href="/items/fr1/"' in text
    assert '<a href="/items/fr1/" lang="fr" hreflang="fr">Français</a>' in text
    assert "fr1" not in pages.item(item).decode()


def test_the_switch_of_language_leads_to_the_version_in_that_language() -> None:
    item, pages = sample.item(0), both_languages()
    base = pages._site.base_url
    english = pages.item(item, versions=[VERSION]).decode()
    assert f'<link rel="alternate" hreflang="en" href="{base}/items/{item.id}/">' in english
    assert f'<link rel="alternate" hreflang="es" href="{base}/es/items/es1/">' in english
    assert f'<link rel="alternate" hreflang="x-default" href="{base}/items/{item.id}/">' in english
    assert '<li><a href="/es/items/es1/" lang="es" hreflang="es">Español</a></li>' in english
    alone = pages.item(item).decode()
    assert f'<link rel="alternate" hreflang="es" href="{base}/es/items/{item.id}/">' in alone


def test_of_several_versions_in_a_language_the_first_is_meant_and_an_items_own_language_is_its_own() -> None:
    item, pages = sample.item(0), both_languages().speaking("es")
    versions = [VERSION, Version(id="es2", lang="es"), Version(id="en2", lang="en")]
    links = {each.lang: each.url for each in pages._tongues_of(item, versions)}
    assert links == {"en": f"/items/{item.id}/", "es": f"/es/items/{item.id}/"}
    english = {each.lang: each.url for each in both_languages()._tongues_of(item, versions)}
    assert english == {"en": f"/items/{item.id}/", "es": "/es/items/es1/"}
