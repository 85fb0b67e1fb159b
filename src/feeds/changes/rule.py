"""What a draft is, among the items that it may turn out to be (changes).

The rule, first that holds:
 0. the id that the office itself wrote into an item's head: that item, whatever else is different;
 1. a wording that an item has, or had before a correction: the same;
 2. the day and title of an item, and a text of which one is the beginning of the other: that item;
 3. the day and title of an item, and another text: a changed text, if it has half its words, or if the file
    has the name of the one that brought it; else an item of its own, and the receipt says so;
 4. the title and text of an item under a later day: a notice that comes again, and the receipt says so;
    under an earlier one, less than a week before: a corrected date;
 5. the day and text of an item under a title with half its words: a corrected title, unless it names
    another place or number;
 6. anything else is new.
3 never takes an item that is another draft of the same file: what a file states as two is two. 4 and 5
are for a file of the same name as the one that brought the item, or one that holds other items we know: an
edited file, or the same page captured again. They need a text long enough to tell items apart, and never
take an item that the same file states under its own day and title. An item with another id of the office's
is another item, however alike. When in doubt there are two items, and the decision says which other one it
might be.

In a file of the same name a text that stops earlier is a change, too: the office took a sentence out. Another
link is a change, if the item never had it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from feeds.changes.decisions import Changed, Decision, Doubt, Known, New, Same
from feeds.changes.folding import fold, is_cut_short, is_torn, wording_fold
from feeds.changes.indexes import MOST
from feeds.changes.keys import identity, link_key, office_key, same_name, source_key
from feeds.changes.likeness import ENOUGH, alike, names_other_things, words_of
from feeds.changes.reread import as_read_before
from feeds.model import Draft

if TYPE_CHECKING:
    from feeds.changes.candidates import Candidates

# Shorter texts ("More information soon.") stand under many titles.
_TELLING_CHARS = 40


@dataclass(frozen=True, slots=True)
class File:
    """The file that a draft stands in; see `Candidates.decide`."""

    source: str
    stated: Collection[str]
    repeated: Collection[str]
    claimed: Collection[str]
    newest: date
    recaptured: bool
    digest: str = ""

    def brought(self, known: Known) -> bool:
        """Whether a file of this name brought the item, or one that this is a copy of."""
        return bool(self.source) and source_key(known.source) == source_key(self.source)


def decide(among: Candidates, draft: Draft, file: File) -> Decision:
    """What a draft of a file is. What only reads better than it did is no news (`reread`)."""
    return as_read_before(among, draft, file, _decided(among, draft, file))


def _decided(among: Candidates, draft: Draft, file: File) -> Decision:
    key, office = identity(draft.date_on, draft.title), office_key(file.source, draft)
    if (known := among.surely(draft, office)) is not None:
        by_id = bool(office) and known.office_key == office
        return _again(among, draft, known, shortens=by_id or _edits(draft, known, file, key))
    found = _titled(among, draft, file, key, office)
    if not isinstance(found, New):
        return found
    near = _near(among, draft, file, key, office)
    if near is not None and (not isinstance(near, New) or found.doubt is None):
        return near
    return found


def apart(known: Known, office: str) -> bool:
    """Whether the office says by its ids that this is another item."""
    return bool(office and known.office_key and known.office_key != office)


def _edits(draft: Draft, known: Known, file: File, key: str) -> bool:
    """Whether this is the file that brought the item, edited: what it leaves out is taken out."""
    return file.brought(known) and key not in file.repeated and not is_torn(draft.summary)


def _titled(among: Candidates, draft: Draft, file: File, key: str, office: str) -> Decision:
    """Rule 3: other words under the day and title of an item."""
    every = [known for known in among.titled(draft) if not apart(known, office)]
    free = [known for known in every if known.item_id not in file.claimed]
    words = words_of(draft.summary)
    best = max(free, key=lambda known: _likeness(words, known)[0], default=None)
    if best is not None:
        likeness, before = _likeness(words, best)
        edited = (
            len(free) == 1 and key not in file.repeated and same_name(best.source) == same_name(file.source)
        )
        if likeness >= ENOUGH or edited:
            past = before or not among.is_present(best, key)
            shortens = _edits(draft, best, file, key)
            return _again(among, draft, best, shortens=shortens, past=past, replaced=likeness < ENOUGH)
    present = [known for known in every if among.is_present(known, key)]
    if not present:
        return New(among.free_id(draft, office))
    other = best if best in present else present[-1]
    doubt = Doubt.TITLE_AGAIN if key in file.repeated else Doubt.LIKE_ANOTHER
    return New(among.free_id(draft, office), doubt, other.item_id)


def _likeness(words: set[str], known: Known) -> tuple[float, bool]:
    """How alike an item's text is, and whether one from before a correction is more so."""
    now = alike(words, words_of(known.summary))
    before = max((alike(words, words_of(text)) for text in known.earlier[-MOST:]), default=0.0)
    return max(now, before), before > now


