"""What `feeds check` asks of others: the mail server, the box of bounces, DNS."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from feeds.cli import show
from feeds.errors import FeedsError, InputError, Problem

if TYPE_CHECKING:
    from feeds.app.parts import Parts
    from feeds.mail.checks.findings import Finding
    from feeds.mail.smtp import SmtpTransport


def ask_mail_server(parts: Parts) -> None:
    """Raises FeedsError with what the mail server, or the way to it, objects to."""
    from feeds.app.relays import second_transport
    from feeds.mail.smtp import SmtpTransport

    settings = parts.settings
    for transport in parts.transports()[:1]:
        if isinstance(transport, SmtpTransport):
            _probe(transport, "mail", "mail server", settings.mail.username)
    if second := second_transport(settings):
        _probe(second, "alarms", "alarms' server", settings.alarms.username)


def _probe(transport: SmtpTransport, section: str, name: str, user: str) -> None:
    from feeds.mail.smtp import Seen

    seen = asyncio.run(transport.probe())
    if not isinstance(seen, Seen):
        raise FeedsError(f"{section}: {seen.reason}")
    logins = f"offers {' '.join(seen.logins)}" if seen.logins else "asks for no login"
    words = [
        seen.tls or "in clear", f"logged in as {user}" if user else logins,
        "pipelining" if seen.pipelining else "one command at a time",
    ]  # fmt: skip
    click.echo(show.printable(f"{name:<15}{', '.join(words)}"))


def ask_box(parts: Parts) -> None:
    """Raises FeedsError when the box of bounces cannot be opened."""
    from feeds.app import coming_back

    box = coming_back.box_of(parts)
    if box is not None:
        list(box.unread(0))
        section = parts.settings.bounces
        click.echo(f"bounces        {section.address}, read from {section.maildir or section.imap_host}")


def ask_dns(parts: Parts, server: str) -> int:
    """Print what DNS says of the sender; how many faults that are."""
    from feeds.app import signing
    from feeds.mail.checks.findings import Level, findings
    from feeds.mail.checks.resolving import Resolver

    try:
        resolver = Resolver(server)
    except ValueError:
        what = f"must be an address such as 9.9.9.9 or 127.0.0.1:5353, not “{server}”"
        raise InputError([Problem("--resolver", what)]) from None
    found = []
    for each in findings(signing.sending(parts.settings), resolver):
        click.echo(show.printable(_line(each)))
        found.append(each)
    return sum(each.level is Level.FAULT for each in found)


def _line(finding: Finding) -> str:
    from feeds.mail.checks.findings import Level

    bad = "" if finding.level is Level.GOOD else f"{finding.level}: "
    put = f"; put right: {finding.put}" if finding.put else ""
    return f"{finding.about:<15}{bad}{finding.what}{put}"
