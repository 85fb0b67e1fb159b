"""Wiring of signatures, and of what is asked of DNS about them and about the sender."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds import config
from feeds.config import Settings
from feeds.delivering.writing import Signing
from feeds.errors import ConfigError, Problem
from feeds.mail.checks.findings import PublicKey, Sending

if TYPE_CHECKING:
    from feeds.mail.dkim import Signer


def signer(settings: Settings) -> Signer | None:
    """Who signs letters; None where no key is configured. Raises ConfigError for keys that cannot be used."""
    found = list(config.dkim_keys(settings))
    if not found:
        return None
    try:
        from feeds.mail.dkim import Signer, read_key
    except ImportError:
        what = "signing needs an extra: pip install 'bulletin-feeds[dkim]'"
        raise ConfigError([Problem("dkim", what)]) from None
    keys = [read_key(selector, pem, key, file) for key, selector, file, pem in found]
    return Signer(settings.dkim.domain or sender_domain(settings), keys)


def signed(settings: Settings) -> Signing | None:
    """How a letter is signed; None where no key is configured."""
    who = signer(settings)
    return who.signed if who else None


def sender_domain(settings: Settings) -> str:
    """The domain of From."""
    return settings.mail.sender.rpartition("@")[2].lower()


def sending(settings: Settings) -> Sending:
    """What a site says of itself that DNS has to confirm."""
    mail, who = settings.mail, signer(settings)
    envelope = settings.bounces.address or mail.sender
    ours = mail.transport != "smtp" or mail.host in ("127.0.0.1", "::1", "localhost")
    return Sending(
        domain=sender_domain(settings),
        envelope=envelope.rpartition("@")[2].lower(),
        host=(mail.local_hostname or settings.site.tag_domain) if ours else mail.host,
        ours=ours,
        signing=who.domain if who else "",
        keys=tuple(PublicKey(key.selector, key.record) for key in who.keys) if who else (),
    )
