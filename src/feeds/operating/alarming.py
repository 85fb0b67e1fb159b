"""Alarms in the database: raised once, cleared by themselves, told by one mail, whoever sees it first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from feeds import log
from feeds.alarms import Alarm, Trouble, is_ours
from feeds.letters.alarm import AlarmLetters
from feeds.model import NoticeKind, RenderedMail
from feeds.store import Connection, Store, alarms, notices
from feeds.store.alarms import AlarmRow

logger = log.get("alarms")

# What looks mended for so long is.
CALM = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmMails:
    """Who is told, and by whom: `message_id` makes a new one each time."""

    letters: AlarmLetters
    to: str
    lang: str
    message_id: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done about alarms: raise these, the ones that are no better after all, the ones that
    look well for the first time, and the ones that are over."""

    up: tuple[Alarm, ...] = ()
    bad: tuple[str, ...] = ()
    well: tuple[str, ...] = ()
    over: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing is to be done, as nearly always."""
        return not (self.up or self.bad or self.well or self.over)


def plan(
    rows: Mapping[str, AlarmRow], judged: Sequence[Alarm], host: str, running: Collection[str], now: datetime
) -> Plan:
    """What follows from a look at `now` from `host`; `rows` are the alarms that are up, `running` the hosts
    on which processes run.
    """
    seen = {alarm.key for alarm in judged}
    better = [row for row in rows.values() if row.key not in seen and is_ours(row.key, host, running)]
    return Plan(
        up=tuple(alarm for alarm in judged if alarm.key not in rows),
        bad=tuple(key for key in seen if key in rows and rows[key].well_at is not None),
        well=tuple(row.key for row in better if row.well_at is None),
        over=tuple(row.key for row in better if row.well_at is not None and now - row.well_at >= CALM),
    )


def settle(
    store: Store,
    judged: Sequence[Alarm],
    mails: AlarmMails | None,
    host: str,
    running: Collection[str],
    now: datetime,
) -> Plan:
    """Raise what is new, clear what is over, and queue the mails in the same transaction; what was done."""
    with store.read() as conn:
        if plan(alarms.up(conn), judged, host, running, now).empty:
            return Plan()
    with store.write() as conn:
        alarms.lock(conn)
        rows = alarms.up(conn)
        done = plan(rows, judged, host, running, now)
        _carry_out(conn, done, rows, mails, host, now)
    for alarm in done.up:
        logger.error("alarm", key=alarm.key, since=alarm.since.isoformat(), **alarm.values)
    for key in done.over:
        logger.info("alarm-over", key=key)
    return done


def _carry_out(
    conn: Connection,
    done: Plan,
    rows: Mapping[str, AlarmRow],
    mails: AlarmMails | None,
    host: str,
    now: datetime,
) -> None:
    for alarm in done.up:
        times = alarms.put_up(conn, alarm.key, alarm.values, alarm.since)
        if mails:
            _queue(conn, mails, f"{alarm.key}/{times}/up", mails.letters.raised(alarm, host, mails.lang), now)
    for key in done.bad:
        alarms.looks_well(conn, key, None)
    for key in done.well:
        alarms.looks_well(conn, key, now)
    for key in done.over:
        alarms.take_down(conn, key, now)
        if mails:
            row = rows[key]
            mail = mails.letters.cleared(alarm_of(row), row.well_at or now, host, mails.lang)
            _queue(conn, mails, f"{key}/{row.times}/over", mail, now)


def alarm_of(row: AlarmRow) -> Alarm:
    """An alarm as it was raised."""
    trouble, _, where = row.key.partition("/")
    return Alarm(trouble=Trouble(trouble), where=where, since=row.raised_at, values=row.values)


def _queue(conn: Connection, mails: AlarmMails, key: str, mail: RenderedMail, now: datetime) -> None:
    new = notices.NewNotice(
        key=f"alarm/{key}", kind=NoticeKind.ALARM, address=mails.to, lang=mails.lang,
        message_id=mails.message_id(), mail=mail,
    )  # fmt: skip
    notices.queue(conn, new, now)
