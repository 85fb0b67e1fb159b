"""Everything that the operator's page shows, gathered in one snapshot. No query of it walks through items,
people or letters: what needs that is counted each hour (`hourly`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from feeds import filters, timewords
from feeds.i18n import Translator
from feeds.letters.alarm import titled
from feeds.model import Vocabulary
from feeds.operating import topics
from feeds.operating.alarming import alarm_of
from feeds.operating.measuring import Measured
from feeds.pages.operator.views import AtHost, Days, Loop, Next, Overview, Raised, Waiting
from feeds.store import Connection, alarms, daybook, figures, glances
from feeds.store.figures import QueueFigures
from feeds.store.glances import NextRow
from feeds.store.passes import PassRow
from feeds.wording import describe

HOSTS, NEXTS = 12, 8
SHOWN = timedelta(days=60)
PEOPLE, BOUNCES = "people/", "bounces/"


def overview(
    conn: Connection,
    measured: Measured,
    vocabulary: Vocabulary,
    every: Mapping[str, timedelta],
    t: Translator,
) -> Overview:
    """The facts, names in the language of `t`; `every`: how often each pass runs by itself."""
    found, since = measured.figures, measured.at - SHOWN
    counts = daybook.latest(conn)
    return Overview(
        at=measured.at,
        alarms=[
            Raised(since=row.raised_at, title=titled(alarm_of(row), t)) for row in alarms.up(conn).values()
        ],
        loops=loops(found.passes, every, found.due_at, _first(found.digests, found.notices)),
        last_bulletin_at=found.last_bulletin_at,
        held=found.held,
        unpublished=found.unpublished,
        unpublished_since=found.unpublished_since,
        digests=_waiting(found.digests),
        notices=_waiting(found.notices),
        most=figures.MOST,
        hosts=[AtHost(host=each.host, waiting=each.waiting, deferred=each.deferred)
               for each in glances.by_host(conn, HOSTS)],
        nexts=[_next(row, vocabulary, t) for row in glances.next_audiences(conn, NEXTS)],
        counted_at=daybook.latest_at(conn),
        items=counts.get("items", 0),
        people=_below(counts, PEOPLE),
        growth=last_of_days(daybook.series(conn, f"{PEOPLE}active", since)),
        sent=growth_of_days(daybook.series(conn, f"{figures.LETTERS}sent", since)),
        bounced=last_of_days(daybook.series(conn, f"{BOUNCES}hard", since)),
        bounces=found.bounces,
        topics=topics.judged(counts, vocabulary, t.lang),
    )  # fmt: skip


def loops(
    rows: Sequence[PassRow],
    every: Mapping[str, timedelta],
    compose_at: datetime | None,
    mail_at: datetime | None,
) -> list[Loop]:
    """The newest run of each pass on each host, and when it comes again."""
    newest: dict[tuple[str, str], PassRow] = {}
    for row in rows:
        before = newest.setdefault((row.name, row.host), row)
        if row.began_at > before.began_at:
            newest[row.name, row.host] = row
    due = {"compose": compose_at, "deliver": mail_at}
    return [
        Loop(
            name=row.name, host=row.host, began_at=row.began_at, ended_at=row.ended_at, took_ms=row.took_ms,
            failed=row.failed, next_at=due.get(row.name, _again(row, every)),
        )
        for row in newest.values()
    ]  # fmt: skip


def _again(row: PassRow, every: Mapping[str, timedelta]) -> datetime | None:
    gap = every.get(row.name)
    return None if gap is None or row.ended_at is None else row.ended_at + gap


def _first(*queues: QueueFigures) -> datetime | None:
    return min((queue.due_at for queue in queues if queue.due_at), default=None)


def _waiting(queue: QueueFigures) -> Waiting:
    return Waiting(waiting=queue.waiting, in_hand=queue.in_hand, due_at=queue.due_at)


def _next(row: NextRow, vocabulary: Vocabulary, t: Translator) -> Next:
    asks = "; ".join(describe(filters.parse(text), vocabulary, t) for text in row.filters)
    return Next(
        due_at=row.due_at, asks=asks, members=row.members, cadence=timewords.short_words(row.cadence, 1, t)
    )


def _below(counts: Mapping[str, int], prefix: str) -> dict[str, int]:
    return {name.removeprefix(prefix): n for name, n in counts.items() if name.startswith(prefix)}


def last_of_days(series: Sequence[tuple[datetime, int]]) -> Days:
    """The last count of each day (UTC)."""
    days: dict[date, int] = {}
    for at, value in series:
        days[at.date()] = value
    return list(days.items())


def growth_of_days(series: Sequence[tuple[datetime, int]]) -> Days:
    """By how much a number that only grows had grown each day: from the first count of a day to the first of
    the next one, on the last day to its last."""
    firsts: dict[date, int] = {}
    for at, value in series:
        firsts.setdefault(at.date(), value)
    if not firsts:
        return []
    days, ends = list(firsts), [*list(firsts.values())[1:], series[-1][1]]
    return [(day, max(0, end - firsts[day])) for day, end in zip(days, ends, strict=True)]
