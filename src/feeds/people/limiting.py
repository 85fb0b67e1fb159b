"""What is let through and what is not: limits by sliding window that all web processes share (T9, T15)."""

from __future__ import annotations

import math
from datetime import datetime

from feeds import log
from feeds.people.networks import network_of
from feeds.people.rules import Limited, Limits
from feeds.store import Connection, limits
from feeds.tokens import Tokens

logger = log.get("people")

# What one attempt is counted under; what it is counted by is a keyed hash.
NETWORK, SITE, CONFIRMATION, OPENING = "network", "site", "confirmation", "opening"
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
    before = limits.since(conn, kind, keys, now - rules.window, allowed)
    if len(before) < allowed:
        return
    if kind == SITE:
        logger.warning("signup-flood", limit=allowed)
    wait = (before[-1] + rules.window - now).total_seconds()
    raise Limited(max(1, math.ceil(wait)), site=kind == SITE)


def confirmations(conn: Connection, hashes: list[str], rules: Limits, now: datetime) -> tuple[int, int]:
    """How many confirmation mails an address was sent lately, and in all since it last confirmed."""
    found = limits.since(conn, CONFIRMATION, hashes, now - rules.address_window, rules.address_total)
    return sum(at > now - rules.address_gap for at in found), len(found)
