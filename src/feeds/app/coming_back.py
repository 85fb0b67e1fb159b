"""Wiring of what comes back: the envelope sender of letters, the box that is read, what happens to people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from feeds import config
from feeds.config import Settings
from feeds.delivering.results import Claimed
from feeds.delivering.returning import ReturnReport, ReturnRules, read_box
from feeds.errors import ConfigError, Problem
from feeds.mail.addresses import address_key
from feeds.mail.envelope import BounceAddress
from feeds.mail.returned import Box
from feeds.mail.returned.imap import ImapBox, ImapSettings
from feeds.mail.returned.maildir import Maildir
from feeds.mail.returned.mbox import Stream
from feeds.model import Suppression
from feeds.people import ending, leaving
from feeds.store import Connection

if TYPE_CHECKING:
    from feeds.app.parts import Parts


def return_path(parts: Parts) -> Callable[[Claimed], str] | None:
    """The envelope sender of a letter, named by a tag of its own; None where no bounces are read."""
    if not parts.settings.bounces.address:
        return None
    address, tokens = BounceAddress(parts.settings.bounces.address), parts.tokens
    return lambda claimed: address.tagged(tokens.bounce(claimed.number))


def leave_by_mail(settings: Settings) -> str:
    """The address whose mails end subscriptions; empty where bounces go nowhere that we read."""
    address = settings.bounces.address
    return BounceAddress(address).unsubscribe if address else ""


def box_of(parts: Parts) -> Box | None:
    """The box that the settings name; None for none."""
    settings, section = parts.settings, parts.settings.bounces
    if section.maildir:
        return Maildir(settings.path(section.maildir))
    if not section.imap_host:
        return None
    return ImapBox(
        ImapSettings(
            host=section.imap_host,
            port=section.imap_port,
            tls=section.imap_tls,
            user=section.imap_user,
            password=config.bounces_password(settings),
            folder=section.imap_folder,
            ca_file=str(settings.path(section.ca_file)) if section.ca_file else None,
        )
    )


def stream(source: BinaryIO) -> Box:
    """The mails that are piped in."""
    return Stream(source)


def rules_of(parts: Parts, now: Callable[[], datetime]) -> ReturnRules:
    """What happens to people whose letters come back. Raises ConfigError without an address for that."""
    if not parts.settings.bounces.address:
        what = "name the address that undeliverable mail comes back to; letters are tagged only then"
        raise ConfigError([Problem("bounces.address", what)])
    tokens = parts.tokens

    def suspend(conn: Connection, person: int, why: Suppression, reason: str, at: datetime) -> bool:
        return ending.end_in(conn, tokens, person, why, reason, at)

    def leave(conn: Connection, subscriber_id: int, audience_id: int | None, now: datetime) -> bool:
        left = leaving.leave_in(conn, subscriber_id, audience_id, now, "unsubscribe mail")
        return left is not None and bool(left.filters)

    return ReturnRules(
        address=BounceAddress(parts.settings.bounces.address),
        tokens=tokens,
        now=now,
        suspend=suspend,
        restore=lambda conn, person, at: ending.restore_in(conn, tokens, person, at),
        leave=leave,
        canary=canary_of(parts.settings),
    )


def canary_of(settings: Settings) -> str:
    """The key of the address whose digests come into the box, to see that they arrive; empty for none."""
    return address_key(settings.alarms.canary) if settings.alarms.canary else ""


def look(parts: Parts, now: Callable[[], datetime]) -> ReturnReport | None:
    """One look into the box that the settings name. Raises BoxError when it cannot be read."""
    box = box_of(parts)
    return None if box is None else read_box(parts.store, box, rules_of(parts, now))
