"""Who left: told to the journal outside the database, and done again in a database that does not know it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from feeds.model import Suppression
from feeds.people import ending, erasing, leaving
from feeds.people.signup import ADDRESS
from feeds.restoring.journal import Gone, Journal, Line, gone
from feeds.store import Connection, Store, departures, secrets, subscribers
from feeds.store.departures import DepartureRow, PersonRow
from feeds.store.keys import filter_key
from feeds.tokens import Tokens

FILTER = "departure.filter"
_SOME = 1000
# Numbers are given in another order than transactions end: so many are looked at again.
_AGAIN = 1000


@dataclass
class Follower:
    """Copies departures into this host's journal; whoever calls `follow` again goes on where it was."""

    store: Store
    tokens: Tokens
    journal: Journal
    _after: int = field(default=0, init=False)

    def follow(self) -> int:
        """Bring the journal up to date; how many lines were new. Raises StoreError and OSError."""
        added, after = 0, max(0, self._after - _AGAIN)
        while rows := self._rows(after):
            added += self.journal.add(line_of(row, self.tokens) for row in rows)
            after = rows[-1].id
        self._after = after
        return added

    def _rows(self, after: int) -> list[DepartureRow]:
        with self.store.read() as conn:
            return departures.after(conn, after, _SOME)


def line_of(row: DepartureRow, tokens: Tokens) -> Line:
    """A departure as it stands in the journal: no address, no filter, only what our key makes of them."""
    who = row.hash or tokens.hash(ADDRESS, row.address_key or "")
    wanted = tokens.hash(FILTER, row.filter_key) if row.filter_key else ""
    return Line(at=row.at, what=row.what, who=who, filter=wanted)


@dataclass
class Applied:
    """Whom the journal knows to have gone: people whose subscriptions ended, people erased or suppressed."""

    left: int = 0
    erased: int = 0
    suppressed: int = 0


def apply(store: Store, tokens: Tokens, lines: Iterable[Line]) -> Applied:
    """Do again what a restored database does not know; done twice, the second time changes nothing.

    Whoever came after the line was written (they joined anew) is left alone.
    """
    known, done = gone(lines), Applied()
    _suppress_all(store, known)
    after = 0
    while people := _people(store, after):
        for person in people:
            for who in tokens.hashes(ADDRESS, person.address_key):
                if who in known:
                    _apply_to(store, tokens, person, known[who], done)
        after = people[-1].id
    return done


def _people(store: Store, after: int) -> list[PersonRow]:
    with store.read() as conn:
        return departures.people(conn, after, _SOME)


def _suppress_all(store: Store, known: Mapping[str, Gone]) -> None:
    """Also of addresses that have no subscriber here."""
    reasons = {each.value for each in Suppression}
    rows = [
        (who, Suppression(reason), at)
        for who, each in known.items()
        for reason, at in each.suppressed.items()
        if reason in reasons
    ]

    def run(conn: Connection) -> None:
        for who, reason, at in rows:
            secrets.suppress(conn, who, reason, at)

    store.transact(run)


def _apply_to(store: Store, tokens: Tokens, person: PersonRow, known: Gone, done: Applied) -> None:
    suppressed = {reason: at for reason, at in known.suppressed.items() if at > person.created_at}
    if at := suppressed.pop(Suppression.ERASED.value, None):
        done.erased += erasing.erase(store, tokens, person.id, at)
        return
    for reason, at in suppressed.items():
        done.suppressed += ending.end(
            store, tokens, person.id, Suppression(reason), "known from the journal", at
        )
    done.left += store.transact(partial(_leave_all, tokens=tokens, person=person, left=known.left))


def _leave_all(conn: Connection, tokens: Tokens, person: PersonRow, left: Mapping[str, datetime]) -> bool:
    """End what they left, each at its instant; whether there was any."""
    ended: dict[datetime, list[int]] = defaultdict(list)
    for row in subscribers.subscriptions_of(conn, person.id) if left else ():
        for key in tokens.hashes(FILTER, filter_key(row.filter_text)):
            if row.created_at < (at := left.get(key, row.created_at)):
                ended[at].append(row.id)
    for at, ids in sorted(ended.items()):
        leaving.leave_in(conn, person.id, None, at, "left before the backup was restored", ids=ids)
    return bool(ended)
