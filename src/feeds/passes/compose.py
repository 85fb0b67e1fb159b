"""The compose pass: audiences that are due -> digests and their deliveries.

Work grows with distinct wishes: one audience, one digest, one row for each
member. Unique keys and a compare-and-set on what the audience has covered make
any number of composers safe (P8); an item that a member was already sent is
left out of that member's digest (P4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from feeds import digest as digests_rule
from feeds import log, schedule
from feeds.letters import Letters
from feeds.model import Cadence, Digest, Period, Vocabulary
from feeds.store import Connection, Store, deliveries, digests, items

logger = log.get("compose")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeRules:
    """`opaque` makes unguessable names for Message-IDs; `domain` is their right side."""

    letters: Letters
    vocabulary: Vocabulary
    max_late: timedelta
    domain: str
    opaque: Callable[[], str]


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
    """Digests made, and audiences whose digest failed, with the reason (P9)."""

    composed: list[Composed] = field(default_factory=list)
    failed: list[tuple[int, str]] = field(default_factory=list)


def compose(
    store: Store, rules: ComposeRules, now: datetime, *, early: bool = False, dry_run: bool = False
) -> ComposeReport:
    """Make every digest that is due at `now`.

    With `early`, daily and weekly audiences get the digest of their running
    period at once; its own hour then brings nothing more. With `dry_run`
    nothing is stored.
    """
    report = ComposeReport()
    with store.read() as conn:
        audiences = digests.audiences(conn)
    for row in audiences:
        try:
            report.composed += _compose_one(store, rules, row, now, early=early, dry_run=dry_run)
        except Exception as error:  # one bad digest never holds up the others (P9)
            logger.exception("compose-failed", audience=row.id)
            report.failed.append((row.id, f"{type(error).__name__}: {error}"))
    if report.composed and not dry_run:
        logger.info("composed", digests=len(report.composed))
    return report


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
        found = items.announced_between(conn, row.covered_at, covered_at)
        digest = digests_rule.build(row.audience, due, row.covered_at, covered_at, found, rules.vocabulary)
        return _store(conn, rules, row, digest, now) if digest else []

    if not dry_run:
        return store.transact(run)
    with store.rehearse() as conn:
        return run(conn)


def _due(
    rules: ComposeRules, row: digests.AudienceRow, until_at: datetime | None, now: datetime, *, early: bool
) -> Period | schedule.Late | None:
    if row.audience.cadence is Cadence.IMMEDIATE:
        fresh = until_at is not None and until_at > row.covered_at
        return schedule.immediate_period(until_at) if fresh and until_at else None
    if early:
        period = schedule.current_period(row.audience, now)
        # Its date is that of the mail: today, although its hour is still to come.
        early_period = replace(period, due_at=now)
        return None if row.last_period and period.key <= row.last_period else early_period
    return schedule.due(row.audience, row.last_period, now, rules.max_late)


def _store(
    conn: Connection, rules: ComposeRules, row: digests.AudienceRow, digest: Digest, now: datetime
) -> list[Composed]:
    """Members who were sent some of the items already get a variant without them."""
    members = digests.members(conn, row.id)
    item_ids = [entry.item.id for entry in digest.entries()]
    mailed = digests.already_mailed(conn, row.id, item_ids)
    made = []
    for had, group in _by_what_they_had(members, mailed).items():
        variant = digests_rule.without(digest, had) if had else digest
        if variant is not None:
            made.append(_store_variant(conn, rules, row, variant, group, now))
    return made


def _by_what_they_had(
    members: Sequence[tuple[int, str]], mailed: Mapping[int, set[str]]
) -> dict[frozenset[str], list[tuple[int, str]]]:
    groups: dict[frozenset[str], list[tuple[int, str]]] = defaultdict(list)
    for subscriber_id, address in members:
        groups[frozenset(mailed.get(subscriber_id, ()))].append((subscriber_id, address))
    return groups


def _store_variant(
    conn: Connection,
    rules: ComposeRules,
    row: digests.AudienceRow,
    digest: Digest,
    members: Sequence[tuple[int, str]],
    now: datetime,
) -> Composed:
    rendered = rules.letters.digest(digest)
    digest_id = digests.insert_digest(
        conn, row.id, digest, variant=digests_rule.variant(digest), rendered=rendered, composed_at=now
    )
    if digest_id is not None:
        queued = [
            deliveries.NewDelivery(
                subscriber_id=subscriber_id, address=address, message_id=f"<{rules.opaque()}@{rules.domain}>"
            )
            for subscriber_id, address in members
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
