"""The compose pass: audiences that are due -> digests and their deliveries.

Work grows with distinct wishes: one audience, one digest, one row for each
member. Unique keys and a compare-and-set on what the audience has covered make
any number of composers safe (P8); an item that a member was already sent is
left out of that member's digest (P4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from feeds import digest as digests_rule
from feeds import log, schedule
from feeds.composing.renewing import renew
from feeds.composing.rules import ComposeRules, current
from feeds.errors import StoreError
from feeds.model import Cadence, Correction, Digest, Period
from feeds.restoring import after_restore
from feeds.store import Conflict, Connection, Store, deliveries, digests, history, items

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
class ComposeReport:
    """Digests made, audiences whose digest failed, with the reason (P9), and letters composed anew."""

    composed: list[Composed] = field(default_factory=list)
    failed: list[tuple[int, str]] = field(default_factory=list)
    renewed: int = 0


def compose(
    store: Store, rules: ComposeRules, now: datetime, *, early: bool = False, dry_run: bool = False
) -> ComposeReport:
    """Make every digest that is due at `now`.

    With `early`, daily and weekly audiences get the digest of their running
    period at once; its own hour then brings nothing more. With `dry_run`
    nothing is stored.
    """
    report = ComposeReport()
    after_restore(store, now)
    if not dry_run:
        _renew_all(store, rules, now, report)
    with store.read() as conn:
        audiences = [current(row, rules.vocabulary) for row in digests.audiences(conn)]
    for row in audiences:
        try:
            report.composed += _compose_one(store, rules, row, now, early=early, dry_run=dry_run)
        except Conflict as error:  # a race lost three times over: the next tick tries again
            report.failed.append((row.id, str(error)))
        except StoreError:  # what ails the database ails every audience: each would wait for it in vain
            raise
        except Exception as error:  # one bad digest never holds up the others (P9)
            logger.exception("compose-failed", audience=row.id)
            report.failed.append((row.id, f"{type(error).__name__}: {error}"))
    if report.composed and not dry_run:
        logger.info("composed", digests=len(report.composed))
    return report


def _renew_all(store: Store, rules: ComposeRules, now: datetime, report: ComposeReport) -> None:
    """First of all what waits for new words: who gets them is owed no note of the same change."""
    with store.read() as conn:
        waiting = deliveries.outdated(conn)
    for digest_id in waiting:
        try:
            report.renewed += renew(store, rules, digest_id, now)
        except Exception as error:  # it waits, and the others go on (P9)
            logger.exception("renew-failed", digest=digest_id)
            report.failed.append((digest_id, f"{type(error).__name__}: {error}"))
    if waiting:
        logger.info("renewed", digests=len(waiting), letters=report.renewed)


def _compose_one(
    store: Store, rules: ComposeRules, row: digests.AudienceRow, now: datetime, *, early: bool, dry_run: bool
) -> list[Composed]:
    def run(conn: Connection) -> list[Composed]:
        digests.lock_compose(conn)
        until_at = items.latest_announced(conn)
        due = _due(rules, row, until_at, now, early=early)
        if due is None:
            return []
        if isinstance(due, schedule.Late):
            digests.cover(conn, row.id, row.covered_at, row.covered_at, due.period.key)
            logger.warning("digest-late", audience=row.id, period=due.period.key)
            return []
        covered_at = max(row.covered_at, until_at or row.covered_at)
        if not digests.cover(conn, row.id, row.covered_at, covered_at, due.key):
            return []  # another process composed this audience
        return _store(conn, rules, row, due, covered_at, now)

    if not dry_run:
        return store.transact(run)
    with store.rehearse() as conn:
        return run(conn)


def _due(
    rules: ComposeRules, row: digests.AudienceRow, until_at: datetime | None, now: datetime, *, early: bool
) -> Period | schedule.Late | None:
    if row.audience.cadence is Cadence.IMMEDIATE:
        return _immediate(row, until_at, now)
    if early:
        period = schedule.current_period(row.audience, now)
        # Its date is that of the mail: today, although its hour is still to come.
        early_period = replace(period, due_at=now)
        return None if row.last_period and period.key <= row.last_period else early_period
    return schedule.due(row.audience, row.last_period, now, rules.max_late)


def _immediate(row: digests.AudienceRow, until_at: datetime | None, now: datetime) -> Period | None:
    if until_at is not None and until_at > row.covered_at:
        return schedule.immediate_period(until_at)
    if not row.owes:
        return None
    # Nothing new, but who came here from a daily or weekly digest does not wait for the next news to get
    # what was waiting there. The key is that of no announcement: each period is mailed once to a member.
    period = schedule.immediate_period(now)
    return replace(period, key=f"{period.key}+")


def _store(
    conn: Connection,
    rules: ComposeRules,
    row: digests.AudienceRow,
    period: Period,
    until_at: datetime,
    now: datetime,
) -> list[Composed]:
    """One digest for all, and a variant for members who had some of it, are owed corrections, or are
    owed more because they came from another audience. Equal ones are one, whoever they are for."""
    members = digests.members(conn, row.id)
    letters: dict[str, tuple[Digest, list[digests.MemberRow]]] = {}
    for since_at, some in _by_start(members, row.covered_at).items():
        empty = Digest(audience=row.audience, period=period, since_at=since_at, until_at=until_at, groups=())
        for digest, group in _variants(conn, rules, row.id, empty, some):
            letters.setdefault(digests_rule.variant(digest), (digest, []))[1].extend(group)
    digests.caught_up(conn, row.id, [each.id for each in members if each.from_at is not None])
    return [_store_variant(conn, rules, row, digest, group, now) for digest, group in letters.values()]


def _by_start(
    members: Sequence[digests.MemberRow], covered_at: datetime
) -> dict[datetime, list[digests.MemberRow]]:
    """Members by the instant from which they are owed news: nearly all where the audience stands."""
    groups: dict[datetime, list[digests.MemberRow]] = {covered_at: []}
    for each in members:
        groups.setdefault(min(each.from_at or covered_at, covered_at), []).append(each)
    return {since_at: group for since_at, group in groups.items() if group}


def _variants(
    conn: Connection,
    rules: ComposeRules,
    audience_id: int,
    empty: Digest,
    members: Sequence[digests.MemberRow],
) -> Iterator[tuple[Digest, list[digests.MemberRow]]]:
    """What these members get of the time that `empty` spans, with those who get the same."""
    since_at, until_at = empty.since_at, empty.until_at
    found = items.announced_between(conn, since_at, until_at)
    digest = digests_rule.build(empty.audience, empty.period, since_at, until_at, found, rules.vocabulary)
    corrections = history.corrections_between(conn, since_at, until_at)
    if digest is None and not corrections:
        return
    for (had, owed), group in _groups(conn, audience_id, digest, corrections, members).items():
        variant = digests_rule.for_member(digest, empty, had, owed)
        if variant is not None:
            yield variant, group


_Group = tuple[frozenset[str], tuple[Correction, ...]]


def _groups(
    conn: Connection,
    audience_id: int,
    digest: Digest | None,
    corrections: Sequence[Correction],
    members: Sequence[digests.MemberRow],
) -> dict[_Group, list[digests.MemberRow]]:
    """Members by what they were sent of the digest before, and by the corrections they are owed."""
    new_ids = [entry.item.id for entry in digest.entries()] if digest else []
    old_ids = [each.item.id for each in corrections]
    mailed = digests.already_mailed(conn, audience_id, [*new_ids, *old_ids])
    told = digests.already_told(conn, audience_id, old_ids)
    groups: dict[_Group, list[digests.MemberRow]] = defaultdict(list)
    for each in members:
        had = mailed.get(each.id, {})
        owed = digests_rule.owed(corrections, had, told.get(each.id, {}))
        groups[frozenset(had.keys() & set(new_ids)), owed].append(each)
    return groups


def _store_variant(
    conn: Connection,
    rules: ComposeRules,
    row: digests.AudienceRow,
    digest: Digest,
    members: Sequence[digests.MemberRow],
    now: datetime,
) -> Composed:
    rendered = rules.letters.digest(digest)
    digest_id = digests.insert_digest(
        conn,
        row.id,
        digest,
        variant=digests_rule.variant(digest),
        rendered=rendered,
        page=rules.opaque(),
        composed_at=now,
    )
    if digest_id is not None:
        queued = [
            deliveries.NewDelivery(
                subscriber_id=each.id, address=each.address, message_id=f"<{rules.opaque()}@{rules.domain}>"
            )
            for each in members
        ]
        deliveries.queue(conn, digest_id, queued, now)
    return Composed(
        audience_id=row.id,
        cadence=row.audience.cadence,
        period=digest.period.key,
        items=len(digest.entries()),
        members=len(members),
        subject=rendered.subject,
    )
