"""Is a draft a new item, a changed one, or one we know? (pure)

Owns identity by content (P1), folded so that typography moves nothing, and the
rule for corrected titles, dates and texts. Must not know the store: whoever
calls brings the candidates. docs/bulletins.md tells the rule to people.

The rule, first that holds:
 0. the id that the office itself wrote into an item's head: that item, whatever else is different;
 1. a wording that an item has, or had before a correction: the same;
 2. the day and title of an item: the same if the text only stops earlier, else a changed text;
 3. the title and text of an item under another day, less than a week away: a corrected date;
 4. the day and text of an item under a title with half its words: a corrected title;
 5. anything else is new.
3 and 4 are for a file of the same name as the one that brought the item, or one
that holds other items we know: an edited file, or the same page captured again.
They need a text long enough to tell items apart, and never take an item that
the same file states under its own day and title. An item with another id of the
office's is another item, however alike.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from feeds.model import Draft

# Signs that make another word of one: C++ is not C#, +2 % is not -2 %.
_APART = re.compile(r"[^\w+#%$€£@&=<>−]+|_+")
_MINUS = re.compile(r"(?<![\w+])[-−–](?=\d)")
# Shorter texts ("More information soon.") stand under many titles.
_TELLING_CHARS = 40
_MOST_DAYS = 6  # a notice that comes every week is news each time
_NEAR_TITLE = 0.5


@dataclass(frozen=True, slots=True)
class Known:
    """What the store has of an item, in its present wording.

    `source` is the name of the bulletin that brought it. `wordings` are the
    fingerprints of all wordings it ever had, `identities` what they were found
    by; the present ones need not be among them. `office_key` is that of the id
    that the office gave it.
    """

    item_id: str
    date_on: date
    title: str
    summary: str
    wordings: frozenset[str] = frozenset()
    identities: frozenset[str] = frozenset()
    source: str = ""
    office_key: str = ""


@dataclass(frozen=True, slots=True)
class New:
    """Nobody has seen this item; it gets this id for ever."""

    item_id: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A known item whose words changed; `fields` names what (``title``, ``date``, ``summary``)."""

    item_id: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Same:
    """A known item, nothing to do; `earlier` if this is a wording from before a correction."""

    item_id: str
    earlier: bool = False


Decision = New | Changed | Same


@lru_cache(maxsize=4096)
def identity(date_on: date, title: str) -> str:
    """What makes two captures one item: sha256 in hex of the day and the folded title."""
    return _digest(date_on.isoformat(), fold(title))


@lru_cache(maxsize=4096)
def title_key(title: str) -> str:
    """What finds items of one title on any day."""
    return _digest(fold(title))


@lru_cache(maxsize=4096)
def fingerprint(date_on: date, title: str, summary: str) -> str:
    """Moves when words of the item change, and not for quotes, dashes, case or spaces."""
    return _digest(date_on.isoformat(), fold(title), fold(summary))


def office_key(source: str, draft: Draft) -> str:
    """What makes two drafts one item by the office's own id; empty without one.

    An id counts within one folder of the inbox and one stated language: offices count on their own, and
    two language versions may share an id. `source` is the bulletin's name, with its folder.
    """
    if not draft.external_id:
        return ""
    return _digest("id", source.rpartition("/")[0], draft.lang or "", draft.external_id)


def item_id(identity: str) -> str:
    """The public id: 16 characters ``a-z2-7``, the first 80 bits of an `identity`."""
    return base64.b32encode(bytes.fromhex(identity)[:10]).decode("ascii").lower()


