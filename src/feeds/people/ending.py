"""What ends somebody's mail without their doing: bounces, complaints, the operator. And what undoes it.

Who bounced may come back by asking again; who complained or was blocked is not even asked.
"""

from __future__ import annotations

from datetime import datetime

from feeds.mail.addresses import address_key
from feeds.model import SubscriberState, Suppression
from feeds.people import placing
from feeds.people.signup import ADDRESS
from feeds.store import (
    Connection,
    Store,
    deliveries,
    people,
    returns,
    secrets,
    subscribers,
    subscriptions,
)
from feeds.tokens import Tokens

_STATES = {
    Suppression.BOUNCED: SubscriberState.BOUNCED,
    Suppression.COMPLAINED: SubscriberState.COMPLAINED,
    Suppression.BLOCKED: SubscriberState.BLOCKED,
}
_HAD_MAIL = {SubscriberState.ACTIVE, SubscriberState.PAUSED, SubscriberState.LEFT, SubscriberState.BOUNCED}


def end(
    store: Store, tokens: Tokens, subscriber_id: int, why: Suppression, reason: str, now: datetime
) -> bool:
    """`end_in` in a transaction of its own."""
    return store.transact(lambda conn: end_in(conn, tokens, subscriber_id, why, reason, now))


def end_in(
    conn: Connection, tokens: Tokens, subscriber_id: int, why: Suppression, reason: str, now: datetime
) -> bool:
    """Somebody bounced, complained or is blocked: no more mail, queued letters included. False: known before.

    What they wanted stays as it was, and so does how far each filter has brought them: should it have
    been a mistake, nothing was lost.
    """
    person = subscribers.get(conn, subscriber_id, lock=True)
    state = _STATES[why]
    gone = why is Suppression.BOUNCED and person is not None and person.state is SubscriberState.LEFT
    if person is None or person.state not in _HAD_MAIL or person.state is state or gone:
        return False
    secrets.suppress(conn, tokens.hash(ADDRESS, person.address_key), why, now)
    waiting_since = deliveries.suppress_for(conn, person.id, None, f"{why}: {reason}", now)
    if person.state is SubscriberState.ACTIVE:
        subscriptions.freeze(conn, person.id, waiting_since)
    subscribers.set_state(conn, person.id, state, now, reason)
    placing.ended(conn)
    return True


def block(store: Store, tokens: Tokens, address: str, now: datetime) -> None:
    """Put an address on the suppression list, whoever has it: it is never written to again."""
    hashed = tokens.hash(ADDRESS, address_key(address))
    store.transact(lambda conn: secrets.suppress(conn, hashed, Suppression.BLOCKED, now))


def restore(store: Store, tokens: Tokens, subscriber_id: int, now: datetime) -> bool:
    """It was a mistake: somebody who bounced, complained or was blocked gets mail as before, with what came
    meanwhile. False: they were none of these."""

    def run(conn: Connection) -> bool:
        returns.forget(conn, [subscriber_id])
        return restore_in(conn, tokens, subscriber_id, now)

    return store.transact(run)


def restore_in(conn: Connection, tokens: Tokens, subscriber_id: int, now: datetime) -> bool:
    """`restore` in the caller's transaction; what came back of their letters is not forgotten."""
    person = subscribers.get(conn, subscriber_id, lock=True)
    if person is None or person.state not in _STATES.values():
        return False
    secrets.lift(conn, tokens.hashes(ADDRESS, person.address_key), tuple(_STATES), now)
    subscribers.set_state(conn, person.id, SubscriberState.ACTIVE, now)
    again = subscribers.get(conn, person.id)
    assert again is not None
    placing.settle(conn, again, now, "")
    return True


def bounced_since(store: Store, since: datetime, limit: int = 10_000) -> list[int]:
    """Who bounced at that instant or later, for `restore` after a fault of a server."""
    with store.read() as conn:
        return people.ended_since(conn, SubscriberState.BOUNCED, since, limit)