def _near(among: Candidates, draft: Draft, file: File, key: str, office: str) -> Decision | None:
    """Rules 4 and 5: the words of an item under another day or title. None if there is none."""
    if len(fold(draft.summary)) < _TELLING_CHARS:
        return None
    for known in among.moved(draft):
        if not apart(known, office) and not _is_stated(known, file):
            if _is_redated(draft, known, file):
                return _again(among, draft, known, shortens=_edits(draft, known, file, key))
            return New(among.free_id(draft, office), Doubt.NOTICE_AGAIN, known.item_id)
    return _renamed(among, draft, file, key, office)


def _is_redated(draft: Draft, known: Known, file: File) -> bool:
    """Whether another day is a corrected one. What comes again comes later, and a capture in which nothing is
    as new as the item is an older one, from when the notice came the first time.
    """
    if draft.date_on > known.date_on:
        return False
    return file.brought(known) or (file.recaptured and file.newest >= known.date_on)


def _renamed(among: Candidates, draft: Draft, file: File, key: str, office: str) -> Decision | None:
    title = words_of(draft.title)
    found = [
        known
        for known in among.renamed(draft)
        if (file.recaptured or file.brought(known))
        and not apart(known, office)
        and not _is_stated(known, file)
        and alike(title, words_of(known.title)) >= ENOUGH
    ]
    best = max(found, key=lambda known: alike(title, words_of(known.title)), default=None)
    if best is None:
        return None
    if names_other_things(draft.title, best.title):
        return New(among.free_id(draft, office), Doubt.LIKE_ANOTHER, best.item_id)
    return _again(among, draft, best, shortens=_edits(draft, best, file, key))


def _is_stated(known: Known, file: File) -> bool:
    """Whether the file has the item itself."""
    key = identity(known.date_on, known.title)
    return known.item_id in file.claimed or key in file.stated


def _again(
    among: Candidates,
    draft: Draft,
    known: Known,
    *,
    shortens: bool,
    past: bool = False,
    replaced: bool = False,
) -> Changed | Same:
    """A known item, said again: what of it counts. What was said before a correction undoes none."""
    fields = list(_differing(draft, known))
    heard = among.said(draft) == known.item_id
    cut = "summary" in fields and is_cut_short(draft.summary, known.summary)
    cut = cut and (heard or not shortens)
    began = "summary" in fields and not shortens and _began_so(draft, known)
    if cut or began:
        fields.remove("summary")
    earlier = (began and not cut) or (bool(fields) and (heard or past))
    if heard or past:
        fields = []
    if draft.link and draft.link != known.link:
        if among.had(known.item_id, link_key(known.item_id, draft.link)):
            earlier = True
        else:
            fields.append("link")
    if fields:
        replaced = replaced and "summary" in fields
        return Changed(known.item_id, tuple(fields), earlier=earlier, cut=cut, replaced=replaced)
    return Same(known.item_id, earlier=earlier, cut=cut)


def _began_so(draft: Draft, known: Known) -> bool:
    """Whether the text is the beginning of one from before a correction."""
    texts: Sequence[str] = known.earlier[-MOST:]
    return any(is_cut_short(draft.summary, text) for text in texts)


def _differing(draft: Draft, known: Known) -> tuple[str, ...]:
    """The words in which a draft says something else, typography apart."""
    same = {
        "title": wording_fold(draft.title) == wording_fold(known.title),
        "date": draft.date_on == known.date_on,
        "summary": wording_fold(draft.summary) == wording_fold(known.summary),
    }
    return tuple(name for name, as_before in same.items() if not as_before)