class Candidates:
    """What drafts may turn out to be: items of their days, of their titles, or that they once were.

    Found by key, so that a long file costs no more an item than a short one.
    """

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self._by_id: dict[str, Known] = {}
        self._wordings: dict[str, str] = {}
        self._identities: dict[str, str] = {}
        self._present: dict[str, str] = {}
        self._office_keys: dict[str, str] = {}
        self._titles: dict[str, list[Known]] = {}
        self._texts: dict[tuple[date, str], list[Known]] = {}
        for each in known:
            self.add(each)

    def add(self, known: Known) -> None:
        """Add a candidate, or put its new wording in place of the old one, which is remembered."""
        old = self._by_id.get(known.item_id)
        if old is not None:
            self._forget(old)
            known = replace(known, source=old.source, office_key=known.office_key or old.office_key)
        self._by_id[known.item_id] = known
        if known.office_key:
            self._office_keys[known.office_key] = known.item_id
        key = identity(known.date_on, known.title)
        for wording in (*known.wordings, fingerprint(known.date_on, known.title, known.summary)):
            self._wordings[wording] = known.item_id
        for each in (*known.identities, key):
            self._identities[each] = known.item_id
        self._present[known.item_id] = key
        for index, place in self._places(known):
            index.setdefault(place, []).append(known)

    def hear(self, draft: Draft, item_id: str) -> bool:
        """Remember that an item was said in these words too; False if that was known."""
        wording = fingerprint(draft.date_on, draft.title, draft.summary)
        if self._wordings.get(wording) == item_id:
            return False
        self._wordings[wording] = item_id
        return True

    def name(self, item_id: str, office_key: str) -> bool:
        """Let an item be known by the office's id; False if it has one."""
        known = self._by_id[item_id]
        if known.office_key:
            return False
        self.add(replace(known, office_key=office_key))
        return True

    def knows(self, identities: Iterable[str]) -> bool:
        """Whether one of these is an item that we have, or had under that day and title."""
        return not self._identities.keys().isdisjoint(identities)

    def decide(
        self, draft: Draft, stated: Collection[str] = (), *, source: str = "", recaptured: bool = False
    ) -> Decision:
        """What a draft is.

        `stated` are the identities of all drafts of the same file, `source` is
        its name, `recaptured` says that it holds other items that were known.
        """
        key, office = identity(draft.date_on, draft.title), office_key(source, draft)
        if (item := self._office_keys.get(office)) is not None:
            return self._restated(draft, self._by_id[item])
        wording = fingerprint(draft.date_on, draft.title, draft.summary)
        if (found := self._found(self._wordings.get(wording), office)) is not None:
            return Same(found.item_id, earlier=not _says(draft, found))
        if (found := self._found(self._identities.get(key), office)) is not None:
            if self._present[found.item_id] != key:
                return Same(found.item_id, earlier=True)
            cut = is_cut_short(draft.summary, found.summary)
            return Same(found.item_id) if cut else Changed(found.item_id, ("summary",))
        for fields, near in self._near(draft):
            free = [
                each
                for each in near
                if self._present[each.item_id] not in stated
                and (recaptured or (source and each.source == source))
                and not _apart(each, office)
            ]
            if free:
                title = _words(draft.title)
                best = max(free, key=lambda each: _alike(title, _words(each.title)))
                return Changed(best.item_id, fields)
        return New(self._free_id(key))

    def _found(self, item_id: str | None, office: str) -> Known | None:
        """The item, unless the office says by its ids that it is another one."""
        known = self._by_id.get(item_id or "")
        return None if known is None or _apart(known, office) else known

    def _restated(self, draft: Draft, known: Known) -> Changed | Same:
        """An item that the office names by its own id; what was said before a correction undoes none."""
        fields = _differing(draft, known)
        if not fields:
            return Same(known.item_id)
        wording = fingerprint(draft.date_on, draft.title, draft.summary)
        earlier = self._wordings.get(wording) == known.item_id
        return Same(known.item_id, earlier=True) if earlier else Changed(known.item_id, fields)

    def _near(self, draft: Draft) -> Iterator[tuple[tuple[str, ...], list[Known]]]:
        """Candidates of rules 3 and 4, with the field that each corrects."""
        if len(fold(draft.summary)) < _TELLING_CHARS:
            return
        moved = self._titles.get(title_key(draft.title), [])
        near = (each for each in moved if _days_apart(draft, each) <= _MOST_DAYS)
        yield ("date",), [each for each in near if _same_text(draft, each)]
        renamed = self._texts.get((draft.date_on, _beginning(draft.summary)), [])
        title = _words(draft.title)
        alike = (each for each in renamed if _alike(title, _words(each.title)) >= _NEAR_TITLE)
        yield ("title",), [each for each in alike if _same_text(draft, each)]

    def _places(self, known: Known) -> list[tuple[dict[Any, list[Known]], Any]]:
        return [
            (self._titles, title_key(known.title)),
            (self._texts, (known.date_on, _beginning(known.summary))),
        ]

    def _forget(self, old: Known) -> None:
        for index, place in self._places(old):
            index[place].remove(old)

    def _free_id(self, key: str) -> str:
        """The id of a new item; the next free one where an item that has moved on holds the first."""
        while (free := item_id(key)) in self._by_id:
            key = _digest(key)
        return free


