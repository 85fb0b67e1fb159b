"""P13: from bytes to acceptance, every paragraph of a well-formed bulletin is found again.

In exactly one item, in one known revision of one, or under one named fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds import changes
from feeds.intake.batch_decider import BatchDecider
from feeds.intake.examining import IngestRules, examine
from feeds.intake.stored_items import Loaded
from feeds.labels import Labeller
from feeds.model import Item, Vocabulary
from feeds.reading import ReadingOptions
from feeds.reading.faults import BLOCKING

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
NOUNS = "harbour ferry school clinic market quay council bridge library river".split()
DOES = "opens closes waits rests moves grows begins".split()


class Notice(NamedTuple):
    """One item as an office means it; its paragraphs are unlike all others by their numbers."""

    day: int
    title: str
    text: tuple[str, ...]


def _sentence(number: int, words: Sequence[str]) -> str:
    return f"The {' and the '.join(words)} number {number} {DOES[number % len(DOES)]} at {7 + number % 12}."


WORDS = st.lists(st.sampled_from(NOUNS), min_size=1, max_size=4)
TITLES = st.sampled_from(["Notice", "Job vacancy", ""])
SHAPE = st.tuples(st.integers(1, 28), TITLES, st.lists(WORDS, min_size=1, max_size=3))


def _notices(shapes: Sequence[tuple[int, str, Sequence[Sequence[str]]]]) -> list[Notice]:
    made, number = [], 100
    for day, title, texts in shapes:
        text = []
        for words in texts:
            number += 1
            text.append(_sentence(number, words))
        made.append(Notice(day, title or f"Story {number} of the {texts[0][0]}", tuple(text)))
    return made


def _press(notices: Sequence[Notice]) -> str:
    return "\n\n".join("\n\n".join((f"{n.day} November, 2026", n.title, *n.text)) for n in notices) + "\n"


def _title_first(notices: Sequence[Notice]) -> str:
    return "\n\n".join("\n\n".join((n.title, f"{n.day} November, 2026", *n.text)) for n in notices) + "\n"


def _headings(notices: Sequence[Notice]) -> str:
    return (
        "\n\n".join("\n\n".join((f"## {n.title}", f"{n.day} November, 2026", *n.text)) for n in notices)
        + "\n"
    )


def _blocks(notices: Sequence[Notice]) -> str:
    heads = (f"Title: {n.title}\nDate: 2026-11-{n.day:02}\n\n" + "\n\n".join(n.text) for n in notices)
    return "\n\n".join(heads) + "\n"


def _entries(notices: Sequence[Notice]) -> str:
    rows = (
        f"<li><h3>{n.title}</h3><time>{n.day} November 2026</time><p>{'</p><p>'.join(n.text)}</p></li>"
        for n in notices
    )
    return f"<html><body><ul>{''.join(rows)}</ul></body></html>"


FORMS = [
    ("a.txt", _press),
    ("t.txt", _title_first),
    ("a.md", _headings),
    ("b.txt", _blocks),
    ("a.html", _entries),
]


class Site:
    """All that was accepted so far; nothing but decisions change it."""

    def __init__(self, tables: tuple[Labeller, Vocabulary]) -> None:
        self.rules = IngestRules(
            reading=ReadingOptions(), labeller=tables[0], vocabulary=tables[1], lang="en", tag="tag:x,2026:",
            max_age=timedelta(days=30),
        )  # fmt: skip
        self.items: dict[str, Item] = {}
        self.known: dict[str, changes.Known] = {}
        self.texts: dict[str, list[str]] = {}

    def drop(self, name: str, data: bytes) -> list[str]:
        """Take a file in; the words of its faults that keep text out."""
        file = examine(self.rules, name, data)
        instants = [NOW + timedelta(milliseconds=n) for n in range(len(file.drafts))]
        decided = BatchDecider(
            self.rules, [file], instants, NOW, "all", known=lambda _: list(self.known.values()),
            load=lambda ids: Loaded({key: self.items[key] for key in ids}, set()),
        ).decide(file)  # fmt: skip
        new = [row.item for row in decided.writes.new.values()]
        for item in [*new, *(revised.item for revised in decided.writes.changed.values())]:
            earlier = self.texts.setdefault(item.id, [])
            earlier.append(f"{item.title}\n\n{item.summary}")
            self.items[item.id] = item
            self.known[item.id] = changes.Known(
                item.id, item.date_on, item.title, item.summary, source=name, link=item.link
            )
        return [
            line.fault.code for line in decided.receipt.lines if line.fault and line.fault.code in BLOCKING
        ]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[1].__name__.strip("_"))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shapes=st.lists(SHAPE, min_size=1, max_size=5))
def test_every_paragraph_of_a_bulletin_is_found_again(
    tables: tuple[Labeller, Vocabulary],
    form: tuple[str, object],
    shapes: list[tuple[int, str, list[list[str]]]],
) -> None:
    name, write = form
    assert callable(write)
    notices = _notices(shapes)
    site = Site(tables)
    for _ in range(2):  # the second time all of it is known
        blocked = site.drop(name, write(notices).encode())
        for notice in notices:
            for text in notice.text:
                holding = [key for key, texts in site.texts.items() if any(text in each for each in texts)]
                assert len(holding) == 1 or blocked, (text, holding, site.texts)
                if not blocked:
                    item = site.items[holding[0]]
                    assert (item.title, item.date_on) == (notice.title, date(2026, 11, notice.day))
    assert sum(map(len, site.texts.values())) == len(site.items)
