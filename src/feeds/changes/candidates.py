"""What a draft is, among the items that it may turn out to be (changes).

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

In a file of the same name a text that stops earlier is a change, too: the office
took a sentence out. Another link is a change, if the item never had it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from feeds.changes.decisions import Changed, Decision, Known, New, Same
from feeds.changes.folding import fold, is_cut_short, is_torn, wording_fold
from feeds.changes.keys import (
    digest,
    fingerprint,
    former_fingerprint,
    identity,
    item_id,
    link_key,
    office_key,
    title_key,
)
from feeds.model import Draft

# Shorter texts ("More information soon.") stand under many titles.
_TELLING_CHARS = 40
_MOST_DAYS = 6  # a notice that comes every week is news each time
_NEAR_TITLE = 0.5


class Candidates:
    """What drafts may turn out to be: items of their days, of their titles, or that they once were.

    Found by key, so that a long file costs no more an item than a short one.
    """

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self._by_id: dict[str, Known] = {}
        self._stored = False
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
            known = replace(
                known, source=old.source, office_key=known.office_key or old.office_key,
                earlier=(*old.earlier, old.summary) if old.summary != known.summary else old.earlier,
            )  # fmt: skip
        self._by_id[known.item_id] = known
        if known.office_key:
            self._office_keys[known.office_key] = known.item_id
        key = identity(known.date_on, known.title)
        if known.wordings:
            self._stored = True
            self.learn(known.item_id, known.wordings)
        self.learn(known.item_id, [fingerprint(known.date_on, known.title, known.summary)])
        for each in (*known.identities, key):
            self._identities[each] = known.item_id
        self._present[known.item_id] = key
        for index, place in self._places(known):
            index.setdefault(place, []).append(known)

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

    def knows(self, identities: Iterable[str]) -> bool:
        """Whether one of these is an item that we have, or had under that day and title."""
        return not self._identities.keys().isdisjoint(identities)

    def spoken_of(self, drafts: Iterable[tuple[str, Draft]]) -> set[str]:
        """The items that these drafts, each with the name of its bulletin, name openly."""
        if not self._by_id:
            return set()
        named = (self._named(draft, office_key(source, draft)) for source, draft in drafts)
        return {known.item_id for known in named if known is not None}

    def decide(
        self,
        draft: Draft,
        stated: Collection[str] = (),
        *,
        source: str = "",
        recaptured: bool = False,
        repeated: Collection[str] = (),
    ) -> Decision:
        """What a draft is.

        `stated` are the identities of all drafts of the same file, `repeated` those that it
        states more than once, `source` is its name, `recaptured` says that it holds other items
        that were known.
        """
        key, office = identity(draft.date_on, draft.title), office_key(source, draft)
        edited = source if key not in repeated and not is_torn(draft.summary) else ""
        if (named := self._named(draft, office)) is not None:
            past = self._identities.get(key) == named.item_id and self._present[named.item_id] != key
            by_id = _is_by_id(named, office)
            shortens = by_id or _is_of(named, edited)
            return self._again(draft, named, shortens=shortens, past=past and not by_id)
        for near in self._near(draft):
            free = [
                each
                for each in near
                if self._present[each.item_id] not in stated
                and (recaptured or _is_of(each, source))
                and not _apart(each, office)
            ]
            if free:
                title = _words(draft.title)
                best = max(free, key=lambda each: _alike(title, _words(each.title)))
                return self._again(draft, best, shortens=_is_of(best, edited))
        return New(self._free_id(key))

    def _named(self, draft: Draft, office: str) -> Known | None:
        """The item by rules 0, 1 and 2."""
        if (item := self._office_keys.get(office)) is not None:
            return self._by_id[item]
        key = identity(draft.date_on, draft.title)
        return self._found(self._said(draft), office) or self._found(self._identities.get(key), office)

    def _found(self, item_id: str | None, office: str) -> Known | None:
        """The item, unless the office says by its ids that it is another one."""
        known = self._by_id.get(item_id or "")
        return None if known is None or _apart(known, office) else known

    def _said(self, draft: Draft) -> str | None:
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

    def _again(self, draft: Draft, known: Known, *, shortens: bool, past: bool = False) -> Changed | Same:
        """A known item, said again: what of it counts. What was said before a correction undoes none."""
        fields = list(_differing(draft, known))
        heard = self._said(draft) == known.item_id
        cut = "summary" in fields and is_cut_short(draft.summary, known.summary)
        cut = cut and (heard or not shortens)
        began = "summary" in fields and not shortens and self._began_so(draft, known)
        if cut or began:
            fields.remove("summary")
        earlier = (began and not cut) or (bool(fields) and (heard or past))
        if heard or past:
            fields = []
        if draft.link and draft.link != known.link:
            if self.had(known.item_id, link_key(known.item_id, draft.link)):
                earlier = True
            else:
                fields.append("link")
        if fields:
            return Changed(known.item_id, tuple(fields), earlier=earlier, cut=cut)
        return Same(known.item_id, earlier=earlier, cut=cut)

    def _began_so(self, draft: Draft, known: Known) -> bool:
        """Whether the text is the beginning of one from before a correction."""
        return any(is_cut_short(draft.summary, text) for text in known.earlier)

    def _near(self, draft: Draft) -> Iterator[list[Known]]:
        """Candidates of rules 3 and 4."""
        if len(fold(draft.summary)) < _TELLING_CHARS:
            return
        moved = self._titles.get(title_key(draft.title), [])
        near = (each for each in moved if _days_apart(draft, each) <= _MOST_DAYS)
        yield [each for each in near if _same_text(draft, each)]
        renamed = self._texts.get((draft.date_on, _beginning(draft.summary)), [])
        title = _words(draft.title)
        alike = (each for each in renamed if _alike(title, _words(each.title)) >= _NEAR_TITLE)
        yield [each for each in alike if _same_text(draft, each)]

    def _places(self, known: Known) -> list[tuple[dict[Any, list[Known]], Any]]:
        return [
            (self._titles, title_key(known.title)),
            (self._texts, (known.date_on, _beginning(known.summary))),
        ]

    def _forget(self, old: Known) -> None:
        if old.link:
            self.learn(old.item_id, [link_key(old.item_id, old.link)])
        for index, place in self._places(old):
            index[place].remove(old)

    def _free_id(self, key: str) -> str:
        """The id of a new item; the next free one where an item that has moved on holds the first."""
        while (free := item_id(key)) in self._by_id:
            key = digest(key)
        return free


def _differing(draft: Draft, known: Known) -> tuple[str, ...]:
    """The words in which a draft says something else, typography apart."""
    same = {
        "title": wording_fold(draft.title) == wording_fold(known.title),
        "date": draft.date_on == known.date_on,
        "summary": wording_fold(draft.summary) == wording_fold(known.summary),
    }
    return tuple(name for name, as_before in same.items() if not as_before)


def _apart(known: Known, office: str) -> bool:
    return bool(office and known.office_key and known.office_key != office)


def _is_by_id(known: Known, office: str) -> bool:
    return bool(office) and known.office_key == office


def _is_of(known: Known, source: str) -> bool:
    """Whether a file of this name brought the item."""
    return bool(source) and known.source == source


def _same_text(draft: Draft, known: Known) -> bool:
    """By the broad fold: a number corrected together with the title is a correction of both."""
    one, other = fold(draft.summary), fold(known.summary)
    return one.startswith(other) or other.startswith(one)


def _beginning(summary: str) -> str:
    return fold(summary)[:_TELLING_CHARS]


def _days_apart(draft: Draft, known: Known) -> int:
    return abs((draft.date_on - known.date_on).days)


def _alike(one: set[str], other: set[str]) -> float:
    """Words in common to words in all (Jaccard); nothing is like an empty text."""
    return len(one & other) / len(one | other) if one and other else 0.0


def _words(text: str) -> set[str]:
    return set(fold(text).split())
