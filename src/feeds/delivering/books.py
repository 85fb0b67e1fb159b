"""What delivering writes into the database: results, hand-overs and claims, many letters in one commit.

Runs in a thread. Knows nothing of transports; what a result means is in results.py.
"""

from __future__ import annotations

from collections import defaultdict
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
    """A claimed letter in our hands; `noted_at` (on the loop's clock) is when its hand-over was noted.

    `linked`: a notice that has its links already.
    """

    claimed: Claimed
    noted_at: float = 0.0
    linked: bool = False

    @property
    def queue(self) -> Queue:
        """The queue that it is of."""
        return notices.QUEUE if isinstance(self.claimed, ClaimedNotice) else deliveries.QUEUE


@dataclass(slots=True)
class Entries:
    """What is to be written in one commit.

    `back`: letters that go back into the queue as they were. `kept`: noted ones that we keep, but shall not
    hand over soon. `waiting`: claimed ones, of which `note` are to be handed over now, with those claimed by
    this very commit: `claim` at most, and the notices that go ahead of all.
    """

    results: list[tuple[Held, Result]] = field(default_factory=list)
    back: list[Held] = field(default_factory=list)
    kept: list[Held] = field(default_factory=list)
    waiting: list[Held] = field(default_factory=list)
    note: int = 0
    claim: int = 0

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.results or self.back or self.kept or self.note)


@dataclass(slots=True)
class Written:
    """What a commit brought: the words for the report, letters that may be handed over, those that wait.

    `dry`: it was asked for more than there is.
    """

    words: list[str] = field(default_factory=list)
    ready: list[Held] = field(default_factory=list)
    waiting: list[Held] = field(default_factory=list)
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

    def write(self, entries: Entries) -> Written:
        """One commit. Raises StoreError, and then nothing of it was written."""
        now = self.now()
        settled = [
            _Settled(held, result, verdict(result, held.claimed, now, self.jitter(), hold=self.hold))
            for held, result in entries.results
        ]

        linked: list[tuple[Held, ClaimedNotice]] = []

        def run(conn: Connection) -> Written:
            self._record(conn, settled, now)
            for queue, ids in _by_queue(entries.back):
                queue.put_back(conn, ids, self.owner)
            for queue, ids in _by_queue(entries.kept):
                queue.take_back(conn, ids, self.owner)
            ahead, later, dry = self._claim(conn, entries.claim, now) if entries.note else ([], [], False)
            every = [*ahead, *entries.waiting, *later]
            ready = self._note(conn, every[: entries.note], now)
            linked[:] = self._linked(conn, ready, now)
            words = [each.verdict.word for each in settled]
            return Written(words, ready, every[entries.note :], dry)

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

    def _record(self, conn: Connection, settled: Sequence[_Settled], now: datetime) -> None:
        taken: dict[Queue, list[tuple[int, str]]] = defaultdict(list)
        lost = 0
        for each in settled:
            claimed, queue, found = each.held.claimed, each.held.queue, each.verdict
            if isinstance(each.result, Sent):
                taken[queue].append((claimed.id, found.reason))
            elif not queue.finish(
                conn, claimed.id, self.owner, found.state, found.reason, now,
                next_at=found.next_at, **found.counts,
            ):  # fmt: skip
                lost += 1
        for queue, replies in taken.items():
            lost += len(replies) - queue.sent(conn, replies, self.owner, now)
        if lost:
            logger.warning("delivery-taken", letters=lost)

    def _claim(self, conn: Connection, limit: int, now: datetime) -> tuple[list[Held], list[Held], bool]:
        """Notices that go ahead of all digests, then digests, then the notices that were put behind them."""
        mine = (conn, self.owner, now, self.lease)
        ahead: list[Claimed] = list(notices.claim(*mine, max(limit, 1), ahead=True))
        later: list[Claimed] = []
        if limit > 0:
            later += deliveries.claim(*mine, limit)
        dry = len(ahead) + len(later) < limit
        if dry:
            later += notices.claim(*mine, limit, ahead=False)
        return [Held(each) for each in ahead], [Held(each) for each in later], dry

    def _note(self, conn: Connection, some: Sequence[Held], now: datetime) -> list[Held]:
        handed: set[tuple[Queue, int]] = set()
        until = now + self.lease
        for queue, ids in _by_queue(some):
            if queue is deliveries.QUEUE:
                found = deliveries.hand_over(conn, ids, self.owner, now, until)
            else:
                found = queue.hand_over(conn, ids, self.owner, until)
            handed |= {(queue, each) for each in found}
        return [held for held in some if (held.queue, held.claimed.id) in handed]


@dataclass(frozen=True, slots=True)
class _Settled:
    held: Held
    result: Result
    verdict: Verdict


def _by_queue(some: Iterable[Held]) -> Iterable[tuple[Queue, list[int]]]:
    ids: dict[Queue, list[int]] = defaultdict(list)
    for held in some:
        ids[held.queue].append(held.claimed.id)
    return ids.items()
