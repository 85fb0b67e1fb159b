"""Each item's entry in every format and its card on pages: made once in a process, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from feeds.model import Correction, Item
from feeds.pages import Card, Pages
from feeds.syndication import FORMS, FeedSource, told

# Of all fragments together, roughly: some 6,000 items of 600 characters.
MOST_BYTES = 48_000_000
_CARD_BYTES = 4_000


@dataclass(frozen=True, slots=True)
class Fragment:
    """One item as it stands in feeds, by format, and on pages; what is for feeds alone has no card."""

    entries: Mapping[str, bytes]
    made_card: Card | None

    @property
    def card(self) -> Card:
        """It on pages. ValueError if it was made for feeds alone."""
        if self.made_card is None:
            raise ValueError("made for feeds alone")
        return self.made_card

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        return sum(map(len, self.entries.values())) + (_CARD_BYTES if self.made_card else 0)


class Fragments:
    """By id; those that were not asked for the longest give way to others."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, Fragment] = OrderedDict()
        self._bytes = 0

    def of(
        self, item_ids: Iterable[str], make: Callable[[Sequence[str]], Mapping[str, Fragment]]
    ) -> dict[str, Fragment]:
        """The fragments of these items; `make` makes those that are not kept, all at once."""
        wanted = dict.fromkeys(item_ids)
        missing = [item_id for item_id in wanted if item_id not in self._kept]
        made = make(missing) if missing else {}
        found = {item_id: made.get(item_id) or self._kept[item_id] for item_id in wanted}
        for item_id in wanted:
            self._keep(item_id, found[item_id])
        return found

    def _keep(self, item_id: str, fragment: Fragment) -> None:
        if item_id not in self._kept:
            self._bytes += fragment.size
        self._kept[item_id] = fragment
        self._kept.move_to_end(item_id)
        while self._bytes > self._most_bytes:
            self._bytes -= self._kept.popitem(last=False)[1].size

    def drop(self, item_ids: Iterable[str]) -> None:
        """Forget these: they changed."""
        for item_id in item_ids:
            if (fragment := self._kept.pop(item_id, None)) is not None:
                self._bytes -= fragment.size

    def clear(self) -> None:
        """Forget all."""
        self._kept.clear()
        self._bytes = 0


def make_fragments(
    items: Sequence[Item],
    source: FeedSource,
    pages: Pages,
    formats: Iterable[str],
    last: Mapping[str, Correction] | None = None,
    *,
    cards: bool = True,
) -> dict[str, Fragment]:
    """The fragments of items in these formats, in any feed of a site: `source` is one of its feeds, of
    whatever items. `last` has the last change of those that were changed. Without `cards`, for feeds alone.
    """
    notes = {item_id: note for item_id, one in (last or {}).items() if (note := pages.correction(one))}
    source = replace(source, notes=notes)
    writers = {name: FORMS[name].entry for name in formats}
    made = {}
    for item in items:
        said = told(source, item) if writers else None
        entries = {name: write(source, said) for name, write in writers.items()} if said else {}
        made[item.id] = Fragment(entries, pages.card(item) if cards else None)
    return made