def decide(
    draft: Draft, known: Iterable[Known], stated: Collection[str] = (), *, recaptured: bool = False
) -> Decision:
    """`Candidates.decide` for a single draft."""
    return Candidates(known).decide(draft, stated, recaptured=recaptured)


def is_cut_short(summary: str, whole: str) -> bool:
    """Whether a summary only stops earlier than the whole one, with or without an ellipsis."""
    # Folding leaves no ellipsis, so one test holds for "cut", "cut…" and "cut [...]".
    return fold(whole).startswith(fold(summary))


def _says(draft: Draft, known: Known) -> bool:
    """Whether a draft says what the item says now, or the beginning of it."""
    fields = _differing(draft, known)
    return not fields or (fields == ("summary",) and is_cut_short(draft.summary, known.summary))


def _differing(draft: Draft, known: Known) -> tuple[str, ...]:
    """The fields in which a draft says something else, typography apart."""
    same = {
        "title": fold(draft.title) == fold(known.title),
        "date": draft.date_on == known.date_on,
        "summary": fold(draft.summary) == fold(known.summary),
    }
    return tuple(name for name, as_before in same.items() if not as_before)


def _apart(known: Known, office: str) -> bool:
    return bool(office and known.office_key and known.office_key != office)


def _same_text(draft: Draft, known: Known) -> bool:
    return is_cut_short(draft.summary, known.summary) or is_cut_short(known.summary, draft.summary)


def _beginning(summary: str) -> str:
    return fold(summary)[:_TELLING_CHARS]


def _days_apart(draft: Draft, known: Known) -> int:
    return abs((draft.date_on - known.date_on).days)


def _alike(one: set[str], other: set[str]) -> float:
    """Words in common to words in all (Jaccard); nothing is like an empty text."""
    return len(one & other) / len(one | other) if one and other else 0.0


def _words(text: str) -> set[str]:
    return set(fold(text).split())


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """NFKC, casefold, every run of characters other than letters, digits and telling signs one space."""
    folded = _MINUS.sub("−", unicodedata.normalize("NFKC", text).casefold())
    return _APART.sub(" ", folded.replace(" %", "%")).strip()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class Wanted(NamedTuple):
    """What the store has to look for: by day, by title, by what items once were, by the office's ids."""

    days: set[date]
    title_keys: set[str]
    identities: set[str]
    office_keys: set[str]


def wanted(drafts: Iterable[tuple[str, Draft]]) -> Wanted:
    """What these drafts may turn out to be; each comes with the name of its bulletin."""
    each = list(drafts)
    return Wanted(
        {draft.date_on for _, draft in each},
        {title_key(draft.title) for _, draft in each},
        {identity(draft.date_on, draft.title) for _, draft in each},
        {key for source, draft in each if (key := office_key(source, draft))},
    )
