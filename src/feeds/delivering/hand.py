"""The letters in our hands: claimed in batches, given to transports, and their results (P4, P6).

    claimed (a commit) -> taken by a transport -> noted as handed over (a file) -> result (a commit)

One task writes all of it, several letters in each commit: results at the latest 10 ms after they came, or
when there are a hundred. What a kill can send twice are those, and the ones on the wire; what was claimed and
not handed over yet, twice what goes out between two commits, a hundred at most, goes out again as it was.
A claim is good for half a second: what was not taken by then goes back into the queue, so that whoever left
meanwhile gets nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import chain

from feeds import log
from feeds.delivering.books import Books, Entries, Held, Written
from feeds.delivering.bounces import Bounces
from feeds.delivering.handed import HandedOver
from feeds.delivering.hosts import Hosts
from feeds.delivering.results import OurFault, Result
from feeds.delivering.writing import Writer
from feeds.errors import MailError
from feeds.mail import Parcel
from feeds.model import Deferred, HostAway, Refused
from feeds.store.deliveries import ClaimedDelivery

logger = log.get("deliver")

MOST = 100  # letters in doubt, claimed at once, results in one commit
RESULTS_WAIT_S = 0.010
CLAIM_LASTS_S = 0.5


class LettersInHand:
    """What all workers of a deliver pass share. `letters_per_s` 0: as fast as the server takes them."""

    def __init__(
        self,
        books: Books,
        writer: Writer,
        handed: HandedOver,
        hosts: Hosts,
        now: Callable[[], datetime],
        letters_per_s: float = 0.0,
    ) -> None:
        self.outcomes: Counter[str] = Counter()
        self.digests: set[int] = set()
        self.away: HostAway | None = None
        self.error: Exception | None = None
        self.bounces = Bounces()
        self._books = books
        self._writer = writer
        self._handed = handed
        self._hosts = hosts
        self._now = now
        self._gap_s = 1 / letters_per_s if letters_per_s else 0.0
        self._next_at = 0.0
        self._loop = asyncio.get_running_loop()
        # What letters say of when they were sent: when they were claimed.
        self._date_at = now().replace(microsecond=0)
        self._ready: deque[Held] = deque()
        self._stale: list[Held] = []
        self._taken: dict[str, Held] = {}
        self._results: list[tuple[Held, Result]] = []
        self._dry = False
        self._over = False
        self._hopeless = False
        self._writing = False
        self._asking = 0
        # Letters taken since the last commit, and whether a line had to wait for one.
        self._rate = 0
        self._starved = False
        self._stir = asyncio.Event()
        self._news = asyncio.Event()
        self._alarm: asyncio.TimerHandle | None = None
        self._fading: asyncio.TimerHandle | None = None

    @property
    def open(self) -> bool:
        """Whether letters may still be taken."""
        return not self._over

    # What workers do

    async def more(self) -> bool:
        """Wait until a letter may be taken; False when there is nothing more for now."""
        while not self._over:
            self._set_aside_stale()
            pause = self._next_at - self._loop.time()
            if pause > 0:
                self._loop.call_later(pause, self._news.set)
            elif self._ready:
                return True
            elif self._dry and not (self._stale or self._writing):
                return False
            await self._until_news(asking=pause <= 0)
        return False

    async def _until_news(self, *, asking: bool) -> None:
        self._news.clear()
        self._asking += asking
        if asking and not self._writing:  # what is being written may be the answer
            self._stir.set()
        try:
            await self._news.wait()
        finally:
            self._asking -= asking

    def take(self) -> Parcel | None:
        """The next letter, if one is claimed, its claim is fresh, and the rate allows it."""
        at = self._loop.time()
        while self._ready and not self._over and at >= self._next_at:
            held = self._ready.popleft()
            if at - held.claimed_at > CLAIM_LASTS_S:
                self._ready.appendleft(held)
                self._set_aside_stale()
                return None
            if parcel := self._parcel(held):
                self._taken[parcel.number] = held
                self._rate += 1
                if self._gap_s:
                    self._next_at = max(at, self._next_at) + self._gap_s
                if 2 * len(self._ready) < self._wanted():
                    self._stir.set()
                return parcel
        self._starved = self._rate > 0 and not self._dry
        self._stir.set()
        return None

    def hand_over(self, number: str) -> bool:
        """The text of a letter that was taken goes out now; False: it must not, and nothing more goes on."""
        if not self._handed.note(number):
            self.halt()
            return False
        self._taken[number].handed_over = True
        return True

    def settle(self, number: str, result: Result) -> None:
        """What became of a letter that was taken."""
        self._finish(self._taken.pop(number), result)

    def halt(self) -> None:
        """No further letter starts; those that are taken come to their end."""
        self._over = True
        self._news.set()
        self._stir.set()

    def _parcel(self, held: Held) -> Parcel | None:
        """The letter in wire form. One that cannot be built, or whose host rests, ends here, alone (P9)."""
        if why := self._hosts.resting(held.claimed.address, self._loop.time()):
            self._finish(held, Deferred(why))
            return None
        try:
            return self._writer.parcel(held.claimed, self._date_at)
        except MailError as error:
            self._finish(held, Refused(f"cannot be written as a mail: {error}"))
        except Exception as error:
            logger.exception("letter-failed", letter=held.claimed.number)
            self._finish(held, OurFault(type(error).__name__))
        return None

    def _finish(self, held: Held, result: Result) -> None:
        self._results.append((held, result))
        self.bounces.note(held.claimed, result)
        if rest_s := self._hosts.note(held.claimed.address, result, self._loop.time()):
            host = held.claimed.address.rpartition("@")[2]
            logger.warning("host-rests", host=host, seconds=round(rest_s), result=result)
        if self.bounces.many and self.away is None:
            gone, tried = self.bounces.counts
            why = f"{gone} of {tried} recipients at {self.bounces.many} are said to have no mailbox"
            logger.error("bounces-many", host=self.bounces.many, refused=gone, tried=tried)
            self.away = HostAway(f"{why}: nobody was suspended; look at that server", ours=True)
            self.halt()
        if isinstance(result, HostAway) and self.away is None:
            self.away = result
            self.halt()
        if len(self._results) >= MOST or self._over:
            self._stir.set()
        elif self._alarm is None:
            self._alarm = self._loop.call_later(RESULTS_WAIT_S, self._stir.set)

    def _set_aside_stale(self) -> None:
        """What was claimed too long ago goes back into the queue with the next commit."""
        oldest = self._loop.time() - CLAIM_LASTS_S
        while self._ready and self._ready[0].claimed_at < oldest:  # the oldest are first
            self._stale.append(self._ready.popleft())
            self._dry = False
            self._stir.set()

    # What the writing task does

    async def keep_books(self) -> None:
        """Write down what happens until it is over and all is written, or cannot be."""
        with ThreadPoolExecutor(1, "books") as thread:
            while True:
                await self._until_due()
                entries = self._entries()
                if entries.empty:
                    if self._over and not self._taken:
                        return
                    continue
                self._writing = True
                try:
                    written = await self._loop.run_in_executor(thread, self._books.write, entries)
                except Exception as error:
                    self._failed(entries, error)
                    if self._hopeless:
                        return
                else:
                    self._take_in(written, claimed=entries.claim > 0)
                self._writing = False
                self._news.set()

    async def _until_due(self) -> None:
        idle = not (self._results or self._ready or self._stale)
        if not self._over or (self._taken and (idle or self.error)):
            await self._stir.wait()
        self._stir.clear()

    def _entries(self) -> Entries:
        """What the next commit writes."""
        for alarm in (self._alarm, self._fading):
            if alarm:
                alarm.cancel()
        self._alarm = self._fading = None
        self._set_aside_stale()
        entries = Entries(results=self._results, back=self._stale)
        self._results, self._stale = [], []
        if self._over:
            entries.back += self._ready
            self._ready.clear()
        else:
            entries.claim = max(0, self._wanted() - len(self._ready))
        self._rate, self._starved = 0, False
        return entries

    def _wanted(self) -> int:
        """How many shall be ready: twice as many as went since the last commit, all where lines waited."""
        return max(self._asking, MOST if self._starved else min(MOST, 2 * self._rate))

    def _take_in(self, written: Written, *, claimed: bool) -> None:
        at = self._loop.time()
        self._date_at = self._now().replace(microsecond=0)
        for held in written.ready:
            held.claimed_at = at
            if isinstance(held.claimed, ClaimedDelivery):
                self.digests.add(held.claimed.digest_id)
        self._ready.extend(written.ready)
        if claimed:
            self._dry = written.dry
        self._handed.trim(self._unrecorded())
        written.outcomes.pop("waiting", None)
        self.outcomes.update(written.outcomes)
        if self._ready and self._fading is None:
            self._fading = self._loop.call_later(CLAIM_LASTS_S, self._stir.set)

    def _unrecorded(self) -> Iterator[str]:
        """Letters that were handed over and have no result in the database yet."""
        some = chain(self._taken.values(), (held for held, _ in self._results))
        return (held.claimed.number for held in some if held.handed_over)

    def _failed(self, entries: Entries, error: Exception) -> None:
        """Nothing was written: what has a result is tried once more, when all letters are back."""
        self._hopeless = self.error is not None and not self._taken
        self.error = self.error or error
        self._results = [*entries.results, *self._results]
        self._stale += entries.back
        self.halt()
