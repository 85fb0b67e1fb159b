"""Which items have the words that a filter asks for: from the index, and from the texts of what it lacks.

The index gives candidates, each with all the words asked for and none of those that must not be there;
phrases are then looked for in the texts. Items that changed since the index was made are looked at one
by one, so the answer is that of `filters.match_text`, always.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from pyroaring import BitMap

from feeds import filters
from feeds.model import Filter
from feeds.publishing.catalogue import Catalogue
from feeds.store import Connection, outlines, publishing, searching

FEW = 300
"""So many texts are read sooner than the index is asked."""
_FIRST, _MOST_AT_ONCE = 1_200, 100_000


class Found(NamedTuple):
    """Items that have the words; `whole`: all of them, else the latest ones in the order of pages."""

    among: BitMap
    whole: bool


def with_words(
    conn: Connection, catalogue: Catalogue, wanted: Filter, among: BitMap, most: int | None = None
) -> Found:
    """Those of `among` whose texts the filter asks for; with `most`, more than so many that are not withdrawn
    need not be found.
    """
    asked, unwanted = _asked(wanted), _unwanted(wanted)
    mark = searching.indexed_up_to(conn)
    if not (asked or wanted.without) or not mark or len(among) <= FEW:
        return Found(_read(conn, catalogue, wanted, among), whole=True)
    changed = _changed(conn, catalogue, mark)
    found = _read(conn, catalogue, wanted, among & changed)
    among = among - changed
    if not asked:
        return Found(found | _without(conn, catalogue, wanted, among), whole=True)
    for hits in _hits(conn, catalogue, asked, unwanted):
        some = hits & among
        found |= some if _is_plain(wanted) else _read(conn, catalogue, wanted, some)
        if most is not None and catalogue.count(found) > most:
            return Found(found, whole=False)
    return Found(found, whole=True)


def _asked(wanted: Filter) -> list[list[searching.Words]]:
    """What the index is asked for: one of the words, and all of the others."""
    groups = [[tuple(filters.folded(word))] for word in wanted.all_words]
    if wanted.words:
        groups.append([tuple(filters.folded(word)) for word in wanted.words])
    return groups


def _unwanted(wanted: Filter) -> list[str]:
    """The words of which an item must have none; not the phrases, which only texts can tell."""
    return [parts[0] for word in wanted.without if len(parts := filters.folded(word)) == 1]


def _without(conn: Connection, catalogue: Catalogue, wanted: Filter, among: BitMap) -> BitMap:
    """Those of `among` that have none of the words and phrases, where no other word is asked for. Only those
    that have all words of a phrase are looked into.
    """
    entries = [tuple(filters.folded(word)) for word in wanted.without]
    having = BitMap.union(BitMap(), *_hits(conn, catalogue, [entries])) & among
    if _is_plain(wanted):
        return among - having
    return (among - having) | _read(conn, catalogue, wanted, having)


def _is_plain(wanted: Filter) -> bool:
    """Whether having the words is enough."""
    every = (*wanted.words, *wanted.all_words, *wanted.without)
    return all(len(filters.folded(word)) == 1 for word in every)


def _changed(conn: Connection, catalogue: Catalogue, mark: int) -> BitMap:
    prefix = publishing.ITEM_PREFIX
    keys = publishing.changes_between(conn, mark, catalogue.seq, 1 << 31)
    return catalogue.numbers(key.removeprefix(prefix) for key in keys if key.startswith(prefix))


def _hits(
    conn: Connection,
    catalogue: Catalogue,
    asked: Sequence[Sequence[searching.Words]],
    unwanted: Sequence[str] = (),
) -> Iterator[BitMap]:
    """Candidates, the latest first, ever more at once."""
    below: int | None = None
    limit = _FIRST
    while True:
        hits = searching.having(conn, asked, below, limit, unwanted)
        yield catalogue.standing.at(conn, catalogue, hits)
        if len(hits) < limit:
            return
        below = hits[-1]
        limit = min(limit * 4, _MOST_AT_ONCE)


def _read(conn: Connection, catalogue: Catalogue, wanted: Filter, among: BitMap) -> BitMap:
    ids = [catalogue.ids[number] for number in among]
    texts: Iterable[outlines.OutlinedText] = ()
    if ids:
        texts = outlines.texts(conn, None if len(ids) > len(catalogue.ids) // 2 else ids)
    fits = (text.id for text in texts if filters.match_text(wanted, text.title, text.summary, text.lang))
    return catalogue.numbers(fits) & among
