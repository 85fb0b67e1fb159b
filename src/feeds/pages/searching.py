"""The page of a filter or a search: what is chosen, its items page by page, words marked (pure).

Owns: the wording around the list, the ways to take a condition away or to add one. Must not know how items
are found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from feeds.filters import everything, spans, to_query
from feeds.i18n import Translator
from feeds.model import Filter, Item, Kind, Vocabulary
from feeds.pages.views import Link
from feeds.templating import clip, marked, one_line, paragraphs
from feeds.wording import once_words, quoted

COUNTED = 1_000
"""So many are counted; beyond it is said that there are more."""

_CODES = {
    "countries": Kind.COUNTRY, "regions": Kind.REGION, "topics": Kind.TOPIC,
    "not_countries": Kind.COUNTRY, "not_regions": Kind.REGION, "not_topics": Kind.TOPIC,
}  # fmt: skip
_WORDS = ("words", "all_words", "without")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """How many items a filter has, and which of them a page shows.

    `more`: there are more than are counted.
    """

    wanted: Filter
    total: int
    page: int
    size: int
    more: bool = False

    @property
    def pages(self) -> int:
        """How many pages there are, one at least."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """The number of the first item on the page."""
        return (self.page - 1) * self.size + 1

    @property
    def last(self) -> int:
        """The number of the last item on the page."""
        return min(self.page * self.size, self.total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One condition, in words, and where the page is without it; `unwanted`: it takes items out."""

    name: str
    url: str
    unwanted: bool = False


def counted(found: Selection, t: Translator) -> str:
    """``87 items``; ``more than 1,000 items``; ``nothing yet``."""
    number = {"num": t.number(found.total if not found.more else COUNTED)}
    if found.more:
        return t.gettext("More than %(num)s items") % number
    if not found.total:
        return t.gettext("Nothing that was published fits.")
    return t.ngettext("%(num)s item", "%(num)s items", found.total) % number


def page_line(found: Selection, t: Translator) -> str:
    """``Items 21 to 40, newest first``; empty where all are on one page."""
    if found.pages == 1:
        return ""
    numbers = {"first": t.number(found.first), "last": t.number(found.last)}
    return t.gettext("items %(first)s to %(last)s, newest first") % numbers


def chosen(wanted: Filter, vocabulary: Vocabulary, t: Translator) -> list[Chosen]:
    """The conditions of a filter, each with the page that is without it."""
    return [
        Chosen(name=name, url=_address(without), unwanted=unwanted)
        for name, without, unwanted in _conditions(wanted, vocabulary, t)
    ]


def _conditions(wanted: Filter, vocabulary: Vocabulary, t: Translator) -> Iterator[tuple[str, Filter, bool]]:
    for part, kind in _CODES.items():
        for code in getattr(wanted, part):
            unwanted = part.startswith("not_")
            yield vocabulary.name(kind, code, t.lang), _less(wanted, part, code), unwanted
    for part in _WORDS:
        for word in getattr(wanted, part):
            yield quoted([word], t)[0], _less(wanted, part, word), part == "without"
    for code in wanted.languages:
        yield t.language(code), _less(wanted, "languages", code), False
    if wanted.prefer:
        yield once_words(wanted.prefer, t), replace(wanted, prefer=()), False


def _less(wanted: Filter, part: str, value: str) -> Filter:
    left: Any = tuple(each for each in getattr(wanted, part) if each != value)
    return replace(wanted, **{part: left})


def _address(wanted: Filter) -> str:
    return "/search" if everything(wanted) else f"/filter?{to_query(wanted)}"


def kept_fields(wanted: Filter) -> list[tuple[str, str]]:
    """What a form that adds to this filter sends along."""
    return [] if everything(wanted) else parse_qsl(to_query(wanted))


def steps(found: Selection) -> tuple[Link | None, Link | None]:
    """The pages of newer and of older items."""
    base = f"/filter?{to_query(found.wanted)}"
    newer = older = None
    if found.page > 1:
        suffix = "" if found.page == 2 else f"&page={found.page - 1}"
        newer = Link(str(found.page - 1), base + suffix)
    if found.page < found.pages:
        older = Link(str(found.page + 1), f"{base}&page={found.page + 1}")
    return newer, older


def searched_words(wanted: Filter) -> tuple[str, ...]:
    """The words that are marked where they stand."""
    return (*wanted.all_words, *wanted.words)


def marked_title(item: Item, words: Sequence[str]) -> str:
    """A title with the words marked."""
    line = one_line(item.title)
    return marked(line, spans(line, words))


def marked_summary(item: Item, words: Sequence[str], limit: int) -> str:
    """The beginning of the text, or the paragraph in which a word first stands, with the words marked."""
    beginning = clip(item.summary, limit)
    if not (here := spans(beginning, words)):
        for paragraph in paragraphs(item.summary):
            if places := spans(paragraph, words):
                beginning = clip(_from_sentence(paragraph, places[0][0]), limit)
                here = spans(beginning, words)
                break
    return marked(beginning, here)


def _from_sentence(paragraph: str, at: int) -> str:
    """The paragraph from the sentence on that holds the place."""
    return paragraph[max(paragraph.rfind(f"{end} ", 0, at) for end in ".!?") + 1 :].strip()
