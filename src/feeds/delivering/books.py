"""What delivering writes into the database: results and claims, many letters in one commit.

Runs in a thread. Knows nothing of transports; what a result means is in results.py.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from feeds import links, log
from feeds.delivering.results import Claimed, Result, Verdict, verdict
from feeds.model import Sent
from feeds.store import Connection, Store, deliveries, notices
from feeds.store.notices import ClaimedNotice
from feeds.store.queue import Queue
from feeds.tokens import Tokens

logger = log.get("deliver")


@dataclass(slots=True, eq=False)
class Held:
    """A claimed letter of a queue in our hands, since `claimed_at` (on the loop's clock).

    `handed_over`: its text may have left. `linked`: a notice that has its links already.
    """

    claimed: Claimed
    queue: Queue
    claimed_at: float = 0.0
    handed_over: bool = False
    linked: bool = False


@dataclass(slots=True)
class Entries:
    """What is to be written in one commit.

    `back`: letters that go back into the queue as they were. `claim`: how many are to be taken from it.
    """

    results: list[tuple[Held, Result]] = field(default_factory=list)
    back: list[Held] = field(default_factory=list)
    claim: int = 0

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.results or self.back or self.claim)


@dataclass(slots=True)
class Written:
    """What a commit brought: how many letters had which end, and those that may be handed over.

    `dry`: it was asked for more than there is.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    ready: list[Held] = field(default_factory=list)
    dry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Writes entries for one sender. `owner` names this process in leases."""

    store: Store
    tokens: Tokens
    owner: str
    lease: timedelta
    now: Callable[[], datetime]
    jitter: Callable[[], float]
    hold: bool = False
    words: deliveries.DigestWords = field(default_factory=deliveries.DigestWords)

    def write(self, entries: Entries) -> Written:
        """One commit. Raises StoreError, and then nothing of it was written."""
        now = self.now()
        taken = [(held, result.reply) for held, result in entries.results if isinstance(result, Sent)]
        settled = [
            (held, verdict(result, held.claimed, now, self.jitter(), hold=self.hold))
            for held, result in entries.results
            if not isinstance(result, Sent)
        ]
        linked: list[tuple[Held, ClaimedNotice]] = []

        def run(conn: Connection) -> Written:
            self._record(conn, taken, settled, now)
            for queue, ids in _by_queue(entries.back):
                queue.put_back(conn, ids, self.owner)
            ready = self._claim(conn, entries.claim, now) if entries.claim else []
            linked[:] = self._linked(conn, ready, now)
            outcomes = Counter(found.word for _, found in settled)
            if taken:
                outcomes["sent"] += len(taken)
            return Written(outcomes, ready, dry=len(ready) < entries.claim)

        written = self.store.transact(run)
        for held, notice in linked:
            held.claimed, held.linked = notice, True
        return written

    def _linked(
        self, conn: Connection, some: Iterable[Held], now: datetime
    ) -> list[tuple[Held, ClaimedNotice]]:
        """Notices with their links, which exist from now on: none is stored but as a hash (T11)."""
        made = []
        for held in some:
            notice = held.claimed
            if isinstance(notice, ClaimedNotice) and not held.linked:
                found = links.for_notice(conn, self.tokens, notice, now)
                text, html = (links.filled(part, found) for part in (notice.text, notice.html))
                made.append((held, replace(notice, text=text, html=html)))
        return made

    def _record(
        self,
        conn: Connection,
        taken: Sequence[tuple[Held, str]],
        settled: Sequence[tuple[Held, Verdict]],
        now: datetime,
    ) -> None:
        lost = 0
        for queue in (deliveries.QUEUE, notices.QUEUE):
            replies = [(held.claimed.id, reply) for held, reply in taken if held.queue is queue]
            if replies:
                lost += len(replies) - queue.sent(conn, replies, self.owner, now)
        for held, found in settled:
            if not held.queue.finish(
                conn, held.claimed.id, self.owner, found.state, found.reason, now,
                next_at=found.next_at, **found.counts,
            ):  # fmt: skip
                lost += 1
        if lost:
            logger.warning("delivery-taken", letters=lost)

    def _claim(self, conn: Connection, limit: int, now: datetime) -> list[Held]:
        """Notices that go ahead of all digests, then digests, then the notices that were put behind them."""
        mine = (conn, self.owner, now, self.lease)
        found: list[Held] = []
        if notices.waiting(conn, now):
            ahead = notices.claim(*mine, limit, ahead=True)
            found += [Held(each, notices.QUEUE) for each in ahead]
        if len(found) < limit:
            digests = deliveries.claim(*mine, limit - len(found), words=self.words)
            found += [Held(each, deliveries.QUEUE) for each in digests]
        if len(found) < limit:
            behind = notices.claim(*mine, limit - len(found), ahead=False)
            found += [Held(each, notices.QUEUE) for each in behind]
        return found


def _by_queue(some: Iterable[Held]) -> Iterable[tuple[Queue, list[int]]]:
    ids: dict[Queue, list[int]] = defaultdict(list)
    for held in some:
        ids[held.queue].append(held.claimed.id)
    return ids.items()
