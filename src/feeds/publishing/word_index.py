"""Items -> the words by which they are found, a little after each change.

It follows the log of changes in short transactions, so that taking a bulletin in costs nothing more. Several
processes may try: one of them works, the others find that nothing is left. Until an item is in, whoever
searches looks into its text (`publishing.searching`), so nobody misses it.
"""

from __future__ import annotations

from collections.abc import Callable

from feeds.filters import folded
from feeds.store import Connection, Store, outlines, publishing, searching

AT_ONCE = 250
"""Items of a transaction: some 30 ms."""
BRIEFLY = 4
"""So many transactions at most, where others wait for their turn."""


def index_words(store: Store, *, briefly: bool = False, stopped: Callable[[], bool] = lambda: False) -> bool:
    """Let items be found by their words as they stand now; whether some are left. `stopped` is asked between
    transactions.
    """
    turns = 0
    while behind := _is_behind(store):
        if stopped() or (briefly and turns == BRIEFLY):
            break
        store.transact(_some)
        turns += 1
    return behind


def _is_behind(store: Store) -> bool:
    with store.read() as conn:
        return searching.indexed_up_to(conn) < publishing.latest_change(conn)


def _some(conn: Connection) -> None:
    mark = searching.hold(conn)
    changed = searching.changed_after(conn, mark, AT_ONCE)
    prefix = publishing.ITEM_PREFIX
    ids = [key.removeprefix(prefix) for key, _ in changed if key.startswith(prefix)]
    searching.put(conn, _indexed(conn, ids))
    if changed:
        searching.come_to(conn, changed[-1][1])


def _indexed(conn: Connection, ids: list[str]) -> list[searching.Indexed]:
    orders = searching.orders_of(conn, ids)
    return [
        searching.Indexed(text.id, *orders[text.id], sorted(set(folded(f"{text.title}\n{text.summary}"))))
        for text in outlines.texts(conn, ids)
    ]
