"""The items that drafts may turn out to be, found by what tells items apart (changes).

Owns the lookups: by the office's id, by wording, by day and title, by day and text. None
gives more than a few items, however many are alike. What a draft is, is said in `rule`.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import TypeVar

from feeds.changes import rule
from feeds.changes.decisions import MOST_DAYS, Decision, Known, moved_day
from feeds.changes.folding import fold, is_part
from feeds.changes.indexes import MOST, Beginnings, Group
from feeds.changes.keys import (
    digest,
    fingerprint,
    former_fingerprint,
    identity,
    item_id,
    link_key,
    office_key,
)
from feeds.changes.likeness import words_of
from feeds.model import Draft

K = TypeVar("K", bound=Hashable)

_DAYS_CLOSE_BY = sorted((n for n in range(-MOST_DAYS, MOST_DAYS + 1) if n), key=abs)


class Candidates:
    """What drafts may turn out to be: items of their days, of their titles, or that they once were.

    Found by key, so that a long file costs no more an item than a short one.
    """

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self._by_id: dict[str, Known] = {}
        self._stored = False
        self._wordings: dict[str, str] = {}
        self._present: dict[str, str] = {}
        self._office_keys: dict[str, str] = {}
        self._of_title: dict[str, Group] = {}
        self._of_text: dict[tuple[date, str], Group] = {}
        self._texts_of_day: dict[date, Beginnings] = defaultdict(Beginnings)
        self._days_of_title: dict[str, set[date]] = defaultdict(set)
        self._formers: dict[date | None, Group] = {}
        self._lines: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for each in known:
            self.add(each)

    def add(self, known: Known) -> None:
        """Add a candidate, or put its new wording in place of the old one, which is remembered."""
        old = self._by_id.get(known.item_id)
        if old is not None:
            if old.link:
                self.learn(old.item_id, [link_key(old.item_id, old.link)])
            known = replace(
                known, source=old.source, office_key=known.office_key or old.office_key,
                earlier=(*old.earlier, old.summary) if old.summary != known.summary else old.earlier,
            )  # fmt: skip
        self._by_id[known.item_id] = known
        if known.office_key:
            self._office_keys[known.office_key] = known.item_id
        if known.wordings:
            self._stored = True
            self.learn(known.item_id, known.wordings)
        self.learn(known.item_id, [fingerprint(known.date_on, known.title, known.summary)])
        self._index(known)

    def _index(self, known: Known) -> None:
        if known.former:
            for day in (known.date_on, None):
                self._group(self._formers, day, self._source_words).add(known.item_id)
            for digest_of_file, line in known.places:
                insort(self._lines[digest_of_file], (line, known.item_id))
        key, text = identity(known.date_on, known.title), fold(known.summary)
        self._present[known.item_id] = key
        for each in {*known.identities, key}:
            self._group(self._of_title, each, self._text_words).add(known.item_id)
        self._group(self._of_text, (known.date_on, text), self._title_words).add(known.item_id)
        self._texts_of_day[known.date_on].add(text)
        self._days_of_title[fold(known.title)].add(known.date_on)

    def _group(self, groups: dict[K, Group], key: K, words: Callable[[str], set[str]]) -> Group:
        if (group := groups.get(key)) is None:
            group = groups[key] = Group(self._text, words)
        return group

    def _text(self, item_id: str) -> str:
        return fold(self._by_id[item_id].summary)

    def _text_words(self, item_id: str) -> set[str]:
        known = self._by_id[item_id]
        return words_of(known.summary).union(*map(words_of, known.earlier[-MOST:]))

    def _source_words(self, item_id: str) -> set[str]:
        known = self._by_id[item_id]
        return words_of(f"{known.title} {known.summary} {known.original}")

    def _title_words(self, item_id: str) -> set[str]:
        return words_of(self._by_id[item_id].title)

    def learn(self, item_id: str, keys: Iterable[str]) -> None:
        """These are wordings, links or labels that an item has or had."""
        for key in keys:
            self._wordings[key] = item_id

    def had(self, item_id: str, key: str) -> bool:
        """Whether an item has or had this wording, link or these labels."""
        return self._wordings.get(key) == item_id

    def hear(self, draft: Draft, item_id: str) -> bool:
        """Remember that an item was said in these words too; False if that was known."""
        wording = fingerprint(draft.date_on, draft.title, draft.summary)
        if self.had(item_id, wording):
            return False
        self.learn(item_id, [wording])
        return True

    def name(self, item_id: str, office_key: str) -> bool:
        """Let an item be known by the office's id; False if it has one."""
        known = self._by_id[item_id]
        if known.office_key:
            return False
        self.add(replace(known, office_key=office_key))
        return True

    def get(self, item_id: str) -> Known:
        """A candidate by its id. KeyError if there is none."""
        return self._by_id[item_id]

    def at_its_lines(self, digest_of_file: str, line: int) -> Known | None:
        """The item of old that was read from a file of these bytes where a draft stands now."""
        lines = self._lines.get(digest_of_file, [])
        at = bisect_right(lines, (line, "\uffff")) - 1
        return self._by_id[lines[max(at, 0)][1]] if lines else None

    def formers(self, draft: Draft, day: date | None) -> list[Known]:
        """Items, of one day or of all, whose words an earlier way of reading made: a few like a draft."""
        if (group := self._formers.get(day)) is None:
            return []
        words = words_of(f"{draft.title} {draft.summary}")
        return [known for known in map(self.get, group.near(words)) if known.former]

    def is_present(self, known: Known, key: str) -> bool:
        """Whether an item has this day and title now, and not only had it before a correction."""
        return self._present[known.item_id] == key

    def claimed(self, drafts: Iterable[tuple[str, Draft]]) -> set[str]:
        """The items that these drafts, each with the name of its bulletin, are without a doubt."""
        if not self._by_id:
            return set()
        sure = (self.surely(draft, office_key(source, draft)) for source, draft in drafts)
        return {known.item_id for known in sure if known is not None}

    def spoken_of(self, drafts: Iterable[tuple[str, Draft]]) -> set[str]:
        """The items that these drafts, each with the name of its bulletin, name openly."""
        if not self._by_id:
            return set()
        each = list(drafts)
        return self.claimed(each) | {known.item_id for _, draft in each for known in self.titled(draft)}

    def decide(
        self,
        draft: Draft,
        stated: Collection[str] = (),
        *,
        source: str = "",
        recaptured: bool = False,
        repeated: Collection[str] = (),
        claimed: Collection[str] = (),
        newest: date = date.max,
        digest: str = "",
    ) -> Decision:
        """What a draft is, by `rule`.

        `stated` are the identities of all drafts of the same file, `repeated` those that it states more than
        once, `source` is its name, `recaptured` says that it holds other items that were known, `claimed`
        are the items that its other drafts are, `newest` is its latest day, `digest` that of its bytes.
        """
        file = rule.File(source, stated, repeated, claimed, newest, recaptured=recaptured, digest=digest)
        return rule.decide(self, draft, file)

    def surely(self, draft: Draft, office: str) -> Known | None:
        """The item that the office's id names, or that has or had these words, or whose text under this day
        and title only goes on longer or stops earlier.
        """
        if (named := self._office_keys.get(office)) is not None:
            return self._by_id[named]
        said = self._by_id.get(self.said(draft) or "")
        if said is not None and not rule.apart(said, office):
            return said
        same = (each for each in self._same_text(draft) if not rule.apart(each, office))
        return next(same, None)

    def _same_text(self, draft: Draft, day: date | None = None) -> Iterator[Known]:
        """Items with the title of a draft, and its text or a part of it, under its day or another one."""
        key = identity(day or draft.date_on, draft.title)
        if (group := self._of_title.get(key)) is not None:
            for known in map(self.get, group.beside(fold(draft.summary))):
                if self.is_present(known, key) and is_part(draft.summary, known.summary):
                    yield known

    def titled(self, draft: Draft) -> list[Known]:
        """Items that have or had the day and title of a draft, a few of them whose texts may be like its."""
        group = self._of_title.get(identity(draft.date_on, draft.title))
        return [self._by_id[item] for item in group.near(words_of(draft.summary))] if group else []

    def moved(self, draft: Draft) -> Iterator[Known]:
        """Items with the title and text of a draft under a day close by, the closest first."""
        if (known := self._days_of_title.get(fold(draft.title))) is None:
            return
        for days in _DAYS_CLOSE_BY:
            day = moved_day(draft.date_on, days)
            if day in known and day != draft.date_on:
                yield from self._same_text(draft, day)

    def renamed(self, draft: Draft) -> Iterator[Known]:
        """Items with the day and text of a draft, or a part of that, whatever their title."""
        day, words = draft.date_on, words_of(draft.title)
        texts = self._texts_of_day[day].related(fold(draft.summary)) if day in self._texts_of_day else []
        for text in texts:
            for known in map(self.get, self._of_text[day, text].near(words)):
                if known.date_on == day and is_part(draft.summary, known.summary):
                    yield known

    def said(self, draft: Draft) -> str | None:
        """The item that has or had just these words."""
        found = self._wordings.get(fingerprint(draft.date_on, draft.title, draft.summary))
        return self._formerly_said(draft) if found is None and self._stored else found

    def _formerly_said(self, draft: Draft) -> str | None:
        """The same by fingerprints of old, for which ``3-5`` and ``3.5`` were one."""
        former = former_fingerprint(draft.date_on, draft.title, draft.summary)
        if (found := self._wordings.get(former)) is None:
            return None
        known = self._by_id[found]
        # By the broad fold it is what the item says now: then the words themselves are compared.
        now = former_fingerprint(known.date_on, known.title, known.summary)
        return None if now == former else found

    def free_id(self, draft: Draft, office: str) -> str:
        """The id of a new item; where another item of the day and title holds it, one that the words make."""
        key = identity(draft.date_on, draft.title)
        words = (fingerprint(draft.date_on, draft.title, draft.summary), office)
        while (free := item_id(key)) in self._by_id:
            key = digest(key, *words)
        return free
