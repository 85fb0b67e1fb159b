"""What finds the few texts worth a comparison among very many (changes).

However alike thousands of texts are, a lookup gives about `MOST` of them, so that
deciding about a file costs a little more than linear time. Entries are never taken
out: whoever asks looks whether what is found still says so.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

MOST = 12


class Beginnings:
    """Texts in order, to find those that begin as another one does, or that another one begins as."""

    __slots__ = ("_known", "_sorted", "_texts")

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._known: set[str] = set()
        self._sorted = False

    def add(self, text: str) -> None:
        """Keep a text."""
        if text in self._known:
            return
        self._known.add(text)
        if self._sorted:
            insort(self._texts, text)
        else:
            self._texts.append(text)

    def related(self, text: str) -> list[str]:
        """The text itself, then its beginnings, the longest first, then what begins with it."""
        if not self._sorted:
            self._texts.sort()
            self._sorted = True
        at = bisect_left(self._texts, text)
        longer = [other for other in self._texts[at : at + MOST] if other.startswith(text)]
        itself = [text] if text in self._known else []
        return list(dict.fromkeys([*itself, *self._shorter(text), *longer]))

    def _shorter(self, text: str) -> list[str]:
        """Kept texts that this one begins with: what stands before it in order shares most with it."""
        found: list[str] = []
        at = bisect_left(self._texts, text) - 1
        for _ in range(2 * MOST):
            if at < 0:
                break
            if text.startswith(before := self._texts[at]):
                found.append(before)
                at -= 1
                text = before
            else:
                text = _common(before, text)
                at = bisect_right(self._texts, text) - 1
        return found[:MOST]


def _common(one: str, other: str) -> str:
    """What both texts begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return one[:low]


class Group:
    """Items that share something, such as a day and a title; what is looked up is a few of them.

    `text_of` and `words_of` say what an item's text is, and the words to know it by.
    """

    __slots__ = ("_by_text", "_items", "_places", "_text_of", "_texts", "_words_of")

    def __init__(self, text_of: Callable[[str], str], words_of: Callable[[str], Collection[str]]) -> None:
        self._text_of = text_of
        self._words_of = words_of
        self._items: dict[str, None] = {}
        # Made when the items are many: who has this text, and who these words.
        self._texts: Beginnings | None = None
        self._by_text: dict[str, list[str]] = defaultdict(list)
        self._places: dict[str, list[str]] = defaultdict(list)

    def add(self, item_id: str) -> None:
        """Keep an item, or what it says now."""
        self._items[item_id] = None
        if self._texts is not None:
            self._place(item_id)

    def beside(self, text: str) -> list[str]:
        """Items that may have this text, its beginning, or one that begins with it."""
        if (texts := self._crowd()) is None:
            return list(self._items)
        return [item for each in texts.related(text) for item in self._by_text[each][-MOST:]]

    def near(self, words: Iterable[str]) -> list[str]:
        """Items that may be like these words: they share the rarest of them."""
        if self._crowd() is None:
            return list(self._items)
        places = sorted((self._places[word] for word in words if word in self._places), key=len)
        found = (item_id for place in places[:MOST] for item_id in place[-MOST:])
        return list(dict.fromkeys(found))[:MOST]

    def _crowd(self) -> Beginnings | None:
        if self._texts is None and len(self._items) > MOST:
            self._texts = Beginnings()
            for item_id in self._items:
                self._place(item_id)
        return self._texts

    def _place(self, item_id: str) -> None:
        assert self._texts is not None
        text = self._text_of(item_id)
        self._texts.add(text)
        self._by_text[text].append(item_id)
        for word in self._words_of(item_id):
            self._places[word].append(item_id)
