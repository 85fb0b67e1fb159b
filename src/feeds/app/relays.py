"""Wiring of what carries letters away: the outbox folder, the relay, another server for alarms."""

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


def second_transport(settings: Settings) -> SmtpTransport | None:
    """The other server for mails of alarms; None where none is named."""
    alarms, mail = settings.alarms, settings.mail
    if not alarms.host:
        return None
    smtp = SmtpSettings(
        host=alarms.host,
        port=alarms.port,
        tls=alarms.tls,
        username=alarms.username,
        password=config.alarms_password(settings),
        tls_ca_file=str(settings.path(alarms.ca_file)) if alarms.ca_file else None,
        local_hostname=mail.local_hostname or settings.site.tag_domain,
        timeout_s=mail.timeout,
        data_timeout_s=mail.data_timeout,
    )
    return SmtpTransport(smtp)
