"""Secret links: made when a letter is sent, known by their hash, used up by a button (T11, T13).

The secret goes into the letter and nowhere else. What a notice carries is only what its link is for;
whoever sends it asks `for_notice` in the transaction that takes the letter in hand. Looking at a link
changes nothing. Each secret ends in a mark that only our keys make, so that one that was ours is told from a
guess without the database, and long after it was erased there.
"""

from __future__ import annotations

import hmac
import secrets as chance
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from feeds.letters.links import CHANGE, LINK, PAUSE, UNSUBSCRIBE
from feeds.mail.addresses import address_key
from feeds.model import LinkPurpose
from feeds.store import Connection, requests, secrets
from feeds.tokens import Tokens

LIVES: Mapping[LinkPurpose, timedelta] = {
    LinkPurpose.CONFIRM: timedelta(hours=48),
    LinkPurpose.MOVE: timedelta(hours=48),
    LinkPurpose.PREFERENCES: timedelta(hours=1),
    LinkPurpose.SESSION: timedelta(hours=1),
    LinkPurpose.UNDO: timedelta(hours=24),
    LinkPurpose.FEED: timedelta(days=36_525),
    LinkPurpose.DESK: timedelta(hours=1),
    LinkPurpose.DESK_SESSION: timedelta(hours=4),
    LinkPurpose.OPERATOR: timedelta(hours=1),
    LinkPurpose.OPERATOR_SESSION: timedelta(hours=4),
}
_STAFF = (LinkPurpose.DESK, LinkPurpose.OPERATOR)
__all__ = [
    "CHANGE", "LINK", "LIVES", "PAUSE", "UNSUBSCRIBE", "filled", "find", "for_notice", "forget", "good",
    "mint", "ours", "staff_marks", "use",
]  # fmt: skip

# 144 bits of chance, and a mark of 64.
_BYTES, _MARK = 18, 16
_LONGEST = 200


class Linked(Protocol):
    """A letter, as far as its links go."""

    @property
    def address(self) -> str: ...
    @property
    def purpose(self) -> LinkPurpose | None: ...
    @property
    def subscriber_id(self) -> int | None: ...
    @property
    def audience_id(self) -> int | None: ...
    @property
    def request_id(self) -> int | None: ...


def mint(
    conn: Connection,
    tokens: Tokens,
    purpose: LinkPurpose,
    now: datetime,
    *,
    subscriber_id: int | None = None,
    request_id: int | None = None,
    about: str = "",
) -> str:
    """A new secret, good for one purpose and for its time. Only its hash is stored."""
    number = chance.token_urlsafe(_BYTES)
    secret = f"{number}{tokens.hash(_marked(purpose), number)[:_MARK]}"
    row = secrets.LinkRow(
        hash=tokens.hash(_hashed(purpose), secret), purpose=purpose, subscriber_id=subscriber_id,
        request_id=request_id, about=about, made_at=now, ends_at=now + LIVES[purpose],
    )  # fmt: skip
    secrets.add_link(conn, row)
    return secret


def ours(tokens: Tokens, purpose: LinkPurpose, secret: str) -> bool:
    """Whether we made this secret for this purpose, be it good, used, or long forgotten."""
    number, mark = secret[:-_MARK], secret[-_MARK:]
    if not secret.isascii() or not 0 < len(number) <= _LONGEST:
        return False
    made = [each[:_MARK] for each in tokens.hashes(_marked(purpose), number)]
    return any(hmac.compare_digest(each, mark) for each in made)


def find(conn: Connection, tokens: Tokens, purpose: LinkPurpose, secret: str) -> secrets.LinkRow | None:
    """The link of this secret, used, ended or good; None when we never made it for this purpose."""
    if not 0 < len(secret) <= _LONGEST or not secret.isascii():
        return None
    return secrets.find_link(conn, purpose, tokens.hashes(_hashed(purpose), secret))


def good(
    conn: Connection, tokens: Tokens, purpose: LinkPurpose, secret: str, now: datetime
) -> secrets.LinkRow | None:
    """The link of this secret if it can still be used."""
    row = find(conn, tokens, purpose, secret)
    return row if row and row.used_at is None and row.ends_at > now else None


def use(
    conn: Connection, tokens: Tokens, purpose: LinkPurpose, secret: str, now: datetime
) -> secrets.LinkRow | None:
    """Use the link of this secret up; None if it is no good, or somebody else was quicker."""
    row = good(conn, tokens, purpose, secret, now)
    return row if row and secrets.use_link(conn, row.hash, now) else None


def forget(conn: Connection, tokens: Tokens, purpose: LinkPurpose, secret: str) -> None:
    """End a link before its time."""
    secrets.forget_link(conn, tokens.hashes(_hashed(purpose), secret))


def for_notice(conn: Connection, tokens: Tokens, letter: Linked, now: datetime) -> dict[str, str]:
    """What goes into the slots of a letter that is about to be sent: its own secret, and the signed links."""
    found: dict[str, str] = {}
    if letter.subscriber_id is not None and letter.audience_id is not None:
        ids = (letter.subscriber_id, letter.audience_id)
        found = {
            UNSUBSCRIBE: tokens.unsubscribe(*ids),
            CHANGE: tokens.change(*ids),
            PAUSE: tokens.pause(*ids),
        }
    if letter.purpose is not None:
        found[LINK] = mint(
            conn, tokens, letter.purpose, now, subscriber_id=letter.subscriber_id,
            request_id=letter.request_id,
            about=staff_marks(tokens, letter.address)[0] if letter.purpose in _STAFF else "",
        )  # fmt: skip
        if letter.request_id is not None:  # what was asked for lives as long as the link, not less
            requests.amend(conn, letter.request_id, ends_at=now + LIVES[letter.purpose])
    return found


def staff_marks(tokens: Tokens, address: str) -> list[str]:
    """How a link names somebody of the house, by each key, newest first: the database learns no address."""
    return tokens.hashes("staff", address_key(address))


def filled(text: str, found: Mapping[str, str]) -> str:
    """A part of a letter with its links in their slots."""
    for slot, secret in found.items():
        text = text.replace(slot, secret)
    return text


def _marked(purpose: LinkPurpose) -> str:
    return f"made.{purpose}"


def _hashed(purpose: LinkPurpose) -> str:
    return f"link.{purpose}"
