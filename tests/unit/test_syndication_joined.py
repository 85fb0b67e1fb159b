"""A feed joined from entries that were written before is, byte for byte, the one that is written whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chance import examples
from feeds.model import Kind, Term, Vocabulary
from feeds.syndication import FORMATS, FORMS, FeedSource, told
from golden.feeds.sample import ITEMS, SITE, item, label, source

NASTY = (
    item(20, "</entry>", "\n  </entry>\n\n</feed>"),
    item(19, '"items": []', '{\n  }\n"items": [\n ]'),
    item(18, "</channel>", "  </item>\n\n    <item>\n\n  </channel>\n"),
    item(17, "&#10;  <entry>", "]]>", lang="he", link="https://example.org/?a=<entry>"),
    item(16, "Names", labels=(label(Kind.COUNTRY, "pa"), label(Kind.TOPIC, "labour-migration"))),
)
ALL = (*NASTY, *ITEMS)
WITHDRAWN = (replace(ITEMS[1], withdrawn_at=datetime(2026, 11, 20, 9, tzinfo=UTC), withdrawn_reason="Wrong"),)


def entries(form: str, feed: FeedSource) -> list[bytes]:
    return [FORMS[form].entry(feed, told(feed, each)) for each in feed.items]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("items", [ALL, ITEMS, ALL[:1], ()], ids=["all", "golden", "one", "none"])
@pytest.mark.parametrize("withdrawn", [(), WITHDRAWN], ids=["", "withdrawn"])
def test_the_joined_feed_is_the_whole_one(form: str, items: tuple, withdrawn: tuple) -> None:
    feed = replace(source(items), withdrawn=withdrawn)
    # Written in other company, and in another order, than they stand in.
    written = entries(form, source(ALL[::-1]))
    by_id = {each.id: entry for each, entry in zip(ALL[::-1], written, strict=True)}
    assert FORMS[form].joined(feed, [by_id[each.id] for each in items]) == FORMATS[form].write(feed)


@pytest.mark.parametrize("form", FORMS)
def test_words_of_the_site_are_never_taken_for_the_end_of_a_feed(form: str) -> None:
    odd = replace(source(ITEMS), title='</feed></channel> "items": []', subtitle='\n</feed>\n "items": []')
    assert FORMS[form].joined(odd, entries(form, source(ITEMS))) == FORMATS[form].write(odd)


@pytest.mark.parametrize("form", FORMS)
def test_an_entry_does_not_depend_on_its_feed(form: str) -> None:
    other = replace(source(ITEMS), title="Other", feed_id="tag:x,2026:y", withdrawn=WITHDRAWN)
    assert entries(form, other) == entries(form, source(ITEMS))


TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\n\r\t<>&\"'/;#12ab "),
    max_size=60,
)
WORDS = TEXTS.filter(lambda text: bool(text.strip()))


NASTY_TEXT = "a\"b'c\nd\re\tf&g<h>i&#12;<b>\u2028\U0001f6a2 "


@examples(400)
@example(
    title=NASTY_TEXT,
    summary=NASTY_TEXT,
    body="",
    link=f"https://example.org/{NASTY_TEXT}",
    lang="es",
    name=NASTY_TEXT,
    codes={"a", "b"},
    at=datetime(2026, 11, 18, 9, 30, tzinfo=UTC),
)
@given(
    title=WORDS, summary=TEXTS, body=TEXTS, link=st.none() | WORDS.map("https://example.org/{}".format),
    lang=st.sampled_from(["en", "es", "zh-Hant"]), name=WORDS, codes=st.sets(st.sampled_from("abc")),
    at=st.floats(100_000, 3e10).map(lambda at: datetime.fromtimestamp(at, UTC)),
)  # fmt: skip
def test_entries_are_what_the_libraries_write(
    title: str, summary: str, body: str, link: str | None, lang: str, name: str, codes: set[str],
    at: datetime,
) -> None:  # fmt: skip
    labels = tuple(label(Kind.TOPIC, code) for code in sorted(codes))
    told_of = replace(
        item(1, title, summary, lang=lang, link=link, labels=labels),
        body=body, date_on=at.date(), accepted_at=at, updated_at=at,
    )  # fmt: skip
    terms = {(Kind.TOPIC, code): Term(kind=Kind.TOPIC, code=code, names={"en": name}) for code in codes}
    feed = replace(source([told_of]), vocabulary=Vocabulary(terms), site=replace(SITE, publisher=name))
    for form in FORMS:
        assert FORMS[form].joined(feed, entries(form, feed)) == FORMATS[form].write(feed)


@pytest.mark.parametrize("form", ["atom", "rss"])
@pytest.mark.parametrize("odd", ["\0", "\x0b", "\ufffe"])
def test_what_xml_cannot_hold_is_refused_as_the_libraries_refuse_it(form: str, odd: str) -> None:
    feed = source([item(1, f"News{odd}", "Words")])
    for write in (FORMATS[form].write, lambda feed: entries(form, feed)):
        with pytest.raises(ValueError, match=r"(?i)XML"):
            write(feed)
