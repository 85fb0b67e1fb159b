"""Wiring of what carries letters away: the outbox folder, or connections to the relay."""

from __future__ import annotations

from pathlib import Path

from feeds import config
from feeds.config import Settings
from feeds.mail import Transport
from feeds.mail.outbox import OutboxTransport
from feeds.mail.smtp import SmtpSettings, SmtpTransport


def transports_of(settings: Settings, outbox: Path) -> list[Transport]:
    """As many as letters may be on their way at the same time."""
    mail = settings.mail
    if mail.transport == "outbox":
        return [OutboxTransport(outbox)]
    smtp = SmtpSettings(
        host=mail.host,
        port=mail.port,
        tls=mail.tls,
        username=mail.username,
        password=config.mail_password(settings),
        tls_ca_file=str(settings.path(mail.ca_file)) if mail.ca_file else None,
        local_hostname=mail.local_hostname or settings.site.tag_domain,
        timeout_s=mail.timeout,
        data_timeout_s=mail.data_timeout,
        max_per_connection=mail.per_connection,
    )
    return [SmtpTransport(smtp) for _ in range(mail.connections)]
