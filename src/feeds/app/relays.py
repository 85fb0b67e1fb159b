"""Wiring of what carries letters away: the outbox folder, the relay, another server for alarms."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from feeds import config
from feeds.config import Settings
from feeds.config.sections import AlarmsSection, MailSection
from feeds.mail import Transport
from feeds.mail.outbox import OutboxTransport
from feeds.mail.smtp import SmtpSettings, SmtpTransport


def transports_of(settings: Settings, outbox: Path) -> list[Transport]:
    """As many as letters may be on their way at the same time."""
    mail = settings.mail
    if mail.transport == "outbox":
        return [OutboxTransport(outbox)]
    smtp = _server(settings, mail, config.mail_password(settings))
    smtp = replace(smtp, max_per_connection=mail.per_connection)
    return [SmtpTransport(smtp) for _ in range(mail.connections)]


def second_transport(settings: Settings) -> SmtpTransport | None:
    """The other server for mails of alarms; None where none is named."""
    alarms = settings.alarms
    if not alarms.host:
        return None
    return SmtpTransport(_server(settings, alarms, config.alarms_password(settings)))


def _server(settings: Settings, named: MailSection | AlarmsSection, password: str) -> SmtpSettings:
    """The server that a section names; how long we wait, and what we call ourselves, is said once for all."""
    mail = settings.mail
    return SmtpSettings(
        host=named.host,
        port=named.port,
        tls=named.tls,
        username=named.username,
        password=password,
        tls_ca_file=str(settings.path(named.ca_file)) if named.ca_file else None,
        local_hostname=mail.local_hostname or settings.site.tag_domain,
        timeout_s=mail.timeout,
        data_timeout_s=mail.data_timeout,
    )
