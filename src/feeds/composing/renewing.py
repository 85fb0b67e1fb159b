"""Letters composed anew: an item of theirs was corrected or taken back before they were handed over (P12).

The change itself marks them (`deliveries.outdate`), in its own transaction: from then on nobody sends them.
Here they get a digest of what is left, as it is now; one that is left empty is suppressed with that reason.
Period, member and Message-ID stay. Who was sent the old words gets the note in the next digest, as always.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from feeds import digest as digests_rule
from feeds.composing.rules import ComposeRules, current
from feeds.model import Digest, Period
from feeds.store import Connection, Store, deliveries, digests, history, items

EMPTY = "all its news was withdrawn, or is not of these topics any more"


def renew(store: Store, rules: ComposeRules, digest_id: int, now: datetime) -> int:
    """Give the outdated letters of a digest their new words; how many get some."""

    def run(conn: Connection) -> int:
        digests.lock_compose(conn)
        old = digests.stored(conn, digest_id)
        made = _made(conn, rules, old)
        if made is None:
            deliveries.suppress_outdated(conn, digest_id, EMPTY, now)
            return 0
        rendered = rules.letters.digest(made)
        # Named after the one that it takes the place of: the same items may have been told before.
        variant = f"{digests_rule.variant(made)}/{old.id}"
        new_id = digests.insert_digest(
            conn, old.audience_id, made, variant=variant, rendered=rendered, page=rules.opaque(),
            composed_at=now,
        )  # fmt: skip
        return deliveries.renew(conn, digest_id, new_id) if new_id is not None else 0

    return store.transact(run)


def _made(conn: Connection, rules: ComposeRules, old: digests.StoredDigest) -> Digest | None:
    """What the digest would be now: None when nothing is left of it."""
    (row,) = digests.audiences(conn, ids=[old.audience_id])
    audience = current(row, rules.vocabulary).audience
    found = items.by_ids(conn, old.item_ids)
    live = [found[key] for key in old.item_ids if key in found and found[key].withdrawn_at is None]
    period = Period(key=old.period, due_at=old.composed_at)
    # Its reader learns of no later change by a note: these words have it.
    until_at = max([old.until_at, *(each.updated_at for each in live)])
    empty = Digest(audience=audience, period=period, since_at=old.since_at, until_at=until_at, groups=())
    made = digests_rule.build(audience, period, old.since_at, until_at, live, rules.vocabulary)
    last = history.last_changes(conn, old.told)
    corrections = tuple(last[key] for key in old.told if key in last)
    if corrections:
        empty = replace(empty, until_at=max([until_at, *(each.item.updated_at for each in corrections)]))
        made = made and replace(made, until_at=empty.until_at)
    return digests_rule.for_member(made, empty, (), corrections)
