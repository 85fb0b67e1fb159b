"""Letters on their way, of whatever table: claimed under a lease, finished by compare-and-set (store).

    queued -> sending (claim) -> sent | refused | uncertain, or queued again

A claim is made just before a letter goes on the wire, and given back when it did not: what waits is in
nobody's hands, so whoever ends its wish, or changes its words, reaches it, and a death loses nothing. Of a
claimed one only its result counts. Only the owner of a live claim finishes; everything else is a lost race.
What a letter is about, and who may not get it any more, is for `deliveries` and `notices` to know.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, ClassVar, NewType

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Table,
    and_,
    bindparam,
    func,
    or_,
    select,
    text,
    update,
)

from feeds.model import DeliveryState
from feeds.store.columns import Instant
from feeds.store.driven import Driven
from feeds.store.writing import chunks, stored

ANSWER_LOST = "no answer was written down: the process died, or the database was away"
ANSWER_LOST_TWICE = "twice no answer was written down: the process died, or the database was away"
_FINAL = {DeliveryState.SENT, DeliveryState.REFUSED, DeliveryState.SUPPRESSED, DeliveryState.UNCERTAIN}
_SENT_ROWS = {
    "sqlite": "(SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS reply "
    "FROM json_each(:rows)) AS v",
    "postgresql": "unnest(CAST(:ids AS bigint[]), CAST(:words AS text[])) AS v(id, reply)",
}
# Many ids as one value: an IN list takes longer to spell than to look up.
_AMONG = {
    "sqlite": "IN (SELECT value FROM json_each(:some))",
    "postgresql": "= ANY(CAST(:some AS bigint[]))",
}
_NOTHING: Mapping[str, Any] = MappingProxyType({})


# Not frozen: a frozen one takes twice as long to make, and each letter is one.
@dataclass(slots=True, kw_only=True)
class OnItsWay:
    """A letter of some queue. Of its `tries`, `uncertain` lost their answer and `faults` ended in a fault
    of ours. `mark` tells the numbers of one queue from those of another."""

    id: int
    address: str
    message_id: str
    subject: str
    tries: int
    uncertain: int
    faults: int

    mark: ClassVar[str] = ""

    @property
    def number(self) -> str:
        """What people and commands call it."""
        return f"{self.mark}{self.id}"


@dataclass(slots=True, kw_only=True)
class Claimed(OnItsWay):
    """A letter in hand, with its words."""

    lease_until: datetime
    lang: str
    text: str
    html: str


@dataclass(slots=True, kw_only=True)
class LetterRow(OnItsWay):
    """A letter as people see it, on its way or at its end."""

    state: DeliveryState
    next_at: datetime
    lease_until: datetime | None
    owner: str | None
    reason: str
    queued_at: datetime
    finished_at: datetime | None


def begun(now: datetime) -> dict[str, Any]:
    """The columns of a letter that is queued, due `now`."""
    counts = {"tries": 0, "uncertain": 0, "faults": 0}
    return counts | {"state": DeliveryState.QUEUED, "next_at": now, "reason": "", "queued_at": now}


Looking = NewType("Looking", dict[str, Driven])


class Queue:
    """The ways of the letters of one table.

    `put_back`: what else is written into a row that is queued again because the server was away,
    or the process died, over it. `gone`: and into one that left, or may have left. `mark`: as in `OnItsWay`.
    """

    def __init__(
        self,
        table: Table,
        put_back: Mapping[str, Any] = _NOTHING,
        gone: Mapping[str, bool] = _NOTHING,
        mark: str = "",
    ) -> None:
        self.mark = mark
        self._table = table
        self._put_back = dict(put_back)
        self._gone = dict(gone)
        # Written out, not bound: a partial index is used only when the text of its condition is seen.
        self.queued = text(f"{table.name}.state = 'queued'")
        self.sending = text(f"{table.name}.state = 'sending'")
        # What no server has seen: of the claims that are `unsent` the text was never sent.
        self.untouched = or_(self.queued, and_(self.sending, table.c.unsent))
        # The statements of each batch. One for all rows, not one for each: the driver gives the interpreter
        # away at each.
        self._done = {name: self._recording(which) for name, which in _SENT_ROWS.items()}
        self._taking = {name: self._claiming(which) for name, which in _AMONG.items()}

    def _recording(self, rows: str) -> Driven:
        name, gone = self._table.name, "".join(f", {column} = :{column}" for column in self._gone)
        # Names and fixed words only; values are bound.
        sql = (
            f"UPDATE {name} SET state = 'sent', reason = v.reply, owner = NULL, lease_until = NULL, "  # noqa: S608
            f"finished_at = :now, tries = tries + 1, unsent = :no{gone} FROM {rows} "
            f"WHERE {name}.id = v.id AND {name}.state = 'sending' AND {name}.owner = :by"
        )
        return Driven(text(sql).bindparams(no=False, **self._gone))

    def _claiming(self, among: str) -> Driven:
        sql = (
            f"UPDATE {self._table.name} SET state = 'sending', owner = :by, lease_until = :until, "  # noqa: S608
            f"unsent = :no WHERE id {among}"
        )
        return Driven(text(sql).bindparams(no=False))

    def looking(self, columns: Sequence[str | ColumnElement[Any]], *where: ColumnElement[bool]) -> Looking:
        """What `due` runs: these columns of what is queued, longest due first. Made once, run often.

        All rows come as one value: SQLite's driver gives the interpreter away at each row that it fetches.
        """
        mine = self._table.c
        rows = (
            select(*(mine[each] if isinstance(each, str) else each for each in columns))
            .where(self.queued, *where, mine.next_at <= bindparam("now", type_=Instant()))
            .order_by(mine.next_at, mine.id)
            .limit(bindparam("most", type_=Integer))
            .with_for_update(skip_locked=True, of=self._table)
            .subquery()
        )
        return Looking(
            {
                "sqlite": Driven(select(func.json_group_array(func.json_array(*rows.c)))),
                "postgresql": Driven(select(func.json_agg(func.json_build_array(*rows.c)))),
            }
        )

    def due(
        self, conn: Connection, looking: Looking, now: datetime, limit: int, **values: object
    ) -> list[list[Any]]:
        """What is due of that, each with its columns as they are stored; what another process claims is
        passed over.

        Ids first, rows later by key: a subselect inside the UPDATE sorts the whole queue at each claim.
        """
        found = looking[conn.dialect.name].run(conn, now=stored(now), most=limit, **values).scalar()
        rows: list[list[Any]] = json.loads(found) if isinstance(found, str) else found or []
        return rows

    def take(self, conn: Connection, ids: Sequence[int], owner: str, until: datetime) -> None:
        """These, seen as `due` in the same transaction, are in the hands of `owner` until then.

        They are about to go on the wire: should we die, what has no result is in doubt.
        """
        if not ids:
            return
        some = json.dumps(ids) if conn.dialect.name == "sqlite" else list(ids)
        self._taking[conn.dialect.name].run(conn, some=some, by=owner, until=stored(until))

    def put_back(self, conn: Connection, ids: Sequence[int], owner: str) -> int:
        """Queue claimed letters again that did not go on the wire, as if they had not been claimed."""
        mine, free = self._table.c, {"owner": None, "lease_until": None, "unsent": False}
        owned = (self.sending, mine.owner == owner)
        back = update(self._table).values(free | {"state": DeliveryState.QUEUED})
        return sum(conn.execute(back.where(mine.id.in_(some), *owned)).rowcount for some in chunks(ids))

    def sent(self, conn: Connection, replies: Sequence[tuple[int, str]], owner: str, now: datetime) -> int:
        """Record that these were taken, each with what the server said; how many were still `owner`'s."""
        if not replies:
            return 0
        ids, words = zip(*replies, strict=True)
        if conn.dialect.name == "postgresql":
            values: dict[str, Any] = {"ids": list(ids), "words": list(words)}
        else:
            values = {"rows": json.dumps(replies)}
        return self._done[conn.dialect.name].run(conn, by=owner, now=stored(now), **values).rowcount

    def finish(
        self,
        conn: Connection,
        letter_id: int,
        owner: str,
        state: DeliveryState,
        reason: str,
        now: datetime,
        *,
        next_at: datetime | None = None,
        count_try: bool = True,
        uncertain: bool = False,
        count_fault: bool = False,
    ) -> bool:
        """Record what became of a claimed letter; False when the claim is not `owner`'s any more.

        `state` QUEUED means again at `next_at`, the others are final. `count_try` False leaves `tries`
        (the server was away); `uncertain` True counts a lost answer, `count_fault` True a fault of ours.
        """
        final, mine = state in _FINAL, self._table.c
        if state is DeliveryState.SENDING or (not final and next_at is None):
            raise ValueError("a letter is finished, or queued again with its next instant")
        values: dict[str, Any] = {
            "state": state, "reason": reason, "owner": None, "lease_until": None,
            "finished_at": now if final else None, "tries": mine.tries + int(count_try), "unsent": False,
            "uncertain": mine.uncertain + int(uncertain), "faults": mine.faults + int(count_fault),
        }  # fmt: skip
        if uncertain or final:
            values |= self._gone
        if not final:
            values["next_at"] = next_at
            values |= {} if count_try else self._put_back
        owned = (mine.id == letter_id, self.sending, mine.owner == owner)
        return conn.execute(update(self._table).where(*owned).values(values)).rowcount == 1

    def reclaim(
        self,
        conn: Connection,
        now: datetime,
        *,
        owners: Sequence[str] = (),
        unseen: Sequence[int] = (),
        held: bool = False,
    ) -> int:
        """Take back what dead processes had in hand; how many letters that were.

        Dead are claims whose lease has passed and all claims of `owners`. Of those, `unseen` were not handed
        over: they are queued again as they were, behind what is due already, so that one over which each
        process dies holds up nobody (P9). Whether another one went out nobody knows, as its process died or
        could not write that down: it is queued again, once, with the same Message-ID, unless it is to be
        `held`; the second time it stays uncertain.
        """
        mine = self._table.c
        for some in chunks(unseen):
            theirs = (mine.id.in_(some), self.sending, mine.owner.in_(owners))
            conn.execute(update(self._table).where(*theirs).values(unsent=True))
        dead: list[ColumnElement[bool]] = [mine.lease_until <= now]
        if owners:
            dead.append(mine.owner.in_(owners))
        lost = update(self._table).where(self.sending, or_(*dead))
        free = {"owner": None, "lease_until": None, "unsent": False}
        doubt = free | self._gone | {"uncertain": mine.uncertain + 1}
        parked = doubt | {"state": DeliveryState.UNCERTAIN, "finished_at": now}
        again = {"state": DeliveryState.QUEUED, "next_at": now}
        once = doubt | again | {"reason": ANSWER_LOST} | self._put_back
        if held:
            once = parked | {"reason": ANSWER_LOST}
        ways: list[tuple[ColumnElement[bool], dict[str, Any]]] = [
            (mine.unsent, free | again | self._put_back),
            (and_(~mine.unsent, mine.uncertain >= 1), parked | {"reason": ANSWER_LOST_TWICE}),
            (and_(~mine.unsent, mine.uncertain == 0), once),
        ]
        return sum(conn.execute(lost.where(which).values(values)).rowcount for which, values in ways)

    def set_aside(self, conn: Connection, reason: str, now: datetime) -> int:
        """Make everything queued or in hand uncertain, for a person to decide (`retry`); how many letters."""
        values = {"state": DeliveryState.UNCERTAIN, "reason": reason, "owner": None, "lease_until": None}
        waiting = update(self._table).where(or_(self.queued, self.sending))
        return conn.execute(waiting.values(values | {"finished_at": now})).rowcount

    def in_hand(self, conn: Connection, owner: str) -> list[int]:
        """What this process has in hand."""
        mine = self._table.c
        return list(conn.scalars(select(mine.id).where(self.sending, mine.owner == owner)))

    def owners(self, conn: Connection) -> list[str]:
        """Who has letters in hand."""
        owner = self._table.c.owner
        return list(conn.scalars(select(owner).where(self.sending).distinct().order_by(owner)))

    def next_due(self, conn: Connection) -> datetime | None:
        """When the next queued letter is due; it may have passed."""
        mine = self._table.c
        query = select(mine.next_at).where(self.queued).order_by(mine.next_at, mine.id).limit(1)
        return conn.scalar(query)

    def accounting(
        self, conn: Connection, *where: ColumnElement[bool]
    ) -> dict[tuple[DeliveryState, str], int]:
        """Letters by state and reason (P5).

        What the server said to a sent letter is no reason: all sent ones count under ``""``.
        """
        mine = self._table.c
        told = mine.state != DeliveryState.SENT
        query = select(mine.state, mine.reason, func.count()).where(told, *where)
        counts = {
            (state, reason): n for state, reason, n in conn.execute(query.group_by(mine.state, mine.reason))
        }
        sent = conn.scalar(select(func.count()).select_from(self._table).where(~told, *where)) or 0
        return counts | ({(DeliveryState.SENT, ""): sent} if sent else {})
