"""Topics that nobody follows, that bring nothing, or that are gone, by counts made each hour (pure)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from feeds.model import Kind, Vocabulary
from feeds.pages.operator.views import Topics

READERS, ITEMS = "readers/topic/", "items/topic/"
# In the canonical text of a filter; what is excluded begins with a minus.
_ASKED = re.compile(r"(?:^| )topic:([a-z0-9,-]+)")


def readers_of(wishes: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Subscriptions that ask for each topic, from canonical filters and how many have each."""
    counts: Counter[str] = Counter()
    for text, number in wishes:
        found = _ASKED.search(text)
        for slug in found.group(1).split(",") if found else ():
            counts[slug] += number
    return dict(counts)


def judged(counts: Mapping[str, int], vocabulary: Vocabulary, lang: str) -> Topics:
    """What should be looked at, by name, the most first. `counts` are those of an hour."""
    readers = {name.removeprefix(READERS): n for name, n in counts.items() if name.startswith(READERS)}
    items = {name.removeprefix(ITEMS): n for name, n in counts.items() if name.startswith(ITEMS)}
    known = {term.code: vocabulary.name(Kind.TOPIC, term.code, lang) for term in vocabulary.of(Kind.TOPIC)}
    followed = {known[slug]: n for slug, n in readers.items() if slug in known and not items.get(slug)}
    bare = {known[slug]: n for slug, n in items.items() if slug in known and n and not readers.get(slug)}
    gone = {slug: n for slug, n in readers.items() if slug not in known}
    return Topics(no_items=_sorted(followed), no_readers=_sorted(bare), gone=_sorted(gone))


def _sorted(found: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    return sorted(
        ((name, number) for name, number in found.items() if number), key=lambda pair: (-pair[1], pair[0])
    )
