"""A feed joined from entries that were written before is, byte for byte, the one that is written whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from feeds.model import Kind
from feeds.syndication import FORMATS, FORMS
from golden.feeds.sample import ITEMS, item, label, source

NASTY = (
    item(20, "</entry>", "\n  </entry>\n\n</feed>"),
    item(19, '"items": []', '{\n  }\n"items": [\n ]'),
    item(18, "</channel>", "  </item>\n\n    <item>\n\n  </channel>\n"),
    item(17, "&#10;  <entry>", "]]>", lang="he", link="https://example.org/?a=<entry>"),
    item(16, "Names", labels=(label(Kind.COUNTRY, "pa"), label(Kind.TOPIC, "labour-migration"))),
)
ALL = (*NASTY, *ITEMS)
WITHDRAWN = (replace(ITEMS[1], withdrawn_at=datetime(2026, 11, 20, 9, tzinfo=UTC), withdrawn_reason="Wrong"),)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("items", [ALL, ITEMS, ALL[:1], ()], ids=["all", "golden", "one", "none"])
@pytest.mark.parametrize("withdrawn", [(), WITHDRAWN], ids=["", "withdrawn"])
def test_the_joined_feed_is_the_whole_one(form: str, items: tuple, withdrawn: tuple) -> None:
    feed = replace(source(items), withdrawn=withdrawn)
    # Written in other company, and in another order, than they stand in.
    written = FORMS[form].entries(source(ALL[::-1]))
    entries = {each.id: entry for each, entry in zip(ALL[::-1], written, strict=True)}
    assert FORMS[form].joined(feed, [entries[each.id] for each in items]) == FORMATS[form].write(feed)


@pytest.mark.parametrize("form", FORMS)
def test_words_of_the_site_are_never_taken_for_the_end_of_a_feed(form: str) -> None:
    odd = replace(source(ITEMS), title='</feed></channel> "items": []', subtitle='\n</feed>\n "items": []')
    entries = FORMS[form].entries(source(ITEMS))
    assert FORMS[form].joined(odd, entries) == FORMATS[form].write(odd)


@pytest.mark.parametrize("form", FORMS)
def test_an_entry_does_not_depend_on_its_feed(form: str) -> None:
    other = replace(source(ITEMS), title="Other", feed_id="tag:x,2026:y", withdrawn=WITHDRAWN)
    assert FORMS[form].entries(other) == FORMS[form].entries(source(ITEMS))
