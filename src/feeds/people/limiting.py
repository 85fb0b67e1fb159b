"""What is let through and what is not: limits by sliding window, shared by all processes (T9, T11, T15)."""

from __future__ import annotations

import math
from datetime import datetime

from feeds import links, log
from feeds.model import LinkPurpose
from feeds.people.networks import network_of
from feeds.people.rules import Limited, Limits, PeopleRules
from feeds.store import Connection, Store, limits
from feeds.tokens import Tokens

logger = log.get("people")

# What one attempt is counted under; what it is counted by is a keyed hash.
NETWORK, SITE, CONFIRMATION, OPENING, MISS = "network", "site", "confirmation", "opening", "miss"
SIGNING_IN = "signing-in"
_EVERYBODY = "*"


def pass_network(conn: Connection, tokens: Tokens, rules: Limits, client: str, now: datetime) -> None:
    """Count one act that causes a mail, from this client. Raises Limited when its network has used up its
    share, or everybody together theirs: then nothing is counted."""
    limits.lock(conn)
    keys = tokens.hashes(NETWORK, network_of(client))
    _pass(conn, NETWORK, keys, rules.per_network, rules, now)
    _pass(conn, SITE, [_EVERYBODY], rules.per_site, rules, now)
    limits.note(conn, NETWORK, keys[0], now)
    limits.note(conn, SITE, _EVERYBODY, now)


def _pass(conn: Connection, kind: str, keys: list[str], allowed: int, rules: Limits, now: datetime) -> None:
    last = limits.nth(conn, kind, keys, now - rules.window, allowed)
    if last is None:
        return
    if kind == SITE:
        logger.warning("signup-flood", limit=allowed)
    wait = (last + rules.window - now).total_seconds()
    raise Limited(max(1, math.ceil(wait)), site=kind == SITE)


def confirmations(conn: Connection, hashes: list[str], rules: Limits, now: datetime) -> tuple[int, int]:
    """How many confirmation mails an address was sent lately, and in all since it last confirmed."""
    found = limits.since(conn, CONFIRMATION, hashes, now - rules.address_window, rules.address_total)
    return sum(at > now - rules.address_gap for at in found), len(found)


def may_try(store: Store, rules: PeopleRules, client: str, now: datetime) -> None:
    """Raises Limited where a client's network has tried too many links that we never made (T11)."""
    keys = rules.tokens.hashes(MISS, network_of(client))
    with store.read() as conn:
        _pass(conn, MISS, keys, rules.limits.misses, rules.limits, now)


def missed(
    store: Store, rules: PeopleRules, client: str, now: datetime, purpose: LinkPurpose | None, secret: str
) -> None:
    """Count a link that leads nowhere, unless it is one of ours that is used or over. Raises as `may_try`.

    `purpose` is None for a signed link: whether we made it is known without looking, as for all links that
    were made since they carry a mark (`links.ours`).
    """

    def run(conn: Connection) -> None:
        if purpose is not None and links.find(conn, rules.tokens, purpose, secret) is not None:
            return
        limits.lock(conn)
        keys, allowed = rules.tokens.hashes(MISS, network_of(client)), rules.limits.misses
        _pass(conn, MISS, keys, allowed, rules.limits, now)
        limits.note(conn, MISS, keys[0], now)
        if limits.nth(conn, MISS, keys, now - rules.limits.window, allowed) is not None:
            logger.warning("links-guessed", limit=allowed)

    store.transact(run)
