"""P13: each paragraph of a well-formed bulletin is found again in exactly one item, whatever its form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chance import examples
from feeds.reading import read

# Each “{}” is a word that stands nowhere else in the bulletin.
TITLES = (
    "Ferry {} starts again", "{}", "{}: the story", "“{}” opens", "Who is {}?", "{} – and {}", "{} 2026",
    "27 {} meet", "Chile: {}", "{}, {} and {}", "A {} (and a {})",
)  # fmt: skip
PARAGRAPHS = (
    "The {} runs every hour.", "{}.", "{}", "{} said: “It runs.”", "{} (see {}).", "Contact: {} 555 0100",
    "{}: 12 of 15", "{} 27 April", "Time: {} 10:30", "Place: {}, Panama", "Note: {}", "Photo: {}",
    "{}; {}; {}",
    "It costs 5 € with {}.", "The {} runs. More: https://x.example/a", "See https://x.example/b for {}.",
    "{} writes to office@x.example.", "{} & {} < {}", "{}_{}", "{} … {}", "{} — {}", "{}?", "{}!",
    "In 2026 {} began.", "On 27 April 2026 {} began.", "{} 100 %", "It's {}'s.", "Share {}", "Read more: {}",
    "Print {} in English", "Page {} of 2", "Draft of {}", "Confidential talks with {}",
    "{} is not for publication.",
    "Unsubscribe {}", "Forward {} to all.", "Sent {} home", "From {} to {}", "Subject to {}", "Dear {},",
    "Thanks to {}", "{} wrote:", "Haiti {}", "{} Mexico", "Tags {}", "{} Comments", "By {}", "Source {}",
)  # fmt: skip
DATES = (
    "27 April, 2026", "27 de abril de 2026", "2026-04-27", "27/04/2026", "27 avril 2026", "April 27, 2026",
)  # fmt: skip


class Item(NamedTuple):
    """A bulletin's item with its own words."""

    title: str
    paragraphs: Sequence[str]


def _numbered(forms: Sequence[tuple[str, Sequence[str]]]) -> list[Item]:
    """The same with a word of its own in each place."""
    count = 0

    def own(form: str) -> str:
        nonlocal count
        count += form.count("{}")
        return form.format(*(f"kola{number}x" for number in range(count - form.count("{}"), count)))

    return [Item(own(title), [own(each) for each in paragraphs]) for title, paragraphs in forms]


ITEMS = st.lists(
    st.tuples(
        st.sampled_from(TITLES), st.lists(st.sampled_from(PARAGRAPHS), min_size=1, max_size=5)
    ),
    min_size=1,
    max_size=4,
).map(_numbered)  # fmt: skip


def _text(items: Sequence[Item], day: str) -> str:
    return "\n\n".join("\n\n".join([day, title, *paragraphs]) for title, paragraphs in items) + "\n"


def _markdown(items: Sequence[Item], day: str) -> str:
    return "\n\n".join("\n\n".join([f"## {title}", day, *paragraphs]) for title, paragraphs in items) + "\n"


def _page(items: Sequence[Item], day: str) -> str:
    return "".join(
        f"<h2>{escape(title)}</h2><p>{day}</p>" + "".join(f"<p>{escape(each)}</p>" for each in paragraphs)
        for title, paragraphs in items
    )


def _mail(items: Sequence[Item], day: str) -> str:
    head = "From: Ana <ana@office.example>\nSubject: News\nDate: Fri, 27 Nov 2026 08:10:00 -0500\n"
    return f"{head}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{_text(items, day)}"


FORMS = {"a.txt": _text, "a.md": _markdown, "a.html": _page, "a.eml": _mail}
WORD = re.compile("kola[0-9]+x")


@pytest.mark.parametrize("name", FORMS)
@examples(60)
@given(items=ITEMS, day=st.sampled_from(DATES))
def test_each_word_of_a_well_formed_bulletin_is_found_again_once(
    name: str, items: Sequence[Item], day: str
) -> None:
    source = FORMS[name](items, day)
    bulletin = read(name, source.encode())
    found = Counter(
        word for draft in bulletin.drafts for word in WORD.findall(f"{draft.title} {draft.summary}")
    )
    told = " ".join(fault.detail for fault in bulletin.faults)
    rules = [each.rsplit(" ", 1) for fault in bulletin.faults if fault.code == "lines-left-out"
             for each in fault.detail.split(", ")]  # fmt: skip
    left_out = sum(int(count) for _, count in rules)
    lost = [word for word in WORD.findall(source) if not found[word] and word not in told]
    assert not [word for word, times in found.items() if times > 1], source
    assert len(lost) <= 3 * left_out, (lost, source, bulletin)
    if not left_out:
        assert lost == [], (source, bulletin)
