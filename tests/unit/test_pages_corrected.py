"""A correction says what changed: the words as they were and as they are, on the page and in feeds."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from feeds.changes.marking import Span, reworded
from feeds.i18n import translator
from feeds.model import ChangeKind, Correction, Said
from feeds.pages import Pages
from feeds.pages.corrected import as_html, marked, passages_of
from feeds.publishing.fragments import make_fragments
from feeds.syndication import FeedSource
from feeds.syndication.keys import ALL
from feeds.templating import environment
from golden.pages import sample

PAGES = Pages(environment([sample.TEMPLATES]), sample.site(), sample.VOCABULARY)
T = translator("en")
ITEM = replace(
    sample.item(0),
    title="Farms & <b>ports</b>",
    summary="The farms employ 1,240 workers. Nobody pays.",
    body="",
)
WAS = Said(title=ITEM.title, summary="The farms employ 12,400 workers. Nobody pays.", date_on=ITEM.date_on)
CORRECTED = Correction(item=ITEM, kind=ChangeKind.CORRECTED, n=1, fields=("summary",), reason="", was=WAS)


def test_the_words_that_differ_are_marked_in_a_page_as_they_were_and_are() -> None:
    page = PAGES.item(ITEM, [CORRECTED]).decode()
    assert "The farms employ <del>12,400</del> workers." in page
    assert "The farms employ <ins>1,240</ins> workers." in page
    assert "Nobody pays. <" not in page.split("<ins>")[0]
    assert "<del>" not in PAGES.item(ITEM).decode()


def test_a_page_in_spanish_says_decia_and_dice() -> None:
    page = PAGES.speaking("es").item(ITEM, [CORRECTED]).decode()
    assert "Decía:" in page
    assert "Dice:" in page


def test_a_date_and_a_title_are_told_before_the_text() -> None:
    was = replace(WAS, title="Farms", date_on=date(2026, 11, 2))
    told = list(reworded(was, ITEM, lambda day: day.isoformat()))
    assert told[0].was == (Span("2026-11-02", True),)
    assert told[0].now == (Span(ITEM.date_on.isoformat(), True),)
    assert (told[1].was_text, told[1].now_text) == ("Farms", ITEM.title)
    assert "12,400" in told[2].was_text
    assert "1,240" in told[2].now_text
    assert list(reworded(replace(WAS, summary=ITEM.summary), ITEM, str)) == []


@pytest.mark.parametrize("kind", [ChangeKind.WITHDRAWN, ChangeKind.RESTORED, ChangeKind.RELABELLED])
def test_only_corrections_of_known_words_have_passages(kind: ChangeKind) -> None:
    assert passages_of(None, T) == []
    assert passages_of(replace(CORRECTED, kind=kind), T) == []
    assert passages_of(replace(CORRECTED, was=None), T) == []
    assert len(passages_of(CORRECTED, T)) == 1


def test_marks_hold_what_changed_and_nothing_becomes_markup() -> None:
    spans = (Span("a <b>", False), Span("& <i>", True), Span("c", False))
    assert marked(spans, "del") == "a &lt;b&gt; <del>&amp; &lt;i&gt;</del> c"


def test_a_note_says_when_and_leaves_out_the_side_that_is_not_there() -> None:
    assert as_html(CORRECTED, "Corrected <today>", T) == (
        "<p><em>Corrected &lt;today&gt;</em></p>"
        "<p>Was: The farms employ <del>12,400</del> workers.</p>"
        "<p>Now: The farms employ <ins>1,240</ins> workers.</p>"
    )
    added = replace(CORRECTED, was=replace(WAS, summary="Nobody pays."))
    assert "Was:" not in as_html(added, "", T)
    gone = replace(CORRECTED, item=replace(ITEM, summary="Nobody pays."))
    assert "Now:" not in as_html(gone, "", T)
    assert as_html(replace(CORRECTED, was=replace(WAS, summary=ITEM.summary)), "x", T) == ""


def source() -> FeedSource:
    return FeedSource(
        key=ALL, feed_id="tag:x,2026:f", title="t", subtitle="s", lang="en", site=sample.site(),
        vocabulary=sample.VOCABULARY, updated_at=datetime(2026, 11, 20, tzinfo=UTC), items=(),
    )  # fmt: skip


def test_every_feed_holds_what_changed_in_its_content_and_only_there() -> None:
    made = make_fragments([ITEM], source(), PAGES, ("atom", "rss", "json"), {ITEM.id: CORRECTED})[ITEM.id]
    plain = make_fragments([ITEM], source(), PAGES, ("atom", "rss", "json"))[ITEM.id]
    for form in ("atom", "rss"):
        content = made.entries[form].decode()
        assert "&lt;del&gt;12,400&lt;/del&gt;" in content
        assert "&lt;ins&gt;1,240&lt;/ins&gt;" in content
    assert "<del>12,400</del>" in made.entries["json"].decode()
    assert (
        re.sub(rb"&lt;p&gt;&lt;em&gt;.*?</content>", b"</content>", made.entries["atom"])
        == plain.entries["atom"]
    )


def test_an_item_without_a_change_has_the_bytes_that_it_had() -> None:
    forms = ("atom", "rss", "json")
    relabelled = replace(CORRECTED, kind=ChangeKind.RELABELLED)
    one = make_fragments([ITEM], source(), PAGES, forms, {ITEM.id: relabelled})
    assert one[ITEM.id].entries == make_fragments([ITEM], source(), PAGES, forms)[ITEM.id].entries
    assert PAGES.correction(None) == ""
