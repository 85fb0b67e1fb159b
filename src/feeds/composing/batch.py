"""One bounded transaction: a batch of audiences moves on, with digests and deliveries for their members.

All or nothing of a batch is there, whenever a process dies. Marks move by compare-and-set, so that an
audience that another process has composed meanwhile is passed over (P8).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from feeds import log
from feeds.composing.looking import Looked
from feeds.composing.news import News
from feeds.composing.rules import ComposeRules
from feeds.composing.telling import Teller, Telling
from feeds.composing.variants import Others, Stale, Variants
from feeds.errors import StoreError
from feeds.model import Cadence
from feeds.store import Conflict, Connection, composing, digests, queueing, writing

logger = log.get("compose")


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """One digest that was (or, in a dry run, would be) made."""

    audience_id: int
    cadence: Cadence
    period: str
    items: int
    members: int
    subject: str


@dataclass(slots=True)
class Done:
    """What a batch brought: digests, audiences that failed with the reason (P9), and those that must wait for
    the next batch. `passages` are stored now."""

    composed: list[Composed] = field(default_factory=list)
    failed: list[tuple[int, str]] = field(default_factory=list)
    later: list[Looked] = field(default_factory=list)
    passages: dict[str, int] = field(default_factory=dict)
    letters: int = 0


@dataclass(frozen=True, slots=True)
class _Told:
    """A digest to store. `members` None: everybody gets it who is not left out."""

    looked: Looked
    telling: Telling
    members: list[int] | None


class Batch:
    """Writes batches of one pass. `parts_from`: of audiences with more members than that only the digest is
    stored; their members get it part by part (`parts`)."""

    def __init__(
        self, rules: ComposeRules, news: News, teller: Teller, now: datetime, parts_from: int
    ) -> None:
        self._rules, self._news, self._teller, self._now = rules, news, teller, now
        self._parts_from = parts_from

    def write(self, conn: Connection, some: Sequence[Looked]) -> Done:
        """Compose these audiences. Raises Stale when an item was changed since they were looked at."""
        self._lock(conn)
        done = Done()
        some = self._unchanged(conn, some)
        told = self._alone(conn, [each for each in some if each.period is not None], done)
        failed = self._tell(conn, told, done)
        out = failed | {each.row.id for each in done.later}
        self._move(conn, [each for each in some if each.row.id not in out])
        if done.composed:
            composing.set_milestone(conn, self._news.until_at)
        return done

    def write_part(
        self, conn: Connection, looked: Looked, row: queueing.QueueingRow, size: int
    ) -> tuple[Done, queueing.QueueingRow | None]:
        """Queue the digest of an audience for its next members; what is left of it then, None if nothing."""
        self._lock(conn)
        done = Done()
        if not queueing.is_queueing(conn, row):
            return done, None  # another process has gone on
        to = queueing.next_part(conn, row, size)
        queueing.part_queued(conn, row.audience_id, to)
        if to is None:
            if row.digest_id is not None:
                queueing.drop_unused(conn, row.digest_id)
            return done, None
        within = (row.members_to, to)
        variants = Variants(
            conn, self._news, self._teller, [row.audience_id], within=within, since=row.begun_at
        )
        mine = variants.of(looked, row.since_at)
        self._queue_part(conn, looked, row, within, mine, done)
        return done, replace(row, members_to=to)

    def _queue_part(
        self,
        conn: Connection,
        looked: Looked,
        row: queueing.QueueingRow,
        within: tuple[int, int],
        mine: Others,
        done: Done,
    ) -> None:
        known = queueing.variants_of(conn, row.audience_id, row.period)
        told = [_Told(looked, telling, who) for telling, who in mine.digests]
        new = [each for each in told if each.telling.variant not in known]
        ids = self._store(conn, new, done)
        known |= {each.telling.variant: key for key, each in zip(ids, new, strict=True)}
        pairs = [(known[each.telling.variant], who) for each in told for who in each.members or ()]
        left_out = [(row.audience_id, who) for who in mine.left_out]
        if row.digest_id is not None:
            outdated = queueing.changed_since(conn, row.digest_id, row.until_at)
            done.letters += queueing.queue_all(
                conn, [row.digest_id], left_out, self._now, self._rules.domain, within=within,
                since=row.begun_at, outdated=outdated,
            )  # fmt: skip
        done.letters += queueing.queue_some(conn, pairs, self._now, self._rules.domain)
        queueing.caught_up(conn, [(row.audience_id, who) for who in mine.caught_up])
        done.composed += [composed(looked, each.telling, len(each.members or ())) for each in new]

    def _lock(self, conn: Connection) -> None:
        digests.lock_compose(conn)
        # Nobody corrects an item between our look and our commit: letters that we queue would not be marked.
        writing.lock(conn, "announce")
        if composing.state(conn) != self._news.state:
            raise Stale

    def _unchanged(self, conn: Connection, some: Sequence[Looked]) -> list[Looked]:
        expected = {each.row.id: (each.row.covered_at, each.row.last_period) for each in some}
        # Whose members have not all got the last digest gets the next one later.
        begun = {row.audience_id for row in queueing.begun(conn)}
        same = composing.unchanged(conn, expected) - begun
        return [each for each in some if each.row.id in same]

    def _alone(self, conn: Connection, some: list[Looked], done: Done) -> list[Looked]:
        """Those without the ones that share members with another one here: neither would see what the other
        brings."""
        waiting = queueing.sharing(conn, [each.row.id for each in some]) if len(some) > 1 else set()
        done.later = [each for each in some if each.row.id in waiting]
        return [each for each in some if each.row.id not in waiting]

    def _tell(self, conn: Connection, some: Sequence[Looked], done: Done) -> set[int]:
        """Store and queue what these audiences are told; the ids of those that failed."""
        at_once = [each.row.id for each in some if not self._in_parts(each)]
        variants = Variants(conn, self._news, self._teller, at_once)
        told: list[_Told] = []
        found: dict[int, Others] = {}
        for looked in some:
            try:
                mine = Others() if self._in_parts(looked) else variants.of(looked, looked.row.covered_at)
            except (Stale, StoreError):
                raise
            except Exception as error:  # one bad digest never holds up the others (P9)
                logger.exception("compose-failed", audience=looked.row.id)
                done.failed.append((looked.row.id, f"{type(error).__name__}: {error}"))
                continue
            found[looked.row.id] = mine
            if looked.main is not None and looked.row.members > mine.number:
                told.append(_Told(looked, looked.main, None))
            told += [_Told(looked, telling, who) for telling, who in mine.digests]
        ids = self._store(conn, told, done)
        self._queue(conn, told, ids, found, done)
        self._begin_parts(conn, [each for each in some if self._in_parts(each)], told, ids)
        return {each.row.id for each in some} - found.keys()

    def _in_parts(self, looked: Looked) -> bool:
        return looked.row.members > self._parts_from

    def _store(self, conn: Connection, told: Sequence[_Told], done: Done) -> list[int]:
        """Store digests and those of their passages that are new; the ids of the digests."""
        keys = [key for each in told for key in (each.telling.body, each.telling.foot) if key is not None]
        done.passages = self._teller.store(conn, keys)
        made = [self._new(each) for each in told]
        return queueing.store_digests(conn, made, done.passages, self._now)

    def _new(self, told: _Told) -> queueing.NewDigest:
        looked, telling = told.looked, told.telling
        period = looked.period
        assert period is not None
        since_at = looked.row.covered_at if told.members is None else telling.digest.since_at
        words = self._teller.wording(looked.audience, period, since_at)
        return queueing.NewDigest(
            audience_id=looked.row.id, period=period.key, variant=telling.variant, since_at=since_at,
            until_at=telling.digest.until_at, items=telling.news, lang=looked.row.lang,
            subject=telling.subject, heading=words.heading, period_words=words.period, promise=words.promise,
            page=self._rules.opaque(), body=telling.body, foot=telling.foot, held=telling.held,
        )  # fmt: skip

    def _queue(
        self,
        conn: Connection,
        told: Sequence[_Told],
        ids: Sequence[int],
        found: Mapping[int, Others],
        done: Done,
    ) -> None:
        whole = [
            key for key, each in zip(ids, told, strict=True)
            if each.members is None and not self._in_parts(each.looked)
        ]  # fmt: skip
        pairs = [
            (key, who) for key, each in zip(ids, told, strict=True) for who in each.members or ()
        ]  # fmt: skip
        left_out = [(key, who) for key, mine in found.items() for who in mine.left_out]
        caught_up = [(key, who) for key, mine in found.items() for who in mine.caught_up]
        domain = self._rules.domain
        done.letters += queueing.queue_all(conn, whole, left_out, self._now, domain)
        done.letters += queueing.queue_some(conn, pairs, self._now, domain)
        queueing.caught_up(conn, caught_up)
        for each in told:
            others = found[each.looked.row.id].number
            members = each.looked.row.members - others if each.members is None else len(each.members)
            done.composed.append(composed(each.looked, each.telling, members))

    def _begin_parts(
        self, conn: Connection, some: Sequence[Looked], told: Sequence[_Told], ids: Sequence[int]
    ) -> None:
        """Those whose members get it part by part, from the next transaction on."""
        by_audience = {each.looked.row.id: key for key, each in zip(ids, told, strict=True)}
        for looked in some:
            assert looked.period is not None
            row = queueing.QueueingRow(
                audience_id=looked.row.id, period=looked.period.key, since_at=looked.row.covered_at,
                until_at=self._news.until_at, begun_at=self._now, due_at=looked.period.due_at, members_to=0,
                digest_id=by_audience.get(looked.row.id),
            )  # fmt: skip
            queueing.begin_queueing(conn, row)

    def _move(self, conn: Connection, some: Sequence[Looked]) -> None:
        moved = composing.mark(conn, [each.mark for each in some])
        if moved != len(some):
            raise Conflict("an audience was moved on by another process")


def composed(looked: Looked, telling: Telling, members: int) -> Composed:
    """What is told of a digest that was made."""
    assert looked.period is not None
    return Composed(
        audience_id=looked.row.id, cadence=looked.row.cadence, period=looked.period.key, items=telling.news,
        members=members, subject=telling.subject,
    )  # fmt: skip
