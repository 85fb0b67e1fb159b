"""What stands beside each item on its page: the older and the newer one of its first label, and others on its
subject.

Found before publishing, kept as rows, so that a page that shows an item is known when that item changes, goes
or gets other labels; and so that a rebuild gives the bytes that grew. It follows the log of changes in short
transactions; several processes may try, one of them works.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pyroaring import BitMap

from feeds.model import FeedKey, Item, Kind, Vocabulary
from feeds.pages.lists import first_feed, label_keys
from feeds.publishing.catalogue import Catalogue
from feeds.publishing.press import Press
from feeds.publishing.standing import site_name
from feeds.store import Connection, Store, beside, items, publishing, writing
from feeds.store.beside import NEWER, OLDER, RELATED
from feeds.syndication.keys import ITEM_PREFIX, feed_keys

AT_ONCE = 250
"""Changed items of a transaction."""
BRIEFLY = 4
"""So many transactions at most, where what is new waits for them; the rest follow with the next pass."""
SUBJECT = 3
"""So many others on the subject."""
_KINDS_OF_PLACE = (Kind.COUNTRY, Kind.REGION)


def relate(
    store: Store, press: Press, *, briefly: bool = False, stopped: Callable[[], bool] = lambda: False
) -> bool:
    """Let each item that changed, and those beside it, have the right rows, and their pages be written anew;
    whether some are left. `stopped` is asked between transactions.
    """
    turns, seen = 0, _Seen()
    while found := _looked(store, press, seen):
        if stopped() or (briefly and turns == BRIEFLY):
            return True
        written = store.transact(lambda conn, found=found: _write(conn, press, found))  # type: ignore[misc]
        seen = seen if written else _Seen()
        turns += 1
    return False


def is_behind(store: Store) -> bool:
    """Whether rows are to be found that are not there yet."""
    with store.read() as conn:
        return beside.come_to(conn) < publishing.latest_change(conn)


@dataclass(slots=True)
class _Seen:
    """Items that were looked at in this pass, when all changes up to `head` were known: none of these need
    send us to them again. Else each part of many changes would lead back to all parts before it.
    """

    head: int = 0
    item_ids: set[str] = field(default_factory=set)

    def up_to(self, newest: int, head: int) -> None:
        """Forget them where there is a newer change; `head` is what is known now."""
        if newest > self.head:
            self.head = head
            self.item_ids.clear()


class _Found(NamedTuple):
    """What one transaction has to write: as of change `head`, for changes after `mark` up to `until`."""

    mark: int
    until: int
    head: int
    rows: dict[str, beside.Places]
    pages: set[str]


def _looked(store: Store, press: Press, seen: _Seen) -> _Found | None:
    """What is to be written next, in one snapshot; None if nothing is."""
    with store.read() as conn:
        mark, head = beside.come_to(conn), publishing.latest_change(conn)
        if mark >= head:
            return None
        site = site_name(conn, press.tag, press.site.created_at)
        catalogue = press.memory.up_to_date(conn, site)
        changed = _changed(conn, mark, head)
        some = [item_id for _, item_id in changed[:AT_ONCE]]
        later = {item_id for _, item_id in changed[AT_ONCE:]}
        until = changed[AT_ONCE - 1][0] if later else head
        # The pages of later ones are written anew after what changed here; marked once more, they would hide
        # that they themselves have changed.
        shown = beside.showing(conn, some) - later
        # Whatever changed is looked at for itself, so only what did not is to be found by what it is near to;
        # a few are asked without looking.
        seen.up_to(changed[-1][0] if changed else 0, head)
        done = catalogue.numbers([*seen.item_ids, *(item_id for _, item_id in changed)])
        others = (catalogue.live | catalogue.withdrawn) - done
        few = len(others) <= AT_ONCE
        near = (
            set(catalogue.ids_of(others)) if few else _near(conn, catalogue, press.vocabulary, some, others)
        )
        asked = {*some, *shown, *near} - later
        seen.item_ids |= asked
        rows = _differing(conn, catalogue, press.vocabulary, sorted(asked))
        return _Found(mark, until, head, rows, shown | rows.keys())


def _changed(conn: Connection, mark: int, head: int) -> list[tuple[int, str]]:
    """Items that changed, in order. Not those whose pages were marked here because they show another: these
    would mark the pages that show them, and so on for ever.
    """
    noted = beside.noted(conn)
    pending = publishing.changes_between(conn, mark, head, 1 << 31)
    return sorted(
        (seq, key.removeprefix(ITEM_PREFIX))
        for key, seq in pending.items()
        if key.startswith(ITEM_PREFIX) and not any(after < seq <= until for after, until in noted)
    )


def _write(conn: Connection, press: Press, found: _Found) -> bool:
    if beside.hold(conn) != found.mark:
        return False  # another process was faster
    beside.put(conn, found.rows)
    writing.lock(conn, "announce")
    before = publishing.latest_change(conn)
    alone = before == found.head
    keys = {ITEM_PREFIX + item_id for item_id in found.pages}
    publishing.mark_stale(conn, keys, press.now(), alone=True)
    # Pages that only show something changed need no look of their own; what came between does.
    done = found.until == found.head and alone
    after = publishing.latest_change(conn)
    beside.set_come_to(conn, after if done else found.until)
    if alone and not done and after > before:
        beside.note(conn, before, after)
    return True


def _near(
    conn: Connection,
    catalogue: Catalogue,
    vocabulary: Vocabulary,
    item_ids: Sequence[str],
    others: BitMap,
) -> set[str]:
    """Items on whose pages one of these may stand now: its neighbours in each of its feeds, and those next
    after it on one of its subjects; with other versions of them, for an item passes over its own. All that
    are of `others` are among them.
    """
    near: set[str] = set()
    for item in items.by_ids(conn, item_ids, bare=True).values():
        for among in _feeds_of(item, catalogue, vocabulary):
            if not among.intersect(others):
                continue
            near.update(catalogue.walk(item.id, among, 1, later=False))
            near.update(catalogue.walk(item.id, among, 1, later=True))
        for among in _subjects_of(item, catalogue):
            if not among.intersect(others):
                continue
            near.update(catalogue.walk(item.id, among, SUBJECT + 1, later=True))
    return near | set(catalogue.versions_of(near))


def _feeds_of(item: Item, catalogue: Catalogue, vocabulary: Vocabulary) -> Iterator[BitMap]:
    """The items of each feed that an item stands in, also in those of regions around its places."""
    places = set(item.codes(Kind.COUNTRY)), set(item.codes(Kind.REGION))
    around = [
        FeedKey(kind=Kind.REGION.value, code=term.code)
        for term in vocabulary.of(Kind.REGION)
        if places[0].intersection(term.members) or places[1].intersection(vocabulary.within(term.code))
    ]
    for key in dict.fromkeys([*feed_keys(item), *around]):
        yield catalogue.feed(key, vocabulary)


def _subjects_of(item: Item, catalogue: Catalogue) -> Iterator[BitMap]:
    """The items with one of its topics, and of these those of each of its places."""
    for topic in item.codes(Kind.TOPIC):
        same = catalogue.labelled(Kind.TOPIC.value, topic)
        yield same
        for kind in _KINDS_OF_PLACE:
            for code in item.codes(kind):
                yield same & catalogue.labelled(kind.value, code)


def _differing(
    conn: Connection, catalogue: Catalogue, vocabulary: Vocabulary, item_ids: Sequence[str]
) -> dict[str, beside.Places]:
    """Of these items those whose rows are not the right ones, with those that are."""
    kept = beside.rows_of(conn, item_ids)
    found = items.by_ids(conn, item_ids, bare=True)
    right = {each.id: _places(each, catalogue, vocabulary) for each in found.values()}
    return {item_id: places for item_id, places in right.items() if places != kept.get(item_id, {})}


def _places(item: Item, catalogue: Catalogue, vocabulary: Vocabulary) -> dict[int, str]:
    """What stands beside an item; nothing beside one that was withdrawn."""
    if item.withdrawn_at is not None:
        return {}
    own = catalogue.numbers(catalogue.versions_of([item.id]))
    feed = catalogue.feed(first_feed(label_keys(item)), vocabulary) - own
    older, newer = (next(iter(catalogue.walk(item.id, feed, 1, later=later)), "") for later in (False, True))
    told = {place: other for place, other in ((OLDER, older), (NEWER, newer)) if other}
    others = catalogue.walk(item.id, _subject(item, catalogue) - own, SUBJECT + 1, later=False)
    related = [other for other in others if other != older][:SUBJECT]
    return told | {RELATED + n: other for n, other in enumerate(related)}


def _subject(item: Item, catalogue: Catalogue) -> BitMap:
    """The items with one of its topics and one of its places, if it has any."""
    topics = _union(catalogue, Kind.TOPIC, item.codes(Kind.TOPIC))
    places = [_union(catalogue, kind, codes) for kind in _KINDS_OF_PLACE if (codes := item.codes(kind))]
    return topics & BitMap.union(*places) if places else topics


def _union(catalogue: Catalogue, kind: Kind, codes: Iterable[str]) -> BitMap:
    return BitMap.union(BitMap(), *(catalogue.labelled(kind.value, code) for code in codes))
