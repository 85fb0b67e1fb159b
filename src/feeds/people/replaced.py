"""What took the place of what a mail names: who edits a filter and then leaves by an older mail does leave.

RFC 8058 section 1: one click, and the mail stops. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from feeds.store.subscribers import CHANGED, SubscriptionRow


def in_place_of(rows: Sequence[SubscriptionRow], texts: Collection[str]) -> list[SubscriptionRow]:
    """The active ones of somebody's subscriptions that a mail with these filters stands for.

    `rows`: all that they ever had, oldest first. A filter that they have now stands for itself; one that was
    edited for what took its place, and so on; one that was stopped for nothing.
    """
    last = {row.filter_text: row for row in rows if row.filter_text in texts}
    found = {each.id: each for row in last.values() for each in _heirs(rows, row)}
    return [found[key] for key in sorted(found)]


def _heirs(rows: Sequence[SubscriptionRow], row: SubscriptionRow) -> list[SubscriptionRow]:
    if row.ended_at is None:
        return [row]
    if row.ended_reason != CHANGED:
        return []
    # One transaction ends the old one and begins the new one, at the same instant.
    after = [each for each in rows if each.id > row.id and each.created_at == row.ended_at]
    return [heir for each in after for heir in _heirs(rows, each)]
